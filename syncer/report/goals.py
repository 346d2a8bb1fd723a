"""The goals of a week: how far each is, how well it is set, when it will be reached, and the one verdict of it. Pure.

How well a goal is set has five parts, each 0 to 100. Nothing is judged by the length of a text: that fails at once on
Chinese. A part that cannot be told is left out of the mean and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from syncer.core.responsibility import Raci, ScopeKind
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.model.collaboration import Collaboration, Goal, Task
from syncer.report.model.goal import Earlier, Forecast, GoalFigures, Health, Outlook, Smart
from syncer.report.model.plan import PlanChange, changes_between, ever_part_of, plan_at
from syncer.report.model.points import points_of
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.timeline import Standing
from syncer.report.model.window import Window

BEHIND_BY = 0.10
"""A goal is called behind when the share done trails the share of time gone by more than this."""

LIKELY, UNLIKELY = 0.80, 0.25
"""From which chance on a goal is on track, and under which it is off track."""

ENOUGH = 20
"""Finished tasks from which on a forecast clears a goal that is behind the calendar."""

RECENT = timedelta(days=14)
MEASURED = timedelta(days=28)
"""So old may the number be that a goal is measured by."""

AN_INSTANT = timedelta(microseconds=1)


def goals_of(collaboration: Collaboration, snapshot: Snapshot, table: ResponsibilityTable) -> tuple[GoalFigures, ...]:
    """Figures of every goal that may be named: off track first, then at risk, the others by due date and title."""
    members: dict[str, list[Task]] = defaultdict(list)
    for task in snapshot.tasks:
        for goal in task.goals:
            members[goal].append(task)
    named = [goal for goal in collaboration.goals if not goal.restricted]
    goals = [known for goal in named if (known := goal.at(snapshot.as_of)) is not None]
    begun = snapshot.window.start
    moved = ever_part_of(task for task in collaboration.tasks if task.last_moved >= begun)
    answering = _answering(table)
    expected = forecasts(goals, snapshot, seed_of(snapshot.window))
    figures = [
        replace(
            _goal(goal, members[goal.id], snapshot, expected.get(goal.id), answering.get((goal.pair, goal.title), ())),
            replanned=tuple(_replanned(goal, members[goal.id], moved.get(goal.id, ()), snapshot)),
        )
        for goal in goals
    ]

    def urgency(goal: GoalFigures) -> tuple[bool, int, date, str]:
        pressing = _PRESSING.get(goal.health, len(_PRESSING))
        return goal.health is Health.REACHED, pressing, goal.due or date.max, goal.title

    return tuple(sorted(figures, key=urgency))


_PRESSING = {Health.OFF_TRACK: 0, Health.AT_RISK: 1}


def with_earlier(goals: Iterable[GoalFigures], before: Iterable[GoalFigures]) -> tuple[GoalFigures, ...]:
    """The goals with what was to be said of each a week before."""
    earlier = {
        goal.id: Earlier(goal.health, None if goal.forecast is None else goal.forecast.p_on_time, goal.due)
        for goal in before
    }
    return tuple(replace(goal, earlier=earlier.get(goal.id)) for goal in goals)


def _replanned(goal: Goal, members: Sequence[Task], moved: Sequence[Task], snapshot: Snapshot) -> Iterator[PlanChange]:
    """What was changed of a goal's plan since the week began; of tasks only those that may be named.

    `moved` are the tasks to which anything happened since then: the others are in both plans as they are.
    """
    begun = snapshot.window.start - AN_INSTANT
    if not any(goal.id in task.goals_at(begun) and task.created <= begun for task in (*moved, *members)):
        return  # this week's is its first plan
    named = [task for task in moved if not task.restricted]
    before, after = plan_at(goal, named, begun), plan_at(goal, named, snapshot.as_of)
    yield from changes_between(goal, named, before, after, snapshot.as_of)


def seed_of(window: Window) -> int:
    """The seed of all chance in a week's evaluation: the same whenever it is computed."""
    return window.year * 100 + window.week


def _answering(table: ResponsibilityTable) -> dict[tuple[str, str], tuple[str, ...]]:
    """Names of those who answer for a goal, by its pair and title: the table knows what goes before what."""
    found: dict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
    for row in table.rows:
        if row.scope.kind is ScopeKind.GOAL and any(letter.value == Raci.ACCOUNTABLE for letter in row.letters):
            found[row.pair, row.scope.name] += (row.person,)
    return found


def _goal(
    goal: Goal, tasks: Sequence[Task], snapshot: Snapshot, forecast: Forecast | None, answering: tuple[str, ...]
) -> GoalFigures:
    left = [task for task in tasks if snapshot.open(task)]
    done = len(tasks) - len(left)
    share_done = done / len(tasks) if tasks else None
    elapsed = _share_elapsed(goal.start, goal.due, snapshot.today)
    owners = answering or tuple(snapshot.names.get(owner, owner) for owner in goal.owners)
    outlook = _outlook(goal, share_done, elapsed, snapshot.today)
    return GoalFigures(
        id=goal.id,
        kind=goal.kind,
        title=goal.title,
        places=goal.places,
        owners=owners,
        start=goal.start,
        start_declared=goal.start_declared,
        due=goal.due,
        done=done,
        doing=sum(snapshot.standings[task.id] is Standing.DOING for task in left),
        scope=len(tasks),
        finished_in_window=sum(goal.id in task.goals for task in snapshot.finished_this_week),
        share_done=share_done,
        share_elapsed=elapsed,
        days_left=None if goal.due is None else (goal.due - snapshot.today).days,
        outlook=outlook,
        blocked=snapshot.lines(task for task in left if snapshot.blocked(task)),
        overdue=snapshot.lines(task for task in left if snapshot.late_days(task)),
        unowned=sum(not task.owners for task in left),
        smart=smart(replace(goal, owners=owners), tasks, forecast, snapshot),
        aim=goal.aim,
        progress=None if goal.aim is None else goal.aim.progress,
        criteria=len(goal.criteria),
        criteria_met=sum(criterion.met for criterion in goal.criteria),
        share_points=_share_of_points(tasks, snapshot),
        forecast=forecast,
        health=health_of(outlook, forecast),
        date_moves=_date_moves(goal, snapshot),
    )


def _date_moves(goal: Goal, snapshot: Snapshot) -> int:
    """How often its date became another one, from the first it had."""
    days = [change.due for change in goal.due_changes if change.due is not None and change.at <= snapshot.as_of]
    return sum(before != after for before, after in pairwise(days))


def health_of(outlook: Outlook, forecast: Forecast | None) -> Health:
    """The one verdict.

    What is reached or past its date needs no forecast. Else the forecast tells, and the calendar where there is none,
    or where the forecast rests on so few tasks that it cannot clear what looks late.
    """
    if outlook is Outlook.REACHED:
        return Health.REACHED
    if outlook is Outlook.OVERDUE:
        return Health.OFF_TRACK
    chance = None if forecast is None else forecast.p_on_time
    if forecast is None or chance is None:
        return _BY_CALENDAR.get(outlook, Health.UNKNOWN)
    if chance < UNLIKELY:
        return Health.OFF_TRACK
    few = forecast.n < ENOUGH and outlook is Outlook.BEHIND
    return Health.AT_RISK if chance < LIKELY or few else Health.ON_TRACK


_BY_CALENDAR = {Outlook.BEHIND: Health.AT_RISK, Outlook.ON_COURSE: Health.ON_TRACK}


def _share_elapsed(start: date | None, due: date | None, today: date) -> float | None:
    """The share of the days from start to due date, both included, that is over at the end of today."""
    if start is None or due is None or due < start:
        return None
    days = (due - start).days + 1
    return min(1.0, max(0.0, ((today - start).days + 1) / days))


def _outlook(goal: Goal, share_done: float | None, share_elapsed: float | None, today: date) -> Outlook:
    """What can be said of a goal; the first line that fits."""
    if goal.closed or share_done == 1.0:
        return Outlook.REACHED
    if goal.due is not None and goal.due < today:
        return Outlook.OVERDUE
    if share_done is None:
        return Outlook.NO_TASKS
    if goal.due is None or share_elapsed is None:
        return Outlook.NO_DATE
    if goal.start is not None and goal.start > today:
        return Outlook.NOT_STARTED
    return Outlook.BEHIND if share_done + BEHIND_BY < share_elapsed else Outlook.ON_COURSE


def _share_of_points(tasks: Sequence[Task], snapshot: Snapshot) -> float | None:
    """The share of points that is done; None where too few tasks have points, or there are none to do."""
    whole = points_of(tasks, tasks)
    done = points_of([task for task in tasks if not snapshot.open(task)], tasks)
    return done / whole if whole and done is not None else None


# --- SMART


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
