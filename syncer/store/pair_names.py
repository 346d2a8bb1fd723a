"""What a pair is called and was called, and between which scopes it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from syncer.contract.model import Side
from syncer.store.database import Database, Lease
from syncer.store.errors import StateError
from syncer.store.lineage import last_number
from syncer.store.part import StorePart
from syncer.store.schema import former_names, meta, metadata, pairs, sides

Scopes = tuple[str, str]
"""The addresses of the left and the right scope."""

FORGOTTEN = "forgotten-pairs"


class Naming(StorePart):
    """Names of pairs. A pair that changes its name stays the same pair; one that is forgotten never was."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._names: dict[str, tuple[str, ...]] = {}

    def known(self) -> Mapping[str, Scopes]:
        """The scopes of every pair that was read at least once, by its name now."""
        query = select(pairs.c.name, sides.c.side, sides.c.address).join(sides, sides.c.pair == pairs.c.id)
        found: dict[str, dict[str, str]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.name, {})[row.side] = row.address
        left, right = Side
        return {name: (scopes.get(left, ""), scopes.get(right, "")) for name, scopes in found.items()}

    def names_of(self, pair: str) -> tuple[str, ...]:
        """The name of a pair and those it had before."""
        if pair not in self._names:  # asked for every item that carries a marker
            query = select(former_names.c.name).join(pairs).where(pairs.c.name == pair).order_by(former_names.c.name)
            with self._database.reading() as connection:
                self._names[pair] = (pair, *(name for name in connection.scalars(query) if name != pair))
        return self._names[pair]

    def rename(self, lease: Lease, name: str, at: datetime) -> None:
        """Gives the pair of a lease another name; the lease ends with it. Raises StateError where the name is taken."""
        try:
            with self._database.writing(lease) as (connection, number):
                connection.execute(update(pairs).where(pairs.c.id == number).values(name=name))
                former = {"pair": number, "name": lease.pair, "until": at}
                connection.execute(self._database.upsert(former_names), former)
        except IntegrityError:
            raise StateError(f'the state has a pair "{name}" already') from None
        self._renamed(lease.pair)

    def forget(self, lease: Lease) -> None:
        """Deletes all that is known of the pair of a lease, but for how far its markers may be numbered."""
        names = self.names_of(lease.pair)
        with self._database.writing(lease) as (connection, number):
            numbers = {**_forgotten(connection), **dict.fromkeys(names, last_number(connection))}
            row = {"name": FORGOTTEN, "value": json.dumps(numbers, sort_keys=True)}
            connection.execute(self._database.upsert(meta), row)
            for table in reversed(metadata.sorted_tables):
                if "pair" in table.columns:
                    connection.execute(delete(table).where(table.c.pair == number))
            connection.execute(delete(pairs).where(pairs.c.id == number))
        self._renamed(lease.pair)

    def forgotten_up_to(self, names: Iterable[str]) -> int:
        """The number up to which creates of forgotten pairs with these names may be numbered; 0 without such a pair."""
        with self._database.reading() as connection:
            numbers = _forgotten(connection)
        return max((numbers.get(name, 0) for name in names), default=0)

    def _renamed(self, pair: str) -> None:
        """Forgets what was remembered under names that mean something else from now on."""
        self._names.clear()
        self._database.forget_number(pair)


def _forgotten(connection: Connection) -> dict[str, int]:
    value = connection.scalar(select(meta.c.value).where(meta.c.name == FORGOTTEN))
    return {} if value is None else dict(json.loads(value))
