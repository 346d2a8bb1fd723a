"""What trackers tell of the past: who they say changed something, and what they are still to be asked.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds what is needed to ask; every task of an older state is asked about once."""
    op.add_column("sides", sa.Column("past_cursor", sa.Text))
    op.add_column("history", sa.Column("event", sa.Text))
    op.add_column("history", sa.Column("superseded", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("observed", sa.Column("untold", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE observed SET untold = 1 WHERE kind = 'task'")
    untold = sa.text("untold > 0")
    op.create_index(
        "observed_untold", "observed", ["pair", "side", "untold"], sqlite_where=untold, postgresql_where=untold
    )
    op.create_table(
        "accounts",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("bot", sa.Integer, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
