"""Which links wait for another item to be linked, so that edges to it can be carried.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds an empty table: the links of an older state say what they wait for when they are looked at again."""
    op.create_table(
        "awaited",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("link", sa.Text, sa.ForeignKey("links.id"), primary_key=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("awaited_links", "awaited", ["link"])
