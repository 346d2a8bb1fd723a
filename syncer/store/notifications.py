"""What somebody was told to be waiting, so that nobody is told the same again in every run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select

from syncer.store.columns import printable
from syncer.store.database import chunks
from syncer.store.part import StorePart
from syncer.store.schema import pairs, told


class NotificationRecords(StorePart):
    """When somebody was told of what, pair by pair. A pair that was never run has nothing to tell."""

    def told(self, pair: str) -> Mapping[str, datetime]:
        """What was told, by its key, and when."""
        query = select(told.c.key, told.c.told_at).join(pairs).where(pairs.c.name == pair)
        with self._database.reading() as connection:
            return {row.key: row.told_at for row in connection.execute(query)}

    def tell(self, pair: str, keys: Collection[str], at: datetime) -> None:
        """Records that somebody was told of these."""
        if not keys:
            return
        with self._database.transaction() as connection:
            number = self._database.pair_number(connection, pair)
            rows = [{"pair": number, "key": key, "told_at": at} for key in keys]
            connection.execute(self._database.upsert(told), rows)

    def forget(self, pair: str, keys: Collection[str]) -> None:
        """Forgets that somebody was told of these, because they wait no more: the next time they are news again."""
        with self._database.transaction() as connection:
            number = self._database.pair_number(connection, pair)
            for piece in chunks([printable(key) for key in keys]):
                connection.execute(delete(told).where(told.c.pair == number, told.c.key.in_(piece)))
