"""A uvicorn server that runs in a thread, starts and stops at once, and can cut a connection without an answer."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from syncer.sandbox.errors import SandboxError

_TRANSPORT = "sandbox.transport"


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with each connection's transport in `scope["state"]` so that it can be cut.

    ASGI has no message for "drop this connection": a fault that commits and then vanishes needs the socket itself.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, dict(app_state), _loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as H11Protocol narrows it
        """Remember the connection's transport where the application finds it."""
        self.app_state[_TRANSPORT] = transport
        super().connection_made(transport)


async def cut_connection(scope: Scope, receive: Receive) -> None:
    """Reset the TCP connection of this request; returns once the server has noticed, so that nothing is answered.

    SO_LINGER with time 0 makes the kernel send RST, which is what a crashed peer or a dropped tunnel looks like.
    """
    transport: asyncio.Transport = scope["state"][_TRANSPORT]
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


class _PromptServer(uvicorn.Server):
    """A uvicorn server that tells when it has started and stops without waiting for idle connections."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._running_loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Wait for `stop` instead of ticking ten times a second: no header of this server changes with time."""
        self._stop = asyncio.Event()
        self._running_loop = asyncio.get_running_loop()
        self.ready.set()
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection at once: clients of a sandbox have had their answers or are meant not to."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    def stop(self) -> None:
        """Ask the server to stop, from any thread."""
        if self._running_loop is not None and self._stop is not None:
            self._running_loop.call_soon_threadsafe(self._stop.set)


class LoopbackServer:
    """Serves one ASGI application on 127.0.0.1 from a thread of its own, between `start` and `stop`."""

    def __init__(self, port: int = 0, certificate: tuple[Path, Path] | None = None) -> None:
        """Bind 127.0.0.1:`port` (0: any free port) now, so that the address is known before the start.

        `certificate` is the file of one and that of its key: then the server speaks TLS.
        """
        self._certificate = certificate
        # asyncio switches Nagle's algorithm off only for sockets that name their protocol; left on, every small answer
        # would wait 40 ms for the client's delayed acknowledgement.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            self._socket.close()
            raise SandboxError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}") from error
        self.port: int = self._socket.getsockname()[1]
        self._server: _PromptServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The server's root, without a trailing slash."""
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}"

    def start(self, application: ASGIApp) -> None:
        """Serve `application`; returns when connections are accepted."""
        config = uvicorn.Config(
            application,
            http=CuttableProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level=logging.ERROR,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=600,
            backlog=512,
            ssl_certfile=self._certificate[0] if self._certificate else None,
            ssl_keyfile=self._certificate[1] if self._certificate else None,
        )
        self._server = _PromptServer(config)
        self._thread = threading.Thread(target=self._run, name="sandbox-server", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(timeout=30):
            raise SandboxError("the sandbox server did not start within 30 seconds")

    def _run(self) -> None:
        """Run the server on the bound socket until it is stopped."""
        server = self._server
        if server is not None:
            server.run(sockets=[self._socket])

    @property
    def is_running(self) -> bool:
        """True between `start` and the end of the server's thread."""
        return self._thread is not None and self._thread.is_alive()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the server has stopped, or for `timeout` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def stop(self) -> None:
        """Stop serving and free the port; does nothing when not started or already stopped."""
        if self._server is not None:
            self._server.stop()
            self.wait(timeout=10)
            self._server = None
        self._socket.close()

    def __enter__(self) -> LoopbackServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
