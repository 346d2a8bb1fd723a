"""Hints: pairs that are to run soon because a tracker told of a change, and when each side was heard from last.

They lie in one row a pair, and can be lost: a hint changes when a run begins, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from syncer.contract.model import Side
from syncer.store.part import StorePart
from syncer.store.schema.pairs import meta

_HINT, _HEARD, _RECEIVER = "hint-", "heard-", "receiver-"
GONE = timedelta(days=7)
"""A receiver that gave no sign for so long is forgotten."""


@dataclass(frozen=True, slots=True)
class HeardOf:
    """What was heard of a pair by itself."""

    at: Mapping[Side, datetime] = field(default_factory=dict)
    """When a side was heard from last, by the receiver's clock."""
    natives: Mapping[Side, str] = field(default_factory=dict)
    """The tracker's id of a side's scope, which stays when the scope is renamed."""

    def later(self, other: HeardOf) -> HeardOf:
        """Both together: of each side what is later."""
        sides = [side for side in Side if side in self.at or side in other.at]
        at = {side: max(known for one in (self, other) if (known := one.at.get(side))) for side in sides}
        return HeardOf(at, {**self.natives, **other.natives})


@dataclass(frozen=True, slots=True)
class ReceiverRecord:
    """A receiver of hints, as it last told of itself."""

    name: str
    at: datetime
    """When it gave its last sign."""
    since: str
    """Aware, ISO 8601."""
    counts: Mapping[str, Mapping[str, int]]
    """By tracker: deliveries since then, by what became of them."""
    last: Mapping[str, str]
    """By tracker: when the last authentic delivery came; aware, ISO 8601."""


class Hints(StorePart):
    """Hints that wait, what was heard, and who receives."""

    def ask(self, pairs: Mapping[str, HeardOf], since: datetime) -> None:
        """Asks that pairs run soon, from `since` on, and notes what was heard of them."""
        with self._database.transaction(of_no_pair=True) as connection:
            for pair, heard in pairs.items():
                known = _heard(connection, [pair]).get(pair, HeardOf())
                self._put(connection, f"{_HINT}{pair}", since.isoformat())
                self._put(connection, f"{_HEARD}{pair}", _packed(known.later(heard)))

    def ask_again(self, pair: str, since: datetime) -> None:
        """Asks that a pair runs, from `since` on: the run that was to answer a hint could not begin."""
        with self._database.transaction(of_no_pair=True) as connection:
            self._put(connection, f"{_HINT}{pair}", since.isoformat())

    def waiting(self, now: datetime) -> list[str]:
        """The pairs that are to run now, the first that was asked for first."""
        rows = self._rows(_HINT)
        found = sorted((datetime.fromisoformat(value), name) for name, value in rows.items())
        return [name for since, name in found if since <= now]

    def take(self, pairs: Sequence[str]) -> list[str]:
        """Removes the hints of pairs; those that had one, and nobody else took."""
        taken = []
        for pair in pairs:
            with self._database.transaction(of_no_pair=True) as connection:
                if connection.execute(delete(meta).where(meta.c.name == f"{_HINT}{pair}")).rowcount:
                    taken.append(pair)
        return taken

    def hinted(self, pair: str) -> bool:
        """Whether a hint waits for a pair. Cheaper than taking it."""
        with self._database.reading() as connection:
            return connection.scalar(select(meta.c.name).where(meta.c.name == f"{_HINT}{pair}")) is not None

    def heard(self, pairs: Sequence[str]) -> dict[str, HeardOf]:
        """What was heard of pairs; those that nothing was ever heard of are left out."""
        with self._database.reading() as connection:
            return _heard(connection, pairs)

    def sign(self, record: ReceiverRecord) -> None:
        """Notes that a receiver lives, and what it counted; forgets those that are long gone."""
        value = {"at": record.at.isoformat(), "since": record.since, "counts": record.counts, "last": record.last}
        gone = [one.name for one in self.receivers() if one.at < record.at - GONE]
        with self._database.transaction(of_no_pair=True) as connection:
            self._put(connection, f"{_RECEIVER}{record.name}", json.dumps(value, sort_keys=True))
            if gone:
                connection.execute(delete(meta).where(meta.c.name.in_([f"{_RECEIVER}{name}" for name in gone])))

    def receivers(self) -> list[ReceiverRecord]:
        """Every receiver that gave a sign within a week, by name."""
        found = []
        for name, text in sorted(self._rows(_RECEIVER).items()):
            told = json.loads(text)
            at = datetime.fromisoformat(told["at"])
            found.append(ReceiverRecord(name, at, told["since"], told["counts"], told["last"]))
        return found

    def _rows(self, prefix: str) -> dict[str, str]:
        """By what follows a prefix."""
        query = select(meta).where(meta.c.name.like(f"{prefix}%"))
        with self._database.reading() as connection:
            return {row.name.removeprefix(prefix): row.value for row in connection.execute(query)}

    def _put(self, connection: Connection, name: str, value: str) -> None:
        connection.execute(self._database.upsert(meta), {"name": name, "value": value})


def _packed(heard: HeardOf) -> str:
    at = {side.value: when.isoformat() for side, when in heard.at.items()}
    natives = {side.value: native for side, native in heard.natives.items()}
    return json.dumps({"at": at, "natives": natives}, sort_keys=True)


def _heard(connection: Connection, pairs: Sequence[str]) -> dict[str, HeardOf]:
    found: dict[str, HeardOf] = {}
    for start in range(0, len(pairs), 500):
        names = [f"{_HEARD}{pair}" for pair in pairs[start : start + 500]]
        for row in connection.execute(select(meta).where(meta.c.name.in_(names))):
            told: Mapping[str, Any] = json.loads(row.value)
            at = {Side(side): datetime.fromisoformat(when) for side, when in told["at"].items()}
            natives = {Side(side): native for side, native in told["natives"].items()}
            found[row.name.removeprefix(_HEARD)] = HeardOf(at, natives)
    return found
