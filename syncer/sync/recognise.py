"""Which items of both sides that stand in no link are one, by what they show: nobody needs to be asked about them."""

from __future__ import annotations

from collections.abc import Collection

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.change import Adopt
from syncer.core.creation import same_milestone
from syncer.core.markers import age, eldest_by_marker, marker_source
from syncer.sync.context import PairContext
from syncer.sync.sharing import SharedScopes

Key = tuple[Side, Ref]


def recognised(context: PairContext, kind: Kind) -> list[Adopt]:
    """Unlinked items that carry a marker of this pair, the oldest of each, and milestones of the same name.

    What somebody set apart is in none of them.
    """
    store, pair = context.store, context.name
    apart = store.apart.of(pair)
    found: dict[Key, Adopt] = {}
    for side in Side:
        eldest = eldest_by_marker(list(store.observed.unlinked(pair, side, kind)))
        for item in sorted(eldest.values(), key=age):
            adopt = _by_marker(context, side, item)
            if adopt is not None and not apart & {(Side.LEFT, adopt.left.ref), (Side.RIGHT, adopt.right.ref)}:
                found.setdefault((side.other, (adopt.left if side is Side.RIGHT else adopt.right).ref), adopt)
    adopted = list(found.values())
    if kind is Kind.MILESTONE:
        taken = {
            (side, item.ref) for adopt in adopted for side, item in zip(Side, (adopt.left, adopt.right), strict=True)
        }
        adopted += _by_name(context, taken | apart | _brought_by_others(context))
    return adopted


def _brought_by_others(context: PairContext) -> set[Key]:
    """The milestones of shared scopes that another pair brought there: ours of the same name are others."""
    store, pair, shared = context.store, context.name, SharedScopes(context)
    return {
        (side, ref) for side in Side for ref in shared.kept(side, store.observed.unlinked(pair, side, Kind.MILESTONE))
    }


def _by_marker(context: PairContext, side: Side, item: Observed) -> Adopt | None:
    source = marker_source(context.names, item.marker)
    if source is None or source[0] is not side.other or source[1].kind is not item.kind:
        return None
    store, pair = context.store, context.name
    original = store.observed.get(pair, source[0], source[1])
    if original is None or store.links.of_item(pair, source[0], source[1]) is not None:
        return None
    left, right = (original, item) if side is Side.RIGHT else (item, original)
    return Adopt(left, right, source[0], f"{item.key} carries the marker of {original.key}")


def _by_name(context: PairContext, taken: Collection[Key]) -> list[Adopt]:
    store, pair = context.store, context.name
    left, right = (
        [item for item in store.observed.unlinked(pair, side, Kind.MILESTONE) if (side, item.ref) not in taken]
        for side in Side
    )
    adopted = []
    for item in left:
        match = next((other for other in right if same_milestone(item, other)), None)
        if match is not None:
            right.remove(match)
            origin = Side.LEFT if item.created <= match.created else Side.RIGHT
            adopted.append(Adopt(item, match, origin, f"milestones of one name: {item.showing.get(Field.TITLE)}"))
    return adopted
