"""Mail over a real SMTP conversation: once, with the server's verdict recorded."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from syncer.publish.mail import Delivered, deliver, queue
from syncer.settings import MailSettings
from syncer.store import Mail, MailState, Store

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Certificate:
    """Of a server at 127.0.0.1, signed by itself."""

    file: str
    key: str

    @property
    def context(self) -> ssl.SSLContext:
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.load_cert_chain(self.file, self.key)
        return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    made = Certificate(str(folder / "certificate.pem"), str(folder / "key.pem"))
    Path(made.file).write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    Path(made.key).write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


class Box:
    """A mail server that keeps what it gets and refuses whom it is told to refuse."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.refused: dict[str, str] = {}
        self.sessions: list[Session] = []

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.got.append(envelope)
        self.sessions.append(session)
        return "250 OK"


def admitted(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"syncer", b"right")
    return AuthResult(success=right, handled=False)


@contextmanager
def serving(box: Box, certificate: Certificate | None = None, *, tls: str = "none") -> Iterator[int]:
    """A mail server; with a certificate it asks for encryption and a password."""
    options: dict[str, object] = {}
    if certificate is not None:
        options = {"authenticator": admitted, "auth_required": False, "auth_require_tls": tls == "starttls"}
        if tls == "starttls":
            options |= {"tls_context": certificate.context, "require_starttls": True}
        else:
            options |= {"ssl_context": certificate.context}
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as opened:
        yield opened


def settings(port: int, **changes: object) -> MailSettings:
    usual = {"host": "127.0.0.1", "port": port, "tls": "none", "from": "syncer@acme.example"}
    return MailSettings.model_validate(usual | changes)


def message(recipient: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "syncer@acme.example", recipient, "Week 47 · 支付"
    mail.set_content("Goals")
    return mail


def compose(due: Mail) -> EmailMessage:
    return message(due.recipient)


def enqueue(store: Store, *recipients: str, **options: Any) -> list[str]:
    return queue(store, "weekly", "2026-W47", recipients, NOW, **options)


def test_each_recipient_gets_one_message(store: Store) -> None:
    box = Box()
    enqueue(store, "li.wei@acme.example", "mia@acme.example")
    with serving(box) as port:
        result = deliver(store, settings(port), compose, lambda: NOW)
    assert result.sent == ["li.wei@acme.example", "mia@acme.example"]
    assert [envelope.rcpt_tos for envelope in box.got] == [["li.wei@acme.example"], ["mia@acme.example"]]


def test_a_second_call_sends_nothing(store: Store) -> None:
    box = Box()
    with serving(box) as port:
        enqueue(store, "mia@acme.example")
        deliver(store, settings(port), compose, lambda: NOW)
        assert enqueue(store, "mia@acme.example") == ["mia@acme.example"]
        assert deliver(store, settings(port), compose, lambda: NOW).sent == []
    assert len(box.got) == 1


def test_a_final_refusal_is_recorded_and_a_passing_one_waits(store: Store) -> None:
    box = Box()
    box.refused = {"gone@acme.example": "550 no such user", "full@acme.example": "452 mailbox full"}
    enqueue(store, "gone@acme.example", "full@acme.example", "mia@acme.example")
    with serving(box) as port:
        result = deliver(store, settings(port), compose, lambda: NOW)
        assert "no such user" in result.failed["gone@acme.example"]
        assert "mailbox full" in result.waiting["full@acme.example"]
        assert result.sent == ["mia@acme.example"]
        box.refused = {}
        assert deliver(store, settings(port), compose, lambda: NOW).sent == ["full@acme.example"]


def test_a_server_that_is_away_loses_nothing(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    result = deliver(store, settings(free_port()), compose, lambda: NOW)
    assert list(result.waiting) == ["mia@acme.example"]
    assert [mail.recipient for mail in store.outbox.mails([MailState.NEW])] == ["mia@acme.example"]


def test_what_is_refused_for_the_time_being_is_tried_again_after_a_while(store: Store) -> None:
    box = Box()
    box.refused = {"full@acme.example": "450 greylisted"}
    enqueue(store, "full@acme.example")
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            box.refused = {}

    with serving(box) as port:
        result = deliver(store, settings(port), compose, lambda: NOW, sleep)
    assert (waited, result.sent, result.waiting) == ([10, 60], ["full@acme.example"], {})


def test_what_waiting_cannot_mend_is_told_at_once(store: Store, certificate: Certificate) -> None:
    enqueue(store, "mia@acme.example")
    with serving(Box(), certificate, tls="tls") as port:
        stranger = settings(port, tls="tls")  # knows nothing of the authority
        result = deliver(store, stranger, compose, lambda: NOW, never)
    assert "certificate" in result.waiting["mia@acme.example"].casefold()


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_the_line_is_encrypted_and_the_server_knows_us(store: Store, certificate: Certificate, tls: str) -> None:
    box = Box()
    enqueue(store, "mia@acme.example")
    with serving(box, certificate, tls=tls) as port:
        known = settings(port, tls=tls, user="syncer", password="right", **{"ca-bundle": certificate.file})
        result = deliver(store, known, compose, lambda: NOW, never)
    assert (result.sent, result.waiting) == (["mia@acme.example"], {})
    assert [session.authenticated for session in box.sessions] == [True]
    assert tls == "tls" or all(session.ssl is not None for session in box.sessions)


def test_a_wrong_password_is_told_and_never_shown(store: Store, certificate: Certificate) -> None:
    enqueue(store, "mia@acme.example")
    with serving(Box(), certificate, tls="starttls") as port:
        wrong = settings(port, tls="starttls", user="syncer", password="hunter2", **{"ca-bundle": certificate.file})
        result = deliver(store, wrong, compose, lambda: NOW, never)
    assert re.match(r"127\.0\.0\.1:\d+: 535", result.waiting["mia@acme.example"])
    assert "hunter2" not in str(result)


def test_a_server_without_encryption_gets_nothing(store: Store) -> None:
    box = Box()
    enqueue(store, "mia@acme.example")
    with serving(box) as port:
        result = deliver(store, settings(port, tls="starttls"), compose, lambda: NOW, never)
    assert (list(result.waiting), box.got) == (["mia@acme.example"], [])


def test_a_server_that_stalls_ends_within_the_timeout(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts and never greets
        result = deliver(store, settings(silent.getsockname()[1], timeout="1s"), compose, lambda: NOW)
    assert "timed out" in result.waiting["mia@acme.example"]


def test_a_line_that_breaks_before_the_text_leaves_no_doubt(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    with hanging_up_after(b"RCPT") as port:
        result = deliver(store, settings(port), compose, lambda: NOW)
    assert list(result.waiting) == ["mia@acme.example"]
    assert [mail.state for mail in store.outbox.mails()] == [MailState.NEW]


def test_a_line_that_breaks_during_the_text_leaves_it_in_doubt_until_it_was_sent_once_more(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    with hanging_up_after(b"DATA") as port:
        result = deliver(store, settings(port), compose, lambda: NOW)
    assert list(result.in_doubt) == ["mia@acme.example"]
    box = Box()
    with serving(box) as port:
        soon = deliver(store, settings(port), compose, lambda: NOW + timedelta(minutes=1))
        assert (list(soon.in_doubt), box.got) == (["mia@acme.example"], [])  # another process may still be at it
        later = deliver(store, settings(port), compose, lambda: NOW + timedelta(minutes=20))
        assert (later.again, later.sent, later.in_doubt) == (["mia@acme.example"], [], {})
        assert deliver(store, settings(port), compose, lambda: NOW + timedelta(hours=9)).again == []
    assert len(box.got) == 1


def test_what_is_in_doubt_twice_is_left_alone_and_told_every_time(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    for minutes in (0, 20):
        with hanging_up_after(b"DATA") as port:
            deliver(store, settings(port), compose, lambda minutes=minutes: NOW + timedelta(minutes=minutes))  # type: ignore[misc]
    box = Box()
    with serving(box) as port:
        result = deliver(store, settings(port), compose, lambda: NOW + timedelta(days=7))
    assert (list(result.in_doubt), box.got) == (["mia@acme.example"], [])


def test_a_second_attempt_that_reached_nobody_is_not_used_up(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    with hanging_up_after(b"DATA") as port:
        deliver(store, settings(port), compose, lambda: NOW)
    with hanging_up_after(b"MAIL") as port:
        deliver(store, settings(port), compose, lambda: NOW + timedelta(minutes=20))
    with serving(Box()) as port:
        assert deliver(store, settings(port), compose, lambda: NOW + timedelta(minutes=40)).again == [
            "mia@acme.example"
        ]


def test_a_second_process_at_the_same_time_sends_nothing_twice(store: Store) -> None:
    box = Box()
    enqueue(store, *(f"reader-{number}@acme.example" for number in range(12)))
    with serving(box) as port:
        both = [threading.Thread(target=deliver, args=(store, settings(port), compose, lambda: NOW)) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert sorted(envelope.rcpt_tos[0] for envelope in box.got) == sorted(
        {mail.recipient for mail in store.outbox.mails()}
    )


def never(seconds: float) -> None:
    raise AssertionError(f"waited for {seconds} s")


@contextmanager
def hanging_up_after(verb: bytes) -> Iterator[int]:
    """A server that hangs up instead of answering a command; after DATA, when it has taken the whole message."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            for line in stream:
                word = line[:4].upper()
                if word == verb != b"DATA":
                    return
                stream.write(b"354 go on\r\n" if word == b"DATA" else b"250 OK\r\n")
                stream.flush()
                if word == b"DATA":
                    while stream.readline() != b".\r\n":
                        pass
                    return

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- what a server refuses, and is asked again


class Stern(Box):
    """Refuses every sender until it is told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = "530 authentication required"

    async def handle_MAIL(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answer


def test_what_was_refused_before_the_recipient_was_named_is_sent_when_asked_again(store: Store) -> None:
    box = Stern()
    with serving(box) as port:
        enqueue(store, "mia@acme.example")
        refused = deliver(store, settings(port), compose, lambda: NOW, never)
        assert refused.failed == {"mia@acme.example": "530 authentication required"}
        assert deliver(store, settings(port), compose, lambda: NOW, never).failed == {}  # nobody asked
        box.answer = "250 OK"
        assert enqueue(store, "mia@acme.example") == []
        assert deliver(store, settings(port), compose, lambda: NOW, never).sent == ["mia@acme.example"]


def test_what_was_sent_is_sent_again_only_where_somebody_asks_for_that(store: Store) -> None:
    box = Box()
    with serving(box) as port:
        for renew in ((MailState.FAILED,), (MailState.FAILED,), (MailState.SENT,)):
            enqueue(store, "mia@acme.example", renew=renew)
            deliver(store, settings(port), compose, lambda: NOW)
    assert len(box.got) == 2


# --- the outbox follows the configuration of the moment


def test_the_message_is_composed_when_it_leaves(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    deliver(store, settings(free_port()), compose, lambda: NOW)

    def otherwise(due: Mail) -> EmailMessage:
        made = compose(due)
        made.replace_header("Subject", f"For clients, {due.week}")
        return made

    box = Box()
    with serving(box) as port:
        deliver(store, settings(port), otherwise, lambda: NOW)
    assert [b"For clients, 2026-W47" in bytes(envelope.content or b"") for envelope in box.got] == [True]


def test_whom_the_configuration_does_not_name_any_more_gets_nothing(store: Store) -> None:
    enqueue(store, "gone@acme.example", "mia@acme.example")
    box = Box()
    with serving(box) as port:
        result = deliver(
            store, settings(port), lambda due: None if due.recipient.startswith("gone") else compose(due), lambda: NOW
        )
        assert (result.dropped, result.sent) == (["gone@acme.example"], ["mia@acme.example"])
        assert deliver(store, settings(port), compose, lambda: NOW) == Delivered()
    assert len(box.got) == 1


def test_an_address_is_one_recipient_however_it_is_written(store: Store) -> None:
    assert enqueue(store, "Mia@acme.example", "mia@ACME.example") == ["mia@ACME.example"]


def test_a_message_that_cannot_be_made_keeps_no_other_from_leaving(store: Store) -> None:
    def brittle(due: Mail) -> EmailMessage:
        if due.recipient.startswith("bad"):
            raise ValueError("no such language")
        made = compose(due)
        if due.recipient.startswith("odd"):
            made.replace_header("To", "张伟@acme.example")
        return made

    enqueue(store, "bad@acme.example", "odd@acme.example", "mia@acme.example")
    with serving(Box()) as port:
        result = deliver(store, settings(port), brittle, lambda: NOW)
    assert result.failed["bad@acme.example"] == "no such language"
    assert (list(result.failed), result.sent) == (["bad@acme.example", "odd@acme.example"], ["mia@acme.example"])


def test_an_error_nobody_foresaw_leaves_no_message_in_doubt(store: Store) -> None:
    def broken(due: Mail) -> EmailMessage:
        raise RuntimeError("unforeseen")

    enqueue(store, "mia@acme.example")
    with serving(Box()) as port, pytest.raises(RuntimeError):
        deliver(store, settings(port), broken, lambda: NOW)
    assert [mail.state for mail in store.outbox.mails()] == [MailState.NEW]


# --- servers that drip


@pytest.mark.parametrize("answer", [b"220", b"220-x\r\n220-x"], ids=["an endless line", "endless lines"])
@pytest.mark.parametrize("verb", [b"", b"EHLO", b"MAIL", b"DATA"])
def test_a_server_that_drips_bytes_does_not_outlast_the_timeout(store: Store, verb: bytes, answer: bytes) -> None:
    enqueue(store, "mia@acme.example")
    with dripping(verb, answer) as port:
        result = deliver(store, settings(port, timeout="1s"), compose, lambda: NOW)
    told = {**result.waiting, **result.in_doubt}
    assert "timed out" in told["mia@acme.example"]


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_an_encrypted_line_has_the_same_deadline(store: Store, certificate: Certificate, tls: str) -> None:
    enqueue(store, "mia@acme.example")
    with dripping(b"MAIL", b"250", certificate, tls=tls) as port:
        known = settings(port, tls=tls, timeout="1s", **{"ca-bundle": certificate.file})
        result = deliver(store, known, compose, lambda: NOW)
    assert "timed out" in result.waiting["mia@acme.example"]


@contextmanager
def dripping(verb: bytes, answer: bytes, certificate: Certificate | None = None, *, tls: str = "") -> Iterator[int]:
    """A server that answers a command (without one: greets) without end, a byte each tenth of a second."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(answer)
            while not over.wait(0.1):
                connection.sendall(answer[-1:] if b"\n" not in answer else b"\r\n220-x")

    def talk() -> None:
        connection, _ = listener.accept()
        if tls == "tls" and certificate is not None:
            connection = certificate.context.wrap_socket(connection, server_side=True)
        with connection:
            connection.sendall(b"220 here\r\n" if verb else b"")
            while verb:
                line = connection.recv(4096).upper()
                if line.startswith(b"STARTTLS") and certificate is not None:
                    connection.sendall(b"220 go\r\n")
                    connection = certificate.context.wrap_socket(connection, server_side=True)
                elif line.startswith(verb):
                    break
                else:
                    connection.sendall(b"250-here\r\n250 STARTTLS\r\n" if line.startswith(b"EHLO") else b"250 OK\r\n")
            drip(connection)
            connection.close()

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listener.close()
