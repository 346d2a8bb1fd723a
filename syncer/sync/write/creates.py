"""Creating on one side what the other has, at most once whatever happens, and linking the two."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import isqrt

from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Denied, Down, Gone, ReadOnly, Rejected, Retryable, TrackerError
from syncer.contract.model import Draft, Field, Kind, Observed, Side
from syncer.core.change import Adopt, Create
from syncer.core.codec import digest, encode_fields
from syncer.core.creation import adopted_link, new_link, parent_shown
from syncer.core.markers import marker_for
from syncer.core.records import Link, Operation, OperationState, Verb
from syncer.sync.context import CreatesSpent, Interrupted, OutOfBudget, clock_told
from syncer.sync.pull import chunks
from syncer.sync.write.flight import CreateRequest, Creating, Outcomes, next_batch
from syncer.sync.write.setbacks import Setbacks
from syncer.sync.write.writer import AudienceChanged, TrackerDown, Writer

READ_BATCH = 100
SMALL = 8
"""So many items are sent one by one after they failed together."""
DOUBTFUL = 2
"""After so many failures in a row it may be the tracker and not an item."""
ESSENTIAL = frozenset({Field.TITLE, Field.BODY, Field.TYPE, Field.DUE})
"""What a create that was refused is tried with once more; everything else is pending and follows field by field."""


def _leave(_links: Sequence[Link]) -> None:
    """Leaves what is pending of new items to whoever decides about them next."""


@dataclass(slots=True)
class Creates:
    """Writes creations and adoptions."""

    writer: Writer
    finish: Callable[[Sequence[Link]], None] = _leave
    """Writes what is pending of items whose create could not set their status, before anything else is created."""
    backfill: bool = False
    """Whether what is created is the backlog, which leaves room for what people make now."""
    unfinished: list[Link] = field(default_factory=list)
    """Their links."""
    refused: list[Create] = field(default_factory=list)
    """Creates that were refused with all their fields and may be taken with fewer."""
    late: list[Create] = field(default_factory=list)
    """Comments whose task was not found when they were created, and was when it was asked for again."""
    setbacks: Setbacks = field(init=False)
    """What failed, now and in earlier runs."""
    fresh: dict[Side, list[Observed]] = field(default_factory=lambda: {side: [] for side in Side})
    """What was created in this run and answered with less than the whole item: read back before it is compared."""

    def __post_init__(self) -> None:
        """Knows of no earlier run yet."""
        self.setbacks = Setbacks(self.writer)

    def adopt(self, adoptions: Iterable[Adopt]) -> None:
        """Links items that exist on both sides already."""
        links = [adopted_link(self.writer.context.identity(), self.writer.context.name, adopt) for adopt in adoptions]
        self.writer.context.store.links.save_all(self.writer.lease, links)
        self.writer.tally.adopted += len(links)

    def create(self, creates: Sequence[Create]) -> None:
        """Creates items of one kind, in the requests' batches.

        Before each request a commit says what is about to be sent, and what became of the request before.
        """
        self.setbacks.look_up()
        try:
            self._create_all(creates)
        finally:
            self.writer.record_kept()
        self.confirm()

    def _create_all(self, creates: Sequence[Create]) -> None:
        done = 0
        for side in self._open():
            batches = self._batches(side, [create for create in creates if create.side is side])
            try:
                for count in self._within_budget(side, batches):
                    done += count
                    self.writer.context.progress.step(f"creating {creates[0].source.kind}s", done, len(creates))
            except ReadOnly:
                continue
            except CreatesSpent as spent:
                self.writer.spent[side] = spent
        refused, self.refused = self.refused, []
        for create in (*map(_bare, refused), *self.late):
            with suppress(ReadOnly, CreatesSpent):
                list(self._within_budget(create.side, deque([[create]])))

    def _open(self) -> list[Side]:
        """The sides on which something may be created still; without a budget first, since nothing waits for them."""
        sides = [side for side in Side if side not in self.writer.spent]
        return sorted(sides, key=lambda side: bool(self.writer.context.connectors[side].capabilities.rate_limits))

    def _batches(self, side: Side, creates: Sequence[Create]) -> deque[list[Create]]:
        """The requests to begin with. What failed before goes last and alone: it must keep nothing else away."""
        if not creates:
            return deque()
        size = self.writer.context.connectors[side].capabilities.batch(creates[0].source.kind)
        fresh = [create for create in creates if self.setbacks.of(create) is None]
        failed = [create for create in creates if self.setbacks.of(create) is not None]
        return deque([*chunks(fresh, size), *([create] for create in failed)])

    def _divide(self, creates: Sequence[Create], batches: deque[list[Create]]) -> None:
        """Takes up again, in smaller requests, a batch that failed as a whole because of one of its items.

        In pieces of about as many items as there are pieces, behind all that was not sent yet: finding out what a
        failed request did costs more than one that succeeds, so few are to fail. Where failures follow each other a
        single item is sent next: if even that fails, again and again, it is the tracker that is down.
        """
        rest = list(creates)
        if rest and self.writer.failures >= DOUBTFUL:
            batches.appendleft([rest.pop()])
        batches.extend(chunks(rest, isqrt(len(rest)) if len(rest) > SMALL else 1))

    def _within_budget(self, side: Side, batches: deque[list[Create]]) -> Iterator[int]:
        """Sends batches, several at a time where the tracker takes that; how many creates each has settled.

        Whatever ends it early, what became of each request on its way is recorded before.
        """
        try:
            with Creating(self._at_once(side, batches)) as flight:
                try:
                    while batches or flight:
                        yield self._step(side, flight, batches)
                finally:
                    self._land(flight)
        except OutOfBudget:
            self.confirm()  # reading is still allowed, and the next run may begin much later
            raise

    def _at_once(self, side: Side, batches: Sequence[list[Create]]) -> int:
        """How many requests may be on their way to a side."""
        if len(batches) < 2:
            return 1
        context = self.writer.context
        return min(context.at_once, context.connectors[side].capabilities.creates_at_once(batches[0][0].source.kind))

    def _step(self, side: Side, flight: Creating, batches: deque[list[Create]]) -> int:
        """Sends one batch, or else takes up what became of one; how many creates that settled."""
        if (batch := next_batch(flight, batches)) is not None:
            if self._send(side, batch, flight):
                return 0
            return len(batch)
        self.writer.record_kept()
        sending, outcome = flight.landed()
        again = self._answered(sending, outcome)
        self._divide(again, batches)
        if not flight:
            self._finish()
        return len(sending.creates) - len(again)

    def _land(self, flight: Creating) -> None:
        """Records what became of requests on their way, after something ended the sending of others."""
        while flight:
            # The first reason to end is the one that counts.
            with suppress(TrackerError, TrackerDown, OutOfBudget, Interrupted, AudienceChanged):
                self._answered(*flight.landed())

    def _send(self, side: Side, creates: Sequence[Create], flight: Creating) -> bool:
        """Whether there was anything to send of a batch."""
        if any(map(_may_refer_to_new, creates)):
            self.writer.record_kept()
        drafted = [(create, draft) for create in creates if (draft := self._draft(create)) is not None]
        if not drafted:
            return False
        ready, drafts = [create for create, _ in drafted], [draft for _, draft in drafted]
        self.writer.prepare(side, creates=len(drafts), backfill=self.backfill)
        operations = [self._create_operation(create, draft) for create, draft in zip(ready, drafts, strict=True)]
        self.writer.begin(operations)
        addresses, connector = self.writer.addresses[side], self.writer.context.connectors[side]
        sending = CreateRequest(side, ready, drafts, operations)
        try:
            sent = [replace(draft, fields=addresses.fields(draft.fields, {})) for draft in drafts]
        except TrackerError as error:
            self._answered(sending, error)
            return True
        flight.send(sending, lambda: connector.create(sent))
        return True

    def _answered(self, sending: CreateRequest, outcome: Outcomes | TrackerError) -> Sequence[Create]:
        """What is to be sent again in smaller requests: the batch had no effect, for the sake of one of its items."""
        operations, ready = sending.operations, sending.creates
        match outcome:
            case Ambiguous() as error:
                without = self.settle(operations, ready, sending.drafts, error)
                again = self._without_effect([one for one, _ in without], [create for _, create in without], error)
                self.writer.count_failure(error)
                return again
            case Rejected() as error:
                results: Outcomes = [error] * len(ready)
            case TrackerError() as error:
                return self._creates_failed(operations, ready, error)
            case _:
                results = outcome
        self.writer.failures = 0
        if len(results) > 1 and isinstance(results[0], Rejected) and all(one is results[0] for one in results):
            return self._without_effect(operations, ready, results[0])
        for operation, create, result in zip(operations, ready, results, strict=True):
            self._created(operation, create, result)
        return ()

    def _finish(self) -> None:
        """Has items closed (or moved on) while they are as this run made them: later each would be read once more.

        Nothing depends on it: a run that ends in between leaves the field pending, and the next one writes it.
        """
        links, self.unfinished = self.unfinished, []
        if links:
            self.writer.record_kept()
            self.confirm()
            self.finish(links)

    def _draft(self, create: Create) -> Draft | None:
        parent = self._parent(create)
        if create.source.kind is Kind.COMMENT and parent is None:
            return None
        context = self.writer.context
        state, number = context.store.lineage.next_marker()
        nonce = context.identity()
        marker = marker_for(context.name, create.side.other, create.source.ref, nonce, state=state, number=number)
        return Draft(create.source.kind, create.fields, marker, parent)

    def _parent(self, create: Create) -> Observed | None:
        """What stands there for the task of a comment, or for what is above a task."""
        above = create.source.parent
        if self.writer.context.connectors[create.side].capabilities.creates_below:
            above = above or parent_shown(self.writer.decision_context, create.side.other, create.source)
        if above is None:
            return None
        store, pair = self.writer.context.store, self.writer.context.name
        partner = store.links.partner(pair, create.side.other, above)
        return store.observed.get(pair, create.side, partner) if partner is not None else None

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
        if isinstance(result, Rejected):
            self.setbacks.hold(operation, create, "rejected", f"Rejected: {result}")
            return
        if isinstance(result, Gone) and self._is_late(create):
            self.writer.conclude(operation, OperationState.FAILED, None, None, f"Gone: {result}; tried again")
            return
        if isinstance(result, TrackerError):
            self._without_effect([operation], [create], result)
            return
        self.setbacks.forget(create)
        self.writer.tally.remaining = max(self.writer.tally.remaining - 1, 0)
        link = new_link(self.writer.decision_context, self.writer.context.identity(), create, result, answered=told)
        self.writer.keep(replace(operation, target=result.ref), OperationState.DONE, result, link)
        if not result.version:
            self.fresh[create.side].append(result)
        if told and _in_another_status(link, create.side):
            self.unfinished.append(link)
        match result.kind:
            case Kind.TASK:
                self.writer.tally.created[create.side.value] += 1
            case Kind.COMMENT:
                self.writer.tally.comments["created"] += 1
            case Kind.MILESTONE:
                self.writer.tally.milestones["created"] += 1

    def _is_late(self, create: Create) -> bool:
        """Whether a comment is tried once more, because the task that was not found is there after all."""
        parent = self._parent(create)
        if parent is None or create in self.late:
            return False
        self.writer.record_kept()
        (answer,) = self.writer.look_again(create.side, [parent])
        if isinstance(answer, Observed):
            self.late.append(create)
        return isinstance(answer, Observed)

    def _creates_failed(
        self, operations: Sequence[Operation], creates: Sequence[Create], error: TrackerError
    ) -> Sequence[Create]:
        """Certainly nothing was created. What is to be sent again in smaller requests."""
        if isinstance(error, Denied | Down) or (isinstance(error, Retryable) and error.budget):
            for operation in operations:
                self.writer.conclude(operation, OperationState.FAILED, None, None, f"{type(error).__name__}: {error}")
            if isinstance(error, Down):
                raise error
            if isinstance(error, Denied):
                raise self.writer.denied(operations[0].side, error)
            raise OutOfBudget(operations[0].side, error.after or timedelta(minutes=1)) from error
        if isinstance(error, Retryable) and error.item:
            for operation, create in zip(operations, creates, strict=True):
                self.setbacks.excuse(operation, create, error.after, str(error))
            return ()
        again = self._without_effect(operations, creates, error)
        self.writer.count_failure(error)
        return again

    def _without_effect(
        self, operations: Sequence[Operation], creates: Sequence[Create], error: TrackerError
    ) -> Sequence[Create]:
        """Records that nothing was created. Of several items the one that is to blame is still to be found.

        One that failed alone is tried again by a later run, ever later, and finally waits for a person.
        """
        outcome = f"{type(error).__name__}: {error}"
        if len(creates) == 1:
            self.setbacks.count(operations[0], creates[0], outcome)
            return ()
        for operation in operations:
            self.writer.conclude(operation, OperationState.FAILED, None, None, outcome)
        return creates

    def settle(
        self, operations: Sequence[Operation], creates: Sequence[Create], drafts: Sequence[Draft], error: TrackerError
    ) -> list[tuple[Operation, Create]]:
        """Finds out by consistent reads what a request with a lost answer did. What cannot be told stays ambiguous.

        Returns what certainly had no effect, for the caller to conclude.
        """
        intents = [Intent(draft, operation.after) for operation, draft in zip(operations, drafts, strict=True)]
        side = operations[0].side
        try:
            found = self.writer.context.connectors[side].find(intents)
        except TrackerError as unknown:
            # A tracker that will not tell later either needs a person; whatever else it is, a coming run asks again.
            never_told = isinstance(unknown, Rejected)
            said = f"cannot be told: {unknown}" if never_told else f"{error}; then {unknown}"
            for operation in operations:
                marked = replace(operation, never_told=never_told)
                self.writer.conclude(marked, OperationState.AMBIGUOUS, None, None, said)
            self.writer.tally.retry += 0 if never_told else len(operations)
            if isinstance(unknown, Denied):
                raise
            return []
        without: list[tuple[Operation, Create]] = []
        for operation, create in zip(operations, creates, strict=True):
            assert operation.marker is not None  # noqa: S101 - every create has one
            result = found.get(operation.marker)
            if result is None:
                without.append((operation, create))
            else:
                self._created(operation, create, result, told=False)
        return without

    def confirm(self) -> None:
        """Reads back what was created with an answer that says less than the whole item."""
        self.writer.record_kept()
        for side in Side:
            for chunk in chunks(self.fresh[side], READ_BATCH):
                self.writer.look_again(side, chunk)
            self.fresh[side].clear()


def _in_another_status(link: Link, side: Side) -> bool:
    """Whether a new item was answered to be in another status than was asked for."""
    sent = link.memory.pending.get(side, {}).get(Field.STATUS)
    return sent is not None and sent.answered and sent.shown != sent.asked


def _may_refer_to_new(create: Create) -> bool:
    """Whether the text of an item may lead to one that was created just now: a comment does by its address alone."""
    return create.source.kind is not Kind.COMMENT or "://" in str(create.source.showing.get(Field.BODY))


def _bare(create: Create) -> Create:
    """The create with nothing but what makes an item."""
    return create.reduced_to(ESSENTIAL)
