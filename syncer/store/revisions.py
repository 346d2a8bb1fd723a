"""Which revision a state is at, and the way to the current one.

Why a transaction around all of it: a state is either at its old revision or at the new one, whatever stops the process.
Alembic and what copies a state are imported only when there is something to migrate: each run opens one.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect, select, text, update
from sqlalchemy.exc import DatabaseError

from syncer.store.database import Database, corrupt
from syncer.store.errors import StateCorrupt, StateError, StateTooNew
from syncer.store.lineage import new_identity
from syncer.store.locks import file_guard, lock_number
from syncer.store.place import FILE_NAME
from syncer.store.schema import PRODUCT, REVISIONS, VERSION_TABLE
from syncer.store.schema.pairs import meta
from syncer.store.server import prepare_schema, require_ownership, require_rights, require_sessions

AT_WORK = timedelta(minutes=1)
"""A worker that gave a sign within this time is at work."""
CHECKED_BYTES = 32 * 2**20
"""A check at each opening takes some 3 ms per megabyte; larger files have `Store.integrity`, once a day."""


def bring_up_to_date(database: Database, place: str) -> None:
    """Creates or migrates the state so that it is at the current revision.

    A state in a directory is copied first, whole, beside itself; PostgreSQL has its own tools for that.
    Raises StateTooNew for a later one and StateCorrupt for tables of another product; both leave everything as it was.
    """
    if database.directory is None:
        require_sessions(database, place)
    with database.reading() as connection:
        if database.directory is not None:
            _check_small_file(connection, database.directory / FILE_NAME)
        else:
            require_rights(connection, place)
        if revision_of(connection, place) == REVISIONS[-1]:
            return
    if database.directory is not None:
        with file_guard(database.directory):
            with database.reading() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                before = revision_of(connection, place)
            if before not in (None, REVISIONS[-1]):
                from syncer.store.copying import write_copy

                write_copy(database, database.directory / f"{FILE_NAME}.before-{REVISIONS[-1]}")
            with database.transaction() as connection:
                _migrate(connection, place)
        return
    with database.transaction() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_number("migration")})
        prepare_schema(connection, place)
        if revision_of(connection, place) not in {None, REVISIONS[-1]}:
            _require_rest(connection, place)
            require_ownership(connection, place)
        _migrate(connection, place)


def _require_rest(connection: Connection, place: str) -> None:
    """Raises StateError while workers are at work: they are of the version whose tables would change under them."""
    from syncer.store.work_queue import workers_of

    alive = [one.record for one in workers_of(connection) if one.silent < AT_WORK]
    if alive:
        named = ", ".join(f"process {one.pid} on {one.host}" for one in alive)
        raise StateError(
            f"{place} is to be upgraded, and workers of the former version are at work ({named}): end them all first,"
            " then start those of this version"
        )


def _check_small_file(connection: Connection, file: Path) -> None:
    """Raises StateCorrupt for damage anywhere in a file small enough to be read through each time."""
    if file.stat().st_size <= CHECKED_BYTES:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise corrupt(str(file), str(found))


def revision_of(connection: Connection, place: str) -> str | None:
    """The revision of a state; None for an empty database. Raises StateTooNew and StateCorrupt."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not {VERSION_TABLE, "meta"} <= tables or _product(connection) != PRODUCT:
        raise StateCorrupt(f"{place} is not a state of syncer but of another product: name another one with --state")
    revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 -- a constant
    if revision not in REVISIONS:
        raise StateTooNew(
            f"{place} was written by a later version of syncer (revision {revision}, this one knows up to"
            f" {REVISIONS[-1]}): install that version, or restore the backup made before its upgrade"
        )
    return str(revision)


def _product(connection: Connection) -> str | None:
    try:
        return connection.scalar(select(meta.c.value).where(meta.c.name == "product"))
    except DatabaseError:  # somebody else's table `meta`
        return None


def _migrate(connection: Connection, place: str) -> None:
    revision = revision_of(connection, place)
    if revision == REVISIONS[-1]:
        return  # another process was faster
    if revision is None and connection.dialect.name == "sqlite":
        _make_empty(connection)
    else:
        upgrade(connection, "head")


def _make_empty(connection: Connection) -> None:
    """Makes an empty SQLite state as the migrations would, with an id of its own."""
    for statement in _what_migrations_make():
        connection.exec_driver_sql(statement)
    connection.execute(update(meta).where(meta.c.name == "state").values(value=new_identity()))


@cache
def _what_migrations_make() -> tuple[str, ...]:
    """The statements for all that the migrations leave in an empty SQLite database, asked of one in memory.

    Found once a process: a check opens a scratch state for each new pair, and migrating one takes a tenth of a second.
    """
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            upgrade(connection, "head")
            driver: Any = connection.connection.driver_connection
            return tuple(one for one in driver.iterdump() if one not in ("BEGIN TRANSACTION;", "COMMIT;"))
    finally:
        engine.dispose()


def upgrade(connection: Connection, target: str) -> None:
    """Runs the migrations up to revision `target` inside the transaction that `connection` is in."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).with_name("migrations")))
    with EnvironmentContext(
        Config(),
        scripts,
        fn=lambda revision, _context: scripts._upgrade_revs(target, revision),
    ) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=True)
        environment.run_migrations()
