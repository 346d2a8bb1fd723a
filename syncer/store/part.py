"""What each part of the store stands on."""

from __future__ import annotations

from syncer.store.database import Database


class StorePart:
    """One subject of the store: an attribute of `Store`, which has them all."""

    def __init__(self, database: Database) -> None:
        self._database = database
