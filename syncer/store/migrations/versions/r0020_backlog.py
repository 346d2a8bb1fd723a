"""What was there before it was first read: it is carried after what people make now. Whose backfill a create was.

Revision ID: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Takes for the backlog whatever an older state has not linked yet: it does not tell what of it is new."""
    moment = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.add_column("observed", sa.Column("backlog", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.execute(
        "UPDATE observed SET backlog = 1 WHERE NOT EXISTS (SELECT 1 FROM links WHERE links.pair = observed.pair"
        " AND ((observed.side = 'left' AND links.left_ref = observed.ref)"
        " OR (observed.side = 'right' AND links.right_ref = observed.ref)))"
    )
    op.drop_index("observed_in_order", table_name="observed")
    columns = ["pair", "side", "kind", "rank", "created", "ref", "gone_at", "backlog"]
    op.create_index("observed_in_order", "observed", columns)
    op.add_column("budget_uses", sa.Column("backfill", sa.Text))
    op.create_table(
        "backfills",
        sa.Column("credential", sa.Text, sa.ForeignKey("budgets.credential"), primary_key=True),
        sa.Column("pair", sa.Text, primary_key=True),
        sa.Column("asked_at", moment, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
