"""Items that somebody set apart from the other side: no run creates, adopts or closes anything for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select

from syncer.contract.model import Ref, Side
from syncer.core.records import ApartItem
from syncer.store.database import IN_PAIR, Lease, chunks
from syncer.store.part import StorePart
from syncer.store.schema.links import apart
from syncer.store.schema.pairs import pairs


class ApartItems(StorePart):
    """One row for each item, until somebody links it or takes the row back."""

    def add(
        self,
        lease: Lease,
        side: Side,
        refs: Collection[Ref],
        *,
        since: datetime,
        by: str,
        why: str = "",
        partner: Ref | None = None,
    ) -> None:
        """Sets items apart, from their `partner` where they had one. Those that already are keep their row."""
        if not refs:
            return
        said = {"since": since, "by": by, "why": why, "partner": None if partner is None else str(partner)}
        rows = [{"side": side.value, "ref": str(ref), **said} for ref in sorted(refs)]
        insert = self._database.insert(apart).on_conflict_do_nothing(index_elements=["pair", "side", "ref"])
        with self._database.writing(lease) as (connection, number):
            connection.execute(insert, [{"pair": number, **row} for row in rows])

    def remove(self, lease: Lease, side: Side, refs: Collection[Ref]) -> int:
        """Takes the rows of items back; how many there were."""
        removed = 0
        with self._database.writing(lease) as (connection, number):
            mine = (apart.c.pair == number, apart.c.side == side.value)
            for piece in chunks(sorted(str(ref) for ref in refs)):
                removed += connection.execute(delete(apart).where(*mine, apart.c.ref.in_(piece))).rowcount
        return removed

    def of(self, pair: str) -> set[tuple[Side, Ref]]:
        """Every item of a pair that is set apart."""
        return {(item.side, item.ref) for item in self.listed(pair)}

    def listed(self, pair: str) -> list[ApartItem]:
        """The same with who did it, when and why, the latest first."""

        def read(connection: Connection) -> list[ApartItem]:
            return [
                ApartItem(
                    Side(row.side),
                    Ref.parse(row.ref),
                    row.since,
                    row.by,
                    row.why,
                    None if row.partner is None else Ref.parse(row.partner),
                )
                for row in connection.execute(_LISTED, {"name": pair})
            ]

        return list(self._database.remembered(pair, "apart", read))


_LISTED = select(apart).join(pairs).where(IN_PAIR).order_by(apart.c.since.desc(), apart.c.side, apart.c.ref)
