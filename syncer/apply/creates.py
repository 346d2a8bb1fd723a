"""Creating on one side what the other has, at most once whatever happens, and linking the two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from syncer.apply.writer import Writer
from syncer.context import OutOfBudget, clock_told
from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Denied, Rejected, Retryable, TrackerError
from syncer.contract.model import Draft, Field, Kind, Observed, Side
from syncer.core.change import Adopt, Create
from syncer.core.codec import digest, encode_fields
from syncer.core.creation import adopted_link, new_link
from syncer.core.markers import marker_for
from syncer.core.records import Operation, OperationState, Verb
from syncer.pull import chunks

READ_BATCH = 100
ESSENTIAL = frozenset({Field.TITLE, Field.BODY, Field.TYPE, Field.DUE})
"""What a create that was refused is tried with once more; everything else is owed and follows field by field."""


@dataclass(slots=True)
class Creates:
    """Writes creations and adoptions."""

    writer: Writer
    refused: list[Create] = field(default_factory=list)
    """Creates that were refused with all their fields and may be taken with fewer."""
    fresh: dict[Side, list[Observed]] = field(default_factory=lambda: {side: [] for side in Side})
    """What was created in this run and answered with less than the whole item: read back before it is compared."""

    def adopt(self, adoptions: Iterable[Adopt]) -> None:
        """Links items that exist on both sides already."""
        links = [adopted_link(self.writer.context.identity(), self.writer.context.name, adopt) for adopt in adoptions]
        self.writer.context.store.save_links(self.writer.lease, links)
        self.writer.tally.adopted += len(links)

    def create(self, creates: Sequence[Create]) -> None:
        """Creates items of one kind, in the requests' batches, one journal commit before and one after each request."""
        done = 0
        for side in Side:
            mine = [create for create in creates if create.side is side]
            size = self.writer.context.connectors[side].capabilities.batch(mine[0].source.kind) if mine else 1
            for batch in chunks(mine, size):
                self._create_within_budget(side, batch)
                done += len(batch)
                self.writer.context.progress.step(f"creating {batch[0].source.kind}s", done, len(creates))
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
        self.writer.prepare(side, creates=len(drafts))
        operations = [self._create_operation(create, draft) for create, draft in zip(ready, drafts, strict=True)]
        self.writer.context.store.begin(self.writer.lease, operations)
        try:
            addresses = self.writer.addresses[side]
            sent = [replace(draft, fields=addresses.fields(draft.fields, {})) for draft in drafts]
            results: Sequence[Observed | TrackerError] = self.writer.context.connectors[side].create(sent)
        except Ambiguous as error:
            self.settle(operations, ready, drafts, error)
            return
        except Rejected as error:
            results = [error] * len(drafts)
        except TrackerError as error:
            self._creates_failed(operations, ready, error)
            return
        self.writer.failures = 0
        for operation, create, result in zip(operations, ready, results, strict=True):
            self._created(operation, create, result)

    def _draft(self, create: Create) -> Draft | None:
        parent = self._parent(create)
        if create.source.kind is Kind.COMMENT and parent is None:
            return None
        context = self.writer.context
        state, number = context.store.next_marker()
        nonce = context.identity()
        marker = marker_for(context.name, create.side.other, create.source.ref, nonce, state=state, number=number)
        return Draft(create.source.kind, create.fields, marker, parent)

    def _parent(self, create: Create) -> Observed | None:
        if create.source.parent is None:
            return None
        store, pair = self.writer.context.store, self.writer.context.name
        partner = store.partner(pair, create.side.other, create.source.parent)
        return store.observed(pair, create.side, partner) if partner is not None else None

    def _create_operation(self, create: Create, draft: Draft) -> Operation:
        payload = {
            "after": clock_told(self.writer.context, create.side),
            "fields": encode_fields(create.fields),
            "wanted": sorted(name.value for name in create.wanted),
            "truncated": sorted(name.value for name in create.truncated),
            "parent": str(draft.parent.ref) if draft.parent else None,
            "source": digest(create.source),
        }
        operation = self.writer.operation(Verb.CREATE, create.side, None, create.source, payload, create.reason)
        return replace(operation, marker=draft.marker)

    def _created(
        self, operation: Operation, create: Create, result: Observed | TrackerError, *, told: bool = True
    ) -> None:
        """Records what became of one create. `told`: by its own answer, else it was found by a later reading."""
        if isinstance(result, Rejected) and create.fields.keys() - ESSENTIAL:
            self.writer.conclude(
                operation, OperationState.FAILED, None, None, f"Rejected: {result}; with fewer fields instead"
            )
            self.refused.append(create)
            return
        if isinstance(result, TrackerError):
            state = OperationState.HELD if isinstance(result, Rejected) else OperationState.FAILED
            self.writer.tally.retry += state is OperationState.FAILED
            self.writer.tally.example(
                create.source, "rejected" if state is OperationState.HELD else "failed", str(result)
            )
            self.writer.conclude(operation, state, None, None, f"{type(result).__name__}: {result}")
            return
        self.writer.tally.remaining = max(self.writer.tally.remaining - 1, 0)
        link = new_link(self.writer.situation, self.writer.context.identity(), create, result, answered=told)
        self.writer.conclude(replace(operation, target=result.ref), OperationState.DONE, result, link)
        if not result.version:
            self.fresh[create.side].append(result)
        match result.kind:
            case Kind.TASK:
                self.writer.tally.created[create.side.value] += 1
            case Kind.COMMENT:
                self.writer.tally.comments["created"] += 1
            case Kind.MILESTONE:
                self.writer.tally.milestones["created"] += 1

    def _creates_failed(self, operations: Sequence[Operation], creates: Sequence[Create], error: TrackerError) -> None:
        """Certainly nothing was created."""
        for create in creates:
            self.writer.tally.example(create.source, "failed", str(error))
        for operation in operations:
            self.writer.conclude(operation, OperationState.FAILED, None, None, f"{type(error).__name__}: {error}")
        match error:
            case Denied():
                raise error
            case Retryable(budget=True):
                raise OutOfBudget(operations[0].side, error.after or timedelta(minutes=1)) from error
            case _:
                self.writer.tally.retry += len(operations)
                self.writer.count_failure(error)

    def settle(
        self, operations: Sequence[Operation], creates: Sequence[Create], drafts: Sequence[Draft], error: TrackerError
    ) -> None:
        """Finds out by consistent reads what a request with a lost answer did. What cannot be told stays ambiguous."""
        intents = [Intent(draft, operation.after) for operation, draft in zip(operations, drafts, strict=True)]
        side = operations[0].side
        try:
            found = self.writer.context.connectors[side].find(intents)
        except TrackerError as unknown:
            for operation in operations:
                self.writer.conclude(operation, OperationState.AMBIGUOUS, None, None, f"{error}; then {unknown}")
            self.writer.tally.retry += len(operations)
            if isinstance(unknown, Denied):
                raise
            return
        for operation, create in zip(operations, creates, strict=True):
            assert operation.marker is not None  # noqa: S101 - every create has one
            result = found.get(operation.marker)
            if result is None:
                self.writer.conclude(operation, OperationState.FAILED, None, None, f"no effect: {error}")
                self.writer.tally.retry += 1
            else:
                self._created(operation, create, result, told=False)

    def confirm(self) -> None:
        """Reads back what was created with an answer that says less than the whole item."""
        for side in Side:
            for chunk in chunks(self.fresh[side], READ_BATCH):
                answers = self.writer.context.connectors[side].read(chunk)
                for answer in answers:
                    if isinstance(answer, Observed):
                        self.writer.context.store.store_observed(
                            self.writer.lease, side, answer, seen_at=self.writer.context.clock(), operation=None
                        )
            self.fresh[side].clear()


def _bare(create: Create) -> Create:
    """The create with nothing but what makes an item."""
    return replace(create, fields={name: value for name, value in create.fields.items() if name in ESSENTIAL})
