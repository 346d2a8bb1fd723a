"""A sandboxed GitHub with one repository, and people who act in it over HTTP as themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import requests
from pydantic import SecretStr

from connectors.github.connector import GitHubConnector
from connectors.github.settings import GitHubScope, GitHubTracker
from syncer.contract.custom import CustomType
from syncer.sandbox.clock import Clock
from syncer.sandbox.faults import Fault, FaultKind, FaultPlan
from syncer.sandbox.github.issuefields import DataType, IssueField
from syncer.sandbox.github.model import Role
from syncer.sandbox.profiles import Profile
from syncer.sandbox.server import Sandbox
from tests.unit.sandbox import vendor_specs

REPOSITORY = "acme/pay"
BOT_TOKEN = "ghp_syncbot-token-of-the-tests"  # of the sandbox
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


FIELDS: Mapping[CustomType, tuple[DataType, tuple[str, ...]]] = {
    CustomType.TEXT: ("text", ()),
    CustomType.NUMBER: ("number", ()),
    CustomType.DATE: ("date", ()),
    CustomType.CHOICE: ("single_select", ("High", "Low")),
    CustomType.CHOICES: ("multi_select", ("API", "Docs", "Web")),
}
"""What issue fields hold, with their options."""

NULL_DUE = 'request at /due_on: null is not of type "string"'
"""The document forgets that null takes the day from a milestone, which is how it is cleared."""


class WriteFaults(FaultPlan):
    """Faults of which some are kept for the next write, whatever its verb."""

    def __init__(self) -> None:
        super().__init__()
        self.next_write: Fault | None = None

    def take(self, index: int, verb: str, path: str) -> Fault | None:
        if self.next_write is not None and verb != "GET":
            fault, self.next_write = self.next_write, None
            return fault
        return super().take(index, verb, path)


class GitHubWorld:
    """The sandbox with repository `acme/pay`: `sync-bot` is us, `mia` and `liwei` are the people."""

    def __init__(
        self,
        *,
        visibility: Literal["public", "internal", "private"] = "private",
        profiles: Iterable[Profile] = (),
    ) -> None:
        self.faults = WriteFaults()
        self.clock = Clock.virtual(START)
        self.box = Sandbox(clock=self.clock, faults=self.faults, profiles=profiles)
        self.github = self.box.github
        self.github.add_organization("acme", "Acme")
        self.github.add_repository(REPOSITORY, visibility=visibility)
        self.github.add_user("sync-bot", "Sync Bot", token=BOT_TOKEN)
        for login, name in (("mia", "Mia Berg"), ("liwei", "李伟")):
            self.github.add_user(login, name, token=f"ghp_{login}-token")
        for login in ("sync-bot", "mia", "liwei"):
            self.github.add_collaborator(REPOSITORY, login, "write")
        self.naps: list[float] = []

    def add_fields(self) -> Mapping[CustomType, IssueField]:
        """An issue field of the organisation for each type, called after it. Our account may read them."""
        self.github.add_token("sync-bot", BOT_TOKEN, scopes=("repo", "read:org"))
        self.github.account("acme").members["sync-bot"] = Role.READ
        return {
            type_: self.github.add_issue_field("acme", f"The {type_}", data_type, options)
            for type_, (data_type, options) in FIELDS.items()
        }

    def start(self) -> GitHubWorld:
        self.box.start()
        return self

    def stop(self) -> None:
        """Ends the sandbox; every request the connector sent must be one the vendor's document allows."""
        self.box.stop()
        said = [str(violation) for violation in vendor_specs.violations(self.box.log)]
        assert [line for line in said if not line.endswith(NULL_DUE)] == []

    def tracker(self, **settings: Any) -> GitHubTracker:
        given: dict[str, Any] = {
            "url": self.box.github_url,
            "token": SecretStr(BOT_TOKEN),
            "reread_after": 0,
            "clock_skew_seconds": 60,
            "settle_seconds": 0,
            "read_timeout": 5,
            "rate_reserve": 0,
            **settings,
        }
        return GitHubTracker(**given)

    def connector(self, *, scope: Mapping[str, Any] | None = None, **settings: Any) -> GitHubConnector:
        """A connector that does not really sleep."""
        where = GitHubScope(**{"repository": REPOSITORY, **(scope or {})})
        return GitHubConnector(self.tracker(**settings), where, sleep=self.naps.append, now=self.clock.now)

    def act(
        self,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        by: str = "mia",
        repository: str = REPOSITORY,
    ) -> Any:
        """What a person does over HTTP; not in the request log."""
        answer = requests.request(
            verb,
            f"{self.box.github_url}/repos/{repository}{path}",
            json=body,
            headers={"Authorization": f"token ghp_{by}-token"},
            timeout=10,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def fail_next_write(self, kind: FaultKind, **more: Any) -> None:
        self.faults.next_write = Fault(kind, **more)

    def advance(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))
