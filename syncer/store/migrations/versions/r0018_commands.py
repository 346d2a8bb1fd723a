"""Comments that were taken for commands, and since when a pair obeys such.

Revision ID: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Adds two empty tables: an older state obeyed nobody."""
    moment = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.create_table(
        "commands",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("alone", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("permitted_at", moment),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "obeying",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("looked_at", moment, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
