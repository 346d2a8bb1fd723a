"""How steady the plans of the goals are, and how complete.

Unlike most measures these need tasks that left their plan too: closed without being done, or taken out of their goal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.report.metrics.building import share
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId
from syncer.report.model.snapshot import Snapshot, evidence
from syncer.report.model.timeline import Standing

A_WEEK = timedelta(days=7)


def metrics(tasks: Sequence[Task], snapshot: Snapshot) -> Iterator[Metric]:
    """`plan_stability` over the last seven days, `plan_complete` now; `tasks` are all there are."""
    yield _stability(tasks, snapshot)
    yield _completeness(snapshot)


def _stability(tasks: Sequence[Task], snapshot: Snapshot) -> Metric:
    """Of what was planned and not done a week ago, or is planned now: the share with the same goals, owners and day."""
    since = snapshot.as_of - A_WEEK
    steady: list[Task] = []
    changed: list[Task] = []
    for task in tasks:
        if not (task.goals or task.memberships):
            continue
        if task.last_moved <= since:  # it is as it was, which saves most of the work
            if task.goals and task.standing.open:
                steady.append(task)
            continue
        if task.standing_at(since) is Standing.DONE:
            continue
        before, after = _planned(task, since), _planned(task, snapshot.as_of)
        if before or after:
            (steady if before == after else changed).append(task)
    found = share(MetricId.PLAN_STABILITY, steady, len(steady) + len(changed))
    return replace(found, evidence=evidence(changed))


def _planned(task: Task, at: datetime) -> tuple[object, ...]:
    """What a plan says of the task at a moment; empty where no plan has it."""
    goals, standing = task.goals_at(at), task.standing_at(at)
    if not goals or standing is None or standing is Standing.CANCELLED:
        return ()
    return frozenset(goals), frozenset(task.owners_at(at)), task.due_at(at)


def _completeness(snapshot: Snapshot) -> Metric:
    """Of the open tasks of goals: the share with an owner and a due day, and a size where any of them has one."""
    planned = [task for task in snapshot.open_tasks if task.goals]
    sized = any(_has_size(task) for task in planned)
    lacking = [
        task for task in planned if not (task.owners and task.due is not None and (_has_size(task) or not sized))
    ]
    found = share(MetricId.PLAN_COMPLETE, planned[: len(planned) - len(lacking)], len(planned))
    return replace(found, evidence=evidence(lacking))


def _has_size(task: Task) -> bool:
    return task.points is not None or task.estimate_hours is not None
