"""Links of which one side is gone: the other side is told once, and nothing is ever resurrected or hard-deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from syncer.contract.model import Category, Field, Kind, Observed, Side
from syncer.core.change import Reconciled, Record, Skip, Update
from syncer.core.decision_context import DecisionContext, field_rule, field_type_for, is_open, link_origins
from syncer.core.link_reason import Because, LinkReason
from syncer.core.records import Link, LinkedItems, LinkState
from syncer.core.relation import MapCell
from syncer.core.side_view import decode_view
from syncer.core.value_map import Term
from syncer.core.waiting import Why

ABANDONED = frozenset(
    {"not_planned", "won't do", "wont do", "won't fix", "wontfix", "cancelled", "canceled", "declined"}
)
FINISHED = frozenset({"closed", "done", "resolved"})


def decide_removal(
    context: DecisionContext, items: LinkedItems, parent_active: Callable[[Side, Observed], bool]
) -> Reconciled:
    """What happens to a link that lost a side. `parent_active` tells whether a comment's task is still kept in step."""
    link = items.link
    here = next((side for side in Side if items.side(side) is not None), None)
    if here is None:
        return _retire(link, LinkReason(Because.BOTH_GONE))
    item = items.side(here)
    assert item is not None  # noqa: S101 - `here` was chosen by it
    match link.kind:
        case Kind.MILESTONE:
            return _retire(link, LinkReason(Because.MILESTONE_GONE, item.key, here))
        case Kind.COMMENT:
            return _comment(context, link, here, item, parent_active(here, item))
        case Kind.TASK:
            return _task(context, link, here, item)


def decide_departure(context: DecisionContext, items: LinkedItems, left: Side) -> Reconciled:
    """A task whose item left the filter of a side that closes what leaves: its partner is closed, and it is held."""
    here, gone = left.other, items.side(left)
    item = items.side(here)
    assert item is not None and gone is not None  # noqa: S101, PT018 - both are there, as the caller saw
    held = replace(items.link, state=LinkState.HELD, reason=LinkReason(Because.LEFT_FILTER, gone.key, left), differs=())
    record = Record(held, reason=held.explanation)
    status = closing_term(context, here, item)
    writes = field_rule(context.rules, Kind.TASK, Field.STATUS).direction.writes(here)
    if not is_open(item) or status is None or not writes:
        return Reconciled(record)
    patch = context.views[here].patch(Kind.TASK, item.showing, {Field.STATUS: status})
    update = Update(here, items.link, item, None, patch, held.explanation, closes=True, retires=True)
    return Reconciled(record, (update,))


def _retire(link: Link, reason: LinkReason) -> Reconciled:
    retired = replace(link, state=LinkState.RETIRED, reason=reason, differs=())
    return Reconciled(Record(retired, reason=reason.sentence))


def _comment(context: DecisionContext, link: Link, here: Side, item: Observed, parent_active: bool) -> Reconciled:
    reason = LinkReason(Because.ORIGINAL_GONE, item.key, here)
    mirror = here is not link.origin
    if not mirror:
        return _retire(link, LinkReason(Because.MIRROR_GONE, item.key, here))
    if not parent_active or not context.rules.comments.direction.writes(here):
        return _retire(link, reason)
    task = context.partner(here, item.parent) if item.parent else None
    key = context.task_key(here.other, task) if task else ""
    origin = link_origins(context, link, {here: item, here.other: None})[here]
    written = context.prose.tombstone(here, str(item.showing.get(Field.BODY, "")), key, origin)
    update = Update(here, link, item, None, {Field.BODY: written.source}, reason.sentence, retires=True)
    return Reconciled(_retire(link, reason).record, (update,))


def _task(context: DecisionContext, link: Link, here: Side, item: Observed) -> Reconciled:
    reason = LinkReason(Because.PARTNER_GONE, item.key, here)
    if edited_fields(context, link, here, item):
        edited = LinkReason(Because.EDITED, item.key, here)
        held = replace(link, state=LinkState.HELD, differs=(), reason=edited)
        skip = Skip(here, item, None, Why.GONE, edited.sentence)
        return Reconciled(Record(held, reason=edited.sentence), (), (skip,))
    status = closing_term(context, here, item)
    writes = field_rule(context.rules, Kind.TASK, Field.STATUS).direction.writes(here)
    if not is_open(item) or status is None or not writes:
        return _retire(link, reason)
    patch = context.views[here].patch(Kind.TASK, item.showing, {Field.STATUS: status})
    update = Update(here, link, item, None, patch, reason.sentence, closes=True, retires=True)
    return Reconciled(_retire(link, reason).record, (update,))


def edited_fields(context: DecisionContext, link: Link, here: Side, item: Observed) -> list[Field]:
    """What a person changed on this side since both agreed."""
    found = []
    view = context.views[here].look(item)
    items = {here: item, here.other: None}
    origins = link_origins(context, link, items)
    for name, encoded in link.base.get(here, {}).items():
        field = Field(name)
        if field not in view:
            continue
        field_type = field_type_for(context, link.kind, field, origins, items, dict.fromkeys(Side, ()))
        if not field_type.same(here, decode_view(encoded), view[field]):
            found.append(field)
    return found


def closing_term(context: DecisionContext, side: Side, item: Observed) -> Term | None:
    """The status that says a task was given up, else that it is finished; None where its map names neither."""
    rows = context.rules.table(Field.STATUS, context.views[side].type_names(item.showing)).rows
    for words in (ABANDONED, FINISHED):
        for row in rows:
            if any(_says(row.cell(end), words) for end in Side):
                cell = row.cell(side)
                return Term(cell.name, cell.reason, cell.label, Category.DONE, cell.option)
    return None


def _says(cell: MapCell, words: frozenset[str]) -> bool:
    return (cell.reason or "").casefold() in words or (cell.name or "").casefold() in words
