"""A state on each database, fresh for every test.

Making one from nothing runs the migrations, which takes longer than most tests do. Only the tests that are about that
(`state_location`) pay for it; the others (`store`) get a copy of a migrated SQLite file, or one PostgreSQL database
whose tables are emptied afterwards.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest

from syncer.store import Lease, Store
from syncer.store.database import POSTGRESQL_SCHEMA
from syncer.store.schema import metadata
from syncer.store.schema.pairs import meta
from tests.servers import fresh_postgresql
from tests.unit.store.builders import NOON, PAIR

RESTART_NUMBERS = b"""
    SELECT setval((quote_ident(schemaname) || '.' || quote_ident(sequencename))::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = %s
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def state_location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new state can be made: a directory that does not exist yet, then an empty database."""
    with fresh_postgresql() if request.param == "postgresql" else nullcontext(str(tmp_path / "state")) as location:
        yield location


@pytest.fixture(scope="session")
def migrated_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty state in a directory, closed: to be copied."""
    directory = tmp_path_factory.mktemp("migrated") / "state"
    Store.open(directory, clock=lambda: NOON).close()
    return directory


@pytest.fixture(scope="session")
def migrated_database() -> Iterator[str]:
    """The address of an empty state in PostgreSQL: to be emptied by whoever uses it."""
    with fresh_postgresql() as address:
        Store.open(address, clock=lambda: NOON).close()
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an empty state is."""
    if request.param == "sqlite":
        directory = request.getfixturevalue("migrated_directory")
        yield str(shutil.copytree(directory, tmp_path / "state"))
        return
    address = request.getfixturevalue("migrated_database")
    yield address
    with psycopg.connect(address) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != meta.name:  # says whose database it is
                connection.execute(f"DELETE FROM {POSTGRESQL_SCHEMA}.{table.name}".encode())  # noqa: S608 - our own names
        connection.execute(RESTART_NUMBERS, [POSTGRESQL_SCHEMA])


@pytest.fixture
def store(migrated_location: str) -> Iterator[Store]:
    """An open, empty store whose clock stands at noon."""
    with Store.open(migrated_location, clock=lambda: NOON) as opened:
        yield opened


@pytest.fixture
def lease(store: Store) -> Iterator[Lease]:
    """The right to write the pair."""
    with store.lease(PAIR, "run-1") as held:
        yield held
