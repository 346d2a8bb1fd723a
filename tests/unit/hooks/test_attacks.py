"""What strangers and broken senders can do to the receiver: nothing but be refused, within bounds."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import pytest

from connectors.github.hooks import GitHubHooks
from connectors.jira.hooks import JiraHooks
from syncer.contract.hooks import Delivery, HookNews
from syncer.contract.model import Side
from syncer.hooks import judging
from syncer.hooks.connections import Bounds
from syncer.hooks.judging import HookedTracker, Judge, Judged, Result
from syncer.hooks.serving import READ_AT_ONCE, HookServer, Receiver

SECRET, FORMER = b"what-github-signs-with", b"what-github-signed-with"
BOUNDS = Bounds(largest=64 * 1024, seconds=30.0, connections=32, at_once=256 * 1024)
HASTY = Bounds(largest=64 * 1024, seconds=0.3)
NEWS = json.dumps({"action": "edited", "repository": {"full_name": "Acme/Pay", "id": 7}}).encode()


def github() -> HookedTracker:
    return HookedTracker("github", GitHubHooks(), (SECRET, FORMER), {"acme/pay": [("payments", Side.RIGHT)]})


def jira(*secrets: bytes) -> HookedTracker:
    return HookedTracker("jira", JiraHooks(), secrets, {"PAY": [("payments", Side.LEFT)]})


def signature(body: bytes, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


@dataclass
class Served:
    """A receiver that serves, and what it told of deliveries."""

    port: int
    told: list[tuple[str, Judged]] = field(default_factory=list)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def send(self, raw: bytes) -> bytes:
        """What comes back for some bytes, until the connection ends; empty where it is cut."""
        with self.connect() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(raw)
            return rest(connection)

    def post(self, body: bytes = NEWS, path: str = "/hooks/github", verb: str = "POST", **headers: str | None) -> int:
        """The status of an answer. Headers are those of a good delivery, but for what is named; None leaves one out."""
        return int(self.send(request(body, path, verb, **headers)).split(b" ")[1])

    @property
    def results(self) -> list[Result]:
        return [judged.result for _, judged in self.told]


def request(body: bytes = NEWS, path: str = "/hooks/github", verb: str = "POST", **headers: str | None) -> bytes:
    usual = {
        "host": "127.0.0.1",
        "x-hub-signature-256": signature(body),
        "x-github-event": "issues",
        "x-github-delivery": hashlib.sha256(body).hexdigest()[:16],
        "content-type": "application/json",
        "content-length": str(len(body)),
    }
    chosen = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{verb} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in chosen.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode() + body


def rest(connection: socket.socket) -> bytes:
    found = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            found += part
    return found


def serving(*trackers: HookedTracker, bounds: Bounds = BOUNDS, trusted_proxy: bool = False) -> Iterator[Served]:
    server = HookServer("127.0.0.1", 0, bounds)
    served = Served(server.port)
    judge = Judge(trackers, trusted_proxy=trusted_proxy)
    server.start(Receiver(judge, bounds, lambda name, judged: served.told.append((name, judged))))
    try:
        yield served
    finally:
        server.stop()


@pytest.fixture
def served() -> Iterator[Served]:
    yield from serving(github(), jira())


@pytest.fixture
def hasty() -> Iterator[Served]:
    yield from serving(github(), bounds=HASTY)


def test_a_signed_delivery_is_accepted_with_either_of_two_secrets(served: Served) -> None:
    assert served.post() == 202
    assert served.told[-1][1].pairs == {("payments", Side.RIGHT): "7"}
    other = NEWS + b" "
    assert served.post(other, x_hub_signature_256=signature(other, FORMER)) == 202
    assert served.results == [Result.ACCEPTED, Result.ACCEPTED]


FORGERIES = {
    "another secret": {"x_hub_signature_256": signature(NEWS, b"somebody-else's-secret")},
    "no signature": {"x_hub_signature_256": None},
    "a short one": {"x_hub_signature_256": signature(NEWS)[:-2]},
    "an empty one": {"x_hub_signature_256": ""},
    "only the name": {"x_hub_signature_256": "sha256="},
    "sha1 in its place": {"x_hub_signature_256": "sha1=" + hmac.new(SECRET, NEWS, hashlib.sha1).hexdigest()},
    "sha1 alone": {
        "x_hub_signature_256": None,
        "x_hub_signature": "sha1=" + hmac.new(SECRET, NEWS, hashlib.sha1).hexdigest(),
    },
    "no digits": {"x_hub_signature_256": "sha256=" + "ä" * 64},
    "digits of another script": {"x_hub_signature_256": "sha256=" + "\u0663" * 64},
    "that of another body": {"x_hub_signature_256": signature(NEWS + b" ")},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_not_signed_with_a_secret_is_refused(served: Served, forgery: str) -> None:
    assert served.post(**FORGERIES[forgery]) == 401
    assert served.results[0] in {Result.UNSIGNED, Result.FORGED}
    assert served.told[0][1].pairs == {}


def test_a_delivery_counts_once_whatever_it_is_called_the_second_time(served: Served) -> None:
    assert served.post() == 202
    assert served.post() == 202
    assert served.post(x_github_delivery="another-id") == 202
    assert served.results == [Result.ACCEPTED, Result.REPEATED, Result.REPEATED]


def test_ids_that_nobody_signed_fill_no_memory_and_shut_nobody_out() -> None:
    tracker = github()
    judge = Judge([tracker], trusted_proxy=False)
    headers = {"x-github-event": "issues", "content-type": "application/json"}

    def forged(number: int) -> Delivery:
        return Delivery(headers | {"x-github-delivery": str(number), "x-hub-signature-256": signature(b"")}, NEWS)

    judge.judge(tracker, forged(0))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(2_000):
            assert judge.judge(tracker, forged(number)).result is Result.FORGED
        assert tracemalloc.get_traced_memory()[0] - before < 64 * 1024
    finally:
        tracemalloc.stop()
    good = Delivery(headers | {"x-github-delivery": "7", "x-hub-signature-256": signature(NEWS)}, NEWS)
    assert judge.judge(tracker, good).result is Result.ACCEPTED


def test_authentic_deliveries_are_kept_in_mind_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "REMEMBERED", 100)
    tracker = github()
    judge = Judge([tracker], trusted_proxy=False)
    for number in range(150):
        body = NEWS + b" " * number
        headers = {
            "x-github-event": "issues", "content-type": "application/json", "x-github-delivery": str(number),
            "x-hub-signature-256": signature(body),
        }  # fmt: skip
        assert judge.judge(tracker, Delivery(headers, body)).result is Result.ACCEPTED
    assert len(judge._seen) == 200


def test_a_large_body_is_refused_before_it_is_sent(served: Served) -> None:
    head = request(b"", content_length=str(10 * 1024 * 1024))
    with served.connect() as connection:
        connection.sendall(head)  # and not one byte of the body
        assert rest(connection).startswith(b"HTTP/1.1 413 ")
    assert served.results == [Result.TOO_LARGE]


def test_a_large_body_in_chunks_of_no_announced_length_is_refused_when_it_is_too_large(served: Served) -> None:
    head = request(b"", content_length=None, transfer_encoding="chunked")
    chunk = b"%x\r\n%s\r\n" % (16 * 1024, b" " * 16 * 1024)
    with served.connect() as connection:
        connection.sendall(head + 4 * chunk)
        assert served.told == []
        connection.sendall(chunk)
        assert rest(connection).startswith(b"HTTP/1.1 413 ")
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(NEWS), NEWS)
    whole = request(b"", content_length=None, transfer_encoding="chunked", x_hub_signature_256=signature(NEWS)) + body
    assert served.send(whole).startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize("begun", [b"", b"POST /hooks/github HTTP/1.1\r\nHost: x\r\nX-A: ", request()[:-5]])
def test_a_client_that_is_slow_is_cut_when_its_time_is_over(hasty: Served, begun: bytes) -> None:
    with hasty.connect() as connection:
        connection.sendall(begun)
        assert not rest(connection).startswith(b"HTTP/1.1 2")  # ends of itself: the receiver cut it


def test_dripping_bytes_do_not_lengthen_the_time(hasty: Served) -> None:
    cut = threading.Event()
    with hasty.connect() as connection:

        def drip() -> None:
            try:
                connection.sendall(b"POST /hooks/github HTTP/1.1\r\n")
                while not cut.wait(0.02):
                    connection.sendall(b"X-A: b\r\n")
            except OSError:
                cut.set()

        thread = threading.Thread(target=drip)
        thread.start()
        rest(connection)
        assert cut.wait(30), "it was cut while it still sent"
        thread.join()


def test_more_connections_than_allowed_are_told_so_and_those_that_are_there_go_on() -> None:
    for served in serving(github(), bounds=Bounds(largest=1024, seconds=30.0, connections=4)):
        held = [served.connect() for _ in range(4)]
        for one in held:
            one.sendall(b"POST /hooks/github HTTP/1.1\r\n")
        for _ in range(8):
            assert served.post() == 503
        assert served.results == [Result.TOO_MANY] * 8
        held[0].sendall(request().partition(b"\r\n")[2])
        assert rest(held[0]).startswith(b"HTTP/1.1 202 ")
        for one in held:
            one.close()
        while served.post() == 503:
            pass  # until the ends of the connections were noticed


def test_connections_far_beyond_what_is_allowed_take_a_bounded_place() -> None:
    for served in serving(github(), bounds=Bounds(largest=1024, seconds=30.0, connections=4)):
        held = [served.connect() for _ in range(40)]
        for one in held[:4]:
            one.sendall(b"POST /hooks/github HTTP/1.1\r\n")
        answers = [rest(one) for one in held[4:]]
        assert [answer[:12] for answer in answers[:4]] == [b"HTTP/1.1 503"] * 4
        assert {answer[:12] for answer in answers} <= {b"HTTP/1.1 503", b""}
        for one in held:
            one.close()


@pytest.mark.parametrize(
    ("status", "headers"),
    [(401, {"x_hub_signature_256": None}), (404, {"path": "/hooks/nobody"}), (405, {"verb": "PUT"}), (413, {})],
)
def test_who_still_sends_a_large_body_sees_why_it_is_refused(status: int, headers: dict[str, str | None]) -> None:
    bounds = Bounds(largest=4 * 1024 * 1024 - 1, seconds=30.0)
    for served in serving(github(), bounds=bounds):
        raw = request(b" " * (4 * 1024 * 1024), **headers)
        with served.connect() as connection:
            sender = threading.Thread(target=connection.sendall, args=(raw,))
            sender.start()
            sender.join()
            answer = rest(connection)
        assert answer.startswith(b"HTTP/1.1 %d " % status)


def test_a_large_delivery_is_answered_once_it_is_authentic_and_read_afterwards() -> None:
    reading = threading.Event()

    class Slow(GitHubHooks):
        def read(self, delivery: Delivery) -> HookNews:
            if len(delivery.body) > READ_AT_ONCE:
                reading.wait(30)
            return super().read(delivery)

    tracker = replace(github(), reader=Slow())
    large = NEWS[:-1] + b" " * READ_AT_ONCE + b"}"
    for served in serving(tracker, bounds=Bounds(largest=2 * len(large), at_once=2 * len(large))):
        assert served.post(large, x_hub_signature_256=signature(NEWS)) == 401
        assert served.post(large) == 202
        assert served.post() == 202, "others do not wait for it"
        assert [judged.result for _, judged in served.told] == [Result.FORGED, Result.ACCEPTED]
        assert served.post(NEWS[:-1] + b" " * len(large) + b"}") == 503, "what is not read yet takes its place"
        reading.set()
        while len(served.told) < 4:
            pass
        assert served.told[-1][1].pairs == {("payments", Side.RIGHT): "7"}
        assert served.post(large, x_github_delivery="again") == 202
        while len(served.told) < 5:
            pass
        assert served.results[-1] is Result.REPEATED


def test_bodies_together_take_a_bounded_place() -> None:
    bounds = Bounds(largest=4096, seconds=30.0, at_once=8192)
    for served in serving(github(), bounds=bounds):
        held = [served.connect() for _ in range(2)]
        for one in held:
            one.sendall(request(b" " * 4096)[:-1])
            one.sendall(b"")
        while served.post(b" " * 4096) != 503:
            pass  # until both are being read
        for one in held:
            one.sendall(b" ")
            assert rest(one).startswith(b"HTTP/1.1 400 ")
            one.close()
        assert served.post() == 202


UNREADABLE = {
    "a list": b"[1, 2]",
    "a text": b'"payload"',
    "no JSON": b"{",
    "nothing": b"",
    "deeply nested": b"[" * 60_000,
    "deep objects": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "no UTF-8": b'{"repository": "\xff"}',
    "a very long number": b'{"repository": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_signed_body_that_is_no_object_is_refused(served: Served, what: str) -> None:
    assert served.post(UNREADABLE[what]) == 400
    assert served.results == [Result.UNREADABLE]
    assert served.post() == 202


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"repository": null}',
        b'{"repository": {"full_name": null, "id": {}}}',
        b'{"repository": [], "issue": "x"}',
        b'{"repository": {"full_name": 1e400}}',
    ],
)
def test_a_signed_object_of_another_shape_wakes_nobody(served: Served, body: bytes) -> None:
    assert served.post(body) == 204
    assert served.results == [Result.IGNORED]


def test_a_repository_of_no_pair_wakes_nobody(served: Served) -> None:
    assert served.post(json.dumps({"repository": {"full_name": "acme/支付", "id": 8}}).encode()) == 204
    assert served.results == [Result.UNKNOWN]


def test_the_form_that_github_can_send_is_read_and_signed_as_it_is(served: Served) -> None:
    body = urlencode({"payload": NEWS.decode()}).encode()
    assert served.post(body, content_type="application/x-www-form-urlencoded") == 202
    assert served.post(NEWS, content_type="application/x-www-form-urlencoded") == 400
    assert served.post(NEWS, content_type="text/plain") == 400
    assert served.post(NEWS, content_type=None) == 400
    assert served.post(b"payload=" + b"&a=b" * 9, content_type="application/x-www-form-urlencoded") == 400


def test_only_post_on_the_path_of_a_tracker(served: Served) -> None:
    for verb in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"):
        assert served.post(verb=verb) == 405
    for path in ("/", "/hooks", "/hooks/", "/hooks/nobody", "/hooks/github/", "/HOOKS/github", "/hooks/../etc/passwd"):
        assert served.post(path=path) == 404
    assert served.post(path="/hooks/github?user_id=mia") == 202, "a query of the tracker's own"


def test_no_http_is_answered_and_ends(hasty: Served) -> None:
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"POST /hooks/github HTTP/9.9\r\n\r\n"):
        assert not hasty.send(noise + b"\r\n\r\n").startswith(b"HTTP/1.1 2")
    endless = b"POST /hooks/github HTTP/1.1\r\nX-A: " + b"v" * 1_000_000
    assert not hasty.send(endless).startswith(b"HTTP/1.1 2"), "more headers than are taken"
    for length in ("-1", "1e3", "10, 20", "\u0663"):
        assert not hasty.send(request(content_length=length)).startswith(b"HTTP/1.1 2")
    both = request(transfer_encoding="chunked")
    assert not hasty.send(both).startswith(b"HTTP/1.1 5")


def test_a_thousand_deliveries_at_once_are_all_answered() -> None:
    for served in serving(github(), bounds=Bounds(largest=64 * 1024)):
        bodies = [NEWS + b" " * number for number in range(1_000)]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(served.post, bodies))
        assert answers == [202] * 1_000
        assert served.results == [Result.ACCEPTED] * 1_000


# --- Jira


PROJECT = {"id": "10000", "key": "PAY"}
JIRA_NEWS = json.dumps(
    {"webhookEvent": "jira:issue_updated", "issue": {"key": "PAY-7", "fields": {"project": PROJECT}}}
).encode()
OF_JIRA = {"path": "/hooks/jira", "x_hub_signature_256": None, "x_github_event": None, "x_github_delivery": None}


def test_a_jira_without_a_secret_is_refused(served: Served) -> None:
    assert served.post(JIRA_NEWS, **OF_JIRA) == 403
    assert served.results == [Result.NO_SECRET]


def test_a_jira_without_a_secret_is_believed_behind_a_proxy_on_this_machine() -> None:
    for served in serving(jira(), github(), trusted_proxy=True):
        assert served.post(JIRA_NEWS, **OF_JIRA) == 202
        assert served.post(x_hub_signature_256=None) == 401, "one that has a secret signs"
    tracker = jira()
    judge = Judge([tracker], trusted_proxy=True)
    assert judge.look(tracker, {}, from_here=False) is Result.NO_SECRET


def test_what_says_that_it_was_forwarded_is_no_proof_of_a_place() -> None:
    for served in serving(jira()):
        assert served.post(JIRA_NEWS, **OF_JIRA, x_forwarded_for="127.0.0.1") == 403


def test_a_jira_with_a_secret_signs_by_its_own_header() -> None:
    for served in serving(jira(b"what-jira-signs-with")):
        right = {**OF_JIRA, "x_hub_signature": signature(JIRA_NEWS, b"what-jira-signs-with")}
        assert served.post(JIRA_NEWS, **right) == 202
        assert served.told[0][1].pairs == {("payments", Side.LEFT): "10000"}
        assert served.post(JIRA_NEWS, **OF_JIRA) == 401
        assert served.post(JIRA_NEWS, **{**OF_JIRA, "x_hub_signature": signature(JIRA_NEWS)}) == 401
