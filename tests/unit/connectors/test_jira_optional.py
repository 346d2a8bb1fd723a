"""What each reader of Jira's JSON makes of a part that is absent, null or empty: unknown, nothing, or no sense."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.jira import mapping
from connectors.jira.changelog import entry_of
from connectors.jira.dialect import CLOUD, DATA_CENTER
from connectors.jira.history import past_changes
from connectors.jira.json_fields import Malformed
from connectors.jira.screens import ScreenField
from connectors.jira.site import CustomFields, Site
from connectors.jira.workflow import transitions_of
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Status

ABSENT: Any = object()
"""Stands for a key that is not there."""
UNKNOWN: Any = object()
"""The field is not in the showing."""
NO_SENSE: Any = object()
"""The item is set aside, with a reason."""

START = "customfield_9"
SITES = {
    "cloud": Site("https://acme.example", CLOUD, "PAY", CustomFields(start_date=START)),
    "server": Site("https://jira.example", DATA_CENTER, "PAY", CustomFields(epic_link="customfield_3")),
}
TIME = "2026-03-02T09:00:00.000+0800"
STATUS = {"name": "Done", "statusCategory": {"key": "done"}}


@pytest.fixture(params=["cloud", "server"])
def site(request: pytest.FixtureRequest) -> Site:
    return SITES[request.param]


def put(value: dict[str, Any], name: str, part: Any) -> dict[str, Any]:
    """An object with a part; without it where it is ABSENT."""
    rest = {key: each for key, each in value.items() if key != name}
    return rest if part is ABSENT else {**rest, name: part}


def issue(**fields: Any) -> dict[str, Any]:
    basic = {
        "summary": "Refund fails", "status": STATUS, "created": TIME, "updated": TIME, "security": None,
        "issuetype": {"name": "Bug"}, "resolution": {"name": "Done"},
    }  # fmt: skip
    for name, part in fields.items():
        basic = put(basic, name, part)
    return {"id": "10001", "key": "PAY-7", "fields": basic}


def read(raw: dict[str, Any], site: Site) -> Observed:
    return mapping.observed_issue(raw, site, Audience.MEMBERS)


DONE = Status("Done", Category.DONE, "Done")


@pytest.mark.parametrize(
    ("name", "part", "field", "shown"),
    [
        ("description", ABSENT, Field.BODY, UNKNOWN),
        ("description", None, Field.BODY, ""),
        ("description", "", Field.BODY, ""),
        ("labels", ABSENT, Field.LABELS, UNKNOWN),
        ("labels", None, Field.LABELS, UNKNOWN),
        ("labels", [], Field.LABELS, ()),
        ("components", ABSENT, Field.COMPONENTS, UNKNOWN),
        ("components", None, Field.COMPONENTS, UNKNOWN),
        ("components", [], Field.COMPONENTS, ()),
        ("components", [{}], Field.COMPONENTS, NO_SENSE),
        ("components", [{"id": "1", "name": None}], Field.COMPONENTS, NO_SENSE),
        ("fixVersions", ABSENT, Field.MILESTONES, UNKNOWN),
        ("fixVersions", None, Field.MILESTONES, UNKNOWN),
        ("fixVersions", [], Field.MILESTONES, ()),
        ("fixVersions", [{"name": "1.0"}], Field.MILESTONES, NO_SENSE),
        ("assignee", ABSENT, Field.ASSIGNEES, UNKNOWN),
        ("assignee", None, Field.ASSIGNEES, ()),
        ("assignee", {}, Field.ASSIGNEES, UNKNOWN),
        ("assignee", {"displayName": "Somebody", "accountId": "", "name": None}, Field.ASSIGNEES, UNKNOWN),
        ("priority", ABSENT, Field.PRIORITY, UNKNOWN),
        ("priority", None, Field.PRIORITY, None),
        ("priority", {}, Field.PRIORITY, NO_SENSE),
        ("issuetype", ABSENT, Field.TYPE, UNKNOWN),
        ("issuetype", {}, Field.TYPE, NO_SENSE),
        ("duedate", ABSENT, Field.DUE, UNKNOWN),
        ("duedate", None, Field.DUE, None),
        ("duedate", "", Field.DUE, None),
        ("status", ABSENT, Field.STATUS, NO_SENSE),
        ("status", None, Field.STATUS, NO_SENSE),
        ("status", {}, Field.STATUS, NO_SENSE),
        ("resolution", None, Field.STATUS, Status("Done", Category.DONE)),
        ("resolution", {}, Field.STATUS, NO_SENSE),
        ("summary", ABSENT, Field.TITLE, NO_SENSE),
        ("summary", None, Field.TITLE, NO_SENSE),
        ("summary", "", Field.TITLE, ""),
        ("issuelinks", ABSENT, Field.BLOCKED_BY, UNKNOWN),
        ("issuelinks", None, Field.BLOCKED_BY, UNKNOWN),
        ("issuelinks", [], Field.BLOCKED_BY, ()),
        ("issuelinks", [{"id": "1"}], Field.BLOCKED_BY, UNKNOWN),
        ("issuelinks", [{"id": "1", "type": {}}], Field.BLOCKED_BY, UNKNOWN),
        ("issuelinks", [{"id": "1", "type": {"name": "Blocks"}}], Field.BLOCKED_BY, UNKNOWN),
        ("issuelinks", [{"id": "1", "type": {"name": "Blocks"}, "inwardIssue": {}}], Field.BLOCKED_BY, NO_SENSE),
        ("issuelinks", [{"id": "1", "type": {"name": "Clones"}}], Field.BLOCKED_BY, ()),
        ("issuelinks", [{"id": "1", "type": {"name": "Blocks"}, "outwardIssue": {"id": "5"}}], Field.BLOCKED_BY, ()),
        ("issuelinks", [{"id": "1", "type": {"name": "Blocks"}, "inwardIssue": {"id": "5"}}], Field.BLOCKED_BY, ("5",)),
        ("reporter", ABSENT, Field.STATUS, DONE),
        ("creator", None, Field.STATUS, DONE),
        ("attachment", None, Field.STATUS, DONE),
        ("timespent", None, Field.STATUS, DONE),
        ("resolutiondate", ABSENT, Field.STATUS, DONE),
    ],
)
def test_an_issue(site: Site, name: str, part: Any, field: Field, shown: Any) -> None:
    raw = issue(**{name: part})
    if shown is NO_SENSE:
        with pytest.raises(Malformed, match=r"PAY-7"):
            read(raw, site)
    else:
        assert read(raw, site).showing.get(field, UNKNOWN) == shown


@pytest.mark.parametrize(
    ("part", "shown"), [(ABSENT, UNKNOWN), (None, None), ("", None), ("2026-03-02", date(2026, 3, 2))]
)
def test_a_start_date(part: Any, shown: Any) -> None:
    assert read(issue(**{START: part}), SITES["cloud"]).showing.get(Field.START, UNKNOWN) == shown


@pytest.mark.parametrize(
    ("deployment", "fields", "shown"),
    [
        ("cloud", {}, None),
        ("cloud", {"issuetype": ABSENT}, UNKNOWN),
        ("cloud", {"parent": None}, None),
        ("server", {}, UNKNOWN),
        ("server", {"customfield_3": None}, None),
        ("server", {"customfield_3": ""}, None),
        ("server", {"customfield_3": "PAY-1"}, UNKNOWN),
        ("server", {"parent": {"id": "5"}}, "5"),
    ],
)
def test_a_parent(deployment: str, fields: dict[str, Any], shown: Any) -> None:
    assert read(issue(**fields), SITES[deployment]).showing.get(Field.PARENT, UNKNOWN) == shown


@pytest.mark.parametrize(
    ("name", "part", "audience"),
    [
        ("security", ABSENT, Audience.RESTRICTED),
        ("security", None, Audience.MEMBERS),
        ("security", {}, Audience.RESTRICTED),
        ("security", "", Audience.RESTRICTED),
        ("issuerestriction", None, Audience.MEMBERS),
        ("issuerestriction", {}, Audience.MEMBERS),
        ("issuerestriction", {"issuerestrictions": None}, Audience.MEMBERS),
        ("issuerestriction", {"issuerestrictions": {"projectrole": []}}, Audience.RESTRICTED),
    ],
)
def test_who_sees_an_issue(site: Site, name: str, part: Any, audience: Audience) -> None:
    assert read(issue(**{name: part}), site).audience is audience


COMMENT = {"id": "20001", "body": "Hi", "created": TIME, "updated": TIME, "jsdPublic": True, "author": {"name": "mia"}}


@pytest.mark.parametrize(
    ("name", "part", "body", "audience"),
    [
        ("body", ABSENT, NO_SENSE, None),
        ("body", None, "", Audience.MEMBERS),
        ("body", "", "", Audience.MEMBERS),
        ("updated", ABSENT, NO_SENSE, None),
        ("created", None, NO_SENSE, None),
        ("author", ABSENT, "Hi", Audience.MEMBERS),
        ("author", None, "Hi", Audience.MEMBERS),
        ("author", {}, "Hi", Audience.MEMBERS),
        ("visibility", None, "Hi", Audience.MEMBERS),
        ("visibility", {}, "Hi", Audience.RESTRICTED),
        ("jsdPublic", None, "Hi", Audience.RESTRICTED),
        ("properties", None, "Hi", Audience.MEMBERS),
        ("properties", [None, {}], "Hi", Audience.MEMBERS),
    ],
)
def test_a_comment(site: Site, name: str, part: Any, body: Any, audience: Any) -> None:
    parent = read(issue(), site)
    raw = put(COMMENT, name, part)
    if body is NO_SENSE:
        with pytest.raises(Malformed, match="comment 20001"):
            mapping.observed_comment(raw, parent, site)
        return
    shown = mapping.observed_comment(raw, parent, site)
    assert (shown.showing[Field.BODY], shown.audience) == (body, audience)


def test_a_comment_that_does_not_say_whether_it_is_internal_is_so_on_cloud_alone() -> None:
    raw = put(COMMENT, "jsdPublic", ABSENT)
    seen = {name: mapping.observed_comment(raw, read(issue(), site), site).audience for name, site in SITES.items()}
    assert seen == {"cloud": Audience.RESTRICTED, "server": Audience.MEMBERS}


@pytest.mark.parametrize(
    ("name", "part", "field", "shown"),
    [
        # A version has no field configuration that hides a part of it: what it lacks, it does not have.
        ("description", ABSENT, Field.BODY, ""),
        ("description", None, Field.BODY, ""),
        ("releaseDate", ABSENT, Field.DUE, None),
        ("startDate", "", Field.START, None),
        ("name", ABSENT, Field.TITLE, NO_SENSE),
        ("name", None, Field.TITLE, NO_SENSE),
        ("id", ABSENT, Field.TITLE, NO_SENSE),
    ],
)
def test_a_version(site: Site, name: str, part: Any, field: Field, shown: Any) -> None:
    raw = put({"id": "7", "name": "1.0", "archived": False, "released": False}, name, part)
    if shown is NO_SENSE:
        with pytest.raises(Malformed):
            mapping.observed_version(raw, site, Audience.MEMBERS)
    else:
        assert mapping.observed_version(raw, site, Audience.MEMBERS).showing[field] == shown


WAY = {"id": "6", "name": "Resolve", "to": STATUS, "fields": {}}


@pytest.mark.parametrize(
    ("name", "part", "offered"),
    [("fields", ABSENT, None), ("fields", None, None), ("fields", {}, frozenset()), ("name", ABSENT, frozenset())],
)
def test_a_transition(name: str, part: Any, offered: Any) -> None:
    (way,) = transitions_of({"transitions": [put(WAY, name, part)]}, "transitions")
    assert (way.offered, way.required, way.resolutions) == (offered, frozenset(), ())


@pytest.mark.parametrize(
    "screen", [{"resolution": None}, {"resolution": {}}, {"resolution": {"required": None, "allowedValues": None}}]
)
def test_a_screen_that_tells_little_requires_nothing(screen: dict[str, Any]) -> None:
    (way,) = transitions_of({"transitions": [{**WAY, "fields": screen}]}, "transitions")
    assert (way.required, way.resolutions) == (frozenset(), ())


@pytest.mark.parametrize(("name", "part"), [("id", ABSENT), ("id", None), ("to", ABSENT), ("to", None), ("to", {})])
def test_a_transition_that_leads_nowhere_keeps_no_other_from_being_taken(name: str, part: Any) -> None:
    odd = put(WAY, name, part)
    assert [way.id for way in transitions_of({"transitions": [odd, WAY]}, "transitions")] == ["6"]
    with pytest.raises(Malformed):
        transitions_of({"transitions": [odd]}, "transitions")


@pytest.mark.parametrize(
    ("meta", "entry"),
    [
        ({}, ScreenField("", False, ())),
        ({"name": None, "required": None, "allowedValues": None, "schema": None}, ScreenField("", False, ())),
        ({"name": "Team", "required": True}, ScreenField("Team", True, ())),
        ({"name": "Team", "required": True, "hasDefaultValue": True}, ScreenField("Team", False, ())),
        ({"name": "Team", "schema": {"type": "array"}, "allowedValues": [{}]}, ScreenField("Team", False, ({},), True)),
    ],
)
def test_a_field_of_a_create_screen(meta: dict[str, Any], entry: ScreenField) -> None:
    assert ScreenField.of(meta) == entry
    assert entry.example in {'"..."', '["..."]'}


ROW = {"id": "9", "created": TIME, "author": {"accountId": "mia"}}
REF = Ref(Kind.TASK, "10001")


@pytest.mark.parametrize(
    ("item", "values"),
    [
        ({"field": "labels", "fromString": "red", "toString": ""}, [(("red",), ())]),
        ({"field": "labels", "fromString": "red", "toString": None}, [(("red",), ())]),
        ({"field": "labels", "fromString": "red"}, []),
        ({"field": "labels", "toString": "red"}, []),
        ({"field": "labels"}, []),
        ({"field": None, "fromString": "a", "toString": "b"}, []),
        ({"fromString": "a", "toString": "b"}, []),
        ({"field": "summary", "fromString": None, "toString": "b"}, [("", "b")]),
    ],
)
def test_a_row_of_the_changelog(site: Site, item: dict[str, Any], values: list[Any]) -> None:
    entry = entry_of({**ROW, "items": [item]}, None, site)
    changes = past_changes(REF, [entry] if entry else [], {}, str, site)
    assert [(change.old, change.new) for change in changes] == values


@pytest.mark.parametrize("items", [ABSENT, None, []])
def test_a_row_without_items_tells_nothing(site: Site, items: Any) -> None:
    assert entry_of(put(ROW, "items", items), None, site) is None


@pytest.mark.parametrize(("name", "part"), [("id", ABSENT), ("created", ABSENT), ("created", None), ("created", "")])
def test_a_row_that_nobody_can_place_makes_no_sense(site: Site, name: str, part: Any) -> None:
    item = {"field": "summary", "fromString": "a", "toString": "b"}
    with pytest.raises(Malformed):
        entry_of(put({**ROW, "items": [item]}, name, part), None, site)
