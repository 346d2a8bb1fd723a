"""The first state: pairs, what each side showed, links, journal, history, conflicts, budgets, runs.

Revision ID: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE_CREATE = sa.text("verb = 'create' AND state IN ('sent', 'ambiguous', 'held', 'done')")
OPEN_CONFLICT = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Creates every table and says whose state this is."""
    _create_pairs_and_items()
    _create_links_and_journal()
    _create_budgets()
    op.execute("INSERT INTO meta (name, value) VALUES ('product', 'tracker-syncer')")


def table(name: str, *parts: SchemaItem, clustered: bool = False) -> None:
    """Creates a table with its indexes."""
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=not clustered)


def pair_column(**options: Any) -> sa.Column[Any]:
    """The column that names the pair."""
    return sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), nullable=False, **options)


def _create_pairs_and_items() -> None:
    table(
        "meta",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        clustered=True,
    )

    table(
        "pairs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("epoch", LARGE, nullable=False),
        sa.Column("fingerprint", sa.Text),
        sa.Column("taken_pid", sa.Integer, nullable=False),
        sa.Column("taken_host", sa.Text, nullable=False),
        sa.Column("taken_at", LARGE, nullable=False),
    )

    table(
        "runs",
        sa.Column("sequence", LARGE, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        pair_column(),
        sa.Column("epoch", LARGE, nullable=False),
        sa.Column("started_at", LARGE, nullable=False),
        sa.Column("finished_at", LARGE),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("result", sa.LargeBinary, nullable=False),
        sa.Index("runs_newest", "pair", "started_at"),
    )

    table(
        "sides",
        pair_column(primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("cursor", sa.Text),
        sa.Column("covers", sa.Text, nullable=False),
        sa.Column("swept_at", LARGE),
        sa.Column("audience", sa.Integer, nullable=False),
        sa.Column("audience_at", LARGE),
        sa.Column("address", sa.Text, nullable=False),
        clustered=True,
    )

    table(
        "observed",
        pair_column(primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("created", LARGE, nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("seen_at", LARGE, nullable=False),
        sa.Column("gone_at", LARGE),
        sa.Column("sweep", sa.Text),
        sa.Index("observed_in_order", "pair", "side", "kind", "rank", "created", "ref", "gone_at"),
        sa.Index(
            "observed_children",
            "pair",
            "side",
            "parent",
            "gone_at",
            "created",
            sqlite_where=sa.text("parent IS NOT NULL"),
            postgresql_where=sa.text("parent IS NOT NULL"),
        ),
        clustered=True,
    )

    table(
        "showings",
        pair_column(primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["pair", "side", "ref"], ["observed.pair", "observed.side", "observed.ref"]),
        sa.Index("showings_by_key", "pair", "side", "key"),
        sa.Index("showings_by_url", "pair", "side", "url"),
    )


def _create_links_and_journal() -> None:
    table(
        "links",
        sa.Column("id", sa.Text, primary_key=True),
        pair_column(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("left_ref", sa.Text, nullable=False),
        sa.Column("right_ref", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("settled_left", sa.Text, nullable=False),
        sa.Column("settled_right", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", LARGE),
        sa.Column("base", sa.LargeBinary, nullable=False),
        sa.Column("memory", sa.LargeBinary, nullable=False),
        sa.Index("links_left", "pair", "left_ref", unique=True),
        sa.Index("links_right", "pair", "right_ref", unique=True),
        sa.Index(
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

    table(
        "journal",
        sa.Column("sequence", LARGE, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        pair_column(),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("epoch", LARGE, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text),
        sa.Column("marker", sa.Text),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", LARGE, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("settled_at", LARGE),
        sa.Index(
            "journal_one_create",
            "pair",
            "side",
            "source",
            unique=True,
            sqlite_where=LIVE_CREATE,
            postgresql_where=LIVE_CREATE,
        ),
        sa.Index("journal_states", "pair", "state", "sequence"),
        sa.Index("journal_sources", "pair", "source"),
        sa.Index("journal_targets", "pair", "target"),
    )

    table(
        "history",
        sa.Column("sequence", LARGE, primary_key=True),
        pair_column(),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("field", sa.Text),
        sa.Column("at", LARGE, nullable=False),
        sa.Column("seen_at", LARGE, nullable=False),
        sa.Column("actor", sa.Text),
        sa.Column("old", sa.LargeBinary, nullable=False),
        sa.Column("new", sa.LargeBinary, nullable=False),
        sa.Column("operation", sa.Text),
        sa.Index("history_in_order", "pair", "at", "sequence"),
        sa.Index("history_of_item", "pair", "ref", "side", "at", "sequence"),
    )

    table(
        "conflicts",
        sa.Column("id", sa.Integer, primary_key=True),
        pair_column(),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("left", sa.LargeBinary, nullable=False),
        sa.Column("right", sa.LargeBinary, nullable=False),
        sa.Column("base_left", sa.LargeBinary, nullable=False),
        sa.Column("base_right", sa.LargeBinary, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("opened_at", LARGE, nullable=False),
        sa.Column("decision", sa.Text),
        sa.Column("decided_at", LARGE),
        sa.Column("settled_at", LARGE),
        sa.Index(
            "conflicts_one_open",
            "link",
            "field",
            unique=True,
            sqlite_where=OPEN_CONFLICT,
            postgresql_where=OPEN_CONFLICT,
        ),
        sa.Index("conflicts_of_pair", "pair", "settled_at"),
    )


def _create_budgets() -> None:
    table(
        "budgets",
        sa.Column("credential", sa.Text, primary_key=True),
        sa.Column("limits", sa.LargeBinary, nullable=False),
        clustered=True,
    )

    table(
        "budget_uses",
        sa.Column("sequence", LARGE, primary_key=True),
        sa.Column("credential", sa.Text, sa.ForeignKey("budgets.credential"), nullable=False),
        sa.Column("at", LARGE, nullable=False),
        sa.Column("creates", sa.Integer, nullable=False),
        sa.Index("budget_uses_latest", "credential", "at", "creates"),
    )
