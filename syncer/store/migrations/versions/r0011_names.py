"""Former names of pairs, and the accounts behind people.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Adds two empty tables: no pair had another name, and an account is known by its id when it is seen next."""
    moment = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.create_table(
        "former_names",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("until", moment, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identities",
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), primary_key=True),
        sa.Column("side", sa.Text, primary_key=True),
        sa.Column("native", sa.Text, primary_key=True),
        sa.Column("known_as", sa.Text, nullable=False),
        sa.Column("login", sa.Text),
        sa.Column("bound", sa.Text),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
