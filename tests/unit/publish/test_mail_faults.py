"""Mail over servers and lines that fail in the middle, with the real message of a report."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from syncer.publish.mail import deliver, queue
from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.store import Mail, MailState, Store
from tests.unit.publish.test_mail import NOW, Box, serving, settings
from tests.unit.report.sample import NOW as WEEK_ENDS
from tests.unit.report.sample import WINDOW, collaboration

MEI, JONAS = "mei@acme.example", "jonas@acme.example"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as opened:
        yield opened


def report(recipient: str, language: str = "en") -> EmailMessage:
    return build_report(evaluate(collaboration(), WINDOW, WEEK_ENDS), language=language).message(recipient)


def compose(due: Mail) -> EmailMessage:
    return report(due.recipient)


class Choosy(Box):
    """Refuses texts, not recipients."""

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self.answers = list(answers)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        return await super().handle_DATA(server, session, envelope) if answer.startswith("250") else answer


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_arrives_is_what_was_made(store: Store, language: str) -> None:
    """Lines that begin with a dot, long lines and pictures survive the way; the parts are parsed without a defect."""
    sent = report(MEI, language)
    queue(store, "weekly", "2026-W47", [MEI], NOW)
    box = Box()
    with serving(box) as port:
        deliver(store, settings(port), lambda due: sent, lambda: NOW)
    content = box.got[0].content
    assert isinstance(content, bytes)
    got = BytesParser(policy=policy.default).parsebytes(content)
    assert not [defect for part in got.walk() for defect in part.defects]
    assert [part.get_payload(decode=True) for part in got.walk()] == [
        part.get_payload(decode=True) for part in BytesParser(policy=policy.default).parsebytes(sent.as_bytes()).walk()
    ]
    assert got["Message-ID"] == sent["Message-ID"]


def test_a_text_that_is_refused_for_good_fails_that_recipient_only(store: Store) -> None:
    queue(store, "weekly", "2026-W47", [MEI, JONAS], NOW)
    box = Choosy("554 too much of a report")
    with serving(box) as port:
        result = deliver(store, settings(port), compose, lambda: NOW)
    assert (list(result.failed), result.sent) == ([MEI], [JONAS])
    assert "554" in result.failed[MEI]


def test_a_text_that_is_refused_for_the_time_being_is_taken_later(store: Store) -> None:
    queue(store, "weekly", "2026-W47", [MEI], NOW)
    box = Choosy("451 try again", "451 try again")
    waited: list[float] = []
    with serving(box) as port:
        result = deliver(store, settings(port), compose, lambda: NOW, waited.append)
    assert (result.sent, waited, len(box.got)) == ([MEI], [10.0, 60.0], 1)


def test_a_server_that_closes_between_two_recipients_keeps_the_second_waiting(store: Store) -> None:
    queue(store, "weekly", "2026-W47", [MEI, JONAS], NOW)
    with one_message_then_421() as port:
        result = deliver(store, settings(port), compose, lambda: NOW)
    assert result.sent == [MEI]
    assert list(result.waiting) == [JONAS]
    with serving(Box()) as port:
        assert deliver(store, settings(port), compose, lambda: NOW).sent == [JONAS]


def test_a_server_that_never_says_whether_it_took_the_text_leaves_doubt(store: Store) -> None:
    queue(store, "weekly", "2026-W47", [MEI], NOW)
    with silent_after_the_text() as (port, _):
        result = deliver(store, settings(port, timeout="1s"), compose, lambda: NOW)
    assert list(result.in_doubt) == [MEI]
    assert [mail.state for mail in store.outbox.mails()] == [MailState.SENDING]


def test_a_process_killed_between_text_and_answer_sends_once_more_with_the_same_id(tmp_path: Path) -> None:
    sent = report(MEI)
    state = tmp_path / "state"
    with Store.open(state, clock=lambda: NOW) as store:
        queue(store, "weekly", "2026-W47", [MEI], NOW)
    program = textwrap.dedent(f"""
        from syncer.publish.mail import deliver
        from syncer.store import Store
        from tests.unit.publish.test_mail import NOW, settings
        from tests.unit.publish.test_mail_faults import compose
        with Store.open({str(state)!r}, clock=lambda: NOW) as store:
            deliver(store, settings(PORT), compose, lambda: NOW)
    """)
    with silent_after_the_text() as (port, taken):
        process = subprocess.Popen(
            [sys.executable, "-c", program.replace("PORT", str(port))], cwd=Path(__file__).resolve().parents[3]
        )
        assert taken.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    box = Box()
    with Store.open(state, clock=lambda: NOW) as store, serving(box) as port:
        assert list(deliver(store, settings(port), compose, lambda: NOW).in_doubt) == [MEI]
        later = deliver(store, settings(port), compose, lambda: NOW + timedelta(minutes=20))
        assert (later.again, later.in_doubt) == ([MEI], {})
        assert deliver(store, settings(port), compose, lambda: NOW + timedelta(days=1)).again == []
    (copy,) = box.got
    assert isinstance(copy.content, bytes)
    assert BytesParser(policy=policy.default).parsebytes(copy.content)["Message-ID"] == sent["Message-ID"]


# --- servers that fail


@contextmanager
def talking(talk: object) -> Iterator[int]:
    """A server that takes one connection and talks as told."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=talk, args=(listener,))  # type: ignore[arg-type]
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join()


def read_text(stream: object) -> None:
    while stream.readline() not in {b".\r\n", b""}:  # type: ignore[attr-defined]
        pass


@contextmanager
def one_message_then_421() -> Iterator[int]:
    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            taken = 0
            for line in stream:
                word = line[:4].upper()
                if taken and word in {b"MAIL", b"RSET"}:
                    stream.write(b"421 going down\r\n")
                    return
                stream.write(b"354 go on\r\n" if word == b"DATA" else b"250 OK\r\n")
                stream.flush()
                if word == b"DATA":
                    read_text(stream)
                    taken += 1
                    stream.write(b"250 OK\r\n")
                    stream.flush()

    with talking(talk) as port:
        yield port


@contextmanager
def silent_after_the_text() -> Iterator[tuple[int, threading.Event]]:
    """A server that takes the whole text and says nothing; the event tells when it has it."""
    taken, over = threading.Event(), threading.Event()

    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            for line in stream:
                word = line[:4].upper()
                stream.write(b"354 go on\r\n" if word == b"DATA" else b"250 OK\r\n")
                stream.flush()
                if word == b"DATA":
                    read_text(stream)
                    taken.set()
                    over.wait(60)
                    return

    with talking(talk) as port:
        try:
            yield port, taken
        finally:
            over.set()
