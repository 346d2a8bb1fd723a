"""What was intended and sent, what is tried again, and how much may be sent at all."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Text, text

from syncer.store.columns import Instant, Packed, Printable
from syncer.store.schema.parts import LARGE, key_of_side, pair, table

LIVE_CREATE = text("verb = 'create' AND state IN ('sent', 'ambiguous', 'held', 'done')")

journal = table(
    "journal",
    Column("sequence", LARGE, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    pair(),
    Column("run", Text, nullable=False),
    Column("epoch", LARGE, nullable=False),
    Column("verb", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text),
    Column("marker", Text),
    Column("payload", Packed, nullable=False),
    Column("reason", Printable, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Printable, nullable=False),
    Column("settled_at", Instant),
    # 1: nobody can tell whether an ambiguous create took effect.
    Column("never_told", Integer, nullable=False, server_default="0"),
    Index(
        "journal_one_create",
        "pair",
        "side",
        "source",
        unique=True,
        sqlite_where=LIVE_CREATE,
    ),
    Index("journal_states", "pair", "state", "sequence"),
    Index("journal_sources", "pair", "source"),
    Index("journal_targets", "pair", "target"),
)

# How often in a row an item could not be created on the other side, and when that is tried again.
create_attempts = table(
    "create_attempts",
    pair(primary_key=True),
    # The side that is to be written, and the item of the other one.
    Column("side", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    # What the source showed: an edit begins again.
    Column("digest", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant, nullable=False),
    clustered=True,
)

# Files of texts: what was added to which task, so that nothing is added twice and texts can be led back.
files = table(
    "files",
    *key_of_side(),
    Column("task", Text, primary_key=True),
    Column("address", Printable, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", Text, nullable=False),
    Column("attached", Text, nullable=False),
    Column("name", Printable, nullable=False),
    Column("page", Printable, nullable=False),
    Column("target", Printable, nullable=False),
    Column("reason", Printable, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    clustered=True,
)

budgets = table(
    "budgets",
    Column("credential", Text, primary_key=True),
    # The limits that were last asked for: [[amount, seconds, creates only], ...].
    Column("limits", Packed, nullable=False),
    clustered=True,
)

budget_uses = table(
    "budget_uses",
    Column("sequence", LARGE, primary_key=True),
    Column("credential", Text, ForeignKey("budgets.credential"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("creates", Integer, nullable=False),
    # The pair whose backfill it was; NULL for what people made lately.
    Column("backfill", Text),
    Index("budget_uses_latest", "credential", "at", "creates"),
)

# The pairs whose backfill lately asked a credential for creates: they take turns.
backfills = table(
    "backfills",
    Column("credential", Text, ForeignKey("budgets.credential"), primary_key=True),
    Column("pair", Text, primary_key=True),
    Column("asked_at", Instant, nullable=False),
    clustered=True,
)

# The trackers that do not answer, or refuse an account, as any process on this state found out.
closed_lines = table(
    "closed_lines",
    Column("credential", Text, primary_key=True),
    # 1: the account is refused; 0: the tracker does not answer.
    Column("refused", Integer, nullable=False),
    Column("message", Printable, nullable=False),
    Column("remedy", Printable, nullable=False),
    # When somebody last asked.
    Column("asked_at", Instant, nullable=False),
    clustered=True,
)
