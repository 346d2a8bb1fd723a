"""What waits to be mailed and posted.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Messages keep no text any more: it is composed when they leave. Adds an empty table of posts that are late.

    An address is one recipient however it is written. Of two rows that differ in their case alone both stay, for the
    one in small letters is the one that is found.
    """
    op.drop_column("outbox", "message")
    other = "o.report = outbox.report AND o.week = outbox.week AND o.id <> outbox.id"
    twice = f"SELECT 1 FROM outbox o WHERE {other} AND lower(o.recipient) = lower(outbox.recipient)"  # noqa: S608
    op.execute(f"UPDATE outbox SET recipient = lower(recipient) WHERE NOT EXISTS ({twice})")  # noqa: S608
    op.create_table(
        "late_posts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("week", sa.Text, nullable=False),
        sa.Column("since", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sqlite_strict=True,
    )
