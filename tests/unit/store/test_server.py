"""What a PostgreSQL, or a pooler before it, must be like: refused at once with what helps, or made to work."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from syncer.cluster.queue import definition
from syncer.store import StateError, StateUnreachable, StateUnwritable, Store
from syncer.store.database import _postgresql_error, shown_address
from syncer.store.schema import REVISIONS
from syncer.store.work_queue import WorkerRecord
from tests.servers import fresh_postgresql
from tests.unit.store.builders import NOON, PAIR

ALIVE = timedelta(seconds=30)


def opened(location: str) -> Store:
    return Store.open(location, clock=lambda: NOON)


@pytest.fixture
def database() -> Iterator[str]:
    with fresh_postgresql() as address:
        yield address


@pytest.fixture
def role(database: str) -> Iterator[str]:
    """A role that may connect to the database and nothing else; the address it does so with."""
    url = make_url(database)
    name = f"r_{url.database}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'".encode())
        yield url.set(username=name, password="x").render_as_string(hide_password=False)
        connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def execute(address: str, *statements: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def tables(address: str) -> set[str]:
    query = "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    with psycopg.connect(address) as connection:
        return {row[0] for row in connection.execute(query.encode())}


def test_a_role_without_the_right_to_create_a_schema_is_told_the_statement(database: str, role: str) -> None:
    name = make_url(role).username
    with pytest.raises(StateUnwritable, match=f"CREATE SCHEMA syncer AUTHORIZATION {name}"):
        opened(role)
    execute(database, f"CREATE SCHEMA syncer AUTHORIZATION {name}")
    with opened(role) as store, store.lease(PAIR, "run-1"):
        assert tables(database) == {"syncer"}, "who owns the schema needs no right on the database"


def nothing(database: str) -> None:
    """A database as an administrator made it."""


def a_schema(database: str) -> None:
    execute(database, "CREATE SCHEMA syncer")


def a_state(database: str) -> None:
    opened(database).close()


def a_state_with_a_queue(database: str) -> None:
    with opened(database) as store:
        store.queue.install("1", definition(), alive=ALIVE)


def a_state_with_one_table_more(database: str) -> None:
    """As an upgrade by another role leaves it: the grants of before do not hold for the new table."""
    opened(database).close()
    role = make_url(database).database
    execute(database, *(f"{grant} TO r_{role}" for grant in ("GRANT USAGE, CREATE ON SCHEMA syncer",)))
    execute(database, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA syncer TO r_{role}")
    execute(database, "CREATE TABLE syncer.later (id serial)")


@pytest.mark.parametrize(
    "there",
    [nothing, a_schema, a_state, a_state_with_a_queue, a_state_with_one_table_more],
    ids=lambda one: one.__name__,
)
def test_what_a_role_without_rights_is_told_leads_to_a_start(
    there: Callable[[str], None], database: str, role: str
) -> None:
    there(database)
    with pytest.raises(StateUnwritable) as refused:
        opened(role)
    told = re.search(r"(?:GRANT|CREATE SCHEMA) .*", str(refused.value))
    assert told is not None, refused.value
    execute(database, *told[0].split("; "))
    with opened(role) as store:
        with store.lease(PAIR, "run-1") as lease:
            store.pairs.start_run(lease, NOON)
        store.queue.install("1", definition(), alive=ALIVE)
        store.queue.enter(WorkerRecord(1, "syncer worker a", "a", 1, NOON.isoformat(), {}))
        store.queue.leave(1)


def test_an_upgrade_by_a_role_that_does_not_own_the_tables_is_refused_in_words(database: str, role: str) -> None:
    opened(database).close()
    with pytest.raises(StateUnwritable) as refused:
        opened(role)
    grants = str(refused.value)
    execute(database, *grants[grants.index("GRANT") :].split("; "))
    execute(database, f"UPDATE syncer.syncer_revision SET version_num = '{REVISIONS[-2]}'")  # noqa: S608
    with pytest.raises(StateUnwritable, match="is to be upgraded, and its tables belong to another role"):
        opened(role)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("connection failed: Connection refused", StateUnreachable),
        ("connection failed: FATAL:  the database system is starting up", StateUnreachable),
        ("failed to resolve host 'db': [Errno -3] Temporary failure in name resolution", StateUnreachable),
        ("failed to resolve host 'dbb': [Errno -2] Name or service not known", StateUnwritable),
        ('connection failed: FATAL:  database "syncr" does not exist', StateUnwritable),
        ('connection failed: FATAL:  password authentication failed for user "syncer"', StateUnwritable),
    ],
)
def test_what_may_pass_by_itself_is_told_from_what_somebody_has_to_mend(error: str, kind: type[StateError]) -> None:
    told = _postgresql_error(psycopg.OperationalError(error), "postgresql://db/syncer")
    assert type(told) is kind


def test_a_schema_of_another_name_has_to_be_there(database: str) -> None:
    address = make_url(database).update_query_dict({"options": "-csearch_path=tracking"})
    with pytest.raises(StateUnwritable, match="there is no schema tracking"):
        opened(address.render_as_string(hide_password=False))
    execute(database, "CREATE SCHEMA tracking")
    opened(address.render_as_string(hide_password=False)).close()
    assert tables(database) == {"tracking"}


def sessions(database: str) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(database) as connection:
        found = connection.execute(query).fetchone()
    return int(found[0]) if found else 0


def test_a_session_that_the_server_ended_while_it_lay_idle_is_replaced(database: str) -> None:
    with opened(database) as store:
        assert store.pairs.names() == []
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        execute(database, f"{others} AND pid <> pg_backend_pid()")
        while sessions(database):
            time.sleep(0.02)
        assert store.pairs.names() == []


# --- poolers


@contextmanager
def pooled(database: str, mode: str, folder: Path) -> Iterator[str]:
    """The address of a PgBouncer before a database, as an ordinary user starts it."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("no pgbouncer is installed")
    url = make_url(database)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "users").write_text(f'"{url.username}" "{url.password or ""}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={url.host} port={url.port or 5432}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = trust\nauth_file = {folder}/users\npool_mode = {mode}\nunix_socket_dir =\n"
    )
    nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, "-q", *nobody, str(folder / "pgbouncer.ini")])
    try:
        deadline = time.monotonic() + 10
        while not _answers(port) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_pool_of_transactions_is_refused_and_nothing_is_made(database: str, tmp_path: Path) -> None:
    with pooled(database, "transaction", tmp_path) as address, pytest.raises(StateError, match="pool_mode = session"):
        opened(address)
    assert tables(database) == set()


def test_a_pool_of_sessions_works_in_our_schema(database: str, tmp_path: Path) -> None:
    with pooled(database, "session", tmp_path) as address, opened(address) as store, store.lease(PAIR, "run-1"):
        assert tables(database) == {"syncer"}


def test_an_address_is_shown_without_password_driver_and_the_name_of_our_sessions() -> None:
    address = make_url("postgresql+psycopg://bot:secret@db.acme.example/syncer?application_name=x&sslmode=require")
    assert shown_address(address) == "postgresql://bot:***@db.acme.example/syncer?sslmode=require"


@pytest.mark.parametrize(
    ("change", "kind"), [({"port": 1}, StateUnreachable), ({"database": "no_such_database"}, StateUnwritable)]
)
def test_a_server_that_is_not_there_is_told_from_one_that_refuses(
    database: str, change: dict[str, Any], kind: type[StateError]
) -> None:
    address = make_url(database).set(**change).render_as_string(hide_password=False)
    with pytest.raises(StateError) as told:
        opened(address)
    assert type(told.value) is kind
