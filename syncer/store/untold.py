"""Tasks whose past is to be asked for: as many as there are, read from the state only as far as somebody looks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, overload

from sqlalchemy import select

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.codec import decode_observed
from syncer.store.database import Database, chunks
from syncer.store.schema.items import showings

AT_ONCE = 200
"""So many tasks are read when one of them is asked for."""


class UntoldTasks(Sequence[Observed]):
    """Tasks without their bodies, in the order of their refs as it was when they were looked for."""

    def __init__(self, database: Database, number: int, side: Side, refs: Sequence[str]) -> None:
        self._database, self._number, self._side, self._refs = database, number, side, refs
        self._named: frozenset[str] | None = None
        self._near: tuple[int, Sequence[Observed]] = (0, ())
        """Those that were read last, and where they begin."""

    def __len__(self) -> int:
        """How many there are."""
        return len(self._refs)

    @overload
    def __getitem__(self, index: int) -> Observed: ...

    @overload
    def __getitem__(self, index: slice) -> list[Observed]: ...

    def __getitem__(self, index: int | slice) -> Observed | list[Observed]:
        """One task, or several in one reading."""
        if isinstance(index, slice):
            refs = self._refs[index]
            found = self._read(refs)
            return [found[ref] for ref in refs]
        place = range(len(self._refs))[index]
        start, near = self._near
        if not start <= place < start + len(near):
            start, near = place, self[place : place + AT_ONCE]
            self._near = start, near
        return near[place - start]

    def with_ids(self, ids: Collection[str]) -> Mapping[str, Observed]:
        """Those among them that have one of these native ids, by it."""
        if self._named is None:
            self._named = frozenset(self._refs)
        refs = [ref for native in ids if (ref := str(Ref(Kind.TASK, native))) in self._named]
        return {item.ref.id: item for item in self._read(refs).values()}

    def _read(self, refs: Sequence[str]) -> dict[str, Observed]:
        mine: tuple[Any, ...] = showings.c.pair == self._number, showings.c.side == self._side.value
        query = select(showings.c.ref, showings.c.payload).where(*mine)
        with self._database.reading() as connection:
            rows = [row for piece in chunks(refs) for row in connection.execute(query.where(showings.c.ref.in_(piece)))]
        return {row.ref: _without_body(decode_observed(row.payload)) for row in rows}


def _without_body(item: Observed) -> Observed:
    return replace(item, showing={name: value for name, value in item.showing.items() if name is not Field.BODY})
