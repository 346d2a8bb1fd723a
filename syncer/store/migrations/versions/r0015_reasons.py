"""Why a link stands as it does, as data instead of a sentence; which creates nobody can tell the outcome of.

The sentences are those that revisions up to 0014 wrote; the former engine looked for the same words in them. One that
no rule understands becomes `other` with its text, and is tried again.

Revision ID: 0015
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from syncer.store.columns import pack

revision = "0015"
down_revision = "0014"

BATCH = 1_000

_ON = r" on the (?P<side>left|right) side"
HELD = (
    ("left-filter", rf"(?P<item>.*?) ?left the filter.*?{_ON}"),
    ("unlisted", rf"(?P<item>.*?) ?is listed no more \(archived\?\).*?{_ON}"),
    ("unseen", rf"(?P<item>.*?) ?cannot be seen any more.*?{_ON}"),
    ("moved", rf"(?P<item>.*?) ?was moved(?: to )?(?P<detail>.*?){_ON}"),
    ("edited", r"the partner of (?P<item>.+) was deleted, and .+ was edited since: decide by hand"),
    ("gave-up", r"gave up after (?P<attempts>\d+) attempts(?:: )?(?P<detail>.*)"),
)
ACTIVE = (
    ("gave-up", r"gave up after (?P<attempts>\d+) attempts(?:: )?(?P<detail>.*)"),
    ("rejected", r"Rejected: (?P<detail>.*)"),
    ("failed", r"(?P<detail>[A-Z][A-Za-z]+: .*)"),
    ("cycle", r".+ is not carried: it would close the ring .+"),
)
RETIRED = (
    ("both-gone", r"both sides are gone"),
    ("milestone-gone", r"its partner of (?P<item>.+) was deleted; the milestone is left alone"),
    ("original-gone", r"the comment (?P<item>.+) stands for was deleted"),
    ("mirror-gone", r"its mirror was deleted; the original is left alone"),
    ("partner-gone", r"the partner of (?P<item>.+) was deleted"),
)
RULES = {"held": HELD, "active": (*ACTIVE, *RETIRED), "retired": RETIRED}


def understood(state: str, text: str) -> tuple[str, dict[str, Any]]:
    """What a link in a state is so because of, and the rest of the reason."""
    for because, words in RULES.get(state, ()):
        found = re.fullmatch(words, text, re.DOTALL)
        if found is not None:
            about: dict[str, Any] = {name: value for name, value in found.groupdict().items() if value}
            if "attempts" in about:
                about["attempts"] = int(about["attempts"])
            return because, about
    return "other", {"detail": text}


def upgrade() -> None:
    """Reads the sentences once, and drops them."""
    op.add_column("links", sa.Column("because", sa.Text, nullable=False, server_default=""))
    op.add_column("links", sa.Column("about", sa.LargeBinary))
    op.add_column("journal", sa.Column("never_told", sa.Integer, nullable=False, server_default="0"))
    links = sa.table(
        "links",
        *(sa.column(name, sa.Text) for name in ("id", "state", "reason", "because")),
        sa.column("about", sa.LargeBinary),
    )
    connection = op.get_bind()
    worded = sa.select(links.c.id, links.c.state, links.c.reason).where(links.c.reason != "")
    last = ""
    while rows := connection.execute(worded.where(links.c.id > last).order_by(links.c.id).limit(BATCH)).all():
        for row in rows:
            because, about = understood(row.state, row.reason)
            values = {"because": because, "about": pack(about) if about else None}
            connection.execute(links.update().where(links.c.id == row.id).values(**values))
        last = rows[-1].id
    op.drop_column("links", "reason")
    journal = sa.table("journal", *(sa.column(name) for name in ("verb", "state", "outcome", "never_told")))
    unknowable = sa.and_(
        journal.c.verb == "create", journal.c.state == "ambiguous", journal.c.outcome.startswith("cannot be told: ")
    )
    connection.execute(journal.update().where(unknowable).values(never_told=1))
