"""The history: every field change that was seen, append-only. The rows are written where items are stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, tuple_

from syncer.contract.model import Field, Ref, Side
from syncer.core.records import FieldChange
from syncer.store.room import Room
from syncer.store.schema import history

PAGE = 1_000


class History(Room):
    """Field changes, by the tracker's clock."""

    def history(
        self,
        pair: str,
        *,
        side: Side | None = None,
        ref: Ref | None = None,
        field: Field | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[FieldChange]:
        """Changes with `since <= at < until`, oldest first; read as it is asked for."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
        order = (history.c.at, history.c.sequence)
        listing = select(history).where(history.c.pair == number).order_by(*order).limit(PAGE)
        conditions = [
            side is not None and history.c.side == side.value,
            ref is not None and history.c.ref == str(ref),
            field is not None and history.c.field == field.value,
            since is not None and history.c.at >= since,
            until is not None and history.c.at < until,
        ]
        listing = listing.where(*(condition for condition in conditions if condition is not False))

        def following(last: Row[Any] | None) -> Select[Any]:
            return listing if last is None else listing.where(tuple_(*order) > (last.at, last.sequence))

        for rows in self._database.pages(following):
            for row in rows:
                yield _field_change(row, pair)


def _field_change(row: Row[Any], pair: str) -> FieldChange:
    return FieldChange(
        pair=pair,
        side=Side(row.side),
        ref=Ref.parse(row.ref),
        field=None if row.field is None else Field(row.field),
        at=row.at,
        seen_at=row.seen_at,
        actor=row.actor,
        old=row.old,
        new=row.new,
        operation=row.operation,
    )
