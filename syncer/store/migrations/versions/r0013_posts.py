"""What waits to be mailed and posted.

Revision ID: 0013
"""

from __future__ import annotations

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Nothing yet."""
