"""A change of the rules must not look like an edit.

Links that nobody touched since take their base from what they show now.
"""

from __future__ import annotations

from dataclasses import replace

from syncer.contract.model import Field, Side
from syncer.core.codec import digest
from syncer.core.records import Link, LinkedItems, LinkState
from syncer.core.side_view import SideView, encode_view
from syncer.store import Lease
from syncer.sync.context import PairContext
from syncer.sync.gather import views_of


def apply_rule_change(context: PairContext, lease: Lease) -> bool:
    """Whether the rules changed since the last run; if so, every link is looked at again under the new ones."""
    store = context.store
    before = store.pairs.fingerprint(context.name)
    if before == context.fingerprint:
        return False
    if before is not None:
        views = views_of(context)
        waiting = {(row.link, row.field) for row in store.conflicts.of_pair(context.name)}
        for items in list(store.links.of_pair(context.name, state=LinkState.ACTIVE)):
            store.links.save(lease, _under_new_rules(items, views, waiting))
    store.pairs.set_fingerprint(lease, context.fingerprint)
    return before is not None


def _under_new_rules(items: LinkedItems, views: dict[Side, SideView], waiting: set[tuple[str, Field]]) -> Link:
    """The link, unsettled; its base read again under the new rules where neither side moved since it was settled."""
    link = items.link
    shown = {side: items.side(side) for side in Side}
    if any(item is None or link.settled.get(side) != digest(item) for side, item in shown.items()):
        return replace(link, settled={})
    # What was kept back keeps its base: it flows once the new rules allow it.
    kept = {one.field for one in link.differs} | {
        name for pending_fields in link.memory.pending.values() for name in pending_fields
    }
    base = {side: dict(link.base.get(side, {})) for side in Side}
    for side, item in shown.items():
        if item is None:
            continue
        for name, value in views[side].look(item).items():
            if name in kept or (link.id, name) in waiting:
                continue
            if name.value in base[side] and name.value in base[side.other]:
                base[side][name.value] = encode_view(value)
    return replace(link, base=base, settled={})
