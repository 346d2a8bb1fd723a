"""Work that only one person can go on with: critical tasks in components nobody else has a hand in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from syncer.report.metrics.building import missing
from syncer.report.metrics.workload import LOOKED_BACK
from syncer.report.model.collaboration import Task
from syncer.report.model.goal import GoalFigures, Outlook
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import Snapshot, evidence

ENOUGH = 3
"""Finished tasks in a component make somebody who could take over."""


def single_point(goals: Sequence[GoalFigures], snapshot: Snapshot) -> Metric:
    """Critical tasks whose component nobody but their owner finished three tasks of in 90 days; team figure."""
    judged = [task for task in critical(goals, snapshot) if task.owners and task.components]
    if not judged:
        return missing(MetricId.SINGLE_POINT, Unit.TASKS, Missing.NOTHING_TO_COUNT)
    alone = alone_with(judged, snapshot)
    return Metric(MetricId.SINGLE_POINT, len(alone), Unit.TASKS, len(judged), evidence=evidence(alone))


def critical(goals: Sequence[GoalFigures], snapshot: Snapshot) -> list[Task]:
    """The open tasks that most often decide when a goal with a date is reached."""
    deciding = {
        driver.task.task
        for goal in goals
        if goal.due is not None and goal.outlook is not Outlook.REACHED and goal.forecast is not None
        for driver in goal.forecast.drivers
    }
    return [task for task in snapshot.open_tasks if task.id in deciding]


def alone_with(tasks: Sequence[Task], snapshot: Snapshot) -> list[Task]:
    """Those of the tasks that nobody but their owners could take over."""
    known = touched(snapshot)
    return [
        task
        for task in tasks
        if not any(
            count >= ENOUGH and who not in task.owners
            for component in task.components
            for who, count in known.get(component, {}).items()
        )
    ]


def touched(snapshot: Snapshot) -> Mapping[str, Mapping[str, int]]:
    """By component: how many tasks each person finished in it in 90 days; no bots. Never shown, only compared."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for task in snapshot.finished_within(LOOKED_BACK):
        for component in task.components:
            found[component].update(owner for owner in task.owners if owner not in snapshot.bots)
    return found
