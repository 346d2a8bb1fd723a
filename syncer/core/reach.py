"""Which scope's items can reach which: a small drawing for `syncer check`, from the configuration alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from syncer.contract.checking import RouteRule
from syncer.contract.model import Side
from syncer.core.rules import Direction, PairRules


@dataclass(frozen=True, slots=True)
class Reached:
    """One place of a scope, as the configuration describes it."""

    rules: PairRules
    names: Mapping[Side, str]
    """What people call the two scopes of its pair."""
    filters: Mapping[Side, str]
    rule: RouteRule | None = None
    """What leads there, of a route; None for all that no other place takes, and for a pair made by hand."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A scope that several pairs have, with the places its items can go to."""

    scope: str
    places: Sequence[Reached]
    side: Mapping[str, Side] = field(default_factory=dict)
    """By pair, on which of its sides the scope is."""

    def lines(self) -> Iterator[str]:
        """The drawing: one arrow for each place, then what goes from one place on to another."""
        yield self.scope
        rows = [(self._what(place), self._arrow(place), self._where(place)) for place in self.places]
        if self.routed and all(place.rule is not None for place in self.places):
            rows.append(("everything else", "--|", "nowhere: it stays where it is"))
        width = max(len(what) for what, _, _ in rows)
        for what, arrow, where in rows:
            yield f"  {what.ljust(width)}  {arrow}  {where}"
        onward = list(self._onward())
        yield from onward or ["  Nothing that came from one of these places goes on to another."]

    @property
    def routed(self) -> bool:
        """Whether all places are those of one route."""
        return all(place.rules.route is not None for place in self.places)

    def _what(self, place: Reached) -> str:
        if place.rules.route is None:
            return place.filters[self.side[place.rules.name]] or "everything"
        return str(place.rule) if place.rule is not None else "everything else"

    def _arrow(self, place: Reached) -> str:
        here = self.side[place.rules.name]
        to, back = place.rules.create.writes(here.other), place.rules.create.writes(here)
        return {(True, True): "<->", (True, False): "-->", (False, True): "<--"}.get((to, back), "---")

    def _where(self, place: Reached) -> str:
        return f"{place.names[self.side[place.rules.name].other]} ({place.rules.name})"

    def _onward(self) -> Iterator[str]:
        for giver in self.places:
            for taker in self.places:
                if giver.rules.name in taker.rules.shares_with:
                    yield f"  {self._where(giver)}  ==>  {self._where(taker)}, as shares-with says"


def reach(pairs: Sequence[Reached]) -> list[Reach]:
    """The scopes that more than one pair has and that is written from, in the order of the file."""
    found: dict[str, list[tuple[Side, Reached]]] = {}
    for pair in pairs:
        for side in Side:
            found.setdefault(pair.names[side], []).append((side, pair))
    return [
        Reach(scope, [pair for _, pair in places], {pair.rules.name: side for side, pair in places})
        for scope, places in found.items()
        if len(places) > 1 and any(pair.rules.create is not Direction.OFF for _, pair in places)
    ]
