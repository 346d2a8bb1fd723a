"""How a service begins beside its database: it waits for one that is not up yet, and ends where somebody must act."""

from __future__ import annotations

import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import psycopg
import pytest
from sqlalchemy import make_url

from syncer.commands.opening import now
from syncer.store import Store
from tests.integration.test_hooks import SECRETS, command, log_of
from tests.servers import fresh_postgresql
from tests.unit.commands.conftest import Site, site  # noqa: F401 -- a fixture
from tests.unit.commands.test_process import wait_until

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow]

SERVICES = {"worker": (), "daemon": (), "hooks": ("--port", "0")}
BEGUN = {"worker": "at work", "daemon": "scheduled", "hooks": "Takes webhooks at"}
"""What each says once it is at work."""


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database() -> Iterator[str]:
    with fresh_postgresql() as found:
        yield found


@pytest.fixture
def every_minute(site: Site) -> Site:  # noqa: F811
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('name = "payments"\n', 'name = "payments"\nschedule = "* * * * *"\n'), "utf-8")
    return site


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def passed_on(taken: socket.socket, given: socket.socket) -> None:
    with suppress(OSError):
        while part := taken.recv(65536):
            given.sendall(part)
    with suppress(OSError):
        given.shutdown(socket.SHUT_WR)


@contextmanager
def reached_at(port: int, database: str) -> Iterator[None]:
    """Lets a database be reached at another port, as if its machine had come up."""
    url, ends = make_url(database), list[socket.socket]()

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                server = socket.create_connection((url.host or "127.0.0.1", url.port or 5432))
                ends.extend((client, server))
                for way in ((client, server), (server, client)):
                    threading.Thread(target=passed_on, args=way, daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        try:
            yield
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for end in ends:
                end.close()


def test_a_service_waits_for_a_database_that_comes_up_after_it(every_minute: Site, database: str, service: str) -> None:
    port = free_port()
    away = make_url(database).set(port=port).render_as_string(hide_password=False)
    with command(every_minute, service, *SERVICES[service], SYNCER_STATE=away, **SECRETS) as process:
        wait_until(lambda: "Waiting for it." in log_of(every_minute, service))
        assert BEGUN[service] not in log_of(every_minute, service)
        with reached_at(port, database):
            wait_until(lambda: BEGUN[service] in log_of(every_minute, service) or process.poll() is not None)
            assert "The database answers." in log_of(every_minute, service)
            assert log_of(every_minute, service).count("Waiting for it.") == 1
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def test_a_service_that_waits_ends_when_it_is_asked_to(every_minute: Site, service: str) -> None:
    away = f"postgresql://syncer@127.0.0.1:{free_port()}/syncer"
    with command(every_minute, service, *SERVICES[service], SYNCER_STATE=away, **SECRETS) as process:
        wait_until(lambda: "Waiting for it." in log_of(every_minute, service))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_service_ends_with_2_where_the_server_has_no_such_database(
    every_minute: Site, database: str, service: str
) -> None:
    wrong = make_url(database).set(database="nobody_made_this").render_as_string(hide_password=False)
    with command(every_minute, service, *SERVICES[service], SYNCER_STATE=wrong, **SECRETS) as process:
        assert process.wait(60) == 2
    assert 'database "nobody_made_this" does not exist' in log_of(every_minute, service)


def test_a_service_whose_role_lacks_rights_is_told_statements_after_which_it_starts(
    every_minute: Site, database: str, service: str
) -> None:
    Store.open(database, clock=now).close()
    name = f"r_{make_url(database).database}"
    url = make_url(database).set(username=name, password="x").render_as_string(hide_password=False)
    with psycopg.connect(database, autocommit=True) as administrator:
        administrator.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'".encode())
        try:
            with command(every_minute, service, *SERVICES[service], SYNCER_STATE=url, **SECRETS) as process:
                assert process.wait(60) == 2
            told = re.search(r"GRANT .*", " ".join(log_of(every_minute, service).split()))
            assert told is not None, log_of(every_minute, service)
            administrator.execute(told[0].encode())
            with command(every_minute, service, *SERVICES[service], SYNCER_STATE=url, **SECRETS) as process:
                wait_until(lambda: BEGUN[service] in log_of(every_minute, service) or process.poll() is not None)
                process.send_signal(signal.SIGTERM)
                assert process.wait(60) == 0
        finally:
            administrator.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())
