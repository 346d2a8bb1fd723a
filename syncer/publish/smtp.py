"""A conversation with a mail server, each step of which ends in time.

The timeout of a socket counts from byte to byte, so a server that sends one now and then could keep a line open for
ever. Here each step (connecting, a command with its whole answer, a text with its answer) has one deadline.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from syncer.settings import MailSettings


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
