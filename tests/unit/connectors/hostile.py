"""A server on loopback that gives any answer, byte by byte where it is told to."""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, Self

MEBIBYTE: Final = 1024 * 1024
DATE: Final = "Date: Mon, 16 Nov 2026 08:00:00 GMT\r\n"


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer as it is sent."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    if not any(header.lower().startswith("content-type") for header in headers):
        head.append("Content-Type: application/json; charset=utf-8")
    return "\r\n".join(head).encode() + b"\r\n" + DATE.encode() + b"\r\n" + body


def bomb(mebibytes: int = 1536) -> bytes:
    """A valid list of blanks that takes a thousand times its size."""
    packing = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    blank = b" " * MEBIBYTE
    pieces = [packing.compress(b"["), *(packing.compress(blank) for _ in range(mebibytes)), packing.compress(b"]")]
    return b"".join(pieces) + packing.flush()


def dripping(answer: bytes, seconds: float) -> Iterator[bytes]:
    """One byte after the other, without end."""
    yield answer
    while True:
        time.sleep(seconds)
        yield b" "


def endless(answer: bytes) -> Iterator[bytes]:
    """As much as is taken."""
    yield answer
    while True:
        yield b" " * MEBIBYTE


class Hostile:
    """Answers every request in the same way."""

    def __init__(self, answer: Iterable[bytes] | bytes) -> None:
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.asked: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            try:
                while request := connection.recv(65_536):
                    self.asked.append(request.split(b"\r\n", 1)[0])
                    for piece in [self._answer] if isinstance(self._answer, bytes) else self._answer:
                        connection.sendall(piece)
            except OSError:
                return
