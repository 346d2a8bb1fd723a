"""What a complete reading says of a state that a backup took the place of: which bases are still to be believed."""

from __future__ import annotations

from dataclasses import replace

from syncer.contract.model import Field, Observed, Side
from syncer.core.decision_context import DecisionContext, field_rule, field_type_for, mirror_origin
from syncer.core.records import Link, LinkedItems
from syncer.core.side_view import decode_view


def distrusted(deciding: DecisionContext, items: LinkedItems) -> Link:
    """The link, to be decided anew: what a side shows differently than the backup says has no base any more.

    So has what was owed to a fresh mirror or shown by one side alone: what became of it since is not known.
    """
    link, left, right = items.link, items.left, items.right
    names = {name for fields in link.memory.pending.values() for name in fields} | link.memory.restored
    if left is not None and right is not None:
        names |= _changed(deciding, link, {Side.LEFT: left, Side.RIGHT: right})
    memory = replace(link.memory, pending={}, restored=frozenset(names))
    return replace(link, memory=memory, settled={}, attempts=0, retry_at=None)


def _changed(deciding: DecisionContext, link: Link, items: dict[Side, Observed]) -> set[Field]:
    """The fields that a side which may be carried shows otherwise than its base says.

    And those of which only one side has a base.
    """
    now = {side: deciding.views[side].look(item) for side, item in items.items()}
    base = {side: {Field(name): value for name, value in link.base.get(side, {}).items()} for side in Side}
    origins = {link.origin: None, link.origin.other: mirror_origin(deciding, link.origin, items[link.origin])}
    changed = base[Side.LEFT].keys() ^ base[Side.RIGHT].keys()
    for name in base[Side.LEFT].keys() & base[Side.RIGHT].keys():
        field_type = field_type_for(deciding, link.kind, name, origins, items, dict.fromkeys(Side, ()))
        direction = field_rule(deciding.rules, link.kind, name).direction
        shown = [side for side in Side if name in now[side] and direction.writes(side.other)]
        if any(not field_type.same(side, decode_view(base[side][name]), now[side][name]) for side in shown):
            changed.add(name)
    return changed
