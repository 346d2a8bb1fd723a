"""Pull requests and releases, read for the evaluation.

Revision ID: 0024
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Adds three empty tables: nobody asked for them before."""
    for name in ("pull_requests", "releases"):
        _of_a_side(
            name,
            sa.Column("native", sa.Text, primary_key=True),
            sa.Column("payload", sa.LargeBinary, nullable=False),
        )
    _of_a_side(
        "code_readings",
        sa.Column("read_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next", sa.Text, nullable=False),
        sa.Column("unread", sa.LargeBinary, nullable=False),
    )


def _of_a_side(name: str, *columns: sa.Column[object]) -> None:
    key: Sequence[sa.Column[object]] = (
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
    )
    op.create_table(name, *key, *columns, sqlite_strict=True, sqlite_with_rowid=False)
