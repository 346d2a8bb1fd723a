"""Pull requests and releases as they were last told, where each side was read up to, and our links to pull requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from syncer.contract.code import CodeReading, LooseRelease, PullRequest, Release
from syncer.contract.model import Cursor, Side
from syncer.contract.roster import Unread
from syncer.core.pull_links import ShownPull
from syncer.core.release_names import ReleaseMark
from syncer.store.database import Lease
from syncer.store.part import StorePart
from syncer.store.schema.code import code_readings, pull_requests, releases

_SHOWN = "shown"
"""Under which key a stored pull request has our links to it."""
_MARK = "mark"
"""Under which key a stored release has what is remembered of its version."""
_DRAFT = "draft"
"""A key that a stored release has only where it counts as none."""
_TIMES = ("opened", "reviewed", "merged", "closed", "published")


@dataclass(frozen=True, slots=True)
class StoredCode:
    """What is known of the code of one side."""

    pulls: Mapping[str, PullRequest] = field(default_factory=dict)
    """By native id."""
    releases: tuple[Release, ...] = ()
    """The oldest first."""
    loose: tuple[LooseRelease, ...] = ()
    """Drafts, and those without a tag, by native id."""
    read_at: datetime | None = None
    """When it was last asked for; None where it never was."""
    cursor: Cursor | None = None
    unread: tuple[Unread, ...] = ()
    """What the last reading left out."""
    shown: Mapping[str, tuple[ShownPull, ...]] = field(default_factory=dict)
    """By native id of a pull request, our links to it that tasks of the other side have."""
    marks: Mapping[str, ReleaseMark] = field(default_factory=dict)
    """By native id of a release, what is remembered of its version."""


class CodeRecords(StorePart):
    """What was told of each side."""

    def add(self, lease: Lease, side: Side, code: CodeReading, at: datetime) -> None:
        """Adds what one reading told at a moment. Releases that it tells of no more are forgotten."""
        with self._database.writing(lease) as (connection, number):
            mine = {"pair": number, "side": side.value}
            marks = _marks_of(connection, number, side)
            if code.releases is not None:
                connection.execute(delete(releases).where(releases.c.pair == number, releases.c.side == side.value))
            shown = _links_of(_pulls(connection, number, side))
            pulls = [{**mine, "native": one.native, "payload": _row(one, shown.get(one.native))} for one in code.pulls]
            told: list[Release | LooseRelease] = [*(code.releases or ()), *code.loose]
            kept = {one.native: _marked(marks.get(one.native)) for one in told}
            published = [{**mine, "native": one.native, "payload": _encoded(one) | kept[one.native]} for one in told]
            for into, rows in ((pull_requests, pulls), (releases, published)):
                if rows:
                    connection.execute(self._database.upsert(into), rows)
            unread = [[each.part, each.reason] for each in code.unread]
            values = {**mine, "read_at": at, "next": code.cursor, "unread": unread}
            connection.execute(self._database.upsert(code_readings), values)

    def show(self, lease: Lease, side: Side, pull: PullRequest, shown: Sequence[ShownPull]) -> None:
        """Notes our links to a pull request of a side: before each request that makes or changes one, and after it."""
        with self._database.writing(lease) as (connection, number):
            values = {"pair": number, "side": side.value, "native": pull.native, "payload": _row(pull, shown)}
            connection.execute(self._database.upsert(pull_requests), values)

    def mark(self, lease: Lease, side: Side, release: Release, mark: ReleaseMark) -> None:
        """Notes what is to be remembered of a release of a side and its version, as long as the release is told of."""
        with self._database.writing(lease) as (connection, number):
            payload = _encoded(release) | _marked(mark)
            values = {"pair": number, "side": side.value, "native": release.native, "payload": payload}
            connection.execute(self._database.upsert(releases), values)

    def get(self, pair: str, side: Side) -> StoredCode:
        """What is known of a side; nothing where it was never asked for."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            last, published = (
                connection.execute(select(one).where(one.c.pair == number, one.c.side == side.value)).all()
                for one in (code_readings, releases)
            )
            pulls, marks = _pulls(connection, number, side), _marks_of(connection, number, side)
        if not last:
            return StoredCode()
        told = [_decoded(Release, row.payload) for row in published if _DRAFT not in row.payload]
        loose = [_decoded(LooseRelease, row.payload) for row in published if _DRAFT in row.payload]
        return StoredCode(
            {native: _decoded(PullRequest, payload) for native, payload in pulls.items()},
            tuple(sorted(told, key=lambda one: (one.published, one.native))),
            tuple(sorted(loose, key=lambda one: one.native)),
            last[0].read_at,
            Cursor(last[0].next),
            tuple(Unread(part, reason) for part, reason in last[0].unread),
            _links_of(pulls),
            marks,
        )


def _pulls(connection: Connection, number: int, side: Side) -> dict[str, dict[str, Any]]:
    """The stored pull requests of a side, by native id."""
    mine = select(pull_requests).where(pull_requests.c.pair == number, pull_requests.c.side == side.value)
    return {row.native: row.payload for row in connection.execute(mine)}


def _links_of(pulls: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[ShownPull, ...]]:
    """Our links, by native id of the pull request; those that no task shows are left out."""
    return {
        native: tuple(ShownPull(*link) for link in payload[_SHOWN])
        for native, payload in pulls.items()
        if payload.get(_SHOWN)
    }


def _marks_of(connection: Connection, number: int, side: Side) -> dict[str, ReleaseMark]:
    """What is remembered of the releases of a side, by native id."""
    mine = select(releases).where(releases.c.pair == number, releases.c.side == side.value)
    return {row.native: ReleaseMark(*row.payload[_MARK]) for row in connection.execute(mine) if _MARK in row.payload}


def _marked(mark: ReleaseMark | None) -> dict[str, Any]:
    return {} if mark is None else {_MARK: astuple(mark)}


def _row(pull: PullRequest, shown: Sequence[ShownPull] | None) -> dict[str, Any]:
    return _encoded(pull) | ({_SHOWN: [astuple(link) for link in shown]} if shown else {})


def _encoded(told: PullRequest | Release | LooseRelease) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(told).items()}


def _decoded(kind: type[Any], payload: Mapping[str, Any]) -> Any:
    values = {
        key: datetime.fromisoformat(value) if key in _TIMES and value is not None else value
        for key, value in payload.items()
        if key not in {_SHOWN, _MARK}
    }
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
