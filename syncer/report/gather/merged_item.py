"""One item of the collaboration, put together from what one side or both show of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

SIZES: tuple[SizeMeaning, ...] = (Meaning.POINTS, Meaning.ESTIMATE, Meaning.SPENT, Meaning.REMAINING)

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No tracker is as old: a date before it stands for one that is not known (a version may have none)."""


@dataclass(frozen=True, slots=True)
class MergedItem:
    """One item of the collaboration: what one side shows, or both."""

    origin: Side
    left: Observed | None
    right: Observed | None

    @classmethod
    def linked(cls, items: LinkedItems) -> MergedItem:
        """The item behind a link; it may have lost one of its sides, or both."""
        return cls(items.link.origin, items.left, items.right)

    @classmethod
    def together(cls, items: ShownTogether) -> MergedItem:
        """As `linked`."""
        return cls(items.origin, items.left, items.right)

    @classmethod
    def alone(cls, side: Side, item: Observed) -> MergedItem:
        """An item that is on one side only."""
        return cls(side, item, None) if side is Side.LEFT else cls(side, None, item)

    @property
    def shown(self) -> Mapping[Side, Observed]:
        """What each side shows that has it, left before right."""
        both = ((Side.LEFT, self.left), (Side.RIGHT, self.right))
        return {side: item for side, item in both if item is not None}

    @property
    def texts(self) -> Iterator[tuple[Side, str]]:
        """The text on each side that has one, that of the origin first."""
        for side, item in self.sides:
            body = item.showing.get(Field.BODY)
            if isinstance(body, str) and body.strip():
                yield side, body

    def without_texts(self, shared: dict[object, object]) -> MergedItem:
        """The item without its texts, which are most of its size; values equal to one in `shared` are that one."""
        left = None if self.left is None else _slim(self.left, shared)
        right = None if self.right is None else _slim(self.right, shared, self.left)
        return MergedItem(self.origin, left, right)

    @property
    def sides(self) -> Sequence[tuple[Side, Observed]]:
        """What is shown, the origin first."""
        # Asked for a hundred times a task: no generator.
        left, right = self.left, self.right
        if left is None:
            return () if right is None else ((Side.RIGHT, right),)
        if right is None:
            return ((Side.LEFT, left),)
        if self.origin is Side.LEFT:
            return (Side.LEFT, left), (Side.RIGHT, right)
        return (Side.RIGHT, right), (Side.LEFT, left)

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

    def size(self, meaning: SizeMeaning, declared: Sequence[Field]) -> float | None:
        """A size of the task as its origin tells it; as the other side does where the origin does not.

        What a declared field says that means it goes before what the tracker keeps for it by itself.
        """
        for field in declared:
            for _, item in self.sides:
                if isinstance(size := item.showing.get(field), int | float):
                    return size
        if (fact := _FACTS.get(meaning)) is not None:
            for _, item in self.sides:
                told: float | None = getattr(item.facts, fact)
                if told is not None:
                    return told
        return None

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


def _slim(item: Observed, shared: dict[object, object], other: Observed | None = None) -> Observed:
    """The item without its text and what only a sync needs; what others or the `other` side show as well is theirs."""

    def once(value: Any) -> Any:
        # Not of numbers: 1, 1.0 and True are equal.
        return shared.setdefault(value, value) if isinstance(value, _SHARED) else value

    showing: dict[Field, Value] = {name: once(value) for name, value in item.showing.items() if name is not Field.BODY}
    if other is not None and (title := other.showing.get(Field.TITLE)) == showing.get(Field.TITLE):
        showing[Field.TITLE] = title
    facts = _NOTHING if item.facts == _NOTHING else item.facts
    updated = item.created if item.updated == item.created else item.updated
    author = once(item.author)
    return replace(item, showing=showing, version=_UNUSED, updated=updated, author=author, facts=facts, people=())


_SHARED = (Status, tuple, Account)
_NOTHING = Facts()
_UNUSED = Version("")
