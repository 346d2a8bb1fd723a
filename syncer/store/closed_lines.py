"""Which trackers do not answer at present, as any process on this state found out: the others need not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from syncer.store.part import StorePart
from syncer.store.schema.writes import closed_lines


@dataclass(frozen=True, slots=True)
class ClosedLineRecord:
    """Why nothing is sent for an account."""

    refused: bool
    """The account is refused; else the tracker does not answer."""
    message: str
    remedy: str
    asked_at: datetime


class ClosedLines(StorePart):
    """By account, as connectors name it."""

    def get(self, credential: str) -> ClosedLineRecord | None:
        """Why nothing is sent for an account; None where its tracker answers."""
        with self._database.reading() as connection:
            row = connection.execute(select(closed_lines).where(closed_lines.c.credential == credential)).first()
        return None if row is None else ClosedLineRecord(bool(row.refused), row.message, row.remedy, row.asked_at)

    def keep(self, credential: str, record: ClosedLineRecord) -> None:
        """Says that nothing is sent, and why."""
        row = {
            "credential": credential,
            "refused": int(record.refused),
            "message": record.message,
            "remedy": record.remedy,
            "asked_at": record.asked_at,
        }
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(self._database.upsert(closed_lines), row)

    def claim(self, credential: str, now: datetime, every: timedelta) -> bool:
        """Whether nobody has asked for so long, so that the caller is to; then nobody else is, for as long again.

        Also where nothing is known of it, or a clock was set back.
        """
        there = closed_lines.c.credential == credential
        # A tenth to spare: whoever sleeps for as long by a clock of its own is not too early by a hair.
        due = (closed_lines.c.asked_at <= now - every * 0.9) | (closed_lines.c.asked_at > now + every)
        with self._database.transaction(of_no_pair=True) as connection:
            if connection.execute(update(closed_lines).where(there, due).values(asked_at=now)).rowcount:
                return True
            return connection.scalar(select(closed_lines.c.credential).where(there)) is None

    def forget(self, credential: str) -> None:
        """Says that the tracker answers."""
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(delete(closed_lines).where(closed_lines.c.credential == credential))
