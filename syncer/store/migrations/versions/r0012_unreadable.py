"""Items whose answers made no sense.

Revision ID: 0012
"""

from __future__ import annotations

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nothing yet."""
