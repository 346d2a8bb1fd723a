"""Forecasts as they were made, to be held against what came.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

LARGE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the table of forecasts."""
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("goal", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("made_at", LARGE, nullable=False),
        sa.Column("due", sa.Text),
        sa.Column("chance", sa.REAL),
        sa.Column("q50", sa.Text, nullable=False),
        sa.Column("q85", sa.Text, nullable=False),
        sa.Column("q95", sa.Text, nullable=False),
        sa.Index("forecasts_once", "goal", "day", unique=True),
        sqlite_strict=True,
    )
