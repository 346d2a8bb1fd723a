"""The HTTP server that takes deliveries, by uvicorn, and what keeps it safe from slow and large ones.

A connection serves one request and is cut when its time is over, whatever it is doing. A body is read only where its
announced length is allowed, its path exists and its headers may be those of an authentic delivery. All bodies together
take a bounded place in memory.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import uvicorn
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from syncer.contract.hooks import Delivery
from syncer.hooks.judging import HookedTracker, Judge, Judged, Result

PATH = "/hooks/"
"""Followed by the name of the tracker."""
Told = Callable[[str, Judged], None]
"""Takes the name of the tracker, empty where there is none, and what became of a delivery."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What requests may take."""

    largest: int
    """Bytes of a body."""
    seconds: float = 10.0
    """From the connection to its end."""
    connections: int = 256
    at_once: int = 32 * 1024 * 1024
    """Bytes of all bodies that are read at a moment; at least one of the largest fits."""
    headers: int = 16 * 1024


class AddressTaken(Exception):
    """Nobody can listen at the address that was asked for."""


class _TooMuch(Exception):
    """A body that is larger than allowed, or was not sent as a whole."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.word)
        self.result = result


class Receiver:
    """The ASGI application: one delivery in, one short answer out, and nothing asked of anybody meanwhile."""

    def __init__(self, judge: Judge, bounds: Bounds, told: Told) -> None:
        self._judge, self._bounds, self._told = judge, bounds, told
        self._reading = 0
        """Bytes that bodies may take that are read now."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            return
        path = str(scope["path"])
        tracker = self._judge.trackers.get(path.removeprefix(PATH)) if path.startswith(PATH) else None
        try:
            judgement = await self._judged(tracker, scope, receive)
        except Exception as error:  # noqa: BLE001 - a delivery that nobody foresaw must not be able to end more than itself
            judgement = Judged(Result.FAILED, why=type(error).__name__)
        self._told("" if tracker is None else tracker.name, judgement)
        await _answer(send, judgement.result)

    async def _judged(self, tracker: HookedTracker | None, scope: Any, receive: Any) -> Judged:
        if tracker is None:
            return Judged(Result.NO_PATH)
        if scope["method"] != "POST":
            return Judged(Result.NO_METHOD)
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        wrong = self._judge.look(tracker, headers, from_here=_is_here(scope["client"]))
        if wrong is not None:
            return Judged(wrong)
        try:
            body = await self._body(headers, receive)
        except _TooMuch as refused:
            return Judged(refused.result)
        return self._judge.judge(tracker, Delivery(headers, body))

    async def _body(self, headers: Mapping[str, str], receive: Any) -> bytes:
        """The whole body. Raises _TooMuch, before anything is read where the announced length says it."""
        length = headers.get("content-length")
        room = self._bounds.largest if length is None else int(length)  # h11 refuses what is no number
        if room > self._bounds.largest:
            raise _TooMuch(Result.TOO_LARGE)
        if self._reading and self._reading + room > self._bounds.at_once:
            raise _TooMuch(Result.TOO_MANY)
        self._reading += room
        try:
            return await self._read(receive)
        finally:
            self._reading -= room

    async def _read(self, receive: Any) -> bytes:
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise _TooMuch(Result.SLOW)  # the connection has ended
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > self._bounds.largest:
                raise _TooMuch(Result.TOO_LARGE)
        return b"".join(parts)


async def _answer(send: Any, result: Result) -> None:
    body = b"" if result.status == 204 else f"{result.word}\n".encode()
    headers = [(b"connection", b"close"), (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if body:
        headers += [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if result is Result.NO_METHOD:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": result.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_here(client: tuple[str, int] | None) -> bool:
    """Whether a request came from this machine."""
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False


class HookServer:
    """Serves an application at an address, from a thread of its own, between `start` and `stop`."""

    def __init__(self, host: str, port: int, bounds: Bounds) -> None:
        """Listens from now on, so that whoever connects waits for the start. Raises AddressTaken."""
        self._bounds = bounds
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=bounds.connections)
        except OSError as error:
            raise AddressTaken(f"cannot listen on {host}:{port} ({error.strerror or error})") from error
        self.port: int = self._socket.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, application: Any) -> None:
        """Serves from here on."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # whoever can connect could fill the log
        config = uvicorn.Config(
            application, http=_bounded(self._bounds), ws="none", loop="asyncio", lifespan="off", log_config=None,
            access_log=False, proxy_headers=False, server_header=False, date_header=False,
            h11_max_incomplete_event_size=self._bounds.headers, timeout_graceful_shutdown=2, backlog=512,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="hooks", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the server's thread is at work."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Ends the server after the requests in hand, and frees the port."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10)
        self._socket.close()


def _bounded(bounds: Bounds) -> type[H11Protocol]:
    """HTTP/1.1 as uvicorn speaks it, on at most so many connections, each cut when its time is over.

    uvicorn itself waits for headers and bodies as long as anybody likes to send them.
    """

    class BoundedProtocol(H11Protocol):
        """One connection."""

        def __init__(
            self, config: Config, server_state: ServerState, app_state: dict[str, Any],
            _loop: asyncio.AbstractEventLoop | None = None,
        ) -> None:  # fmt: skip
            super().__init__(config, server_state, app_state, _loop)
            self._end: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as H11Protocol
            super().connection_made(transport)
            if len(self.connections) > bounds.connections:
                transport.abort()
            else:
                self._end = self.loop.call_later(bounds.seconds, transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            if self._end is not None:
                self._end.cancel()
            super().connection_lost(exc)

    return BoundedProtocol
