"""Comments that were taken for commands, and since when each side of a pair obeys such."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select

from syncer.contract.model import Ref, Side
from syncer.core.commands import CommandRecord, Outcome
from syncer.store.database import Lease
from syncer.store.part import StorePart
from syncer.store.schema.links import commands, obeying
from syncer.store.schema.pairs import pairs


@dataclass(frozen=True, slots=True)
class Obeying:
    """Since when comments of a side are looked through for commands."""

    rules: str
    """`CommandRules.named`, of those that hold since then."""
    since: datetime
    """By the tracker's clock: an older comment counts for nothing."""
    looked_at: datetime
    """When they were looked through the last time, by our clock."""


class Commands(StorePart):
    """One row for each comment that was taken for a command, kept for good: it counts once."""

    def obeying(self, pair: str, side: Side) -> Obeying | None:
        """Since when a side obeys; None while nobody is obeyed there."""
        query = select(obeying).join(pairs).where(pairs.c.name == pair, obeying.c.side == side.value)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Obeying(row.rules, row.since, row.looked_at)

    def set_obeying(self, lease: Lease, side: Side, found: Obeying | None) -> None:
        """Keeps since when a side obeys."""
        with self._database.writing(lease) as (connection, number):
            if found is None:
                mine = (obeying.c.pair == number, obeying.c.side == side.value)
                connection.execute(delete(obeying).where(*mine))
                return
            row = {"rules": found.rules, "since": found.since, "looked_at": found.looked_at}
            connection.execute(self._database.upsert(obeying), {"pair": number, "side": side.value, **row})

    def save(self, lease: Lease, record: CommandRecord) -> None:
        """Keeps a command, and what became of it."""
        row = {
            "side": record.side.value, "ref": str(record.ref), "task": str(record.task), "said": record.said,
            "by": record.by, "at": record.at, "alone": int(record.alone),
            "outcome": record.outcome, "answered": int(record.answered),
            "permitted_at": record.permitted_at,
        }  # fmt: skip
        with self._database.writing(lease) as (connection, number):
            connection.execute(self._database.upsert(commands), {"pair": number, **row})

    def of(self, pair: str, side: Side, ref: Ref) -> CommandRecord | None:
        """The command that a comment is; None for any other comment."""
        query = self._of_pair(pair).where(commands.c.side == side.value, commands.c.ref == str(ref))
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _record(row)

    def unanswered(self, pair: str) -> list[CommandRecord]:
        """Those whose answer is still to be given, the oldest first."""
        query = self._of_pair(pair).where(commands.c.answered == 0).order_by(commands.c.at, commands.c.ref)
        with self._database.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def to_syncer_alone(self, pair: str) -> set[tuple[Side, Ref]]:
        """The comments that are commands and nothing else: they are not carried."""
        query = select(commands.c.side, commands.c.ref).join(pairs).where(pairs.c.name == pair, commands.c.alone == 1)
        with self._database.reading() as connection:
            return {(Side(row.side), Ref.parse(row.ref)) for row in connection.execute(query)}

    def number_since(self, pair: str, by: str, since: datetime) -> int:
        """How many commands of a person were looked at since a moment, those beyond the limit aside."""
        query = select(func.count()).select_from(commands).join(pairs)
        mine = (pairs.c.name == pair, commands.c.by == by, commands.c.at > since)
        looked_at = func.coalesce(commands.c.outcome, "") != Outcome.TOO_MANY.value
        with self._database.reading() as connection:
            return connection.scalar(query.where(*mine, looked_at)) or 0

    def permitted_at(self, pair: str, side: Side, by: str) -> datetime | None:
        """When the tracker said the last time that a person may write there."""
        query = select(func.max(commands.c.permitted_at)).select_from(commands).join(pairs)
        mine = (pairs.c.name == pair, commands.c.side == side.value, commands.c.by == by)
        with self._database.reading() as connection:
            found: datetime | None = connection.scalar(query.where(*mine))
        return found

    def _of_pair(self, pair: str) -> Any:
        return select(commands).join(pairs).where(pairs.c.name == pair)


def _record(row: Row[Any]) -> CommandRecord:
    return CommandRecord(
        side=Side(row.side), ref=Ref.parse(row.ref), task=Ref.parse(row.task), said=row.said,
        by=row.by, at=row.at, alone=bool(row.alone), outcome=None if row.outcome is None else Outcome(row.outcome),
        answered=bool(row.answered), permitted_at=row.permitted_at,
    )  # fmt: skip
