"""Files that texts on GitHub refer to: which addresses count, and how they are read."""

from __future__ import annotations

import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.github.file_addresses import FileAddresses
from connectors.github.files import Fetcher, identified
from connectors.github.markdown import GitHubMarkdown
from syncer.contract.errors import Gone, Rejected, Retryable
from syncer.contract.files import File
from syncer.richtext import runs_of, same

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
UUID = "3f0c1a2b-0000-4111-8222-abcdefabcdef"
PUBLIC = FileAddresses("https://github.com", "acme/pay")
ENTERPRISE = FileAddresses("https://ghe.acme.example", "acme/pay")
STABLE = f"https://github.com/user-attachments/assets/{UUID}"


# --- addresses ---


@pytest.mark.parametrize(
    ("address", "stable"),
    [
        (STABLE, STABLE),
        (f"{STABLE}?raw=1#x", STABLE),
        (f"https://private-user-images.githubusercontent.com/12/34-{UUID}.png?jwt=eyJ0.a.b", STABLE),
        (f"https://PRIVATE-user-images.githubusercontent.com/12/34-{UUID.upper()}.png?jwt=e", STABLE),
        (
            "https://github.com/user-attachments/files/7/plan%201.pdf",
            "https://github.com/user-attachments/files/7/plan%201.pdf",
        ),
        (
            f"https://user-images.githubusercontent.com/12/34-{UUID}.png",
            f"https://user-images.githubusercontent.com/12/34-{UUID}.png",
        ),
        (f"https://github.com/Acme/pay/assets/1/{UUID}", f"https://github.com/Acme/pay/assets/1/{UUID}"),
        (
            "https://raw.githubusercontent.com/acme/pay/main/a.png?token=SECRET",
            "https://raw.githubusercontent.com/acme/pay/main/a.png",
        ),
    ],
)
def test_every_spelling_of_a_file_has_one_stable_address(address: str, stable: str) -> None:
    assert PUBLIC.stable(address) == stable


@pytest.mark.parametrize(
    "address",
    [
        "",
        "file:/etc/passwd",
        "javascript:alert(1)",
        "https://example.com/a.png",
        f"http://github.com/user-attachments/assets/{UUID}",
        f"https://github.com.evil.example/user-attachments/assets/{UUID}",
        f"https://github.com@evil.example/user-attachments/assets/{UUID}",
        f"https://user:secret@github.com/user-attachments/assets/{UUID}",
        f"https://github.com:8443/user-attachments/assets/{UUID}",
        f"https://evil.private-user-images.githubusercontent.com/1/2-{UUID}.png",
        "https://raw.githubusercontent.com/other/repository/main/a.png",
        "https://raw.githubusercontent.com/acme/pay/../../other/repository/main/a.png",
        "https://raw.githubusercontent.com/acme/pay/%2e%2e/%2E%2E/other/repository/main/a.png",
        "https://github.com/acme/pay/issues/1",
        "https://github.com/settings/tokens",
        "https://[::1",
    ],
)
def test_no_other_address_is_a_file(address: str) -> None:
    assert PUBLIC.stable(address) == ""


@given(
    st.sampled_from([PUBLIC, ENTERPRISE]),
    st.uuids(),
    st.integers(1, 10**9),
    st.text(string.ascii_letters + string.digits + "._-", max_size=80),
)
def test_a_signature_never_survives_and_the_stable_spelling_is_stable(
    addresses: FileAddresses, uuid: object, number: int, secret: str
) -> None:
    host = (
        "private-user-images.githubusercontent.com" if addresses is PUBLIC else "ghe.acme.example/private-user-images"
    )
    signed = f"https://{host}/{number}/{number}-{uuid}.png?jwt=SIGNED{secret}"
    stable = addresses.stable(signed)
    assert stable == f"{addresses.pages}/user-attachments/assets/{uuid}"
    assert addresses.stable(stable) == stable


@given(st.text(max_size=60))
@example(" #")
def test_an_address_is_stable_or_none_of_ours(text: str) -> None:
    for address in (text, f"https://github.com/{text}", f"https://github.com/acme/pay/raw/{text}"):
        stable = PUBLIC.stable(address)
        assert PUBLIC.stable(stable) == stable
        assert stable == "" or stable.startswith("https://github.com/")


def test_a_copied_signature_is_no_edit() -> None:
    markup = GitHubMarkdown("https://github.com", "acme/pay")
    signed = f"https://private-user-images.githubusercontent.com/1/2-{UUID}.png?jwt="
    plain, one, two = (f"Look:\n\n![receipt]({address})" for address in (STABLE, signed + "a.b", signed + "c.d"))
    assert same(markup.read(one), markup.read(plain))
    assert same(markup.read(one), markup.read(two))
    assert markup.patch(one, markup.read(two)).source == one
    tag = f'<img width="300" alt="receipt" src="{signed}a.b">'
    assert [run.target for run in runs_of(markup.read(tag).blocks)] == [STABLE]


# --- fetching ---


class _Answers(BaseHTTPRequestHandler):
    """What each path answers; every request's headers are kept."""

    seen: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        path = self.path.partition("?")[0]
        match path:
            case "/picture":
                self._send(200, PICTURE, {"content-type": "image/png; charset=x"})
            case "/hop":
                self._send(302, b"", {"location": "/picture"})
            case "/around":
                self._send(302, b"", {"location": "/around"})
            case "/short":
                self._send(200, PICTURE[:100], {"content-length": str(len(PICTURE))})
            case "/huge":
                self._send(200, b"", {"content-length": str(10**12)})
            case "/endless":
                self._send(200, PICTURE * 50, {"content-length": ""})
            case "/packed":
                self._send(200, PICTURE, {"content-encoding": "gzip"})
            case "/away":
                self._send(302, b"", {"location": self.path.partition("?")[2]})
            case _ if path[1:].isdigit():
                self._send(int(path[1:]), b"", {})
            case _:
                self._send(404, b"", {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"content-length": str(len(body))} | headers).items():
            if value:
                self.send_header(name, value)
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        _Answers.seen = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    with serving() as address:
        yield address


def fetcher(home: str, *hosts: str, **numeric: str) -> Fetcher:
    return Fetcher(home, frozenset(hosts), resolve=lambda host, _: [numeric.get(host.partition(".")[0], "127.0.0.1")])


def test_a_file_is_read_through_redirects_and_without_credentials(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    found = fetcher(home).fetch(f"{home}/hop", len(PICTURE))
    assert (found.content, found.media_type) == (PICTURE, "image/png")
    assert all("authorization" not in headers and "cookie" not in headers for headers in _Answers.seen)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/around", Rejected), ("/short", Retryable), ("/huge", Rejected), ("/endless", Rejected),
        ("/packed", Rejected), ("/404", Gone), ("/403", Gone), ("/500", Retryable), ("/429", Retryable),
        ("/418", Rejected), ("/204", Rejected),
    ],
)  # fmt: skip
def test_what_is_no_whole_file_of_the_size_is_an_error(home: str, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        fetcher(home).fetch(home + path, len(PICTURE))


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "http://localhost:1/",
        "http://[::1]/",
        "http://127.0.0.1.nip.example/",
        "https://evil.example/",
        "file:/etc/passwd",
        "gopher://127.0.0.1/",
        "//evil.example/",
        "https://store.example@evil.example/",
        "https://store.example:8443/",
        "http://store.example/",
    ],
)
def test_a_redirect_leads_nowhere_else(home: str, target: str) -> None:
    with pytest.raises(Rejected):
        fetcher(home, "store.example").fetch(f"{home}/away?{target}", 10**6)


@pytest.mark.parametrize(
    "numeric",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0",  # noqa: S104 - refused
        "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "::",
        "not an address",
    ],
)  # fmt: skip
def test_an_allowed_host_that_leads_inside_is_refused(home: str, numeric: str) -> None:
    with pytest.raises(Rejected, match="private network"):
        fetcher(home, "store.example", store=numeric).fetch("https://store.example/a.png", 10)


def test_one_private_address_among_public_ones_is_enough_to_refuse(home: str) -> None:
    asked = Fetcher(home, frozenset({"store.example"}), resolve=lambda *_: ["140.82.121.4", "10.0.0.1"])
    with pytest.raises(Rejected, match="private network"):
        asked.fetch("https://store.example/a.png", 10)


def test_a_name_is_resolved_once(home: str) -> None:
    answers = iter([["192.0.2.1"], ["127.0.0.1"]])
    asked = Fetcher(home, frozenset({"store.example"}), resolve=lambda *_: next(answers))
    with pytest.raises(Rejected, match="private network"):
        asked.fetch("https://store.example/a.png", 10)
    assert next(answers) == ["127.0.0.1"]


def test_a_file_that_trickles_in_is_given_up(home: str) -> None:
    ticks = iter(range(0, 10**6, 100))
    slow = Fetcher(home, frozenset(), longest=50, monotonic=lambda: next(ticks))
    with pytest.raises(Retryable, match="too slowly"):
        slow.fetch(f"{home}/picture", len(PICTURE))


def test_a_host_without_an_address_may_have_one_later(home: str) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError(host)

    with pytest.raises(Retryable):
        Fetcher(home, frozenset({"store.example"}), resolve=unknown).fetch("https://store.example/a.png", 10)


def test_no_message_holds_a_signature(home: str) -> None:
    with pytest.raises(Gone) as error:
        fetcher(home).fetch(f"{home}/404?jwt=SECRET", 10)
    assert "SECRET" not in str(error.value)


# --- kinds ---


@pytest.mark.parametrize(
    ("name", "declared", "content", "carried"),
    [
        ("", "image/png", PICTURE, ("picture.png", "image/png")),
        ("a.png", "application/octet-stream", PICTURE, ("a.png", "image/png")),
        ("a.jpeg", "image/jpeg", b"\xff\xd8\xff\xe0", ("a.jpeg", "image/jpeg")),
        ("a.exe", "image/gif", b"GIF89a", ("a.gif", "image/gif")),
        ("a.webp", "image/webp", b"RIFF\0\0\0\0WEBP", ("a.webp", "image/webp")),
        ("plan.pdf", "application/pdf", b"%PDF-1.7", ("plan.pdf", "application/pdf")),
        ("a.LOG", "text/plain", b"x", ("a.LOG", "text/plain")),
        ("", "video/mp4", b"\0\0\0\x18ftyp", ("video.mp4", "video/mp4")),
    ],
)
def test_harmless_files_are_known(name: str, declared: str, content: bytes, carried: tuple[str, str]) -> None:
    assert identified(name, declared, content) == carried


@pytest.mark.parametrize(
    ("name", "declared", "content"),
    [
        ("a.png", "text/html", b"<!DOCTYPE html><title>Sign in</title>"),
        ("a.txt", "text/plain", b"\xef\xbb\xbf  <HTML>"),
        ("a.svg", "image/svg+xml", b"<svg xmlns='x'/>"),
        ("a.png", "image/png", b"no picture"),
        ("a.exe", "application/octet-stream", b"MZ"),
        ("", "application/octet-stream", b"x"),
        ("a.txt", "text/javascript", b"x"),
        ("a.png", "image/png", b""),
        (".txt", "text/plain", b"x"),
    ],
)
def test_what_a_browser_would_run_or_nobody_knows_is_refused(name: str, declared: str, content: bytes) -> None:
    with pytest.raises(Rejected):
        identified(name, declared, content)


@given(st.text(max_size=300), st.binary(max_size=50))
def test_a_name_is_safe_everywhere_and_tells_contents_apart_where_it_must(name: str, content: bytes) -> None:
    file = File(f"{name}.png", "image/png", content)
    for kept in (file.safe_name, file.told_apart):
        assert not set(kept) & set('\\/:*?"<>|%$!^[]{}\r\n\t\0')
        assert kept == kept.strip()
        assert kept[0] != "."
        assert len(kept.encode()) <= 200
        assert kept.endswith(".png")
    assert file.told_apart != File(f"{name}.png", "image/png", content + b"x").told_apart


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("支付 报告.pdf", "支付 报告.pdf"), ("plan v1.2.pdf", "plan v1.2.pdf"), ("../../etc/passwd", "-..-etc-passwd"),
        (".htaccess", "file.htaccess"), ("NUL.txt", "_NUL.txt"), ("a\r\nb.txt", "ab.txt"), ("", "file"),
        ("x" * 300 + ".pdf", "x" * 176 + ".pdf"), ("e\u0301.png", "\u00e9.png"), ("nul", "_nul"), ("...", "file"),
    ],
)  # fmt: skip
def test_a_name_stays_as_people_wrote_it(name: str, safe: str) -> None:
    assert File(name, "text/plain", b"x").safe_name == safe


@given(st.sampled_from(["支", "é", "x\u0323\u0301", "😀"]), st.integers(100, 400))
def test_a_long_name_is_cut_between_characters(sign: str, times: int) -> None:
    kept = File(sign * times + ".pdf", "application/pdf", b"x").safe_name
    stem = kept.removesuffix(".pdf")
    assert stem == sign * (len(stem) // len(sign)) or stem == normalize("NFC", sign * times)[: len(stem)]
    assert len(kept.encode()) <= 180
