"""A PostgreSQL for the tests: one that is named, one that runs here, or one that is started for them.

In this order: `SYNCER_TEST_POSTGRESQL` (an address whose role may create databases), a server on 127.0.0.1:5432 that
lets the user `postgres` in, the development dependency `pgserver`. Without any the tests are skipped and say why.
"""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

NAMED = "SYNCER_TEST_POSTGRESQL"
LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@contextmanager
def fresh_postgresql() -> Iterator[str]:
    """The address of an empty database of its own, dropped afterwards. Skips the test where there is no server."""
    server = _server()
    name = f"syncer_test_{uuid.uuid4().hex[:12]}"
    _execute(server, f'CREATE DATABASE "{name}"')
    try:
        yield _with_database(server, name)
    finally:
        _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _with_database(server: str, name: str) -> str:
    from sqlalchemy import make_url

    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _execute(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement.encode())


def _server() -> str:
    """The address of a server that answers."""
    address, reason = _found()
    if address is None:
        pytest.skip(reason)
    return address


@cache
def _found() -> tuple[str | None, str]:
    named = os.environ.get(NAMED)
    if named:
        return named, ""  # named explicitly: if it does not answer, the tests fail
    try:
        _execute(LOCAL, "SELECT 1")
    except Exception as error:  # noqa: BLE001 -- whatever keeps us from it, the next way is tried
        refused = str(error).strip().splitlines()[-1]
    else:
        return LOCAL, ""
    return _started(refused)


def _started(refused: str) -> tuple[str | None, str]:
    """A server of pgserver's, which ends with this process."""
    reason = f"no PostgreSQL: {NAMED} is not set, 127.0.0.1:5432 says {refused!r}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells that a bare machine has no XDG_RUNTIME_DIR, and does without
            import pgserver

            return pgserver.get_server(tempfile.mkdtemp(prefix="syncer-postgresql-")).get_uri(), ""
    except Exception as error:  # noqa: BLE001 -- a missing wheel, a refused user, a full disk: the reason is printed
        return None, f"{reason}, pgserver says {error!r}"
