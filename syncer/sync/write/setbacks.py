"""Creates that failed: tried again by a later run, ever later, until they wait for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from syncer.contract.model import Ref, Side
from syncer.core.change import Create
from syncer.core.codec import digest
from syncer.core.link_setbacks import GIVE_UP_AFTER
from syncer.core.records import Attempts, Operation, OperationState
from syncer.core.trusted_time import LONGEST_BACKOFF
from syncer.sync.write.writer import Writer


class Setbacks:
    """How often the creates of one pair failed. An edit of the source makes a create a new one."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._set_aside = writer, writer.context.store.set_aside
        self._earlier: Mapping[tuple[Side, Ref], Attempts] = {}

    def look_up(self) -> None:
        """Asks the state what failed in earlier runs."""
        self._earlier = self._set_aside.attempts(self._writer.context.name)

    def of(self, create: Create) -> Attempts | None:
        """How often a create failed before, unless its source was edited since."""
        known = self._earlier.get((create.side, create.source.ref))
        return known if known is not None and known.digest == digest(create.source) else None

    def count(self, operation: Operation, create: Create, outcome: str) -> None:
        """Records one more failure of a create, which is tried again unless there are too many."""
        known = self.of(create)
        count = 1 if known is None else known.count + 1
        if count >= GIVE_UP_AFTER:
            self.hold(operation, create, "held", f"gave up after {count} attempts: {outcome}")
            return
        self._put_off(operation, create, count, timedelta(minutes=2 ** (count - 1)), outcome)

    def excuse(self, operation: Operation, create: Create, wait: timedelta | None, outcome: str) -> None:
        """Records that a create is tried again later without a failure of its own: it was merely not its time."""
        known = self.of(create)
        self._put_off(operation, create, known.count if known else 0, wait, outcome)

    def hold(self, operation: Operation, create: Create, why: str, outcome: str) -> None:
        """Records that a create waits for a person, or for an edit of its source."""
        self._writer.conclude(operation, OperationState.HELD, None, None, outcome)
        self.forget(create)
        self._writer.tally.example(create.source, why, outcome)

    def forget(self, create: Create) -> None:
        """Takes back what was counted of a create in earlier runs."""
        if (create.side, create.source.ref) in self._earlier:
            self._set_aside.forget_attempts(self._writer.lease, create.side, [create.source.ref])

    def _put_off(self, operation: Operation, create: Create, count: int, wait: timedelta | None, outcome: str) -> None:
        """Records that a create had no effect and is tried again later, after `count` failures of its own."""
        self._writer.conclude(operation, OperationState.FAILED, None, None, outcome)
        wait = min(wait or timedelta(minutes=1), LONGEST_BACKOFF)
        attempts = Attempts(digest(create.source), count, self._writer.context.clock() + wait)
        self._set_aside.save_attempts(self._writer.lease, create.side, {create.source.ref: attempts})
        self._writer.tally.retry += 1
        self._writer.tally.example(create.source, "failed", outcome)
