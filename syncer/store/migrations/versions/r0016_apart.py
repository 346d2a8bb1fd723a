"""Items that somebody set apart: nothing is created, adopted or closed for them.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Adds an empty table: an older state set nothing apart."""
    moment = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.create_table(
        "apart",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("since", moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
