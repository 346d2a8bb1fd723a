"""Sends mail at most twice: a message for each report, week and recipient is queued in the state, claimed, handed over.

SMTP cannot tell after a broken line whether the server took a message. Such a message is in doubt. A later call sends
it once more, with the same Message-ID, by which a mail program knows a copy, and says so; if that is in doubt too, it
is left alone and named whenever mail is sent. Losing a weekly report would be worse than a rare copy.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

from syncer.settings import MailSettings
from syncer.store import Mail, MailState, Store

SETTLED_AFTER = timedelta(minutes=15)
"""A claimed message whose process has not said what became of it for so long is in doubt: nobody is sending it."""

WAITS = (10.0, 60.0, 300.0)
"""Seconds before each further attempt at what was refused for the time being; greylisting asks for some minutes."""


@dataclass(slots=True)
class Delivered:
    """What became of the messages."""

    sent: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    """Recipients whose message was sent a second time, since nobody knows whether the first arrived."""
    failed: dict[str, str] = field(default_factory=dict)
    """Recipients whom the server refused for good, with its words."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Recipients to be tried again by the next call."""
    in_doubt: dict[str, str] = field(default_factory=dict)
    """Recipients who may or may not have got it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one attempt came to."""

    state: MailState
    note: str = ""


def queue(
    store: Store, report: str, week: str, messages: Sequence[tuple[str, EmailMessage]], at: datetime
) -> list[str]:
    """Puts one message for each `(recipient, message)` into the outbox; returns those who have one from before."""
    return [
        recipient
        for recipient, message in messages
        if not store.outbox_add(report, week, recipient, message.as_bytes(), at)
    ]


def deliver(
    store: Store,
    mail: MailSettings,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None] | None = None,
) -> Delivered:
    """Hands every waiting message to the mail server. Never raises for what a server or a network does.

    With `sleep`, what was refused for the time being is tried again after each of `WAITS`; without, by the next call.
    """
    result = Delivered()
    passing = _attempt(store, mail, clock, result)
    for wait in WAITS if sleep is not None else ():
        if not passing or sleep is None:
            break
        sleep(wait)
        passing = _attempt(store, mail, clock, result)
    for message in store.outbox([MailState.SENDING, MailState.AGAIN]):
        if message.recipient not in result.in_doubt:
            result.in_doubt[message.recipient] = message.note or "nobody knows whether it left"
    return result


def _attempt(store: Store, mail: MailSettings, clock: Callable[[], datetime], result: Delivered) -> bool:
    """One conversation with the server about everything that waits; whether another one may help."""
    if not store.outbox_waits(before=clock() - SETTLED_AFTER):
        return False
    result.waiting.clear()
    put_off: list[tuple[Mail, str]] = []
    passing = False
    try:
        with _connected(mail) as server:
            while (message := store.outbox_next(clock(), before=clock() - SETTLED_AFTER)) is not None:
                verdict = _hand_over(server, mail, message)
                if verdict.state is MailState.NEW:
                    put_off.append((message, verdict.note))  # given back at the end, or it would be the next one again
                else:
                    store.outbox_mark(message.id, verdict.state, clock(), verdict.note)
                _note(result, message, verdict)
                if server.sock is None:
                    break  # the line is of no more use
    except (OSError, smtplib.SMTPException) as error:
        passing = _passes(error)
        reason = _words(error)
        result.waiting |= {message.recipient: reason for message in store.outbox([MailState.NEW])}
    finally:
        for message, note in put_off:
            store.outbox_mark(message.id, MailState.NEW, clock(), note)
    return passing or bool(put_off)


def _hand_over(server: smtplib.SMTP, mail: MailSettings, message: Mail) -> Verdict:
    """Sends one claimed message; the state it comes to, and why.

    Until the text is sent nothing has left, so a line that breaks before is no reason for doubt. A message that was in
    doubt is so still when it could not be sent again, and has its second attempt left.
    """
    unsent = MailState.NEW if message.state is MailState.SENDING else MailState.SENDING
    try:
        for code, words in (server.mail(mail.from_), server.rcpt(message.recipient)):
            if code >= 400:
                _reset(server)
                return Verdict(unsent if code < 500 else MailState.FAILED, f"{code} {_decoded(words)}")
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        return Verdict(unsent, _words(error))
    try:
        code, words = server.data(message.message)
    except smtplib.SMTPDataError as error:
        return Verdict(unsent if error.smtp_code < 500 else MailState.FAILED, _words(error))
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        return Verdict(message.state, _words(error))
    if code < 400:
        return Verdict(MailState.SENT)
    return Verdict(unsent if code < 500 else MailState.FAILED, f"{code} {_decoded(words)}")


def _reset(server: smtplib.SMTP) -> None:
    """Ready for the next message; a server that minds closes the line, which the next message will notice."""
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        server.close()


def _note(result: Delivered, message: Mail, verdict: Verdict) -> None:
    match verdict.state:
        case MailState.SENT:
            (result.again if message.state is MailState.AGAIN else result.sent).append(message.recipient)
        case MailState.FAILED:
            result.failed[message.recipient] = verdict.note
        case MailState.NEW:
            result.waiting[message.recipient] = verdict.note
        case MailState.SENDING | MailState.AGAIN:
            result.in_doubt[message.recipient] = verdict.note


@contextmanager
def _connected(mail: MailSettings) -> Iterator[smtplib.SMTP]:
    """The server, greeted, encrypted and logged in to as the settings say."""
    timeout = mail.timeout.total_seconds()
    context = ssl.create_default_context(cafile=None if mail.ca_bundle is None else str(mail.ca_bundle))
    server: smtplib.SMTP
    if mail.tls == "tls":
        server = smtplib.SMTP_SSL(mail.host, mail.port, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=timeout)
    try:
        if mail.tls == "starttls":
            server.starttls(context=context)
        if mail.user is not None and mail.password is not None:
            server.login(mail.user, mail.password.get_secret_value())
        server.ehlo_or_helo_if_needed()
        yield server
        if server.sock is not None:
            server.quit()
    finally:
        server.close()


def _passes(error: Exception) -> bool:
    """Whether an attempt some minutes later may end otherwise. A certificate or a password does not mend itself."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, ssl.SSLCertVerificationError | smtplib.SMTPNotSupportedError):
        return False
    return isinstance(error, ConnectionError | TimeoutError | socket.gaierror | smtplib.SMTPServerDisconnected)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _decoded(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
