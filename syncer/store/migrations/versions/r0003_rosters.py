"""Who is who on each side, as the trackers told.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the table of rosters."""
    op.create_table(
        "rosters",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True, nullable=False),
        sa.Column("side", sa.Text, primary_key=True, nullable=False),
        sa.Column("read_at", LARGE, primary_key=True, nullable=False),
        sa.Column("seen_at", LARGE, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
