"""A Jira on loopback with people in it, for the tests of the connector: people act over HTTP as themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import requests

from connectors.jira.bodies import body_of
from connectors.jira.connector import JiraConnector
from connectors.jira.dialect import CLOUD, DATA_CENTER, Dialect
from connectors.jira.settings import JiraTracker, ScopeSettings
from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.profiles import Profile
from tests.unit.sandbox import vendor_specs

Deployment = Literal["cloud", "datacenter"]
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Office:
    """A site with a project PAY (people: mia, who leads it, and liwei; our account: bot) and connectors to it."""

    def __init__(self, box: Sandbox, deployment: Deployment) -> None:
        self.box = box
        self.jira = box.jira
        self.deployment = deployment
        self.opened: list[JiraConnector] = []
        self.tolerates = ""
        """What a test sends although the vendor's document has no words for it."""
        # Far from UTC, so that a query which depended on the account's time zone would fail.
        self.jira.add_user("bot", "Sync Bot", time_zone="Pacific/Auckland")
        self.jira.add_user("mia", "Mia Larsen", time_zone="America/Los_Angeles")
        self.jira.add_user("liwei", "李伟", time_zone="Asia/Shanghai")
        self.add_project("PAY")

    @property
    def is_cloud(self) -> bool:
        """Whether this is Jira Cloud."""
        return self.deployment == "cloud"

    @property
    def dialect(self) -> Dialect:
        """The REST dialect of the site."""
        return CLOUD if self.is_cloud else DATA_CENTER

    def add_project(self, key: str) -> None:
        """A project that mia leads, in which our account may make versions."""
        self.jira.add_project(key, key.title(), lead="mia")
        self.jira.add_component(key, "checkout")
        self.jira.grant("bot", "ADMINISTER_PROJECTS", key)

    def open(self, project: str = "PAY", scope: dict[str, Any] | None = None, **tracker: Any) -> JiraConnector:
        """A new connector; `tracker` and `scope` are settings beside the usual ones."""
        settings = {
            "url": self.box.jira_url,
            "deployment": self.deployment,
            "user": "bot@example.com" if self.is_cloud else "",
            "token": "token-bot",
            "allow_http": True,
        }
        connector = JiraConnector(
            JiraTracker.model_validate({**settings, **tracker}),
            ScopeSettings.model_validate({"project": project, **(scope or {})}),
            sleep=lambda _: None,
        )
        self.opened.append(connector)
        return connector

    def acts(self, person: str, verb: str, path: str, body: object = None) -> Any:
        """What Jira answers a person. Raises for a refusal."""
        token = f"token-{person}"
        answer = requests.request(
            verb,
            f"{self.box.jira_url}{self.dialect.api}{path}",
            json=body,
            auth=(f"{person}@example.com", token) if self.is_cloud else None,
            headers={} if self.is_cloud else {"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def issue(self, title: str, person: str = "mia", project: str = "PAY", **fields: Any) -> str:
        """The id of an issue that a person creates."""
        basic = {"project": {"key": project}, "issuetype": {"name": "Task"}, "summary": title}
        created = self.acts(person, "POST", "/issue", {"fields": {**basic, **fields}})
        return str(created["id"])

    def edit(self, issue: str, **fields: Any) -> None:
        """A person changes an issue."""
        self.acts("mia", "PUT", f"/issue/{issue}", {"fields": fields})

    def comment(self, issue: str, text: str, person: str = "mia", **more: Any) -> str:
        """The id of a comment that a person writes."""
        created = self.acts(person, "POST", f"/issue/{issue}/comment", {"body": self.body(text), **more})
        return str(created["id"])

    def move(self, issue: str, status: str, **fields: Any) -> None:
        """A person takes a transition to a status."""
        ways = self.acts("mia", "GET", f"/issue/{issue}/transitions")["transitions"]
        (way,) = [way["id"] for way in ways if way["to"]["name"] == status]
        self.acts("mia", "POST", f"/issue/{issue}/transitions", {"transition": {"id": way}, "fields": fields})

    def body(self, source: str) -> Any:
        """A body as this deployment takes it."""
        return body_of(source, self.dialect)

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.box.clock.advance(timedelta(seconds=seconds))

    def paths(self) -> list[str]:
        """Verb and path below the API of every request since the log was reset."""
        return [f"{entry.verb} {entry.path.partition(self.dialect.api)[2]}" for entry in self.box.log.entries]

    def close(self) -> None:
        """Ends all connectors."""
        for connector in self.opened:
            connector.close()


@contextmanager
def office(deployment: Deployment, profiles: Iterable[Profile] = ()) -> Iterator[Office]:
    """An office on a site with a virtual clock; every exchange is checked against the vendor's document at the end."""
    with Sandbox(clock=Clock.virtual(START), seed=7, jira_deployment=deployment, profiles=profiles) as box:
        place = Office(box, deployment)
        try:
            yield place
            found = [str(violation) for violation in vendor_specs.violations(box.log, deployment)]
            unexpected = [violation for violation in found if not place.tolerates or place.tolerates not in violation]
            assert not unexpected, unexpected
        finally:
            place.close()
