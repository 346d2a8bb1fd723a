"""One item of the collaboration, put together from what one side or both show of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from syncer.contract.model import Field, Observed, Side
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
    sides: Sequence[tuple[Side, Observed]] = field(init=False, compare=False, repr=False)
    """What is shown, the origin first: asked for dozens of times while a task is made of it."""

    def __post_init__(self) -> None:
        both = (self.origin, self.item(self.origin)), (self.origin.other, self.item(self.origin.other))
        object.__setattr__(self, "sides", tuple((side, item) for side, item in both if item is not None))

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

    def item(self, side: Side) -> Observed | None:
        """What a side shows."""
        return self.left if side is Side.LEFT else self.right

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

    def without_texts(self) -> MergedItem:
        """The item without its texts, which are most of its size."""
        left, right = (None if item is None else _slim(item) for item in (self.left, self.right))
        return MergedItem(self.origin, left, right)

    @property
    def first(self) -> Observed:
        """What the origin shows; the other side when the origin is gone."""
        return self.sides[0][1]

    @property
    def created(self) -> datetime:
        """When the first of them was made."""
        return min([item.created for _, item in self.sides])

    @property
    def closed(self) -> datetime | None:
        """When its origin was closed last; the other side where the origin does not tell."""
        return next((item.facts.closed for _, item in self.sides if item.facts.closed is not None), None)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it can be seen, left before right."""
        return tuple(
            Place(side, one_line(item.key), item.url) for side in Side if (item := self.item(side)) is not None
        )

    def size(self, meaning: SizeMeaning, declared: Sequence[Field]) -> float | None:
        """A size of the task as its origin tells it; as the other side does where the origin does not.

        What a declared field says that means it goes before what the tracker keeps for it by itself.
        """
        for name in declared:
            for _, item in self.sides:
                if isinstance(size := item.showing.get(name), int | float):
                    return size
        if (fact := _FACTS.get(meaning)) is not None:
            for _, item in self.sides:
                told: float | None = getattr(item.facts, fact)
                if told is not None:
                    return told
        return None

    @property
    def level(self) -> int | None:
        """Its level in the hierarchy as its origin tells it, or the other side; None where neither does."""
        return next((item.facts.level for _, item in self.sides if item.facts.level is not None), None)

    def value(self, field: Field) -> object:
        """The field as its origin shows it; as the other side does where the origin cannot."""
        return next((item.showing[field] for _, item in self.sides if item.showing.get(field) is not None), None)


def _slim(item: Observed) -> Observed:
    if Field.BODY not in item.showing:
        return item
    return replace(item, showing={name: value for name, value in item.showing.items() if name is not Field.BODY})
