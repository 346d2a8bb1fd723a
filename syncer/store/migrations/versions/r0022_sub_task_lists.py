"""Lists of sub-tasks in the mirrors of their parents.

Revision ID: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Adds an empty table: an older state lists no sub-tasks."""
    op.create_table(
        "sub_task_lists",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("shown", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
