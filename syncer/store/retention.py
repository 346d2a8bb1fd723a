"""What is past its time: found, counted, and deleted or made small, a few rows at a time.

What decides is never touched: links and what they rest on, operations that are open, every marker that was ever sent,
what is apart, conflicts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, Select, Table, delete, false, func, select, type_coerce, update

from syncer.contract.model import Field
from syncer.core.records import OperationState, Verb
from syncer.core.retention import Pruned, Retention, shortened
from syncer.store.database import Lease
from syncer.store.part import StorePart
from syncer.store.schema.items import history
from syncer.store.schema.pairs import pairs, runs
from syncer.store.schema.writes import journal

AT_ONCE = 500
"""So many rows of a sort one transaction touches."""
KEPT_RUNS = 50
"""So many of the newest runs of a pair are kept, however old: what `status` looks at."""
NOTHING = 3
"""Bytes of an empty payload."""
TEXTS = 700
"""Bytes that two shortened texts do not exceed in any script."""


class Expired(StorePart):
    """What a state holds longer than it is wanted."""

    def pruned_at(self, pair: str) -> datetime | None:
        """When everything of a pair that was past its time had been deleted the last time."""
        with self._database.reading() as connection:
            found: datetime | None = connection.scalar(select(pairs.c.pruned_at).where(pairs.c.name == pair))
        return found

    def count(self, pair: str, keep: Retention, now: datetime) -> Pruned:
        """How many rows of each sort `prune` would delete or make small."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            sorts = _sorts(connection, number, keep, now)
            counted = {
                one.name: connection.scalar(select(func.count()).select_from(one.rows.subquery())) or 0 for one in sorts
            }
        return Pruned(**counted)

    def prune(self, lease: Lease, keep: Retention, now: datetime) -> Pruned:
        """Deletes or makes small up to `AT_ONCE` rows of each sort, in one transaction; how many there were.

        Where there were fewer, it is noted that nothing is left.
        """
        with self._database.writing(lease) as (connection, number):
            counted = {}
            for one in _sorts(connection, number, keep, now):
                rows = connection.execute(one.rows.limit(AT_ONCE)).all()
                counted[one.name] = len(rows)
                if rows:
                    one.end(connection, rows)
            if max(counted.values()) < AT_ONCE:
                connection.execute(update(pairs).where(pairs.c.id == number).values(pruned_at=now))
        return Pruned(**counted)


@dataclass(frozen=True, slots=True)
class _Sort:
    """Rows of one sort that are past their time, and how they end."""

    name: str
    rows: Select[Any]
    end: Callable[[Connection, Sequence[Row[Any]]], None]


def _sorts(connection: Connection, number: int, keep: Retention, now: datetime) -> list[_Sort]:
    written = (
        (journal.c.pair == number)
        & journal.c.state.in_([OperationState.DONE.value, OperationState.FAILED.value])
        & (journal.c.settled_at < now - keep.writes)
    )
    old = (history.c.pair == number) & (history.c.at < now - keep.writes)
    is_text = (history.c.field == Field.BODY.value) & (_bytes(history.c.old) + _bytes(history.c.new) > TEXTS)
    updates = written & (journal.c.verb != Verb.CREATE.value)
    creates = written & (journal.c.verb == Verb.CREATE.value) & (_bytes(journal.c.payload) > NOTHING)
    texts = old & is_text & (history.c.superseded == 0)
    sorts = [
        _Sort("runs", _runs(connection, number, now - keep.runs), _deleted(runs)),
        _Sort("updates", select(journal.c.sequence).where(updates), _deleted(journal)),
        _Sort("creates", select(journal.c.sequence).where(creates), _emptied),
        _Sort("told_twice", select(history.c.sequence).where(old, history.c.superseded == 1), _deleted(history)),
        _Sort("texts", select(history.c.sequence, history.c.old, history.c.new).where(texts), _shortened),
    ]
    if keep.history is not None:
        past = (history.c.pair == number) & (history.c.at < now - keep.history)
        sorts.append(_Sort("changes", select(history.c.sequence).where(past), _deleted(history)))
    return sorts


def _bytes(column: Any) -> Any:
    """How many bytes a packed value takes."""
    return func.length(type_coerce(column, LargeBinary))


def _runs(connection: Connection, number: int, before: datetime) -> Select[Any]:
    """Runs that began before a moment, but for the newest and the first, which says since when the pair is in step."""
    mine = select(runs.c.started_at).where(runs.c.pair == number)
    newest = connection.scalar(mine.order_by(runs.c.started_at.desc()).offset(KEPT_RUNS - 1).limit(1))
    first = connection.scalar(select(func.min(runs.c.started_at)).where(runs.c.pair == number))
    if newest is None:  # there are no more than are kept anyway
        return select(runs.c.sequence).where(false())
    between = runs.c.started_at > first, runs.c.started_at < min(before, newest)
    return select(runs.c.sequence).where(runs.c.pair == number, *between)


def _deleted(table: Table) -> Callable[[Connection, Sequence[Row[Any]]], None]:
    def end(connection: Connection, rows: Sequence[Row[Any]]) -> None:
        connection.execute(delete(table).where(table.c.sequence.in_([row.sequence for row in rows])))

    return end


def _emptied(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """Takes out what was sent: its marker, what it led to and what became of it stay for good."""
    mine = journal.c.sequence.in_([row.sequence for row in rows])
    connection.execute(update(journal).where(mine).values(payload={}))


def _shortened(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        short = {"old": shortened(row.old), "new": shortened(row.new)}
        connection.execute(update(history).where(history.c.sequence == row.sequence).values(short))
