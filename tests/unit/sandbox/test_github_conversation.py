"""Comments, labels, milestones, locks, events and the timeline of the sandbox's GitHub."""

from __future__ import annotations

import pytest

from syncer.sandbox.github.behaviour import CommentChange
from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World

ISSUES = f"/repos/{PRIVATE}/issues"
COMMENTS = f"{ISSUES}/comments"


def test_a_comment_is_written_edited_and_deleted_through_pygithub(world: World) -> None:
    issue = world.client("tomas").get_repo(PRIVATE).create_issue("A")
    comment = issue.create_comment("first 一")
    comment.edit("second")
    assert [each.body for each in issue.get_comments()] == ["second"]
    assert world.json("GET", f"{ISSUES}/1")["comments"] == 1
    comment.delete()
    assert list(issue.get_comments()) == []


@pytest.mark.parametrize("change", ["created", "edited", "deleted"])
@pytest.mark.parametrize("bumps", [True, False])
def test_which_comment_changes_move_the_issue_is_a_setting(world: World, change: CommentChange, bumps: bool) -> None:
    world.box.github.behaviour.comment_changes_that_bump = frozenset({change} if bumps else ())
    opened = world.json("POST", ISSUES, {"title": "A"})["updated_at"]
    comment = world.box.github.sequences.comment.take() + 1
    steps: dict[str, tuple[str, str, object]] = {
        "created": ("POST", f"{ISSUES}/1/comments", {"body": "x"}),
        "edited": ("PATCH", f"{COMMENTS}/{comment}", {"body": "y"}),
        "deleted": ("DELETE", f"{COMMENTS}/{comment}", None),
    }
    moved = {}
    for step, (verb, path, body) in steps.items():
        world.wait(60)
        assert world.call(verb, path, body).ok
        moved[step] = world.json("GET", f"{ISSUES}/1")["updated_at"]
    before = {"created": opened, "edited": moved["created"], "deleted": moved["edited"]}[change]
    assert (moved[change] > before) is bumps


def test_repository_comments_list_by_id_since_and_sort(world: World) -> None:
    for number in (1, 2):
        world.json("POST", ISSUES, {"title": f"Issue {number}"})
        world.json("POST", f"{ISSUES}/{number}/comments", {"body": f"on {number}"})
        world.wait(60)
    first = world.json("GET", COMMENTS)[0]
    edited = world.json("PATCH", first["url"], {"body": "on 1, edited"})
    since = edited["updated_at"]
    bodies = {
        query: [comment["body"] for comment in world.json("GET", f"{COMMENTS}?{query}")]
        for query in ("", f"since={since}", "sort=updated", "sort=updated&direction=asc", "sort=created&direction=asc")
    }
    assert bodies == {
        "": ["on 1, edited", "on 2"],
        f"since={since}": ["on 1, edited"],
        "sort=updated": ["on 1, edited", "on 2"],
        "sort=updated&direction=asc": ["on 2", "on 1, edited"],
        "sort=created&direction=asc": ["on 1, edited", "on 2"],
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "Body cannot be blank"),
        (" \n", "Body cannot be blank"),
        ("x" * 65_537, "Body is too long (maximum is 65536 characters)"),
    ],
)
def test_a_comment_that_is_blank_or_too_long_is_a_422(world: World, body: str, message: str) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    answer = world.call("POST", f"{ISSUES}/1/comments", {"body": body})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, message)


def test_only_the_author_and_writers_change_a_comment(world: World) -> None:
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A"})
    comment = world.json("POST", f"/repos/{PUBLIC}/issues/1/comments", {"body": "mine"}, user="lin")
    assert world.call("PATCH", comment["url"], {"body": "x"}, user="ines").status_code == 403
    assert world.call("PATCH", comment["url"], {"body": "x"}, user="lin").status_code == 200
    assert world.call("DELETE", comment["url"], user="tomas").status_code == 204


def test_a_locked_issue_takes_comments_of_writers_only(world: World) -> None:
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A"})
    assert world.call("PUT", f"/repos/{PUBLIC}/issues/1/lock", {"lock_reason": "too heated"}).status_code == 204
    refused = world.call("POST", f"/repos/{PUBLIC}/issues/1/comments", {"body": "x"}, user="lin")
    assert (refused.status_code, "locked" in refused.json()["message"]) == (403, True)
    assert world.call("POST", f"/repos/{PUBLIC}/issues/1/comments", {"body": "x"}, user="tomas").status_code == 201
    assert world.json("GET", f"/repos/{PUBLIC}/issues/1")["active_lock_reason"] == "too heated"
    assert world.call("DELETE", f"/repos/{PUBLIC}/issues/1/lock").status_code == 204
    assert world.call("POST", f"/repos/{PUBLIC}/issues/1/comments", {"body": "x"}, user="lin").status_code == 201


def test_labels_of_a_repository_are_made_renamed_and_removed_everywhere(world: World) -> None:
    repository = world.client().get_repo(PRIVATE)
    label = repository.create_label("area/支付 api", "FF00aa", "what pays")
    issue = repository.create_issue("A", labels=[label])
    label.edit("area/pay", "00ff00")
    assert [each.name for each in repository.get_issue(issue.number).labels] == ["area/pay"]
    assert repository.get_label("AREA/PAY").color == "00ff00"
    repository.get_label("area/pay").delete()
    assert repository.get_issue(issue.number).labels == []


def test_renaming_a_label_moves_no_issue(world: World) -> None:
    before = world.json("POST", ISSUES, {"title": "A", "labels": ["bug"]})["updated_at"]
    world.wait(60)
    world.json("PATCH", f"/repos/{PRIVATE}/labels/bug", {"new_name": "defect"})
    issue = world.json("GET", f"{ISSUES}/1")
    assert (issue["updated_at"], issue["labels"][0]["name"]) == (before, "defect")


@pytest.mark.parametrize("body", [{"name": "BUG"}, {"name": "x" * 51}, {"name": ""}, {"name": "x", "color": "red"}])
def test_a_label_that_cannot_be_is_a_422(world: World, body: dict[str, str]) -> None:
    assert world.call("POST", f"/repos/{PRIVATE}/labels", body).status_code == 422


def test_labels_of_an_issue_are_added_set_and_removed_one_by_one(world: World) -> None:
    issue = world.client().get_repo(PRIVATE).create_issue("A", labels=["bug"])
    issue.add_to_labels("new", "Bug")
    assert [label.name for label in issue.get_labels()] == ["bug", "new"]
    issue.remove_from_labels("BUG")
    issue.set_labels("one", "two")
    assert [label.name for label in issue.get_labels()] == ["one", "two"]
    assert world.call("DELETE", f"{ISSUES}/1/labels/absent").status_code == 404
    issue.delete_labels()
    assert list(issue.get_labels()) == []


def test_assignees_are_added_and_removed(world: World) -> None:
    issue = world.client().get_repo(PRIVATE).create_issue("A", assignee="tomas")
    issue.add_to_assignees("ines", "lin")
    assert [person.login for person in issue.assignees] == ["tomas", "ines"]
    issue.remove_from_assignees("TOMAS")
    assert [person.login for person in issue.assignees] == ["ines"]


def test_milestones_count_their_issues_and_carry_state_and_dates(world: World) -> None:
    repository = world.client().get_repo(PRIVATE)
    milestone = repository.create_milestone("March", description="spring", due_on=world.box.clock.now())
    for title in ("A", "B"):
        repository.create_issue(title, milestone=milestone)
    repository.get_issue(1).edit(state="closed")
    milestone = repository.get_milestone(1)
    assert (milestone.open_issues, milestone.closed_issues, milestone.due_on) == (1, 1, world.box.clock.now())
    milestone.edit("April", state="closed")
    assert repository.get_issue(2).milestone.title == "April"
    assert [each.title for each in repository.get_milestones(state="closed")] == ["April"]
    assert world.call("POST", f"/repos/{PRIVATE}/milestones", {"title": "April"}).status_code == 422
    milestone.delete()
    assert repository.get_issue(2).milestone is None


def test_a_due_date_is_taken_away_by_null(world: World) -> None:
    made = world.json("POST", f"/repos/{PRIVATE}/milestones", {"title": "M", "due_on": "2026-04-01T08:00:00Z"})
    assert made["due_on"] == "2026-04-01T08:00:00Z"
    assert world.json("PATCH", f"/repos/{PRIVATE}/milestones/1", {"due_on": None})["due_on"] is None


def test_events_tell_what_happened_and_by_whom(world: World) -> None:
    repository = world.client("tomas").get_repo(PRIVATE)
    repository.create_milestone("M")
    issue = repository.create_issue("A", labels=["bug"])
    issue.edit(title="B", milestone=repository.get_milestone(1), assignees=["ines"])
    issue.edit(state="closed", labels=[], milestone=None, assignees=[])
    issue.edit(state="open")
    issue.lock("resolved")
    issue.unlock()
    kinds = [event.event for event in issue.get_events()]
    assert kinds == [
        *("labeled", "renamed", "assigned", "milestoned"),
        *("unlabeled", "unassigned", "demilestoned", "closed", "reopened", "locked", "unlocked"),
    ]
    assert {event.actor.login for event in issue.get_events()} == {"tomas"}
    renamed = world.json("GET", f"{ISSUES}/1/events")[1]
    assert renamed["rename"] == {"from": "A", "to": "B"}
    newest = world.json("GET", f"{ISSUES}/events?per_page=1")[0]
    assert (newest["event"], newest["issue"]["number"]) == ("unlocked", 1)
    assert world.json("GET", newest["url"])["id"] == newest["id"]


def test_the_timeline_mixes_events_and_comments_in_order(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    world.json("POST", f"{ISSUES}/1/comments", {"body": "one"})
    world.wait(1)
    world.json("PATCH", f"{ISSUES}/1", {"state": "closed"})
    world.wait(1)
    world.json("POST", f"{ISSUES}/1/comments", {"body": "two"})
    shown = [(entry["event"], entry.get("body")) for entry in world.json("GET", f"{ISSUES}/1/timeline")]
    assert shown == [("commented", "one"), ("closed", None), ("commented", "two")]
