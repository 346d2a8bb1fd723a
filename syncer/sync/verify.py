"""A full comparison of both sides of a pair under its rules, after a complete reading. Writes to no tracker.

Each difference is either written by the next run, or waits, and then it is in the list of what waits
(`syncer.sync.ledger`), or will be as soon as a run looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncer.contract.model import COLUMN, Field, Kind, Side
from syncer.core.change import Create, Reconciled, Skip, Tally, Update, called
from syncer.core.records import LinkedItems, LinkState
from syncer.core.side_view import encode_view
from syncer.core.value_map import Term
from syncer.core.waiting import Difference, Why
from syncer.sync.context import PairContext
from syncer.sync.decide import Decider
from syncer.sync.foreseen import unsendable
from syncer.sync.gather import StorePages
from syncer.sync.ledger import called as called_link
from syncer.sync.ledger import waiting
from syncer.sync.lineage import introduce
from syncer.sync.outcome import Refused
from syncer.sync.pair_run import PairRun
from syncer.sync.preview import leased
from syncer.sync.recognise import recognised
from syncer.sync.staying import links_that_stay

UNCARRIED = "what cannot be carried"
"""What stands for a value that makes no sense anywhere else."""


@dataclass(frozen=True, slots=True)
class Differing:
    """One difference between the sides."""

    item: str
    field: Field | None
    left: Any
    right: Any
    """What the sides show of the field, encoded."""
    why: Why | None
    """Why it waits; None where the next run writes it."""
    reason: str
    known: bool = False
    """It is in the list of what waits."""
    said: tuple[tuple[Side, str], ...] = ()
    """What is said of a side in the place of its value."""

    @property
    def waits(self) -> bool:
        """Whether the next run leaves it as it is."""
        return self.why is not None


@dataclass(slots=True)
class PairComparison:
    """What comparing a pair showed."""

    name: str
    synced: bool
    """The pair was run before."""
    watches: bool = False
    """No run writes anything: whatever differs stays so."""
    compared: int = 0
    """Linked items that were compared."""
    differences: list[Differing] = field(default_factory=list)
    unheld: list[str] = field(default_factory=list)
    """The declared fields that cannot be compared, and why."""
    refused: str = ""
    """Why the next run would write none of it: more would change than may without a person's consent."""
    staying: list[str] = field(default_factory=list)
    """The links that stay on their side, and why."""
    not_held: list[str] = field(default_factory=list)
    """What `status` says beside its list of what waits: of fields, links, pull requests and releases."""
    only: dict[Side, dict[Kind, int]] = field(default_factory=lambda: {side: {} for side in Side})
    """Items that one side has, and that the next run creates on the other."""

    @property
    def written(self) -> list[Differing]:
        """What the next run writes."""
        return [one for one in self.differences if not one.waits]

    @property
    def waiting(self) -> list[Differing]:
        """What waits, for a person or for as long as the rules are what they are."""
        return [one for one in self.differences if one.waits]

    @property
    def in_order(self) -> bool:
        """Whether both sides agree, or whatever differs is known to wait, or nothing is ever written."""
        if self.watches:
            return self.synced
        news = bool(self.written) or any(not one.known for one in self.waiting)
        return self.synced and not news and not any(self.only.values())


def verify_pair(context: PairContext) -> PairComparison:
    """Everything in which the two sides differ under the rules, after a complete reading. Raises as `preview_pair`."""
    with leased(context) as lease:
        run = PairRun(context, lease, Tally(context.name), StorePages(context))
        synced = bool(context.store.pairs.runs(context.name, limit=1))
        found = PairComparison(context.name, synced, context.watches)
        introduce(context, lease)
        run.read(sweep=True)
        changes = run.decided()
        try:
            run.guard(changes, None)
        except Refused as refusal:
            found.refused = str(refusal)
        decider = run.decider(run.decision_context())
        pauses = decider.pauses()
        listed = {one.key: one for one in waiting(context.store, context.name)}
        apart = {(row.link, row.field) for row in context.store.conflicts.of_pair(context.name)}
        for items in context.store.links.of_pair(context.name, state=LinkState.ACTIVE):
            found.compared += 1
            if not pauses.hold(items):
                found.differences += _of_link(context, decider, items, set(listed), apart)
        found.differences += [
            Differing(one.item, one.field, None, None, one.why, one.reason, known=True)
            for key, one in listed.items()
            if key.startswith(("link:", "create:", "paused:"))
        ]
        found.unheld = context.unheld()
        found.staying = links_that_stay(context, swept=True)
        _count_only(run, found)
        return found


def _of_link(
    context: PairContext, decider: Decider, items: LinkedItems, listed: set[str], apart: set[tuple[str, Field]]
) -> Iterator[Differing]:
    if items.left is None or items.right is None:
        decided = decider.decide(items)
        reason = decided.record.reason or "one side is gone"
        yield Differing(called_link(items), None, None, None, None, reason)
        return
    decided = decider.decide(items)
    for update in decided.updates:
        yield from _written(decider, items, update, unsendable(context, update), listed)
    for one in decided.record.link.differs:
        key = f"field:{items.link.id}:{one.field}:{one.why}"
        known = key in listed or (items.link.id, one.field) in apart
        yield _waiting(decider, items, one, known=known)
    yield from _undecided(decider, items, decided, apart)


def _written(
    decider: Decider, items: LinkedItems, update: Update, refused: Mapping[Field, str], listed: set[str]
) -> Iterator[Differing]:
    for name in update.wanted:
        values, said = _shown(decider, items, name), tuple(_said(decider, items, name))
        why = Why.REFUSED if name in refused else None
        known = f"field:{items.link.id}:{name}:{Why.REFUSED}" in listed
        reason = refused.get(name, update.reason)
        yield Differing(called_link(items), name, *values, why, reason, known and why is not None, said)


def _waiting(decider: Decider, items: LinkedItems, one: Difference, *, known: bool) -> Differing:
    values, said = _shown(decider, items, one.field), tuple(_said(decider, items, one.field))
    return Differing(called_link(items), one.field, *values, one.why, one.reason, known, said)


def _undecided(
    decider: Decider, items: LinkedItems, decided: Reconciled, apart: set[tuple[str, Field]]
) -> Iterator[Differing]:
    """Conflicts among the decisions that no difference tells of: those that a policy settles are written."""
    told = {one.field for one in decided.record.link.differs}
    told |= {name for update in decided.updates for name in update.wanted}
    for row in decided.record.conflicts:
        if row.field not in told:
            known = (items.link.id, row.field) in apart
            yield Differing(called_link(items), row.field, row.left, row.right, Why.CONFLICT, row.reason, known)


def _shown(decider: Decider, items: LinkedItems, name: Field) -> tuple[Any, Any]:
    views = decider.decision_context.views
    left, right = (views[side].look(item).get(name) for side in Side if (item := items.side(side)) is not None)
    return encode_view(left), encode_view(right)


def _said(decider: Decider, items: LinkedItems, name: Field) -> Iterator[tuple[Side, str]]:
    """Of which side the value alone would mislead: what cannot be carried is not empty, and a column counts, too."""
    for side in Side:
        if (item := items.side(side)) is None:
            continue
        if name in item.facts.uncarried:
            yield side, UNCARRIED
        view = decider.decision_context.views[side]
        status = view.look(item).get(name) if name is Field.STATUS else None
        if isinstance(status, Term) and item.kind is Kind.TASK and view.stands_in_columns(item.showing):
            column = item.showing.get(COLUMN)
            where = f"the column “{column}”" if column else "no column"
            yield side, str(status) if status.option else f"{status}, in {where}"


def _count_only(run: PairRun, found: PairComparison) -> None:
    """Counts what one side has alone: adoptions are written too, though to no tracker."""
    missing = run.missing(run.decision_context())
    for kind in Kind:
        adopted = recognised(run.context, kind)
        taken = {item.ref for adopt in adopted for item in (adopt.left, adopt.right)}
        for adopt in adopted:
            item = f"{called(adopt.left)} = {called(adopt.right)}"
            found.differences.append(Differing(item, None, None, None, None, adopt.reason))
        for change in missing.of(kind, pending=True):
            if isinstance(change, Create) and change.source.ref not in taken:
                here = found.only[change.side.other]
                here[kind] = here.get(kind, 0) + 1
            elif isinstance(change, Skip) and change.item.ref not in taken and change.why is not Why.CONSENT:
                reason = f"only {change.side.other}: {change.reason}"
                found.differences.append(
                    Differing(called(change.item), None, None, None, change.why, reason, known=True)
                )
