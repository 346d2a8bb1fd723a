"""Files of texts, as they were added to tasks of the other side.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the table of files."""
    op.create_table(
        "files",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True, nullable=False),
        sa.Column("side", sa.Text, primary_key=True, nullable=False),
        sa.Column("task", sa.Text, primary_key=True, nullable=False),
        sa.Column("address", sa.Text, primary_key=True, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", LARGE, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("attached", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", LARGE),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
