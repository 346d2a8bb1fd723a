"""A scope that several pairs have in common: which of its items are for this pair, and which came from elsewhere.

Nobody who fills a project from two repositories wants the one to read the other. So what another pair brought into the
scope stays there, and a task of the scope is in step with one place at a time, unless the file says otherwise
(`shares-with`). Told by the state, where all pairs are, and by the markers in the items themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import product
from typing import Any

from syncer.contract.model import Audience, Field, Kind, Observed, Ref, Side
from syncer.core.change import called
from syncer.core.link_reason import LEFT
from syncer.core.markers import pair_of
from syncer.core.moving import WORDED, Taken
from syncer.core.records import Link, LinkState, OperationState, Verb
from syncer.core.side_view import encode_view
from syncer.sync.context import PairContext

_TOOK_EFFECT = (OperationState.DONE, OperationState.SENT, OperationState.AMBIGUOUS, OperationState.HELD)
"""The states of a write that may have arrived."""
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another pair that has the scope of one of our sides."""

    pair: str
    side: Side
    """On which of its sides the scope is."""
    place: str
    """What people call its other scope."""


@dataclass(slots=True)
class Elsewhere:
    """What an item of ours has to do with other pairs."""

    kept: str = ""
    """Why it is not carried on at all; empty where it may be."""
    behind: dict[Field, Any] = field(default_factory=dict)
    """What people of other places wrote in it: see `LinkMemory.behind`."""


NOWHERE_ELSE = Elsewhere()


@dataclass(frozen=True)
class SharedScopes:
    """What other pairs of this state have to do with the items of our two scopes."""

    context: PairContext

    @cached_property
    def _neighbours(self) -> Mapping[Side, tuple[Neighbour, ...]]:
        here_too = self.context.store.naming.known(at=set(self.context.addresses.values()))
        known = {**here_too, **self.context.scopes}
        left_out = {self.context.name, *self.context.rules.shares_with}
        found: dict[Side, list[Neighbour]] = {side: [] for side in Side}
        for name in sorted(known.keys() - left_out):
            scopes = dict(zip(Side, known[name], strict=True))
            for here, there in product(Side, Side):
                if scopes[there] and scopes[there] == self.context.addresses[here]:
                    found[here].append(Neighbour(name, there, scopes[there.other]))
        return {side: tuple(neighbours) for side, neighbours in found.items()}

    def is_shared(self, side: Side) -> bool:
        """Whether another pair has the scope of a side."""
        return bool(self._neighbours[side])

    def in_several(self, side: Side, ref: Ref) -> bool:
        """Whether another pair has an item of a side in step, too."""
        links = (self.context.store.links.of_item(one.pair, one.side, ref) for one in self._neighbours[side])
        return any(link is not None and link.state is LinkState.ACTIVE for link in links)

    def look(self, side: Side, items: Iterable[Observed]) -> dict[Ref, Elsewhere]:
        """What those items have to do with other pairs that have anything to do with them."""
        candidates = {item.ref: item for item in items}
        found: dict[Ref, Elsewhere] = {}
        for neighbour in self._neighbours[side]:
            for ref, reason in self._steered(neighbour, candidates):
                found.setdefault(ref, Elsewhere()).kept = reason
            links = self.context.store.links.of_items(neighbour.pair, neighbour.side, candidates)
            for ref, link in links.items():
                self._note(found.setdefault(ref, Elsewhere()), candidates[ref], neighbour, link)
        for ref, item in candidates.items():
            if (pair := self._stranger(item)) is not None:
                one = found.setdefault(ref, Elsewhere())
                one.kept = one.kept or f"{called(item)} came from elsewhere, by the pair {pair}"
        return found

    def kept(self, side: Side, items: Iterable[Observed]) -> dict[Ref, str]:
        """Why items of a side are not carried on to the other one; what may be is left out."""
        return {ref: one.kept for ref, one in self.look(side, items).items() if one.kept}

    def _note(self, elsewhere: Elsewhere, item: Observed, neighbour: Neighbour, link: Link) -> None:
        place = f"{neighbour.place}, by the pair {neighbour.pair}"
        if link.origin is neighbour.side.other:
            elsewhere.kept = elsewhere.kept or f"{called(item)} came from {place}"
        if item.kind is not Kind.TASK:
            return
        if neighbour.pair in self.context.configured and not let_go(link):
            elsewhere.kept = elsewhere.kept or f"{called(item)} is in step with {place}"
        elsewhere.behind |= self._written(item, neighbour, link)
        if Field.TITLE in elsewhere.behind:
            reason = f"the title of {item.key} was written in {neighbour.place}: somebody has to write one here first"
            elsewhere.kept = elsewhere.kept or reason

    def _written(self, item: Observed, neighbour: Neighbour, link: Link) -> dict[Field, Any]:
        """The fields of an item that a pair wrote from its other place. A title counts until it is another one.

        The journal tells what a link of an older version did not remember.
        """
        latest = self.context.store.journal.latest(neighbour.pair, ref=item.ref, limit=_ALL)
        writes = [one for one in latest if one.verb is Verb.UPDATE and one.state in _TOOK_EFFECT]
        arrived = [one for one in writes if one.side is neighbour.side and one.target == item.ref]
        names = {name for one in arrived for name in WORDED if name.value in one.payload} | link.memory.received
        behind: dict[Field, Any] = dict.fromkeys(names - {Field.TITLE}, True)
        titled = next((one for one in writes if Field.TITLE.value in one.payload), None)
        title = encode_view(item.showing.get(Field.TITLE))
        theirs = [titled.payload[Field.TITLE.value]] if titled in arrived and titled is not None else []
        if Field.TITLE in link.memory.received:
            theirs.append(link.base.get(neighbour.side, {}).get(Field.TITLE.value, title))
        return behind | ({Field.TITLE: title} if title in theirs else {})

    def _steered(self, neighbour: Neighbour, items: Mapping[Ref, Observed]) -> Iterator[tuple[Ref, str]]:
        """What a person paused or set apart in another pair: that holds wherever it goes."""
        store, now = self.context.store, self.context.clock()
        for one in store.paused.listed(neighbour.pair):
            if one.side is neighbour.side and one.ref in items and not one.over(now):
                yield one.ref, f"{called(items[one.ref])} is paused in the pair {neighbour.pair}"
        for side, ref in store.apart.of(neighbour.pair):
            if side is neighbour.side and ref in items and items[ref].kind is Kind.TASK:
                yield ref, f"{called(items[ref])} is apart in the pair {neighbour.pair}"

    def _stranger(self, item: Observed) -> str | None:
        """The pair, another one that is known, whose marker an item bears; what nobody knows is asked about instead."""
        pair = pair_of(item.marker)
        if pair is None or pair in self.context.names or pair in self.context.rules.shares_with:
            return None
        return pair if pair in self.context.configured or self.context.store.pairs.taken_at(pair) else None

    # --- routes

    def taken(self, side: Side, ref: Ref) -> Taken | None:
        """What an item has in the place of our routes that it is in step with now; None where no other has it."""
        route, store = self.context.rules.route, self.context.store
        for neighbour in self._neighbours[side] if route is not None else ():
            if route is None or neighbour.pair not in route.beside:
                continue
            link = store.links.of_item(neighbour.pair, neighbour.side, ref)
            if link is None or let_go(link):
                continue
            item = store.observed.get(neighbour.pair, neighbour.side.other, link.ref(neighbour.side.other))
            state = store.pairs.side(neighbour.pair, neighbour.side.other)
            if item is not None:
                return Taken(neighbour.pair, item, Audience.RESTRICTED if state is None else state.audience)
        return None

    def all_looked(self, since: str) -> bool:
        """Whether every other pair of our routes had a run that began after a moment (ISO 8601)."""
        route = self.context.rules.route
        runs = [self.context.store.pairs.runs(pair, limit=1) for pair in (route.beside if route is not None else ())]
        return all(last and last[0].started_at > datetime.fromisoformat(since) for last in runs)


def let_go(link: Link) -> bool:
    """Whether a pair has nothing to do with its item any more: one side is gone, or it left the filter or the rule."""
    left = link.reason is not None and link.reason.because in LEFT
    return link.state is LinkState.RETIRED or (link.state is LinkState.HELD and left)
