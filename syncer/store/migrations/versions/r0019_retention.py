"""What a run that had nothing to do leaves behind, when a pair was pruned, and what a change of its rules concerns.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Adds empty columns: each run of an older state stands for itself, and the next change of rules concerns all."""
    moment = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.add_column("pairs", sa.Column("without_people", sa.Text))
    op.add_column("pairs", sa.Column("people", sa.LargeBinary))
    op.add_column("pairs", sa.Column("pruned_at", moment))
    op.add_column("runs", sa.Column("stands_for", sa.Integer, nullable=False, server_default=sa.text("1")))
    op.add_column("runs", sa.Column("since", moment))
