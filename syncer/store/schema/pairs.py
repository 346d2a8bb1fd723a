"""The state itself, its pairs, and their sides and runs."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text, text

from syncer.store.columns import Instant, Packed, PackedOrNull, Printable
from syncer.store.schema.parts import LARGE, key_of_side, pair, table

meta = table("meta", Column("name", Text, primary_key=True), Column("value", Text, nullable=False), clustered=True)

pairs = table(
    "pairs",
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("epoch", LARGE, nullable=False),
    Column("fingerprint", Text),
    # Who took the pair last; while its lock is held this is who holds it.
    Column("taken_pid", Integer, nullable=False),
    Column("taken_host", Text, nullable=False),
    Column("taken_at", Instant, nullable=False),
    # Whether every link was looked at once by the rules of revision 0009.
    Column("compared", Integer, nullable=False, server_default="0"),
    # A backup took the place of the state then, and no complete reading has followed yet.
    Column("restored_at", Instant),
    # Why creates wait for a person's consent: those of items that were made before `creates_await_since`.
    Column("creates_await", Printable),
    Column("creates_await_since", Instant),
    # How many creates waited for consent at the end of the last run.
    Column("creates_waiting", Integer, nullable=False, server_default=text("0")),
    # Of all rules but the people, and the people: with them a later run tells what a change of the rules concerns.
    Column("without_people", Text),
    Column("people", PackedOrNull),
    # By side and declared field, the tracker's id of the field that it was when the bases were agreed.
    Column("declared", PackedOrNull),
    # When everything that is past its time had been deleted the last time.
    Column("pruned_at", Instant),
)

# What pairs were called before: markers of those days are theirs.
former_names = table(
    "former_names",
    pair(primary_key=True),
    Column("name", Text, primary_key=True),
    Column("until", Instant, nullable=False),
    clustered=True,
)

# The accounts that were ever written with: what one of them created may carry our marker.
own_accounts = table(
    "own_accounts",
    *key_of_side(),
    Column("credential", Printable, primary_key=True),
    # The tracker's id that survives renames, and what people call the account.
    Column("native", Printable, nullable=False),
    Column("login", Printable, nullable=False),
    Column("first_at", Instant, nullable=False),
    clustered=True,
)

runs = table(
    "runs",
    Column("sequence", LARGE, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    pair(),
    Column("epoch", LARGE, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", Text, nullable=False),
    Column("result", Packed, nullable=False),
    # How many runs it stands for, which had nothing to do, and when the first of them began (NULL: itself).
    Column("stands_for", Integer, nullable=False, server_default=text("1")),
    Column("since", Instant),
    Index("runs_newest", "pair", "started_at"),
)

sides = table(
    "sides",
    *key_of_side(),
    Column("cursor", Text),
    Column("covers", Text, nullable=False),
    Column("swept_at", Instant),
    Column("audience", Integer, nullable=False),
    Column("audience_at", Instant),
    Column("address", Printable, nullable=False),
    # Where telling the past of the side goes on.
    Column("past_cursor", Text),
    # What narrowed the scope at the last complete reading, and how many linked tasks it did not admit then.
    Column("filter", Printable),
    Column("outside", Integer, nullable=False, server_default=text("0")),
    clustered=True,
)
