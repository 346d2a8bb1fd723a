"""What a state calls itself and what it was called before, whose accounts wrote with it, and what a restore left to do.

Revision ID: 0010
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Gives the state an id. Nothing else is known of an older one: its accounts are asked for by its next runs."""
    meta = sa.table("meta", sa.column("name", sa.Text), sa.column("value", sa.Text))
    values = {"state": secrets.token_hex(8), "former-states": "[]", "markers": "0"}
    op.bulk_insert(meta, [{"name": name, "value": value} for name, value in values.items()])
    moment = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.add_column("pairs", sa.Column("restored_at", moment))
    op.add_column("pairs", sa.Column("creates_await", sa.Text))
    op.add_column("pairs", sa.Column("creates_await_since", moment))
    op.create_table(
        "own_accounts",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("credential", sa.Text, primary_key=True),
        sa.Column("native", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
