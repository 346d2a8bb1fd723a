"""What becomes of a link once a tracker answered an update: bases advance where the answer shows what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncer.contract.model import Field, Observed, Side
from syncer.core.change import Update
from syncer.core.codec import digest
from syncer.core.decision_context import Situation, lens_for, link_origins
from syncer.core.field_types import Lens, SetLens, Untaken
from syncer.core.pending import (
    REFUSED,
    Sent,
    Way,
    mark,
    owed_of,
    pending,
    refusal,
    refused_memory,
    refused_of,
    with_difference,
    with_owed,
)
from syncer.core.records import Link
from syncer.core.side_view import ViewValue, decode_view, encode_view

INEXACT = "inexact"
"""Fields that agree only because we saw the side show what we wrote: it cannot hold more of them."""


def answered(situation: Situation, update: Update, link: Link, shown: Observed) -> Link:
    """The link after an update was answered.

    An answer that shows what was written advances both bases. One that shows something else is a refusal. One that was
    computed from the request (it has no version) proves nothing: the next reading settles it.
    """
    if not shown.version:
        return awaiting(update, link, Way.UPDATED)
    view = situation.views[update.side].look(shown)
    exact = True
    for name, asked in update.wanted.items():
        if name not in view:
            link = pending(link, update.side, {name: _sent(update, name, Way.UPDATED)})
            continue
        lens = _lens(situation, update, shown, name)
        try:
            base = lens.took(update.side, _before(situation, update, name), asked, view[name])
        except Untaken:
            reason = f"{update.target.key} does not show the {name} that was written"
            link = turned_down(update, link, lens, name, view[name], reason, situation.now)
        else:
            exact = exact and lens.same(update.side, base, view[name])
            link = _taken(update, link, lens, name, base)
    settled = dict(link.settled) | {update.side: digest(shown) if exact else ""}
    return replace(link, settled=settled, attempts=0, retry_at=None)


def _lens(situation: Situation, update: Update, shown: Observed, name: Field) -> Lens:
    """The lens of a field of the item that was written."""
    side, link = update.side, update.link
    items: Mapping[Side, Observed | None] = {side: shown, side.other: update.source}
    return lens_for(situation, link.kind, name, link_origins(situation, link, items), items, dict.fromkeys(Side, ()))


def _before(situation: Situation, update: Update, name: Field) -> ViewValue:
    return situation.views[update.side].look(update.target).get(name)


def _taken(update: Update, link: Link, lens: Lens, name: Field, shown: ViewValue) -> Link:
    """Both bases advance: to what the other side showed, and to what this one shows now."""
    side, base = update.side, {each: dict(link.base.get(each, {})) for each in Side}
    base[side][name.value] = encode_view(shown)
    owed, refused = owed_of(link.memory), refused_of(link.memory)
    owed[side].pop(name, None)
    refused[side].pop(name, None)
    memory = dict(link.memory) | {REFUSED: refused_memory(refused)}
    inexact = set(memory.get(INEXACT, ())) - {name.value}
    if name.value in update.agreed:
        base[side.other][name.value] = update.agreed[name.value]
        values = {side: shown, side.other: decode_view(update.agreed[name.value])}
        if not lens.agree(values[Side.LEFT], values[Side.RIGHT]):
            inexact.add(name.value)
    memory[INEXACT] = sorted(inexact)
    kept = {key: value for key, value in memory.items() if value}
    return with_owed(replace(link, base=base, memory=kept), owed)


def turned_down(
    update: Update, link: Link, lens: Lens, name: Field, shown: ViewValue, reason: str, now: datetime
) -> Link:
    """The link after a side did not take a field: it waits, with the reason, and neither side's base agrees to it.

    What the side shows instead is no person's edit. Of a set, what did arrive is agreed element by element.
    """
    side, asked = update.side, update.wanted[name]
    base = {each: dict(link.base.get(each, {})) for each in Side}
    owed, refused = owed_of(link.memory), refused_of(link.memory)
    if name in owed[side]:
        owed[side][name] = replace(owed[side][name], answered=True, shown=encode_view(shown))
    elif name.value in base[side]:
        base[side][name.value] = encode_view(shown)
    if name.value in base[side.other] and isinstance(lens, SetLens):
        source = decode_view(update.agreed.get(name.value))
        reached = lens.arrived(side, decode_view(base[side.other][name.value]), source, shown)
        base[side.other][name.value] = encode_view(reached)
    refused[side][name] = mark(asked)
    memory: dict[str, Any] = dict(link.memory) | {REFUSED: refused_memory(refused)}
    link = with_owed(replace(link, base=base, memory=memory), owed)
    return with_difference(link, refusal(update.link, name, side, reason, now))


def rejected(situation: Situation, update: Update, link: Link, reason: str) -> Link:
    """The link after a tracker refused an update of one field: nothing of it was written."""
    view = situation.views[update.side].look(update.target)
    for name in update.wanted:
        lens = _lens(situation, update, update.target, name)
        link = turned_down(update, link, lens, name, view.get(name), reason, situation.now)
    return link


def awaiting(update: Update, link: Link, way: Way) -> Link:
    """The link after an update whose effect is not known: neither base advances before a reading shows it."""
    sent = {name: _sent(update, name, way) for name in update.wanted}
    settled = {side: value for side, value in link.settled.items() if side is not update.side}
    return replace(pending(link, update.side, sent), settled=settled)


def _sent(update: Update, name: Field, way: Way) -> Sent:
    return Sent(
        way,
        asked=encode_view(update.wanted[name]),
        source=update.agreed.get(name.value),
        since=update.target.updated,
    )
