"""What the tracker in memory holds of an item, and what an edit of one means for its past and for other items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.history import RAISED, Aspect, PastChange, Trait
from syncer.contract.model import EDGE_SETS, Account, Category, Field, Kind, Observed, Showing, Status, Value

TODO: Final = Status("To Do", Category.TODO)
DOING: Final = Status("In Progress", Category.DOING)
DONE: Final = Status("Done", Category.DONE, "completed")
WONT_DO: Final = Status("Done", Category.DONE, "not_planned")
STATUSES: Final = (TODO, DOING, DONE, WONT_DO)
OPEN: Final = Status("open", Category.TODO)
CLOSED: Final = Status("closed", Category.DONE)

EVERYTHING: Final = Capabilities(
    fields={
        Kind.TASK: dict.fromkeys(Field, Fidelity.EXACT),
        Kind.COMMENT: {Field.BODY: Fidelity.EXACT},
        Kind.MILESTONE: dict.fromkeys((Field.TITLE, Field.BODY, Field.STATUS, Field.START, Field.DUE), Fidelity.EXACT),
    },
    max_assignees=10,
    max_milestones=10,
)
"""Capabilities of a tracker that can hold every field exactly."""

EMPTY: Final[Mapping[Field, Value]] = {
    Field.TITLE: "",
    Field.BODY: "",
    Field.LABELS: (),
    Field.COMPONENTS: (),
    Field.ASSIGNEES: (),
    Field.MILESTONES: (),
    Field.PRIORITY: None,
    Field.TYPE: None,
    Field.START: None,
    Field.DUE: None,
    Field.PARENT: None,
    **dict.fromkeys(EDGE_SETS, ()),
}


@dataclass(frozen=True, slots=True)
class MemoryItem:
    """One item as the tracker holds it; replaced, never changed, so that a lagging index can show an older one."""

    item: Observed
    """Its `audience` is the item's own limit: shown is the narrower of that and the scope's."""
    revision: int
    indexed_at: datetime
    """When the index begins to show this record."""


def canonical(showing: Showing) -> Showing:
    """The fields as the protocol wants them: labels, components and edges sorted and unique."""
    result = dict(showing)
    for name in (Field.LABELS, Field.COMPONENTS, *EDGE_SETS):
        if isinstance(value := result.get(name), tuple):
            result[name] = tuple(sorted(set(map(str, value))))
    return result


def without_end(showing: Showing, native: str) -> Showing:
    """The fields without the edges that led to a task."""
    rest = {**showing, **{name: _less(showing[name], native) for name in EDGE_SETS if name in showing}}
    return {**rest, Field.PARENT: None} if rest.get(Field.PARENT) == native else rest


def related(showing: Showing, native: str, *, to: bool) -> Showing:
    """The fields with or without a symmetric edge to a task."""
    others = _less(showing.get(Field.RELATES), native)
    return {**showing, Field.RELATES: tuple(sorted((*others, native) if to else others))}


def newly_related(before: Showing, after: Showing) -> dict[str, bool]:
    """The ends of symmetric edges that an edit added (True) or took away (False)."""
    old, new = (set(ends(showing.get(Field.RELATES))) for showing in (before, after))
    return {native: native in new for native in old ^ new}


def ends(value: Value) -> tuple[str, ...]:
    """The tasks that a field leads to."""
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def reached(start: str, name: Field, shown: Callable[[str], Showing | None]) -> set[str]:
    """The tasks that edges of one field lead to from a task, itself included; a symmetric edge leads no further."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        native = waiting.pop()
        showing = shown(native)
        if native not in found and showing is not None:
            found.add(native)
            waiting.extend(ends(showing.get(name)) if name is not Field.RELATES else ())
    return found


def _less(value: Value, native: str) -> tuple[str, ...]:
    return tuple(end for end in ends(value) if end != native)


def changes_between(before: Observed, after: Observed, actor: Account, last_event: int) -> Iterator[PastChange]:
    """The changes of one edit, numbered on from the last event."""
    old, new = _aspects(before), _aspects(after)
    changed = [aspect for aspect in new if old.get(aspect) != new[aspect] and aspect is not Field.BODY]
    for number, aspect in enumerate(changed, last_event + 1):
        was, now = old.get(aspect), new[aspect]
        several = isinstance(was, tuple) and isinstance(now, tuple) and aspect is not Field.ASSIGNEES
        if several:
            was, now = _without(was, now), _without(now, was)
        yield PastChange(before.ref, str(number), aspect, after.updated, actor, was, now, several)


def _aspects(item: Observed) -> dict[Aspect, Value]:
    facts = item.facts
    aspects: dict[Aspect, Value] = {
        Trait.FLAGGED: RAISED if facts.flagged else None,
        Trait.SPRINT: facts.iteration,
    }
    aspects.update((name, value) for name, value in item.showing.items())
    return aspects


def _without(value: Value, other: Value) -> tuple[str, ...]:
    """The elements of one set that are not in the other."""
    present = other if isinstance(other, tuple) else ()
    return tuple(element for element in value if element not in present) if isinstance(value, tuple) else ()
