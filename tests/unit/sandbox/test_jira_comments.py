"""Comments: paging, visibility, properties, and what they do to their issue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.unit.sandbox.jira_world import World, served


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param) as found:
        yield found


def _add(world: World, key: str, words: str, who: str = "mei", **more: object) -> str:
    comment = world.send("POST", f"/issue/{key}/comment", {"body": world.text(words), **more}, 201, who)
    return str(comment["id"])


def test_every_change_of_a_comment_moves_updated(world: World) -> None:
    key = world.create()
    seen = []

    def note() -> None:
        seen.append(world.get(f"/issue/{key}")["fields"]["updated"])
        world.box.clock.advance(timedelta(seconds=1))

    note()
    number = _add(world, key, "one")
    note()
    world.send("PUT", f"/issue/{key}/comment/{number}", {"body": world.text("two")}, 200)
    note()
    world.send("DELETE", f"/issue/{key}/comment/{number}")
    note()
    assert seen == sorted(set(seen))


def test_the_embedded_field_is_capped_on_cloud_only(world: World) -> None:
    key = world.create()
    for number in range(25):
        _add(world, key, f"No {number}")
    field = world.get(f"/issue/{key}")["fields"]["comment"]
    assert field["total"] == 25
    assert len(field["comments"]) == (20 if world.deployment == "cloud" else 25)
    page = world.get(f"/issue/{key}/comment", startAt=20, maxResults=100)
    assert (len(page["comments"]), page["total"]) == (5, 25)


def test_cloud_gives_at_most_100_a_page_and_data_center_everything(world: World) -> None:
    world.jira.seed_issues("PAY", 1, comments=120)
    page = world.get("/issue/PAY-1/comment", maxResults=1000)
    assert len(page["comments"]) == (100 if world.deployment == "cloud" else 120)


@pytest.mark.parametrize(
    "visibility", [{"type": "group", "value": "site-admins"}, {"type": "role", "value": "Administrators"}]
)
def test_a_limited_comment_is_seen_by_members_only(world: World, visibility: dict[str, str]) -> None:
    key = world.create()
    number = _add(world, key, "secret plan", visibility=visibility)
    assert world.get(f"/issue/{key}/comment/{number}")["visibility"]["value"] == visibility["value"]
    assert world.call("GET", f"/issue/{key}/comment/{number}", who="omar").status_code == 404
    assert world.get(f"/issue/{key}/comment", who="omar")["total"] == 0
    assert world.get(f"/issue/{key}", who="omar")["fields"]["comment"]["total"] == 0
    assert world.search('comment ~ "secret"') == [key]
    assert world.search('comment ~ "secret"', who="omar") == []


def test_nobody_limits_a_comment_to_a_group_that_is_not_theirs(world: World) -> None:
    key = world.create()
    body = {"body": world.text("x"), "visibility": {"type": "group", "value": "site-admins"}}
    assert "commentLevel" in world.send("POST", f"/issue/{key}/comment", body, 400, "omar")["errors"]


def test_others_comments_are_not_edited_without_the_permission(world: World) -> None:
    key = world.create()
    number = _add(world, key, "mine")
    refused = 400 if world.deployment == "cloud" else 403
    path = f"/issue/{key}/comment/{number}"
    assert world.call("PUT", path, {"body": world.text("x")}, "omar").status_code == refused
    assert world.call("DELETE", path, who="omar").status_code == refused
    own = _add(world, key, "his", "omar")
    world.send("PUT", f"/issue/{key}/comment/{own}", {"body": world.text("edited")}, 200)
    assert world.get(f"/issue/{key}/comment/{own}")["updateAuthor"]["displayName"] == "Mei Lin"


def test_an_empty_comment_is_refused(world: World) -> None:
    key = world.create()
    empty = {"type": "doc", "version": 1, "content": []} if world.deployment == "cloud" else "  "
    assert world.send("POST", f"/issue/{key}/comment", {"body": empty}, 400)["errors"] == {
        "comment": "Comment body can not be empty!"
    }


def test_properties_travel_inside_the_create_and_internal_comments_are_not_public() -> None:
    with served("cloud") as world:
        key = world.create()
        marker = {"key": "syncer.origin", "value": {"id": "c1"}}
        _add(world, key, "one", properties=[marker])
        _add(world, key, "two", properties=[{"key": "sd.public.comment", "value": {"internal": True}}])
        first, second = world.get(f"/issue/{key}/comment", expand="properties")["comments"]
        assert (first["properties"], first["jsdPublic"], second["jsdPublic"]) == ([marker], True, False)


def test_order_by_created_in_both_directions(world: World) -> None:
    key = world.create()
    numbers = [_add(world, key, str(number)) for number in range(3)]
    for order, expected in (("created", numbers), ("-created", numbers[::-1])):
        assert [each["id"] for each in world.get(f"/issue/{key}/comment", orderBy=order)["comments"]] == expected
