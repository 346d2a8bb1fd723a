"""What becomes of linked items that the filter of a side does not admit any more: followed, held, or closed there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from syncer.contract.model import Kind, Observed, Ref, Side
from syncer.core.link_reason import LEFT, OFF_ROUTE, OUT_OF_SIGHT, Because, LinkReason
from syncer.core.records import Link, LinkState
from syncer.core.rules import Leaving
from syncer.store import Lease, Store
from syncer.sync.context import PairContext


@dataclass(slots=True)
class Departures:
    """What becomes of linked items that the filter of a side does not admit any more."""

    context: PairContext
    lease: Lease
    side: Side
    narrowed: bool
    """Whether the filter was changed in the file since the last complete reading."""
    followed: int = 0
    """How many tasks are followed outside."""

    def leave(self, items: Iterable[Observed]) -> None:
        """Follows, holds or has closed what the filter does not admit."""
        for item in items:
            link = self._link_of(item.ref)
            if self.is_route and link is not None and item.kind is Kind.TASK:
                self._leave_route(link, item)
                continue
            if self.is_route and item.parent is not None and self._is_off(item.parent):
                continue  # nothing of it is written until its task is back
            mode = Leaving.HOLD if link is None or link.state is not LinkState.ACTIVE else self._mode(item, link)
            if link is None or mode is Leaving.HOLD:
                whole = self.side in self.context.whole
                because = Because.UNLISTED if whole else Because.LEFT_FILTER
                hold(self.context.store, self.lease, self.side, item, because)
            elif item.kind is Kind.TASK:
                self.followed += mode is Leaving.FOLLOW
                self._note(link, mode)

    def _is_off(self, task: Ref) -> bool:
        """Whether a task left the rule of the route."""
        link = self._link_of(task)
        return link is not None and link.reason is not None and link.reason.because in OFF_ROUTE | {Because.MOVED_ON}

    @property
    def is_route(self) -> bool:
        """Whether the side is the scope that the routes of the pair share."""
        route = self.context.rules.route
        return route is not None and route.shared is self.side

    def _leave_route(self, link: Link, item: Observed) -> None:
        """Lets go of a task that belongs to another place now: nothing of it is written here until it comes back."""
        on_its_way = link.state is LinkState.HELD and link.reason is not None and link.reason.because in OFF_ROUTE
        known = on_its_way and self.side in link.memory.outside
        if link.state is LinkState.RETIRED or link.memory.resumed or known:
            return
        memory = replace(
            link.memory,
            outside=link.memory.outside | {self.side},
            left=(item.updated.isoformat(), self.context.clock().isoformat()),
        )
        reason = LinkReason(Because.LEFT_ROUTE, item.key, self.side)
        self.context.store.links.save(self.lease, replace(link, state=LinkState.HELD, reason=reason, memory=memory))

    def arrive(self, listed: Collection[Ref]) -> None:
        """Notes that tasks are back which had left the rule of the route: a later change of theirs is listed inside.

        A search index may still show what has left; that is no later change.
        """
        if not self.is_route:
            return
        store, pair = self.context.store, self.context.name
        tasks = [ref for ref in listed if ref.kind is Kind.TASK]
        links = store.links.of_items(pair, self.side, tasks)
        gone = {ref: link for ref, link in links.items() if link.memory.left and self.side in link.memory.outside}
        for ref, item in store.observed.get_many(pair, self.side, gone).items():
            link = gone[ref]
            if self._is_off(ref) and item.updated > datetime.fromisoformat(link.memory.left[0]):
                memory = replace(link.memory, outside=link.memory.outside - {self.side})
                reason = LinkReason(Because.LEFT_ROUTE, item.key, self.side)
                back = replace(link, state=LinkState.HELD, reason=reason, memory=memory)
                store.links.save(self.lease, back)

    def readmit(self, absent: Collection[Ref]) -> None:
        """Has tasks go on that left a rule which the file has not any more, and which a complete reading shows inside.

        Nobody edited them: the rule was corrected, or the routes are gone. What is in step with another place stays.
        """
        if self.is_route and not self.narrowed:
            return  # the rule is the one they left: they go on by `arrive`
        store, pair = self.context.store, self.context.name
        held = [items.link for items in store.links.of_pair(pair, kind=Kind.TASK, state=LinkState.HELD)]
        back = [one for one in held if held_for(one, self.side, OFF_ROUTE - {Because.STAYED})]
        for link in back:
            item = store.observed.get(pair, self.side, link.ref(self.side))
            if item is None or item.ref in absent:
                continue
            memory = replace(link.memory, outside=link.memory.outside - {self.side})
            if self.is_route:
                going = replace(link, reason=LinkReason(Because.LEFT_ROUTE, item.key, self.side), memory=memory)
            else:
                memory = replace(memory, left=(), missed={})
                going = replace(link, state=LinkState.ACTIVE, reason=None, settled={}, memory=memory)
            store.links.save(self.lease, going)

    def _mode(self, item: Observed, link: Link) -> Leaving:
        if self.side in self.context.whole:
            return Leaving.HOLD  # there is no filter: it was archived
        outside = self.side in link.memory.outside
        if item.parent is not None:  # a comment goes with its task
            task = self._link_of(item.parent)
            goes = task is not None and task.state is LinkState.ACTIVE and self.side in task.memory.outside
            return Leaving.FOLLOW if goes else Leaving.HOLD
        if link.memory.resumed:
            return Leaving.FOLLOW
        if item.kind is not Kind.TASK or (self.narrowed and not outside):
            return Leaving.HOLD
        return self.context.leaving.get(self.side, Leaving.HOLD)

    def _link_of(self, ref: Ref) -> Link | None:
        return self.context.store.links.of_item(self.context.name, self.side, ref)

    def _note(self, link: Link, mode: Leaving) -> None:
        """Remembers that it is outside; one that is to be closed is decided for that."""
        if self.side not in link.memory.outside:
            memory = replace(link.memory, outside=link.memory.outside | {self.side})
            settled = {} if mode is Leaving.CLOSE else link.settled
            self.context.store.links.save(self.lease, replace(link, memory=memory, settled=settled))

    def is_known(self, task: Ref) -> bool:
        """Whether it is known already that the filter does not admit a task: nothing is lost where it is not listed."""
        link = self._link_of(task)
        return link is not None and (self.side in link.memory.outside or held_for(link, self.side, LEFT))

    def came_back(self, absent: Collection[Ref]) -> None:
        """Forgets that items were outside which a complete reading shows inside."""
        store, side = self.context.store, self.side
        if self.is_route:  # it goes on by `arrive`
            return
        links = [items.link for items in store.links.of_pair(self.context.name, kind=Kind.TASK)]
        back = [one for one in links if side in one.memory.outside and one.ref(side) not in absent]
        store.links.save_all(
            self.lease,
            [replace(one, memory=replace(one.memory, outside=one.memory.outside - {side})) for one in back],
        )


def hold(store: Store, lease: Lease, side: Side, item: Observed, because: Because, where: str = "") -> None:
    """Sets the link of an item aside where it goes on; a reason that is not known makes way for this one."""
    link = store.links.of_item(lease.pair, side, item.ref)
    if link is None or link.state is LinkState.RETIRED:
        return
    if link.state is LinkState.ACTIVE or (link.reason is not None and link.reason.because is Because.OTHER):
        store.links.save(lease, replace(link, state=LinkState.HELD, reason=LinkReason(because, item.key, side, where)))


def held_for(link: Link, side: Side, whys: Collection[Because] = OUT_OF_SIGHT) -> bool:
    """Whether a link is held for one of these reasons of a side."""
    return link.reason is not None and link.reason.side is side and link.reason.because in whys
