"""Lists of the sandbox's GitHub: filters, order, pages, `since`, and entity tags."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World

ISSUES = f"/repos/{PRIVATE}/issues"


@pytest.fixture
def numbered(world: World) -> World:
    """Twelve issues opened a minute apart, the last of them pull requests."""
    for number in range(1, 11):
        world.json("POST", ISSUES, {"title": f"Issue {number}"})
        world.wait(60)
    for number in (11, 12):
        world.box.github.add_pull_request(PRIVATE, f"Pull {number}", "tomas")
    return world


def numbers(world: World, query: str) -> list[int]:
    """Return the numbers of the issues a query lists."""
    return [issue["number"] for issue in world.json("GET", f"{ISSUES}?{query}")]


def test_open_issues_and_pull_requests_come_newest_first(numbered: World) -> None:
    assert numbers(numbered, "") == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    marked = [issue["number"] for issue in numbered.json("GET", ISSUES) if "pull_request" in issue]
    assert marked == [12, 11]


def test_since_is_inclusive_at_second_granularity(numbered: World) -> None:
    numbered.json("PATCH", f"{ISSUES}/3", {"title": "changed"})
    changed = numbered.json("GET", f"{ISSUES}/3")["updated_at"]
    assert numbers(numbered, f"since={changed}&sort=updated&direction=asc") == [3, 11, 12]
    numbered.wait(1)
    assert numbers(numbered, f"since={numbered.box.clock.now().strftime('%Y-%m-%dT%H:%M:%SZ')}") == []


def test_since_understands_an_offset_and_refuses_what_is_no_time(numbered: World) -> None:
    assert numbers(numbered, f"since={quote('2026-03-02T17:09:00+08:00')}&direction=asc") == [10, 11, 12]
    assert numbered.call("GET", f"{ISSUES}?since=yesterday").status_code == 422


def test_updated_order_follows_edits_and_comments(numbered: World) -> None:
    numbered.wait(60)
    numbered.json("PATCH", f"{ISSUES}/2", {"title": "changed"})
    numbered.wait(60)
    numbered.json("POST", f"{ISSUES}/5/comments", {"body": "here"})
    assert numbers(numbered, "sort=updated")[:2] == [5, 2]
    assert numbers(numbered, "sort=updated&direction=asc")[-2:] == [2, 5]
    assert numbers(numbered, "sort=comments")[0] == 5


def test_pages_are_linked_by_repository_id(numbered: World) -> None:
    answer = numbered.call("GET", f"{ISSUES}?per_page=5&page=2&state=all")
    identity = numbered.box.github.repository(PRIVATE).id
    assert set(answer.links) == {"prev", "next", "last", "first"}
    expected = f"{numbered.box.github_url}/repositories/{identity}/issues?per_page=5&state=all&page=3"
    assert answer.links["next"]["url"] == expected
    last = numbered.call("GET", answer.links["last"]["url"])
    assert [issue["number"] for issue in last.json()] == [2, 1]
    assert set(last.links) == {"prev", "first"}


def test_a_list_that_fits_one_page_has_no_links(numbered: World) -> None:
    assert "link" not in numbered.call("GET", f"{ISSUES}?per_page=100").headers


def test_per_page_is_thirty_by_default_and_a_hundred_at_most(world: World) -> None:
    world.box.github.seed_issues(PRIVATE, issues=120)
    assert len(numbers(world, "state=all")) == 30
    assert len(numbers(world, "state=all&per_page=500")) == 100


def test_filters_select_by_state_labels_people_milestone_and_type(world: World) -> None:
    world.json("POST", f"/repos/{PRIVATE}/milestones", {"title": "M"})
    world.json("POST", ISSUES, {"title": "1", "labels": ["bug", "new"], "assignees": ["tomas"], "body": "cc @ines"})
    world.json("POST", ISSUES, {"title": "2", "labels": ["bug"], "milestone": 1, "type": "Task"}, user="tomas")
    world.json("POST", ISSUES, {"title": "3"})
    world.json("PATCH", f"{ISSUES}/3", {"state": "closed"})
    expected = {
        "state=closed": [3],
        "state=all": [3, 2, 1],
        "labels=BUG": [2, 1],
        "labels=bug,new": [1],
        "labels=unknown": [],
        "assignee=tomas": [1],
        "assignee=none": [2],
        "assignee=*": [1],
        "creator=tomas": [2],
        "mentioned=ines": [1],
        "milestone=1": [2],
        "milestone=none": [1],
        "milestone=*": [2],
        "type=task": [2],
        "type=none": [1],
        "type=*": [2],
    }
    assert {query: numbers(world, query) for query in expected} == expected


@pytest.mark.parametrize("query", ["state=done", "sort=name", "direction=up", "milestone=March"])
def test_an_impossible_filter_is_a_422(world: World, query: str) -> None:
    assert world.call("GET", f"{ISSUES}?{query}").status_code == 422


def test_pygithub_pages_through_everything(world: World) -> None:
    world.box.github.seed_issues(PUBLIC, issues=250, comments=1)
    repository = world.client().get_repo(PUBLIC)
    assert len({issue.number for issue in repository.get_issues(state="all", sort="updated", direction="asc")}) == 250
    assert sum(1 for _ in repository.get_issues_comments()) == 250


def test_an_unchanged_list_is_a_304_that_costs_nothing(numbered: World) -> None:
    first = numbered.call("GET", ISSUES)
    before = int(first.headers["x-ratelimit-remaining"])
    again = numbered.call("GET", ISSUES, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert int(again.headers["x-ratelimit-remaining"]) == before
    numbered.json("POST", f"{ISSUES}/1/comments", {"body": "new"})
    assert numbered.call("GET", ISSUES, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_entity_tags_differ_by_token(world: World) -> None:
    own = world.call("GET", f"/repos/{PUBLIC}/issues").headers["etag"]
    assert world.call("GET", f"/repos/{PUBLIC}/issues", headers={"If-None-Match": own}, user="lin").status_code == 200


def test_who_has_a_role_lists_its_repositories_and_a_stranger_none(world: World) -> None:
    assert [each["full_name"] for each in world.json("GET", "/user/repos")] == sorted([PRIVATE, PUBLIC])
    assert PRIVATE in [each["full_name"] for each in world.json("GET", "/user/repos", user="tomas")]
    assert world.json("GET", "/user/repos", user="lin") == []
    assert world.call("GET", "/user/repos", user=None).status_code == 401
    first = world.call("GET", "/user/repos?per_page=1")
    assert len(first.json()) == 1
    assert 'rel="next"' in first.headers["link"]
