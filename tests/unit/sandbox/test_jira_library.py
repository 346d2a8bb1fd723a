"""The jira library, as it is, drives both deployments."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO

import pytest
from jira import JIRAError

from tests.unit.sandbox.jira_world import World, served


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    # The library sends parameters that no document has (and `True` for `true`), so only the answers are checked.
    with served(request.param, parts=("response",)) as found:
        yield found


def test_a_day_with_the_library(world: World) -> None:
    client = world.library()
    assert client.server_info()["deploymentType"] == ("Cloud" if world.deployment == "cloud" else "Server")
    issue = client.create_issue(
        project="PAY", issuetype="Task", summary="Show refunds", description=world.text("退款"), labels=["a"]
    )
    other = client.create_issue(
        fields={"project": {"key": "PAY"}, "issuetype": {"name": "Bug"}, "summary": "Crash"}, prefetch=False
    )
    issue.update(summary="Show all refunds", labels=[{"add": "b"}])
    issue.update(notify=False, duedate="2026-12-01")
    assert (issue.fields.summary, issue.fields.labels) == ("Show all refunds", ["a", "b"])
    client.assign_issue(issue, "omar")
    client.transition_issue(issue, "In Progress")
    comment = client.add_comment(issue, world.text("Looking"), visibility={"type": "group", "value": "staff"})
    comment.update(body=world.text("Looked"))
    assert [each.id for each in client.comments(issue)] == [comment.id]
    client.create_issue_link("Blocks", issue, other)
    client.add_simple_link(issue, {"url": "http://127.0.0.1/acme/pay/issues/1", "title": "acme/pay#1"})
    client.add_worklog(issue, "2h")
    client.add_attachment(issue, BytesIO("记录".encode()), "notes.txt")
    client.add_issue_property(issue, "origin", {"id": "g1"})
    client.create_version("1.0", "PAY", releaseDate="2026-12-24")
    client.create_component("api", "PAY")
    issue.update(fixVersions=[{"add": {"name": "1.0"}}], components=[{"add": {"name": "api"}}])
    shown = client.issue(issue.key, expand="changelog")
    assert (shown.fields.assignee.displayName, shown.fields.status.name) == ("Omar Haddad", "In Progress")
    assert shown.fields.issuelinks[0].outwardIssue.key == other.key
    assert [each.filename for each in shown.fields.attachment] == ["notes.txt"]
    assert shown.fields.attachment[0].get() == "记录".encode()
    assert client.issue_property(issue, "origin").value.id == "g1"
    assert [each.name for each in client.project_versions("PAY")] == ["1.0"]
    assert client.remote_links(issue)[0].object.title == "acme/pay#1"
    assert "status" in {item.field for history in shown.changelog.histories for item in history.items}


def test_searching_with_the_library(world: World) -> None:
    world.jira.seed_issues("PAY", 120)
    client = world.library()
    jql = "project = PAY ORDER BY key"
    if world.deployment == "cloud":
        found = client.enhanced_search_issues(jql, maxResults=0)
        assert client.approximate_issue_count(jql) == 120
    else:
        found = client.search_issues(jql, maxResults=0)
    assert [issue.key for issue in found] == [f"PAY-{number}" for number in range(1, 121)]


def test_boards_and_people_with_the_library(world: World) -> None:
    client = world.library()
    board = client.boards(projectKeyOrID="PAY")[0]
    sprint = client.create_sprint("S1", board.id)
    issue = client.create_issue(project="PAY", issuetype="Task", summary="x")
    client.add_issues_to_sprint(sprint.id, [issue.key])
    assert [each.name for each in client.sprints(board.id)] == ["S1"]
    people = {"query" if world.deployment == "cloud" else "username": "omar"}
    assert [each.displayName for each in client.search_assignable_users_for_issues(project="PAY", **people)] == [
        "Omar Haddad"
    ]
    assert client.current_user() == "mei"
    assert {each.name for each in client.statuses()} >= {"To Do", "Done"}
    assert client.my_permissions(projectKey="PAY", permissions="EDIT_ISSUES")["permissions"]["EDIT_ISSUES"][
        "havePermission"
    ]


def test_what_can_be_created_with_the_library(world: World) -> None:
    client = world.library()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if world.deployment == "cloud":
            (project,) = client.createmeta(projectKeys="PAY", expand="projects.issuetypes.fields")["projects"]
            fields = project["issuetypes"][0]["fields"]
            assert fields["summary"]["required"]
        else:
            kinds = client.project_issue_types("PAY")
            assert "Bug" in {each.name for each in kinds}
            fields = {each.fieldId: each for each in client.project_issue_fields("PAY", kinds[1].id)}
            assert fields["summary"].required


def test_errors_reach_the_library_in_jiras_words(world: World) -> None:
    client = world.library()
    with pytest.raises(JIRAError) as caught:
        client.create_issue(project="PAY", issuetype="Task", summary="")
    assert (caught.value.status_code, caught.value.text) == (400, "You must specify a summary of the issue.")
    with pytest.raises(JIRAError) as caught:
        client.issue("PAY-99")
    assert caught.value.status_code == 404
