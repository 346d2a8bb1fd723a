"""Signing in, secrecy, and answers that no tracker should give, over real sockets."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from connectors.github.connector import GitHubConnector
from connectors.github.settings import GitHubScope, GitHubTracker
from syncer.contract.conformance import Remembered
from syncer.contract.connector import OwnAccount
from syncer.contract.errors import Ambiguous, Denied, Gone, Retryable
from syncer.contract.model import Audience, Draft, Field, Kind, Marker, Observed
from syncer.sandbox.faults import Fault
from tests.conformance.github_world import REPOSITORY, GitHubWorld

SECRET = "ghp_secretOfAcme0123456789"
DRAFT = Draft(Kind.TASK, {Field.TITLE: "Once"}, Marker("m-1"))


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


class Scripted:
    """A server that gives the same answer to everything, and notes what it was asked."""

    def __init__(
        self, status: int, headers: dict[str, str], body: bytes, context: ssl.SSLContext | None = None
    ) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                outer.asked.append((self.command, self.path, self.headers.get("authorization")))
                self.send_response(status)
                for name, value in {"content-length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names that the library looks for

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.port = self.server.server_address[1]

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def servers() -> Iterator[list[Scripted]]:
    started: list[Scripted] = []
    yield started
    for server in started:
        server.stop()


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    github = GitHubWorld().start()
    yield github
    github.stop()


def connect(port: int, scheme: str = "http", **settings: Any) -> GitHubConnector:
    tracker = GitHubTracker(
        **{
            "url": f"{scheme}://127.0.0.1:{port}/api/v3",
            "token": SECRET,
            "read_tries": 2,
            "read_timeout": 30,
            **settings,
        }
    )
    return GitHubConnector(tracker, GitHubScope(repository=REPOSITORY), sleep=lambda _: None)


def sign_in(world: GitHubWorld, key: rsa.RSAPrivateKey, path: Path, **settings: Any) -> GitHubConnector:
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    app = world.github.add_app("sync", "acme", public_key=public.decode())
    installation = world.github.install_app(app, "acme")
    path.touch(0o600)
    path.write_bytes(pem(key))
    given = {"app_id": app.id, "installation_id": installation.id, "private_key_file": path, "token": None, **settings}
    return world.connector(**given)


# A GitHub App


def test_a_token_that_has_no_user_learns_who_it_is_from_what_it_created(
    world: GitHubWorld, key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    sign_in(world, key, tmp_path / "app.pem").audience()
    token = next(value for value, token in world.github.tokens.items() if token.kind == "installation")
    connector = world.connector(token=token)
    assert connector.own_account() is None
    connector.create([DRAFT])
    own = connector.own_account()
    assert own is not None
    assert own.login == "sync[bot]"


def test_app_signs_in_and_writes_as_its_bot(world: GitHubWorld, key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    connector = sign_in(world, key, tmp_path / "app.pem")
    own = connector.own_account()
    (created,) = connector.create([DRAFT])
    assert isinstance(created, Observed)
    assert own == OwnAccount(str(world.act("GET", "/issues/1")["user"]["id"]), "sync[bot]")
    assert created.author is not None
    assert (created.author.id, created.author.bot) == ("sync[bot]", True)


def test_app_with_another_key_is_denied(world: GitHubWorld, key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    connector = sign_in(world, key, tmp_path / "app.pem")
    (tmp_path / "app.pem").write_bytes(pem(rsa.generate_private_key(public_exponent=65_537, key_size=2048)))
    with pytest.raises(Denied, match="sign in as the GitHub App"):
        connector.audience()


def test_app_that_was_uninstalled_is_denied(world: GitHubWorld, key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    connector = sign_in(world, key, tmp_path / "app.pem", installation_id=999_999)
    with pytest.raises(Denied, match="sign in as the GitHub App"):
        connector.audience()


@pytest.mark.parametrize("kind", ["commit-then-close", "502", "close-before-commit"])
def test_failed_sign_in_of_a_create_had_no_effect(
    world: GitHubWorld, key: rsa.RSAPrivateKey, tmp_path: Path, kind: str
) -> None:
    connector = sign_in(world, key, tmp_path / "app.pem")
    connector.audience()  # known from here on, so that the create is the next request
    connector._client._signed_in_until = float("-inf")  # an hour later
    world.faults.add(Fault(kind, path="access_tokens"))  # type: ignore[arg-type]
    with pytest.raises(Retryable):
        connector.create([DRAFT])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Welcome to the hotel</html>"),
        ("application/json", b'{"token": "ghs_abc'),
        ("application/json", b"[" * 200_000),
        ("application/json", b'{"token": 7}'),
        ("application/json", b'{"token": "two words"}'),
        ("application/json", b"null"),
    ],
)
def test_sign_in_that_is_answered_with_nonsense_is_named_and_tried_again_later(
    servers: list[Scripted], key: rsa.RSAPrivateKey, tmp_path: Path, kind: str, body: bytes
) -> None:
    path = tmp_path / "app.pem"
    path.touch(0o600)
    path.write_bytes(pem(key))
    servers.append(Scripted(201, {"content-type": kind}, body))
    connector = connect(servers[0].port, token=None, app_id=1, installation_id=2, private_key_file=path)
    with pytest.raises(Retryable, match="sign in as the GitHub App"):
        connector.audience()


def test_a_file_that_holds_no_key_is_denied(tmp_path: Path) -> None:
    path = tmp_path / "app.pem"
    path.write_text("no key")
    connector = connect(1, token=None, app_id=1, installation_id=2, private_key_file=path)
    with pytest.raises(Denied, match="no private key"):
        connector.audience()


def test_missing_key_file_is_denied(tmp_path: Path) -> None:
    connector = connect(1, token=None, app_id=1, installation_id=2, private_key_file=tmp_path / "none.pem")
    with pytest.raises(Denied, match=r"none\.pem"):
        connector.audience()


# Servers that are none


def test_create_without_a_connection_had_no_effect() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        connector = connect(reserved.getsockname()[1])
        connector._repository._audience = Audience.PUBLIC
        with pytest.raises(Retryable, match="no connection"):
            connector.create([DRAFT])


def test_page_of_a_gateway_never_becomes_an_item(servers: list[Scripted]) -> None:
    servers.append(Scripted(200, {"content-type": "text/html"}, b"<html>Welcome to the hotel</html>"))
    connector = connect(servers[0].port)
    connector._repository._audience = Audience.PUBLIC
    with pytest.raises(Retryable):
        list(connector.changes(None, Remembered()))
    with pytest.raises(Ambiguous):
        connector.create([DRAFT])


@pytest.mark.parametrize("body", [b"null", b"{}", b"[]", b'"text"', b"[[]]", b'[{"id": 1}]', b"{", b""])
def test_json_of_another_shape_never_becomes_an_item(servers: list[Scripted], body: bytes) -> None:
    servers.append(Scripted(200, {"content-type": "application/json"}, body))
    connector = connect(servers[0].port)
    with pytest.raises(Retryable):
        connector.audience()
    connector._repository._audience = Audience.PUBLIC
    with pytest.raises(Ambiguous):
        connector.create([DRAFT])
    if body.startswith(b"[{"):
        pages = list(connector.changes(None, Remembered()))
        assert [page.observed for page in pages] == [()] * len(pages)
        assert all(page.unreadable for page in pages)
    elif body != b"[]":
        with pytest.raises(Retryable):
            list(connector.changes(None, Remembered()))


def test_token_is_not_sent_to_another_host(servers: list[Scripted]) -> None:
    servers.append(Scripted(200, {"content-type": "application/json"}, b'{"full_name": "acme/other"}'))
    elsewhere = f"http://localhost:{servers[0].port}/repositories/1"
    servers.append(Scripted(301, {"location": elsewhere}, b""))
    with pytest.raises(Denied, match="renamed"):
        connect(servers[1].port).audience()
    assert servers[0].asked == []


def test_endless_redirect_ends(servers: list[Scripted]) -> None:
    servers.append(Scripted(301, {"location": "/api/v3/repos/acme/pay"}, b""))
    with pytest.raises(Denied):
        connect(servers[0].port).audience()
    assert len(servers[0].asked) <= 3


def test_redirect_without_an_address_is_denied(servers: list[Scripted]) -> None:
    servers.append(Scripted(307, {}, b""))
    connector = connect(servers[0].port)
    connector._repository._audience = Audience.PUBLIC
    with pytest.raises(Denied):
        connector.create([DRAFT])


def test_answer_that_is_not_ready_is_not_waited_for_without_end(servers: list[Scripted]) -> None:
    servers.append(Scripted(202, {"content-type": "application/json"}, b"{}"))
    connector = connect(servers[0].port)
    with pytest.raises(Retryable, match="still working"):
        connector.audience()
    connector._repository._audience = Audience.PUBLIC
    with pytest.raises(Ambiguous, match="still working"):
        connector.create([DRAFT])
    assert len(servers[0].asked) == 3


def test_list_that_never_ends_is_an_error(servers: list[Scripted]) -> None:
    headers = {"content-type": "application/json", "link": '<http://127.0.0.1/?page=2>; rel="next"'}
    servers.append(Scripted(200, headers, b"[]"))
    connector = connect(servers[0].port)
    connector._repository._audience = Audience.PUBLIC
    with pytest.raises(Retryable, match="more follow"):
        connector.find([_intent()])


def test_certificate_of_a_stranger_is_denied(servers: list[Scripted], key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    servers.append(Scripted(200, {"content-type": "application/json"}, b"{}", _self_signed(key, tmp_path)))
    with pytest.raises(Denied, match="certificate of the server is not trusted") as caught:
        connect(servers[0].port, "https").audience()
    assert "certificate" in caught.value.remedy


def test_certificate_of_an_own_authority_is_trusted_where_the_settings_name_it(
    servers: list[Scripted], key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    body = b'{"id": 1, "full_name": "acme/pay", "visibility": "private"}'
    servers.append(Scripted(200, {"content-type": "application/json"}, body, _self_signed(key, tmp_path)))
    named = tmp_path / "cert.pem"
    assert connect(servers[0].port, "https", ca_bundle=named).audience() is Audience.MEMBERS
    with pytest.raises(Denied, match="there is no file") as caught:
        connect(servers[0].port, "https", ca_bundle=tmp_path / "absent.pem").audience()
    assert caught.value.remedy == "Correct `ca-bundle`."


def test_token_is_in_no_message_even_when_the_server_repeats_it(servers: list[Scripted]) -> None:
    said = f'{{"message": "Bad token {SECRET} and ghs_ofAnotherInstallation123"}}'.encode()
    servers.append(Scripted(401, {"content-type": "application/json"}, said))
    with pytest.raises(Denied) as caught:
        connect(servers[0].port).audience()
    assert "ghp_" not in str(caught.value)
    assert "ghs_" not in str(caught.value)
    assert servers[0].asked[0][2] == f"token {SECRET}"


def test_text_is_utf_8_whatever_the_header_says(servers: list[Scripted]) -> None:
    body = '{"id": 1, "full_name": "acme/pay", "visibility": "private", "description": "退款"}'.encode()
    servers.append(Scripted(200, {"content-type": "application/json; charset=iso-8859-1"}, body))
    assert connect(servers[0].port).audience() is Audience.MEMBERS


def test_closed_connector_sends_nothing(servers: list[Scripted]) -> None:
    servers.append(Scripted(200, {"content-type": "application/json"}, b"{}"))
    connector = connect(servers[0].port)
    connector.close()
    with pytest.raises(RuntimeError):
        connector.audience()
    assert servers[0].asked == []


def test_comment_of_a_vanished_task_cannot_be_told_apart(world: GitHubWorld) -> None:
    world.act("POST", "/issues", {"title": "Talk"})
    connector = world.connector()
    (task,) = (item for page in connector.changes(None, Remembered()) for item in page.observed)
    draft = Draft(Kind.COMMENT, {Field.BODY: "Hello"}, Marker("m-2"), task)
    world.github.remove_collaborator(REPOSITORY, "sync-bot")
    with pytest.raises(Retryable):
        connector.find([_intent(draft)])
    (answer,) = connector.create([draft])
    assert isinstance(answer, Gone)


def _intent(draft: Draft = DRAFT) -> Any:
    from syncer.contract.connector import Intent

    return Intent(draft, datetime(2026, 3, 2, tzinfo=UTC))


def _self_signed(key: rsa.RSAPrivateKey, folder: Path) -> ssl.SSLContext:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
