"""Connections of the receiver: so many at a time, each cut when its time is over, and none before it saw its answer.

uvicorn itself waits for headers and bodies as long as anybody likes to send them, and closes a connection on which
something still arrives: the other end's system then throws away the answer that was on its way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

LINGER: Final = 2.0
"""Seconds for which what is still sent after an early answer is thrown away."""
_NO_ROOM: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 9\r\n\r\ntoo-many\n"
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What requests may take."""

    largest: int
    """Bytes of a body."""
    seconds: float = 10.0
    """From the connection to its end."""
    connections: int = 256
    """Served at a time. As many more are told that there is no room; whatever is beyond that is cut."""
    at_once: int = 32 * 1024 * 1024
    """Bytes of all bodies that are read at a moment; at least one of the largest fits."""
    headers: int = 16 * 1024


class _Lingering:
    """A transport that is not closed while the other end still sends: what it sends is thrown away for a while."""

    def __init__(self, transport: asyncio.Transport, linger: Callable[[], bool]) -> None:
        self._transport, self._linger = transport, linger

    def close(self) -> None:
        """Closes it, unless it is to linger."""
        if not self._linger():
            self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@dataclass(frozen=True, slots=True)
class Places:
    """The places that connections take, for all of one server."""

    bounds: Bounds
    turned_away: Callable[[], None]
    """Told of each connection for which there is no room."""
    served: set[H11Protocol] = field(default_factory=set)
    leaving: set[H11Protocol] = field(default_factory=set)
    """Those that were answered and whose other end has not taken note yet."""


class BoundedProtocol(H11Protocol):
    """One connection: HTTP/1.1 as uvicorn speaks it, within bounds."""

    def __init__(
        self, places: Places, config: Config, server_state: ServerState, app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:  # fmt: skip
        """Takes no place yet."""
        super().__init__(config, server_state, app_state, _loop)
        self._places = places
        self._end: asyncio.TimerHandle | None = None
        self._bare: asyncio.Transport | None = None
        self._known = False
        """Whether uvicorn was told of the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as H11Protocol
        """Serves it where there is room, else says so, and cuts whatever is far beyond that."""
        places, self._bare = self._places, transport
        if len(places.served) < places.bounds.connections:
            places.served.add(self)
            self._known = True
            self._end = self.loop.call_later(places.bounds.seconds, transport.abort)
            super().connection_made(_Lingering(transport, self._linger))  # type: ignore[arg-type] # as good as one
        elif len(places.leaving) < places.bounds.connections:
            places.turned_away()
            transport.write(_NO_ROOM)
            self._leave(transport)
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Takes what comes, and throws away what comes after the answer."""
        if self in self._places.served:
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives the place free."""
        if self._end is not None:
            self._end.cancel()
        self._places.leaving.discard(self)
        self._places.served.discard(self)
        if self._known:
            super().connection_lost(exc)

    def _linger(self) -> bool:
        """Whether the connection is answered while its request still arrives: then it ends a little later."""
        transport = self._bare
        if transport is None or transport.is_closing() or not getattr(self.cycle, "more_body", False):
            return False
        self._places.served.discard(self)
        self._leave(transport)
        transport.resume_reading()
        return True

    def _leave(self, transport: asyncio.Transport) -> None:
        self._places.leaving.add(self)
        if self._end is not None:
            self._end.cancel()
        self._end = self.loop.call_later(LINGER, transport.abort)
        transport.write_eof()


def bounded(bounds: Bounds, turned_away: Callable[[], None]) -> Any:
    """What makes a protocol for each connection of a server, all within the same bounds."""
    return partial(BoundedProtocol, Places(bounds, turned_away))
