"""Who is who on each side: read rarely, kept as long as the history is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from syncer.contract.model import Side
from syncer.contract.roster import Roster
from syncer.core.roster_codec import decode_roster, encode_roster
from syncer.store.database import Lease
from syncer.store.part import StorePart
from syncer.store.schema import rosters


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
