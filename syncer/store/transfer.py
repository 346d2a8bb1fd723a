"""Carrying a whole state from one database to another: all of it, checked, or nothing.

Why row by row in the stored form: nothing is read as what it means, so nothing can be lost by being understood wrongly,
and the checks on both sides compare what is really there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Row, Table, TypeDecorator, delete, func, select, text

from syncer.store.database import Database
from syncer.store.errors import StateError
from syncer.store.schema import metadata
from syncer.store.schema.pairs import meta

BATCH = 1_000
"""Rows of one INSERT."""

Told = Callable[[str, int], None]
"""Told of each table that was carried, with its number of rows."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a table holds: how many rows, and a digest that no order of them changes."""

    rows: int
    digest: str


def carry_over(source: Database, target: Database, told: Told) -> dict[str, int]:
    """Copies every table into an empty state in one transaction; the rows of each table.

    Raises StateError where the target holds something, and where what arrived is not what was sent: then the target is
    as it was. Whoever calls keeps runs away from both.
    """
    counted: dict[str, int] = {}
    with _at_one_moment(source) as there, target.transaction() as here:
        _require_empty(here)
        here.execute(delete(meta))
        for table in map(_as_stored, metadata.sorted_tables):
            sent = _copy(there, here, table)
            arrived = _contents(here, table)
            if sent != arrived:
                raise StateError(
                    f"the table {table.name} did not arrive as it was sent ({sent.rows} rows, then {arrived.rows}):"
                    " nothing was copied, and the state it was read from is as it was"
                )
            counted[table.name] = sent.rows
            told(table.name, sent.rows)
        _go_on_counting(target, here)
    return counted


@contextmanager
def _at_one_moment(database: Database) -> Iterator[Connection]:
    """A connection that sees the state of one moment, whatever is written meanwhile."""
    options = {"isolation_level": "REPEATABLE READ"} if not database.sqlite else {}
    with database.engine.connect().execution_options(**options) as connection:
        if database.sqlite:
            connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            connection.rollback()


def _as_stored(table: Table) -> Table:
    """A table by whose types everything is read and written in its stored form."""

    def plain(column: Column[Any]) -> Column[Any]:
        kind = column.type
        stored = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
        return Column(column.name, stored, primary_key=column.primary_key)

    return Table(table.name, MetaData(), *map(plain, table.columns))


def _require_empty(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if table is not meta and connection.scalar(select(func.count()).select_from(table)):
            raise StateError(
                f"the state that is to be written holds something already (table {table.name}): name an empty database,"
                " or a directory that is not there yet"
            )


def _copy(there: Connection, here: Connection, table: Table) -> Contents:
    """Copies a table; what was sent."""
    sent = _Digesting()
    rows = _rows(there, table)
    while batch := [row._asdict() for row in islice(sent.passing(rows), BATCH)]:
        here.execute(table.insert(), batch)
    return sent.contents


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """The rows of a table, a batch at a time in memory."""
    return iter(connection.execute(select(table).execution_options(yield_per=BATCH)))


def _contents(connection: Connection, table: Table) -> Contents:
    found = _Digesting()
    for _ in found.passing(_rows(connection, table)):
        pass
    return found.contents


class _Digesting:
    """Adds up rows as they pass: their sum is the same in every order, and no two rows of a table are the same."""

    def __init__(self) -> None:
        self._rows, self._sum = 0, 0

    def passing(self, rows: Iterator[Row[Any]]) -> Iterator[Row[Any]]:
        """The rows, once each was counted."""
        for row in rows:
            self._rows += 1
            values = repr(tuple(_alike(value) for value in row)).encode("utf-8", "surrogatepass")
            self._sum += int.from_bytes(blake2b(values, digest_size=16).digest(), "big")
            yield row

    @property
    def contents(self) -> Contents:
        """What passed so far."""
        return Contents(self._rows, f"{self._sum % (1 << 128):032x}")


def _alike(value: Any) -> Any:
    """A value as both databases hold it: a REAL has 8 bytes in SQLite and 4 in PostgreSQL."""
    if isinstance(value, float):
        return struct.pack("<f", value)
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def _go_on_counting(target: Database, here: Connection) -> None:
    """Has PostgreSQL number what comes after what came; SQLite does so by itself. And has it look at its tables."""
    if target.sqlite:
        return
    for table in metadata.sorted_tables:
        key = list(table.primary_key.columns)
        if len(key) == 1 and key[0].type.python_type is int and not key[0].foreign_keys:
            name = key[0].name
            here.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'),"  # noqa: S608 - our own names
                    f" coalesce(max({name}), 0) + 1, false) FROM {table.name}"
                )
            )
        here.execute(text(f"ANALYZE {table.name}"))
