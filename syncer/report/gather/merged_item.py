"""One item of the collaboration, put together from what one side or both show of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from syncer.contract.model import Account, Facts, Field, Observed, Side, Status, Value, Version
from syncer.core.records import LinkedItems, ShownTogether
from syncer.core.rules import Meaning
from syncer.report.gather.values import one_line
from syncer.report.model.collaboration import Place

SizeMeaning = Literal[Meaning.POINTS, Meaning.ESTIMATE, Meaning.SPENT, Meaning.REMAINING]
_FACTS: Mapping[SizeMeaning, str] = {
    Meaning.POINTS: "points",
    Meaning.ESTIMATE: "estimate_hours",
    Meaning.SPENT: "spent_hours",
}
"""What trackers tell by themselves; what remains is told by a declared field alone."""

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No tracker is as old: a date before it stands for one that is not known (a version may have none)."""


_OTHER = {side: side.other for side in Side}


@dataclass(frozen=True, slots=True)
class MergedItem:
    """One item of the collaboration: what one side shows, or both."""

    origin: Side
    shown: Mapping[Side, Observed]

    @classmethod
    def linked(cls, items: LinkedItems) -> MergedItem:
        """The item behind a link; it may have lost one of its sides, or both."""
        return cls._joined(items.link.origin, items.left, items.right)

    @classmethod
    def together(cls, items: ShownTogether) -> MergedItem:
        """As `linked`."""
        return cls._joined(items.origin, items.left, items.right)

    @classmethod
    def _joined(cls, origin: Side, left: Observed | None, right: Observed | None) -> MergedItem:
        both = ((Side.LEFT, left), (Side.RIGHT, right))
        return cls(origin, {side: item for side, item in both if item is not None})

    @classmethod
    def alone(cls, side: Side, item: Observed) -> MergedItem:
        """An item that is on one side only."""
        return cls(side, {side: item})

    @property
    def texts(self) -> Iterator[tuple[Side, str]]:
        """The text on each side that has one, that of the origin first."""
        for side, item in self.sides:
            body = item.showing.get(Field.BODY)
            if isinstance(body, str) and body.strip():
                yield side, body

    def without_texts(self, shared: dict[object, object]) -> MergedItem:
        """The item without its texts, which are most of its size; values equal to one in `shared` are that one."""
        return replace(self, shown={side: _slim(item, shared) for side, item in self.shown.items()})

    @property
    def sides(self) -> Sequence[tuple[Side, Observed]]:
        """What is shown, the origin first."""
        # Asked for a hundred times a task: no generator.
        if len(self.shown) == len(_OTHER):
            other = _OTHER[self.origin]
            return (self.origin, self.shown[self.origin]), (other, self.shown[other])
        return tuple(self.shown.items())

    @property
    def first(self) -> Observed:
        """What the origin shows; the other side when the origin is gone."""
        return self.sides[0][1]

    @property
    def created(self) -> datetime:
        """When the first of them was made."""
        return min(item.created for item in self.shown.values())

    @property
    def closed(self) -> datetime | None:
        """When its origin was closed last; the other side where the origin does not tell."""
        return next((item.facts.closed for _, item in self.sides if item.facts.closed is not None), None)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it can be seen, left before right."""
        return tuple(
            Place(side, one_line(self.shown[side].key), self.shown[side].url) for side in Side if side in self.shown
        )

    def size(self, meaning: SizeMeaning, declared: Iterable[Field]) -> float | None:
        """A size of the task as its origin tells it; as the other side does where the origin does not.

        What a declared field says that means it goes before what the tracker keeps for it by itself.
        """
        fields = tuple(declared)
        shown = (item.showing.get(field) for _, item in self.sides for field in fields)
        fact = _FACTS.get(meaning)
        facts: Iterator[float | None] = (getattr(item.facts, fact) for _, item in self.sides if fact is not None)
        return next((size for size in (*shown, *facts) if isinstance(size, int | float)), None)

    def rank(self, side: Side) -> str:
        """Where it stands in the plan of a side; empty where that is not told."""
        return self.shown[side].facts.rank if side in self.shown else ""

    @property
    def level(self) -> int | None:
        """Its level in the hierarchy as its origin tells it, or the other side; None where neither does."""
        return next((item.facts.level for _, item in self.sides if item.facts.level is not None), None)

    def value(self, field: Field) -> object:
        """The field as its origin shows it; as the other side does where the origin cannot."""
        return next((item.showing[field] for _, item in self.sides if item.showing.get(field) is not None), None)


def ranked(tasks: Sequence[MergedItem]) -> list[MergedItem]:
    """The tasks of a plan in its order, by the side that ranks more of them: two orders cannot be put into one."""
    of_side = {side: [one for one in tasks if one.rank(side)] for side in Side}
    side = max(Side, key=lambda each: len(of_side[each]))
    return sorted(of_side[side], key=lambda one: one.rank(side))


def _slim(item: Observed, shared: dict[object, object]) -> Observed:
    """The item without its text and what only a sync needs; what others show as well is theirs."""

    def once(value: Any) -> Any:
        # Not of numbers: 1, 1.0 and True are equal.
        return shared.setdefault(value, value) if isinstance(value, _SHARED) else value

    showing: dict[Field, Value] = {name: once(value) for name, value in item.showing.items() if name is not Field.BODY}
    facts = _NOTHING if item.facts == _NOTHING else item.facts
    return replace(item, showing=showing, version=_UNUSED, author=once(item.author), facts=facts, people=())


_SHARED = (Status, tuple, Account)
_NOTHING = Facts()
_UNUSED = Version("")
