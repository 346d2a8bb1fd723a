"""What the store holds of one side, as its connector asks for it while it lists."""

from __future__ import annotations

from collections.abc import Collection

from syncer.contract.model import Kind, Marker, Observed, Ref, Side
from syncer.core.records import LinkState
from syncer.store import Store


class StoreKnown:
    """What the store holds of one side, as connectors ask for it."""

    def __init__(self, store: Store, pair: str, side: Side) -> None:
        self._store, self._pair, self._side = store, pair, side
        self._items: dict[Ref, Observed | None] = {}
        self._comments: dict[Ref, int] = {}
        self._linked: dict[Ref, LinkState | None] = {}
        """What was looked up for the page that is being read."""

    def expect(self, refs: Collection[Ref]) -> None:
        """Looks up what will be asked about these items, in a few statements for all of them."""
        wanted = [ref for ref in dict.fromkeys(refs) if ref not in self._items]
        tasks = [ref for ref in wanted if ref.kind is Kind.TASK]
        found = self._store.observed.get_many(self._pair, self._side, wanted)
        linked = self._store.links.states(self._pair, self._side, wanted)
        counts = self._store.observed.comment_counts(self._pair, self._side, tasks)
        self._items |= {ref: found.get(ref) for ref in wanted}
        self._linked |= {ref: linked.get(ref) for ref in wanted}
        self._comments |= {ref: counts.get(ref, 0) for ref in tasks}

    def forget(self) -> None:
        """Forgets what was looked up: a page was stored, and what follows is asked of the store again."""
        for looked_up in (self._items, self._comments, self._linked):
            looked_up.clear()

    def observed(self, ref: Ref) -> Observed | None:
        """The item as last stored."""
        return self._items[ref] if ref in self._items else self._store.observed.get(self._pair, self._side, ref)

    def comments(self, task: Ref) -> int:
        """How many comments of a task are stored."""
        if task in self._comments:
            return self._comments[task]
        return self._store.observed.comment_count(self._pair, self._side, task)

    def follows(self, ref: Ref) -> bool:
        """Whether a task is linked."""
        return self._state(ref) not in (None, LinkState.RETIRED)

    def marker(self, ref: Ref) -> Marker | None:
        """The marker of a linked item."""
        stored = self.observed(ref)
        return None if stored is None or stored.marker is None or self._state(ref) is None else stored.marker

    def _state(self, ref: Ref) -> LinkState | None:
        """How far the link goes that an item is in; None where it is in none."""
        if ref in self._linked:
            return self._linked[ref]
        return self._store.links.states(self._pair, self._side, [ref]).get(ref)
