"""The store as the rest of the product sees it: everything one state holds, and its care."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from syncer.store.apart import ApartItems
from syncer.store.budgets import Budgets
from syncer.store.closed_lines import ClosedLines
from syncer.store.commands import Commands
from syncer.store.comment_digests import CommentDigests
from syncer.store.conflicts import Conflicts
from syncer.store.database import Database, Lease, postgresql_engine, shown_address, sqlite_engine
from syncer.store.errors import StateCorrupt, StateError, StateUnwritable
from syncer.store.files import FileRecords
from syncer.store.history import HistoryRecords
from syncer.store.identities import Identities, Rosters
from syncer.store.journal import Journal
from syncer.store.lineage import Lineage
from syncer.store.links import Links
from syncer.store.locks import all_locks
from syncer.store.observations import Observations
from syncer.store.outbox import NotificationRecords, Outbox
from syncer.store.pairs import Naming, Pairs
from syncer.store.paused import PausedItems
from syncer.store.place import FILE_NAME, close_to_others, prepare_directory, private_file
from syncer.store.retention import Expired
from syncer.store.revisions import bring_up_to_date
from syncer.store.server import require_clock
from syncer.store.set_aside import SettingAside
from syncer.store.sub_task_lists import SubTaskLists

if TYPE_CHECKING:
    from syncer.store.code import CodeRecords
    from syncer.store.forecast_log import ForecastLog
    from syncer.store.hints import Hints
    from syncer.store.transfer import Told
    from syncer.store.work_queue import WorkQueue

POSTGRESQL_PREFIXES = ("postgresql://", "postgres://", "postgresql+psycopg://")


class Store:
    """One state, by its subjects. Usable from several threads; many processes may have the same state open."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = None if database.directory is None else _identity_of(database.directory / FILE_NAME)
        self.pairs = Pairs(database)
        self.naming = Naming(database)
        self.lineage = Lineage(database)
        self.observed = Observations(database)
        self.links = Links(database)
        self.journal = Journal(database)
        self.conflicts = Conflicts(database)
        self.history = HistoryRecords(database)
        self.budgets = Budgets(database)
        self.closed_lines = ClosedLines(database)
        self.outbox = Outbox(database)
        self.rosters = Rosters(database)
        self.files = FileRecords(database)
        self.notifications = NotificationRecords(database)
        self.set_aside = SettingAside(database)
        self.apart = ApartItems(database)
        self.comment_digests = CommentDigests(database)
        self.sub_task_lists = SubTaskLists(database)
        self.paused = PausedItems(database)
        self.commands = Commands(database)
        self.identities = Identities(database)
        self.expired = Expired(database)

    @classmethod
    def open(cls, location: str | Path, *, clock: Callable[[], datetime]) -> Self:
        """The store at a location, created or brought up to date where needed.

        A directory (created for its owner alone) or a `postgresql://` address. Raises a StateError, whose message says
        what to do, and then leaves no connection behind.
        """
        if _is_address(location):
            address = str(location).replace("postgres://", "postgresql://", 1)
            database = Database(postgresql_engine(address), clock, directory=None)
            place = shown_address(database.engine.url)
        else:
            if isinstance(location, str) and "://" in location:
                scheme = location.partition("://")[0]
                raise StateError(f"no state can lie at {scheme}://…: name a directory, or {POSTGRESQL_PREFIXES[0]}…")
            directory = Path(location).expanduser()
            database, place = _sqlite_database(directory, clock), str(directory)
        try:
            bring_up_to_date(database, place)
        except BaseException:
            database.engine.dispose()
            raise
        return cls(database)

    @cached_property
    def code(self) -> CodeRecords:
        """Pull requests and releases, which a run reads once in a while."""
        from syncer.store.code import CodeRecords

        return CodeRecords(self._database)

    @cached_property
    def forecasts(self) -> ForecastLog:
        """What reports foretold, which only they need."""
        from syncer.store.forecast_log import ForecastLog

        return ForecastLog(self._database)

    @cached_property
    def hints(self) -> Hints:
        """What webhooks said, which only who receives them and who heeds them needs."""
        from syncer.store.hints import Hints

        return Hints(self._database)

    @cached_property
    def queue(self) -> WorkQueue:
        """The queue of workers, which only they and who watches them need."""
        from syncer.store.work_queue import WorkQueue

        return WorkQueue(self._database)

    def now(self) -> datetime:
        """The time, by the clock of whoever opened the state."""
        return self._database.clock()

    @property
    def shared(self) -> bool:
        """Whether other machines may have the same state open: it is in a database server."""
        return self._database.directory is None

    def require_clock(self) -> None:
        """Raises StateError where this machine's clock is far off that of the server that others share with it."""
        if self.shared:
            require_clock(self._database)

    @property
    def in_place(self) -> bool:
        """Whether this is still what lies at its location; PostgreSQL stays where it is."""
        directory = self._database.directory
        return directory is None or self._file == _identity_of(directory / FILE_NAME)

    def lease(self, pair: str, run: str) -> AbstractContextManager[Lease]:
        """The right to write a pair, alone, for one run. Raises Busy.

        What was remembered of names is looked up anew: another process may have renamed or forgotten the pair.
        """
        self.naming.look_up_again(pair)
        return self.pairs.lease(pair, run)

    def close(self) -> None:
        """Ends all connections."""
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def backup(self, path: Path) -> None:
        """Writes a complete, compact and checked copy of an SQLite state to `path`, readable by its owner alone.

        The copy appears only when it is whole and sound. Runs may go on meanwhile. Raises StateError for a place where
        no backup belongs, and on PostgreSQL, which has its own tools.
        """
        directory = self._database.directory
        if directory is None:
            address = self._database.engine.url.set(drivername="postgresql").render_as_string()
            raise StateError(
                "the state is in PostgreSQL, which has its own tools:"
                f" pg_dump --format=custom --schema={self._schema()} --file={path} {address}"
            )
        from syncer.store.copying import refuse_place, write_copy

        refuse_place(path, directory)
        write_copy(self._database, path, checked=True)

    def _schema(self) -> str:
        """The schema of PostgreSQL in which the tables lie."""
        with self._database.reading() as connection:
            return str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())

    @classmethod
    def open_existing(cls, location: str | Path, *, clock: Callable[[], datetime]) -> Self:
        """The store at a location where there is one already. Raises a StateError."""
        if not _is_address(location):
            file = Path(location).expanduser() / FILE_NAME
            if not file.is_file():
                raise StateError(f"there is no state at {location}: name its directory, or a postgresql:// address")
        return cls.open(location, clock=clock)

    def copy_to(self, location: str | Path, run: str, told: Told = lambda _table, _rows: None) -> dict[str, int]:
        """Copies the whole state to a location that holds none, checked and in one piece; the rows of each table.

        No run begins meanwhile. The copy is the same state under the same id: one of the two is to be used no more.
        Raises Busy when a pair is run, and a StateError: then nothing was copied.
        """
        from syncer.store.transfer import carry_over

        with ExitStack() as held:
            for pair in self.pairs.names():
                held.enter_context(self.lease(pair, run))
            with type(self).open(location, clock=self._database.clock) as target:
                return carry_over(self._database, target._database, told)

    @classmethod
    def restore(cls, source: Path, location: str | Path, *, clock: Callable[[], datetime]) -> Path | None:
        """Puts a copy of a state (its directory or its file) in the place of the one at a location, under a new id.

        Where the former state is kept; None where there was none. Raises Busy, and a StateError that says what to do:
        then the state is as it was.
        """
        if _is_address(location):
            raise StateError(
                "the state is in PostgreSQL: restore the database with its own tools, then run: syncer restore --here"
            )
        from syncer.store.copying import put_in_place, working_copy, write_copy

        directory = Path(location).expanduser()
        prepare_directory(directory)
        with working_copy(source.expanduser(), directory) as copy, all_locks(directory):
            with cls.open(copy, clock=clock) as store:
                if damage := store.integrity():
                    raise StateCorrupt(f"{source} is damaged ({damage[0]}): restore another copy")
                store.lineage.begin_anew(clock())
                write_copy(store._database, copy / "fresh.db")
            return put_in_place(copy / "fresh.db", directory, clock())

    def restore_here(self, run: str) -> None:
        """Has this state go on as one that was restored as it is, under a new id. Raises Busy when a pair is run."""
        with ExitStack() as held:
            for pair in self.pairs.names():
                held.enter_context(self.lease(pair, run))
            self.lineage.begin_anew(self._database.clock())

    def integrity(self) -> list[str]:
        """What a thorough look at an SQLite state finds wrong; empty when all is well. Reads the whole file."""
        if not self._database.sqlite:
            return []
        from syncer.store.copying import found_wrong

        with self._database.reading() as connection:
            return found_wrong(connection.exec_driver_sql)


def _identity_of(file: Path) -> tuple[int, int] | None:
    """What tells a file from another one of the same name; None where there is none."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _is_address(location: str | Path) -> bool:
    """Whether a location is one of PostgreSQL."""
    return isinstance(location, str) and location.startswith(POSTGRESQL_PREFIXES)


def _sqlite_database(directory: Path, clock: Callable[[], datetime]) -> Database:
    file = prepare_directory(directory)
    try:
        os.close(private_file(file))
        close_to_others(file)
    except OSError as error:
        raise StateUnwritable(f"{file} cannot be written ({error.strerror}): check owner and permissions") from error
    return Database(sqlite_engine(file), clock, directory)
