"""Pull requests and releases as they were last told, and where each side was read up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from syncer.contract.code import CodeReading, PullRequest, Release
from syncer.contract.model import Cursor, Side
from syncer.contract.roster import Unread
from syncer.store.database import Lease
from syncer.store.part import StorePart
from syncer.store.schema.code import code_readings, pull_requests, releases

_TIMES = ("opened", "reviewed", "merged", "closed", "published")


@dataclass(frozen=True, slots=True)
class StoredCode:
    """What is known of the code of one side."""

    pulls: Mapping[str, PullRequest] = field(default_factory=dict)
    """By native id."""
    releases: tuple[Release, ...] = ()
    """The oldest first."""
    read_at: datetime | None = None
    """When it was last asked for; None where it never was."""
    cursor: Cursor | None = None
    unread: tuple[Unread, ...] = ()
    """What the last reading left out."""


class CodeRecords(StorePart):
    """What was told of each side."""

    def add(self, lease: Lease, side: Side, code: CodeReading, at: datetime) -> None:
        """Adds what one reading told at a moment. Releases that it did not tell of any more are forgotten."""
        with self._database.writing(lease) as (connection, number):
            mine = {"pair": number, "side": side.value}
            connection.execute(delete(releases).where(releases.c.pair == number, releases.c.side == side.value))
            for into, told in ((pull_requests, code.pulls), (releases, code.releases)):
                rows = [{**mine, "native": one.native, "payload": _encoded(one)} for one in told]
                if rows:
                    connection.execute(self._database.upsert(into), rows)
            unread = [[each.part, each.reason] for each in code.unread]
            values = {**mine, "read_at": at, "next": code.cursor, "unread": unread}
            connection.execute(self._database.upsert(code_readings), values)

    def get(self, pair: str, side: Side) -> StoredCode:
        """What is known of a side; nothing where it was never asked for."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            last, pulls, published = (
                connection.execute(select(one).where(one.c.pair == number, one.c.side == side.value)).all()
                for one in (code_readings, pull_requests, releases)
            )
        if not last:
            return StoredCode()
        told = [_decoded(Release, row.payload) for row in published]
        return StoredCode(
            {row.native: _decoded(PullRequest, row.payload) for row in pulls},
            tuple(sorted(told, key=lambda one: (one.published, one.native))),
            last[0].read_at,
            Cursor(last[0].next),
            tuple(Unread(part, reason) for part, reason in last[0].unread),
        )


def _encoded(told: PullRequest | Release) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(told).items()}


def _decoded(kind: type[Any], payload: Mapping[str, Any]) -> Any:
    values = {
        key: datetime.fromisoformat(value) if key in _TIMES and value is not None else value
        for key, value in payload.items()
    }
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
