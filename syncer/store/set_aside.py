"""What is set aside for a while: items that could not be read, and creates that failed and are tried again later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from syncer.contract.connector import UnreadableItem
from syncer.contract.model import Kind, Ref, Side
from syncer.core.records import Attempts, SetAside
from syncer.store.columns import printable
from syncer.store.database import IN_PAIR, OF_PAIR, OF_SIDE, REFS, Lease, chunks
from syncer.store.part import StorePart
from syncer.store.recording import RecordingContext
from syncer.store.schema.items import observed, unreadable
from syncer.store.schema.pairs import pairs
from syncer.store.schema.writes import create_attempts


class SettingAside(StorePart):
    """Unreadable items and attempts of creates, pair by pair."""

    def unreadable(self, pair: str, side: Side | None = None) -> list[SetAside]:
        """The items that are there and could not be read, longest first."""
        query = _UNREADABLE if side is None else _UNREADABLE.where(unreadable.c.side == side.value)
        with self._database.reading() as connection:
            return [
                SetAside(
                    Side(row.side),
                    UnreadableItem(Kind(row.kind), row.key, row.reason, _ref(row.ref), _ref(row.parent)),
                    row.since,
                    row.seen_at,
                )
                for row in connection.execute(query, {"name": pair})
            ]

    def refs(self, pair: str) -> set[tuple[Side, Ref]]:
        """The items whose showing is not known now, as far as they have an id: nothing is decided about them."""
        return {(one.side, one.item.ref) for one in self.unreadable(pair) if one.item.ref is not None}

    def add(self, lease: Lease, side: Side, items: Collection[UnreadableItem], *, seen_at: datetime) -> None:
        """Records that items could not be read just now."""
        with self._database.writing(lease) as (connection, number):
            write_unreadable(RecordingContext(self._database, connection, number, side, seen_at), items)

    def forget(self, lease: Lease, side: Side, *, sweep: str) -> None:
        """Forgets the items that a complete reading did not meet any more."""
        with self._database.writing(lease) as (connection, number):
            connection.execute(
                delete(unreadable).where(
                    unreadable.c.pair == number,
                    unreadable.c.side == side.value,
                    or_(unreadable.c.sweep.is_(None), unreadable.c.sweep != sweep),
                )
            )

    def attempts(self, pair: str) -> Mapping[tuple[Side, Ref], Attempts]:
        """Creates that failed, by the side to be written and the item of the other one."""
        with self._database.reading() as connection:
            return {
                (Side(row.side), Ref.parse(row.source)): Attempts(row.digest, row.attempts, row.retry_at)
                for row in connection.execute(_ATTEMPTS, {"name": pair})
            }

    def save_attempts(self, lease: Lease, side: Side, failed: Mapping[Ref, Attempts]) -> None:
        """Records that creates on a side failed once more."""
        if not failed:
            return
        with self._database.writing(lease) as (connection, number):
            rows = [
                {"pair": number, "side": side.value, "source": str(source), "digest": one.digest,
                 "attempts": one.count, "retry_at": one.retry_at}
                for source, one in failed.items()
            ]  # fmt: skip
            connection.execute(self._database.upsert(create_attempts), rows)

    def forget_attempts(self, lease: Lease, side: Side, sources: Collection[Ref]) -> None:
        """Forgets failed creates: they were done, or wait for a person."""
        if not sources:
            return
        with self._database.writing(lease) as (connection, number):
            for piece in chunks([str(source) for source in sources]):
                connection.execute(
                    delete(create_attempts).where(
                        create_attempts.c.pair == number,
                        create_attempts.c.side == side.value,
                        create_attempts.c.source.in_(piece),
                    )
                )


def write_unreadable(place: RecordingContext, items: Collection[UnreadableItem], *, sweep: str | None = None) -> None:
    """Stores items as unreadable inside a transaction. A complete reading has seen them: they are not missing."""
    if not items:
        return
    rows = [
        {
            "pair": place.pair,
            "side": place.side.value,
            "name": printable(str(item.ref) if item.ref is not None else f"{item.kind} {item.key} of {item.parent}"),
            "ref": None if item.ref is None else str(item.ref),
            "kind": item.kind.value,
            "key": item.key,
            "parent": None if item.parent is None else str(item.parent),
            "reason": item.reason,
            "since": place.seen_at,
            "seen_at": place.seen_at,
            "sweep": sweep,
        }
        for item in items
    ]
    place.connection.execute(place.database.upsert(unreadable, keep=frozenset({"since"})), rows)
    if sweep is not None:
        for piece in chunks([str(item.ref) for item in items if item.ref is not None]):
            seen = (observed.c.pair == place.pair, observed.c.side == place.side.value, observed.c.ref.in_(piece))
            place.connection.execute(update(observed).where(*seen).values(sweep=sweep))


def clear_unreadable(place: RecordingContext, refs: Iterable[Ref]) -> None:
    """Inside a transaction: these can be read now, or are gone."""
    for piece in chunks([str(ref) for ref in refs]):
        place.connection.execute(_READABLE, {"of_pair": place.pair, "of_side": place.side.value, "refs": piece})


_UNREADABLE = select(unreadable).join(pairs).where(IN_PAIR).order_by(unreadable.c.since)
_ATTEMPTS = select(create_attempts).join(pairs).where(IN_PAIR)
_READABLE = delete(unreadable).where(
    unreadable.c.pair == OF_PAIR, unreadable.c.side == OF_SIDE, unreadable.c.ref.in_(REFS)
)


def _ref(text: str | None) -> Ref | None:
    return None if text is None else Ref.parse(text)
