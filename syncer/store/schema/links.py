"""What is one item on both sides, what differs there, and what people said about it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Text, text

from syncer.store.columns import Instant, Packed, PackedOrNull, Printable
from syncer.store.schema.parts import key_of_item, key_of_side, pair, table

DIFFERING = text("differs IS NOT NULL")

links = table(
    "links",
    Column("id", Text, primary_key=True),
    pair(),
    Column("kind", Text, nullable=False),
    Column("left_ref", Text, nullable=False),
    Column("right_ref", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("settled_left", Text, nullable=False),
    Column("settled_right", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("base", Packed, nullable=False),
    Column("memory", Packed, nullable=False),
    # What differs and is not written; NULL where nothing does.
    Column("differs", PackedOrNull),
    # When the first of the refused fields is tried again though nothing moved.
    Column("again_at", Instant),
    # How many differences wait for a person, conflicts aside.
    Column("refused", Integer, nullable=False, server_default="0"),
    # Why it stands as it does: a value of `Because`, empty where nothing is wrong with it, and the rest of the reason.
    Column("because", Text, nullable=False, server_default=""),
    Column("about", PackedOrNull),
    Index("links_differing", "pair", "id", sqlite_where=DIFFERING),
    Index("links_left", "pair", "left_ref", unique=True),
    Index("links_right", "pair", "right_ref", unique=True),
    # Holds all that the search for unsettled links reads.
    Index(
        "links_settled",
        "pair",
        "kind",
        "state",
        "id",
        "retry_at",
        "left_ref",
        "right_ref",
        "settled_left",
        "settled_right",
    ),
)

awaited = table(
    "awaited",
    # The item that is not linked yet, and a link with an edge to it.
    *key_of_item(),
    Column("link", Text, ForeignKey("links.id"), primary_key=True),
    Index("awaited_links", "link"),
    clustered=True,
)

OPEN_CONFLICT = text("settled_at IS NULL")

conflicts = table(
    "conflicts",
    Column("id", Integer, primary_key=True),
    pair(),
    Column("link", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("left", Packed, nullable=False),
    Column("right", Packed, nullable=False),
    Column("base_left", Packed, nullable=False),
    Column("base_right", Packed, nullable=False),
    Column("policy", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("decision", Printable),
    Column("decided_at", Instant),
    Column("settled_at", Instant),
    # Who decided, as a command or a comment tells it; NULL for a policy, and in what an older version decided.
    Column("decided_by", Printable),
    Index(
        "conflicts_one_open",
        "link",
        "field",
        unique=True,
        sqlite_where=OPEN_CONFLICT,
    ),
    Index("conflicts_of_pair", "pair", "settled_at"),
)

# What somebody set apart: nothing is created, adopted or closed for it.
apart = table(
    "apart",
    *key_of_item(),
    Column("since", Instant, nullable=False),
    Column("by", Printable, nullable=False),
    Column("why", Printable, nullable=False),
    # What it was linked to; NULL where that is not known, or it never was.
    Column("partner", Text),
    clustered=True,
)

# What somebody paused, by a command or by a label of the item: nothing of it is written.
paused = table(
    "paused",
    *key_of_item(),
    # Empty where a command did it.
    Column("label", Printable, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("by", Printable, nullable=False),
    Column("why", Printable, nullable=False),
    Column("until", Instant),
    clustered=True,
)

# Comments that were taken for commands: each counts once.
commands = table(
    "commands",
    *key_of_item(),
    Column("task", Text, nullable=False),
    Column("said", Printable, nullable=False),
    Column("by", Printable, nullable=False),
    Column("at", Instant, nullable=False),
    # 1: the comment says nothing else.
    Column("alone", Integer, nullable=False),
    # What became of it; NULL while that is not known.
    Column("outcome", Printable),
    Column("answered", Integer, nullable=False),
    # When the tracker said that its author may write there.
    Column("permitted_at", Instant),
    clustered=True,
)

# Since when a side obeys comments, by which rules, and when it was looked through.
obeying = table(
    "obeying",
    *key_of_side(),
    Column("rules", Printable, nullable=False),
    Column("since", Instant, nullable=False),
    Column("looked_at", Instant, nullable=False),
    clustered=True,
)
