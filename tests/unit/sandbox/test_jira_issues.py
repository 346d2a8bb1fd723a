"""Creating, editing and moving issues through their workflow: what Jira takes, what it refuses, what it records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.sandbox.jira_world import World, served


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param) as found:
        yield found


@pytest.fixture
def cloud() -> Iterator[World]:
    with served("cloud") as found:
        yield found


def _errors(world: World, **fields: Any) -> dict[str, str]:
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "ok", **fields}
    errors: dict[str, str] = world.send("POST", "/issue", {"fields": fields}, 400)["errors"]
    return errors


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"summary": ""}, "summary", "You must specify a summary of the issue."),
        ({"summary": "x" * 256}, "summary", "Summary must be less than 255 characters."),
        ({"summary": "a\nb"}, "summary", "The summary is invalid because it contains newline characters."),
        ({"labels": ["two words"]}, "labels", "The label 'two words' contains spaces which is invalid."),
        ({"duedate": "31/12/2026"}, "duedate", "Error parsing date string: 31/12/2026"),
        ({"priority": {"name": "Urgent"}}, "priority", "The priority selected is invalid."),
        ({"components": [{"name": "api"}]}, "components", "Component name 'api' is not valid"),
        ({"fixVersions": [{"name": "9"}]}, "fixVersions", "Version name '9' is not valid"),
        ({"resolution": {"name": "Done"}}, "resolution", "not on the appropriate screen"),
        ({"customfield_99999": 1}, "customfield_99999", "not on the appropriate screen, or unknown."),
        ({"customfield_10016": "five"}, "customfield_10016", "Operation value must be a number"),
        ({"issuetype": {"name": "Wish"}}, "issuetype", "valid issue type"),
        ({"project": {"key": "GONE"}}, "project", "valid project is required"),
    ],
)
def test_values_are_refused_by_field(world: World, fields: dict[str, Any], field: str, message: str) -> None:
    assert message in _errors(world, **fields)[field]


def test_every_refusal_comes_at_once_and_nothing_is_created(world: World) -> None:
    assert set(_errors(world, summary="", labels=["a b"], duedate="x")) == {"summary", "labels", "duedate"}
    assert world.jira.issues == {}


def test_the_limits_themselves_are_allowed(world: World) -> None:
    key = world.create("x" * 255, description=world.text("y" * 32_767))
    assert len(world.get(f"/issue/{key}")["fields"]["summary"]) == 255


def test_text_over_the_limit(world: World) -> None:
    expected = (
        "CONTENT_LIMIT_EXCEEDED"
        if world.deployment == "cloud"
        else "It exceeds the allowed limit of 32,767 characters."
    )
    assert expected in _errors(world, description=world.text("y" * 32_768))["description"]


def test_an_unknown_or_unassignable_person(world: World) -> None:
    name = "accountId" if world.deployment == "cloud" else "name"
    assert "assignee" in _errors(world, assignee={name: "nobody"})
    world.jira.deactivate_user("omar")
    assert "cannot be assigned" in _errors(world, assignee={name: "omar"})["assignee"]


@pytest.mark.parametrize(
    "document",
    [
        {"type": "doc", "version": 1},
        {"type": "doc", "version": 2, "content": []},
        {"type": "doc", "version": 1, "content": [{"type": "text", "text": "loose"}]},
        {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]},
        {"type": "doc", "version": 1, "content": [{"type": "heading", "attrs": {"level": 7}, "content": []}]},
        {"type": "doc", "version": 1, "content": [{"type": "bulletList", "content": []}]},
        {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "a", "marks": [{"type": "b"}]}]}]},  # noqa: E501
    ],
)  # fmt: skip
def test_cloud_refuses_documents_that_are_none(cloud: World, document: Any) -> None:
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "ok", "description": document}
    assert cloud.send("POST", "/issue", {"fields": fields}, 400)["errorMessages"] == ["INVALID_INPUT"]


def test_cloud_refuses_plain_text_in_version_3_and_takes_it_in_version_2(cloud: World) -> None:
    assert "Atlassian Document" in _errors(cloud, description="plain")["description"]
    old = f"{cloud.box.jira_url}/rest/api/2/issue"
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "ok", "description": "one\ntwo"}
    key = cloud.send("POST", old, {"fields": fields}, 201)["key"]
    assert cloud.get(f"/issue/{key}")["fields"]["description"]["type"] == "doc"
    assert cloud.get(f"{old}/{key}")["fields"]["description"] == "one\ntwo"


def test_a_field_off_the_screen_and_a_required_one(world: World) -> None:
    project = world.jira.project("PAY")
    project.hidden_on_create.add("priority")
    project.required.add("duedate")
    errors = _errors(world, priority={"name": "High"})
    assert errors["priority"].startswith("Field 'priority' cannot be set.")
    assert errors["duedate"] == "Due date is required."


def test_properties_and_transition_travel_inside_the_create(world: World) -> None:
    value = {"id": "g1"} if world.deployment == "cloud" else "g1"
    body = {
        "fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "ok"},
        "properties": [{"key": "syncer.origin", "value": value}],
    }
    key = world.send("POST", "/issue", body, 201)["key"]
    assert world.get(f"/issue/{key}", properties="syncer.origin")["properties"] == {"syncer.origin": value}
    world.send("PUT", f"/issue/{key}", {"properties": [{"key": "second", "value": "x"}]})
    assert set(world.get(f"/issue/{key}", properties="*all")["properties"]) == {"syncer.origin", "second"}


def test_update_verbs_work_element_by_element(world: World) -> None:
    world.jira.add_component("PAY", "api")
    world.jira.add_component("PAY", "web")
    key = world.create(labels=["b", "x"], components=[{"name": "api"}])
    update = {
        "labels": [{"add": "a"}, {"remove": "x"}],
        "components": [{"add": {"name": "web"}}, {"remove": {"name": "api"}}],
        "comment": [{"add": {"body": world.text("one")}}, {"add": {"body": world.text("two")}}],
        "summary": [{"set": "New"}],
    }
    world.send("PUT", f"/issue/{key}", {"update": update})
    fields = world.get(f"/issue/{key}")["fields"]
    assert fields["labels"] == ["a", "b"]
    assert [each["name"] for each in fields["components"]] == ["web"]
    assert (fields["comment"]["total"], fields["summary"]) == (2, "New")


def test_an_edit_is_refused_as_a_whole(world: World) -> None:
    key = world.create("Old")
    world.send("PUT", f"/issue/{key}", {"fields": {"summary": "New", "duedate": "x"}}, 400)
    assert world.get(f"/issue/{key}")["fields"]["summary"] == "Old"


def test_the_same_field_twice_is_refused(world: World) -> None:
    key = world.create()
    body = {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}}
    assert "labels" in world.send("PUT", f"/issue/{key}", body, 400)["errors"]


def test_updated_moves_with_every_change_and_the_changelog_says_what_changed(world: World) -> None:
    key = world.create()
    world.box.clock.advance(timedelta(minutes=1))
    world.send("PUT", f"/issue/{key}", {"fields": {"summary": "New", "labels": ["a"], "duedate": "2026-12-01"}})
    shown = world.get(f"/issue/{key}", expand="changelog")
    assert shown["fields"]["updated"] == "2026-11-23T14:01:00.000+0800"
    (history,) = shown["changelog"]["histories"]
    assert history["author"]["displayName"] == "Mei Lin"
    items = {item["field"]: (item["fromString"], item["toString"]) for item in history["items"]}
    assert items == {"summary": ("Show refunds", "New"), "labels": ("", "a"), "duedate": (None, "2026-12-01")}


def test_an_edit_that_changes_nothing_writes_no_changelog(world: World) -> None:
    key = world.create("Same")
    world.send("PUT", f"/issue/{key}", {"fields": {"summary": "Same"}})
    assert world.get(f"/issue/{key}", expand="changelog")["changelog"]["total"] == 0


def test_cloud_embeds_the_40_newest_entries_and_pages_the_rest(cloud: World) -> None:
    key = cloud.create()
    for number in range(45):
        cloud.send("PUT", f"/issue/{key}", {"fields": {"summary": f"No {number}"}})
    embedded = cloud.get(f"/issue/{key}", expand="changelog")["changelog"]
    assert (len(embedded["histories"]), embedded["total"]) == (40, 45)
    assert embedded["histories"][0]["items"][0]["toString"] == "No 44"
    second = cloud.get(f"/issue/{key}/changelog", startAt=40, maxResults=40)
    assert [each["items"][0]["toString"] for each in second["values"]] == [f"No {number}" for number in range(40, 45)]


# --- workflow --------------------------------------------------------------------------------------------------------


def _take(world: World, key: str, name: str, status: int = 204, **body: Any) -> Any:
    steps = world.get(f"/issue/{key}/transitions")["transitions"]
    number = next(step["id"] for step in steps if step["name"] == name)
    return world.send("POST", f"/issue/{key}/transitions", {"transition": {"id": number}, **body}, status)


def test_finishing_sets_a_resolution_and_reopening_clears_it(world: World) -> None:
    key = world.create()
    _take(world, key, "Done")
    fields = world.get(f"/issue/{key}")["fields"]
    assert (fields["status"]["statusCategory"]["key"], fields["resolution"]["name"]) == ("done", "Done")
    assert fields["resolutiondate"] is not None
    _take(world, key, "To Do")
    fields = world.get(f"/issue/{key}")["fields"]
    assert (fields["resolution"], fields["resolutiondate"]) == (None, None)
    _take(world, key, "Won't Do")
    assert world.get(f"/issue/{key}")["fields"]["resolution"]["name"] == "Won't Do"


def test_a_bug_needs_two_hops_and_a_resolution_from_the_screen(world: World) -> None:
    key = world.create(issuetype={"name": "Bug"})
    names = [step["name"] for step in world.get(f"/issue/{key}/transitions")["transitions"]]
    assert names == ["Start work", "Reject"]
    assert world.call("POST", f"/issue/{key}/transitions", {"transition": {"id": "6"}}).status_code == 400
    _take(world, key, "Start work")
    steps = world.get(f"/issue/{key}/transitions", expand="transitions.fields")["transitions"]
    assert next(step for step in steps if step["name"] == "Resolve")["fields"]["resolution"]["required"]
    assert _take(world, key, "Resolve", 400)["errors"] == {"resolution": "Resolution is required."}
    fields = {"resolution": {"name": "Duplicate"}}
    _take(world, key, "Resolve", fields=fields, update={"comment": [{"add": {"body": world.text("See PAY-1")}}]})
    shown = world.get(f"/issue/{key}")["fields"]
    assert (shown["status"]["name"], shown["resolution"]["name"], shown["comment"]["total"]) == ("Done", "Duplicate", 1)


def test_a_transition_takes_no_field_off_its_screen(world: World) -> None:
    key = world.create()
    errors = _take(world, key, "Done", 400, fields={"summary": "x"})["errors"]
    assert "not on the appropriate screen" in errors["summary"]
    assert world.get(f"/issue/{key}")["fields"]["status"]["name"] == "To Do"


# --- hierarchy, moves, deletion --------------------------------------------------------------------------------------


def test_parents_and_epics(world: World) -> None:
    epic = world.create("Epic", issuetype={"name": "Epic"})
    link = {"parent": {"key": epic}} if world.deployment == "cloud" else {"customfield_10008": epic}
    story = world.create("Story", issuetype={"name": "Story"}, **link)
    subtask = "Subtask" if world.deployment == "cloud" else "Sub-task"
    assert "parent" in _errors(world, issuetype={"name": subtask})
    assert "parent" in _errors(world, issuetype={"name": subtask}, parent={"key": epic})
    child = world.create("Child", issuetype={"name": subtask}, parent={"key": story})
    assert [each["key"] for each in world.get(f"/issue/{story}")["fields"]["subtasks"]] == [child]
    assert world.search(f'"Epic Link" = {epic}') == [story]
    assert world.search(f"parent = {story}") == [child]
    assert world.call("DELETE", f"/issue/{story}").status_code == 400
    world.send("DELETE", f"/issue/{story}", deleteSubtasks="true")
    assert world.search("project = PAY") == [epic]


def test_a_move_changes_the_key_and_keeps_the_id(world: World) -> None:
    world.jira.add_project("OPS", "Operations")
    key = world.create()
    number = world.get(f"/issue/{key}")["id"]
    moved = world.jira.move_issue(key, "OPS")
    assert moved == "OPS-1"
    for each in (key, moved, number):
        shown = world.get(f"/issue/{each}", expand="changelog")
        assert (shown["id"], shown["key"]) == (number, "OPS-1")
    assert "Key" in [item["field"] for history in shown["changelog"]["histories"] for item in history["items"]]
    assert world.search("project = PAY") == []
    assert world.create() == "PAY-2"


def test_a_renamed_project_is_found_by_both_keys(world: World) -> None:
    key = world.create()
    world.jira.rename_project("PAY", "MONEY")
    assert world.get(f"/issue/{key}")["key"] == "MONEY-1"
    assert world.get("/project/PAY")["key"] == "MONEY"
    assert world.search("project = PAY") == world.search("project = MONEY") == ["MONEY-1"]


def test_a_deleted_issue_is_a_404_and_its_number_is_not_used_again(world: World) -> None:
    key = world.create()
    world.jira.delete_issue(key)
    assert world.call("GET", f"/issue/{key}").status_code == 404
    assert world.create() == "PAY-2"


def test_bulk_create_reports_each_failure_by_its_place(world: World) -> None:
    good = {"fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "ok"}}
    bad = {"fields": {**good["fields"], "summary": ""}}
    answer = world.send("POST", "/issue/bulk", {"issueUpdates": [good, bad, good]}, 201)
    assert [each["key"] for each in answer["issues"]] == ["PAY-1", "PAY-2"]
    assert [(each["failedElementNumber"], each["status"]) for each in answer["errors"]] == [(1, 400)]
    assert "summary" in answer["errors"][0]["elementErrors"]["errors"]
    world.send("POST", "/issue/bulk", {"issueUpdates": [bad]}, 400)
    if world.deployment == "cloud":
        world.send("POST", "/issue/bulk", {"issueUpdates": [good] * 51}, 400)


def test_a_body_that_is_no_json_is_a_400(world: World) -> None:
    with world.session() as session:
        answer = session.post(f"{world.api}/issue", data=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"]) == (400, {})


# --- all or nothing --------------------------------------------------------------------------------------------------


def test_a_create_with_a_wrong_transition_creates_nothing(world: World) -> None:
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "ok"}
    world.send("POST", "/issue", {"fields": fields, "transition": {"id": "99"}}, 400)
    assert world.jira.issues == {}
    key = world.send("POST", "/issue", {"fields": fields, "transition": {"id": "21"}}, 201)["key"]
    assert world.get(f"/issue/{key}")["fields"]["status"]["name"] == "In Progress"


@pytest.mark.parametrize(
    ("update", "status"),
    [
        ({"comment": [{"add": {"body": ""}}]}, 400),
        ({"comment": [{"remove": {"id": "1"}}]}, 404),
        ({"worklog": [{"add": {"timeSpent": "soon"}}]}, 400),
        ({"issuelinks": [{"add": {"type": {"name": "Blocks"}, "outwardIssue": {"key": "PAY-1"}}}]}, 400),
    ],
)
def test_a_refused_effect_leaves_the_fields_alone(world: World, update: dict[str, Any], status: int) -> None:
    key = world.create("Old")
    assert world.call("PUT", f"/issue/{key}", {"fields": {"summary": "New"}, "update": update}).status_code == status
    assert world.get(f"/issue/{key}")["fields"]["summary"] == "Old"


def test_a_type_whose_workflow_lacks_the_status_is_not_reached_by_an_edit(world: World) -> None:
    project = world.jira.project("PAY")
    bugs = project.workflows["Bug"]
    steps = tuple(step for step in bugs.transitions if step.target.name != "In Review")
    project.workflows["Bug"] = replace(bugs, transitions=steps)
    key = world.create()
    _take(world, key, "In Review")
    world.send("PUT", f"/issue/{key}", {"fields": {"issuetype": {"name": "Story"}}})
    body = {"fields": {"issuetype": {"name": "Bug"}}}
    assert world.send("PUT", f"/issue/{key}", body, 400)["errors"] == {
        "issuetype": "The issue type selected is invalid."
    }


def test_half_a_surrogate_pair_becomes_a_question_mark_and_an_emoji_stays(world: World) -> None:
    key = world.create()
    with world.session() as session:
        for written, shown in ((b"\\ud800 x", "? x"), (b"\\ud83d\\ude00 \xe9\x80\x80", "😀 退")):
            body = b'{"fields": {"summary": "' + written + b'"}}'
            session.put(f"{world.api}/issue/{key}", data=body, headers={"Content-Type": "application/json"})
            assert world.get(f"/issue/{key}")["fields"]["summary"] == shown


def test_text_is_shown_as_the_site_rewrote_it(world: World) -> None:
    world.jira.rewrite_text = lambda _: world.text("as the site likes it")
    key = world.create(description=world.text("as it was sent"))
    world.send("POST", f"/issue/{key}/comment", {"body": world.text("sent")}, 201)
    fields = world.get(f"/issue/{key}")["fields"]
    expected = world.text("as the site likes it")
    assert (fields["description"], fields["comment"]["comments"][0]["body"]) == (expected, expected)


def test_data_center_keeps_parent_for_subtasks() -> None:
    with served("datacenter") as world:
        epic = world.create("Epic", issuetype={"name": "Epic"})
        assert "parent" in _errors(world, parent={"key": epic})


def test_an_issue_without_a_parent_lacks_the_field(world: World) -> None:
    assert "parent" not in world.get(f"/issue/{world.create()}")["fields"]
