"""One loopback server with a stateful GitHub and a stateful Jira in it.

    with Sandbox(clock=Clock.virtual(start), seed=7) as box:
        box.github.add_user("mei")
        requests.get(f"{box.github_url}/users/mei")
        assert box.log.count("github") == 1

GitHub's REST interface is at `/api/v3` (as Enterprise Server lays it out) and its pages at `/OWNER/REPO/issues/N`,
Jira is at `/jira`, the control interface at `/_sandbox`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp

from syncer.sandbox.clock import Clock
from syncer.sandbox.control import control_routes
from syncer.sandbox.faults import FaultPlan
from syncer.sandbox.github import GitHub
from syncer.sandbox.github import routes as github_routes
from syncer.sandbox.github.pages import page_routes
from syncer.sandbox.github.uploads import upload_routes
from syncer.sandbox.interception import Interception
from syncer.sandbox.jira import Jira
from syncer.sandbox.jira import routes as jira_routes
from syncer.sandbox.jira.ratelimit import limiter
from syncer.sandbox.jira.routes import CLOUD_ID
from syncer.sandbox.jira.web import GATEWAY
from syncer.sandbox.profiles import GITHUB_COM, Edge, Profile
from syncer.sandbox.profiles.residency import AtRoot
from syncer.sandbox.requestlog import RequestLog
from syncer.sandbox.transport import LoopbackServer


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
        application = Router(
            routes=[
                Mount("/api/v3", routes=github_routes(self.github)),
                Mount("/jira", routes=jira_routes(self.jira)),
                Mount(GATEWAY + CLOUD_ID, routes=jira_routes(self.jira)),
                Mount("/_sandbox", routes=self._control()),
                *upload_routes(self.github),
                *page_routes(self.github),
            ],
            redirect_slashes=False,
        )
        self._edge = Edge(application, self.profiles.values())
        served = Interception(self._edge, self.log, self.faults, self.clock)
        self._server.start(self._at_its_hosts(served))
        return self

    def _at_its_hosts(self, served: ASGIApp) -> ASGIApp:
        """Return what is served where the GitHub of the profile has its interface."""
        name = self.profiles["github"].setting("data-residency")
        if name is None:
            return served
        return AtRoot(served, f"api.{name}.ghe.com" if self._named else "")

    def stop(self) -> None:
        """Stop serving and free the port."""
        self._server.stop()

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
