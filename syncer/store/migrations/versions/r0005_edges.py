"""Parents and blockers are fields, and go by the names of fields in the history.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Gives what was recorded of blockers the name of the field; parents have it already."""
    op.execute("UPDATE history SET field = 'blocked-by' WHERE field = 'blocked_by'")
