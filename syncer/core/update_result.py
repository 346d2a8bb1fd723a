"""Which bases of a link are believed from now on: after an update was answered, and after a backup was put in place.

Bases advance where an answer shows what was written. Of a backup, what a side shows otherwise has no base any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from syncer.contract.model import Field, Observed, Side
from syncer.core.change import Update
from syncer.core.codec import digest
from syncer.core.decision_context import DecisionContext, field_rule, field_type_for, link_origins, mirror_origin
from syncer.core.field_types import FieldType, NotTaken
from syncer.core.link_memory import Sent, Way
from syncer.core.pending import mark, pending, pending_of, refusal, refused_of, with_difference
from syncer.core.records import Link, LinkedItems
from syncer.core.set_fields import PartneredField, SetField
from syncer.core.side_view import ViewValue, decode_view, encode_view


def answered(context: DecisionContext, update: Update, link: Link, shown: Observed) -> Link:
    """The link after an update was answered.

    An answer that shows what was written advances both bases. One that shows something else is a refusal. One that was
    computed from the request (it has no version) proves nothing: the next reading settles it. What is merged keeps its
    bases here, see `merged`.
    """
    if not shown.version:
        return awaiting(context, update, link, Way.UPDATED)
    view, before = (context.views[update.side].look(item) for item in (shown, update.target))
    # What else the answer shows is an edit that no listing has shown yet: it is still to be decided.
    exact = all(name in update.wanted or value == before.get(name) for name, value in view.items())
    for name, asked in update.wanted.items():
        if name not in view:
            link = pending(link, update.side, {name: _sent(update, name, Way.UPDATED)})
            continue
        field_type = _field_type(context, update, shown, name)
        try:
            took = field_type.took(update.side, before.get(name), asked, view[name])
        except NotTaken:
            reason = f"{update.target.key} does not show the {name} that was written"
            link = turned_down(update, link, field_type, name, view[name], reason, context.now)
        else:
            base = took if name in update.merged else _agreed(update, link, field_type, name, took)
            exact = exact and field_type.same(update.side, base, view[name])
            link = _shown(link, update.side, name)
            if name not in update.merged:
                link = _taken(update, link, field_type, name, base)
                # Whom the other side shows and this one now has room for is found by the next decision.
                exact = exact and not (isinstance(field_type, PartneredField) and name in link.memory.inexact)
    settled = dict(link.settled) | {update.side: digest(shown) if exact else ""}
    return replace(link, settled=settled, attempts=0, retry_at=None)


def _field_type(context: DecisionContext, update: Update, shown: Observed, name: Field) -> FieldType:
    """The type of a field of the item that was written."""
    side, link = update.side, update.link
    items: Mapping[Side, Observed | None] = {side: shown, side.other: update.source}
    return field_type_for(context, link.kind, name, link_origins(context, link, items), items, dict.fromkeys(Side, ()))


def _before(context: DecisionContext, update: Update, name: Field) -> ViewValue:
    return context.views[update.side].look(update.target).get(name)


def _agreed(update: Update, link: Link, field_type: FieldType, name: Field, shown: ViewValue) -> ViewValue:
    """As much of what the side shows now as both sides agree on."""
    base = link.base.get(update.side, {})
    if name.value not in base or name.value not in update.agreed:
        return shown
    return field_type.agreed(update.side, decode_view(base[name.value]), shown, decode_view(update.agreed[name.value]))


def _taken(update: Update, link: Link, field_type: FieldType, name: Field, shown: ViewValue) -> Link:
    """Both bases advance: to what the other side showed, and to what this one shows of it now."""
    side, base = update.side, {each: dict(link.base.get(each, {})) for each in Side}
    base[side][name.value] = encode_view(shown)
    inexact = link.memory.inexact - {name}
    if name.value in update.agreed:
        base[side.other][name.value] = update.agreed[name.value]
        values = {side: shown, side.other: decode_view(update.agreed[name.value])}
        if not field_type.agree(values[Side.LEFT], values[Side.RIGHT]):
            inexact |= {name}
    return replace(link, base=base, memory=replace(link.memory, inexact=inexact))


def _shown(link: Link, side: Side, name: Field) -> Link:
    """The link once a side shows a field that was written to it."""
    pending_fields, refused = pending_of(link.memory), refused_of(link.memory)
    pending_fields[side].pop(name, None)
    refused[side].pop(name, None)
    return replace(link, memory=replace(link.memory, pending=pending_fields, refused=refused))


def merged(
    context: DecisionContext, updates: Sequence[Update], link: Link, shown: Mapping[Side, Observed], fields: Set[Field]
) -> Link:
    """The link once both sides show what was merged of these fields.

    Until then their bases stay as they were: after a run that ends in between both sides have moved, and are merged.
    So they do where a side shows something else by now: somebody edited it between two answers.
    """
    base = {each: dict(link.base.get(each, {})) for each in Side}
    inexact = link.memory.inexact - fields
    for name in fields:
        field_type = _field_type(context, updates[0], shown[updates[0].side], name)
        try:
            values = {update.side: _took(context, update, field_type, shown[update.side], name) for update in updates}
        except NotTaken:
            continue
        for side, value in values.items():
            base[side][name.value] = encode_view(value)
        if not field_type.agree(values[Side.LEFT], values[Side.RIGHT]):
            inexact |= {name}
    return replace(link, base=base, memory=replace(link.memory, inexact=inexact))


def _took(context: DecisionContext, update: Update, field_type: FieldType, shown: Observed, name: Field) -> ViewValue:
    """The base of a side that shows what was written to it. Raises NotTaken."""
    view = context.views[update.side].look(shown)
    return field_type.took(update.side, _before(context, update, name), update.wanted[name], view.get(name))


def turned_down(
    update: Update, link: Link, field_type: FieldType, name: Field, shown: ViewValue, reason: str, now: datetime
) -> Link:
    """The link after a side did not take a field: it waits, with the reason, and neither side's base agrees to it.

    What the side shows instead is no person's edit. Of a set, what did arrive is agreed element by element. What was to
    be merged is merged again when it is tried again.
    """
    side, asked = update.side, update.wanted[name]
    base = {each: dict(link.base.get(each, {})) for each in Side}
    pending_fields, refused = pending_of(link.memory), refused_of(link.memory)
    if name in pending_fields[side]:
        pending_fields[side][name] = replace(pending_fields[side][name], answered=True, shown=encode_view(shown))
    elif name.value in base[side] and name not in update.merged:
        base[side][name.value] = encode_view(shown)
    if name.value in base[side.other] and isinstance(field_type, SetField) and name not in update.merged:
        source = decode_view(update.agreed.get(name.value))
        reached = field_type.arrived(side, decode_view(base[side.other][name.value]), source, shown)
        base[side.other][name.value] = encode_view(reached)
    refused[side][name] = mark(asked)
    link = replace(link, base=base, memory=replace(link.memory, pending=pending_fields, refused=refused))
    return with_difference(link, refusal(update.link, name, side, reason, now))


def rejected(context: DecisionContext, update: Update, link: Link, reason: str) -> Link:
    """The link after a tracker refused an update of one field: nothing of it was written."""
    view = context.views[update.side].look(update.target)
    for name in update.wanted:
        field_type = _field_type(context, update, update.target, name)
        link = turned_down(update, link, field_type, name, view.get(name), reason, context.now)
    return link


def awaiting(context: DecisionContext, update: Update, link: Link, way: Way) -> Link:
    """The link after an update whose effect is not known: neither base advances before a reading shows it."""
    view = context.views[update.side].look(update.target)
    before = {name: encode_view(view[name]) for name in update.wanted if name in view}
    sent = {name: replace(_sent(update, name, way), before=before.get(name)) for name in update.wanted}
    settled = {side: value for side, value in link.settled.items() if side is not update.side}
    return replace(pending(link, update.side, sent), settled=settled)


def _sent(update: Update, name: Field, way: Way) -> Sent:
    return Sent(
        way,
        asked=encode_view(update.wanted[name]),
        source=update.agreed.get(name.value),
        since=update.target.updated,
    )


def distrusted(context: DecisionContext, items: LinkedItems) -> Link:
    """The link, to be decided anew: what a side shows differently than the backup says has no base any more.

    Nor has what was pending, or shown by one side alone: what became of it since is not known.
    """
    link, left, right = items.link, items.left, items.right
    names = {name for fields in link.memory.pending.values() for name in fields} | link.memory.restored
    if left is not None and right is not None:
        names |= _changed(context, link, {Side.LEFT: left, Side.RIGHT: right})
    memory = replace(link.memory, pending={}, restored=frozenset(names))
    return replace(link, memory=memory, settled={}, attempts=0, retry_at=None)


def _changed(context: DecisionContext, link: Link, items: dict[Side, Observed]) -> set[Field]:
    """The fields that a side which may be carried shows otherwise than its base says.

    And those of which only one side has a base.
    """
    now = {side: context.views[side].look(item) for side, item in items.items()}
    base = {side: {Field(name): value for name, value in link.base.get(side, {}).items()} for side in Side}
    origins = {link.origin: None, link.origin.other: mirror_origin(context, link.origin, items[link.origin])}
    changed = base[Side.LEFT].keys() ^ base[Side.RIGHT].keys()
    for name in base[Side.LEFT].keys() & base[Side.RIGHT].keys():
        field_type = field_type_for(context, link.kind, name, origins, items, dict.fromkeys(Side, ()))
        direction = field_rule(context.rules, link.kind, name).direction
        shown = [side for side in Side if name in now[side] and direction.writes(side.other)]
        if any(not field_type.same(side, decode_view(base[side][name]), now[side][name]) for side in shown):
            changed.add(name)
    return changed
