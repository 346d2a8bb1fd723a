"""Custom fields: what each type takes and shows, and what administrators do to them while issues have values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.sandbox.jira_world import World, served


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param) as found:
        yield found


def _shown(world: World, key: str, field: str) -> Any:
    return world.get(f"/issue/{key}")["fields"].get(field, "left out")


def _refusal(world: World, key: str, field: str, value: Any) -> str:
    return str(world.send("PUT", f"/issue/{key}", {"fields": {field: value}}, 400)["errors"][field])


def _changes(world: World, key: str, name: str) -> list[tuple[Any, ...]]:
    histories = world.get(f"/issue/{key}", expand="changelog")["changelog"]["histories"]
    items = [item for history in histories for item in history["items"] if item["field"] == name]
    return [tuple(item[end] for end in ("from", "fromString", "to", "toString")) for item in items]


@pytest.mark.parametrize(
    ("kind", "sent", "shown"),
    [
        ("string", "one line", "one line"),
        ("url", "https://acme.example/a?b=c", "https://acme.example/a?b=c"),
        ("number", 2.5, 2.5),
        ("points", 3, 3.0),
        ("date", "2026-12-24", "2026-12-24"),
        ("labels", ["b", "a"], ["a", "b"]),
    ],
)
def test_a_field_shows_what_was_entered(world: World, kind: str, sent: Any, shown: Any) -> None:
    field = world.jira.add_custom_field("Extra", kind).id
    key = world.create(**{field: sent})
    assert _shown(world, key, field) == shown
    world.send("PUT", f"/issue/{key}", {"fields": {field: None}})
    assert _shown(world, key, field) in (None, [])


@pytest.mark.parametrize(
    ("kind", "sent", "message"),
    [
        ("string", "x" * 256, "exceeds the allowed limit of 255 characters"),
        ("url", "no address", "Not a valid URL"),
        ("number", "5", "Operation value must be a number"),
        ("date", "24/12/2026", "Error parsing date string"),
        ("option", {"value": "Nowhere"}, "'Nowhere' is not valid"),
        ("computed number", 5, "not on the appropriate screen"),
        ("rank", "0|i000db:", "not on the appropriate screen"),
    ],
)
def test_a_field_refuses_what_it_cannot_hold(world: World, kind: str, sent: Any, message: str) -> None:
    field = world.jira.add_custom_field("Extra", kind, ["Here"] if kind == "option" else ()).id
    assert message in _refusal(world, world.create(), field, sent)


@pytest.mark.parametrize("kind", ["option", "radio"])
def test_one_option_is_chosen_by_id_or_name(world: World, kind: str) -> None:
    made = world.jira.add_custom_field("Team", kind, ["Red", "Blue"])
    red, blue = (each["id"] for each in world.jira.options[made.id].values())
    key = world.create(**{made.id: {"value": "Red"}})
    world.send("PUT", f"/issue/{key}", {"fields": {made.id: {"id": blue}}})
    assert _shown(world, key, made.id)["value"] == "Blue"
    assert _changes(world, key, "Team") == [(red, "Red", blue, "Blue")]


@pytest.mark.parametrize("kind", ["options", "multiselect"])
def test_a_changelog_lists_several_options_in_brackets(world: World, kind: str) -> None:
    made = world.jira.add_custom_field("Teams", kind, ["Red", "Blue"])
    red, blue = (each["id"] for each in world.jira.options[made.id].values())
    key = world.create(**{made.id: [{"id": red}]})
    world.send("PUT", f"/issue/{key}", {"update": {made.id: [{"add": {"value": "Blue"}}]}})
    world.send("PUT", f"/issue/{key}", {"fields": {made.id: []}})
    both = (f"[{red}, {blue}]", "Red,Blue")
    assert sorted(_changes(world, key, "Teams"), key=str) == sorted(
        [(f"[{red}]", "Red", *both), (*both, None, None)], key=str
    )


def test_a_field_is_described_by_the_key_of_its_type(world: World) -> None:
    made = world.jira.add_custom_field("Address", "url")
    (told,) = [each for each in world.get("/field") if each["id"] == made.id]
    assert (told["name"], told["custom"], told["schema"]["custom"]) == (
        "Address", True, "com.atlassian.jira.plugin.system.customfieldtypes:url",
    )  # fmt: skip


def test_a_field_of_a_team_managed_project_is_its_own() -> None:
    with served("cloud") as world:
        project = world.jira.add_project("TEAM", "Team", team_managed=True)
        made = world.jira.add_custom_field("Effort", "number", team="TEAM")
        (told,) = [each for each in world.get("/field") if each["id"] == made.id]
        assert told["scope"] == {"type": "PROJECT", "project": {"id": project.id}}
        assert "not on the appropriate screen" in _refusal(world, world.create(), made.id, 5)
        theirs = world.create(project={"key": "TEAM"}, **{made.id: 5})
        assert _shown(world, theirs, made.id) == 5
        assert world.get(f"/issue/{theirs}")["fields"]["project"]["simplified"] is True


def test_a_renamed_field_keeps_its_id_and_its_values(world: World) -> None:
    made = world.jira.add_custom_field("Effort", "number")
    key = world.create(**{made.id: 5})
    world.jira.rename_field(made.id, "Size")
    assert _shown(world, key, made.id) == 5
    assert world.search('"Size" = 5') == [key]


def test_a_deleted_field_is_shown_by_nothing_and_taken_by_nothing(world: World) -> None:
    made = world.jira.add_custom_field("Effort", "number")
    key = world.create(**{made.id: 5})
    world.jira.delete_field(made.id)
    assert _shown(world, key, made.id) == "left out"
    assert made.id not in [each["id"] for each in world.get("/field")]
    assert "or unknown" in _refusal(world, key, made.id, 8)


def test_a_field_that_an_app_computes_now_is_taken_by_nobody(world: World) -> None:
    made = world.jira.add_custom_field("Effort", "number")
    key = world.create(**{made.id: 5})
    world.jira.retype_field(made.id, "computed number")
    assert _shown(world, key, made.id) == 5
    assert "not on the appropriate screen" in _refusal(world, key, made.id, 8)
    assert made.id not in world.get(f"/issue/{key}/editmeta")["fields"]


def test_a_field_of_another_context_is_left_out(world: World) -> None:
    world.jira.add_project("OPS", "Operations")
    made = world.jira.add_custom_field("Effort", "number")
    key = world.create(**{made.id: 5})
    world.jira.limit_field(made.id, "OPS")
    assert _shown(world, key, made.id) == "left out"
    assert "not on the appropriate screen" in _refusal(world, key, made.id, 8)
    assert made.id not in world.get(f"/issue/{key}/editmeta")["fields"]


def test_a_renamed_option_shows_its_new_name_where_it_was_chosen(world: World) -> None:
    made = world.jira.add_custom_field("Team", "option", ["Red"])
    key = world.create(**{made.id: {"value": "Red"}})
    world.jira.rename_option(made.id, "Red", "Crimson")
    assert _shown(world, key, made.id)["value"] == "Crimson"


def test_a_disabled_option_stays_and_is_chosen_no_more(world: World) -> None:
    made = world.jira.add_custom_field("Team", "option", ["Red", "Blue"])
    key, other = world.create(**{made.id: {"value": "Red"}}), world.create()
    world.jira.disable_option(made.id, "Red")
    assert _shown(world, key, made.id)["value"] == "Red"
    assert "'Red' is not valid" in _refusal(world, other, made.id, {"value": "Red"})
    allowed = world.get(f"/issue/{key}/editmeta")["fields"][made.id]["allowedValues"]
    assert [each["value"] for each in allowed] == ["Blue"]


def test_a_removed_option_is_gone_from_issues_without_a_trace(world: World) -> None:
    made = world.jira.add_custom_field("Teams", "multiselect", ["Red", "Blue"])
    key = world.create(**{made.id: [{"value": "Red"}, {"value": "Blue"}]})
    before = world.get(f"/issue/{key}")["fields"]["updated"]
    world.jira.remove_option(made.id, "Red")
    assert [each["value"] for each in _shown(world, key, made.id)] == ["Blue"]
    assert (world.get(f"/issue/{key}")["fields"]["updated"], _changes(world, key, "Teams")) == (before, [])


def test_a_sprint_is_entered_as_its_number_and_closed_ones_stay(world: World) -> None:
    past = world.jira.add_sprint("PAY", "Sprint 1", "active")
    coming = world.jira.add_sprint("PAY", "Sprint 2")
    key = world.create(customfield_10020=past.id)
    past.state = "closed"
    world.send("PUT", f"/issue/{key}", {"fields": {"customfield_10020": coming.id}})
    assert len(_shown(world, key, "customfield_10020")) == 2
    world.send("PUT", f"/issue/{key}", {"fields": {"customfield_10020": None}})
    assert len(_shown(world, key, "customfield_10020")) == 1
    assert "active or future" in _refusal(world, key, "customfield_10020", past.id)
