"""A server between the product and a witness: it counts what is written, and loses answers.

A lost answer is one whose request took effect: the witness has answered, and the connection to the product is cut.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "content-length"})
"""Headers that hold for one connection, and what is computed anew."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the path as the witness knows it, with its query."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    verb: str
    path: str
    status: int
    lost: bool

    @property
    def is_write(self) -> bool:
        """Whether it was meant to change something."""
        return self.verb in WRITES


class Between:
    """Serves on 127.0.0.1 between `with` and its end what `target` answers, `prefix` taken off the paths.

    With `lose(n)` the answer to the n-th write from then on (0 is the next) is lost.
    """

    def __init__(self, target: str, *, prefix: str = "") -> None:
        self.exchanges: list[Exchange] = []
        self._target = urlsplit(target)
        self._prefix = prefix
        self._until_lost: int | None = None
        self._lock = threading.Lock()
        between = self

        class Handler(_Handler):
            owner = between

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where the product finds the witness."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._prefix}"

    @property
    def writes(self) -> list[Exchange]:
        """What was written so far, in order."""
        return [each for each in self.exchanges if each.is_write]

    def lose(self, number: int) -> None:
        """From now on the answer to the write with this number is lost, once."""
        with self._lock:
            self._until_lost = number

    def answer(self, request: Request) -> Answer:
        """What the product is answered: what the witness answers."""
        return self.ask(request)

    def ask(self, request: Request) -> Answer:
        """The witness's answer."""
        connection = http.client.HTTPConnection(str(self._target.hostname), self._target.port, timeout=30)
        try:
            connection.request(request.verb, request.path, request.body or None, dict(request.headers))
            told = connection.getresponse()
            kept = {name: value for name, value in told.getheaders() if name.lower() not in _HOP}
            return Answer(told.status, kept, told.read())
        finally:
            connection.close()

    def asked(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Answer, bool]:
        """The answer to a request of the product, and whether it is lost."""
        request = Request(verb, path.removeprefix(self._prefix), headers, body)
        answer = self.answer(request)
        with self._lock:
            lost = False
            if verb in WRITES and self._until_lost is not None:
                lost = self._until_lost == 0
                self._until_lost = None if lost else self._until_lost - 1
            self.exchanges.append(Exchange(verb, request.path, answer.status, lost))
        return answer, lost

    def __enter__(self) -> Between:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Between

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        answer, lost = self.owner.asked(self.command, self.path, headers, body)
        if lost:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815 - the names that the class calls

    def log_message(self, *_: object) -> None:
        """Prints nothing."""
