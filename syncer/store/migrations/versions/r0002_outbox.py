"""Mail that is to be sent once, and which operation an item that was not yet read back came from.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the outbox and the column `unconfirmed`; items of an older state count as read back."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("week", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("added_at", LARGE, nullable=False),
        sa.Column("moved_at", LARGE, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Index("outbox_once", "report", "week", "recipient", unique=True),
        sa.Index("outbox_states", "state", "id"),
        sqlite_strict=True,
    )
    op.add_column("observed", sa.Column("unconfirmed", sa.Text))
