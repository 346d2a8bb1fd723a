"""Issues of the sandbox's GitHub: opening, editing, limits, rights, and what a repository's fate does to them."""

from __future__ import annotations

import json

import pytest
import requests

from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World

ISSUES = f"/repos/{PRIVATE}/issues"


def test_an_issue_opened_through_pygithub_reads_back_whole(world: World) -> None:
    repository = world.client().get_repo(PRIVATE)
    milestone = repository.create_milestone("March", due_on=world.box.clock.now())
    opened = repository.create_issue(
        "Refunds 退款", "**now**", milestone=milestone, labels=["bug", "Team: 支付"], assignees=["tomas", "ines"]
    )
    read = repository.get_issue(opened.number)
    assert (read.title, read.body, read.state) == ("Refunds 退款", "**now**", "open")
    assert [label.name for label in read.labels] == ["bug", "Team: 支付"]
    assert [person.login for person in read.assignees] == ["tomas", "ines"]
    assert read.milestone.number == milestone.number
    assert repository.get_milestone(milestone.number).open_issues == 1


def test_closing_keeps_the_reason_and_reopening_says_so(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    closed = world.json("PATCH", f"{ISSUES}/1", {"state": "closed", "state_reason": "not_planned"})
    assert (closed["state"], closed["state_reason"], closed["closed_by"]["login"]) == ("closed", "not_planned", "mei")
    opened = world.json("PATCH", f"{ISSUES}/1", {"state": "open"})
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)


def test_closing_without_a_reason_means_completed(world: World) -> None:
    issue = world.client().get_repo(PRIVATE).create_issue("A")
    issue.edit(state="closed")
    assert issue.state_reason == "completed"


def test_a_label_is_found_in_any_case_and_never_made_twice(world: World) -> None:
    issue = world.json("POST", ISSUES, {"title": "A", "labels": ["BUG", "bug", "New One"]})
    assert [label["name"] for label in issue["labels"]] == ["bug", "New One"]


def test_an_edit_that_changes_nothing_moves_no_time(world: World) -> None:
    issue = world.json("POST", ISSUES, {"title": "A", "labels": ["bug"]})
    world.wait(60)
    same = world.json("PATCH", f"{ISSUES}/1", {"title": "A", "labels": ["bug"], "state": "open"})
    assert same["updated_at"] == issue["updated_at"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"title": "x" * 257}, "title is too long (maximum is 256 characters)"),
        ({"title": "x", "body": "é" * 65_537}, "body is too long (maximum is 65536 characters)"),
    ],
)
def test_text_over_the_limit_is_refused_with_the_field(world: World, body: dict[str, str], message: str) -> None:
    answer = world.call("POST", ISSUES, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == message


def test_text_at_the_limit_is_kept(world: World) -> None:
    body = "𠮷" * 65_536
    world.json("POST", ISSUES, {"title": "t" * 256, "body": body})
    assert world.json("GET", f"{ISSUES}/1")["body"] == body


@pytest.mark.parametrize("title", ["", "   ", None])
def test_a_blank_title_is_a_missing_field(world: World, title: str | None) -> None:
    answer = world.call("POST", ISSUES, {"title": title})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"resource": "Issue", "field": "title", "code": "missing_field"}]


def test_nul_is_stripped_and_line_ends_are_kept(world: World) -> None:
    issue = world.json("POST", ISSUES, {"title": "a\0b", "body": "one\r\ntwo\n"})
    assert (issue["title"], issue["body"]) == ("ab", "one\r\ntwo\n")


def test_nul_is_refused_when_set_so(world: World) -> None:
    world.box.github.behaviour.nul = "reject"
    assert world.call("POST", ISSUES, {"title": "a\0b"}).status_code == 422


@pytest.mark.parametrize("body", [b"{", b'{"title": "\\ud800"}', b"\xff"])
def test_a_body_that_is_no_unicode_json_is_a_400(world: World, body: bytes) -> None:
    answer = requests.post(
        world.box.github_url + ISSUES, data=body, headers={"Authorization": "Bearer mei-token"}, timeout=10
    )
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


def test_at_most_ten_people_are_assigned_and_strangers_are_dropped_when_set_so(world: World) -> None:
    world.box.github.behaviour.unassignable = "drop"
    for number in range(12):
        world.box.github.add_user(f"hand-{number}")
        world.box.github.add_collaborator(PRIVATE, f"hand-{number}", "triage")
    wanted = ["lin", "nobody", *(f"hand-{number}" for number in range(12))]
    issue = world.json("POST", ISSUES, {"title": "A", "assignees": wanted})
    assert [person["login"] for person in issue["assignees"]] == [f"hand-{number}" for number in range(10)]


def test_people_who_cannot_be_assigned_are_refused(world: World) -> None:
    answer = world.call("POST", ISSUES, {"title": "A", "assignees": ["tomas", "lin"]})
    assert (answer.status_code, answer.json()["errors"][0]["value"]) == (422, "lin")
    assert world.json("GET", f"{ISSUES}?state=all") == []
    world.json("POST", ISSUES, {"title": "A"})
    assert (
        world.json("POST", f"{ISSUES}/1/assignees", {"assignees": ["tomas", "lin"]})["assignees"][0]["login"] == "tomas"
    )


def test_whoever_took_part_in_an_issue_can_be_assigned_to_it(world: World) -> None:
    world.box.github.behaviour.unassignable = "drop"
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A"}, user="lin")
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "B"})
    assigned = [
        [person["login"] for person in world.json("PATCH", f"/repos/{PUBLIC}/issues/{number}", body)["assignees"]]
        for number, body in ((1, {"assignees": ["lin"]}), (2, {"assignees": ["lin"]}))
    ]
    assert assigned == [["lin"], []]


def test_without_triage_rights_labels_assignees_milestone_and_type_are_dropped(world: World) -> None:
    world.json("POST", f"/repos/{PUBLIC}/milestones", {"title": "M"})
    wanted = {"title": "A", "labels": ["bug"], "assignees": ["tomas"], "milestone": 1, "type": "Bug"}
    issue = world.json("POST", f"/repos/{PUBLIC}/issues", wanted, user="lin")
    assert (issue["labels"], issue["assignees"], issue["milestone"], issue["type"]) == ([], [], None, None)
    assert issue["author_association"] == "NONE"


def test_an_author_edits_the_own_issue_and_no_other(world: World) -> None:
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A"}, user="lin")
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "B"})
    assert world.json("PATCH", f"/repos/{PUBLIC}/issues/1", {"state": "closed"}, user="lin")["state"] == "closed"
    assert world.call("PATCH", f"/repos/{PUBLIC}/issues/2", {"title": "x"}, user="lin").status_code == 403


def test_an_unknown_milestone_or_type_is_invalid_and_nothing_is_opened(world: World) -> None:
    for field, value in (("milestone", 9), ("type", "Wish")):
        answer = world.call("POST", ISSUES, {"title": "A", field: value})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert world.json("GET", f"{ISSUES}?state=all") == []


def test_a_type_of_the_organisation_is_set_changed_and_taken_away(world: World) -> None:
    assert world.json("POST", ISSUES, {"title": "A", "type": "bug"})["type"]["name"] == "Bug"
    assert world.json("PATCH", f"{ISSUES}/1", {"type": "Feature"})["type"]["name"] == "Feature"
    assert world.json("PATCH", f"{ISSUES}/1", {"type": None})["type"] is None
    kinds = [event["event"] for event in world.json("GET", f"{ISSUES}/1/events")]
    assert kinds == ["issue_type_added", "issue_type_changed", "issue_type_removed"]


def test_a_private_repository_is_404_for_strangers_and_nobody(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    for user in ("lin", None):
        for path in (f"/repos/{PRIVATE}", ISSUES, f"{ISSUES}/1", f"{ISSUES}/comments"):
            answer = world.call("GET", path, user=user)
            assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_an_archived_repository_is_read_only(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    world.box.github.archive(PRIVATE)
    answer = world.call("PATCH", f"{ISSUES}/1", {"title": "B"})
    assert (answer.status_code, answer.json()["message"]) == (403, "Repository was archived so is read-only.")
    assert world.json("GET", f"{ISSUES}/1")["title"] == "A"
    assert world.json("GET", f"/repos/{PRIVATE}")["archived"] is True


def test_a_deleted_issue_is_410_and_its_number_is_not_used_again(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    world.box.github.delete_issue(PRIVATE, 1)
    assert world.call("GET", f"{ISSUES}/1").status_code == 410
    assert world.json("POST", ISSUES, {"title": "B"})["number"] == 2


def test_a_transferred_issue_redirects_to_its_new_place(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A", "labels": ["bug", "only here"]})
    world.json("POST", f"{ISSUES}/1/comments", {"body": "kept"})
    world.box.github.transfer_issue(PRIVATE, 1, PUBLIC)
    answer = world.call("GET", f"{ISSUES}/1/comments?page=1")
    assert answer.status_code == 301
    assert [comment["body"] for comment in world.json("GET", answer.headers["location"])] == ["kept"]
    assert world.call("PATCH", f"{ISSUES}/1", {"title": "B"}).status_code == 301
    moved = world.json("GET", world.call("GET", f"{ISSUES}/1").headers["location"])
    assert [label["name"] for label in moved["labels"]] == ["bug"]
    assert world.json("GET", f"{ISSUES}?state=all") == []


def test_issues_switched_off_are_410(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    world.json("PATCH", f"/repos/{PRIVATE}", {"has_issues": False})
    assert world.call("GET", ISSUES).status_code == 410
    assert world.call("POST", ISSUES, {"title": "B"}).status_code == 410
    assert world.call("GET", f"{ISSUES}/1").status_code == 410


def test_a_renamed_repository_redirects_reads_with_301_and_writes_with_307(world: World) -> None:
    identity = world.json("GET", f"/repos/{PRIVATE}")["id"]
    world.json("PATCH", f"/repos/{PRIVATE}", {"name": "payments"})
    read = world.call("GET", f"{ISSUES}?state=all")
    written = world.call("POST", ISSUES, {"title": "A"})
    assert (read.status_code, written.status_code) == (301, 307)
    target = f"{world.box.github_url}/repositories/{identity}/issues"
    assert (read.headers["location"], written.headers["location"]) == (f"{target}?state=all", target)
    assert world.json("POST", target, {"title": "A"})["repository_url"].endswith("/repos/acme/payments")


def test_a_renamed_owner_redirects_too(world: World) -> None:
    world.box.github.rename_account("acme", "acme-group")
    assert world.client().get_repo(PRIVATE).full_name == "acme-group/pay"
    assert world.json("GET", "/repos/acme-group/pay/issues") == []


def test_the_log_names_the_person_and_keeps_both_bodies(world: World) -> None:
    world.json("POST", ISSUES, {"title": "A"}, user="tomas")
    entry = world.box.log.entries[-1]
    assert (entry.user, entry.verb, entry.status) == ("tomas", "POST", 201)
    assert json.loads(entry.request_body) == {"title": "A"}
    assert entry.response_json["number"] == 1
