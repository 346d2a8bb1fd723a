"""One loopback server with a stateful GitHub and a stateful Jira in it.

    with Sandbox(clock=Clock.virtual(start), seed=7) as box:
        box.github.add_user("mei")
        requests.get(f"{box.github_url}/users/mei")
        assert box.log.count("github") == 1

GitHub's REST interface is at `/api/v3` (as Enterprise Server lays it out) and its pages at `/OWNER/REPO/issues/N`,
Jira is at `/jira`. The control interface at `/_sandbox` reads the log, resets, moves the clock, plans faults, and sets
lag and limits.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from syncer.sandbox.clock import Clock
from syncer.sandbox.errors import SandboxError
from syncer.sandbox.faults import Fault, FaultPlan
from syncer.sandbox.github import GitHub
from syncer.sandbox.github import routes as github_routes
from syncer.sandbox.github.pages import page_routes, upload_routes
from syncer.sandbox.hooks import HookSender
from syncer.sandbox.interception import Interception
from syncer.sandbox.jira import Jira
from syncer.sandbox.jira import routes as jira_routes
from syncer.sandbox.jira.ratelimit import limiter
from syncer.sandbox.jira.routes import CLOUD_ID
from syncer.sandbox.jira.web import GATEWAY
from syncer.sandbox.profiles import GITHUB_COM, Edge, Profile
from syncer.sandbox.profiles.edge import AtRoot
from syncer.sandbox.requestlog import RequestLog
from syncer.sandbox.transport import LoopbackServer

_FAULT_FIELDS = frozenset(field.name for field in fields(Fault))


def control_routes(
    log: RequestLog,
    faults: FaultPlan,
    clock: Clock,
    set_lag: Callable[[timedelta], None],
    set_limits: Callable[[Mapping[str, Any]], None],
) -> list[BaseRoute]:
    """Return the routes of the control interface, relative to `/_sandbox`.

    GET requests; POST reset; GET and POST clock/advance `{"seconds": n}`; GET, POST and DELETE faults (a `Fault`'s
    fields as JSON); POST lag `{"seconds": n}`; POST limits, those of Jira: `{"quota": n}`. A wrong call is a 400 with
    `{"message": ...}`.
    """

    async def requests(_: Request) -> Response:
        return JSONResponse({"counts": log.counts(), "requests": [entry.as_json() for entry in log.entries]})

    async def reset(_: Request) -> Response:
        log.reset()
        faults.clear()
        return Response(status_code=204)

    async def read_clock(_: Request) -> Response:
        return JSONResponse({"now": clock.now().isoformat(), "virtual": clock.is_virtual})

    async def advance(request: Request) -> Response:
        clock.advance(await _seconds(request))
        return JSONResponse({"now": clock.now().isoformat(), "virtual": clock.is_virtual})

    async def list_faults(_: Request) -> Response:
        return JSONResponse([{**asdict(fault), "times": times} for fault, times in faults.pending()])

    async def add_fault(request: Request) -> Response:
        given = await _object(request)
        unknown = sorted(set(given) - _FAULT_FIELDS)
        if unknown or "kind" not in given:
            raise SandboxError(f"a fault has a kind and may have {', '.join(sorted(_FAULT_FIELDS))}; got {unknown}")
        faults.add(Fault(**given))
        return Response(status_code=204)

    async def clear_faults(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def lag(request: Request) -> Response:
        set_lag(await _seconds(request))
        return Response(status_code=204)

    async def limits(request: Request) -> Response:
        set_limits(await _object(request))
        return Response(status_code=204)

    return [
        Route("/requests", _checked(requests), methods=["GET"]),
        Route("/reset", _checked(reset), methods=["POST"]),
        Route("/clock", _checked(read_clock), methods=["GET"]),
        Route("/clock/advance", _checked(advance), methods=["POST"]),
        Route("/faults", _checked(list_faults), methods=["GET"]),
        Route("/faults", _checked(add_fault), methods=["POST"]),
        Route("/faults", _checked(clear_faults), methods=["DELETE"]),
        Route("/lag", _checked(lag), methods=["POST"]),
        Route("/limits", _checked(limits), methods=["POST"]),
    ]


_Endpoint = Callable[[Request], Awaitable[Response]]


def _checked(endpoint: _Endpoint) -> _Endpoint:
    """Return `endpoint` with wrong calls answered as 400."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except SandboxError as error:
            return JSONResponse({"message": str(error)}, status_code=400)

    return guarded


async def _object(request: Request) -> Mapping[str, Any]:
    """Return the request body as a JSON object; raise SandboxError when it is none."""
    try:
        given = json.loads(await request.body())
    except ValueError as error:
        raise SandboxError(f"the body is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise SandboxError("the body is not a JSON object")
    return given


async def _seconds(request: Request) -> timedelta:
    """Return the `seconds` of the request body; raise SandboxError when there is no such number."""
    seconds = (await _object(request)).get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise SandboxError('expected {"seconds": number}')
    return timedelta(seconds=seconds)


class Sandbox:
    """A GitHub and a Jira served on 127.0.0.1 between `start` and `stop`, or inside a `with` block.

    `github` and `jira` are the states; they can be filled before or while they are served. `log` holds every
    exchange, `faults` the faults to come, `clock` the time both trackers live in.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        jira_deployment: Literal["cloud", "datacenter"] = "cloud",
        faults: FaultPlan | None = None,
        port: int = 0,
        profiles: Iterable[Profile] = (),
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        """Build both trackers, empty; `port` 0 takes any free one. Raises SandboxError when the port is taken.

        `profiles` are the servers they behave like, at most one of each tracker: github.com without one, and that of a
        Jira decides on its deployment. `certificate` is the file of one and that of its key, to serve over TLS; with
        it a GitHub with data residency has its names.
        """
        self.profiles = {"github": GITHUB_COM, **{profile.tracker: profile for profile in profiles}}
        jira = self.profiles.get("jira")
        if jira is not None and jira.deployment is not None:
            jira_deployment = jira.deployment
        self.clock = Clock.real() if clock is None else clock
        self.faults = FaultPlan() if faults is None else faults
        self.log = RequestLog()
        self._server = LoopbackServer(port, certificate)
        self._named = certificate is not None
        self._edge: Edge | None = None
        self._interception: Interception | None = None
        self.hooks: HookSender | None = None
        """What sends webhooks; None where nobody asked for any."""
        self.github = GitHub(self.clock, seed, self.url)
        self.jira = Jira(self.clock, jira_deployment, seed, self.jira_url)
        for profile in self.profiles.values():
            self._settle(profile)

    @property
    def url(self) -> str:
        """The server's root, without a trailing slash."""
        return self._server.url

    @property
    def github_url(self) -> str:
        """The base of GitHub's REST interface: what PyGithub calls `base_url`."""
        return self.github.api_url

    @property
    def jira_url(self) -> str:
        """The base of Jira: what the jira library calls `server`."""
        return f"{self.url}/jira"

    @property
    def behind_gateway(self) -> bool:
        """True where the profile's Jira takes the tokens of service accounts, which work at the gateway alone."""
        jira = self.profiles.get("jira")
        return jira is not None and bool(jira.setting("gateway"))

    @property
    def gateway_url(self) -> str:
        """Where Jira Cloud takes requests with scoped tokens."""
        return f"{self.url}{GATEWAY}{CLOUD_ID}"

    def start(self) -> Sandbox:
        """Begin to serve; returns the sandbox once it accepts connections."""
        of_jira = jira_routes(self.jira)
        application = Router(
            routes=[
                Mount("/api/v3", routes=github_routes(self.github)),
                Mount("/jira", routes=of_jira),
                Mount(GATEWAY + CLOUD_ID, routes=of_jira),
                Mount("/_sandbox", routes=self._control()),
                *upload_routes(self.github),
                *page_routes(self.github),
            ],
            redirect_slashes=False,
        )
        self._edge = Edge(application, self.profiles.values())
        served = Interception(self._edge, self.log, self.faults, self.clock)
        served.changed = None if self.hooks is None else self.hooks.note
        self._interception = served
        self._server.start(self._at_its_hosts(served))
        return self

    def _at_its_hosts(self, served: ASGIApp) -> ASGIApp:
        """Return what is served where the GitHub of the profile has its interface."""
        name = self.profiles["github"].setting("data-residency")
        if name is None:
            return served
        return AtRoot(served, f"api.{name}.ghe.com" if self._named else "")

    def send_hooks(self, address: str, secrets: Mapping[str, str]) -> HookSender:
        """Send webhooks of both trackers from now on, to `address` with `/github` or `/jira` behind it.

        `secrets` are what each of them signs with, by `github` and `jira`.
        """
        if self.hooks is not None:
            self.hooks.stop()
        self.hooks = HookSender(address, secrets, self.github, self.jira)
        self.hooks.start()
        if self._interception is not None:
            self._interception.changed = self.hooks.note
        return self.hooks

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.stop()
        if self.hooks is not None:
            self.hooks.stop()
            self.hooks = None

    def serve_forever(self) -> None:
        """Serve until the process is interrupted; a KeyboardInterrupt stops the server and is not passed on."""
        self.start()
        try:
            while self._server.is_running:
                self._server.wait(timeout=3600)
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def behave_like(self, profile: Profile) -> None:
        """Let a tracker show fields and lack operations as in `profile` from now on; its settings stay as they were."""
        if self._edge is not None:
            self._edge.use(profile)

    def _settle(self, profile: Profile) -> None:
        """Set what a profile says in one value."""
        if profile.tracker == "jira":
            self.jira.result_window = profile.setting("result-window") or self.jira.result_window
            self.jira.embedded_comments = profile.setting("embedded-comments") or self.jira.embedded_comments
        else:
            behaviour = self.github.behaviour
            behaviour.api_versions = tuple(profile.setting("api-versions") or behaviour.api_versions)
            behaviour.enterprise_version = profile.setting("enterprise-version") or behaviour.enterprise_version
            if (name := profile.setting("data-residency")) is not None:
                pages = f"https://{name}.ghe.com:{self._server.port}" if self._named else self.url
                self.github.base_url = pages
                self.github.api_url = pages.replace("://", "://api.") if self._named else pages

    def _control(self) -> list[BaseRoute]:
        """The routes by which the sandbox is told what to do."""
        return control_routes(self.log, self.faults, self.clock, self._set_lag, self._set_limits)

    def _set_limits(self, given: Mapping[str, Any]) -> None:
        """Let Jira limit its requests from now on."""
        self.jira.rate_limit = limiter(self.jira.deployment, given)

    def _set_lag(self, lag: timedelta) -> None:
        """Let Jira's search index lag behind by `lag`."""
        self.jira.index_lag = lag

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
