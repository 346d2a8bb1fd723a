"""Who decided a conflict.

Revision ID: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Adds an empty column: nobody kept who decided before."""
    op.add_column("conflicts", sa.Column("decided_by", sa.Text))
