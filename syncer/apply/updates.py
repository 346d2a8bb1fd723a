"""Changing items that exist on both sides, and advancing the base of their link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from syncer.apply.writer import Writer
from syncer.context import OutOfBudget
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Stale, TrackerError
from syncer.contract.model import Field, Kind, Observed, Side
from syncer.core.change import Update
from syncer.core.codec import digest, encode_fields
from syncer.core.moments import LONGEST_BACKOFF
from syncer.core.reconcile import Reconciled
from syncer.core.records import Link, LinkState, Operation, OperationState, Verb
from syncer.core.view import encode_view
from syncer.pull import MOVED, UNSEEN

GIVE_UP_AFTER = 8
"""Failed applications of one link in a row; it is held then."""


@dataclass(frozen=True, slots=True)
class Updates:
    """Writes the decisions about links."""

    writer: Writer

    def reconcile(self, decided: Reconciled) -> None:
        """Writes one link's updates and saves what both sides agree on."""
        store = self.writer.context.store
        record = decided.record
        for conflict in record.conflicts:
            store.record_conflict(self.writer.lease, conflict)
        link = replace(record.link, settled=decided.record.link.settled if not decided.updates else {})
        complete = True
        for update in decided.updates:
            link, done = self._update(update, link)
            complete = complete and done
        if complete:
            settled = dict(record.link.settled) | {update.side: link.settled[update.side] for update in decided.updates}
            link = replace(link, settled={} if decided.waits else settled)
            if record.agreed:
                store.settle_conflicts(self.writer.lease, link.id, record.agreed, self.writer.context.clock())
        if not complete and link.state is LinkState.RETIRED:
            link = replace(link, state=LinkState.ACTIVE)
        store.save_link(self.writer.lease, link)
        self.writer.tally.leave_alone(decided.skips)

    def _update(self, update: Update, link: Link) -> tuple[Link, bool]:
        """The link after one update, and whether it was done."""
        self.writer.prepare(update.side, creates=0)
        operation = self.writer.operation(
            Verb.UPDATE, update.side, update.target, update.source, encode_fields(update.patch), update.reason
        )
        self.writer.context.store.begin(self.writer.lease, [operation])
        try:
            addresses = self.writer.addresses[update.side]
            patch = addresses.fields(update.patch, update.target.showing)
            shown = self.writer.context.connectors[update.side].update(addresses.item(update.target), patch)
        except Rejected as error:
            if len(update.wanted) > 1:
                self.writer.conclude(
                    operation, OperationState.FAILED, None, None, f"Rejected: {error}; field by field instead"
                )
                return self._field_by_field(update, link)
            return self._update_failed(update, link, operation, error), False
        except TrackerError as error:
            return self._update_failed(update, link, operation, error), False
        self.writer.failures = 0
        named = self.writer.context.store.named(self.writer.context.name, update.side, shown)
        link = self._after_update(update, link, named)
        self.writer.conclude(operation, OperationState.DONE, shown, link)
        self._count_update(update)
        return link, True

    def _field_by_field(self, update: Update, link: Link) -> tuple[Link, bool]:
        """One field that a tracker refuses must not keep the others from being carried."""
        done, view = True, self.writer.situation.views[update.side]
        target = self.writer.read_again(update.side, update.target) or update.target
        for name, value in update.wanted.items():
            patch = view.patch(target.kind, target.showing, {name: value})
            agreed = {key: encoded for key, encoded in update.agreed.items() if key == name.value}
            part = replace(update, target=target, patch=patch, agreed=agreed, wanted={name: value})
            if not patch:
                link = self._after_update(part, link, target)
                continue
            link, written = self._update(part, link)
            done = done and written
            target = self.writer.context.store.observed(self.writer.context.name, update.side, target.ref) or target
        return link, done

    def _after_update(self, update: Update, link: Link, shown: Observed) -> Link:
        """The link with both bases advanced for the fields of the update."""
        view = self.writer.situation.views[update.side].look(shown)
        base = {side: dict(link.base.get(side, {})) for side in Side}
        for name, encoded in update.agreed.items():
            base[update.side.other][name] = encoded
        for name in update.agreed.keys() & {shown_name.value for shown_name in view}:
            base[update.side][name] = encode_view(view[Field(name)])
        settled = dict(link.settled) | {update.side: digest(shown)}
        return replace(link, base=base, settled=settled, attempts=0, retry_at=None)

    def _update_failed(self, update: Update, link: Link, operation: Operation, error: TrackerError) -> Link:
        outcome = f"{type(error).__name__}: {error}"
        self.writer.conclude(operation, OperationState.FAILED, None, None, outcome)
        match error:
            case Denied():
                raise error
            case Retryable(budget=True):
                raise OutOfBudget(update.side, error.after or timedelta(minutes=1)) from error
            case Stale() | Ambiguous():
                self.writer.read_again(update.side, update.target)
                self.writer.tally.retry += isinstance(error, Ambiguous)
                return replace(link, settled={})
            case Gone(deleted=True):
                self.writer.mark_gone(update.side, update.target)
                return replace(link, settled={})
            case Gone():
                return replace(
                    link, state=LinkState.HELD, reason=f"{update.target.key} {_lost(error)} on the {update.side} side"
                )
            case Rejected():
                self.writer.tally.example(update.target, "rejected", str(error))
                return replace(link, settled=self._digests(update), reason=outcome)
            case _:
                self.writer.count_failure(error)
                return self._backed_off(link, outcome)

    def _digests(self, update: Update) -> dict[Side, str]:
        """The showings a refused update was decided on: it is not tried again until one of them changes."""
        items = {update.side: update.target, update.side.other: update.source}
        return {side: digest(item) for side, item in items.items() if item is not None}

    def _backed_off(self, link: Link, outcome: str) -> Link:
        attempts = link.attempts + 1
        self.writer.tally.retry += 1
        if attempts >= GIVE_UP_AFTER:
            return replace(
                link, state=LinkState.HELD, reason=f"gave up after {attempts} attempts: {outcome}", attempts=attempts
            )
        wait = min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_BACKOFF)
        return replace(link, attempts=attempts, retry_at=self.writer.context.now() + wait, reason=outcome, settled={})

    def _count_update(self, update: Update) -> None:
        match update.target.kind:
            case Kind.COMMENT:
                self.writer.tally.comments["deleted" if update.retires else "updated"] += 1
            case Kind.MILESTONE:
                self.writer.tally.milestones["updated"] += 1
            case Kind.TASK:
                (self.writer.tally.closed if update.closes else self.writer.tally.updated)[update.side.value] += 1


def _lost(error: Gone) -> str:
    return f"{MOVED} to {error.moved_to}" if error.moved_to else UNSEEN
