"""Items that somebody paused: nothing of them is written to either side until they go on."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, delete, or_, select

from syncer.contract.model import Ref, Side
from syncer.core.steering import PausedItem
from syncer.store.database import IN_PAIR, Lease
from syncer.store.part import StorePart
from syncer.store.schema.links import paused
from syncer.store.schema.pairs import pairs


class PausedItems(StorePart):
    """One row for each item that a command paused, and one for each that a label pauses."""

    def listed(self, pair: str) -> list[PausedItem]:
        """What is paused in a pair, also what is over by now; the longest paused first."""
        with self._database.reading() as connection:
            return [
                PausedItem(Side(row.side), Ref.parse(row.ref), row.since, row.by, row.why, row.until, row.label)
                for row in connection.execute(_LISTED, {"name": pair})
            ]

    def add(self, lease: Lease, items: Collection[PausedItem]) -> None:
        """Pauses items. One that is paused already in the same way is paused by the new row."""
        rows = [
            {"side": one.side.value, "ref": str(one.ref), "label": one.label, "since": one.since, "by": one.by,
             "why": one.why, "until": one.until}
            for one in items
        ]  # fmt: skip
        if rows:
            with self._database.writing(lease) as (connection, number):
                connection.execute(self._database.upsert(paused), [{"pair": number, **row} for row in rows])

    def remove(self, lease: Lease, items: Collection[PausedItem]) -> None:
        """Has items go on."""
        if not items:
            return
        with self._database.writing(lease) as (connection, number):
            rows = [
                and_(paused.c.side == one.side.value, paused.c.ref == str(one.ref), paused.c.label == one.label)
                for one in items
            ]
            for start in range(0, len(rows), 100):
                piece = or_(*rows[start : start + 100])
                connection.execute(delete(paused).where(paused.c.pair == number, piece))


_LISTED = (
    select(paused).join(pairs).where(IN_PAIR).order_by(paused.c.since, paused.c.side, paused.c.ref, paused.c.label)
)
