"""The tables as they are at the current revision. What leads there from older ones is in `migrations`.

Why two tables for an item: `observed` holds what every run compares and every sweep touches, in narrow rows clustered
by identity; `showings` holds the item itself. So finding unsettled links reads no bodies, and a sweep that finds
nothing rewrites none. All moments are UTC microseconds; a ref is stored as `kind:id`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.schema import SchemaItem

from syncer.store.columns import Instant, Packed, PackedOrNull, Printable

PRODUCT = "tracker-syncer"
REVISIONS = tuple(f"{number:04d}" for number in range(1, 19))
"""Every revision this version can read, oldest first; the last is the current one. As in `migrations`."""
VERSION_TABLE = "syncer_revision"

metadata = MetaData()
LARGE = BigInteger().with_variant(Integer(), "sqlite")


def _table(name: str, *parts: SchemaItem, clustered: bool = False) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=not clustered)


def _pair(**options: Any) -> Column[Any]:
    return Column("pair", Integer, ForeignKey("pairs.id"), nullable=False, **options)


meta = _table("meta", Column("name", Text, primary_key=True), Column("value", Text, nullable=False), clustered=True)

pairs = _table(
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
)

# The accounts that were ever written with: what one of them created may carry our marker.
own_accounts = _table(
    "own_accounts",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("credential", Printable, primary_key=True),
    # The tracker's id that survives renames, and what people call the account.
    Column("native", Printable, nullable=False),
    Column("login", Printable, nullable=False),
    Column("first_at", Instant, nullable=False),
    clustered=True,
)

# What pairs were called before: markers of those days are theirs.
former_names = _table(
    "former_names",
    _pair(primary_key=True),
    Column("name", Text, primary_key=True),
    Column("until", Instant, nullable=False),
    clustered=True,
)

# Who is behind a login: an id that never changes and is never given again.
identities = _table(
    "identities",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("native", Printable, primary_key=True),
    # How this state calls the account for good: the login under which it was seen first, if nobody else was.
    Column("known_as", Printable, nullable=False),
    # What it is called by the tracker now; NULL when somebody else has that login.
    Column("login", Printable),
    # The account in `[[people]]` that was found to be this one.
    Column("bound", Printable),
    clustered=True,
)

runs = _table(
    "runs",
    Column("sequence", LARGE, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    _pair(),
    Column("epoch", LARGE, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", Text, nullable=False),
    Column("result", Packed, nullable=False),
    Index("runs_newest", "pair", "started_at"),
)

sides = _table(
    "sides",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
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

accounts = _table(
    "accounts",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("account", Printable, primary_key=True),
    Column("name", Printable, nullable=False),
    Column("bot", Integer, nullable=False),
    clustered=True,
)

UNTOLD = text("untold > 0")
CAME_INTO_VIEW = text("came_into_view > 0")

observed = _table(
    "observed",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    # 1 for a finished task, else 0: what is open is taken up first.
    Column("rank", Integer, nullable=False),
    Column("created", Instant, nullable=False),
    Column("parent", Text),
    Column("digest", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("gone_at", Instant),
    Column("sweep", Text),
    # Our operation, while the item is only known from what we sent: the next showing is still its doing.
    Column("unconfirmed", Text),
    # What the tracker is still to be asked: 0 nothing, 1 the whole past of the task, 2 who changed it lately.
    Column("untold", Integer, nullable=False, server_default=text("0")),
    # 1 for a task that came into view although nobody made or edited it since the complete reading before.
    Column("came_into_view", Integer, nullable=False, server_default=text("0")),
    Index("observed_came", "pair", "side", "created", sqlite_where=CAME_INTO_VIEW, postgresql_where=CAME_INTO_VIEW),
    Index("observed_untold", "pair", "side", "untold", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
    Index("observed_in_order", "pair", "side", "kind", "rank", "created", "ref", "gone_at"),
    # Complete for its readers: SQLite would rather walk the clustered rows of a side than fetch each row from them.
    Index(
        "observed_children",
        "pair",
        "side",
        "parent",
        "gone_at",
        "created",
        sqlite_where=text("parent IS NOT NULL"),
        postgresql_where=text("parent IS NOT NULL"),
    ),
    clustered=True,
)

showings = _table(
    "showings",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("key", Printable, nullable=False),
    Column("url", Printable, nullable=False),
    Column("payload", Packed, nullable=False),
    ForeignKeyConstraint(["pair", "side", "ref"], ["observed.pair", "observed.side", "observed.ref"]),
    Index("showings_by_key", "pair", "side", "key"),
    Index("showings_by_url", "pair", "side", "url"),
)

DIFFERING = text("differs IS NOT NULL")

links = _table(
    "links",
    Column("id", Text, primary_key=True),
    _pair(),
    Column("kind", Text, nullable=False),
    Column("left_ref", Text, nullable=False),
    Column("right_ref", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("settled_left", Text, nullable=False),
    Column("settled_right", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("base", Packed, nullable=False),
    Column("memory", Packed, nullable=False),
    # What differs and is not written; NULL where nothing does.
    Column("differs", PackedOrNull),
    # When the first of the refused fields is tried again though nothing moved.
    Column("again_at", Instant),
    # How many differences wait for a person, conflicts aside.
    Column("refused", Integer, nullable=False, server_default="0"),
    # Why it stands as it does: a value of `Because`, empty where nothing is wrong with it, and the rest of the reason.
    Column("because", Text, nullable=False, server_default=""),
    Column("about", PackedOrNull),
    Index("links_differing", "pair", "id", sqlite_where=DIFFERING, postgresql_where=DIFFERING),
    Index("links_left", "pair", "left_ref", unique=True),
    Index("links_right", "pair", "right_ref", unique=True),
    # Holds all that the search for unsettled links reads.
    Index(
        "links_settled",
        "pair",
        "kind",
        "state",
        "id",
        "retry_at",
        "left_ref",
        "right_ref",
        "settled_left",
        "settled_right",
    ),
)

awaited = _table(
    "awaited",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    # The item that is not linked yet, and a link with an edge to it.
    Column("ref", Text, primary_key=True),
    Column("link", Text, ForeignKey("links.id"), primary_key=True),
    Index("awaited_links", "link"),
    clustered=True,
)

LIVE_CREATE = text("verb = 'create' AND state IN ('sent', 'ambiguous', 'held', 'done')")

journal = _table(
    "journal",
    Column("sequence", LARGE, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    _pair(),
    Column("run", Text, nullable=False),
    Column("epoch", LARGE, nullable=False),
    Column("verb", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text),
    Column("marker", Text),
    Column("payload", Packed, nullable=False),
    Column("reason", Printable, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Printable, nullable=False),
    Column("settled_at", Instant),
    # 1: nobody can tell whether an ambiguous create took effect.
    Column("never_told", Integer, nullable=False, server_default="0"),
    Index(
        "journal_one_create",
        "pair",
        "side",
        "source",
        unique=True,
        sqlite_where=LIVE_CREATE,
        postgresql_where=LIVE_CREATE,
    ),
    Index("journal_states", "pair", "state", "sequence"),
    Index("journal_sources", "pair", "source"),
    Index("journal_targets", "pair", "target"),
)

history = _table(
    "history",
    Column("sequence", LARGE, primary_key=True),
    _pair(),
    Column("side", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("field", Text),
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("actor", Printable),
    Column("old", Packed, nullable=False),
    Column("new", Packed, nullable=False),
    Column("operation", Text),
    # The tracker's id of its own record, when it told of the change.
    Column("event", Text),
    # 1 for what a reading saw and the tracker told afterwards in another row; such a row is kept and not read.
    Column("superseded", Integer, nullable=False, server_default=text("0")),
    Index("history_in_order", "pair", "at", "sequence"),
    Index("history_of_item", "pair", "ref", "side", "at", "sequence"),
)

OPEN_CONFLICT = text("settled_at IS NULL")

conflicts = _table(
    "conflicts",
    Column("id", Integer, primary_key=True),
    _pair(),
    Column("link", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("left", Packed, nullable=False),
    Column("right", Packed, nullable=False),
    Column("base_left", Packed, nullable=False),
    Column("base_right", Packed, nullable=False),
    Column("policy", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("decision", Printable),
    Column("decided_at", Instant),
    Column("settled_at", Instant),
    Index(
        "conflicts_one_open",
        "link",
        "field",
        unique=True,
        sqlite_where=OPEN_CONFLICT,
        postgresql_where=OPEN_CONFLICT,
    ),
    Index("conflicts_of_pair", "pair", "settled_at"),
)

# Items that are there and make no sense, by ref where it is known, else by what else names them.
unreadable = _table(
    "unreadable",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("name", Printable, primary_key=True),
    Column("ref", Text),
    Column("kind", Text, nullable=False),
    Column("key", Printable, nullable=False),
    Column("parent", Text),
    Column("reason", Printable, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("sweep", Text),
    clustered=True,
)

# How often in a row an item could not be created on the other side, and when that is tried again.
create_attempts = _table(
    "create_attempts",
    _pair(primary_key=True),
    # The side that is to be written, and the item of the other one.
    Column("side", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    # What the source showed: an edit begins again.
    Column("digest", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant, nullable=False),
    clustered=True,
)

# What somebody set apart: nothing is created, adopted or closed for it.
apart = _table(
    "apart",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("by", Printable, nullable=False),
    Column("why", Printable, nullable=False),
    clustered=True,
)

# What somebody paused, by a command or by a label of the item: nothing of it is written.
paused = _table(
    "paused",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    # Empty where a command did it.
    Column("label", Printable, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("by", Printable, nullable=False),
    Column("why", Printable, nullable=False),
    Column("until", Instant),
    clustered=True,
)

# Comments that were taken for commands: each counts once.
commands = _table(
    "commands",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("said", Printable, nullable=False),
    Column("by", Printable, nullable=False),
    Column("at", Instant, nullable=False),
    # 1: the comment says nothing else.
    Column("alone", Integer, nullable=False),
    # What became of it; NULL while that is not known.
    Column("outcome", Printable),
    Column("answered", Integer, nullable=False),
    # When the tracker said that its author may write there.
    Column("permitted_at", Instant),
    clustered=True,
)

# Since when a side obeys comments, by which rules, and when it was looked through.
obeying = _table(
    "obeying",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("rules", Printable, nullable=False),
    Column("since", Instant, nullable=False),
    Column("looked_at", Instant, nullable=False),
    clustered=True,
)

# What somebody was told to be waiting, so that it is told once.
told = _table(
    "told",
    _pair(primary_key=True),
    # `Waiting.key`, or a name of its own for what stops a pair.
    Column("key", Printable, primary_key=True),
    Column("told_at", Instant, nullable=False),
    clustered=True,
)

budgets = _table(
    "budgets",
    Column("credential", Text, primary_key=True),
    # The limits that were last asked for: [[amount, seconds, creates only], ...].
    Column("limits", Packed, nullable=False),
    clustered=True,
)

budget_uses = _table(
    "budget_uses",
    Column("sequence", LARGE, primary_key=True),
    Column("credential", Text, ForeignKey("budgets.credential"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("creates", Integer, nullable=False),
    Index("budget_uses_latest", "credential", "at", "creates"),
)

outbox = _table(
    "outbox",
    Column("id", Integer, primary_key=True),
    Column("report", Text, nullable=False),
    Column("week", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("moved_at", Instant, nullable=False),
    Column("note", Printable, nullable=False),
    Index("outbox_once", "report", "week", "recipient", unique=True),
    Index("outbox_states", "state", "id"),
)

late_posts = _table(
    "late_posts",
    Column("name", Text, primary_key=True),
    Column("week", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("note", Printable, nullable=False),
)

# Append-only: what was said of a goal on a day, as it was said.
forecasts = _table(
    "forecasts",
    Column("id", Integer, primary_key=True),
    Column("goal", Printable, nullable=False),
    Column("day", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("due", Text),
    Column("chance", REAL),
    Column("q50", Text, nullable=False),
    Column("q85", Text, nullable=False),
    Column("q95", Text, nullable=False),
    Index("forecasts_once", "goal", "day", unique=True),
)

# Append-only: one row for each roster that differed from the one before, so that a past week keeps its own.
rosters = _table(
    "rosters",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("read_at", Instant, primary_key=True),
    # When it was last read and found the same.
    Column("seen_at", Instant, nullable=False),
    Column("payload", Packed, nullable=False),
    clustered=True,
)

# Files of texts: what was added to which task, so that nothing is added twice and texts can be led back.
files = _table(
    "files",
    _pair(primary_key=True),
    Column("side", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    Column("address", Printable, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", Text, nullable=False),
    Column("attached", Text, nullable=False),
    Column("name", Printable, nullable=False),
    Column("page", Printable, nullable=False),
    Column("target", Printable, nullable=False),
    Column("reason", Printable, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    clustered=True,
)
