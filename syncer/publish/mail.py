"""Sends mail at most twice: a message for each report, week and recipient is queued in the state, claimed, handed over.

Its text is composed when it is handed over, so that it is what the configuration of that moment wants for this reader.

SMTP cannot tell after a broken line whether the server took a message. Such a message is in doubt. A later call sends
it once more, with the same Message-ID, by which a mail program knows a copy, and says so; if that is in doubt too, it
is left alone and named whenever mail is sent. Losing a weekly report would be worse than a rare copy.

Each step of a conversation ends in time. The timeout of a socket counts from byte to byte, so a server that sends one
now and then could keep a line open for ever: connecting, a command with its whole answer, and a text with its answer
have one deadline each.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from syncer.settings import MailSettings
from syncer.store import Mail, MailState, Store

WEEKLY = "weekly"
"""The name of the report by mail in the outbox."""

SETTLED_AFTER = timedelta(minutes=15)
"""A claimed message whose process has not said what became of it for so long is in doubt: nobody is sending it."""

WAITS = (10.0, 60.0, 300.0)
"""Seconds before each further attempt at what was refused for the time being; greylisting asks for some minutes."""


# --- a conversation with a server


class Deadline:
    """The end of the step that is under way."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def restart(self) -> None:
        """A new step begins."""
        self._end = time.monotonic() + self._seconds

    def left(self) -> float:
        """Seconds until the end. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"timed out: no complete answer in {self._seconds:g} s")
        return left


class _Plain(socket.socket):
    deadline: Deadline

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*arguments, **options)

    def sendall(self, *arguments: Any) -> None:
        self.settimeout(self.deadline.left())  # for all of it
        return super().sendall(*arguments)


class _Encrypted(ssl.SSLSocket):
    deadline: Deadline

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*arguments, **options)

    def send(self, *arguments: Any) -> int:
        self.settimeout(self.deadline.left())  # sendall sends piece by piece
        return super().send(*arguments)


class SmtpConnection(smtplib.SMTP):
    """An SMTP line on which every step ends within the timeout of the settings."""

    def __init__(self, mail: MailSettings) -> None:
        self._deadline = Deadline(mail.timeout.total_seconds())
        self._context = ssl.create_default_context(cafile=None if mail.ca_bundle is None else str(mail.ca_bundle))
        self._context.sslsocket_class = _Encrypted
        self._encrypted = mail.tls == "tls"
        super().__init__(mail.host, mail.port, timeout=mail.timeout.total_seconds())

    def encrypt(self) -> None:
        """STARTTLS. Raises SMTPNotSupportedError for a server without it."""
        code, words = self.starttls(context=self._context)
        if code != 220:
            raise smtplib.SMTPResponseException(code, words)
        self._bind()

    def send(self, s: Any) -> None:
        """Sends a command or a text: a step begins."""
        self._deadline.restart()
        super().send(s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """What smtplib calls to connect."""
        self._deadline.restart()
        self.sock = line = _connected(host, port, self._deadline)
        if self._encrypted:
            line.settimeout(self._deadline.left())
            self.sock = self._context.wrap_socket(line, server_hostname=host)
            self._bind()
        return self.sock

    def _bind(self) -> None:
        """Gives an encrypted socket the deadline: the library made it."""
        if isinstance(self.sock, _Encrypted):
            self.sock.deadline = self._deadline


@contextmanager
def conversation(mail: MailSettings) -> Iterator[SmtpConnection]:
    """The server, greeted, encrypted and logged in to as the settings say."""
    line = SmtpConnection(mail)
    try:
        if mail.tls == "starttls":
            line.encrypt()
        if mail.user is not None and mail.password is not None:
            line.login(mail.user, mail.password.get_secret_value())
        line.ehlo_or_helo_if_needed()
        yield line
        if line.sock is not None:
            line.quit()
    finally:
        line.close()


def _connected(host: str, port: int, deadline: Deadline) -> _Plain:
    """A socket to the first address of the host that answers. Raises the error of the last one that did not."""
    refused: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        line = _Plain(family, kind, protocol)
        try:
            line.deadline = deadline
            line.settimeout(deadline.left())
            line.connect(address)
        except OSError as error:
            line.close()
            refused = error
        else:
            return line
    raise refused


def words(error: Exception) -> str:
    """What went wrong, for people."""
    match error:
        case smtplib.SMTPResponseException():
            return f"{error.smtp_code} {decoded(error.smtp_error)}"
        case socket.gaierror():
            return "the name of the host is not known"
        case ConnectionRefusedError():
            return "connection refused"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case FileNotFoundError():
            return f"ca-bundle: {error.strerror}"
    return str(error) or type(error).__name__


def decoded(said: bytes | str) -> str:
    """The words of a server as text."""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def send_now(mail: MailSettings, message: EmailMessage) -> str:
    """Hands one message over now, without the queue; why it was not taken, empty where it was."""
    place = f"{mail.host}:{mail.port}"
    try:
        with conversation(mail) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        return f"{place}: {words(error)}"
    return ""


# --- the queue


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
    dropped: list[str] = field(default_factory=list)
    """Recipients whom the configuration does not name any more: they get nothing."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What one attempt came to."""

    state: MailState
    note: str = ""


Compose = Callable[[Mail], EmailMessage | None]
"""Makes the message that is due; None where nobody wants it any more. Raises ValueError where it cannot be made."""


def queue(
    store: Store,
    report: str,
    week: str,
    recipients: Iterable[str],
    at: datetime,
    renew: Collection[MailState] = (MailState.FAILED,),
) -> list[str]:
    """Puts one message for each recipient into the outbox; returns those who have one from before.

    One in a state of `renew` begins anew: what a server refused is sent again when somebody asks, since what it refused
    may be corrected by now.
    """
    return [name for name in recipients if not store.outbox.add(report, week, name, at, renew)]


def deliver(
    store: Store,
    mail: MailSettings,
    compose: Compose,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None] | None = None,
) -> Delivered:
    """Hands every waiting message to the mail server. Never raises for what a server or a network does.

    With `sleep`, what was refused for the time being is tried again after each of `WAITS`; without, by the next call.
    """
    result = Delivered()
    passing = _attempt(store, mail, compose, clock, result)
    for wait in WAITS if sleep is not None else ():
        if not passing or sleep is None:
            break
        sleep(wait)
        passing = _attempt(store, mail, compose, clock, result)
    for message in store.outbox.mails([MailState.SENDING, MailState.AGAIN], WEEKLY):
        if message.recipient not in result.in_doubt:
            result.in_doubt[message.recipient] = message.note or "nobody knows whether it left"
    return result


def _attempt(
    store: Store, mail: MailSettings, compose: Compose, clock: Callable[[], datetime], result: Delivered
) -> bool:
    """One conversation with the server about everything that waits; whether another one may help."""
    if not store.outbox.waits(clock() - SETTLED_AFTER, WEEKLY):
        return False
    result.waiting.clear()
    put_off: list[tuple[Mail, str]] = []
    passing = False
    try:
        with conversation(mail) as server:
            while (due := store.outbox.claim(clock(), clock() - SETTLED_AFTER, WEEKLY)) is not None:
                message = _composed(store, due, compose, clock)
                if message is None:
                    store.outbox.drop(due.id)
                    result.dropped.append(due.recipient)
                    continue
                verdict = message if isinstance(message, AttemptResult) else _hand_over(server, mail, due, message)
                if verdict.state is MailState.NEW:
                    put_off.append((due, verdict.note))  # given back at the end, or it would be the next one again
                else:
                    store.outbox.mark(due.id, verdict.state, clock(), verdict.note)
                _note(result, due, verdict)
                if server.sock is None:
                    break  # the line is of no more use
    except (OSError, smtplib.SMTPException) as error:
        passing = _passes(error)
        reason = f"{mail.host}:{mail.port}: {words(error)}"
        result.waiting |= {message.recipient: reason for message in store.outbox.mails([MailState.NEW], WEEKLY)}
    finally:
        for due, note in put_off:
            store.outbox.mark(due.id, MailState.NEW, clock(), note)
    return passing or bool(put_off)


def _composed(
    store: Store, due: Mail, compose: Compose, clock: Callable[[], datetime]
) -> EmailMessage | AttemptResult | None:
    """The message that is due, None where nobody wants it, or the verdict where it cannot be made."""
    try:
        return compose(due)
    except ValueError as error:
        return AttemptResult(MailState.FAILED, str(error))
    except BaseException:
        store.outbox.mark(due.id, _unsent(due), clock(), due.note)  # it has not left, whatever this is
        raise


def _unsent(due: Mail) -> MailState:
    """The state of a message that did not leave: one that was in doubt is so still, with a second attempt left."""
    return MailState.NEW if due.state is MailState.SENDING else MailState.SENDING


def _hand_over(server: SmtpConnection, mail: MailSettings, due: Mail, message: EmailMessage) -> AttemptResult:
    """Sends one claimed message; the state it comes to, and why.

    Until the text is sent nothing has left, so a line that breaks before is no reason for doubt.
    """
    try:
        text, (to,) = message.as_bytes(), message["To"].addresses
        for code, said in (server.mail(mail.from_), server.rcpt(to.addr_spec)):
            if code >= 400:
                _reset(server)
                return _refused(due, code, decoded(said))
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        return AttemptResult(_unsent(due), words(error))
    except ValueError as error:  # an address or a header that cannot be written down: of this message alone
        _reset(server)
        return AttemptResult(MailState.FAILED, str(error))
    try:
        code, said = server.data(text)
    except smtplib.SMTPDataError as error:
        return _refused(due, error.smtp_code, decoded(error.smtp_error))
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        return AttemptResult(due.state, words(error))
    return AttemptResult(MailState.SENT) if code < 400 else _refused(due, code, decoded(said))


def _refused(due: Mail, code: int, said: str) -> AttemptResult:
    """4xx: for the time being; 5xx: until somebody corrects what the server minds, and asks again."""
    return AttemptResult(_unsent(due) if code < 500 else MailState.FAILED, f"{code} {said}")


def _reset(server: SmtpConnection) -> None:
    """Ready for the next message; a server that minds closes the line, which the next message will notice."""
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        server.close()


def _note(result: Delivered, message: Mail, verdict: AttemptResult) -> None:
    match verdict.state:
        case MailState.SENT:
            (result.again if message.state is MailState.AGAIN else result.sent).append(message.recipient)
        case MailState.FAILED:
            result.failed[message.recipient] = verdict.note
        case MailState.NEW:
            result.waiting[message.recipient] = verdict.note
        case MailState.SENDING | MailState.AGAIN:
            result.in_doubt[message.recipient] = verdict.note


def _passes(error: Exception) -> bool:
    """Whether an attempt some minutes later may end otherwise. A certificate or a password does not mend itself."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, ssl.SSLCertVerificationError | smtplib.SMTPNotSupportedError):
        return False
    return isinstance(error, ConnectionError | TimeoutError | socket.gaierror | smtplib.SMTPServerDisconnected)
