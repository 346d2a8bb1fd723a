"""How well a goal is set: five parts, each 0 to 100, and the one edit that would raise each zero. Pure.

Nothing is judged by the length of a text: that fails at once on Chinese. A part that cannot be told is left out of the
mean and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from syncer.report.model.collaboration import Goal, Task
from syncer.report.model.goal import Forecast, Smart
from syncer.report.model.snapshot import Snapshot

RECENT = timedelta(days=14)
MEASURED = timedelta(days=28)
"""So old may the number be that a goal is measured by."""


def smart(goal: Goal, tasks: Sequence[Task], forecast: Forecast | None, snapshot: Snapshot) -> Smart:
    """The score of a goal with its tasks that are not cancelled."""
    return Smart(
        specific=_specific(goal, tasks),
        measurable=_measurable(goal, snapshot),
        attainable=_attainable(forecast),
        relevant=_relevant(goal, tasks, snapshot),
        timed=_timed(goal, tasks, snapshot),
    )


def _specific(goal: Goal, tasks: Sequence[Task]) -> int:
    if len(goal.criteria) >= 2 and tasks:
        return 100
    return 50 if goal.described and goal.owners else 0


def _measurable(goal: Goal, snapshot: Snapshot) -> int:
    """100 with a baseline and a recent value, or with criteria that are met or not; 50 with a number to reach."""
    aim = goal.aim
    if goal.criteria:
        return 100
    if aim is None or aim.target is None or not aim.metric:
        return 0
    recent = aim.measured is not None and snapshot.today - MEASURED <= aim.measured <= snapshot.today
    return 100 if aim.progress is not None and recent else 50


def _attainable(forecast: Forecast | None) -> int | None:
    """0 under a chance of 10 %, 100 from 80 %, in proportion between."""
    if forecast is None or forecast.p_on_time is None:
        return None
    return round(100 * min(1.0, max(0.0, (forecast.p_on_time - 0.10) / 0.70)))


def _relevant(goal: Goal, tasks: Sequence[Task], snapshot: Snapshot) -> int | None:
    if goal.serves is None:
        return None
    if not goal.serves:
        return 0
    moved = any(
        snapshot.open(task) and any(snapshot.as_of - RECENT < at <= snapshot.as_of for at in task.activity)
        for task in tasks
    )
    return 100 if goal.owners and moved else 50


def _timed(goal: Goal, tasks: Sequence[Task], snapshot: Snapshot) -> int:
    """100 with a date ahead that four of five tasks are due by; 50 with any other date."""
    if goal.due is None:
        return 0
    in_time = sum(task.due is not None and task.due <= goal.due for task in tasks)
    return 100 if goal.due >= snapshot.today and tasks and in_time >= 0.8 * len(tasks) else 50
