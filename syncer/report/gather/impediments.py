"""What stood in the way of a task, from when to when, and by which kind. Pure.

Four things say so: a label, the tracker's flag, a status in which work waits, and tasks that must be finished before.
Each has its history, so that a past week is told as it was. Where nothing was seen to change, what is shown now has
held since the task was made, as far as anybody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from syncer.contract.history import Trait
from syncer.contract.model import Field, Side
from syncer.core.codec import decode_value
from syncer.core.records import FieldChange
from syncer.core.side_view import names
from syncer.report.gather.status_words import impeded_kind, is_impeded
from syncer.report.gather.task_history import by_people
from syncer.report.model.collaboration import Task
from syncer.report.model.snapshot import impediments_at
from syncer.report.model.timeline import Blockage, Cause, StatusVisit

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
    moves = [(step.at, step.standing.open) for step in task.transitions]
    return list(_spans(moves, moves[0][1] if moves else task.standing.open, task.created))


def _spans(moves: Sequence[tuple[datetime, bool]], first: bool, created: datetime) -> Iterator[Span]:
    """When something held that began as `first` and was seen to change by `moves`, oldest first."""
    steps = [(created, first), *moves]
    start: datetime | None = None
    for at, holds in steps:
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


def _natives(encoded: object) -> frozenset[str]:
    return frozenset(names(decode_value(encoded))) if encoded is not None else frozenset()


def _key(task: Task) -> str:
    places = {place.side: place.key for place in task.places}
    return places.get(task.origin) or next(iter(places.values()), task.title)
