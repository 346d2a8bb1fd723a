"""The GitHub connector obeys the protocol, over real sockets against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import pytest

from connectors.github.locators import IssueFieldLocator
from syncer.contract.conformance import ConnectorSuite
from syncer.contract.connector import Connector
from syncer.contract.custom import CustomType
from syncer.contract.model import Category, Field, Kind, Ref, Showing, Status, Value
from syncer.sandbox.profiles import Profile
from tests.conformance.github_world import REPOSITORY, GitHubWorld
from tests.conformance.steering import SteeringSuite
from tests.garbling import Garbling

_NAMES = {Field.TITLE: "title", Field.BODY: "body", Field.LABELS: "labels", Field.ASSIGNEES: "assignees"}


class TestGitHub(ConnectorSuite, SteeringSuite):
    """Every test of the suite, against a repository in the sandbox."""

    profiles: ClassVar[tuple[Profile, ...]] = ()
    """The server that the sandbox behaves like, where it is not github.com."""
    scope: ClassVar[Mapping[str, Any]] = {"issue_types": True}

    @pytest.fixture(autouse=True)
    def _world(self) -> Iterator[None]:
        self.world = GitHubWorld(profiles=self.profiles).start()
        self.fields = self.world.add_fields()
        self.garbling = Garbling()
        self.world.faults.rewriting = self.garbling
        self.connectors: list[Connector] = []
        yield
        for connector in self.connectors:
            connector.close()
        self.world.stop()

    def open_connector(self) -> Connector:
        connector = self.world.connector(scope=self.scope)
        self.connectors.append(connector)
        return connector

    def people(self) -> Sequence[str]:
        return ("mia", "liwei")

    def account_is_renamed(self, account_id: str, new: str) -> None:
        self.world.github.rename_account(account_id, new)

    def open_status(self) -> Status:
        return Status("open", Category.TODO)

    def closed_status(self) -> Status:
        return Status("closed", Category.DONE, "not_planned")

    def person_creates(self, title: str, body: str = "", *, labels: Sequence[str] = ()) -> Ref:
        fields = {"title": title, "body": body, "labels": list(labels)}
        return Ref(Kind.TASK, str(self.world.act("POST", "/issues", fields)["id"]))

    def person_copies(self, task: Ref) -> Ref:
        return self.person_creates("Copy", self.world.act("GET", f"/issues/{self._number(task)}")["body"])

    def person_edits(self, task: Ref, fields: Showing) -> None:
        self.world.act(
            "PATCH", f"/issues/{self._number(task)}", {_NAMES[name]: _plain(fields[name]) for name in fields}
        )

    def person_closes(self, task: Ref) -> None:
        self.world.act("PATCH", f"/issues/{self._number(task)}", {"state": "closed"})

    def person_deletes(self, item: Ref) -> None:
        if item.kind is Kind.COMMENT:
            # A person deletes their own comments, or with the role to moderate those of others.
            self.world.github.add_collaborator(REPOSITORY, "mia", "admin")
            self.world.act("DELETE", f"/issues/comments/{item.id}")
        else:
            self.world.github.delete_issue(REPOSITORY, self._number(item))

    def person_comments(self, task: Ref, body: str) -> Ref:
        comment = self.world.act("POST", f"/issues/{self._number(task)}/comments", {"body": body}, by="liwei")
        return Ref(Kind.COMMENT, str(comment["id"]))

    def person_edits_comment(self, comment: Ref, body: str) -> None:
        self.world.github.add_collaborator(REPOSITORY, "liwei", "admin")
        self.world.act("PATCH", f"/issues/comments/{comment.id}", {"body": body}, by="liwei")

    def person_creates_milestone(self, title: str) -> Ref:
        return Ref(Kind.MILESTONE, str(self.world.act("POST", "/milestones", {"title": title})["id"]))

    def person_ties(self, field: Field, task: Ref, end: Ref) -> None:
        if field is Field.PARENT:
            self.world.act("POST", f"/issues/{self._number(end)}/sub_issues", {"sub_issue_id": int(task.id)})
        else:
            path = f"/issues/{self._number(task)}/dependencies/blocked_by"
            self.world.act("POST", path, {"issue_id": int(end.id)})

    def person_unties(self, field: Field, task: Ref, end: Ref) -> None:
        if field is Field.PARENT:
            self.world.act("DELETE", f"/issues/{self._number(end)}/sub_issue", {"sub_issue_id": int(task.id)})
        else:
            self.world.act("DELETE", f"/issues/{self._number(task)}/dependencies/blocked_by/{end.id}")

    def custom_locators(self) -> Mapping[CustomType, Any]:
        return {type_: IssueFieldLocator(field.name) for type_, field in self.fields.items()}

    def custom_nowhere(self) -> Any:
        return IssueFieldLocator("Nowhere")

    def person_fills(self, task: Ref, type_: CustomType, value: Value) -> None:
        shown = value.isoformat() if isinstance(value, date) else _plain(value)
        body = {"issue_field_values": [{"field_id": self.fields[type_].id, "value": shown}]}
        self.world.act("POST", f"/issues/{self._number(task)}/issue-field-values", body)

    def garbles(self, item: Ref) -> None:
        self.garbling.refs.add(item)

    def mends(self, item: Ref) -> None:
        self.garbling.refs.discard(item)

    def count(self, kind: Kind) -> int:
        path = {
            Kind.TASK: "/issues?state=all&per_page=100",
            Kind.COMMENT: "/issues/comments?per_page=100",
            Kind.MILESTONE: "/milestones?state=all&per_page=100",
        }[kind]
        return len(self.world.act("GET", path))

    def lose_next_answer(self, *, committed: bool) -> None:
        self.world.fail_next_write("commit-then-close" if committed else "close-before-commit")

    def time_passes(self, seconds: float) -> None:
        self.world.advance(seconds)

    def now(self) -> datetime:
        return self.world.clock.now()

    def _number(self, task: Ref) -> int:
        return self.world.github.issues_by_id[int(task.id)].number


def _plain(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value
