"""The conflict ledger: fields that both sides changed apart. Rows are never deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from syncer.contract.model import Field
from syncer.core.records import Conflict
from syncer.store.database import CHUNK, IN_PAIR, Lease
from syncer.store.errors import NotOpen
from syncer.store.part import StorePart
from syncer.store.schema.links import conflicts
from syncer.store.schema.pairs import pairs

_ALL = select(conflicts, pairs.c.name).join(pairs).order_by(conflicts.c.id)
_OPEN = _ALL.where(conflicts.c.settled_at.is_(None))


class Conflicts(StorePart):
    """Conflicts: open until both sides agree again, one open row for each field of a link."""

    def of_pair(self, pair: str | None = None, *, open_only: bool = True) -> list[Conflict]:
        """Conflicts of a pair or of all, oldest first."""
        query = _OPEN if open_only else _ALL

        def read(connection: Connection) -> list[Conflict]:
            if pair is None:
                return [_conflict(row) for row in connection.execute(query)]
            return [_conflict(row) for row in connection.execute(query.where(IN_PAIR), {"name": pair})]

        if pair is None:
            with self._database.reading() as connection:
                return read(connection)
        return list(self._database.remembered(pair, query, read))

    def get(self, id: int) -> Conflict | None:  # noqa: A002 -- the word of the records
        """A conflict by its number."""
        with self._database.reading() as connection:
            row = connection.execute(select(conflicts, pairs.c.name).join(pairs).where(conflicts.c.id == id)).first()
        return None if row is None else _conflict(row)

    def record(self, lease: Lease, conflict: Conflict) -> int:
        """The number of the open row of the conflict's link and field, added or brought up to date; its own is ignored.

        A decision stays only while the values it was made about do: deciding for the left does not cover what somebody
        wrote on the right afterwards.
        """
        values = {
            "left": conflict.left,
            "right": conflict.right,
            "base_left": conflict.base_left,
            "base_right": conflict.base_right,
            "policy": conflict.policy,
        }
        is_open = (
            conflicts.c.link == conflict.link,
            conflicts.c.field == conflict.field.value,
            conflicts.c.settled_at.is_(None),
        )
        with self._database.writing(lease) as (connection, number):
            row = connection.execute(select(conflicts).where(*is_open)).first()
            if row is not None:
                same = row.left == conflict.left and row.right == conflict.right
                decision = {} if same else _decided(conflict)
                connection.execute(update(conflicts).where(conflicts.c.id == row.id).values(**values, **decision))
                return int(row.id)
            added = conflicts.insert().values(
                pair=number,
                link=conflict.link,
                field=conflict.field.value,
                opened_at=conflict.opened_at,
                **_decided(conflict),
                settled_at=conflict.settled_at,
                **values,
            )
            return int(connection.execute(added.returning(conflicts.c.id)).scalar_one())

    def decide(self, id: int, decision: str, at: datetime, by: str = "") -> None:  # noqa: A002 -- the word of the records
        """Records what a person decided, and who; the next run carries it out. Raises NotOpen."""
        decided = (
            update(conflicts)
            .where(conflicts.c.id == id, conflicts.c.settled_at.is_(None))
            .values(decision=decision, decided_at=at, decided_by=by or None)
        )
        with self._database.transaction() as connection:
            if connection.execute(decided).rowcount != 1:
                raise NotOpen(f"no open conflict has the number {id}")

    def settle(self, lease: Lease, link: str, fields: Collection[Field], at: datetime) -> None:
        """Closes the open conflicts of these fields of a link: both sides agree again."""
        with self._database.writing(lease) as (connection, number):
            close_conflicts(connection, number, {link: fields}, at)


def close_conflicts(connection: Connection, number: int, agreed: Mapping[str, Collection[Field]], at: datetime) -> None:
    """Closes the open conflicts of fields of links inside a transaction; there are few open ones, often none."""
    if not agreed:
        return
    still = select(conflicts.c.id, conflicts.c.link, conflicts.c.field).where(
        conflicts.c.pair == number, conflicts.c.settled_at.is_(None)
    )
    over = [row.id for row in connection.execute(still) if Field(row.field) in agreed.get(row.link, ())]
    for start in range(0, len(over), CHUNK):
        piece = over[start : start + CHUNK]
        connection.execute(update(conflicts).where(conflicts.c.id.in_(piece)).values(settled_at=at))


def _decided(conflict: Conflict) -> dict[str, Any]:
    return {
        "decision": conflict.decision,
        "decided_at": conflict.decided_at,
        "decided_by": conflict.decided_by or None,
    }


def _conflict(row: Row[Any]) -> Conflict:
    return Conflict(
        id=row.id,
        pair=row.name,
        link=row.link,
        field=Field(row.field),
        left=row.left,
        right=row.right,
        base_left=row.base_left,
        base_right=row.base_right,
        policy=row.policy,
        opened_at=row.opened_at,
        decision=row.decision,
        decided_at=row.decided_at,
        settled_at=row.settled_at,
        decided_by=row.decided_by or "",
    )
