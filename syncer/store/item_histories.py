"""The history of a few items at a time: who reads everything holds no more of the past than that of one page.

Values are decoded here, equal ones once: a large pair has a hundred thousand that are equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter
from typing import Any

from sqlalchemy import LargeBinary, bindparam, select, type_coerce

from syncer.contract.history import Aspect
from syncer.contract.model import Ref, Side
from syncer.core.codec import decode_value
from syncer.core.records import FieldChange
from syncer.store.columns import Unpacking
from syncer.store.database import OF_PAIR, REFS, Database
from syncer.store.schema.items import history

_PACKED = {history.c.old, history.c.new}
AS_STORED = [
    type_coerce(column, LargeBinary).label(column.name) if column in _PACKED else column for column in history.c
]
"""The columns of a change, its values still packed: most are equal to one that was read before."""

_READ = [column for column in AS_STORED if column.name not in {"pair", "seen_at", "event", "superseded"}]
# In no order: asked for one, SQLite would walk the whole pair in that order for each few items.
_OF_THESE = select(*_READ).where(
    history.c.pair == OF_PAIR,
    history.c.ref.in_(REFS),
    history.c.field.in_(bindparam("fields", expanding=True)),
    history.c.superseded == 0,
)


class ItemHistories:
    """Tells the changes of some fields of one pair, of those items that it is asked for."""

    def __init__(self, database: Database, pair: str, fields: Collection[Aspect]) -> None:
        self._database = database
        self._pair = pair
        self._aspects = {field.value: field for field in fields}
        self._value = Unpacking(lambda encoded: encoded if isinstance(encoded, bool) else decode_value(encoded))

    def __call__(self, refs: Collection[Ref]) -> Iterator[FieldChange]:
        """The changes of these items, on whichever side they are, oldest first; their values are decoded.

        When a change was seen is not told: `seen_at` is `at`.
        """
        known = {str(ref): ref for ref in refs}
        rows = self._rows({"refs": list(known), "fields": list(self._aspects)})
        for _, side, ref, field, at, actor, old, new, operation in sorted(rows, key=attrgetter("at", "sequence")):
            yield FieldChange(
                self._pair, _SIDES[side], known[ref], self._aspects[field], at, at, actor, self._value(old),
                self._value(new), operation,
            )  # fmt: skip

    def _rows(self, values: Mapping[str, Any]) -> Any:
        if not values["refs"]:
            return ()
        of_pair = self._database.number_of(self._pair)
        with self._database.reading() as connection:
            return connection.execute(_OF_THESE, {"of_pair": of_pair, **values}).all()


_SIDES = {side.value: side for side in Side}
