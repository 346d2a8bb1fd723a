"""A task that left the rule of its route.

What it has here is closed once it is in step with another place, and opened again when it comes back. Nothing of it is
written here in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from syncer.contract.model import Audience, Field, Kind, Observed, Side, Value
from syncer.core.change import Reconciled, Record, Update
from syncer.core.decision_context import DecisionContext, field_rule, field_type_for, is_done, is_open, link_origins
from syncer.core.field_types import Unmapped
from syncer.core.link_reason import Because, LinkReason
from syncer.core.records import Link, LinkedItems, LinkState
from syncer.core.removal import closing_term, edited_fields
from syncer.core.rules import Route
from syncer.core.side_view import ViewValue, decode_view, encode_view
from syncer.core.value_map import Term

WORDED = frozenset({Field.TITLE, Field.BODY, Field.LABELS, Field.COMPONENTS, Field.ASSIGNEES, Field.MILESTONES})
"""Fields of a task in which people write words or names: the others have fixed values."""


def received(update: Update, link: Link) -> Link:
    """The link once an update is sent: an original that gets words of the other side is not its own people's alone."""
    if link.kind is not Kind.TASK:
        return link
    before, written = link.memory.received, WORDED & update.wanted.keys()
    after = before | written if update.side is link.origin else before - (written & {Field.TITLE})
    return link if after == before else replace(link, memory=replace(link.memory, received=after))


@dataclass(frozen=True, slots=True)
class Taken:
    """What an item has in the place that it moved to."""

    pair: str
    item: Observed
    audience: Audience
    """Who can read that place, as its tracker told."""


def may_name(route: Route, taken: Taken, here: Audience) -> bool:
    """Whether everybody who reads a closed mirror may read where its item went, or the file says that they may know.

    Members of two places are different people. What an organization reads, all of it reads in the same tracker.
    """
    there = min(route.audiences.get(taken.pair, taken.audience), taken.item.audience)
    if route.may_link or there is Audience.PUBLIC:
        return True
    both = there is Audience.ORGANIZATION and here is Audience.ORGANIZATION
    return both and taken.pair in route.same_tracker


def decide_move(context: DecisionContext, items: LinkedItems, route: Route, taken: Taken) -> Reconciled:
    """Closes the mirror of a task that is in step with another place by now; one that people edited since stays."""
    link, here = items.link, route.shared.other
    mirror, original = items.side(here), items.side(route.shared)
    called = original.key if original is not None else ""
    if mirror is None or original is None:
        gone = replace(link, state=LinkState.RETIRED, reason=_moved(called, route, taken), differs=())
        return Reconciled(Record(gone))
    if stays := _stays(context, items, route, mirror):
        return stood(items, LinkReason(Because.STAYED, called, route.shared, stays))
    reason = _moved(called, route, taken)
    record = Record(replace(link, state=LinkState.RETIRED, reason=reason, differs=()), reason=reason.sentence)
    status = closing_term(context, here, mirror)
    if not is_open(mirror) or status is None or not _writes(context, Field.STATUS, here):
        return Reconciled(record)
    told = (taken.item.key, taken.item.url) if may_name(route, taken, context.audiences[here]) else ("", "")
    patch = dict(context.views[here].patch(Kind.TASK, mirror.showing, {Field.STATUS: status}))
    patch |= _footer(context, items, here, told)
    return Reconciled(record, (Update(here, link, mirror, None, patch, reason.sentence, closes=True, retires=True),))


def stood(items: LinkedItems, reason: LinkReason) -> Reconciled:
    """A link that stays held, for this reason."""
    held = replace(items.link, state=LinkState.HELD, reason=reason, differs=())
    return Reconciled(Record(held, reason=reason.sentence))


def decide_return(
    context: DecisionContext, items: LinkedItems, route: Route, behind: Mapping[Field, Any]
) -> Reconciled:
    """Opens the mirror of a task again that came back, and has the rest decided as if it had never been away."""
    link, here = items.link, route.shared.other
    memory = replace(link.memory, left=(), behind=dict(behind), outside=link.memory.outside - {route.shared})
    record = Record(replace(link, state=LinkState.ACTIVE, reason=None, settled={}, memory=memory))
    mirror, original = items.side(here), items.side(route.shared)
    if mirror is None or original is None:
        return Reconciled(record)
    patch: dict[Field, Value] = {}
    if is_open(original) and _was_closed(items, here) and (status := _reopened(context, items, here)) is not None:
        patch |= context.views[here].patch(Kind.TASK, mirror.showing, {Field.STATUS: status})
    patch |= _footer(context, items, here, None)
    reason = f"{original.key} is back"
    return Reconciled(record, (Update(here, link, mirror, None, patch, reason, retires=True),) if patch else ())


def _moved(called: str, route: Route, taken: Taken) -> LinkReason:
    return LinkReason(Because.MOVED_ON, called, route.shared, taken.item.key)


def _stays(context: DecisionContext, items: LinkedItems, route: Route, mirror: Observed) -> str:
    """Why what an item has here is not closed for a person; empty where it may be."""
    if items.link.origin is not route.shared:
        return f"{mirror.key}, which people made, stays open"
    shown = context.views[route.shared.other].look(mirror)
    sent = items.link.memory.pending.get(route.shared, {})
    # What was written to the original and not seen there yet has no base. A mirror that is closed already is as it
    # should be, whoever closed it: our own answer may have been lost.
    edited = [
        name
        for name in edited_fields(context, items.link, route.shared.other, mirror)
        if (name is not Field.STATUS or is_open(mirror))
        and (name not in sent or sent[name].source != encode_view(shown[name]))
    ]
    return f"{mirror.key} stays open: what was edited there is not carried ({', '.join(edited)})" if edited else ""


def _writes(context: DecisionContext, name: Field, side: Side) -> bool:
    return field_rule(context.rules, Kind.TASK, name).direction.writes(side)


def _was_closed(items: LinkedItems, here: Side) -> bool:
    """Whether a mirror is closed that was open when both sides last agreed."""
    mirror, base = items.side(here), items.link.base.get(here, {}).get(Field.STATUS.value)
    before = None if base is None else decode_view(base)
    return mirror is not None and not is_open(mirror) and isinstance(before, Term) and not is_done(before)


def _reopened(context: DecisionContext, items: LinkedItems, here: Side) -> ViewValue | None:
    """The status that the original has, in the words of its mirror; None where none may be written."""
    if not _writes(context, Field.STATUS, here):
        return None
    shown = {side: context.views[side].look(item) for side in Side if (item := items.side(side)) is not None}
    origins, both = link_origins(context, items.link, _both(items)), _both(items)
    field_type = field_type_for(context, Kind.TASK, Field.STATUS, origins, both, dict.fromkeys(Side, ()))
    try:
        return field_type.carry(here, None, shown[here.other][Field.STATUS], shown[here].get(Field.STATUS)).value
    except (Unmapped, KeyError):
        return None


def _footer(
    context: DecisionContext, items: LinkedItems, here: Side, moved: tuple[str, str] | None
) -> dict[Field, Value]:
    """The text of a mirror with another footer; nothing where it has none, or only the beginning of the text."""
    mirror, link = items.side(here), items.link
    origin = link_origins(context, link, _both(items))[here]
    told = all(Field.BODY.value in link.base.get(side, {}) for side in Side)
    whole = Field.BODY not in link.memory.truncated.get(here, ())
    if mirror is None or origin is None or not (origin.shown and told and whole and _writes(context, Field.BODY, here)):
        return {}
    shown = str(mirror.showing.get(Field.BODY) or "")
    written = context.prose.footed(here, shown, replace(origin, moved=moved))
    return {} if written.truncated or written.source == shown else {Field.BODY: written.source}


def _both(items: LinkedItems) -> dict[Side, Observed | None]:
    return {side: items.side(side) for side in Side}
