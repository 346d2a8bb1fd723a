"""How far goals are: by their own number, by their tasks, by their acceptance criteria.

Unlike the other measures these need the goals of the week, which `evaluate` makes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from syncer.report.metrics.building import missing
from syncer.report.model.collaboration import Task
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import Snapshot

MOST_WITH_POINTS = 0.8
"""Points count when at least so many of the tasks have them."""


def metrics(goals: Sequence[GoalFigures], snapshot: Snapshot) -> Iterator[Metric]:
    """`goal_progress`, `goal_scope_done` and `acceptance_met`."""
    ways = [goal.progress for goal in goals if goal.progress is not None]
    if ways:
        yield Metric(MetricId.GOAL_PROGRESS, fmean(ways), Unit.SHARE, len(ways))
    else:
        yield missing(MetricId.GOAL_PROGRESS, Unit.SHARE, Missing.NO_GOAL_NUMBERS)
    named = {goal.id for goal in goals}
    scope = [task for task in snapshot.tasks if not named.isdisjoint(task.goals)]
    done = sum(not snapshot.open(task) for task in scope)
    yield _part(MetricId.GOAL_SCOPE_DONE, done, len(scope))
    yield _part(MetricId.ACCEPTANCE_MET, sum(goal.criteria_met for goal in goals), sum(goal.criteria for goal in goals))


def share_of_points(tasks: Sequence[Task], snapshot: Snapshot) -> float | None:
    """The share of points that is done; None where too few tasks have points, or there are none to do."""
    sized = [task for task in tasks if task.points is not None]
    whole = sum(task.points or 0.0 for task in sized)
    if not whole or len(sized) < MOST_WITH_POINTS * len(tasks):
        return None
    return sum(task.points or 0.0 for task in sized if not snapshot.open(task)) / whole


def _part(name: MetricId, part: int, whole: int) -> Metric:
    """A part of a whole that is known completely: it has no interval."""
    if not whole:
        return missing(name, Unit.SHARE, Missing.NOTHING_TO_COUNT)
    return Metric(name, part / whole, Unit.SHARE, whole)
