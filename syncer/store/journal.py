"""The journal: what we were about to write, committed before it is sent, and what became of it.

Why: a create whose answer is lost must never be sent again on a guess. The row that
was committed first says after any crash what to look for; a unique index makes a second live create of an item
impossible.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from syncer.contract.model import Kind, Marker, Observed, Ref, Side
from syncer.core.records import Link, Operation, OperationState, Verb
from syncer.store.database import IN_PAIR, OF_PAIR, Lease
from syncer.store.errors import AlreadyBegun, NotOpen
from syncer.store.links import write_links
from syncer.store.part import StorePart
from syncer.store.recording import RecordingContext, Shown, record_shown
from syncer.store.schema.pairs import pairs
from syncer.store.schema.writes import journal

Concluded = tuple[Operation, Observed | None, Link | None]
"""An operation with its outcome, what the written side then shows, and the link as it then is."""

UNSETTLED = (OperationState.SENT, OperationState.AMBIGUOUS)
MAY_BECOME = {
    OperationState.SENT: (),
    OperationState.AMBIGUOUS: UNSETTLED,
    OperationState.HELD: (*UNSETTLED, OperationState.HELD),
    OperationState.DONE: (*UNSETTLED, OperationState.HELD),
    OperationState.FAILED: (*UNSETTLED, OperationState.HELD),
}
"""From which states an operation can come; what was held is settled by a person or a later reading."""


class Journal(StorePart):
    """Operations. Every method that writes is one durable commit."""

    def begin(self, lease: Lease, operations: Sequence[Operation], *, concluded: Sequence[Concluded] = ()) -> None:
        """Records what is about to be sent, and what became of what was sent before; on return it is on disk.

        Raises AlreadyBegun when an item would get a second live create on the same side.
        """
        if not operations:
            self.conclude_many(lease, concluded)
            return
        with self._database.writing(lease) as (connection, number):
            self._conclude(connection, number, concluded)
            try:
                connection.execute(journal.insert(), [_row(number, operation) for operation in operations])
            except IntegrityError as error:
                sources = ", ".join(str(operation.source) for operation in operations[:3])
                raise AlreadyBegun(f"{sources}: a create for the same item is sent, held or done already") from error

    def conclude(self, lease: Lease, operation: Operation, *, observed: Observed | None, link: Link | None) -> None:
        """Records an outcome, what the written side then shows, and the link, in one transaction.

        Raises NotOpen when the operation was never begun or is settled already.
        """
        self.conclude_many(lease, [(operation, observed, link)])

    def conclude_many(self, lease: Lease, concluded: Sequence[Concluded]) -> None:
        """Records several outcomes in one transaction."""
        if not concluded:
            return
        with self._database.writing(lease) as (connection, number):
            self._conclude(connection, number, concluded)
        self._database.wrote(len(concluded))

    def _conclude(self, connection: Connection, number: int, concluded: Sequence[Concluded]) -> None:
        """Records outcomes inside a transaction."""
        for operation, _, _ in concluded:
            settle(connection, number, operation)
        for side in Side:
            shown = [Shown(item, one.id) for one, item, _ in concluded if item is not None and one.side is side]
            if shown:
                place = RecordingContext(self._database, connection, number, side, self._database.clock())
                record_shown(place, shown)
        write_links(self._database, connection, number, [link for _, _, link in concluded if link is not None])

    def open(self, pair: str, *, states: Collection[OperationState] = UNSETTLED) -> list[Operation]:
        """What is in one of `states`, by default sent and not known to have happened or not; oldest first."""
        wanted = [state.value for state in states]
        with self._database.reading() as connection:
            return [_operation(row) for row in connection.execute(_IN_STATES, {"name": pair, "states": wanted})]

    def latest(
        self,
        pair: str,
        *,
        ref: Ref | None = None,
        side: Side | None = None,
        state: OperationState | None = None,
        limit: int = 100,
    ) -> list[Operation]:
        """The latest operations, newest first: those that wrote `ref` or were caused by it, that wrote `side`."""
        query = _select(pair).order_by(journal.c.sequence.desc()).limit(limit)
        if ref is not None:
            query = query.where(or_(journal.c.source == str(ref), journal.c.target == str(ref)))
        if side is not None:
            query = query.where(journal.c.side == side.value)
        if state is not None:
            query = query.where(journal.c.state == state.value)
        with self._database.reading() as connection:
            return [_operation(row) for row in connection.execute(query)]

    def create_with(self, pair: str, source: Ref, marker: Marker) -> Operation | None:
        """The create that sent a marker for an item, whatever became of it; None: this state sent none."""
        query = _select(pair).where(journal.c.source == str(source), journal.c.marker == marker)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _operation(row)

    def get(self, id: str) -> Operation | None:  # noqa: A002 -- the word of the records
        """An operation by its id."""
        query = select(journal, pairs.c.name).join(pairs).where(journal.c.id == id)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _operation(row)


def settle(connection: Connection, number: int, operation: Operation) -> None:
    """Writes the outcome of an operation inside a transaction. Raises NotOpen."""
    before = [state.value for state in MAY_BECOME[operation.state]]
    settled = connection.execute(
        _OPEN,
        {
            "of_pair": number,
            "operation": operation.id,
            "before": before,
            "state": operation.state.value,
            "target": None if operation.target is None else str(operation.target),
            "outcome": operation.outcome,
            "settled_at": operation.settled_at,
            "never_told": int(operation.never_told),
        },
    )
    if settled.rowcount != 1:
        raise NotOpen(f"operation {operation.id} cannot become {operation.state}: it was never begun, or is settled")


_OPEN = update(journal).where(
    journal.c.id == bindparam("operation"),
    journal.c.pair == OF_PAIR,
    journal.c.state.in_(bindparam("before", expanding=True)),
)


_IN_STATES = (
    select(journal, pairs.c.name)
    .join(pairs)
    .where(IN_PAIR, journal.c.state.in_(bindparam("states", expanding=True)))
    .order_by(journal.c.sequence)
)


def _select(pair: str) -> Select[Any]:
    return select(journal, pairs.c.name).join(pairs).where(pairs.c.name == pair)


def _row(number: int, operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "pair": number,
        "run": operation.run,
        "epoch": operation.epoch,
        "verb": operation.verb.value,
        "side": operation.side.value,
        "kind": operation.kind.value,
        "source": str(operation.source),
        "target": None if operation.target is None else str(operation.target),
        "marker": operation.marker,
        "payload": operation.payload,
        "reason": operation.reason,
        "state": operation.state.value,
        "at": operation.at,
        "outcome": operation.outcome,
        "settled_at": operation.settled_at,
        "never_told": int(operation.never_told),
    }


def _operation(row: Row[Any]) -> Operation:
    return Operation(
        id=row.id,
        pair=row.name,
        run=row.run,
        epoch=row.epoch,
        verb=Verb(row.verb),
        side=Side(row.side),
        kind=Kind(row.kind),
        source=Ref.parse(row.source),
        target=None if row.target is None else Ref.parse(row.target),
        marker=None if row.marker is None else Marker(row.marker),
        payload=row.payload,
        reason=row.reason,
        state=OperationState(row.state),
        at=row.at,
        outcome=row.outcome,
        settled_at=row.settled_at,
        never_told=bool(row.never_told),
    )
