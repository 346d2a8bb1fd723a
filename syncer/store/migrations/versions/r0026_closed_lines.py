"""Which trackers do not answer, so that one worker finds out for all.

Revision ID: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Adds an empty table: every process kept this for itself before."""
    op.create_table(
        "closed_lines",
        sa.Column("credential", sa.Text, primary_key=True),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
