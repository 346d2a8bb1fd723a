"""Which fields of the trackers the declared fields of a pair were.

Revision ID: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Adds an empty column: no pair declared fields before."""
    op.add_column("pairs", sa.Column("declared", sa.LargeBinary))
