"""GitHub with data residency: the interface has a host of its own and no path before its addresses.

Everything else in the sandbox is at one address. With a certificate for the names of such a GitHub, requests to the
host of its interface are told by the name; without one there is a single host, and they are told by their first word.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_ROOT: Final = "/api/v3"
_FIRST: Final = frozenset(
    {"repos", "repositories", "user", "users", "orgs", "app", "installation", "meta", "versions", "rate_limit"}
)
"""The first words of the interface's addresses that the sandbox serves."""


class AtRoot:
    """ASGI middleware that leads requests to the interface at the root of its host to where the sandbox serves it."""

    def __init__(self, application: ASGIApp, host: str = "") -> None:
        """Wrap `application`; `host` is that of the interface, empty where it shares one with the pages."""
        self._application = application
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and self._is_interface(scope):
            path = _ROOT + scope["path"]
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._application(scope, receive, send)

    def _is_interface(self, scope: Scope) -> bool:
        if scope["path"].startswith(_ROOT):
            return False
        if not self._host:
            return scope["path"].split("/")[1] in _FIRST
        names = [value.decode("latin-1") for key, value in scope["headers"] if key == b"host"]
        return any(name.partition(":")[0] == self._host for name in names)
