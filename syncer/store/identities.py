"""Who is who on each side: accounts that can be renamed, by the ids that cannot, and the rosters that were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from syncer.contract.model import Account, Observed, Side
from syncer.contract.roster import Roster
from syncer.core.codec import decode_roster, encode_roster
from syncer.core.people import Identity, KnownAccounts
from syncer.store.database import OF_PAIR, OF_SIDE, Database, Lease
from syncer.store.part import StorePart
from syncer.store.schema.people import identities, rosters


class Identities(StorePart):
    """Who is behind the logins of a side. Few: those who are assigned to tasks or wrote something."""

    def of_pair(self, pair: str, side: Side) -> list[Identity]:
        """Every account met so far."""

        def read(connection: Connection) -> list[Identity]:
            return load(connection, self._database.pair_number(connection, pair), side)

        return list(self._database.remembered(pair, ("identities", side), read))

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
    return [_identity(row) for row in connection.execute(_OF_SIDE, {"of_pair": number, "of_side": side.value})]


_OF_SIDE = select(identities).where(identities.c.pair == OF_PAIR, identities.c.side == OF_SIDE)


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


@dataclass(frozen=True, slots=True)
class StoredRoster:
    """A roster, and the time in which it was read again and again the same."""

    roster: Roster
    read_at: datetime
    seen_at: datetime


class Rosters(StorePart):
    """What was read of each side, newest last; a row only where it differed from the one before."""

    def add(self, lease: Lease, side: Side, roster: Roster, at: datetime) -> None:
        """Adds what was read at a moment; where nothing changed, only that it was seen again."""
        newest = self.get(lease.pair, side)
        with self._database.writing(lease) as (connection, number):
            if newest is not None and newest.roster == roster:
                mine = (rosters.c.pair == number, rosters.c.side == side.value, rosters.c.read_at == newest.read_at)
                connection.execute(update(rosters).where(*mine).values(seen_at=at))
            else:
                values = {"pair": number, "side": side.value, "read_at": at, "seen_at": at}
                connection.execute(self._database.upsert(rosters), {**values, "payload": encode_roster(roster)})

    def get(self, pair: str, side: Side, at: datetime | None = None) -> StoredRoster | None:
        """What was known of a side at a moment (default: now); the oldest where nothing was read by then."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            mine = select(rosters).where(rosters.c.pair == number, rosters.c.side == side.value)
            latest = mine.order_by(rosters.c.read_at.desc()).limit(1)
            row = connection.execute(latest if at is None else latest.where(rosters.c.read_at <= at)).first()
            if row is None and at is not None:
                row = connection.execute(mine.order_by(rosters.c.read_at).limit(1)).first()
        return None if row is None else _known(row)


def _known(row: Row[Any]) -> StoredRoster:
    return StoredRoster(decode_roster(row.payload), row.read_at, row.seen_at)
