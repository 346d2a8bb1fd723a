"""Sub-issues, dependencies and issue types of the sandbox's GitHub."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World

ISSUES = f"/repos/{PRIVATE}/issues"


@pytest.fixture
def ids(world: World) -> list[int]:
    """Ids of four issues; the index is the number, 0 is unused."""
    return [0, *(world.json("POST", ISSUES, {"title": f"Issue {number}"})["id"] for number in range(1, 5))]


def children(world: World, number: int) -> list[int]:
    """Return the numbers of an issue's sub-issues."""
    return [issue["number"] for issue in world.json("GET", f"{ISSUES}/{number}/sub_issues")]


def test_sub_issues_are_added_counted_moved_and_removed(world: World, ids: list[int]) -> None:
    for number in (2, 3, 4):
        world.json("POST", f"{ISSUES}/1/sub_issues", {"sub_issue_id": ids[number]})
    world.json("PATCH", f"{ISSUES}/3", {"state": "closed"})
    summary = world.json("GET", f"{ISSUES}/1")["sub_issues_summary"]
    assert summary == {"total": 3, "completed": 1, "percent_completed": 33}
    assert world.json("GET", f"{ISSUES}/2/parent")["number"] == 1
    assert world.json("GET", f"{ISSUES}/2")["parent_issue_url"].endswith(f"{ISSUES}/1")
    world.json("PATCH", f"{ISSUES}/1/sub_issues/priority", {"sub_issue_id": ids[4], "before_id": ids[2]})
    assert children(world, 1) == [4, 2, 3]
    world.json("DELETE", f"{ISSUES}/1/sub_issue", {"sub_issue_id": ids[2]})
    assert children(world, 1) == [4, 3]
    assert world.call("GET", f"{ISSUES}/2/parent").status_code == 404


def test_a_second_parent_needs_replace_parent(world: World, ids: list[int]) -> None:
    world.json("POST", f"{ISSUES}/1/sub_issues", {"sub_issue_id": ids[3]})
    assert world.call("POST", f"{ISSUES}/2/sub_issues", {"sub_issue_id": ids[3]}).status_code == 422
    world.json("POST", f"{ISSUES}/2/sub_issues", {"sub_issue_id": ids[3], "replace_parent": True})
    assert (children(world, 1), children(world, 2)) == ([], [3])


def test_a_circle_of_parents_is_refused(world: World, ids: list[int]) -> None:
    world.json("POST", f"{ISSUES}/1/sub_issues", {"sub_issue_id": ids[2]})
    assert world.call("POST", f"{ISSUES}/2/sub_issues", {"sub_issue_id": ids[1]}).status_code == 422
    assert world.call("POST", f"{ISSUES}/1/sub_issues", {"sub_issue_id": ids[1]}).status_code == 422


def test_a_dependency_is_counted_at_both_ends_and_moves_the_time_of_neither(world: World, ids: list[int]) -> None:
    before = [world.json("GET", f"{ISSUES}/{number}")["updated_at"] for number in (1, 2)]
    world.box.clock.advance(timedelta(hours=1))
    world.json("POST", f"{ISSUES}/1/dependencies/blocked_by", {"issue_id": ids[2]})
    after = [world.json("GET", f"{ISSUES}/{number}") for number in (1, 2)]
    assert [issue["updated_at"] for issue in after] == before
    assert after[0]["issue_dependencies_summary"]["total_blocked_by"] == 1
    assert after[1]["issue_dependencies_summary"]["total_blocking"] == 1


def test_pygithub_drives_sub_issues_and_blockers(world: World, ids: list[int]) -> None:
    repository = world.client().get_repo(PRIVATE)
    issue = repository.get_issue(1)
    assert issue.add_sub_issue(ids[2]).number == 2
    issue.add_sub_issue(ids[3])
    issue.prioritize_sub_issue(ids[2], ids[3])
    assert [each.number for each in issue.get_sub_issues()] == [3, 2]
    issue.remove_sub_issue(ids[3])
    issue.add_blocked_by(repository.get_issue(4))
    assert [each.number for each in issue.get_blocked_by()] == [4]
    assert [each.number for each in repository.get_issue(4).get_blocking()] == [1]
    issue.remove_blocked_by(repository.get_issue(4))
    assert [each.number for each in issue.get_sub_issues()] == [2]
    assert list(issue.get_blocked_by()) == []


def test_a_sub_issue_of_another_owner_is_refused(world: World, ids: list[int]) -> None:
    world.box.github.add_repository("mei/notes")
    other = world.json("POST", "/repos/mei/notes/issues", {"title": "A"})
    assert world.call("POST", f"{ISSUES}/1/sub_issues", {"sub_issue_id": other["id"]}).status_code == 422


def test_a_sub_issue_names_its_parent_after_the_parents_repository_is_renamed(world: World, ids: list[int]) -> None:
    child = world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A"})
    world.json("POST", f"{ISSUES}/1/sub_issues", {"sub_issue_id": child["id"]})
    assert world.json("GET", f"/repos/{PUBLIC}/issues/1")["parent_issue_url"].endswith("/acme/pay/issues/1")
    world.box.github.rename_repository(PRIVATE, "payments")
    assert world.json("GET", f"/repos/{PUBLIC}/issues/1")["parent_issue_url"].endswith("/acme/payments/issues/1")


def test_blockers_are_added_counted_and_removed(world: World, ids: list[int]) -> None:
    for number in (2, 3):
        world.json("POST", f"{ISSUES}/1/dependencies/blocked_by", {"issue_id": ids[number]})
    world.json("PATCH", f"{ISSUES}/3", {"state": "closed"})
    expected = {"blocked_by": 1, "total_blocked_by": 2, "blocking": 0, "total_blocking": 0}
    assert world.json("GET", f"{ISSUES}/1")["issue_dependencies_summary"] == expected
    blockers = world.json("GET", f"{ISSUES}/1/dependencies/blocked_by")
    assert [issue["number"] for issue in blockers] == [2, 3]
    assert [issue["number"] for issue in world.json("GET", f"{ISSUES}/2/dependencies/blocking")] == [1]
    world.json("DELETE", f"{ISSUES}/1/dependencies/blocked_by/{ids[2]}")
    assert world.json("GET", f"{ISSUES}/2/dependencies/blocking") == []


def test_blockers_in_a_circle_or_twice_are_refused(world: World, ids: list[int]) -> None:
    world.json("POST", f"{ISSUES}/1/dependencies/blocked_by", {"issue_id": ids[2]})
    assert world.call("POST", f"{ISSUES}/1/dependencies/blocked_by", {"issue_id": ids[2]}).status_code == 422
    assert world.call("POST", f"{ISSUES}/2/dependencies/blocked_by", {"issue_id": ids[1]}).status_code == 422


def test_relations_are_told_on_both_sides(world: World, ids: list[int]) -> None:
    world.json("POST", f"{ISSUES}/1/sub_issues", {"sub_issue_id": ids[2]})
    world.json("POST", f"{ISSUES}/1/dependencies/blocked_by", {"issue_id": ids[3]})
    told = {
        number: [event["event"] for event in world.json("GET", f"{ISSUES}/{number}/timeline")] for number in (1, 2, 3)
    }
    assert told == {1: ["sub_issue_added", "blocked_by_added"], 2: ["parent_issue_added"], 3: ["blocking_added"]}


def test_a_blocker_in_a_repository_one_cannot_see_is_404(world: World, ids: list[int]) -> None:
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A"})
    world.box.github.add_collaborator(PUBLIC, "lin", "triage")
    path = f"/repos/{PUBLIC}/issues/1/dependencies/blocked_by"
    assert world.call("POST", path, {"issue_id": ids[1]}, user="lin").status_code == 404
    world.json("POST", path, {"issue_id": ids[1]})
    assert world.json("GET", path, user="lin") == []


def test_owners_manage_the_issue_types_of_an_organisation(world: World) -> None:
    made = world.json("POST", "/orgs/acme/issue-types", {"name": "Goal", "is_enabled": True, "color": "green"})
    names = [kind["name"] for kind in world.json("GET", "/orgs/acme/issue-types")]
    assert names == ["Task", "Bug", "Feature", "Goal"]
    world.json("POST", ISSUES, {"title": "A", "type": "Goal"})
    world.json("PUT", f"/orgs/acme/issue-types/{made['id']}", {"name": "Aim", "is_enabled": True})
    assert world.json("GET", f"{ISSUES}/1")["type"]["name"] == "Aim"
    assert world.call("DELETE", f"/orgs/acme/issue-types/{made['id']}").status_code == 204
    assert world.json("GET", f"{ISSUES}/1")["type"] is None
    assert world.call("GET", "/orgs/acme/issue-types", user="lin").status_code == 404
