"""What is different from a week ago: goals, tasks and people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from syncer.report.model.collaboration import Collaboration, Task
from syncer.report.model.goal import GoalFigures, Health, Outlook
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.summary import WeekChange, WeekChangeKind
from syncer.report.model.timeline import Assignment

_BETTER = {Health.OFF_TRACK: 0, Health.AT_RISK: 1, Health.ON_TRACK: 2}
"""Verdicts that can be compared."""


def changes(
    collaboration: Collaboration, snapshot: Snapshot, goals: Iterable[GoalFigures], before: Iterable[GoalFigures]
) -> tuple[WeekChange, ...]:
    """What changed since the week before, whose goals are `before`: goals, then tasks, then people."""
    found = (
        *_goals(goals, {goal.id: goal for goal in before}),
        *_tasks(snapshot),
        *_people(collaboration, snapshot),
    )
    order = list(WeekChangeKind)
    return tuple(sorted(found, key=lambda change: order.index(change.kind)))


def _goals(goals: Iterable[GoalFigures], before: Mapping[str, GoalFigures]) -> Iterator[WeekChange]:
    for goal in goals:
        kind = _what_became_of(goal, before.get(goal.id))
        if kind is not None:
            yield WeekChange(kind, goal.id, goal.title, goal.places)
        if goal.replanned and goal.health is not Health.REACHED:
            yield WeekChange(WeekChangeKind.REPLANNED, goal.id, goal.title, goal.places)


def _what_became_of(goal: GoalFigures, before: GoalFigures | None) -> WeekChangeKind | None:
    """By the dates and tasks of both weeks; by its verdict only where one could be given a week ago."""
    if before is None:
        return None
    if goal.health is Health.REACHED:
        return WeekChangeKind.REACHED if before.health is not Health.REACHED else None
    if goal.outlook is Outlook.OVERDUE and before.outlook is not Outlook.OVERDUE:
        return WeekChangeKind.SLIPPED
    if goal.earlier is None or goal.health not in _BETTER or goal.earlier.health not in _BETTER:
        return None
    now, then = _BETTER[goal.health], _BETTER[goal.earlier.health]
    if now == then:
        return None
    return WeekChangeKind.SLIPPED if now < then else WeekChangeKind.RECOVERED


def _tasks(snapshot: Snapshot) -> Iterator[WeekChange]:
    """Tasks that were blocked or unblocked in the week, where both its ends were seen."""
    begin = snapshot.window.start
    for task in snapshot.tasks:
        if task.restricted or not task.blockages or not _seen(task.pair, begin, snapshot):
            continue
        then, now = _blocked(task, begin), snapshot.open(task) and _blocked(task, snapshot.as_of)
        if now and not then:
            yield WeekChange(WeekChangeKind.BLOCKED, task.id, task.title, task.places)
        elif then and not now:
            yield WeekChange(WeekChangeKind.UNBLOCKED, task.id, task.title, task.places)


def _blocked(task: Task, at: datetime) -> bool:
    """Whether something was in the way of the task, which was there already, at a moment."""
    return task.created <= at and any(one.start <= at and (one.end is None or one.end > at) for one in task.blockages)


def _seen(pair: str, at: datetime, snapshot: Snapshot) -> bool:
    known = snapshot.watched_since.get(pair)
    return known is not None and known <= at


def _people(collaboration: Collaboration, snapshot: Snapshot) -> Iterator[WeekChange]:
    """Who made, owned or said something for the first time; nobody in the week in which a project begins."""
    begin = snapshot.window.start
    if not any(task.created < begin for task in snapshot.tasks):
        return
    if not all(_seen(pair, begin, snapshot) for pair in snapshot.watched_since):
        return
    first: dict[str, datetime] = {}
    for who, at in _traces(collaboration):
        if who not in first or at < first[who]:
            first[who] = at
    for who, at in sorted(first.items()):
        if begin <= at <= snapshot.as_of and who not in snapshot.bots and who in snapshot.names:
            yield WeekChange(WeekChangeKind.JOINED, who, snapshot.names[who])


def _traces(collaboration: Collaboration) -> Iterator[tuple[str, datetime]]:
    """Everybody who had to do with a task, and when; who is new to a restricted one is told nowhere."""
    restricted = {task.id for task in collaboration.tasks if task.restricted}
    for task in collaboration.tasks:
        if task.restricted:
            continue
        if task.author is not None:
            yield task.author, task.created
        owners = task.assignments or (Assignment(task.created, task.owners),)
        yield from ((who, change.at) for change in owners for who in change.owners)
        yield from ((touch.person, touch.at) for touch in task.touches)
    yield from ((note.author, note.at) for note in collaboration.comments if note.task not in restricted)
