"""The tables as they are at the current revision. What leads there from older ones is in `migrations`.

The migrations make the indexes. Here partial ones name their condition for SQLite alone: named for PostgreSQL too, it
would load that dialect in every process.
"""

from __future__ import annotations

from syncer.store.schema import code, items, links, notices, pairs, people, writes
from syncer.store.schema.parts import metadata

__all__ = [
    "PRODUCT",
    "REVISIONS",
    "VERSION_TABLE",
    "code",
    "items",
    "links",
    "metadata",
    "notices",
    "pairs",
    "people",
    "writes",
]

PRODUCT = "tracker-syncer"
REVISIONS = tuple(f"{number:04d}" for number in range(1, 27))
"""Every revision this version can read, oldest first; the last is the current one. As in `migrations`."""
VERSION_TABLE = "syncer_revision"
