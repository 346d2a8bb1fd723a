"""What people are told and were told: reports on their way, notices, forecasts."""

from __future__ import annotations

from sqlalchemy import REAL, Column, Index, Integer, Text

from syncer.store.columns import Instant, Printable
from syncer.store.schema.parts import pair, table

# What somebody was told to be waiting, so that it is told once.
told = table(
    "told",
    pair(primary_key=True),
    # `Waiting.key`, or a name of its own for what stops a pair.
    Column("key", Printable, primary_key=True),
    Column("told_at", Instant, nullable=False),
    clustered=True,
)

outbox = table(
    "outbox",
    Column("id", Integer, primary_key=True),
    Column("report", Text, nullable=False),
    Column("week", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("moved_at", Instant, nullable=False),
    Column("note", Printable, nullable=False),
    Index("outbox_once", "report", "week", "recipient", unique=True),
    Index("outbox_states", "state", "id"),
)

late_posts = table(
    "late_posts",
    Column("name", Text, primary_key=True),
    Column("week", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("note", Printable, nullable=False),
)

# Append-only: what was said of a goal on a day, as it was said.
forecasts = table(
    "forecasts",
    Column("id", Integer, primary_key=True),
    Column("goal", Printable, nullable=False),
    Column("day", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due", Text),
    Column("chance", REAL),
    Column("q50", Text, nullable=False),
    Column("q85", Text, nullable=False),
    Column("q95", Text, nullable=False),
    Index("forecasts_once", "goal", "day", unique=True),
)
