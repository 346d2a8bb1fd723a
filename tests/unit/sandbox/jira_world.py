"""A served Jira with people and a project in it, and ways to talk to it, for the sandbox's Jira tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import requests
from jira import JIRA

from syncer.sandbox import Clock, Sandbox
from tests.unit.sandbox import vendor_specs

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
Deployment = Literal["cloud", "datacenter"]


def text(words: str, deployment: Deployment) -> Any:
    """Return words as the deployment takes text: ADF on Cloud, wiki markup on Data Center."""
    if deployment == "datacenter":
        return words
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}],
    }


@dataclass
class World:
    """The sandbox, its Jira, and clients that act as one of its people."""

    box: Sandbox
    deployment: Deployment

    @property
    def jira(self) -> Any:
        """The Jira's state."""
        return self.box.jira

    @property
    def api(self) -> str:
        """The base of the REST interface."""
        return f"{self.box.jira_url}/rest/api/{'3' if self.deployment == 'cloud' else '2'}"

    @property
    def agile(self) -> str:
        """The base of the agile interface."""
        return f"{self.box.jira_url}/rest/agile/1.0"

    def session(self, who: str | None = "mei") -> requests.Session:
        """Return a session that acts as a person, or as nobody."""
        session = requests.Session()
        if who is not None and self.deployment == "cloud":
            session.auth = (self.jira.users[who].email, self.jira.users[who].token)
        elif who is not None:
            session.headers["Authorization"] = f"Bearer {self.jira.users[who].token}"
        return session

    def call(self, verb: str, path: str, body: Any = None, who: str | None = "mei", **params: Any) -> requests.Response:
        """Send one request; `path` is below the REST root or absolute."""
        url = path if path.startswith("http") else self.api + path
        with self.session(who) as session:
            return session.request(verb, url, json=body, params=params, allow_redirects=False)

    def get(self, path: str, who: str | None = "mei", **params: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        answer = self.call("GET", path, None, who, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(
        self, verb: str, path: str, body: Any = None, status: int = 204, who: str | None = "mei", **params: Any
    ) -> Any:
        """Send a request that must answer `status`; return its JSON, if any."""
        answer = self.call(verb, path, body, who, **params)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def create(self, summary: str = "Show refunds", who: str = "mei", **fields: Any) -> str:
        """Create an issue in PAY and return its key."""
        fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": summary, **fields}
        key: str = self.send("POST", "/issue", {"fields": fields}, 201, who)["key"]
        return key

    def search(self, jql: str, who: str | None = "mei", **more: Any) -> list[str]:
        """Return the keys of the first page that matches a query."""
        path = "/search/jql" if self.deployment == "cloud" else "/search"
        body = {"jql": jql, "fields": ["summary"], "maxResults": 100, **more}
        return [issue["key"] for issue in self.send("POST", path, body, 200, who)["issues"]]

    def text(self, words: str) -> Any:
        """Return words as this deployment takes text."""
        return text(words, self.deployment)

    def library(self, who: str = "mei") -> JIRA:
        """Return the jira library, unmodified, logged in as a person."""
        options: dict[str, Any] = {"server": self.box.jira_url}
        user = self.jira.users[who]
        if self.deployment == "cloud":
            return JIRA(
                options={**options, "rest_api_version": "3"}, basic_auth=(user.email, user.token), max_retries=0
            )
        return JIRA(options=options, token_auth=user.token, max_retries=0)


@contextmanager
def served(
    deployment: Deployment, clock: Clock | None = None, parts: tuple[str, ...] = ("request", "response")
) -> Iterator[World]:
    """Serve a Jira with three people and the project PAY.

    Check the parts of every exchange against the vendor's document.
    """
    with Sandbox(clock=clock or Clock.virtual(START), seed=0, jira_deployment=deployment) as box:
        box.jira.add_user("mei", "Mei Lin", time_zone="Asia/Shanghai", groups=["site-admins", "staff"])
        box.jira.add_user("omar", "Omar Haddad", time_zone="Europe/Berlin", groups=["staff"])
        box.jira.add_user("client", "王小明")
        box.jira.add_project("PAY", "Payments", lead="mei")
        yield World(box, deployment)
        broken = (each for each in vendor_specs.violations(box.log, deployment) if each.part in parts)
        found = "\n".join(map(str, broken))
        assert not found, found
