"""What came into view without being new, and waits for consent to be created.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Adds empty columns: what an older state knows came into view before anybody asked."""
    op.add_column("observed", sa.Column("came_into_view", sa.Integer, nullable=False, server_default=sa.text("0")))
    came = sa.text("came_into_view > 0")
    op.create_index("observed_came", "observed", ["pair", "side", "created"], sqlite_where=came, postgresql_where=came)
    op.add_column("pairs", sa.Column("creates_waiting", sa.Integer, nullable=False, server_default=sa.text("0")))
