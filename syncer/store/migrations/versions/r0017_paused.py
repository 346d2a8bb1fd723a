"""Items that somebody paused, by a command or by a label; which filter each side was last read with.

Revision ID: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Adds an empty table: an older state paused nothing. With which filter it read a side is not known."""
    moment = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.create_table(
        "paused",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, primary_key=True),
        sa.Column("since", moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("until", moment),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.add_column("sides", sa.Column("filter", sa.Text))
    op.add_column("sides", sa.Column("outside", sa.Integer, nullable=False, server_default=sa.text("0")))
