"""Accounts that can be renamed, by the ids that cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from syncer.contract.model import Account, Observed, Side
from syncer.core.people import Identity, KnownAccounts
from syncer.store.database import Database, Lease
from syncer.store.part import StorePart
from syncer.store.schema import identities


class Identities(StorePart):
    """Who is behind the logins of a side. Few: those who are assigned to tasks or wrote something."""

    def of_pair(self, pair: str, side: Side) -> list[Identity]:
        """Every account met so far."""
        with self._database.reading() as connection:
            return load(connection, self._database.pair_number(connection, pair), side)

    def save(self, lease: Lease, side: Side, several: Sequence[Identity]) -> None:
        """Inserts or replaces what is known of accounts."""
        if several:
            with self._database.writing(lease) as (connection, number):
                save(self._database, connection, number, side, several)

    def meet(self, lease: Lease, side: Side, account: Account) -> None:
        """Learns what an account is called now."""
        known = KnownAccounts.of(self.of_pair(lease.pair, side))
        known.meet(account)
        self.save(lease, side, [known.known[native] for native in sorted(known.changed)])

    def named(self, pair: str, side: Side, item: Observed) -> Observed:
        """An item as its tracker shows it, with the names by which this state knows the people."""
        return KnownAccounts.of(self.of_pair(pair, side)).named(item)


def load(connection: Connection, number: int, side: Side) -> list[Identity]:
    """The accounts of a side, inside a transaction."""
    query = select(identities).where(identities.c.pair == number, identities.c.side == side.value)
    return [_identity(row) for row in connection.execute(query)]


def save(database: Database, connection: Connection, number: int, side: Side, several: Sequence[Identity]) -> None:
    """Inserts or replaces what is known of accounts, inside a transaction."""
    rows = [
        {
            "pair": number,
            "side": side.value,
            "native": one.native,
            "known_as": one.known_as,
            "login": one.login,
            "bound": one.bound,
        }
        for one in several
    ]
    connection.execute(database.upsert(identities), rows)


def _identity(row: Row[Any]) -> Identity:
    return Identity(row.native, row.known_as, row.login, row.bound)
