"""A refusal is asked about once: the whole project may be closed; and `check` says what closes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.jira.closures import WRITING
from connectors.jira.connector import JiraConnector
from syncer.contract.checking import Severity
from syncer.contract.errors import Denied, Gone, Rejected
from syncer.contract.model import Draft, Field, Kind, Marker, Observed, Ref
from syncer.sandbox import Fault
from tests.unit.connectors.jira_world import Office, office

MISSING_PAGE = "GET /readonly-mode"


@pytest.fixture(params=["cloud", "datacenter"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as made:
        made.tolerates = "readonly-mode"
        yield made


def read(place: Office, connector: JiraConnector, issue: str) -> Observed:
    listed = [item for page in connector.changes(None, Nobody()) for item in page.observed]
    return next(item for item in listed if item.ref == Ref(Kind.TASK, issue))


class Nobody:
    """A store that knows nothing."""

    def observed(self, ref: Ref) -> None:
        return None

    def comments(self, task: Ref) -> int:
        return 0

    def marker(self, ref: Ref) -> None:
        return None

    def follows(self, ref: Ref) -> bool:
        return False


def draft(title: str, **fields: Any) -> Draft:
    return Draft(Kind.TASK, {Field.TITLE: title, **fields}, Marker(f"m-{title}"))


def forbid(place: Office, *permissions: str) -> None:
    place.jira.revoke("bot", "ADMINISTER_PROJECTS", "PAY")
    for permission in permissions:
        place.jira.revoke("bot", permission, "PAY")


def questions(place: Office) -> list[str]:
    """What was asked beside reading and writing issues."""
    asked = ("GET /project/PAY", "GET /mypermissions", MISSING_PAGE)
    return [path for path in place.paths() if path in asked]


def test_one_refused_item_of_an_open_project_stays_one_refused_item_and_is_asked_about_once(place: Office) -> None:
    issues = [place.issue(f"Issue {number}") for number in range(3)]
    connector = place.open()
    items = [read(place, connector, issue) for issue in issues]
    forbid(place, "EDIT_ISSUES")
    place.box.log.reset()
    for item in items:
        with pytest.raises(Rejected):
            connector.update(item, {Field.TITLE: "Renamed"})
    assert questions(place) == ["GET /project/PAY", "GET /mypermissions"]


def test_of_creates_of_which_some_were_taken_nothing_is_asked(place: Office) -> None:
    connector = place.open()
    made, refused = connector.create([draft("Fine"), draft("Wrong", **{Field.TYPE: "No such type"})])
    assert isinstance(made, Observed)
    assert isinstance(refused, Rejected)
    assert "GET /mypermissions" not in questions(place)


def test_where_it_cannot_be_told_now_why_the_refusal_stands(place: Office) -> None:
    issue = place.issue("Issue")
    connector = place.open(read_tries=1)
    item = read(place, connector, issue)
    forbid(place, *WRITING)
    for path in ("/project/PAY$", "/mypermissions$"):
        place.box.faults.add(Fault("500", path=path))
    for _ in range(2):
        with pytest.raises(Rejected):
            connector.update(item, {Field.TITLE: "Renamed"})


@pytest.mark.parametrize("enabled", [True, False])
def test_an_account_that_may_only_read_is_told_from_a_site_that_is_read_only(place: Office, enabled: bool) -> None:
    issue = place.issue("Issue")
    connector = place.open()
    item = read(place, connector, issue)
    if enabled and not place.is_cloud:
        place.jira.read_only = "Upgrade"
    else:
        forbid(place, *WRITING)
    said = "read-only mode: Upgrade" if enabled and not place.is_cloud else "may only read PAY"
    with pytest.raises(Denied, match=said):
        connector.update(item, {Field.TITLE: "Renamed"})
    with pytest.raises(Denied, match=said):
        connector.create([draft("New")])


@pytest.mark.parametrize("path", ["/issue/{issue}", "/issue/{issue}/comment"])
def test_a_token_that_may_not_write_by_its_scopes_stops_the_side_by_that_name(path: str) -> None:
    with office("cloud") as place:
        connector = place.open()
        item = read(place, connector, place.issue("Issue"))
        place.jira.unscoped = {("PUT", path), ("POST", path), ("GET", "/mypermissions")}
        place.tolerates = "401"
        words = Draft(Kind.COMMENT, {Field.BODY: "Said"}, Marker("m-1"), item)
        edit, comment = (lambda: connector.update(item, {Field.TITLE: "Renamed"})), (lambda: connector.create([words]))
        with pytest.raises(Denied, match="lacks a scope") as caught:
            (comment if path.endswith("comment") else edit)()
        assert "write:jira-work" in caught.value.remedy


def test_a_token_that_may_not_ask_for_permissions_by_its_scopes_has_one_refused_item() -> None:
    with office("cloud") as place:
        connector = place.open()
        item = read(place, connector, place.issue("Issue"))
        forbid(place, "EDIT_ISSUES")
        place.jira.unscoped = {("GET", "/mypermissions")}
        place.tolerates = "401"
        with pytest.raises(Rejected):
            connector.update(item, {Field.TITLE: "Renamed"})
        place.jira.unscoped = set()
        assert connector.read([item])  # the token was not taken for a bad one


def test_a_comment_to_a_lost_project_is_no_deleted_issue(place: Office) -> None:
    issue = place.issue("Issue")
    connector = place.open()
    item = read(place, connector, issue)
    forbid(place, "BROWSE_PROJECTS")
    words = Draft(Kind.COMMENT, {Field.BODY: "Said"}, Marker("m-1"), item)
    with pytest.raises(Denied, match="project PAY cannot be seen"):
        connector.create([words])


def test_a_comment_to_a_deleted_issue_is_refused_alone(place: Office) -> None:
    issue = place.issue("Issue")
    connector = place.open()
    item = read(place, connector, issue)
    place.jira.delete_issue(issue)
    (outcome,) = connector.create([Draft(Kind.COMMENT, {Field.BODY: "Said"}, Marker("m-1"), item)])
    assert isinstance(outcome, Gone)


def test_check_names_an_archived_project(place: Office) -> None:
    place.issue("Issue")
    place.jira.archive_project("PAY")
    findings = place.open().check()
    found = next(each for each in findings if "archived" in each.message)
    assert (found.severity, found.about) == (Severity.ERROR, "project PAY")
    assert found.fix.startswith("Restore PAY")


def test_check_names_the_read_only_mode_and_not_each_permission_that_it_takes() -> None:
    with office("datacenter") as place:
        place.tolerates = "readonly-mode"
        place.jira.read_only = "Upgrade"
        findings = place.open().check()
        errors = [each for each in findings if each.severity is Severity.ERROR]
        assert [each.about for each in errors] == ["read-only mode"]
        assert "until 2026-03-03T06:00 UTC" in errors[0].message
