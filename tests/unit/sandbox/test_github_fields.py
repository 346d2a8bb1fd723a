"""Issue fields of the sandbox's GitHub: those of an organisation, and what issues hold in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncer.sandbox.github.issuefields import IssueField
from tests.unit.sandbox.github_world import PRIVATE, PUBLIC, World

ISSUES = f"/repos/{PRIVATE}/issues"
FIELDS = "/orgs/acme/issue-fields"


@pytest.fixture(autouse=True)
def _tokens(world: World) -> None:
    """Mei's token may read the organisation as well."""
    world.box.github.add_token("mei", "mei-token", scopes=("repo", "admin:org"))


@pytest.fixture
def fields(world: World) -> dict[str, IssueField]:
    """A field of each type, by its name."""
    add = world.box.github.add_issue_field
    return {
        "Note": add("acme", "Note", "text"),
        "Points": add("acme", "Points", "number"),
        "Target": add("acme", "Target", "date"),
        "Effort": add("acme", "Effort", "single_select", ("High", "Low")),
        "Teams": add("acme", "Teams", "multi_select", ("Web", "App")),
    }


def given(fields: dict[str, IssueField], **values: object) -> dict[str, object]:
    """The part of a body that sets fields by their names."""
    return {"issue_field_values": [{"field_id": fields[name].id, "value": value} for name, value in values.items()]}


def held(issue: dict[str, Any]) -> dict[str, object]:
    """What an issue's JSON shows in its fields, by name."""
    shown: dict[str, object] = {}
    for value in issue["issue_field_values"]:
        one, many = value.get("single_select_option"), value.get("multi_select_options")
        told = one["name"] if one else [option["name"] for option in many] if many else value["value"]
        shown[value["issue_field_name"]] = told
    return shown


def test_owners_manage_the_fields_of_an_organisation_and_members_list_them(world: World) -> None:
    options = [{"name": "S", "color": "green", "priority": 1}, {"name": "L", "color": "red", "priority": 2}]
    made = world.json("POST", FIELDS, {"name": "Size", "data_type": "single_select", "options": options})
    assert [option["name"] for option in made["options"]] == ["S", "L"]
    assert world.call("POST", FIELDS, {"name": "size", "data_type": "text"}).status_code == 422
    assert world.call("POST", FIELDS, {"name": "A", "data_type": "person"}).status_code == 422
    world.json("PATCH", f"{FIELDS}/{made['id']}", {"name": "T-shirt"})
    assert [each["name"] for each in world.json("GET", FIELDS)] == ["T-shirt"]
    assert world.call("GET", FIELDS, user="lin").status_code == 404
    assert world.call("DELETE", f"{FIELDS}/{made['id']}").status_code == 204
    assert world.json("GET", FIELDS) == []


def test_a_classic_token_needs_the_scope_read_org_to_list_the_fields(world: World) -> None:
    world.box.github.add_token("mei", "narrow", scopes=("repo",))
    refused = world.call("GET", FIELDS, user=None, headers={"Authorization": "Bearer narrow"})
    assert (refused.status_code, refused.headers["x-accepted-oauth-scopes"]) == (403, "read:org")


def test_a_fine_grained_token_needs_a_permission_of_the_organisation_to_list_the_fields(world: World) -> None:
    token = world.box.github.add_fine_grained_token("mei")
    header = {"Authorization": f"Bearer {token.value}"}
    refused = world.call("GET", FIELDS, user=None, headers=header)
    assert (refused.status_code, refused.headers["x-accepted-github-permissions"]) == (403, "issue_fields=read")
    token.permissions["issue_fields"] = "read"
    assert world.call("GET", FIELDS, user=None, headers=header).json() == []


def test_a_create_and_an_update_set_values_and_lists_show_them(world: World, fields: dict[str, IssueField]) -> None:
    made = world.json("POST", ISSUES, {"title": "A", **given(fields, Points=3, Effort="High")})
    assert held(made) == {"Points": 3, "Effort": "High"}
    whole = given(fields, Points=2.5, Note="see below", Target="2026-04-01", Effort="Low", Teams=["App", "Web"])
    world.json("PATCH", f"{ISSUES}/1", whole)
    (listed,) = world.json("GET", ISSUES)
    told = {"Points": 2.5, "Note": "see below", "Target": "2026-04-01", "Effort": "Low", "Teams": ["App", "Web"]}
    assert held(listed) == told
    assert [kind["event"] for kind in world.json("GET", f"{ISSUES}/1/events")] == [
        *["issue_field_added"] * 2,
        *["issue_field_changed"] * 2,
        *["issue_field_added"] * 3,
    ]


def test_an_update_takes_away_the_values_it_does_not_name_and_an_addition_keeps_them(
    world: World, fields: dict[str, IssueField]
) -> None:
    world.json("POST", ISSUES, {"title": "A", **given(fields, Points=3, Effort="High")})
    assert held(world.json("PATCH", f"{ISSUES}/1", given(fields, Points=5))) == {"Points": 5}
    values = f"{ISSUES}/1/issue-field-values"
    added = world.json("POST", values, given(fields, Effort="Low"))
    assert [value["issue_field_name"] for value in added] == ["Points", "Effort"]
    world.json("PUT", values, given(fields, Note="alone"))
    assert [value["value"] for value in world.json("GET", values)] == ["alone"]
    world.json("PATCH", f"{ISSUES}/1", {"title": "B"})
    assert held(world.json("GET", f"{ISSUES}/1")) == {"Note": "alone"}
    assert held(world.json("PATCH", f"{ISSUES}/1", {"issue_field_values": []})) == {}


def test_an_update_can_be_told_to_keep_what_it_does_not_name(world: World, fields: dict[str, IssueField]) -> None:
    world.box.github.behaviour.patch_sets_all_fields = False
    world.json("POST", ISSUES, {"title": "A", **given(fields, Points=3)})
    assert held(world.json("PATCH", f"{ISSUES}/1", given(fields, Effort="Low"))) == {"Points": 3, "Effort": "Low"}


def test_a_value_is_deleted_once(world: World, fields: dict[str, IssueField]) -> None:
    world.json("POST", ISSUES, {"title": "A", **given(fields, Points=3)})
    path = f"{ISSUES}/1/issue-field-values/{fields['Points'].id}"
    assert [world.call("DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert held(world.json("GET", f"{ISSUES}/1")) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Points", "3"),
        ("Points", True),
        ("Note", 3),
        ("Target", "next week"),
        ("Target", "20260401"),
        ("Effort", "high"),
        ("Effort", "Medium"),
        ("Teams", "Web"),
        ("Teams", ["Web", "Ops"]),
        ("Note", None),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused_and_changes_nothing(
    world: World, fields: dict[str, IssueField], name: str, value: object
) -> None:
    world.json("POST", ISSUES, {"title": "A"})
    refused = world.call("PATCH", f"{ISSUES}/1", {"title": "B", **given(fields, **{name: value})})
    assert refused.status_code == 422
    assert world.json("GET", f"{ISSUES}/1")["title"] == "A"


def test_a_field_that_is_not_there_is_refused(world: World, fields: dict[str, IssueField]) -> None:
    unknown = {"issue_field_values": [{"field_id": 1, "value": "x"}]}
    assert world.call("POST", ISSUES, {"title": "A", **unknown}).status_code == 422


def test_values_in_the_repository_of_a_person_and_from_who_may_only_read_are_dropped_without_a_word(
    world: World, fields: dict[str, IssueField]
) -> None:
    world.box.github.add_repository("mei/notes")
    own = world.json("POST", "/repos/mei/notes/issues", {"title": "A", **given(fields, Points=3)})
    strange = world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A", **given(fields, Points=3)}, user="lin")
    assert (held(own), held(strange)) == ({}, {})
    refused = world.call("POST", f"/repos/{PUBLIC}/issues/1/issue-field-values", given(fields, Points=3), user="lin")
    assert refused.status_code == 403


def test_strangers_see_the_fields_that_are_for_everybody(world: World, fields: dict[str, IssueField]) -> None:
    fields["Effort"].visibility = "all"
    world.json("POST", f"/repos/{PUBLIC}/issues", {"title": "A", **given(fields, Points=3, Effort="Low")})
    seen = [held(world.json("GET", f"/repos/{PUBLIC}/issues", user=user)[0]) for user in ("tomas", "lin")]
    assert seen == [{"Points": 3, "Effort": "Low"}, {"Effort": "Low"}]


def test_a_changed_field_moves_the_time_of_the_issue_unless_told_otherwise(
    world: World, fields: dict[str, IssueField]
) -> None:
    before = world.json("POST", ISSUES, {"title": "A"})["updated_at"]
    world.box.clock.advance(timedelta(minutes=1))
    after = world.json("PATCH", f"{ISSUES}/1", given(fields, Points=3))["updated_at"]
    world.box.github.behaviour.field_changes_bump = False
    world.box.clock.advance(timedelta(minutes=1))
    assert before < after == world.json("PATCH", f"{ISSUES}/1", given(fields, Points=5))["updated_at"]


def test_what_is_held_goes_with_its_field(world: World, fields: dict[str, IssueField]) -> None:
    world.json("POST", ISSUES, {"title": "A", **given(fields, Points=3, Effort="High")})
    world.json("GET", ISSUES)
    world.box.github.remove_issue_field("acme", fields["Points"])
    world.box.github.rename_issue_field("acme", fields["Effort"], "Size")
    assert held(world.json("GET", ISSUES)[0]) == {"Size": "High"}


def test_a_renamed_option_keeps_its_values_and_a_removed_one_takes_them_along(
    world: World, fields: dict[str, IssueField]
) -> None:
    world.json("POST", ISSUES, {"title": "A", **given(fields, Effort="High", Teams=["Web", "App"])})
    high = world.json("GET", FIELDS)[3]["options"][0]
    path = f"{FIELDS}/{fields['Effort'].id}"
    world.json("PATCH", path, {"options": [{"id": high["id"], "name": "XL", "color": "red", "priority": 1}]})
    assert held(world.json("GET", f"{ISSUES}/1")) == {"Effort": "XL", "Teams": ["Web", "App"]}
    world.box.github.set_field_options("acme", fields["Effort"], ["S"])
    world.box.github.set_field_options("acme", fields["Teams"], ["App"])
    assert held(world.json("GET", f"{ISSUES}/1")) == {"Teams": ["App"]}


def test_values_of_a_removed_option_can_be_told_to_stay(world: World, fields: dict[str, IssueField]) -> None:
    world.box.github.behaviour.removed_option = "kept"
    world.json("POST", ISSUES, {"title": "A", **given(fields, Effort="High")})
    world.box.github.set_field_options("acme", fields["Effort"], ["Low"])
    assert held(world.json("GET", f"{ISSUES}/1")) == {"Effort": "High"}
