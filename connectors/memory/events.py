"""What the tracker in memory tells of an edit: each aspect that changed, of sets the elements, as most trackers do."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.contract.history import RAISED, Aspect, PastChange, Trait
from syncer.contract.model import Account, Field, Observed, Value


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
