"""What a change of the rules can concern: everything, or only what has to do with some people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncer.contract.model import Field, Observed, Side
from syncer.core.codec import compact
from syncer.core.link_memory import encode_memory
from syncer.core.people import Identity
from syncer.core.records import Link, LinkedItems
from syncer.core.rules import MappedPerson

EncodedPerson = list[Any]
"""Name, accounts by side and ids by side, as JSON."""


@dataclass(frozen=True, slots=True)
class AgreedRules:
    """The rules under which the bases of a pair were agreed, as far as a later run must know them."""

    fingerprint: str
    without_people: str | None = None
    """Of all but the people; None where an older version did not keep it."""
    people: Sequence[EncodedPerson] = field(default_factory=list)


def encode_people(people: Iterable[MappedPerson]) -> list[EncodedPerson]:
    """People as JSON, in an order that does not depend on the file's."""

    def by_side(named: Mapping[Side, str]) -> dict[str, str]:
        return {side.value: named[side] for side in Side if side in named}

    return sorted([person.name, by_side(person.accounts), by_side(person.ids)] for person in people)


def only_people_changed(before: AgreedRules, now: AgreedRules) -> bool:
    """Whether nothing but `[[people]]` is another now. Both are known only of states that this version wrote."""
    return bool(before.without_people) and before.without_people == now.without_people


def names_concerned(
    before: AgreedRules, now: AgreedRules, known: Mapping[Side, Collection[Identity]]
) -> frozenset[str]:
    """By what the people who were added, taken out or changed may be named anywhere, without case."""
    changed = [person for person in before.people if person not in now.people]
    changed += [person for person in now.people if person not in before.people]
    names = {name.casefold() for _, *tables in changed for table in tables for name in table.values()}
    for identities in known.values():
        for one in identities:
            called = {name.casefold() for name in (one.native, one.known_as, one.login, one.bound) if name}
            names |= called if called & names else set()
    return frozenset(names)


def concerns(names: Collection[str], items: LinkedItems) -> bool:
    """Whether a link may be decided otherwise because of people with these names.

    Their names anywhere count: among assignees, as an author, in a text that mentions them, in what was kept back.
    """
    return any(name in text for text in _texts(items) for name in names)


def _texts(items: LinkedItems) -> Iterator[str]:
    """All words of a link in which somebody may be named, without case."""
    for side in Side:
        if (item := items.side(side)) is not None:
            yield from _texts_of(item)
    yield from _texts_kept(items.link)


def _texts_of(item: Observed) -> Iterator[str]:
    if item.author is not None:
        yield item.author.id.casefold()
    for value in item.showing.values():
        if isinstance(value, str):
            yield value.casefold()
        elif isinstance(value, tuple):
            yield "\n".join(value).casefold()


def _texts_kept(link: Link) -> Iterator[str]:
    for fields in link.base.values():
        if assignees := fields.get(Field.ASSIGNEES.value):
            yield compact(assignees).casefold()
    yield from (one.reason.casefold() for one in link.differs)
    yield compact(encode_memory(link.memory)).casefold()
