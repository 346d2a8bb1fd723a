"""Who decided a conflict, and what an item that is apart was linked to.

Revision ID: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Adds two empty columns: nobody kept either before."""
    op.add_column("conflicts", sa.Column("decided_by", sa.Text))
    op.add_column("apart", sa.Column("partner", sa.Text))
