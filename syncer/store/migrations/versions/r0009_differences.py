"""What differs on the two sides of a link and is not written, and what of it somebody was told.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds an empty column and an empty table: a complete reading finds what differs in an older state."""
    op.add_column("links", sa.Column("differs", sa.LargeBinary))
    differing = sa.text("differs IS NOT NULL")
    op.create_index("links_differing", "links", ["pair", "id"], sqlite_where=differing, postgresql_where=differing)
    op.create_table(
        "told",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("told_at", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
