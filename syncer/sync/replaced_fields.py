"""Declared fields of which a side has another one by now: named otherwise in the file, or made anew under its name.

What both sides agreed about the former one says nothing of it. Without a base, one that is empty is filled, and what
differs waits: nobody emptied anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import islice

from syncer.contract.model import COLUMN, Field, Kind, Side
from syncer.core.records import Link
from syncer.store import Lease
from syncer.sync.context import PairContext

AT_ONCE = 500
"""Links that are saved in one transaction."""


def forget_replaced(context: PairContext, lease: Lease) -> None:
    """Drops the bases of declared fields that are other ones than before, and notes which they are now."""
    store, pair = context.store, context.name
    now = {
        f"{side}:{name.value}": one.id
        for side in Side
        for name, one in context.connectors[side].capabilities.custom.items()
        if one.id
    }
    before = store.pairs.declared(pair) if now else {}
    if now.items() <= before.items():
        return
    others = {Field(key.partition(":")[2]) for key, native in now.items() if before.get(key, native) != native}
    if COLUMN in others or any(key.endswith(f":{COLUMN.value}") for key in now.keys() - before.keys()):
        others = (others - {COLUMN}) | {
            Field.STATUS
        }  # where a board has a say from now on, nothing is agreed of it yet
    if others:
        links = (items.link for items in store.links.of_pair(pair, kind=Kind.TASK))
        while some := list(islice(links, AT_ONCE)):
            touched = [(without(link, others), others) for link in some if _knows(link, others)]
            store.links.settle(lease, touched, context.now())
    store.pairs.note_declared(lease, {**before, **now})


def _knows(link: Link, fields: Collection[Field]) -> bool:
    return any(field.value in base for base in link.base.values() for field in fields) or bool(
        link.memory.apart.intersection(fields)
    )


def without(link: Link, fields: Collection[Field]) -> Link:
    """A link that knows nothing of some fields: it is decided anew."""
    memory, names = link.memory, {field.value for field in fields}

    def rest(held: Mapping[Field, object]) -> dict[Field, object]:
        return {name: value for name, value in held.items() if name not in fields}

    base = {
        side: {name: value for name, value in held.items() if name not in names} for side, held in link.base.items()
    }
    return replace(
        link,
        base=base,
        memory=replace(
            memory,
            pending={side: rest(sent) for side, sent in memory.pending.items()},  # type: ignore[misc]
            refused={side: rest(marks) for side, marks in memory.refused.items()},  # type: ignore[misc]
            apart=memory.apart.difference(fields),
            given=rest(memory.given),
            inexact=memory.inexact.difference(fields),
            truncated={side: cut.difference(fields) for side, cut in memory.truncated.items()},
        ),
        settled={},
        differs=tuple(one for one in link.differs if one.field not in fields),
    )
