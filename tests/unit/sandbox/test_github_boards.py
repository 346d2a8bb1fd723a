"""Boards (Projects v2) of the sandbox's GitHub: fields, items by cursor, values, and who may see and change them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from syncer.sandbox.github import boards
from syncer.sandbox.github.boardmodel import Board
from tests.unit.sandbox.github_world import PRIVATE, World

BOARD = "/orgs/acme/projectsV2/1"
SPRINTS = (("Sprint 1", date(2026, 2, 2), 14), ("Sprint 2", date(2026, 2, 23), 14))


@pytest.fixture
def board(world: World) -> Board:
    """A board of the organisation with a field of each kind, and three issues of which two are on it."""
    github = world.box.github
    for user in ("mei", "tomas"):
        github.tokens[f"{user}-token"].scopes = ("repo", "project")
    made = github.add_board("acme", "Plan", "mei")
    for name, kind in (("Estimate", "number"), ("Notes", "text"), ("Target", "date")):
        boards.add_field(github, made, name, kind)  # type: ignore[arg-type]
    boards.add_field(github, made, "Size", "single_select", ("S", "M", "L"))
    boards.add_field(github, made, "Sprint", "iteration", iterations=SPRINTS)
    for number in (1, 2, 3):
        issue = github.add_issue(PRIVATE, f"Issue {number}", "mei")
        if number < 3:
            github.put_on_board(made, issue, "mei")
    return made


def field_id(board: Board, name: str) -> int:
    return board.field_named(name).id


def values(world: World, board: Board, place: int = 0) -> dict[str, Any]:
    """Return the values of an item by the name of their field."""
    ids = ",".join(str(field.id) for field in board.fields)
    item = world.json("GET", f"{BOARD}/items/{board.items[place].id}?fields={ids}")
    return {each["name"]: each["value"] for each in item["fields"]}


def test_a_new_board_has_the_fields_that_every_board_has(world: World, board: Board) -> None:
    shown = {each["name"]: each for each in world.json("GET", f"{BOARD}/fields?per_page=100")}
    assert [each["name"]["raw"] for each in shown["Status"]["options"]] == ["Todo", "In Progress", "Done"]
    assert {"Title", "Assignees", "Labels", "Milestone", "Repository"} <= shown.keys()
    assert world.json("GET", "/orgs/acme/projectsV2")[0]["title"] == world.json("GET", BOARD)["title"] == "Plan"


def test_an_iteration_is_completed_once_its_last_day_is_over(world: World, board: Board) -> None:
    shown = world.json("GET", f"{BOARD}/fields/{field_id(board, 'Sprint')}")["configuration"]["iterations"]
    assert [(each["title"]["raw"], each["completed"]) for each in shown] == [("Sprint 1", True), ("Sprint 2", False)]


def test_each_kind_of_value_is_written_shown_and_cleared(world: World, board: Board) -> None:
    size, sprint = board.field_named("Size").options[1], board.field_named("Sprint").iterations[1]
    sent = {"Estimate": 2.5, "Notes": "Ask <ops>", "Target": "2026-04-01", "Size": size.id, "Sprint": sprint.id}
    body = {"fields": [{"id": field_id(board, name), "value": value} for name, value in sent.items()]}
    answer = world.json("PATCH", f"{BOARD}/items/{board.items[0].id}", body)
    assert [each["name"] for each in answer["fields"]] == ["Estimate", "Notes", "Target", "Size", "Sprint"]
    shown = values(world, board)
    assert (shown["Estimate"], shown["Notes"], shown["Target"]) == (2.5, "Ask <ops>", "2026-04-01")
    assert shown["Size"]["name"]["raw"] == "M"
    assert (shown["Sprint"]["title"]["raw"], shown["Sprint"]["duration"]) == ("Sprint 2", 14)
    cleared = {"fields": [{"id": field_id(board, name), "value": None} for name in sent]}
    world.json("PATCH", f"{BOARD}/items/{board.items[0].id}", cleared)
    assert {values(world, board)[name] for name in sent} == {None}


def test_a_text_may_be_shown_with_its_html(world: World, board: Board) -> None:
    world.box.github.behaviour.board_text = "formatted"
    world.box.github.put_on_board(board, board.items[0].content, "mei", Notes="a < b")
    assert values(world, board)["Notes"] == {"raw": "a < b", "html": "a &lt; b"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("Estimate", "3"), ("Notes", 3), ("Target", "soon"), ("Size", "M"), ("Sprint", "Sprint 2"), ("Title", "Other")],
)
def test_a_value_of_another_kind_is_refused_and_nothing_changes(
    world: World, board: Board, name: str, value: object
) -> None:
    both = [{"id": field_id(board, "Notes"), "value": "kept out"}, {"id": field_id(board, name), "value": value}]
    assert world.call("PATCH", f"{BOARD}/items/{board.items[0].id}", {"fields": both}).status_code == 422
    assert board.items[0].values == {}


def test_a_value_moves_the_time_of_the_item_and_not_of_the_issue(world: World, board: Board) -> None:
    issue = board.items[0].content
    before = issue.updated_at
    world.box.clock.advance(timedelta(hours=1))
    body = {"fields": [{"id": field_id(board, "Estimate"), "value": 1}]}
    shown = world.json("PATCH", f"{BOARD}/items/{board.items[0].id}", body)
    assert shown["updated_at"] == "2026-03-02T10:00:00Z"
    assert issue.updated_at == before


def test_items_come_in_the_order_of_the_board_by_cursor_and_without_values_unless_asked(
    world: World, board: Board
) -> None:
    first = world.call("GET", f"{BOARD}/items?per_page=1")
    assert [each["content"]["number"] for each in first.json()] == [1]
    assert [each["name"] for each in first.json()[0]["fields"]] == ["Title"]
    following = first.links["next"]["url"]
    board.items.insert(0, board.items.pop())  # somebody moves the second to the top: it is not seen again
    assert world.call("GET", following).json() == []
    board.items.append(board.items.pop(0))
    second = world.call("GET", following)
    assert [each["content"]["number"] for each in second.json()] == [2]
    assert "next" not in second.links


def test_an_issue_is_added_once_by_id_or_by_number(world: World, board: Board) -> None:
    issue = world.box.github.repository(PRIVATE).issues[3]
    by_id = world.json("POST", f"{BOARD}/items", {"type": "Issue", "id": issue.id})
    named = {"type": "Issue", "owner": "acme", "repo": "pay", "number": 3}
    assert world.json("POST", f"{BOARD}/items", named)["id"] == by_id["id"]
    assert [item.content.number for item in board.items] == [1, 2, 3]
    assert world.call("POST", f"{BOARD}/items", {"type": "Issue", "id": 1}).status_code == 422
    assert world.call("DELETE", f"{BOARD}/items/{by_id['id']}").status_code == 204
    assert world.call("GET", f"{BOARD}/items/{by_id['id']}").status_code == 404


def test_an_option_and_a_field_that_are_removed_go_from_their_items(world: World, board: Board) -> None:
    github, issue = world.box.github, board.items[0].content
    github.put_on_board(board, issue, "mei", Size="L", Sprint="Sprint 2", Estimate=3)
    boards.remove_option(board, "Size", "L")
    boards.remove_option(board, "Sprint", "Sprint 1")
    boards.remove_field(board, "Estimate")
    shown = values(world, board)
    assert shown["Size"] is None
    assert shown["Sprint"]["title"]["raw"] == "Sprint 2"
    assert "Estimate" not in shown


def test_a_stranger_sees_no_board_and_a_reader_cannot_write(world: World, board: Board) -> None:
    github = world.box.github
    github.tokens["lin-token"].scopes = ("repo", "project")
    assert world.call("GET", f"{BOARD}/items", user="lin").status_code == 404
    board.public = True
    assert [each["content"] for each in world.json("GET", f"{BOARD}/items", user="lin")] == [None, None]
    assert world.call("GET", BOARD, user=None).status_code == 200
    body = {"fields": [{"id": field_id(board, "Estimate"), "value": 1}]}
    assert world.call("PATCH", f"{BOARD}/items/{board.items[0].id}", body, user="lin").status_code == 403


def test_a_token_needs_a_scope_or_a_permission_for_boards(world: World, board: Board) -> None:
    github = world.box.github
    github.tokens["mei-token"].scopes = ("repo",)
    assert world.call("GET", BOARD).status_code == 403
    github.tokens["mei-token"].scopes = ("repo", "read:project")
    assert world.call("GET", BOARD).status_code == 200
    assert world.call("PATCH", f"{BOARD}/items/{board.items[0].id}", {"fields": []}).status_code == 403
    narrow = github.add_fine_grained_token("mei", permissions={"issues": "write", "organization_projects": "read"})
    headers = {"Authorization": f"Bearer {narrow.value}"}
    assert world.call("GET", BOARD, user=None, headers=headers).status_code == 200
    item = f"{BOARD}/items/{board.items[0].id}"
    assert world.call("PATCH", item, {"fields": []}, user=None, headers=headers).status_code == 403


def test_a_board_of_a_user_is_at_the_user_and_nowhere_else(world: World, board: Board) -> None:
    world.box.github.add_board("mei", "Mine", "mei")
    assert world.json("GET", "/users/mei/projectsV2/1")["title"] == "Mine"
    assert world.call("GET", "/orgs/mei/projectsV2/1").status_code == 404
    assert world.call("GET", "/users/acme/projectsV2/1").status_code == 404
