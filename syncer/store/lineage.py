"""What this state calls itself, as whom it wrote, and what it must be careful with since a backup took its place.

Why an id: a copy of a state goes on from the same journal on another machine. What one of them creates, the other does
not know; the id and the number in the marker are how it finds out.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from syncer.contract.model import Side
from syncer.store.database import IN_PAIR, OF_SIDE, Database, Lease
from syncer.store.locks import this_host
from syncer.store.part import StorePart
from syncer.store.schema.pairs import meta, own_accounts, pairs, sides

BLOCK = 64
"""So many numbers are taken from the state at once, so that a create costs no further commit."""


@dataclass(frozen=True, slots=True)
class OwnAccountRecord:
    """An account that a side was written with."""

    credential: str
    native: str
    """The tracker's id that survives renames."""
    login: str
    first_at: datetime


def new_identity() -> str:
    """An id that no other state has."""
    return secrets.token_hex(8)


class Lineage(StorePart):
    """The identity of a state, its own accounts, and what waits since a restore."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._numbers = range(0)
        self._taking = Lock()

    # --- who this state is

    @property
    def place(self) -> str:
        """Where the state is, as people name it; without a password."""
        directory = self._database.directory
        if directory is None:
            return self._database.engine.url.render_as_string()
        return f"{directory} on {this_host()}"

    def identity(self) -> str:
        """The id of this state: another one in each new state, the same in every copy."""
        with self._database.reading() as connection:
            return _value(connection, "state")

    def former_identities(self) -> frozenset[str]:
        """The ids this state had before it was restored: what was created under them is its own past."""
        with self._database.reading() as connection:
            return frozenset(json.loads(_value(connection, "former-states")))

    def next_marker(self) -> tuple[str, int]:
        """The id of this state, and a number that no create of it had before: it rises, with gaps."""
        with self._taking:
            if not self._numbers:
                self._numbers = self._take_numbers()
            number, self._numbers = self._numbers[0], self._numbers[1:]
        return self.identity(), number

    def _take_numbers(self) -> range:
        with self._database.transaction() as connection:
            last = last_number(connection, lock=True)
            _set(connection, "markers", str(last + BLOCK))
        return range(last + 1, last + BLOCK + 1)

    def begin_anew(self, at: datetime) -> str:
        """Gives the state a new id, and has every pair look at all it knows with the distrust a backup deserves.

        Both sides are read completely next. What they changed since the backup has no base then, and creates wait.
        """
        fresh = new_identity()
        with self._database.transaction() as connection:
            former = json.loads(_value(connection, "former-states", lock=True))
            _set(connection, "former-states", json.dumps([*former, _value(connection, "state")]))
            _set(connection, "state", fresh)
            connection.execute(update(pairs).values(restored_at=at, creates_await=RESTORED, creates_await_since=at))
            connection.execute(update(sides).values(swept_at=None))
        return fresh

    # --- after a restore

    def restored_at(self, pair: str) -> datetime | None:
        """When a backup took the place of the state, until a complete reading was compared with it."""
        value: datetime | None = self._of_pair(pair, pairs.c.restored_at)
        return value

    def compared_since_restore(self, lease: Lease) -> None:
        """Records that a complete reading was compared with what the backup holds."""
        with self._database.writing(lease) as (connection, number):
            connection.execute(update(pairs).where(pairs.c.id == number).values(restored_at=None))

    def creates_await_consent(self, pair: str) -> str | None:
        """Why nothing is created on either side of a pair until a person agrees; None: creates go on."""
        value: str | None = self._of_pair(pair, pairs.c.creates_await)
        return value

    def creates_await_since(self, pair: str) -> datetime | None:
        """From when on new items are certainly new, and created all the same; None: nothing waits."""
        value: datetime | None = self._of_pair(pair, pairs.c.creates_await_since)
        return value

    def set_creates_await_consent(self, lease: Lease | None, pair: str, reason: str | None) -> None:
        """Has the creates of a pair wait from now on, says anew why they do, or (None) lets them go on."""
        mine = pairs.c.name == pair
        with self._database.transaction() if lease is None else self._fenced(lease) as connection:
            before = connection.scalar(select(pairs.c.creates_await_since).where(mine))
            since = None if reason is None else before or self._database.clock()
            connection.execute(update(pairs).where(mine).values(creates_await=reason, creates_await_since=since))

    @contextmanager
    def _fenced(self, lease: Lease) -> Iterator[Connection]:
        with self._database.writing(lease) as (connection, _):
            yield connection

    def _of_pair(self, pair: str, column: Any) -> Any:
        def read(connection: Connection) -> Any:
            return connection.scalar(_pair_column(column), {"name": pair})

        return self._database.remembered(pair, column, read)

    # --- as whom it wrote

    def own_accounts(self, pair: str, side: Side) -> list[OwnAccountRecord]:
        """Every account that a side was ever written with, by this state or the backup it came from."""
        with self._database.reading() as connection:
            return [
                OwnAccountRecord(row.credential, row.native, row.login, row.first_at)
                for row in connection.execute(_OWN_ACCOUNTS, {"name": pair, "of_side": side.value})
            ]

    def keep_account(self, lease: Lease, side: Side, account: OwnAccountRecord) -> None:
        """Remembers an account for good."""
        row = {
            "side": side.value,
            "credential": account.credential,
            "native": account.native,
            "login": account.login,
            "first_at": account.first_at,
        }
        with self._database.writing(lease) as (connection, number):
            connection.execute(self._database.upsert(own_accounts), {"pair": number, **row})


@cache
def _pair_column(column: Any) -> Select[Any]:
    return select(column).where(IN_PAIR)


_OWN_ACCOUNTS = select(own_accounts).join(pairs).where(IN_PAIR, own_accounts.c.side == OF_SIDE)
_VALUE = select(meta.c.value).where(meta.c.name == bindparam("name"))
_LOCKED_VALUE = _VALUE.with_for_update()


def last_number(connection: Connection, *, lock: bool = False) -> int:
    """The number up to which creates of this state may be numbered by now."""
    return int(_value(connection, "markers", lock=lock))


RESTORED = "a backup took the place of this state"


def _value(connection: Connection, name: str, *, lock: bool = False) -> str:
    return str(connection.execute(_LOCKED_VALUE if lock else _VALUE, {"name": name}).scalar_one())


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(update(meta).where(meta.c.name == name).values(value=value))
