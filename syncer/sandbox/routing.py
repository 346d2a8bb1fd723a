"""Routes of a site: their paths are compiled once a process, however many sites it starts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, request_response

Endpoint = Callable[[Request], Awaitable[Response]]


class SiteRoute(Route):
    """A route of one site. A site has hundreds, and compiling their paths is most of what starting it takes."""

    def __init__(self, path: str, endpoint: Endpoint, methods: Iterable[str]) -> None:
        """Take everything but what answers from a route of the same path and methods."""
        vars(self).update(vars(_compiled(path, tuple(methods))))
        self.endpoint, self.app = endpoint, request_response(endpoint)


@cache
def _compiled(path: str, methods: tuple[str, ...]) -> Route:
    return Route(path, _nobody, methods=methods)


async def _nobody(_request: Request) -> Response:
    raise NotImplementedError("a route without a site answers nothing")
