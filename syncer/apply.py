"""Writing a change set: journal first, one request, outcome and base in one commit.

Intent is committed before a request leaves, so that after a crash every write that may have happened is known. A lost
answer is settled by reading, never by sending again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from syncer.context import Interrupted, OutOfBudget, PairContext
from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Stale, TrackerError
from syncer.contract.model import Draft, Field, Kind, Observed, Side
from syncer.core.audience import of_scope
from syncer.core.change import Adopt, Create, Tally, Update
from syncer.core.codec import digest, encode_fields
from syncer.core.creation import adopted_link, marker_for, new_link
from syncer.core.reconcile import Reconciled, Situation
from syncer.core.records import Link, LinkState, Operation, OperationState, Verb
from syncer.core.view import encode_view
from syncer.pull import MOVED, UNSEEN, ask_audience, audience_is_old, chunks
from syncer.store import Lease

GIVE_UP_AFTER = 8
LONGEST_BACKOFF = timedelta(hours=24)
FAILURES_IN_A_ROW = 5
READ_BATCH = 100
ESSENTIAL = frozenset({Field.TITLE, Field.BODY, Field.TYPE, Field.DUE})
"""What a create that was refused is tried with once more; everything else is owed and follows field by field."""


class TrackerDown(Exception):  # ends the run's writing to a side
    """Several requests in a row failed: the tracker is down, and insisting would not help."""


@dataclass(slots=True)
class Applier:
    """Writes the decisions of one run, and counts what it did."""

    context: PairContext
    lease: Lease
    situation: Situation
    tally: Tally
    failures: int = 0
    refused: list[Create] = field(default_factory=list)
    """Creates that were refused with all their fields and may be taken with fewer."""
    fresh: dict[Side, list[Observed]] = field(default_factory=lambda: {side: [] for side in Side})
    """What was created in this run and answered with less than the whole item: read back before it is compared."""

    # -- adoption and links -----------------------------------------------------------------------------------------

    def adopt(self, adoptions: Iterable[Adopt]) -> None:
        """Links items that exist on both sides already."""
        links = [adopted_link(self.context.identity(), self.context.name, adopt) for adopt in adoptions]
        self.context.store.save_links(self.lease, links)
        self.tally.adopted += len(links)

    def reconcile(self, decided: Reconciled) -> None:
        """Writes one link's updates and saves what both sides agree on."""
        store = self.context.store
        record = decided.record
        for conflict in record.conflicts:
            store.record_conflict(self.lease, conflict)
        link = replace(record.link, settled=decided.record.link.settled if not decided.updates else {})
        complete = True
        for update in decided.updates:
            link, done = self._update(update, link)
            complete = complete and done
        if complete:
            settled = dict(record.link.settled) | {update.side: link.settled[update.side] for update in decided.updates}
            link = replace(link, settled=settled)
            if record.agreed:
                store.settle_conflicts(self.lease, link.id, record.agreed, self.context.clock())
        if not complete and link.state is LinkState.RETIRED:
            link = replace(link, state=LinkState.ACTIVE)
        store.save_link(self.lease, link)
        self.tally.leave_alone(decided.skips)

    # -- updates ----------------------------------------------------------------------------------------------------

    def _update(self, update: Update, link: Link) -> tuple[Link, bool]:
        """The link after one update, and whether it was done."""
        self._prepare_write(update.side, creates=0)
        operation = self._operation(
            Verb.UPDATE, update.side, update.target, update.source, encode_fields(update.patch), update.reason
        )
        self.context.store.begin(self.lease, [operation])
        try:
            shown = self.context.connectors[update.side].update(update.target, update.patch)
        except Rejected as error:
            if len(update.wanted) > 1:
                self.conclude(
                    operation, OperationState.FAILED, None, None, f"Rejected: {error}; field by field instead"
                )
                return self._field_by_field(update, link)
            return self._update_failed(update, link, operation, error), False
        except TrackerError as error:
            return self._update_failed(update, link, operation, error), False
        self.failures = 0
        link = self._after_update(update, link, shown)
        self.conclude(operation, OperationState.DONE, shown, link)
        self._count_update(update)
        return link, True

    def _field_by_field(self, update: Update, link: Link) -> tuple[Link, bool]:
        """One field that a tracker refuses must not keep the others from being carried."""
        done, view = True, self.situation.views[update.side]
        target = self.read_again(update.side, update.target) or update.target
        for name, value in update.wanted.items():
            patch = view.patch(target.kind, target.showing, {name: value})
            agreed = {key: encoded for key, encoded in update.agreed.items() if key == name.value}
            part = replace(update, target=target, patch=patch, agreed=agreed, wanted={name: value})
            if not patch:
                link = self._after_update(part, link, target)
                continue
            link, written = self._update(part, link)
            done = done and written
            target = self.context.store.observed(self.context.name, update.side, target.ref) or target
        return link, done

    def _after_update(self, update: Update, link: Link, shown: Observed) -> Link:
        """The link with both bases advanced for the fields of the update."""
        view = self.situation.views[update.side].look(shown)
        base = {side: dict(link.base.get(side, {})) for side in Side}
        for name, encoded in update.agreed.items():
            base[update.side.other][name] = encoded
        for name in update.agreed.keys() & {shown_name.value for shown_name in view}:
            base[update.side][name] = encode_view(view[Field(name)])
        settled = dict(link.settled) | {update.side: digest(shown)}
        return replace(link, base=base, settled=settled, attempts=0, retry_at=None)

    def _update_failed(self, update: Update, link: Link, operation: Operation, error: TrackerError) -> Link:
        outcome = f"{type(error).__name__}: {error}"
        self.conclude(operation, OperationState.FAILED, None, None, outcome)
        match error:
            case Denied():
                raise error
            case Retryable(budget=True):
                raise OutOfBudget(update.side, error.after or timedelta(minutes=1)) from error
            case Stale() | Ambiguous():
                self.read_again(update.side, update.target)
                self.tally.retry += isinstance(error, Ambiguous)
                return replace(link, settled={})
            case Gone(deleted=True):
                self.context.store.mark_gone(self.lease, update.side, [update.target.ref], seen_at=self.context.clock())
                return replace(link, settled={})
            case Gone():
                return replace(
                    link, state=LinkState.HELD, reason=f"{update.target.key} {_lost(error)} on the {update.side} side"
                )
            case Rejected():
                self.tally.example(update.target, "rejected", str(error))
                return replace(link, settled=self._digests(update), reason=outcome)
            case _:
                self._count_failure(error)
                return self._backed_off(link, outcome)

    def _digests(self, update: Update) -> dict[Side, str]:
        """The showings a refused update was decided on: it is not tried again until one of them changes."""
        items = {update.side: update.target, update.side.other: update.source}
        return {side: digest(item) for side, item in items.items() if item is not None}

    def _backed_off(self, link: Link, outcome: str) -> Link:
        attempts = link.attempts + 1
        self.tally.retry += 1
        if attempts >= GIVE_UP_AFTER:
            return replace(
                link, state=LinkState.HELD, reason=f"gave up after {attempts} attempts: {outcome}", attempts=attempts
            )
        wait = min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_BACKOFF)
        return replace(link, attempts=attempts, retry_at=self.context.clock() + wait, reason=outcome, settled={})

    def read_again(self, side: Side, item: Observed) -> Observed | None:
        """Stores what a side shows now, so that the next look decides on the truth; None when it shows nothing."""
        answer = self.context.connectors[side].read([item])[0]
        now = self.context.clock()
        if isinstance(answer, Observed):
            self.context.store.store_observed(self.lease, side, answer, seen_at=now, operation=None)
            return answer
        if isinstance(answer, Gone) and answer.deleted:
            self.context.store.mark_gone(self.lease, side, [item.ref], seen_at=now)
        return None

    def _count_update(self, update: Update) -> None:
        match update.target.kind:
            case Kind.COMMENT:
                self.tally.comments["deleted" if update.retires else "updated"] += 1
            case Kind.MILESTONE:
                self.tally.milestones["updated"] += 1
            case Kind.TASK:
                (self.tally.closed if update.closes else self.tally.updated)[update.side.value] += 1

    # -- creates ----------------------------------------------------------------------------------------------------

    def create(self, creates: Sequence[Create]) -> None:
        """Creates items of one kind, in the requests' batches, one journal commit before and one after each request."""
        done = 0
        for side in Side:
            mine = [create for create in creates if create.side is side]
            size = self.context.connectors[side].capabilities.batch(mine[0].source.kind) if mine else 1
            for batch in chunks(mine, size):
                self._create_within_budget(side, batch)
                done += len(batch)
                self.context.progress.step(f"creating {batch[0].source.kind}s", done, len(creates))
        again, self.refused = self.refused, []
        for create in again:
            self._create_within_budget(create.side, [_bare(create)])
        self.confirm()

    def _create_within_budget(self, side: Side, creates: Sequence[Create]) -> None:
        try:
            self._create_batch(side, creates)
        except OutOfBudget:
            self.confirm()  # reading is still allowed, and the next run may begin much later
            raise

    def _create_batch(self, side: Side, creates: Sequence[Create]) -> None:
        drafted = [(create, draft) for create in creates if (draft := self._draft(create)) is not None]
        if not drafted:
            return
        ready, drafts = [create for create, _ in drafted], [draft for _, draft in drafted]
        self._prepare_write(side, creates=len(drafts))
        operations = [self._create_operation(create, draft) for create, draft in zip(ready, drafts, strict=True)]
        self.context.store.begin(self.lease, operations)
        try:
            results: Sequence[Observed | TrackerError] = self.context.connectors[side].create(drafts)
        except Ambiguous as error:
            self.settle(operations, ready, drafts, error)
            return
        except Rejected as error:
            results = [error] * len(drafts)
        except TrackerError as error:
            self._creates_failed(operations, ready, error)
            return
        self.failures = 0
        for operation, create, result in zip(operations, ready, results, strict=True):
            self._created(operation, create, result)

    def _draft(self, create: Create) -> Draft | None:
        parent = self._parent(create)
        if create.source.kind is Kind.COMMENT and parent is None:
            return None
        nonce = self.context.identity()
        marker = marker_for(self.context.name, create.side.other, create.source.ref, nonce)
        return Draft(create.source.kind, create.fields, marker, parent)

    def _parent(self, create: Create) -> Observed | None:
        if create.source.parent is None:
            return None
        store, pair = self.context.store, self.context.name
        partner = store.partner(pair, create.side.other, create.source.parent)
        return store.observed(pair, create.side, partner) if partner is not None else None

    def _create_operation(self, create: Create, draft: Draft) -> Operation:
        payload = {
            "fields": encode_fields(create.fields),
            "wanted": sorted(name.value for name in create.wanted),
            "truncated": sorted(name.value for name in create.truncated),
            "parent": str(draft.parent.ref) if draft.parent else None,
            "source": digest(create.source),
        }
        operation = self._operation(Verb.CREATE, create.side, None, create.source, payload, create.reason)
        return replace(operation, marker=draft.marker)

    def _created(self, operation: Operation, create: Create, result: Observed | TrackerError) -> None:
        if isinstance(result, Rejected) and create.fields.keys() - ESSENTIAL:
            self.conclude(
                operation, OperationState.FAILED, None, None, f"Rejected: {result}; with fewer fields instead"
            )
            self.refused.append(create)
            return
        if isinstance(result, TrackerError):
            state = OperationState.HELD if isinstance(result, Rejected) else OperationState.FAILED
            self.tally.retry += state is OperationState.FAILED
            self.tally.example(create.source, "rejected" if state is OperationState.HELD else "failed", str(result))
            self.conclude(operation, state, None, None, f"{type(result).__name__}: {result}")
            return
        self.tally.remaining = max(self.tally.remaining - 1, 0)
        link = new_link(self.situation, self.context.identity(), create, result)
        self.conclude(replace(operation, target=result.ref), OperationState.DONE, result, link)
        if not result.version:
            self.fresh[create.side].append(result)
        match result.kind:
            case Kind.TASK:
                self.tally.created[create.side.value] += 1
            case Kind.COMMENT:
                self.tally.comments["created"] += 1
            case Kind.MILESTONE:
                self.tally.milestones["created"] += 1

    def _creates_failed(self, operations: Sequence[Operation], creates: Sequence[Create], error: TrackerError) -> None:
        """Certainly nothing was created."""
        for create in creates:
            self.tally.example(create.source, "failed", str(error))
        for operation in operations:
            self.conclude(operation, OperationState.FAILED, None, None, f"{type(error).__name__}: {error}")
        match error:
            case Denied():
                raise error
            case Retryable(budget=True):
                raise OutOfBudget(operations[0].side, error.after or timedelta(minutes=1)) from error
            case _:
                self.tally.retry += len(operations)
                self._count_failure(error)

    def settle(
        self, operations: Sequence[Operation], creates: Sequence[Create], drafts: Sequence[Draft], error: TrackerError
    ) -> None:
        """Finds out by consistent reads what a request with a lost answer did. What cannot be told stays ambiguous."""
        intents = [Intent(draft, operation.at) for operation, draft in zip(operations, drafts, strict=True)]
        side = operations[0].side
        try:
            found = self.context.connectors[side].find(intents)
        except TrackerError as unknown:
            for operation in operations:
                self.conclude(operation, OperationState.AMBIGUOUS, None, None, f"{error}; then {unknown}")
            self.tally.retry += len(operations)
            if isinstance(unknown, Denied):
                raise
            return
        for operation, create in zip(operations, creates, strict=True):
            assert operation.marker is not None  # noqa: S101 - every create has one
            result = found.get(operation.marker)
            if result is None:
                self.conclude(operation, OperationState.FAILED, None, None, f"no effect: {error}")
                self.tally.retry += 1
            else:
                self._created(operation, create, result)

    def confirm(self) -> None:
        """Reads back what was created with an answer that says less than the whole item."""
        for side in Side:
            for chunk in chunks(self.fresh[side], READ_BATCH):
                answers = self.context.connectors[side].read(chunk)
                for answer in answers:
                    if isinstance(answer, Observed):
                        self.context.store.store_observed(
                            self.lease, side, answer, seen_at=self.context.clock(), operation=None
                        )
            self.fresh[side].clear()

    # -- every write ------------------------------------------------------------------------------------------------

    def _prepare_write(self, side: Side, *, creates: int) -> None:
        """Everything that must hold before a request that writes: not stopped, audience known, budget left."""
        if self.context.stop():
            raise Interrupted
        if audience_is_old(self.context, side, self.context.audience_every):
            told = ask_audience(self.context, self.lease, side)
            if of_scope(self.context.rules, side, told) is not self.situation.audiences[side]:
                raise AudienceChanged
        self.take_budget(side, creates)

    def take_budget(self, side: Side, creates: int) -> None:
        """Takes one write (and so many creates) from the credential's budget, waiting a little. Raises OutOfBudget."""
        limits = self.context.connectors[side].capabilities.rate_limits
        while limits:
            wait = self.context.store.take_budget(
                self.context.credentials[side], limits, creates=creates, now=self.context.clock()
            )
            if wait is None:
                return
            if wait > self.context.patience:
                raise OutOfBudget(side, wait)
            self.context.sleep(wait.total_seconds())

    def _operation(
        self,
        verb: Verb,
        side: Side,
        target: Observed | None,
        source: Observed | None,
        payload: dict[str, Any],
        reason: str,
    ) -> Operation:
        named = source or target
        assert named is not None  # noqa: S101 - an update has a target, a create a source
        return Operation(
            id=self.context.identity(), pair=self.context.name, run=self.lease.run, epoch=self.lease.epoch, verb=verb,
            side=side, kind=named.kind, source=named.ref, target=target.ref if target else None, marker=None,
            payload=payload, reason=reason, state=OperationState.SENT, at=self.context.clock(),
        )  # fmt: skip

    def conclude(
        self, operation: Operation, state: OperationState, shown: Observed | None, link: Link | None, outcome: str = ""
    ) -> None:
        """Writes what became of an operation, what the item shows now and its link in one commit."""
        concluded = replace(operation, state=state, outcome=outcome, settled_at=self.context.clock())
        self.context.store.conclude(self.lease, concluded, observed=shown, link=link)

    def _count_failure(self, error: TrackerError) -> None:
        self.failures += 1
        if self.failures >= FAILURES_IN_A_ROW:
            raise TrackerDown(str(error)) from error


def _lost(error: Gone) -> str:
    return f"{MOVED} to {error.moved_to}" if error.moved_to else UNSEEN


def _bare(create: Create) -> Create:
    """The create with nothing but what makes an item."""
    return replace(create, fields={name: value for name, value in create.fields.items() if name in ESSENTIAL})


class AudienceChanged(Exception):  # the run decides again
    """Somebody changed who can read a scope: everything must be decided again before the next write."""
