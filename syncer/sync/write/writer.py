"""What every write has in common: consent to go on, a budget, a row of the journal before and its outcome after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncer.contract.errors import Denied, Gone, ReadOnly, TrackerError
from syncer.contract.model import Audience, Observed, Side
from syncer.core.audience import asks_the_source, of_scope
from syncer.core.change import Tally
from syncer.core.decision_context import DecisionContext
from syncer.core.records import Link, Operation, OperationState, Verb
from syncer.store import Concluded, Lease
from syncer.sync.context import CreatesSpent, Interrupted, OutOfBudget, PairContext
from syncer.sync.identities import Addresses
from syncer.sync.pull import note_answer, recent_audience

FAILURES_IN_A_ROW = 5
NEVER = datetime.min.replace(tzinfo=UTC)
YOUNG = timedelta(minutes=10)
"""So long after its creation a tracker may say that it does not find an item merely because not all of it knows yet."""
MAY_ARRIVE = timedelta(minutes=5)
"""So long after it was sent a request of another process may still take effect: a proxy or a slow server holds it back.
No vendor names a limit. We ourselves wait 60 s for an answer unless told otherwise."""
PAUSES = (1.0, 2.0, 4.0)
"""Seconds before a young item that was not found is asked for again."""


class TrackerDown(Exception):  # ends the run's writing to a side
    """Several requests in a row failed: the tracker is down, and insisting would not help."""


class AudienceChanged(Exception):  # the run decides again
    """Somebody changed who can read a scope: everything must be decided again before the next write."""


@dataclass(slots=True)
class Writer:
    """Writes under one lease, by one decision context, and counts into one tally."""

    context: PairContext
    lease: Lease
    decision_context: DecisionContext
    tally: Tally
    addresses: dict[Side, Addresses] = field(init=False)
    """What the accounts are called that are named in what is written."""
    failures: int = 0
    """Requests that failed one after the other; a success sets it back."""
    confirmed: dict[Side, datetime] = field(default_factory=dict)
    """When this run was told who can read a side. One dictionary for all writers of a run."""
    closed: dict[Side, ReadOnly] = field(default_factory=dict)
    """The sides that took nothing when this run wrote to them. One dictionary for all writers of a run."""
    spent: dict[Side, CreatesSpent] = field(default_factory=dict)
    """The sides on which this run may create nothing more. One dictionary for all writers of a run."""

    kept: list[Concluded] = field(default_factory=list)
    """What became of the latest requests, where that is not written yet."""

    def __post_init__(self) -> None:
        """Asks nothing yet."""
        self.addresses = {side: Addresses(self.context, self.lease, side) for side in Side}

    def prepare(self, side: Side, *, creates: int, backfill: bool = False) -> None:
        """Everything that must hold before a request that writes: not stopped, audience known, budget left.

        `backfill`: what is created was there before the side was first read. Raises ReadOnly where the pair only
        watches, or the side took nothing before.
        """
        if self.context.watches:
            raise ReadOnly(f'{self.context.name} only watches: nothing is written to the {side} side (mode = "watch")')
        if self.context.stop():
            raise Interrupted
        if side in self.closed:
            raise self.closed[side]
        self.confirm_readers(side)
        self.take_budget(side, creates, backfill=backfill)

    def confirm_readers(self, side: Side) -> None:
        """Makes sure that what is written to a side was decided by who can read it now.

        Raises AudienceChanged. The other side is asked where it could be the narrower one.
        """
        changed = self._readers_changed(side)
        if asks_the_source(self._readers(side)):
            changed = self._readers_changed(side.other) or changed
        if changed:
            raise AudienceChanged

    def _readers_changed(self, side: Side) -> bool:
        """Whether a side has other readers than when the run decided; asked at most every `audience_every`."""
        since = self.context.clock() - self.confirmed.get(side, NEVER)
        if not timedelta() <= since < self.context.audience_every:
            self.record_kept()
            self.confirmed[side] = recent_audience(self.context, self.lease, side).at
        return self._readers(side) is not self.decision_context.audiences.get(side)

    def _readers(self, side: Side) -> Audience:
        """Who can read a side by the latest answer."""
        state = self.context.store.pairs.side(self.context.name, side)
        told = Audience.RESTRICTED if state is None else state.audience
        return of_scope(self.context.rules, side, told)

    def take_budget(self, side: Side, creates: int, *, backfill: bool = False) -> None:
        """Takes one write (and so many creates) from the credential's budget, waiting a little. Raises OutOfBudget."""
        limits = self.context.connectors[side].capabilities.rate_limits
        pair = self.context.name if backfill else None
        while limits:
            wait = self.context.store.budgets.take(
                self.context.credentials[side], limits, creates=creates, now=self.context.clock(), backfill=pair
            )
            if wait is None:
                return
            if wait > self.context.patience:
                raise CreatesSpent(side, wait) if creates else OutOfBudget(side, wait)
            self.record_kept()
            self.context.sleep(wait.total_seconds())

    def operation(
        self,
        verb: Verb,
        side: Side,
        target: Observed | None,
        source: Observed | None,
        payload: dict[str, Any],
        reason: str,
    ) -> Operation:
        """A new row of the journal, as it stands before the request."""
        named = source or target
        assert named is not None  # noqa: S101 - an update has a target, a create a source
        return Operation(
            id=self.context.identity(), pair=self.context.name, run=self.lease.run, epoch=self.lease.epoch, verb=verb,
            side=side, kind=named.kind, source=named.ref, target=target.ref if target else None, marker=None,
            payload=payload, reason=reason, state=OperationState.SENT, at=self.context.clock(),
        )  # fmt: skip

    def may_arrive(self, operation: Operation) -> bool:
        """Whether a request without an answer may still take effect, though its tracker shows nothing of it.

        Another machine may have sent it, and stand still or be dead since. Where the state is a directory, whoever sent
        it has ended, and its connection with it.
        """
        return self.context.store.shared and self.context.clock() - operation.at < MAY_ARRIVE

    def without_effect(self, operation: Operation, lost: TrackerError) -> None:
        """Records that nothing shows what an earlier run sent: it had no effect, or it stays open while it may arrive.

        Whatever makes a thing is sent again only when nothing of the kind is open.
        """
        if self.may_arrive(operation):
            said = f"{lost}; its request may still arrive"
            self.conclude(operation, OperationState.AMBIGUOUS, None, None, said)
            self.tally.retry += 1
        else:
            self.conclude(operation, OperationState.FAILED, None, None, f"no effect: {lost}")

    def begin(self, operations: Sequence[Operation]) -> None:
        """Records what is about to be sent, with the outcomes that are kept, in one commit before the request."""
        kept = self._take_kept()
        self.context.store.journal.begin(self.lease, operations, concluded=kept)

    def conclude(
        self, operation: Operation, state: OperationState, shown: Observed | None, link: Link | None, outcome: str = ""
    ) -> None:
        """Writes what became of an operation, what the item shows now and its link in one commit."""
        self.keep(operation, state, shown, link, outcome)
        self.record_kept()

    def keep(
        self, operation: Operation, state: OperationState, shown: Observed | None, link: Link | None, outcome: str = ""
    ) -> None:
        """The same, in the commit with which the next request begins, or in that of `record_kept`.

        Between the two nothing is waited for, so that the moment in which only the tracker knows what became of a
        request is hardly longer for it: whoever is killed then finds it out as after a lost answer.
        """
        concluded = replace(operation, state=state, outcome=outcome, settled_at=self.context.clock())
        self.kept.append((concluded, shown, link))

    def record_kept(self) -> None:
        """Writes the outcomes that are kept, before anything waits, asks a tracker or looks at the state."""
        self.context.store.journal.conclude_many(self.lease, self._take_kept())

    def _take_kept(self) -> list[Concluded]:
        kept, self.kept = self.kept, []
        return kept

    def denied(self, side: Side, error: Denied) -> Denied:
        """What ends the run, or only its writing to a side that can be read all the same."""
        if isinstance(error, ReadOnly):
            self.closed.setdefault(side, error)
        return error

    def count_failure(self, error: TrackerError) -> None:
        """Ends the run's writing when nothing but failures follow each other. Raises TrackerDown."""
        self.failures += 1
        if self.failures >= FAILURES_IN_A_ROW:
            raise TrackerDown(str(error)) from error

    def read_again(self, side: Side, item: Observed) -> Observed | None:
        """Stores what a side shows now, so that the next look decides on the truth; None when it shows nothing."""
        answer = self.context.connectors[side].read([item])[0]
        note_answer(self.context, self.lease, side, item, answer)
        return (
            self.context.store.observed.get(self.context.name, side, item.ref) if isinstance(answer, Observed) else None
        )

    def look_again(self, side: Side, items: Sequence[Observed]) -> list[Observed | TrackerError]:
        """What a side shows of items, asked for a few times while it does not find one that is young; stored, too."""
        connector = self.context.connectors[side]
        answers = dict(zip((item.ref for item in items), connector.read(items), strict=True))
        for pause in PAUSES:
            unseen = [item for item in items if self.is_young(side, item) and _unseen(answers[item.ref])]
            if not unseen:
                break
            self.context.sleep(pause)
            self.context.check_stop()
            answers |= zip((item.ref for item in unseen), connector.read(unseen), strict=True)
        for item in items:
            note_answer(self.context, self.lease, side, item, answers[item.ref])
        return [answers[item.ref] for item in items]

    def is_young(self, side: Side, item: Observed) -> bool:
        """Whether an item was created so lately that its tracker may not find it yet, by the tracker's clock."""
        return self.context.now(side) - item.created < YOUNG

    def mark_gone(self, side: Side, item: Observed) -> None:
        """Stores that an item exists no more."""
        self.context.store.observed.mark_gone(self.lease, side, [item.ref], seen_at=self.context.clock())


def _unseen(answer: Observed | TrackerError) -> bool:
    """Whether an item was not found, which is no proof that it is not there."""
    return isinstance(answer, Gone) and answer.uncertain and not answer.moved_to
