"""The items of a pair that were read, as others refer to them: by what they are called, and what is above them. Pure.

A large pair holds a hundred thousand of them while its tasks are made, so that nothing else of them is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.side_view import names
from syncer.report.gather.merged_item import MergedItem
from syncer.report.model.collaboration import Place

_DEEPEST = 20
"""Levels of parents that are climbed; more means a cycle."""

Item = tuple[Side, Ref]
"""An item as a side knows it."""


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A milestone or task that was read, of whichever sides it is on."""

    id: str
    """In the report."""
    title: str
    places: tuple[Place, ...]
    restricted: bool
    epic: bool
    above: tuple[Item, ...]
    """What each side shows above it, the origin first."""

    def key(self, side: Side) -> str:
        """What people of a side call it."""
        return next(place.key for place in self.places if place.side is side)


class KnownItems:
    """Finds the items of one pair that were read up to now."""

    def __init__(self) -> None:
        self._items: Mapping[tuple[Side, Kind], dict[str, KnownItem]] = {
            (side, kind): {} for side in Side for kind in Kind
        }
        """By native id: a pair of side and reference for each item would take as much as all that is known of it."""

    def meet(self, merged: MergedItem, known: KnownItem) -> None:
        """Takes note of an item."""
        for side, item in merged.sides:
            self._items[side, item.kind][item.ref.id] = known

    def get(self, side: Side, ref: Ref | None) -> KnownItem | None:
        """What is known of an item of a side."""
        return None if ref is None else self._items[side, ref.kind].get(ref.id)

    def goal(self, side: Side, native: str) -> KnownItem | None:
        """The milestone with a native id."""
        return self._items[side, Kind.MILESTONE].get(native)

    def task(self, side: Side, native: str) -> KnownItem | None:
        """The task or epic with a native id."""
        return self._items[side, Kind.TASK].get(native)

    def among(self, items: Iterable[Item]) -> Iterator[KnownItem]:
        """Those of the items that were read."""
        return (known for side, ref in items if (known := self.get(side, ref)) is not None)

    def epic_from(self, above: KnownItem | None) -> tuple[str, ...]:
        """The id of the nearest epic, this one or above it; none where there is none."""
        for _ in range(_DEEPEST):
            if above is None:
                break
            if above.epic:
                return (above.id,)
            above = next(self.among(above.above), None)
        return ()

    def unread(self, items: Iterable[Item]) -> Item | None:
        """One of the items, or of what is above them up to an epic, that was not read yet; None where all were."""
        left = list(items)
        looked_at: set[Item] = set()
        while left:
            each = left.pop()
            if each in looked_at:
                continue
            looked_at.add(each)
            known = self.get(*each)
            if known is None:
                return each
            if not known.epic:
                left += known.above
        return None


def above(merged: MergedItem) -> tuple[Item, ...]:
    """What each side shows above an item, the origin first."""
    shown = ((side, item.showing.get(Field.PARENT)) for side, item in merged.sides)
    return tuple((side, Ref(Kind.TASK, native)) for side, native in shown if isinstance(native, str))


def before(side: Side, item: Observed) -> Iterator[Item]:
    """What an item waits for on a side."""
    return ((side, Ref(Kind.TASK, native)) for native in names(item.showing.get(Field.BLOCKED_BY)))
