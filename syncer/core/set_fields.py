"""Fields that hold several names: labels and components, people and milestones, edges. Judged element by element.

An element that one side adds is never taken back because the other side changed too, and two changes of one set never
contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from syncer.contract.model import Field, Side
from syncer.core.field_types import Carried, NotTaken, PlainField, Unmapped
from syncer.core.side_view import ViewValue, names


class SetField(PlainField):
    """A set of names: what is written and what arrived is judged element by element."""

    def same(self, side: Side, one: ViewValue, two: ViewValue) -> bool:
        return _keys(one).keys() == _keys(two).keys()

    def took(self, side: Side, before: ViewValue, asked: ViewValue, shown: ViewValue) -> ViewValue:
        had, wanted, there = (_keys(value).keys() for value in (before, asked, shown))
        if (wanted - had) - there or (had - wanted) & there:
            raise NotTaken
        return shown if wanted == there else asked

    def arrived(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> ViewValue:
        there, kept = _keys(shown), _keys(now)
        either = _keys(base) | kept
        found = [name for key, name in either.items() if self._stands(to, name, there, key in kept)]
        return tuple(sorted(found))

    def agreed(self, side: Side, base: ViewValue, shown: ViewValue, source: ViewValue) -> ViewValue:
        known, there, now = _keys(base), _keys(source), _keys(shown)
        told = [name for key, name in now.items() if key in known or self._stands(side.other, name, there, kept=True)]
        taken = [name for key, name in known.items() if key not in now]
        return (*told, *(name for name in taken if self._stands(side.other, name, there, kept=False)))

    def chosen(self, to: Side, now: ViewValue, shown: ViewValue) -> Carried:
        return self.carry(to, self._told_there(to.other, shown), now, shown)

    def _told_there(self, side: Side, elements: ViewValue) -> ViewValue:
        """What stands on a side for elements of the other one."""
        return elements

    def _stands(self, to: Side, element: str, there: Mapping[str, str], kept: bool) -> bool:
        """Whether what stands for an element of the other side is there, or nothing can."""
        return element.casefold() in there


@dataclass(frozen=True, slots=True)
class NamesField(SetField):
    """Labels and components: sets, merged element by element, spelling aside. What is too long for a side stays out."""

    unfit: Mapping[Side, Callable[[str], str]] = field(default_factory=dict)
    """Why a side cannot show a name, see `SideView.unfit`; every name fits where it is missing."""

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return _keys(left).keys() == _keys(right).keys()

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        before, after, there = _keys(base), _keys(now), _keys(shown)
        wanted = {key: name for key, name in there.items() if key not in before.keys() - after.keys()}
        new = {key: after[key] for key in after.keys() - before.keys() - there.keys()}
        left_out = {key: name for key, name in new.items() if self._unfit(to, name)}
        wanted |= {key: name for key, name in new.items() if key not in left_out}
        return Carried(tuple(sorted(wanted.values())), left_out=tuple(sorted(left_out.values())))

    def _unfit(self, to: Side, name: str) -> bool:
        return to in self.unfit and bool(self.unfit[to](name))

    def left_out(self, left: ViewValue, right: ViewValue) -> dict[Side, tuple[str, ...]]:
        """The names that one side shows and the other one cannot, by the side that lacks them."""
        keys = {Side.LEFT: _keys(left), Side.RIGHT: _keys(right)}
        return {
            to: tuple(
                sorted(name for key, name in keys[to.other].items() if key not in keys[to] and self._unfit(to, name))
            )
            for to in Side
        }

    def merge(self, base: Mapping[Side, ViewValue], now: Mapping[Side, ViewValue]) -> dict[Side, Carried] | None:
        return {side: self.carry(side, base[side.other], now[side.other], now[side]) for side in Side}


def _keys(value: ViewValue) -> dict[str, str]:
    return {name.casefold(): name for name in names(value)}


@dataclass(frozen=True, slots=True)
class PartneredField(SetField):
    """A list whose elements have partners on the other side: assignees by the people map, milestones by their links.

    Elements without a partner belong to their side alone: they are neither carried nor dropped. A side that holds fewer
    elements than the other (Jira one assignee, GitHub one milestone) keeps what it shows as long as that is among them.
    """

    field: Field
    partner: Callable[[Side, str], str | None]
    """The partner on `side` of an element of the other side."""
    capacity: Mapping[Side, int]
    unmapped_hint: str
    doubt: Callable[[Side, str], str] = lambda _side, _element: ""
    """Why nothing may be concluded from an element; empty where something may."""

    def standstill(self, values: Iterable[tuple[Side, ViewValue]]) -> str:
        """Why the field stays as it is on both sides; empty where every element is whose it seems."""
        doubts = (self.doubt(side, element) for side, value in values for element in names(value))
        return next((doubt for doubt in doubts if doubt), "")

    def _stands(self, to: Side, element: str, there: Mapping[str, str], kept: bool) -> bool:
        partner = self.partner(to, element)
        return kept if partner is None else partner.casefold() in there

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return not self.lacking({Side.LEFT: left, Side.RIGHT: right})

    def _told_there(self, side: Side, elements: ViewValue) -> ViewValue:
        return tuple(self._partners(side, names(elements)))

    def lacking(self, shown: Mapping[Side, ViewValue]) -> list[Side]:
        """The sides that have room for somebody the other one shows."""
        return [side for side in Side if not self._covers(side, shown[side], shown[side.other])]

    def _covers(self, side: Side, shown: ViewValue, other: ViewValue) -> bool:
        """Whether a side shows as many of the partners of the other side's elements as it has room for."""
        wanted = {partner.casefold() for partner in self._partners(side, names(other))}
        found = wanted & _keys(shown).keys()
        if wanted == found or len(found) >= self.capacity[side]:
            return True
        strangers = [element for element in names(shown) if self.partner(side.other, element) is None]
        return not found and len(strangers) >= self.capacity[side]

    def _partners(self, to: Side, elements: Iterable[str]) -> list[str]:
        return [partner for element in elements if (partner := self.partner(to, element)) is not None]

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        before, after = _keys(base), _keys(now)
        added = [element for key, element in after.items() if key not in before]
        removed = [element for key, element in before.items() if key not in after]
        taken_away = {partner.casefold() for partner in self._partners(to, removed)}
        kept = {key: element for key, element in _keys(shown).items() if key not in taken_away}
        wanted = [partner for partner in self._partners(to, added) if partner.casefold() not in kept]
        if not kept and not wanted:
            wanted = self._partners(to, after.values())
        if added and not kept and not wanted and not taken_away:
            raise Unmapped(f"{self.field} {', '.join(added)}: {self.unmapped_hint}")
        room = max(self.capacity[to] - len(kept), 0)
        return Carried((*kept.values(), *wanted[:room]))

    def merge(self, base: Mapping[Side, ViewValue], now: Mapping[Side, ViewValue]) -> dict[Side, Carried] | None:
        left = {side: self._without(side, now[side], base[side.other], now[side.other]) for side in Side}
        return {side: self.carry(side, base[side.other], left[side.other], now[side]) for side in Side}

    def _without(self, side: Side, shown: ViewValue, base: ViewValue, now: ViewValue) -> tuple[str, ...]:
        """What is left on a side once it is without what the other one took away, going from `base` to `now`."""
        kept = _keys(now)
        gone = self._partners(side, [element for key, element in _keys(base).items() if key not in kept])
        taken_away = {partner.casefold() for partner in gone}
        return tuple(element for element in names(shown) if element.casefold() not in taken_away)


@dataclass(frozen=True, slots=True)
class EdgesField(SetField):
    """Edges to other tasks: sets, merged element by element, by the links between tasks."""

    partner: Callable[[Side, str], str | None]

    def _stands(self, to: Side, element: str, there: Mapping[str, str], kept: bool) -> bool:
        partner = self.partner(to, element)
        return kept if partner is None else partner.casefold() in there

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        return self._there(Side.RIGHT, left) == set(names(right))

    def _told_there(self, side: Side, elements: ViewValue) -> ViewValue:
        return tuple(sorted(self._there(side, elements)))

    def _there(self, to: Side, value: ViewValue) -> set[str]:
        return {partner for end in names(value) if (partner := self.partner(to, end)) is not None}

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        before, after = self._there(to, base), self._there(to, now)
        return Carried(tuple(sorted((set(names(shown)) - (before - after)) | (after - before))))

    def merge(self, base: Mapping[Side, ViewValue], now: Mapping[Side, ViewValue]) -> dict[Side, Carried] | None:
        return {side: self.carry(side, base[side.other], now[side.other], now[side]) for side in Side}
