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
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from typing import Any

import uvicorn

from syncer.contract.hooks import Delivery
from syncer.hooks.connections import Bounds, bounded
from syncer.hooks.judging import HookedTracker, Judge, Judged, Result, Seal, told_by

PATH = "/hooks/"
"""Followed by the name of the tracker."""
READ_AT_ONCE = 256 * 1024
"""Bytes of a body that is read before the answer. Of a larger one only the signature is awaited: to read it would keep
the tracker waiting."""
Told = Callable[[str, Judged], None]
"""Takes the name of the tracker, empty where there is none, and what became of a delivery."""


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
        self._later = ThreadPoolExecutor(1, thread_name_prefix="hooks-reading")
        """Reads large bodies, one at a time: what is in one takes many times its bytes."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request. What becomes of it is told before the answer, but for a large body."""
        if scope["type"] != "http":
            return
        path = str(scope["path"])
        tracker = self._judge.trackers.get(path.removeprefix(PATH)) if path.startswith(PATH) else None
        name = "" if tracker is None else tracker.name
        with ExitStack() as room:
            try:
                found = await self._judged(tracker, scope, receive, room)
            except Exception as error:  # noqa: BLE001 - whatever nobody foresaw ends its own delivery alone
                found = _failed(error)
            if isinstance(found, Judged):
                self._told(name, found)
                await _answer(send, found.result)
                return
            await _answer(send, Result.ACCEPTED)
            try:
                judgement = await found
            except Exception as error:  # noqa: BLE001 - as above
                judgement = _failed(error)
            self._told(name, judgement)

    def turned_away(self) -> None:
        """Takes note of a connection for which there was no room."""
        self._told("", Judged(Result.TOO_MANY))

    async def _judged(
        self, tracker: HookedTracker | None, scope: Any, receive: Any, room: ExitStack
    ) -> Judged | Awaitable[Judged]:
        """What becomes of a request; of an authentic one that is large, what will tell it."""
        if tracker is None or scope["method"] != "POST":
            return Judged(Result.NO_PATH if tracker is None else Result.NO_METHOD)
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        wrong = self._judge.look(tracker, headers, from_here=_is_here(scope["client"]))
        if wrong is not None:
            return Judged(wrong)
        seal = Seal(tracker)
        try:
            room.enter_context(self._room(headers))
            delivery = Delivery(headers, await self._read(receive, seal))
        except _TooMuch as refused:
            return Judged(refused.result)
        if not seal.fits(headers):
            return Judged(Result.FORGED)
        if len(delivery.body) > READ_AT_ONCE:
            return self._judged_later(tracker, delivery, seal)
        return self._judge.conclude(tracker, headers, seal, told_by(tracker, delivery))

    async def _judged_later(self, tracker: HookedTracker, delivery: Delivery, seal: Seal) -> Judged:
        news = await asyncio.get_running_loop().run_in_executor(self._later, told_by, tracker, delivery)
        return self._judge.conclude(tracker, delivery.headers, seal, news)

    @contextmanager
    def _room(self, headers: Mapping[str, str]) -> Iterator[None]:
        """Room for a body until it was read. Raises _TooMuch, before it comes, where its announced length says it."""
        length = headers.get("content-length")
        room = self._bounds.largest if length is None else int(length)  # h11 refuses what is no number
        if room > self._bounds.largest:
            raise _TooMuch(Result.TOO_LARGE)
        if self._reading and self._reading + room > self._bounds.at_once:
            raise _TooMuch(Result.TOO_MANY)
        self._reading += room
        try:
            yield
        finally:
            self._reading -= room

    async def _read(self, receive: Any, seal: Seal) -> bytes:
        """The whole body, sealed. Raises _TooMuch."""
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise _TooMuch(Result.SLOW)  # the connection has ended
            parts.append(message.get("body", b""))
            seal.update(parts[-1])
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > self._bounds.largest:
                raise _TooMuch(Result.TOO_LARGE)
        return b"".join(parts)


def _failed(error: Exception) -> Judged:
    return Judged(Result.FAILED, why=type(error).__name__)


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

    def start(self, application: Receiver) -> None:
        """Serves from here on."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # whoever can connect could fill the log
        config = uvicorn.Config(
            application, http=bounded(self._bounds, application.turned_away),
            ws="none", loop="asyncio", lifespan="off", log_config=None,
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
