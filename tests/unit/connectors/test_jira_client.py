"""One request a write, bounded repetition of reads, and no secret anywhere, over real sockets."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.jira.answers import Invalid
from connectors.jira.client import Client
from connectors.jira.settings import JiraTracker
from syncer.contract.errors import Ambiguous, Denied, Gone, Retryable, TrackerError

SECRET = "canary-7f3a91"
OK = (200, {"Content-Type": "application/json"}, b'{"id": "1"}')


class Script:
    """What a server answers, one entry a request; the last one is repeated."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = [OK]
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    def take(self) -> tuple[int, dict[str, str], bytes]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def url(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.seen.append((self.command, self.path, headers))
            status, headers, body = script.take()
            if status == 0:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            length = (
                headers.pop("X-Claimed-Length", str(len(body))) if "X-Claimed-Length" in headers else str(len(body))
            )
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = length != str(len(body))

        do_POST = do_PUT = do_GET  # noqa: N815 - as the library calls them

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the overridden parameter
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(url: str, waits: list[float]) -> Iterator[Client]:
    opened = open_client(url, waits)
    yield opened
    opened.close()


def open_client(url: str, waits: list[float], **settings: Any) -> Client:
    basic = {"url": url, "user": "bot@example.com", "token": SECRET, "allow_http": True}
    return Client(JiraTracker.model_validate({**basic, **settings}), sleep=waits.append)


BROKEN = [
    pytest.param((0, {}, b""), id="cut"),
    pytest.param((500, {}, b""), id="500"),
    pytest.param((502, {"Content-Type": "text/html"}, b"<html>"), id="502"),
    pytest.param((503, {"Content-Type": "application/json"}, b"{}"), id="503"),
    pytest.param((200, {"Content-Type": "text/html"}, b"<html>Log in</html>"), id="html"),
    pytest.param((200, {"Content-Type": "application/json"}, b'{"id": "1'), id="truncated-json"),
    pytest.param((200, {"Content-Type": "application/json", "X-Claimed-Length": "999"}, b'{"id"'), id="truncated-body"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_read_is_repeated_until_it_succeeds(client: Client, script: Script, broken: Any) -> None:
    script.answers = [(broken[0], dict(broken[1]), broken[2]), OK]
    assert client.get("/issue/1") == {"id": "1"}
    assert client.requests == 2


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_a_write_is_sent_once_and_its_lost_answer_is_ambiguous(
    client: Client, script: Script, verb: str, broken: Any
) -> None:
    script.answers = [(broken[0], dict(broken[1]), broken[2]), OK]
    with pytest.raises(Ambiguous):
        client.write(verb, "/issue", {})
    assert len(script.seen) == 1


def test_a_search_is_repeated_though_it_is_a_post(client: Client, script: Script) -> None:
    script.answers = [(502, {}, b""), OK]
    assert client.ask("/search/jql", {}) == {"id": "1"}


def test_a_read_that_keeps_failing_gives_up(client: Client, script: Script) -> None:
    script.answers = [(500, {}, b"")]
    with pytest.raises(Retryable):
        client.get("/issue/1")
    assert len(script.seen) == 4


def test_a_wish_to_wait_is_honoured(client: Client, script: Script, waits: list[float]) -> None:
    script.answers = [(429, {"Retry-After": "7"}, b""), OK]
    client.get("/issue/1")
    assert waits == [pytest.approx(7, abs=1)]


def test_a_wish_in_form_of_a_date_is_honoured(client: Client, script: Script, waits: list[float]) -> None:
    script.answers = [(503, {"Retry-After": "Fri, 01 Jan 1999 00:00:00 GMT"}, b""), OK]
    client.get("/issue/1")
    assert waits == [0]


def test_a_long_wait_ends_the_run_instead(client: Client, script: Script, waits: list[float]) -> None:
    script.answers = [(429, {"Retry-After": "3600"}, b"")]
    with pytest.raises(Retryable) as caught:
        client.get("/issue/1")
    assert caught.value.budget
    assert caught.value.after is not None
    assert (waits, len(script.seen), caught.value.after.total_seconds()) == ([], 1, 3600)


@pytest.mark.parametrize("headers", [{"Retry-After": "1"}, {"RateLimit-Reason": "jira-burst-based"}])
def test_a_write_over_a_limit_of_jira_had_no_effect_and_is_sent_again(
    client: Client, script: Script, waits: list[float], headers: dict[str, str]
) -> None:
    script.answers = [(429, headers, b""), OK]
    assert client.write("POST", "/issue", {}) == {"id": "1"}
    assert (len(script.seen), len(waits)) == (2, 1)


def test_a_read_that_a_gateway_puts_off_is_sent_again(client: Client, script: Script, waits: list[float]) -> None:
    script.answers = [(403, {"Retry-After": "3"}, b""), OK]
    assert client.get("/issue/1") == {"id": "1"}
    assert waits == [pytest.approx(3, abs=1)]


@pytest.mark.parametrize("answer", [(429, {}, b""), (403, {"Retry-After": "1"}, b"")])
def test_a_write_over_a_limit_of_who_knows_whom_is_not_sent_again(client: Client, script: Script, answer: Any) -> None:
    script.answers = [answer]
    with pytest.raises(Retryable) as caught:
        client.write("POST", "/issue", {})
    assert caught.value.budget
    assert len(script.seen) == 1


def test_refused_credentials_are_sent_once(client: Client, script: Script) -> None:
    script.answers = [(401, {}, b"")]
    for _ in range(3):
        with pytest.raises(Denied):
            client.get("/myself")
    assert len(script.seen) == 1


def test_a_token_that_lacks_the_scope_of_one_operation_is_good_for_the_others(client: Client, script: Script) -> None:
    body = b'{"code":401,"message":"Unauthorized; scope does not match"}'
    script.answers = [(401, {"Content-Type": "application/json"}, body), OK]
    with pytest.raises(Denied, match="lacks a scope") as caught:
        client.get("/mypermissions")
    assert not caught.value.credentials
    assert client.get("/issue/2") == {"id": "1"}


def test_one_forbidden_thing_does_not_close_the_door(client: Client, script: Script) -> None:
    script.answers = [(403, {}, b""), OK]
    with pytest.raises(Denied):
        client.get("/issue/1")
    assert client.get("/issue/2") == {"id": "1"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(client: Client, script: Script, status: int) -> None:
    script.answers = [(status, {"Location": "/elsewhere"}, b"")]
    with pytest.raises(Denied):
        client.write("POST", "/issue", {})
    assert len(script.seen) == 1


def test_nobody_listening_proves_that_a_write_had_no_effect(waits: list[float]) -> None:
    lonely = open_client("http://127.0.0.1:9", waits)
    with pytest.raises(Retryable):
        lonely.write("POST", "/issue", {})
    lonely.close()


def test_a_slow_answer_to_a_write_is_ambiguous(waits: list[float]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        slow = open_client(f"http://127.0.0.1:{deaf.getsockname()[1]}", waits, answer_seconds=0.05)
        with pytest.raises(Ambiguous):
            slow.write("POST", "/issue", {})
        slow.close()


def test_cloud_signs_in_with_account_and_token(client: Client, script: Script) -> None:
    client.get("/issue/1")
    assert script.seen[0][2]["authorization"].startswith("Basic ")


def test_data_center_signs_in_with_the_token(url: str, script: Script, waits: list[float]) -> None:
    server = open_client(url, waits, deployment="datacenter", user="")
    server.get("/issue/1")
    server.close()
    assert script.seen[0][1] == "/rest/api/2/issue/1"
    assert script.seen[0][2]["authorization"] == f"Bearer {SECRET}"


def test_the_stranger_shows_no_credentials(
    client: Client, script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login bot password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert client.readable_by_anybody("/project/PAY") is True
    assert "authorization" not in script.seen[0][2]


@pytest.mark.parametrize(
    ("answer", "readable"),
    [(OK, True), ((401, {}, b""), False), ((404, {}, b""), False), ((500, {}, b""), None), ((302, {}, b""), None)],
)
def test_who_can_read_is_asked_as_a_stranger(
    client: Client, script: Script, answer: Any, readable: bool | None
) -> None:
    script.answers = [answer]
    assert client.readable_by_anybody("/project/PAY") is readable


def test_no_secret_in_logs_or_messages(client: Client, script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("jira").setLevel(logging.DEBUG)
    said = []
    for answer in [OK, (400, {}, b'{"errors": {"summary": "no"}}'), (401, {}, b"")]:
        script.answers = [answer]
        try:
            client.write("POST", "/issue", {"fields": {"summary": "x"}})
        except (Invalid, Denied, Gone) as error:
            said.append(repr(error))
    assert len(said) == 2
    assert SECRET not in "".join(said) + caplog.text
    assert "Ym90QGV4YW1wbGUu" not in "".join(said) + caplog.text  # the beginning of the Basic credentials


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_what_a_proxy_repeats_of_the_credentials_is_not_shown(client: Client, script: Script, status: int) -> None:
    basic = base64.b64encode(f"bot@example.com:{SECRET}".encode())
    page = b"<pre>Authorization: Basic " + basic + b" " + SECRET.encode() + b"</pre>"
    script.answers = [(status, {}, page)] * 9
    with pytest.raises(TrackerError) as refused:
        client.get("/issue/1")
    assert "Authorization: Basic" in str(refused.value)
    assert SECRET not in str(refused.value)
    assert basic.decode()[:16] not in str(refused.value)


def test_a_closed_client_refuses(client: Client) -> None:
    client.close()
    with pytest.raises(RuntimeError):
        client.get("/issue/1")
