"""Changing items that exist on both sides, and advancing the base of their link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from syncer.contract.errors import (
    Ambiguous,
    Denied,
    Down,
    Gone,
    ReadOnly,
    Rejected,
    Retryable,
    Stale,
    TrackerError,
    Unreadable,
)
from syncer.contract.model import Field, Kind, Observed, Side
from syncer.core.change import Reconciled, Update
from syncer.core.codec import digest, encode_fields
from syncer.core.link_memory import Way
from syncer.core.link_reason import Because, LinkReason
from syncer.core.link_setbacks import backed_off, goes_on, not_said, put_off, unseen, unseen_on
from syncer.core.moving import received
from syncer.core.records import Link, LinkState, Operation, OperationState, Verb
from syncer.core.side_view import names
from syncer.core.update_result import answered, awaiting, merged, rejected
from syncer.store import Settled
from syncer.sync.context import Interrupted, OutOfBudget
from syncer.sync.pull import note_answer
from syncer.sync.write.elements import ElementWise, elements_of
from syncer.sync.write.flight import LoneUpdate, UpdateRequest, Updating, attempt, task_of
from syncer.sync.write.writer import AudienceChanged, TrackerDown, Writer

AT_ONCE = 500
"""So many links are saved in one commit."""


@dataclass(slots=True)
class Updates:
    """Writes the decisions about links."""

    writer: Writer
    settled: list[Settled] = field(default_factory=list)
    """Links that both sides agree on, to be saved many at a time. Until then they are unsettled, and decided again."""
    flight: Updating = field(init=False)
    """The updates on their way, where a tracker takes several."""

    def __post_init__(self) -> None:
        """Sends nothing yet."""
        self.flight = Updating(max(self._at_once(side, kind) for side in Side for kind in Kind))

    def _at_once(self, side: Side, kind: Kind) -> int:
        """How many updates of a kind may be on their way to a side."""
        context = self.writer.context
        return min(context.at_once, context.connectors[side].capabilities.updates_at_once.get(kind, 1))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Waits for what is on its way, and saves what is settled within the block in few commits, whatever ends it."""
        with self.flight:
            try:
                yield
                while self.flight:
                    self._land()
            finally:
                self._land_the_rest()
                self._save_settled()

    def _land(self) -> None:
        """Waits for one of the updates on their way, and records what became of it."""
        landed, outcome = self.flight.landed()
        with suppress(ReadOnly):  # what it takes no part of stays as it is, and nothing else waits for it
            link, done = self._answered(landed.request, outcome, again=True)
            self._conclude(landed.decided, link, complete=done)

    def _land_the_rest(self) -> None:
        """The same for all of them, after something ended the sending of others."""
        while self.flight:
            # The first reason to end is the one that counts.
            with suppress(TrackerError, TrackerDown, OutOfBudget, Interrupted, AudienceChanged):
                self._land()

    def _save_settled(self) -> None:
        several = list(self.settled)
        self.settled.clear()
        self.writer.context.store.links.settle(self.writer.lease, several, self.writer.context.clock())

    def _settle(self, link: Link, agreed: frozenset[Field], *, at_once: bool) -> None:
        """Saves a link, and that no conflict is left in the fields that are `agreed`.

        `at_once`: what others depend on, and what is not found out again by deciding the link again.
        """
        self.settled.append((link, agreed))
        if at_once or len(self.settled) >= AT_ONCE:
            self._save_settled()

    def reconcile(self, decided: Reconciled) -> None:
        """Writes one link's updates and saves what both sides agree on, within `together` with that of others.

        An update that is all there is to a decision may still be on its way at the end of it.
        """
        for conflict in decided.record.conflicts:
            self.writer.context.store.conflicts.record(self.writer.lease, conflict)
        record = decided.record
        link = replace(record.link, settled=record.link.settled if not decided.updates else {})
        if len(decided.updates) == 1 and self._flies(decided.updates[0]):
            self._send(decided, decided.updates[0], link)
            return
        complete = True
        for update in decided.updates:
            link, done = self._update(update, link)
            complete = complete and done
        self._conclude(decided, link, complete=complete)

    def _flies(self, update: Update) -> bool:
        """Whether others may be on their way together with an update."""
        return self._at_once(update.side, update.target.kind) > 1

    def _send(self, decided: Reconciled, update: Update, link: Link) -> None:
        """Sends an update, once there is room for it and none is on its way to the same task."""
        self._make_way(update)
        announced, request = self._announced(update, link)
        self.flight.send(LoneUpdate(decided, announced), request)

    def _make_way(self, update: Update) -> None:
        """Waits until an update may be sent after those that are on their way."""
        while self.flight.full or task_of(update) in self.flight.tasks():
            self._land()

    def _conclude(self, decided: Reconciled, link: Link, *, complete: bool) -> None:
        """Saves a link after all of its updates, or for once with those that failed."""
        record, before = decided.record, next((update.link for update in decided.updates), decided.record.link)
        if complete and (fields := frozenset(name for update in decided.updates for name in update.merged)):
            shown = {update.side: self._shown(update.side, update.target) for update in decided.updates}
            link = merged(self.writer.decision_context, decided.updates, link, shown, fields - unseen(link))
        agreed: frozenset[Field] = frozenset()
        if complete:
            written = {update.side: link.settled.get(update.side, "") for update in decided.updates}
            unsettled = decided.waits or bool(decided.doubts)
            link = replace(link, settled={} if unsettled else dict(record.link.settled) | written)
            agreed = record.agreed - unseen(link)
        if not complete and any(update.retires for update in decided.updates):
            link = not_said(before, link)
        told_more = bool(decided.updates and link.differs)  # a refusal: to be sent once, not again after a kill
        plain = link.state is LinkState.ACTIVE and not told_more and not record.conflicts
        self._settle(link, agreed, at_once=not (complete and plain))
        self.writer.tally.leave_alone(decided.skips)

    def _update(self, update: Update, link: Link, *, again: bool = True) -> tuple[Link, bool]:
        """The link after one update, and whether it was done or certainly refused.

        `again`: an item that was not found and is there after all is written once more.
        """
        self._make_way(update)
        announced, request = self._announced(update, link)
        return self._answered(announced, attempt(request), again=again)

    def _announced(self, update: Update, link: Link) -> tuple[UpdateRequest, Callable[[], Observed]]:
        """An update that the journal has by now, and its request: whichever thread sends it, it needs no state."""
        self.writer.prepare(update.side, creates=0)
        announced = UpdateRequest(update, received(update, link), self._begin(update))
        addresses, connector = self.writer.addresses[update.side], self.writer.context.connectors[update.side]
        try:
            target, patch = addresses.item(update.target), addresses.fields(update.patch, update.target.showing)
        except TrackerError as error:
            return announced, partial(_refuse, error)
        return announced, partial(connector.update, target, patch)

    def _answered(
        self, announced: UpdateRequest, outcome: Observed | TrackerError, *, again: bool
    ) -> tuple[Link, bool]:
        """The link once an update was answered, see `_update`."""
        update, link, operation = announced.update, announced.link, announced.operation
        match outcome:
            case Rejected() as error if len(update.wanted) > 1:
                self._failed(operation, f"Rejected: {error}; field by field instead")
                return self._field_by_field(update, link)
            case Rejected() as error if (several := elements_of(update, self.writer.decision_context)) is not None:
                self._failed(operation, f"Rejected: {error}; element by element instead")
                return self._element_by_element(several, link)
            case Rejected() as error:
                return self._refused(update, link, operation, error)
            case TrackerError() as error:
                failed = self._update_failed(update, link, operation, error, again=again)
                found = again and isinstance(error, Gone) and goes_on(failed, link)
                if found and (target := self._as_it_was(update)) is not None:
                    return self._update(replace(update, target=target), failed, again=False)
                return failed, False
            case shown:
                self.writer.failures = 0
                named = self.writer.context.store.identities.named(self.writer.context.name, update.side, shown)
                link = answered(self.writer.decision_context, update, link, named)
                self.writer.conclude(operation, OperationState.DONE, shown, link)
                self._count_update(update)
                return link, True

    def _begin(self, update: Update) -> Operation:
        operation = self.writer.operation(
            Verb.UPDATE, update.side, update.target, update.source, encode_fields(update.patch), update.reason
        )
        self.writer.begin([operation])
        return operation

    def _failed(self, operation: Operation, outcome: str) -> None:
        self.writer.conclude(operation, OperationState.FAILED, None, None, outcome)

    def _field_by_field(self, update: Update, link: Link) -> tuple[Link, bool]:
        """One field that a tracker refuses must not keep the others from being carried."""
        done, view = True, self.writer.decision_context.views[update.side]
        target = self.writer.read_again(update.side, update.target) or update.target
        decided_on = view.look(update.target)
        for name, value in update.wanted.items():
            if view.look(target).get(name) != decided_on.get(name):  # edited meanwhile: decided anew
                link, done = replace(link, settled={}), False
                continue
            patch = view.patch(target.kind, target.showing, {name: value})
            agreed = {key: encoded for key, encoded in update.agreed.items() if key == name.value}
            part = replace(update, target=target, patch=patch, agreed=agreed, wanted={name: value})
            if not patch:
                link = answered(self.writer.decision_context, part, link, target)
                continue
            link, written = self._update(part, link)
            done = done and written
            target = self._shown(update.side, target)
        return link, done

    def _shown(self, side: Side, item: Observed) -> Observed:
        return self.writer.context.store.observed.get(self.writer.context.name, side, item.ref) or item

    def _element_by_element(self, several: ElementWise, link: Link) -> tuple[Link, bool]:
        """One element that a tracker refuses must not keep the others of its set from being carried."""
        update, name, refused = several.update, several.name, {}
        target = self.writer.read_again(update.side, update.target) or update.target
        view = self.writer.decision_context.views[update.side]
        for step in several.steps(names(view.look(target).get(name))):
            wanted = step.applied(names(view.look(target).get(name)))
            patch = view.patch(target.kind, target.showing, {name: wanted})
            if not patch:
                continue
            part, link = replace(update, target=target, patch=patch, wanted={name: wanted}), received(update, link)
            self.writer.prepare(update.side, creates=0)
            operation = self._begin(part)
            try:
                shown = self.writer.context.connectors[update.side].update(target, patch)
            except Rejected as error:
                self._failed(operation, f"Rejected: {error}")
                refused[step.called] = str(error)
                continue
            except TrackerError as error:
                return self._update_failed(update, link, operation, error), False
            self.writer.failures = 0
            self.writer.conclude(operation, OperationState.DONE, shown, None)
            self._count_update(part)
            target = shown
        return self._judged(replace(update, target=target), link, refused)

    def _judged(self, update: Update, link: Link, refused: dict[str, str]) -> tuple[Link, bool]:
        """The link once every element of a set was tried."""
        if not refused:
            return answered(self.writer.decision_context, update, link, update.target), True
        reason = "; ".join(f"“{element}”: {words}" for element, words in refused.items())
        self.writer.tally.example(update.target, "rejected", reason)
        link = rejected(self.writer.decision_context, update, link, reason)
        return replace(link, settled=dict(link.settled) | {update.side: digest(update.target)}), True

    def _refused(self, update: Update, link: Link, operation: Operation, error: Rejected) -> tuple[Link, bool]:
        """The link after a certain refusal: the field waits, with the tracker's words, and is tried again later."""
        self.writer.tally.example(update.target, "rejected", str(error))
        self._failed(operation, f"Rejected: {error}")
        if not update.wanted:  # the last word to a side whose partner is gone
            return replace(
                link, settled=self._digests(update), reason=LinkReason(Because.REJECTED, detail=str(error))
            ), False
        link = rejected(self.writer.decision_context, update, link, str(error))
        return replace(link, settled=dict(link.settled) | {update.side: digest(update.target)}), True

    def _update_failed(
        self, update: Update, link: Link, operation: Operation, error: TrackerError, *, again: bool = False
    ) -> Link:
        outcome = f"{type(error).__name__}: {error}"
        self._failed(operation, outcome)
        match error:
            case Denied():
                raise self.writer.denied(update.side, error)
            case Down():
                raise error
            case Retryable(budget=True):
                raise OutOfBudget(update.side, error.after or timedelta(minutes=1)) from error
            case Retryable(item=True):
                self.writer.tally.retry += 1
                return put_off(self._unknown(update, link), outcome, error.after, self.writer.context.now())
            case Stale() | Ambiguous():
                self.writer.read_again(update.side, update.target)
                self.writer.tally.retry += isinstance(error, Ambiguous)
                lost = self._unknown(update, link) if isinstance(error, Ambiguous) else link
                return replace(lost, settled={})
            case Unreadable():
                note_answer(self.writer.context, self.writer.lease, update.side, update.target, error)
            case Gone(deleted=True):
                self.writer.mark_gone(update.side, update.target)
            case Gone(moved_to=""):
                return self._not_found(update, link, outcome, again=again)
            case Gone():
                return unseen_on(update, link, error)
            case _:
                self.writer.count_failure(error)
                return self._backed_off(self._unknown(update, link), outcome)
        return replace(link, settled={})

    def _unknown(self, update: Update, link: Link) -> Link:
        """The link after a write of which nobody knows how far it came."""
        return awaiting(self.writer.decision_context, update, link, Way.FAILED)

    def _not_found(self, update: Update, link: Link, outcome: str, *, again: bool) -> Link:
        """The link once an item that a write did not find was looked for.

        One that is there is decided again; a young one that stays unseen is tried again in minutes, any other is held.
        """
        (answer,) = self.writer.look_again(update.side, [update.target])
        match answer:
            case Gone(deleted=False) if answer.moved_to or not self.writer.is_young(update.side, update.target):
                return unseen_on(update, link, answer)
            case Observed() if again:
                return replace(link, settled={})
            case Observed() | Gone(deleted=False):
                return self._backed_off(link, outcome)
            case _:
                return replace(link, settled={})

    def _as_it_was(self, update: Update) -> Observed | None:
        """The target as it is now, where it is there and shows what the update was decided on."""
        now = self.writer.context.store.observed.get(self.writer.context.name, update.side, update.target.ref)
        return now if now is not None and now.showing == update.target.showing else None

    def _digests(self, update: Update) -> dict[Side, str]:
        """The showings a refused update was decided on: it is not tried again until one of them changes."""
        items = {update.side: update.target, update.side.other: update.source}
        return {side: digest(item) for side, item in items.items() if item is not None}

    def _backed_off(self, link: Link, outcome: str) -> Link:
        self.writer.tally.retry += 1
        return backed_off(link, outcome, self.writer.context.now())

    def _count_update(self, update: Update) -> None:
        match update.target.kind:
            case Kind.COMMENT:
                self.writer.tally.comments["deleted" if update.retires else "updated"] += 1
            case Kind.MILESTONE:
                self.writer.tally.milestones["updated"] += 1
            case Kind.TASK:
                (self.writer.tally.closed if update.closes else self.writer.tally.updated)[update.side.value] += 1


def _refuse(error: TrackerError) -> Observed:
    """Stands for a request that cannot be made."""
    raise error
