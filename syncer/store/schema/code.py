"""What trackers tell of the code: read for the evaluation, never written to a tracker."""

from __future__ import annotations

from sqlalchemy import Column, Text

from syncer.store.columns import Instant, Packed, Printable
from syncer.store.schema.parts import key_of_side, table

pull_requests = table(
    "pull_requests",
    *key_of_side(),
    Column("native", Printable, primary_key=True),
    Column("payload", Packed, nullable=False),
    clustered=True,
)

releases = table(
    "releases",
    *key_of_side(),
    Column("native", Printable, primary_key=True),
    Column("payload", Packed, nullable=False),
    clustered=True,
)

# The last reading of each side: where the next one goes on, and what was left out.
code_readings = table(
    "code_readings",
    *key_of_side(),
    Column("read_at", Instant, nullable=False),
    Column("next", Text, nullable=False),
    Column("unread", Packed, nullable=False),
    clustered=True,
)
