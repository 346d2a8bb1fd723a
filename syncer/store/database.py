"""One open database: connections, transactions with their fence, and errors in the store's words.

Why readers stream page by page (`pages`): a result that is fetched while the engine writes would hold a snapshot open
for the whole run, and on SQLite turn the next write into an error. Each page is one short statement of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    BindParameter,
    Connection,
    Engine,
    ExceptionContext,
    Row,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.util import LRUCache

from syncer.store.errors import Fenced, StateCorrupt, StateError, StateUnreachable, StateUnwritable
from syncer.store.remembering import Remembering
from syncer.store.schema.pairs import pairs
from syncer.store.sessions import look_at_sessions

T = TypeVar("T")

BUSY_TIMEOUT_MILLISECONDS = 30_000
"""Waits of up to 9 s were measured with four processes committing durably at once."""
POSTGRESQL_SCHEMA = "syncer"
CHUNK = 500
"""References in one IN list."""

SQLITE_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",  # a commit that a power loss takes back could be a create we forgot: a duplicate
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -16000",
    "PRAGMA journal_size_limit = 67108864",
)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write the state of a pair, until another run takes the pair over."""

    pair: str
    run: str
    epoch: int


OF_PAIR: BindParameter[Any] = bindparam("of_pair")
OF_SIDE: BindParameter[Any] = bindparam("of_side")
REFS: BindParameter[Any] = bindparam("refs", expanding=True)
IN_PAIR = pairs.c.name == bindparam("name")
"""What is given to a statement that is made once, where it is used often: making one costs more than running it."""

# FOR SHARE (SQLite has none and needs none): a run that takes the pair over waits for the commit of whoever looked.
_EPOCH = select(pairs.c.id, pairs.c.epoch).where(IN_PAIR).with_for_update(read=True)
_NUMBER = select(pairs.c.id).where(IN_PAIR)

FIRST_ANALYZE = 500
"""After so many rows PostgreSQL is told to look at its tables anew, and then each time the number has doubled."""


class _Writer:
    """Begins transactions that write, on SQLite IMMEDIATE: one that only reads at first could not be made to write."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._immediate = engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        # Said here and not by a listener: an engine that has one asks all its events at every statement.
        with self._engine.begin() as connection:
            if self._immediate:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection


class Database:
    """An engine with what the two dialects need to behave alike."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], directory: Path | None) -> None:
        self.engine = engine
        self.clock = clock
        self.directory = directory
        """Where an SQLite state lies; None on PostgreSQL."""
        # SQLite has one writer, and who finds it taken there sleeps for up to a tenth of a second, whoever comes first.
        self._turn: AbstractContextManager[object] = Lock() if self.sqlite else nullcontext()
        self._writer = _Writer(engine)
        self._reader = engine if self.sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._pair_numbers: dict[str, int] = {}
        self.remembering = Remembering()
        """For what a run asks several times."""
        self._written, self._analyze_at = 0, FIRST_ANALYZE
        self._upserts: dict[tuple[Table, frozenset[str]], Any] = {}

    @property
    def sqlite(self) -> bool:
        """Whether this is SQLite (else PostgreSQL)."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection on which every statement stands alone."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self, *, of: str | None = None, of_no_pair: bool = False) -> Iterator[Connection]:
        """One durable transaction that nobody fences: rolled back by any exception.

        It writes what is remembered of any pair, of the one that `of` names, or `of_no_pair`.
        """
        noting = nullcontext() if of_no_pair else self.remembering.writing(of)
        with noting, self._turn, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, lease: Lease) -> Iterator[tuple[Connection, int]]:
        """One durable transaction under a lease, with the number of its pair. Raises Fenced when the epoch moved on."""
        with self.remembering.writing(lease.pair), self._turn, self._writer.begin() as connection:
            yield connection, _number_under(lease, connection)

    def assure(self, lease: Lease) -> int:
        """The number of the pair of a lease, without writing anything. Raises Fenced when the epoch moved on."""
        with self.reading() as connection:
            return _number_under(lease, connection)

    def wrote(self, rows: int) -> None:
        """Counts rows of a filling state and keeps PostgreSQL's statistics fit for them.

        A planner that still believes in empty tables joins a first sync in quadratic time; autovacuum comes a minute
        late for that. SQLite plans by its indexes and needs none of it.
        """
        self._written += rows
        if self.sqlite or self._written < self._analyze_at:
            return
        self._analyze_at = 2 * self._written
        with self.reading() as connection:
            for name in ("observed", "showings", "links", "journal"):
                connection.execute(text(f"ANALYZE {name}"))

    def pair_number(self, connection: Connection, pair: str) -> int:
        """The number under which rows name a pair; 0, which no pair has, when it was never run."""
        number = self._pair_numbers.get(pair)
        if number is None:
            number = connection.scalar(_NUMBER, {"name": pair})
            if number is None:
                return 0
            self._pair_numbers[pair] = number
        return number

    def number_of(self, pair: str) -> int:
        """The same without a connection at hand, which it takes only where the number is not known yet."""
        if (number := self._pair_numbers.get(pair)) is not None:
            return number
        with self.reading() as connection:
            return self.pair_number(connection, pair)

    def forget_number(self, pair: str) -> None:
        """Says that a pair of this name may be another one from now on."""
        self._pair_numbers.pop(pair, None)

    def pair_names(self, connection: Connection) -> dict[int, str]:
        """The pairs by their number."""
        rows = connection.execute(select(pairs.c.id, pairs.c.name))
        return {row.id: row.name for row in rows}

    def insert(self, table: Table) -> Any:
        """The dialect's own INSERT, which knows ON CONFLICT; both dialects spell it alike."""
        if self.sqlite:
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
        return insert(table)

    def upsert(self, table: Table, *, keep: frozenset[str] = frozenset()) -> Any:
        """An INSERT that overwrites the row with the same primary key, except the columns in `keep`."""
        if (table, keep) not in self._upserts:  # made once: building it costs more than running it
            self._upserts[table, keep] = self._new_upsert(table, keep)
        return self._upserts[table, keep]

    def _new_upsert(self, table: Table, keep: frozenset[str]) -> Any:
        statement = self.insert(table)
        keys = [column.name for column in table.primary_key]
        written = {
            column.name: statement.excluded[column.name]
            for column in table.columns
            if column.name not in keys and column.name not in keep
        }
        return statement.on_conflict_do_update(index_elements=keys, set_=written)

    def remembered(self, pair: str, key: Hashable, read: Callable[[Connection], T]) -> T:
        """What a reading of a pair gives, asked once until something of the pair is written. For what is small."""

        def ask() -> T:
            with self.reading() as connection:
                return read(connection)

        return self.remembering.recall(pair, key, ask)

    def pages_of(
        self, pair: str, query: Callable[[Row[Any] | None], Select[Any]], values: Mapping[str, Any]
    ) -> Iterator[Sequence[Row[Any]]]:
        """As `pages`, of one pair: a listing that was empty is not asked for again until the pair is written to."""
        key, version = (query(None), *sorted(values.items())), self.remembering.version(pair)
        if self.remembering.known(pair, key) == ():
            return
        empty = True
        for rows in self.pages(query, values):
            empty = False
            yield rows
        if empty:
            self.remembering.keep(pair, version, key, ())

    def pages(
        self, query: Callable[[Row[Any] | None], Select[Any]], values: Mapping[str, Any] = MappingProxyType({})
    ) -> Iterator[Sequence[Row[Any]]]:
        """The pages of a listing: `query` selects, with a LIMIT, what follows the given last row. `values` are its."""
        last: Row[Any] | None = None
        while True:
            with self.reading() as connection:
                rows = connection.execute(query(last), values).all()
            if not rows:
                return
            last = rows[-1]
            yield rows


def _number_under(lease: Lease, connection: Connection) -> int:
    number, epoch = connection.execute(_EPOCH, {"name": lease.pair}).one()
    if epoch != lease.epoch:
        raise Fenced(lease.pair, lease.epoch, epoch)
    return int(number)


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """`values` in pieces that fit into one IN list."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


class StateDialect(SQLiteDialect_pysqlite):
    """SQLite's dialect, equal in every engine, so that what was compiled for one state serves the next.

    A process opens several: beside the state, one to try a first sync in, a backup, a copy to be checked. Compiling
    the statements of a run takes longer than a small run does.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is StateDialect

    def __hash__(self) -> int:
        return hash(StateDialect)


registry.register("sqlite.state", __name__, StateDialect.__name__)

_COMPILED: LRUCache[Any, Any] = LRUCache(500)
"""The statements that were compiled for SQLite, as many as an engine keeps by itself."""


def sqlite_engine(file: Path) -> Engine:
    """An engine for a state file that exists. Writers begin IMMEDIATE; readers run statement by statement."""
    url = URL.create("sqlite+state", database=str(file))
    engine = create_engine(url, pool_size=4, max_overflow=16, execution_options={"compiled_cache": _COMPILED})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    event.listen(engine, "handle_error", _translated(_sqlite_error, str(file)))
    return engine


def postgresql_engine(address: str) -> Engine:
    """An engine for a PostgreSQL database; our tables live in a schema of their own unless `options` says otherwise.

    The schema is set by a statement, since poolers refuse `options` or drop them without a word.
    """
    from sqlalchemy import make_url

    url = make_url(address).set(drivername="postgresql+psycopg")
    engine = create_engine(url, pool_size=4, max_overflow=16)
    look_at_sessions(engine)

    @event.listens_for(engine, "connect")
    def choose_schema(connection: Any, _record: object) -> None:
        if "options" not in url.query:
            connection.autocommit = True
            connection.execute(f"SET search_path TO {POSTGRESQL_SCHEMA}")
            connection.autocommit = False

    event.listen(engine, "handle_error", _translated(_postgresql_error, shown_address(url)))
    return engine


def shown_address(url: URL) -> str:
    """An address as an operator wrote it: without its password, our driver and the name of our sessions."""
    bare = url.set(drivername="postgresql").difference_update_query(["application_name"])
    return bare.render_as_string(hide_password=True)


def _translated(
    judge: Callable[[Any, str], StateError | None], place: str
) -> Callable[[ExceptionContext], BaseException | None]:
    def translate(context: ExceptionContext) -> BaseException | None:
        if isinstance(context.original_exception, PoolTimeout):
            return None
        return judge(context.original_exception, place)

    return translate


def _sqlite_error(error: Any, place: str) -> StateError | None:
    """What an error of the driver means for the state; None when it is about a single statement."""
    match getattr(error, "sqlite_errorname", "").split("_")[1:2]:
        case ["CORRUPT"] | ["NOTADB"]:
            return corrupt(place, str(error))
        case ["FULL"]:
            return StateUnwritable(f"no space left for {place}: free some, then run again; nothing was half-written")
        case ["READONLY"] | ["PERM"] | ["CANTOPEN"]:
            return StateUnwritable(f"{place} cannot be written ({error}): check owner, permissions and mount options")
        case ["IOERR"]:
            return StateUnwritable(f"{place} cannot be read or written ({error}): check the disk, then run again")
        case ["BUSY"] | ["LOCKED"]:
            wait = BUSY_TIMEOUT_MILLISECONDS // 1000
            return StateUnwritable(f"another process has kept {place} locked for more than {wait} s: try again later")
        case _:
            return None


def corrupt(place: str, detail: str) -> StateCorrupt:
    """The error for a damaged file, with what to do."""
    return StateCorrupt(
        f"{place} is damaged or no state of syncer ({detail}): put it aside, restore a backup or start with an empty"
        " directory; items that carry our marker are found again and not created twice"
    )


def _postgresql_error(error: Any, place: str) -> StateError | None:
    """What an error of the driver means for the state; None when it is about a single statement."""
    import psycopg

    state, error_words = getattr(error, "sqlstate", None) or "", " ".join(str(error).split())
    match state[:2]:
        case "53":
            return StateUnwritable(f"{place} has no resources left ({error}): free some, then run again")
        case "XX":
            return StateCorrupt(f"{place} reports damage ({error}): have the server checked, restore a backup")
        case "25" if state == "25006":
            return StateUnwritable(f"{place} is read-only: name the primary server")
        case "42" if state == "42501":
            return StateUnwritable(f"{place} refuses ({error}): grant it to the role, or let the role own the schema")
        case "08" | "57" | "28" | "3D" | "" if isinstance(error, psycopg.OperationalError):
            # A server that answers and refuses says FATAL, and so does one that starts or stops, which will answer.
            # A host that no name server knows is a mistake; one that is not known at present is not (errno -3).
            away = "FATAL" not in str(error) or "the database system is" in str(error)
            away = away and "[Errno -2]" not in error_words
            kind = StateUnreachable if away else StateUnwritable
            return kind(f"{place} cannot be used ({error_words}): check address, role and server, then run again")
        case _:
            return None
