"""The Jira connector obeys the protocol, against a Cloud and a Data Center site on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import pytest

from connectors.jira.link_types import USUAL_LINKS
from syncer.contract.conformance import ConnectorSuite
from syncer.contract.conformance.world import Remembered, items_of
from syncer.contract.connector import Connector
from syncer.contract.custom import CustomType
from syncer.contract.model import Category, Field, Kind, Ref, Showing, Status, Value
from syncer.sandbox.faults import Fault
from syncer.sandbox.jira.fields import EPIC_LINK, EPIC_NAME, SPRINT
from syncer.sandbox.profiles import Profile
from tests.conformance.steering import SteeringSuite
from tests.garbling import Garbling
from tests.unit.connectors.jira_world import Deployment, office

_CUSTOM: Mapping[CustomType, tuple[str, tuple[str, ...]]] = {
    CustomType.TEXT: ("string", ()),
    CustomType.URL: ("url", ()),
    CustomType.NUMBER: ("number", ()),
    CustomType.DATE: ("date", ()),
    CustomType.CHOICE: ("option", ("High", "Low")),
    CustomType.CHOICES: ("multiselect", ("API", "Web", "App")),
    CustomType.PERSON: ("user", ()),
    CustomType.SPRINT: ("sprint", ()),
}
"""The sort of field that the site has for each type, with its options."""
_FIELD_IDS = {Field.TITLE: "summary", Field.BODY: "description", Field.LABELS: "labels", Field.ASSIGNEES: "assignee"}


class OnWrite(Fault):
    """A fault that strikes the next change, not the reads before it."""

    def strikes(self, index: int, verb: str, path: str) -> bool:
        return verb in {"PUT", "POST", "DELETE"} and not re.search(r"/(search|search/jql|bulkfetch|list)$", path)


class JiraWorld(ConnectorSuite, SteeringSuite):
    """A project PAY on a loopback site, in which people act over HTTP as themselves."""

    deployment: Deployment
    profiles: ClassVar[tuple[Profile, ...]] = ()
    """The server that the sandbox behaves like."""

    @pytest.fixture(autouse=True)
    def _world(self) -> Iterator[None]:
        with office(self.deployment, self.profiles) as place:
            self.office = place
            self.custom: dict[CustomType, str] = {}
            self.garbling = Garbling()
            place.box.faults.rewriting = self.garbling
            yield

    def open_connector(self) -> Connector:
        epics: dict[str, Any] = {} if self.deployment == "cloud" else {"epic_link": EPIC_LINK}
        return self.office.open(reread_after=0, **epics)

    def custom_locators(self) -> Mapping[CustomType, Any]:
        if not self.custom:
            jira = self.office.jira
            for type_, (kind, options) in _CUSTOM.items():
                self.custom[type_] = (
                    SPRINT if kind == "sprint" else jira.add_custom_field(f"The {type_}", kind, options).id
                )
            jira.add_sprint("PAY", "Sprint 1")
        return {type_: self.office.jira.fields[native].name for type_, native in self.custom.items()}

    def custom_nowhere(self) -> Any:
        return "The nothing"

    def person_fills(self, task: Ref, type_: CustomType, value: Value) -> None:
        self.office.edit(task.id, **{self.custom[type_]: self.custom_json(type_, value)})

    def custom_json(self, type_: CustomType, value: Value) -> Any:
        """A value of a field of people's own making as the API takes it."""
        match value:
            case str() if type_ is CustomType.SPRINT:
                return next(each.id for each in self.office.jira.sprints.values() if each.name == value)
            case str() if type_ is CustomType.CHOICE:
                return {"value": value}
            case tuple() if type_ is CustomType.CHOICES:
                return [{"value": name} for name in value]
            case tuple() if type_ is CustomType.PERSON:
                return {self.office.dialect.account_key: value[0]}
            case date():
                return value.isoformat()
            case _:
                return value

    def people(self) -> Sequence[str]:
        return ("mia", "liwei")

    def account_is_renamed(self, account_id: str, new: str) -> None:
        self.office.jira.rename_user(account_id, new)

    def open_status(self) -> Status:
        return Status("To Do", Category.TODO)

    def closed_status(self) -> Status:
        return Status("Done", Category.DONE, "Done")

    def person_creates(self, title: str, body: str = "", *, labels: Sequence[str] = ()) -> Ref:
        more = {"description": self.office.body(body)} if body else {}
        return Ref(Kind.TASK, self.office.issue(title, labels=list(labels), **more))

    def person_copies(self, task: Ref) -> Ref:
        marker = self.office.acts("mia", "GET", f"/issue/{task.id}/properties/syncer")["value"]
        copy = self.person_creates("Copy", "A body")
        self.office.acts("mia", "PUT", f"/issue/{copy.id}/properties/syncer", marker)
        return copy

    def person_edits(self, task: Ref, fields: Showing) -> None:
        sent = {_FIELD_IDS[field]: self.json(field, value) for field, value in fields.items()}
        self.office.acts("mia", "PUT", f"/issue/{task.id}", {"fields": sent})

    def person_closes(self, task: Ref) -> None:
        self.office.move(task.id, "Done")

    def person_deletes(self, item: Ref) -> None:
        place = f"/issue/{item.id}" if item.kind is Kind.TASK else self.comment_path(item)
        self.office.acts("mia", "DELETE", place)

    def person_comments(self, task: Ref, body: str) -> Ref:
        return Ref(Kind.COMMENT, self.office.comment(task.id, body))

    def person_edits_comment(self, comment: Ref, body: str) -> None:
        self.office.acts("mia", "PUT", self.comment_path(comment), {"body": self.office.body(body)})

    def person_creates_milestone(self, title: str) -> Ref:
        project = self.office.acts("mia", "GET", "/project/PAY")
        sent = {"name": title, "projectId": int(project["id"])}
        return Ref(Kind.MILESTONE, self.office.acts("mia", "POST", "/version", sent)["id"])

    def person_creates_parent(self, title: str) -> Ref:
        name = {} if self.deployment == "cloud" else {EPIC_NAME: title}
        return Ref(Kind.TASK, self.office.issue(title, issuetype={"name": "Epic"}, **name))

    def person_ties(self, field: Field, task: Ref, end: Ref) -> None:
        if field is Field.PARENT:
            self.office.edit(task.id, **self._below(end))
            return
        ends = {"inwardIssue": {"id": task.id}, "outwardIssue": {"id": end.id}}
        if field is Field.BLOCKED_BY:
            ends = {"inwardIssue": {"id": end.id}, "outwardIssue": {"id": task.id}}
        self.office.acts("mia", "POST", "/issueLink", {"type": {"name": USUAL_LINKS[field].name}, **ends})

    def person_unties(self, field: Field, task: Ref, end: Ref) -> None:
        if field is Field.PARENT:
            self.office.edit(task.id, **self._below(None))
            return
        for link in list(self.office.jira.links.values()):
            if {link.source, link.target} == {task.id, end.id} and link.kind.name == USUAL_LINKS[field].name:
                self.office.acts("mia", "DELETE", f"/issueLink/{link.id}")

    def _below(self, parent: Ref | None) -> dict[str, Any]:
        """The field that holds what is above an issue: the parent on Cloud, the key of the epic on Data Center."""
        if self.deployment == "cloud":
            return {"parent": {"id": parent.id} if parent else None}
        return {EPIC_LINK: self.office.jira.issues[parent.id].key if parent else None}

    def garbles(self, item: Ref) -> None:
        self.garbling.refs.add(item)

    def mends(self, item: Ref) -> None:
        self.garbling.refs.discard(item)

    def count(self, kind: Kind) -> int:
        jira = self.office.jira
        match kind:
            case Kind.TASK:
                return len(jira.issues)
            case Kind.COMMENT:
                return sum(len(issue.content["comment"]) for issue in jira.issues.values())
            case Kind.MILESTONE:
                return len(jira.project("PAY").versions)

    def lose_next_answer(self, *, committed: bool) -> None:
        kind: Any = "commit-then-close" if committed else "close-before-commit"
        self.office.box.faults.clear()
        self.office.box.faults.add(OnWrite(kind))

    def time_passes(self, seconds: float) -> None:
        self.office.later(seconds)

    def now(self) -> datetime:
        return self.office.box.clock.now()

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

    def comment_path(self, comment: Ref) -> str:
        """The address of a comment below the API."""
        for issue in self.office.jira.issues.values():
            if any(each.id == comment.id for each in issue.content["comment"]):
                return f"/issue/{issue.id}/comment/{comment.id}"
        raise AssertionError(f"no comment {comment.id}")

    def json(self, field: Field, value: Value) -> Any:
        """A field's value as the API takes it."""
        match field:
            case Field.BODY:
                return self.office.body(str(value))
            case Field.ASSIGNEES:
                return {self.office.dialect.account_key: value[0]} if isinstance(value, tuple) and value else None
            case Field.LABELS:
                return list(value) if isinstance(value, tuple) else []
            case _:
                return value


class TestJiraCloud(JiraWorld):
    """Every test of the suite, against Jira Cloud."""

    deployment = "cloud"


class TestJiraDataCenter(JiraWorld):
    """Every test of the suite, against Jira Data Center."""

    deployment = "datacenter"
