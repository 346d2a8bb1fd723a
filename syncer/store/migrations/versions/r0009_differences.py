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
    instant = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.add_column("links", sa.Column("again_at", instant))
    op.add_column("links", sa.Column("refused", sa.Integer, nullable=False, server_default="0"))
    # Whether every link of a pair was looked at once by the rules of this version.
    op.add_column("pairs", sa.Column("compared", sa.Integer, nullable=False, server_default="0"))
    differing = sa.text("differs IS NOT NULL")
    op.create_index("links_differing", "links", ["pair", "id"], sqlite_where=differing, postgresql_where=differing)
    op.create_table(
        "told",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("told_at", instant, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
