"""Mail over a real SMTP conversation: once, with the server's verdict recorded."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from syncer.delivery import deliver, queue
from syncer.settings import MailSettings
from syncer.store import MailState, Store

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class Box:
    """A mail server that keeps what it gets and refuses whom it is told to refuse."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.got.append(envelope)
        return "250 OK"


@contextmanager
def serving(box: Box) -> Iterator[int]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as opened:
        yield opened


def settings(port: int) -> MailSettings:
    return MailSettings.model_validate(
        {"host": "127.0.0.1", "port": port, "tls": "none", "from": "syncer@acme.example"}
    )


def message(recipient: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "syncer@acme.example", recipient, "Week 47 · 支付"
    mail.set_content("Goals")
    return mail


def enqueue(store: Store, *recipients: str) -> list[str]:
    return queue(store, "weekly", "2026-W47", [(name, message(name)) for name in recipients], NOW)


def test_each_recipient_gets_one_message(store: Store) -> None:
    box = Box()
    enqueue(store, "li.wei@acme.example", "mia@acme.example")
    with serving(box) as port:
        result = deliver(store, settings(port), lambda: NOW)
    assert result.sent == ["li.wei@acme.example", "mia@acme.example"]
    assert [envelope.rcpt_tos for envelope in box.got] == [["li.wei@acme.example"], ["mia@acme.example"]]


def test_a_second_call_sends_nothing(store: Store) -> None:
    box = Box()
    with serving(box) as port:
        enqueue(store, "mia@acme.example")
        deliver(store, settings(port), lambda: NOW)
        assert enqueue(store, "mia@acme.example") == ["mia@acme.example"]
        assert deliver(store, settings(port), lambda: NOW).sent == []
    assert len(box.got) == 1


def test_a_final_refusal_is_recorded_and_a_passing_one_waits(store: Store) -> None:
    box = Box()
    box.refused = {"gone@acme.example": "550 no such user", "full@acme.example": "452 mailbox full"}
    enqueue(store, "gone@acme.example", "full@acme.example", "mia@acme.example")
    with serving(box) as port:
        result = deliver(store, settings(port), lambda: NOW)
        assert "no such user" in result.failed["gone@acme.example"]
        assert "mailbox full" in result.waiting["full@acme.example"]
        assert result.sent == ["mia@acme.example"]
        box.refused = {}
        assert deliver(store, settings(port), lambda: NOW).sent == ["full@acme.example"]


def test_a_server_that_is_away_loses_nothing(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    result = deliver(store, settings(free_port()), lambda: NOW)
    assert list(result.waiting) == ["mia@acme.example"]
    assert [mail.recipient for mail in store.outbox([MailState.NEW])] == ["mia@acme.example"]


def test_a_connection_that_breaks_during_the_message_leaves_it_in_doubt(store: Store) -> None:
    enqueue(store, "mia@acme.example")
    with closing_after_data() as port:
        result = deliver(store, settings(port), lambda: NOW)
    assert list(result.in_doubt) == ["mia@acme.example"]
    assert [mail.recipient for mail in store.outbox([MailState.SENDING])] == ["mia@acme.example"]
    with serving(Box()) as port:
        assert deliver(store, settings(port), lambda: NOW).sent == []


@contextmanager
def closing_after_data() -> Iterator[int]:
    """A server that takes the message and hangs up instead of saying so."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            for line in stream:
                word = line[:4].upper()
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
