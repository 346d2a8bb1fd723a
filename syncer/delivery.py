"""Mail leaves once: a message for each report, week and recipient is queued in the state, claimed, then handed over.

SMTP cannot tell after a broken connection whether the server took a message. Such a message stays "sending" and is
reported as in doubt; nobody gets the same report twice because of a broken line.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

from syncer.settings import MailSettings
from syncer.store import Mail, MailState, Store

_TIMEOUT = 30.0
"""Seconds for each step of the conversation."""


@dataclass(slots=True)
class Delivered:
    """What became of the messages."""

    sent: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Recipients whom the server refused for good, with its words."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Recipients to be tried again by the next call."""
    in_doubt: dict[str, str] = field(default_factory=dict)
    """Recipients who may or may not have got it."""


def queue(
    store: Store, report: str, week: str, messages: Sequence[tuple[str, EmailMessage]], at: datetime
) -> list[str]:
    """Puts one message for each `(recipient, message)` into the outbox; returns those who have one from before."""
    return [
        recipient
        for recipient, message in messages
        if not store.outbox_add(report, week, recipient, message.as_bytes(), at)
    ]


def deliver(store: Store, mail: MailSettings, clock: Callable[[], datetime]) -> Delivered:
    """Hands every waiting message to the mail server. Never raises for what a server or a network does."""
    result = Delivered()
    if not store.outbox([MailState.NEW]):
        return result
    put_off: list[Mail] = []
    try:
        with _connect(mail) as server:
            while (message := store.outbox_next(clock())) is not None:
                state, note = _hand_over(server, mail, message)
                _note(result, state, message.recipient, note)
                if state is MailState.NEW:
                    put_off.append(message)  # given back at the end, or it would be the next one again
                else:
                    store.outbox_mark(message.id, state, clock(), note)
                if state is MailState.SENDING:
                    break  # the connection is of no more use
    except (OSError, smtplib.SMTPException) as error:
        reason = _words(error)
        result.waiting |= {message.recipient: reason for message in store.outbox([MailState.NEW])}
    finally:
        for message in put_off:
            store.outbox_mark(message.id, MailState.NEW, clock(), result.waiting[message.recipient])
    return result


def _hand_over(server: smtplib.SMTP, mail: MailSettings, message: Mail) -> tuple[MailState, str]:
    """Sends one claimed message; the state it comes to, and why."""
    try:
        server.sendmail(mail.from_, [message.recipient], message.message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = error.recipients[message.recipient]
        return _verdict(code), f"{code} {_decoded(words)}"
    except smtplib.SMTPResponseException as error:
        return _verdict(error.smtp_code), _words(error)
    except (OSError, smtplib.SMTPException) as error:
        return MailState.SENDING, _words(error)
    return MailState.SENT, ""


def _verdict(code: int) -> MailState:
    """RFC 5321, 4.2.1: a 4yz reply is transient, a 5yz reply is final."""
    return MailState.NEW if 400 <= code < 500 else MailState.FAILED


def _note(result: Delivered, state: MailState, recipient: str, note: str) -> None:
    match state:
        case MailState.SENT:
            result.sent.append(recipient)
        case MailState.FAILED:
            result.failed[recipient] = note
        case MailState.NEW:
            result.waiting[recipient] = note
        case MailState.SENDING:
            result.in_doubt[recipient] = note


def _connect(mail: MailSettings) -> smtplib.SMTP:
    server: smtplib.SMTP
    if mail.tls == "tls":
        server = smtplib.SMTP_SSL(mail.host, mail.port, timeout=_TIMEOUT, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=_TIMEOUT)
        if mail.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
    if mail.user is not None and mail.password is not None:
        server.login(mail.user, mail.password.get_secret_value())
    return server


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _decoded(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
