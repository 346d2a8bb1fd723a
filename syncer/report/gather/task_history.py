"""What the history tells of one task: who had it, when it was due, which status and which blocking labels it had. Pure.

Only changes that somebody made are read; our own writes repeat what was changed on the other side. Where nothing was
seen to change the result is empty: what the task shows now has then held since it was made, as far as anybody knows.

The values of the changes are decoded already: see `Assembly`.

Four things say that something stood in its way: a label, the tracker's flag, a status in which work waits, and tasks
that must be finished before. Each has its history, so that a past week is shown as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from syncer.contract.history import Aspect, Trait
from syncer.contract.model import Category, Field, Side, Status
from syncer.core.records import FieldChange
from syncer.core.side_view import names
from syncer.report.gather.status_words import impeded_kind, is_impeded
from syncer.report.gather.values import one_line
from syncer.report.model.collaboration import Task
from syncer.report.model.snapshot import impediments_at
from syncer.report.model.timeline import Assignment, Blockage, Cause, DueChange, Membership, StatusVisit, Touch

ASPECTS: tuple[Aspect, ...] = (
    Field.STATUS, Field.ASSIGNEES, Field.DUE, Field.LABELS, Field.MILESTONES, Field.PARENT, Field.BLOCKED_BY,
    Trait.FLAGGED,
)  # fmt: skip
"""What the history is read of."""

BLOCKED_LABEL = "blocked"
"""A label of this name, alone or followed by `:` and the kind, says that something is in the way."""


def blocked_kind(label: str) -> str | None:
    """The kind a blocked-label names, empty when none; None when it is another label."""
    word, _, kind = label.replace("_", " ").partition(":")
    return one_line(kind).casefold() if word.strip().casefold() == BLOCKED_LABEL else None


def by_people(changes: Sequence[FieldChange], field: Aspect) -> list[FieldChange]:
    """The changes of a field that somebody made, oldest first."""
    return [change for change in changes if change.field is field and change.operation is None]


def assignments(
    changes: Sequence[FieldChange], created: datetime, now: tuple[str, ...], person: Callable[[Side, str], str]
) -> tuple[Assignment, ...]:
    """Whose the task was over time; `now` are its present owners, `person` the id of whom an account belongs to."""
    moves = by_people(changes, Field.ASSIGNEES)

    def owners(change: FieldChange, value: object) -> tuple[str, ...]:
        return tuple(dict.fromkeys(person(change.side, account) for account in names(value)))

    if not moves:
        return ()
    timeline = [Assignment(created, owners(moves[0], moves[0].old))]
    for change in moves:
        found = owners(change, change.new)
        if found != timeline[-1].owners:
            timeline.append(Assignment(change.at, found, _doer(change, person)))
    return (*timeline[:-1], replace(timeline[-1], owners=now))


def due_changes(
    changes: Sequence[FieldChange], created: datetime, now: date | None, person: Callable[[Side, str], str]
) -> tuple[DueChange, ...]:
    """When the task or goal was due over time; `now` is its present due date, `person` as in `assignments`."""
    moves = by_people(changes, Field.DUE)
    if not moves:
        return ()
    timeline = [DueChange(created, _day(moves[0].old))]
    for change in moves:
        if (due := _day(change.new)) != timeline[-1].due:
            timeline.append(DueChange(change.at, due, _doer(change, person)))
    return (*timeline[:-1], replace(timeline[-1], due=now))


def memberships(
    changes: Sequence[FieldChange],
    created: datetime,
    now: tuple[str, ...],
    goals_of: Callable[[FieldChange, object], tuple[str, ...]],
    person: Callable[[Side, str], str],
) -> tuple[Membership, ...]:
    """Which goals the task was part of over time; `now` are its present ones.

    `goals_of` tells the goals behind a value of a change. Told backwards from now, since each change tells of one field
    of one side only.
    """
    moves = [one for one in changes if one.field in {Field.MILESTONES, Field.PARENT} and one.operation is None]
    timeline: list[Membership] = []
    shown = now
    for change in reversed(moves):
        before, after = goals_of(change, change.old), goals_of(change, change.new)
        earlier = tuple(dict.fromkeys([goal for goal in shown if goal not in after or goal in before] + list(before)))
        if set(earlier) != set(shown):
            timeline.append(Membership(change.at, shown, _doer(change, person)))
            shown = earlier
    return (Membership(created, shown), *reversed(timeline)) if timeline else ()


def visits(changes: Sequence[FieldChange], created: datetime) -> tuple[StatusVisit, ...]:
    """The native statuses of the task over time.

    Of our own writes those that leave it open count: they show what somebody said with a label on the other side.
    """
    moves = [change for change in changes if change.field is Field.STATUS and _told(change)]
    timeline = [StatusVisit(created, _status(moves[0].old))] if moves else []
    for change in moves:
        if (name := _status(change.new)) != timeline[-1].name:
            timeline.append(StatusVisit(change.at, name))
    return tuple(timeline)


def blockages(changes: Sequence[FieldChange], created: datetime, labels: Sequence[str]) -> tuple[Blockage, ...]:
    """When the task had a label that says it is blocked; `labels` are its present ones."""
    moves = by_people(changes, Field.LABELS)
    shown = (
        _blocking(moves[0].old) if moves else {kind for label in labels if (kind := blocked_kind(label)) is not None}
    )
    since = dict.fromkeys(shown, created)
    found: list[Blockage] = []
    for change in moves:
        before, after = _blocking(change.old), _blocking(change.new)
        ended = sorted((before - after) & set(since))
        found += [Blockage(since.pop(kind), change.at, kind or None) for kind in ended]
        for kind in after - before:
            since.setdefault(kind, change.at)
    found += [Blockage(start, None, kind or None) for kind, start in sorted(since.items())]
    return tuple(sorted(found, key=lambda blockage: (blockage.start, blockage.kind or "")))


def touches(
    changes: Sequence[FieldChange], person: Callable[[Side, str], str], author: str | None
) -> tuple[Touch, ...]:
    """When each person but its author first changed the task, where the tracker tells who did; oldest first."""
    found: dict[str, datetime] = {}
    for change in changes:
        if change.operation is None and change.actor is not None:
            who = person(change.side, change.actor)
            if who != author:
                found.setdefault(who, change.at)
    return tuple(Touch(at, who) for who, at in found.items())


def activity(changes: Sequence[FieldChange]) -> tuple[datetime, ...]:
    """When somebody changed the task."""
    return tuple(change.at for change in changes if change.operation is None)


def _doer(change: FieldChange, person: Callable[[Side, str], str]) -> str | None:
    return None if change.actor is None else person(change.side, change.actor)


def _told(change: FieldChange) -> bool:
    return change.operation is None or (isinstance(change.new, Status) and change.new.category is not Category.DONE)


def _blocking(value: object) -> set[str]:
    return {kind for label in names(value) if (kind := blocked_kind(label)) is not None}


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _status(value: object) -> str:
    return one_line(value.name) if isinstance(value, Status) else ""


# --- what stood in the way

Span = tuple[datetime, datetime | None]
"""From a moment to another; None while it goes on."""

Edge = tuple[Side, str]
"""The native id of a task on a side."""

HIDDEN = ""
"""The key of a task that must not be named."""


def flags(changes: Sequence[FieldChange], created: datetime, raised: bool) -> Iterator[Blockage]:
    """When the tracker's flag was up; `raised` says whether it is now."""
    moves = by_people(changes, Trait.FLAGGED)
    first = moves[0].old is not None if moves else raised
    for start, end in _spans([(change.at, change.new is not None) for change in moves], first, created):
        yield Blockage(start, end, None, Cause.FLAG)


def impeded_statuses(visits: Sequence[StatusVisit]) -> Iterator[Blockage]:
    """When the task stood in a status whose name says that something is in its way."""
    ends = [*(visit.at for visit in visits[1:]), None]
    for visit, end in zip(visits, ends, strict=False):
        if is_impeded(visit.name):
            yield Blockage(visit.at, end, impeded_kind(visit.name), Cause.STATUS)


def edges(
    changes: Sequence[FieldChange], created: datetime, shown: Mapping[Side, Sequence[str]]
) -> Iterator[tuple[Edge, Span]]:
    """Which tasks it waited for, from when to when; `shown` are those of each side now."""
    for side, now in shown.items():
        moves = [change for change in changes if change.field is Field.BLOCKED_BY and change.side is side]
        sets = [(change.at, _natives(change.new)) for change in moves]
        first = _natives(moves[0].old) if moves else frozenset(now)
        for native in sorted(first.union(*(after for _, after in sets))):
            for span in _spans([(at, native in after) for at, after in sets], native in first, created):
                yield (side, native), span


def held_up(task: Task, waits: Iterable[tuple[Task, Span]]) -> Task:
    """The task with what it waited for in its way, as long as that was not finished."""
    found = [
        Blockage(start, end, None, Cause.DEPENDENCY, blocker.id, HIDDEN if blocker.restricted else _key(blocker))
        for blocker, span in waits
        for start, end in _common(span, open_spans(blocker))
    ]
    return with_impediments(replace(task, blockages=in_order((*task.blockages, *found)))) if found else task


def with_impediments(task: Task) -> Task:
    """The task with what is in its way now."""
    return replace(task, impediments=impediments_at(task, None))


def in_order(blockages: Iterable[Blockage]) -> tuple[Blockage, ...]:
    """The first to begin first."""
    return tuple(sorted(blockages, key=lambda one: (one.start, one.cause, one.kind or "", one.blocker)))


def open_spans(task: Task) -> list[Span]:
    """When work remained on a task."""
    moves = [(change.at, change.standing.open) for change in task.transitions]
    return list(_spans(moves, moves[0][1] if moves else task.standing.open, task.created))


def _spans(moves: Sequence[tuple[datetime, bool]], first: bool, created: datetime) -> Iterator[Span]:
    """When something held that began as `first` and was seen to change by `moves`, oldest first."""
    timeline = [(created, first), *moves]
    start: datetime | None = None
    for at, holds in timeline:
        if holds and start is None:
            start = at
        elif not holds and start is not None:
            if at > start:
                yield start, at
            start = None
    if start is not None:
        yield start, None


def _common(one: Span, others: Iterable[Span]) -> Iterator[Span]:
    """When both held."""
    for other in others:
        start = max(one[0], other[0])
        ends = [end for end in (one[1], other[1]) if end is not None]
        end = min(ends, default=None)
        if end is None or end > start:
            yield start, end


def _natives(value: object) -> frozenset[str]:
    return frozenset(names(value))


def _key(task: Task) -> str:
    places = {place.side: place.key for place in task.places}
    return places.get(task.origin) or next(iter(places.values()), task.title)
