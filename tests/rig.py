"""The whole product against the sandbox: a real configuration, real connectors, real sockets, one pair."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import requests

from syncer.app.wiring import open_pairs
from syncer.core.change import Tally
from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.datasets import BOT, BOT_EMAIL, GITHUB_TOKEN, JIRA_TOKEN, load
from syncer.sandbox.profiles import Profile
from syncer.settings import load as load_settings
from syncer.sync.context import PairContext
from syncer.sync.run import run_pair
from tests.kept import KeptStates

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)

CONFIGURATION = """
[trackers.acme-jira]
kind = "jira"
url = "{jira}"
deployment = "{deployment}"
{user}
allow-http = true
{jira_extra}
overlap-seconds = {overlap}
read-seconds = 5
read-tries = 2

[trackers.github]
kind = "github"
url = "{github}"
creates-per-minute = {limits[0]}
creates-per-hour = {limits[1]}
writes-per-second = {limits[2]}
settle-seconds = 0
read-seconds = 5
read-tries = 2

[[people]]
name = "Li Wei"
accounts = {{ acme-jira = "liwei", github = "liwei" }}

[[people]]
name = "Mia Braun"
accounts = {{ acme-jira = "mia", github = "miab" }}

[[pairs]]
name = "pay"
left.tracker = "acme-jira"
left.project = "{project}"
left.transition-fields = {{ Done = {{ resolution = "Done" }} }}
{left_extra}
right = {{ tracker = "github", repository = "{repository}" }}
{extra}
[pairs.fields.status]
map = [["To Do", "open"], ["In Progress", "open", "status: in progress"], ["In Review", "open", "status: in review"],
       ["Done", "closed:completed"], ["Won't Do", "closed:not_planned"], ["Done", "closed:duplicate"]]

[pairs.fields.priority]
map = [["High", "label:priority: high"], ["Low", "label:priority: low"]]

[pairs.fields.type]
map = [["Bug", "label:bug"]]
"""


@dataclass
class Rig:
    """A sandbox with a project and a repository, a configuration for them, and one state."""

    directory: Path
    deployment: Literal["cloud", "datacenter"] = "cloud"
    clock: Clock = field(default_factory=lambda: Clock.virtual(START))
    data: str | Path = "empty"
    issues: int = 0
    comments: int = 0
    seeded: Literal["github", "jira", "both"] = "github"
    extra: str = ""
    jira_extra: str = ""
    """Further keys of the tracker that is the Jira."""
    left_extra: str = ""
    """Further lines of the pair for the scope in Jira: `left.filter = "..."`."""
    overlap: int = 900
    limits: tuple[int, int, int] = (0, 0, 0)
    """Creations a minute and an hour, and writes a second, on GitHub; 0 is no limit."""
    profiles: tuple[Profile, ...] = ()
    """The servers that the trackers behave like."""
    certificate: tuple[Path, Path] | None = None
    """As `Sandbox` takes it."""

    def __post_init__(self) -> None:
        self.states = KeptStates(self.clock.now)
        self.box = Sandbox(
            clock=self.clock,
            jira_deployment=self.deployment,
            profiles=self.profiles,
            certificate=self.certificate,
        )
        self.deployment = self.box.jira.deployment
        if self.box.behind_gateway:
            self.box.jira.scoped_tokens.add(JIRA_TOKEN)
            self.jira_extra += f'api-url = "{self.box.gateway_url}"\n'
        self.loaded = load(self.box, self.data, issues=self.issues, comments=self.comments, side=self.seeded)
        self.repository = self.loaded.repositories[0] if self.loaded.repositories else self._new_repository()
        self.project = self.loaded.projects[0] if self.loaded.projects else self._new_project()
        for login, account, name in (("liwei", "liwei", "Li Wei"), ("miab", "mia", "Mia Braun")):
            self.box.github.add_user(login, name, token=f"{login}-token")
            self.box.github.add_collaborator(self.repository, login, "write")
            self.box.jira.add_user(account, name, email=f"{account}@acme.example", token=f"{account}-token")

    def _new_repository(self) -> str:
        """A private repository for the bot, where the data set brought none."""
        self.box.github.add_organization("acme", "Acme", members={BOT: "read"})
        self.box.github.add_repository("acme/pay", visibility="private")
        self.box.github.add_collaborator("acme/pay", BOT, "maintain")
        return "acme/pay"

    def _new_project(self) -> str:
        """A project for the bot, where the data set brought none."""
        self.box.jira.add_project("PAY", "Payments", lead=BOT)
        return "PAY"

    def __enter__(self) -> Rig:
        self.box.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.states.close()
        self.box.stop()

    def configuration(self) -> str:
        """The text of a `syncer.toml` for this sandbox."""
        return CONFIGURATION.format(
            jira=self.box.jira_url, github=self.box.github_url, deployment=self.deployment, project=self.project,
            repository=self.repository, extra=self.extra, jira_extra=self.jira_extra, left_extra=self.left_extra,
            overlap=self.overlap, limits=self.limits,
            user=f'user = "{BOT_EMAIL}"' if self.deployment == "cloud" else "",
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """The variables that hold the secrets."""
        return {"SYNCER_TRACKERS__ACME_JIRA__TOKEN": JIRA_TOKEN, "SYNCER_TRACKERS__GITHUB__TOKEN": GITHUB_TOKEN}

    @contextmanager
    def context(self, **overrides: Any) -> Iterator[PairContext]:
        """The pair, ready to run; closed afterwards."""
        file = self.directory / "syncer.toml"
        file.write_text(self.configuration(), encoding="utf-8")
        settings = load_settings(file, environment=self.environment, state=str(self.directory / "state"))
        store = self.states.at(overrides.pop("location", settings.state))
        (context,) = open_pairs(settings, store, clock=self.clock.now, sleep=self.tick)
        try:
            yield replace(context, **overrides)
        finally:
            for connector in context.connectors.values():
                connector.close()

    def sync(
        self, *, sweep: bool = False, approve: str | None = None, approve_creates: int | None = None, **overrides: Any
    ) -> Tally:
        """One run, a minute after whatever happened before."""
        self.tick()
        with self.context(**overrides) as context:
            tally = run_pair(context, sweep=sweep, approve=approve, approve_creates=approve_creates)
        self.tick()
        return tally

    def tick(self, seconds: float = 60) -> None:
        """Lets time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    # people

    def github(self, verb: str, path: str, body: Any = None, *, by: str = "liwei") -> Any:
        """A request of a person to GitHub, below the repository."""
        answer = requests.request(
            verb, f"{self.box.github_url}/repos/{self.repository}{path}", json=body, timeout=10,
            headers={"Authorization": f"Bearer {by}-token", "Accept": "application/vnd.github+json"},
        )  # fmt: skip
        assert answer.status_code < 400, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def jira(self, verb: str, path: str, body: Any = None, *, by: str = "mia") -> Any:
        """A request of a person to Jira, below the REST root of its version."""
        version, credentials = (
            ("3", (f"{by}@acme.example", f"{by}-token")) if self.deployment == "cloud" else ("2", None)
        )
        headers = {} if credentials else {"Authorization": f"Bearer {by}-token"}
        answer = requests.request(
            verb,
            f"{self.box.jira_url}/rest/api/{version}{path}",
            json=body,
            timeout=10,
            auth=credentials,
            headers=headers,
        )
        assert answer.status_code < 400, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def text(self, words: str) -> Any:
        """A body in the form this Jira takes."""
        if self.deployment == "datacenter":
            return words
        return {
            "version": 1,
            "type": "doc",
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}],
        }
