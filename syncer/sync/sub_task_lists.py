"""Keeps the lists of sub-tasks up to date that stand in the text of their parents' mirrors.

Sub-tasks that stay on their side have no link, and nothing of their parent changes when they do: what each list shows
is kept, and the parent is decided again where it would show something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, replace

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.codec import compact
from syncer.core.decision_context import DecisionContext, is_sub_task, listed_tasks
from syncer.core.rules import SubTasks
from syncer.store import Lease
from syncer.sync.context import PairContext
from syncer.sync.gather import unlinked_below
from syncer.sync.pull import ask_readers


def renew_lists(context: PairContext, lease: Lease, decision_context: DecisionContext) -> None:
    """Has each task decided again of which the mirror lists something else by now."""
    before = context.store.sub_task_lists.of_pair(context.name)
    now: dict[tuple[Side, Ref], str] = {}
    if context.rules.sub_tasks is SubTasks.LIST:
        for side in Side:
            _learn_readers(context, lease, decision_context, side)
        fresh = replace(decision_context, sub_tasks=unlinked_below(context))
        now = {place: shown for side in Side for place, shown in _lists(context, fresh, side).items()}
    changed = {place: now.get(place, "") for place in before.keys() | now.keys() if before.get(place) != now.get(place)}
    if changed:
        context.store.sub_task_lists.save(lease, changed)


def _lists(context: PairContext, decision_context: DecisionContext, side: Side) -> dict[tuple[Side, Ref], str]:
    """What the mirrors of a side's tasks list, those without a list left out."""
    shown = {
        parent: compact([list(astuple(one)) for one in listed_tasks(decision_context, side, parent)])
        for parent in _parents(context, side)
    }
    return {(side, parent): text for parent, text in shown.items() if text != compact([])}


def _parents(context: PairContext, side: Side) -> Mapping[Ref, None]:
    """The tasks of a side that were made there, have a partner, and have tasks without one below them."""
    alone = context.store.observed.unlinked(context.name, side, Kind.TASK)
    above = {Ref(Kind.TASK, parent) for one in alone if isinstance(parent := one.showing.get(Field.PARENT), str)}
    linked = context.store.links.of_items(context.name, side, above)
    return dict.fromkeys(ref for ref in sorted(linked) if linked[ref].origin is side)


def _learn_readers(context: PairContext, lease: Lease, decision_context: DecisionContext, side: Side) -> None:
    """Asks who can read the sub-tasks of which it was not told; what is not told now is not listed."""
    untold: list[Observed] = [
        item
        for parent in _parents(context, side)
        for item in decision_context.sub_tasks(side, parent)
        if item.audience_untold and is_sub_task(decision_context, side, item)
    ]
    for _doubt in ask_readers(context, lease, side, untold) if untold else ():
        continue
