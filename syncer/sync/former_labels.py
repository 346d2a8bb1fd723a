"""Labels that showed a status, priority or type, and do not any more: a column or a field of people's own does by now.

Nobody edited them when the file was changed. So they are no labels of the pair: they stay where they are, are carried
nowhere and contradict nothing. Which they are, the agreements of links tell as long as those are of the former rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncer.contract.model import Kind, Side
from syncer.core.side_view import TERM_FIELDS, decode_view
from syncer.core.value_map import Term
from syncer.store import Lease
from syncer.sync.context import PairContext


def note_former_labels(context: PairContext, lease: Lease) -> None:
    """Notes them for the runs to come, once the rules are others and before anything is agreed under these."""
    found = former_labels(context)
    if found != context.store.pairs.former_labels(context.name):
        context.store.pairs.note_former_labels(lease, found)


def former_labels(context: PairContext) -> dict[Side, tuple[str, ...]]:
    """By side, the labels that rows of a map named before and that none names now; no side without any."""
    rules = context.rules
    now = {side: frozenset().union(*(rules.labels_of(name, side) for name in TERM_FIELDS)) for side in Side}
    found = {side: set(labels) for side, labels in context.store.pairs.former_labels(context.name).items()}
    for items in context.store.links.of_pair(context.name, kind=Kind.TASK):
        for side, base in items.link.base.items():
            terms = (decode_view(base[name.value]) for name in TERM_FIELDS if name.value in base)
            shown = {term.label for term in terms if isinstance(term, Term) and term.label is not None}
            found.setdefault(side, set()).update(shown)
    alone = {side: sorted(one for one in labels if one.casefold() not in now[side]) for side, labels in found.items()}
    return {side: tuple(labels) for side, labels in alone.items() if labels}


def said_of(labels: Sequence[str]) -> str:
    """What is said of the former labels of a side."""
    named = ", ".join(f"“{label}”" for label in labels)
    return f"rows of a map named {named} and none does now: such labels stay where they are and are carried nowhere"
