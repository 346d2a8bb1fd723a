"""One item of the collaboration, put together from what one side or both show of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from syncer.contract.model import Field, Observed, Side
from syncer.core.records import LinkedItems
from syncer.report.gather.values import aim, criteria, one_line
from syncer.report.model.collaboration import Aim, Criterion, Place

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No tracker is as old: a date before it stands for one that is not known (a Jira version has none)."""


@dataclass(frozen=True, slots=True)
class MergedItem:
    """One item of the collaboration: what one side shows, or both."""

    origin: Side
    shown: Mapping[Side, Observed]
    described: bool = False
    """Whether its text says anything."""
    criteria: tuple[Criterion, ...] = ()
    """From the text, that of the origin first."""
    aim: Aim | None = None
    """As `criteria`."""

    @classmethod
    def linked(cls, items: LinkedItems) -> MergedItem:
        """The item behind a link; it may have lost one of its sides, or both."""
        shown = {side: item for side in Side if (item := items.side(side)) is not None}
        return cls._of(items.link.origin, shown)

    @classmethod
    def alone(cls, side: Side, item: Observed) -> MergedItem:
        """An item that is on one side only."""
        return cls._of(side, {side: item})

    @classmethod
    def _of(cls, origin: Side, shown: Mapping[Side, Observed]) -> MergedItem:
        order = [shown[side] for side in (origin, origin.other) if side in shown]
        bodies = [body for item in order if isinstance(body := item.showing.get(Field.BODY), str)]
        found = next((listed for body in bodies if (listed := criteria(body))), ())
        aimed = next((read for body in bodies if (read := aim(body)) is not None), None)
        described = any(body.strip() for body in bodies)
        return cls(origin, {side: _without_body(item) for side, item in shown.items()}, described, found, aimed)

    @property
    def sides(self) -> Iterator[tuple[Side, Observed]]:
        """What is shown, the origin first."""
        for side in (self.origin, self.origin.other):
            if side in self.shown:
                yield side, self.shown[side]

    @property
    def first(self) -> Observed:
        """What the origin shows; the other side when the origin is gone."""
        return next(item for _, item in self.sides)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it can be seen, left before right."""
        return tuple(
            Place(side, one_line(self.shown[side].key), self.shown[side].url) for side in Side if side in self.shown
        )

    def fact(self, name: Literal["points", "estimate_hours", "spent_hours"]) -> float | None:
        """A size of the task as its origin tells it; as the other side does where the origin does not."""
        sizes: Iterator[float | None] = (getattr(item.facts, name) for _, item in self.sides)
        return next((size for size in sizes if size is not None), None)

    def value(self, field: Field) -> object:
        """The field as its origin shows it; as the other side does where the origin cannot."""
        return next((item.showing[field] for _, item in self.sides if item.showing.get(field) is not None), None)


def _without_body(item: Observed) -> Observed:
    """The item without its text, which no figure needs and which is most of its size."""
    return replace(item, showing={name: value for name, value in item.showing.items() if name is not Field.BODY})
