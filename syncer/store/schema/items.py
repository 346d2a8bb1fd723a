"""What trackers showed: items as they are, and how they came to be so.

Why two tables for an item: `observed` holds what every run compares and every sweep touches, in narrow rows clustered
by identity; `showings` holds the item itself. So finding unsettled links reads no bodies, and a sweep that finds
nothing rewrites none.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Text, text

from syncer.store.columns import Instant, Packed, Printable
from syncer.store.schema.parts import LARGE, key_of_item, key_of_side, pair, table

UNTOLD = text("untold > 0")
CAME_INTO_VIEW = text("came_into_view > 0")
COMPOSED = "digest"
"""The kind of what we put together ourselves of several comments; a tracker holds no such item."""

observed = table(
    "observed",
    *key_of_item(),
    Column("kind", Text, nullable=False),
    # 1 for a finished task, else 0: what is open is taken up first.
    Column("rank", Integer, nullable=False),
    Column("created", Instant, nullable=False),
    Column("parent", Text),
    Column("digest", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("gone_at", Instant),
    Column("sweep", Text),
    # Our operation, while the item is only known from what we sent: the next showing is still its doing.
    Column("unconfirmed", Text),
    # What the tracker is still to be asked: 0 nothing, 1 the whole past of the task, 2 who changed it lately.
    Column("untold", Integer, nullable=False, server_default=text("0")),
    # 1 for a task that came into view although nobody made or edited it since the complete reading before.
    Column("came_into_view", Integer, nullable=False, server_default=text("0")),
    # 1 for what was there before it was first read, and that nobody edited since: it is carried after what is new.
    Column("backlog", Integer, nullable=False, server_default=text("0")),
    Index("observed_came", "pair", "side", "created", sqlite_where=CAME_INTO_VIEW),
    Index("observed_untold", "pair", "side", "untold", sqlite_where=UNTOLD),
    Index("observed_in_order", "pair", "side", "kind", "rank", "created", "ref", "gone_at", "backlog"),
    # Complete for its readers: SQLite would rather walk the clustered rows of a side than fetch each row from them.
    Index(
        "observed_children",
        "pair",
        "side",
        "parent",
        "gone_at",
        "created",
        sqlite_where=text("parent IS NOT NULL"),
    ),
    clustered=True,
)

showings = table(
    "showings",
    *key_of_item(),
    Column("key", Printable, nullable=False),
    Column("url", Printable, nullable=False),
    Column("payload", Packed, nullable=False),
    ForeignKeyConstraint(["pair", "side", "ref"], ["observed.pair", "observed.side", "observed.ref"]),
    Index("showings_by_key", "pair", "side", "key"),
    Index("showings_by_url", "pair", "side", "url"),
)

# Old comments of a task that are carried as one, and which comments they are.
comment_digests = table(
    "comment_digests",
    *key_of_item(),
    Column("task", Text, nullable=False),
    # The rules and readers it was put together for.
    Column("made_for", Text, nullable=False),
    clustered=True,
)

digested_comments = table(
    "digested_comments",
    *key_of_side(),
    Column("comment", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    # What the comment showed then, as a digest of its own; empty where it was gone.
    Column("shown", Text, nullable=False),
    Index("digested_comments_of", "pair", "side", "digest"),
    clustered=True,
)

# Tasks whose sub-tasks their mirrors list, with what they list: looked at again when it would be something else.
sub_task_lists = table("sub_task_lists", *key_of_item(), Column("shown", Text, nullable=False), clustered=True)

# Items that are there and make no sense, by ref where it is known, else by what else names them.
unreadable = table(
    "unreadable",
    *key_of_side(),
    Column("name", Printable, primary_key=True),
    Column("ref", Text),
    Column("kind", Text, nullable=False),
    Column("key", Printable, nullable=False),
    Column("parent", Text),
    Column("reason", Printable, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("sweep", Text),
    clustered=True,
)

history = table(
    "history",
    Column("sequence", LARGE, primary_key=True),
    pair(),
    Column("side", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("field", Text),
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("actor", Printable),
    Column("old", Packed, nullable=False),
    Column("new", Packed, nullable=False),
    Column("operation", Text),
    # The tracker's id of its own record, when it told of the change.
    Column("event", Text),
    # 1 for what a reading saw and the tracker told afterwards in another row; such a row is kept and not read.
    Column("superseded", Integer, nullable=False, server_default=text("0")),
    Index("history_in_order", "pair", "at", "sequence"),
    Index("history_of_item", "pair", "ref", "side", "at", "sequence"),
)
