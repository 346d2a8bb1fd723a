"""What one run may do without a person's consent."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.contract.model import Kind, Side
from syncer.core.amounts import plural
from syncer.core.change import ChangeSet, Update
from syncer.core.rules import GuardLimits


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change set is not applied, in one sentence for people."""

    reason: str


def inspect(changes: ChangeSet, linked_tasks: int, limits: GuardLimits) -> list[Refusal]:
    """The refusals of a change set, given how many tasks are linked. Empty: it may be applied.

    What is pending for an item that this pair created itself (a first sync that was interrupted), and edges that only
    waited for their other end to be created, need nobody's consent.
    """
    updates = [change for change in changes.of(Update) if change.target.kind is Kind.TASK and not _pending(change)]
    refusals = []
    closes = sum(update.closes for update in updates)
    allowed = max(limits.closes_at_least, int(limits.closes_share * linked_tasks))
    if closes > allowed:
        refusals.append(
            Refusal(
                f"{closes} of {linked_tasks} linked tasks would be closed;"
                f" {plural(allowed, 'is allowed', 'are allowed')} in one run"
            )
        )
    for side in Side:
        touched = len({update.link.id for update in updates if update.side is side})
        if touched > limits.updates_at_least and touched > limits.updates_share * linked_tasks:
            share = f"{limits.updates_share:.0%}"
            refusals.append(
                Refusal(
                    f"{touched} of {linked_tasks} linked tasks would change on the {side} side; {share} are allowed"
                )
            )
    return refusals


def creates_allowed(linked_tasks: int, limits: GuardLimits) -> int:
    """How many tasks that only came into view may be created without consent: a filter may have been lost."""
    return max(limits.creates_at_least, int(limits.creates_share * linked_tasks))


def _pending(update: Update) -> bool:
    memory, fields = update.link.memory, {name for name in update.wanted if not name.leads}
    pending_fields = {name for name, sent in memory.pending.get(update.side, {}).items() if sent.first}
    waited = bool(memory.awaits.get(update.side.other)) and not fields
    return waited or (bool(pending_fields) and fields <= pending_fields)


def emptied(side: Side, seen: int, stored: int) -> Refusal | None:
    """The refusal for a complete listing that shows nothing although tasks were known."""
    if seen == 0 and stored > 0:
        return Refusal(
            f"the {side} side shows no tasks at all, although {plural(stored, 'is known', 'are known')}: "
            "a filter or a permission may have changed"
        )
    return None
