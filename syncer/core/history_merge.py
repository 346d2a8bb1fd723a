"""Puts what a tracker tells of the past beside what was seen of it. Pure.

Why backwards: trackers tell of labels, assignees and milestones one element at a time, and nobody knows what the set
was at the beginning. What it is now was just read; each change undone gives the set before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from syncer.contract.history import RAISED, Aspect, PastChange, Trait
from syncer.contract.model import Facts, Field, Observed, Value
from syncer.core.codec import encode_value

SLACK = timedelta(seconds=5)
"""So much later than an item's own time of change may its record of that change be, and is still the same one."""


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change that was told, with the whole values before and after it, encoded."""

    change: PastChange
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Sighting:
    """A change that a reading saw, as the history holds it."""

    number: int
    aspect: Aspect
    at: datetime
    new: Any
    operation: str | None


def traits_of(facts: Facts) -> dict[Aspect, Value]:
    """The traits among what is read for the evaluation."""
    return {
        Trait.FLAGGED: RAISED if facts.flagged else None,
        Trait.SPRINT: facts.iteration,
    }


def aspects_of(item: Observed) -> dict[Aspect, Value]:
    """Everything of an item that has a history, as it is shown."""
    aspects = traits_of(item.facts)
    aspects.update((name, value) for name, value in item.showing.items())
    return aspects


def with_ids(change: PastChange, identify: Callable[[Aspect, str], str | None]) -> PastChange:
    """The change with native ids in place of the titles and keys by which its tracker told of other items.

    `identify` gives the id behind a title or key of an aspect, None where nobody has it any more: then it stays.
    """
    if not names_items(change.aspect):
        return change

    def identified(value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(identify(change.aspect, name) or name for name in value)
        return (identify(change.aspect, value) or value) if isinstance(value, str) else value

    return replace(change, old=identified(change.old), new=identified(change.new))


def with_names(change: PastChange, name: Callable[[str, str], str]) -> PastChange:
    """The change with the names by which this state knows accounts, given what they are called now and their ids."""

    def named(value: Value) -> Value:
        return tuple(name(login, "") for login in value) if isinstance(value, tuple) else value

    actor = change.actor
    if actor is not None:
        change = replace(change, actor=replace(actor, id=name(actor.id, actor.native)))
    if change.aspect is not Field.ASSIGNEES:
        return change
    return replace(change, old=named(change.old), new=named(change.new))


def names_items(aspect: Aspect) -> bool:
    """Whether the values of an aspect are other items."""
    return isinstance(aspect, Field) and (aspect is Field.MILESTONES or aspect.leads)


def order(change: PastChange) -> tuple[datetime, int, str]:
    """Sorts changes as they happened: events of one moment by their id."""
    return change.at, int(change.event) if change.event.isdecimal() else 0, change.event


def unfold(
    shown: Mapping[Aspect, Value],
    until: datetime,
    told: Sequence[PastChange],
    recorded: Mapping[tuple[Aspect, str], Any],
) -> list[ToldChange]:
    """The changes that are not `recorded` yet, oldest first, each with its whole values.

    `shown` is what the item showed at `until`; what happened later is left for when it is seen. `recorded` gives for
    each change that is in the history, by aspect and event, the encoded value before it.
    """
    by_aspect: dict[Aspect, list[PastChange]] = defaultdict(list)
    for change in told:
        if change.at <= until + SLACK:
            by_aspect[change.aspect].append(change)
    entries: list[ToldChange] = []
    for aspect, changes in by_aspect.items():
        now = encode_value(shown.get(aspect))
        for change in sorted(changes, key=order, reverse=True):
            known = (aspect, change.event)
            if known in recorded:
                now = recorded[known]
                continue
            entry = _entry(change, now)
            entries.append(entry)
            now = entry.old
    return sorted(entries, key=lambda entry: order(entry.change))


def _entry(change: PastChange, now: Any) -> ToldChange:
    if not change.partial:
        return ToldChange(change, encode_value(change.old), encode_value(change.new))
    added = {str(element).casefold() for element in _elements(change.new)}
    kept = [element for element in now or () if str(element).casefold() not in added]
    before = [*kept, *(element for element in _elements(change.old) if element not in kept)]
    return ToldChange(change, sorted(before), sorted(now or ()))


def _elements(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def explained(
    entries: Sequence[ToldChange], earlier: Sequence[ToldChange], seen: Sequence[Sighting]
) -> dict[int, ToldChange]:
    """For each sighting that repeats what was told, by its number: the change that it saw.

    A reading sees the last of several changes, and dates it by the item's own time of change, which may be that of
    something else: the last change told before that time is what it saw, when it led to the same value.
    """
    by_aspect: dict[Aspect, list[ToldChange]] = defaultdict(list)
    for entry in (*earlier, *entries):
        by_aspect[entry.change.aspect].append(entry)
    found: dict[int, ToldChange] = {}
    for one in seen:
        before = [entry for entry in by_aspect[one.aspect] if entry.change.at <= one.at + SLACK]
        last = max(before, key=lambda entry: order(entry.change), default=None)
        if last is not None and _same(last.new, one.new):
            found[one.number] = last
    return found


def _same(one: Any, other: Any) -> bool:
    """Whether two encoded values are equal; the order of elements is of no meaning."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return bool(one == other)
