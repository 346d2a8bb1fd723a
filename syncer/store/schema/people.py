"""Who is named by trackers, who is behind a login, and who belongs to a scope."""

from __future__ import annotations

from sqlalchemy import Column, Integer

from syncer.store.columns import Instant, Packed, Printable
from syncer.store.schema.parts import key_of_side, table

accounts = table(
    "accounts",
    *key_of_side(),
    Column("account", Printable, primary_key=True),
    Column("name", Printable, nullable=False),
    Column("bot", Integer, nullable=False),
    clustered=True,
)

# Who is behind a login: an id that never changes and is never given again.
identities = table(
    "identities",
    *key_of_side(),
    Column("native", Printable, primary_key=True),
    # How this state calls the account for good: the login under which it was seen first, if nobody else was.
    Column("known_as", Printable, nullable=False),
    # What it is called by the tracker now; NULL when somebody else has that login.
    Column("login", Printable),
    # The account in `[[people]]` that was found to be this one.
    Column("bound", Printable),
    clustered=True,
)

# Append-only: one row for each roster that differed from the one before, so that a past week keeps its own.
rosters = table(
    "rosters",
    *key_of_side(),
    Column("read_at", Instant, primary_key=True),
    # When it was last read and found the same.
    Column("seen_at", Instant, nullable=False),
    Column("payload", Packed, nullable=False),
    clustered=True,
)
