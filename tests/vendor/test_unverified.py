"""What the connectors do where an assumption that no source tells turns out to be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from syncer.contract.checking import Finding, Severity
from syncer.contract.conformance.world import Remembered, comment_draft, items_of, only, paragraph, task_draft
from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Rejected
from syncer.contract.files import File
from syncer.contract.model import Audience, Field, Kind
from syncer.richtext import plain_text
from syncer.sandbox.faults import Fault
from syncer.sandbox.jira.problems import invalid
from syncer.sandbox.jira.routes import issues as jira_issues
from syncer.sandbox.jira.routes import site as jira_site
from tests.conformance.github_world import GitHubWorld
from tests.unit.connectors.jira_world import Office, office
from tests.vendor.rewriting import answering


@pytest.fixture
def cloud() -> Iterator[Office]:
    with office("cloud") as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Office]:
    with office("datacenter") as opened:
        yield opened


@pytest.fixture(params=["cloud", "datacenter"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    with office(request.param) as opened:
        yield opened


@pytest.fixture
def github() -> Iterator[GitHubWorld]:
    world = GitHubWorld().start()
    yield world
    world.stop()


def about(findings: list[Finding], name: str) -> Finding:
    """The one finding about something."""
    (finding,) = [each for each in findings if each.about == name]
    return finding


# --- Jira: how many comments an issue of a search has


def counting_those_shown(found: dict[str, Any]) -> None:
    if {"comments", "total"} <= found.keys():
        found["total"] = len(found["comments"])


@pytest.mark.parametrize("written", [19, 20, 23])
def test_comments_are_complete_where_the_total_counts_only_those_that_are_shown(cloud: Office, written: int) -> None:
    issue = cloud.issue("Busy")
    for number in range(written):
        cloud.comment(issue, f"Comment {number}")
    answering(cloud.box, counting_those_shown, where="/search/jql")
    pages = list(cloud.open().changes(None, Remembered()))
    assert sum(item.kind is Kind.COMMENT for item in items_of(pages)) == written
    asked = [path for path in cloud.paths() if path == f"GET /issue/{issue}/comment"]
    assert bool(asked) is (written >= 20)


def test_check_tells_whether_the_total_counts_all_comments(cloud: Office) -> None:
    issue = cloud.issue("Busy")
    for number in range(23):
        cloud.comment(issue, f"Comment {number}")
    finding = about(list(cloud.open().check()), "comment total")
    assert (finding.severity, finding.fix) == (Severity.INFO, "")
    assert "PAY-1 has 23 comments" in finding.message
    answering(cloud.box, counting_those_shown, where="/search/jql")
    finding = about(list(cloud.open().check()), "comment total")
    assert finding.severity is Severity.WARNING
    assert "20 of the 23 comments of PAY-1" in finding.message


# --- Jira: a permission that the site does not know


def test_permissions_are_told_where_the_site_does_not_know_one_of_them(
    cloud: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tuple(name for name in jira_site._ALL if name != "SYSTEM_ADMIN")
    monkeypatch.setattr(jira_site, "_ALL", known)
    cloud.jira.revoke("bot", "ADD_COMMENTS", "PAY")
    findings = list(cloud.open().check())
    assert about(findings, "permission ADD_COMMENTS").severity is Severity.ERROR
    finding = about(findings, "permission SYSTEM_ADMIN")
    assert finding.severity is Severity.INFO
    assert "Unrecognized permission: SYSTEM_ADMIN" in finding.message


def test_without_an_answer_about_permissions_none_is_taken_for_granted(cloud: Office) -> None:
    cloud.box.faults.add(Fault("404", path="/mypermissions", times=99))
    findings = list(cloud.open().check())
    finding = about(findings, "permissions")
    assert finding.severity is Severity.ERROR
    assert "GET /rest/api/3/mypermissions: not found (404)" in finding.message


# --- Jira: the type of a project


def test_internal_comments_stay_restricted_where_issues_do_not_tell_the_type_of_their_project(server: Office) -> None:
    issue = server.issue("One")
    server.comment(issue, "For us", properties=[{"key": "sd.public.comment", "value": {"internal": True}}])
    answering(server.box, lambda found: found.pop("projectTypeKey", None), where="/search")
    connector = server.open()
    (comment,) = [item for item in items_of(list(connector.changes(None, Remembered()))) if item.kind is Kind.COMMENT]
    assert comment.audience is Audience.RESTRICTED
    finding = about(list(connector.check()), "project type")
    assert finding.severity is Severity.INFO
    assert "one request more for each changed issue with comments" in finding.message


# --- Jira: several comments in one edit, and how a text is counted


def test_each_comment_is_a_request_of_its_own(cloud: Office) -> None:
    connector = cloud.open()
    task = only(connector.create([task_draft(connector, "One")]))
    cloud.box.log.reset()
    for number in (2, 3):
        connector.create([comment_draft(connector, task, f"Comment {number}", f"m-{number}")])
    assert cloud.paths() == [f"POST /issue/{task.ref.id}/comment"] * 2


@pytest.mark.parametrize("sign", ["a", "é", "文", "😀"])
@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_no_text_is_longer_than_the_limit_in_characters_or_in_utf_16(deployment: str, sign: str) -> None:
    with office(deployment) as place:  # type: ignore[arg-type]  # both are deployments
        connector = place.open(body_limit=1_000)
        written = connector.markup.write(paragraph(sign * 1_500))
        shown = plain_text(connector.markup.read(written.source))
        assert written.truncated
        assert len(shown.encode("utf-16-le")) // 2 <= 1_000


def test_a_text_that_is_counted_longer_than_we_count_is_refused_by_name_with_the_setting_that_helps(
    cloud: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncer.sandbox.jira.values.TEXT_LIMIT", 10_922)  # 32,767 bytes of Chinese
    connector = cloud.open()
    (refused,) = connector.create([task_draft(connector, "One", text="文" * 10_923)])
    assert isinstance(refused, Rejected)
    assert "description" in str(refused)
    assert "body-limit" in str(refused)


# --- Jira: restrictions of issues in team-managed projects


@pytest.mark.parametrize(("team_managed", "seen"), [(True, Audience.RESTRICTED), (False, Audience.MEMBERS)])
def test_an_issue_that_does_not_tell_its_restrictions_is_restricted_where_there_may_be_some(
    cloud: Office, team_managed: bool, seen: Audience
) -> None:
    cloud.issue("One")

    def untold(found: dict[str, Any]) -> None:
        found.pop("issuerestriction", None)
        if found.get("key") == "PAY" and "projectTypeKey" in found:
            found["simplified"] = team_managed

    answering(cloud.box, untold)
    (task,) = [item for item in items_of(cloud.open().changes(None, Remembered())) if item.kind is Kind.TASK]
    assert task.audience is seen


# --- Jira: whether a comment moves the time of change of its issue


def edited(cloud: Office, native: str, moved: bool) -> None:
    """A comment that somebody edits, with or without a trace on its issue."""

    def change(found: dict[str, Any]) -> None:
        if found.get("id") == native and "body" in found:
            found |= {"body": cloud.body("Hello"), "updated": "2026-03-02T12:00:00.000+0000"}
        if moved and "updated" in found and "issuetype" in found:
            found["updated"] = "2026-03-02T12:00:00.000+0000"

    answering(cloud.box, change)


def test_a_comment_edited_without_a_trace_on_its_issue_is_found_by_a_complete_reading(place: Office) -> None:
    comment = place.comment(place.issue("One"), "Helo")
    store, connector = Remembered(), place.open()
    store.follow(connector)
    edited(place, comment, moved=False)
    store.cursor = None
    store.follow(connector)
    (found,) = [item for item in store.items.values() if item.kind is Kind.COMMENT]
    assert plain_text(connector.markup.read(str(found.showing[Field.BODY]))) == "Hello"


def test_check_tells_whether_an_edited_comment_moves_its_issue_in_jira(place: Office) -> None:
    comment = place.comment(place.issue("One"), "Helo")
    assert "none to try" in about(list(place.open().check()), "edited comments").message
    edited(place, comment, moved=True)
    assert "carried at once" in about(list(place.open().check()), "edited comments").message
    edited(place, comment, moved=False)
    assert "complete reading" in about(list(place.open().check()), "edited comments").message


# --- Jira: what the address of a file tells


def test_a_file_without_a_media_id_is_shown_by_the_address_of_its_page(
    cloud: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = cloud.open()
    task = only(connector.create([task_draft(connector, "One")]))
    monkeypatch.setattr(connector._client, "location", lambda _path: "https://api.media.example/elsewhere")
    added = connector.attach(task, File("shot.png", "image/png", b"picture"), "shot.png")
    assert added.target == added.address
    assert "linked in texts and not shown" in about(list(connector.check()), "media ids").message
    assert "shown in texts" in about(list(cloud.open().check()), "media ids").message
    assert added.address.startswith(f"{cloud.box.jira_url}/secure/attachment/")


# --- Jira: how a request for silence is refused


def test_an_edit_is_sent_again_aloud_where_silence_is_refused_as_invalid(
    cloud: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documentation says that such a request is ignored; people report that the whole edit is refused."""
    words = "To discard the user notification either admin or project admin permissions are required."
    monkeypatch.setattr(jira_issues, "forbidden", lambda _message: invalid(words))
    cloud.jira.revoke("bot", "ADMINISTER_PROJECTS", "PAY")
    connector = cloud.open()
    item = connector.update(only(connector.create([task_draft(connector, "One")])), {Field.TITLE: "After"})
    assert item.showing[Field.TITLE] == "After"
    connector.update(item, {Field.TITLE: "Finally"})
    silent = ["notifyUsers=false" in entry.query for entry in cloud.box.log.entries if entry.verb == "PUT"]
    assert silent == [True, False, False]


def test_an_edit_that_is_refused_for_a_field_is_not_sent_again(cloud: Office) -> None:
    connector = cloud.open()
    item = only(connector.create([task_draft(connector, "One")]))
    with pytest.raises(Rejected):
        connector.update(item, {Field.PRIORITY: "No such"})
    assert sum(entry.verb == "PUT" for entry in cloud.box.log.entries) == 1


# --- Jira: a search by time


def test_check_tells_where_a_search_by_time_does_not_find_what_changed_then(
    cloud: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.issue("One")
    assert about(list(cloud.open().check()), "search by time").severity is Severity.INFO
    monkeypatch.setattr("connectors.jira.jql.updated_since", lambda moment: f"updated >= {moment + 10**12}")
    finding = about(list(cloud.open().check()), "search by time")
    assert finding.severity is Severity.ERROR
    assert "PAY-1" in finding.message


# --- GitHub: whether a list shows at once what was created


@pytest.mark.parametrize("kind", [Kind.TASK, Kind.COMMENT])
def test_a_create_that_a_list_shows_late_is_found_by_a_second_look(github: GitHubWorld, kind: Kind) -> None:
    connector = github.connector(settle_seconds=3)
    task = only(connector.create([task_draft(connector, "Before", "m-0")]))
    draft = task_draft(connector, "Lost") if kind is Kind.TASK else comment_draft(connector, task, "Lost")
    before = connector.clock
    github.fail_next_write("commit-then-502")
    with pytest.raises(Ambiguous):
        connector.create([draft])
    looks: list[str] = []

    def behind(path: str, body: bytes) -> bytes:
        if not path.endswith(("/issues", "/comments")):
            return body
        looks.append(path)
        return b"[]" if len(looks) == 1 else body

    github.faults.rewriting = behind
    assert list(connector.find([Intent(draft, before)])) == [draft.marker]
    assert (len(looks), github.naps) == (2, [3.0])


def test_a_create_of_long_ago_that_is_not_listed_is_not_waited_for(github: GitHubWorld) -> None:
    connector = github.connector(settle_seconds=3)
    only(connector.create([task_draft(connector, "Before", "m-0")]))
    before = connector.clock
    github.advance(60)
    assert connector.find([Intent(task_draft(connector, "Never sent"), before)]) == {}
    assert github.naps == []


# --- GitHub: whether a comment moves the time of change of its issue


def test_check_tells_whether_an_edited_comment_moves_its_issue(github: GitHubWorld) -> None:
    github.act("POST", "/issues", {"title": "Refund"})
    comment = github.act("POST", "/issues/1/comments", {"body": "Helo"})
    github.advance(600)
    github.act("PATCH", f"/issues/comments/{comment['id']}", {"body": "Hello"})
    assert about(list(github.connector().check()), "edited comments").severity is Severity.INFO
    github.github.behaviour.comment_changes_that_bump = frozenset({"created"})
    github.advance(600)
    github.act("PATCH", f"/issues/comments/{comment['id']}", {"body": "Hello!"})
    finding = about(list(github.connector().check()), "edited comments")
    assert finding.severity is Severity.INFO
    assert "daily" in finding.message
