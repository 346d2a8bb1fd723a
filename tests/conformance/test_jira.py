"""The Jira connector obeys the protocol, against a Cloud and a Data Center site on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
import requests

from connectors.jira.connector import JiraConnector
from connectors.jira.mapping import body_of
from connectors.jira.settings import ScopeSettings, TrackerSettings
from syncer.contract.conformance import ConnectorSuite
from syncer.contract.conformance.world import Remembered, items_of
from syncer.contract.connector import Connector
from syncer.contract.model import Category, Field, Kind, Ref, Showing, Status, Value
from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.faults import Fault

_FIELD_IDS = {Field.TITLE: "summary", Field.BODY: "description", Field.LABELS: "labels", Field.ASSIGNEES: "assignee"}


class OnWrite(Fault):
    """A fault that strikes the next change, not the reads before it."""

    def strikes(self, index: int, verb: str, path: str) -> bool:
        return verb in {"PUT", "POST"} and not re.search(r"/(search|search/jql|bulkfetch|list)$", path)


class JiraWorld(ConnectorSuite):
    """A project PAY on a loopback site, in which people act over HTTP as themselves."""

    deployment: Literal["cloud", "datacenter"]
    account_key: str

    @pytest.fixture(autouse=True)
    def _world(self) -> Iterator[None]:
        clock = Clock.virtual(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        with Sandbox(clock=clock, seed=7, jira_deployment=self.deployment) as box:
            self.box = box
            # Far from UTC, so that a query which depended on the account's time zone would fail.
            box.jira.add_user("bot", "Sync Bot", time_zone="Pacific/Auckland")
            box.jira.add_user("mia", "Mia Larsen", time_zone="America/Los_Angeles")
            box.jira.add_user("liwei", "李伟", time_zone="Asia/Shanghai")
            box.jira.add_project("PAY", "Payments", lead="mia")
            box.jira.add_component("PAY", "checkout")
            # Versions are made, and notifications silenced, by administrators of a project only.
            box.jira.grant("bot", "ADMINISTER_PROJECTS", "PAY")
            self.opened: list[JiraConnector] = []
            yield
            for connector in self.opened:
                connector.close()

    def open_connector(self) -> Connector:
        tracker = TrackerSettings.model_validate(
            {
                "url": self.box.jira_url,
                "deployment": self.deployment,
                "user": "bot@example.com" if self.deployment == "cloud" else "",
                "token": "token-bot",
                "allow-http": True,
                "reread-seconds": 0,
            }
        )
        connector = JiraConnector(tracker, ScopeSettings(project="PAY"), sleep=lambda _: None)
        self.opened.append(connector)
        return connector

    def people(self) -> Sequence[str]:
        return ("mia", "liwei")

    def open_status(self) -> Status:
        return Status("To Do", Category.TODO)

    def closed_status(self) -> Status:
        return Status("Done", Category.DONE, "Done")

    def person_creates(self, title: str, body: str = "", *, labels: Sequence[str] = ()) -> Ref:
        fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": title, "labels": list(labels)}
        if body:
            fields["description"] = self.body(body)
        return Ref(Kind.TASK, self.acts("mia", "POST", "/issue", {"fields": fields})["id"])

    def person_edits(self, task: Ref, fields: Showing) -> None:
        sent = {_FIELD_IDS[field]: self.json(field, value) for field, value in fields.items()}
        self.acts("mia", "PUT", f"/issue/{task.id}", {"fields": sent})

    def person_closes(self, task: Ref) -> None:
        ways = self.acts("mia", "GET", f"/issue/{task.id}/transitions")["transitions"]
        (done,) = [way["id"] for way in ways if way["to"]["name"] == "Done"]
        self.acts("mia", "POST", f"/issue/{task.id}/transitions", {"transition": {"id": done}})

    def person_deletes(self, item: Ref) -> None:
        place = f"/issue/{item.id}" if item.kind is Kind.TASK else self.comment_path(item)
        self.acts("mia", "DELETE", place)

    def person_comments(self, task: Ref, body: str) -> Ref:
        sent = {"body": self.body(body)}
        return Ref(Kind.COMMENT, self.acts("mia", "POST", f"/issue/{task.id}/comment", sent)["id"])

    def person_edits_comment(self, comment: Ref, body: str) -> None:
        self.acts("mia", "PUT", self.comment_path(comment), {"body": self.body(body)})

    def person_creates_milestone(self, title: str) -> Ref:
        project = self.acts("mia", "GET", "/project/PAY")
        sent = {"name": title, "projectId": int(project["id"])}
        return Ref(Kind.MILESTONE, self.acts("mia", "POST", "/version", sent)["id"])

    def count(self, kind: Kind) -> int:
        jira = self.box.jira
        match kind:
            case Kind.TASK:
                return len(jira.issues)
            case Kind.COMMENT:
                return sum(len(issue.content["comment"]) for issue in jira.issues.values())
            case Kind.MILESTONE:
                return len(jira.project("PAY").versions)

    def lose_next_answer(self, *, committed: bool) -> None:
        kind: Any = "commit-then-close" if committed else "close-before-commit"
        self.box.faults.clear()
        self.box.faults.add(OnWrite(kind))

    def time_passes(self, seconds: float) -> None:
        self.box.clock.advance(timedelta(seconds=seconds))

    def now(self) -> datetime:
        return self.box.clock.now()

    def test_observed_is_well_formed(self) -> None:
        """As in the suite, but for milestones: Jira does not tell who made a version."""
        task = self.person_creates("Well formed", "Body", labels=("zebra", "apple"))
        self.person_comments(task, "Comment")
        self.person_creates_milestone("Spring")
        connector = self.open_connector()
        for item in items_of(connector.changes(None, Remembered())):
            assert item.version
            assert item.key
            assert re.match(r"https?://", item.url)
            assert item.created.utcoffset() == item.updated.utcoffset() == timedelta(0)
            assert (item.author is not None) == (item.kind is not Kind.MILESTONE)
            assert item.marker is None
            assert set(item.showing) <= set(connector.capabilities.fields[item.kind])
            assert (item.parent is not None) == (item.kind is Kind.COMMENT)

    # ------------------------------------------------------------------------------------------ acting over HTTP

    def acts(self, person: str, verb: str, path: str, body: object = None) -> Any:
        """What Jira answers a person. Raises for a refusal."""
        cloud = self.deployment == "cloud"
        token = f"token-{person}"
        answer = requests.request(
            verb,
            f"{self.box.jira_url}/rest/api/{3 if cloud else 2}{path}",
            json=body,
            auth=(f"{person}@example.com", token) if cloud else None,
            headers={} if cloud else {"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def comment_path(self, comment: Ref) -> str:
        """The address of a comment below the API."""
        for issue in self.box.jira.issues.values():
            if any(each.id == comment.id for each in issue.content["comment"]):
                return f"/issue/{issue.id}/comment/{comment.id}"
        raise AssertionError(f"no comment {comment.id}")

    def body(self, source: str) -> Any:
        """A body as this deployment takes it."""
        return body_of(source, self.opened[0]._project.site.dialect if self.opened else self.dialect())

    def dialect(self) -> Any:
        """The dialect of this deployment."""
        from connectors.jira.dialect import CLOUD, DATA_CENTER

        return CLOUD if self.deployment == "cloud" else DATA_CENTER

    def json(self, field: Field, value: Value) -> Any:
        """A field's value as the API takes it."""
        match field:
            case Field.BODY:
                return self.body(str(value))
            case Field.ASSIGNEES:
                return {self.account_key: value[0]} if isinstance(value, tuple) and value else None
            case Field.LABELS:
                return list(value) if isinstance(value, tuple) else []
            case _:
                return value


class TestJiraCloud(JiraWorld):
    """Every test of the suite, against Jira Cloud."""

    deployment = "cloud"
    account_key = "accountId"


class TestJiraDataCenter(JiraWorld):
    """Every test of the suite, against Jira Data Center."""

    deployment = "datacenter"
    account_key = "name"
