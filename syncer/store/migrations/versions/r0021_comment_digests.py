"""Old comments that are carried as one.

Revision ID: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Adds two empty tables: an older state carried every comment by itself."""
    op.create_table(
        "comment_digests",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("made_for", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "digested_comments",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("comment", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("digested_comments_of", "digested_comments", ["pair", "side", "digest"])
