"""Jira's JSON becomes items only when it is whole, and restricted whenever that cannot be excluded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira import bodies, mapping
from connectors.jira.dialect import CLOUD, DATA_CENTER
from connectors.jira.json_fields import Malformed
from connectors.jira.site import CustomFields, Site
from syncer.contract.model import Audience, Category, Draft, Field, Kind, Marker, Observed, Patch, Status
from syncer.core.codec import decode_observed, encode_observed

SITE = Site("https://acme.example", CLOUD, "PAY", CustomFields(sprint="customfield_1", flagged="customfield_2"))
SERVER = Site(
    "https://jira.example", DATA_CENTER, "PAY", CustomFields(sprint="customfield_1", epic_link="customfield_3")
)
OPEN = Audience.PUBLIC
RECORDED = Path(__file__).resolve().parents[3] / "../shared/data/recorded/jira-issues.jsonl"
DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hi"}]}],
}


def issue(**fields: Any) -> dict[str, Any]:
    basic = {
        "summary": "Refund fails",
        "description": DOCUMENT,
        "status": {"name": "In Review", "statusCategory": {"key": "indeterminate"}},
        "resolution": None,
        "created": "2026-03-02T09:00:00.000+0800",
        "updated": "2026-03-02T10:00:00.123+0800",
        "security": None,
        "labels": ["zebra", "apple"],
        "reporter": {"accountId": "1:a", "displayName": "Mia", "accountType": "atlassian"},
    }
    return {"id": "10001", "key": "PAY-7", "fields": {**basic, **fields}}


def comment(**parts: Any) -> dict[str, Any]:
    basic = {"id": "20001", "body": DOCUMENT, "created": "2026-03-02T09:00:00.000+0800", "jsdPublic": True}
    return {**basic, "updated": "2026-03-02T09:00:00.000+0800", **parts}


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != key}


def observed(raw: dict[str, Any], site: Site = SITE, scope: Audience = OPEN) -> Observed:
    return mapping.observed_issue(raw, site, scope)


def test_times_are_utc() -> None:
    assert observed(issue()).created == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert observed(issue()).created.tzinfo is UTC


def test_a_body_is_compact_json_whatever_the_order_of_its_keys() -> None:
    shuffled = {"content": DOCUMENT["content"], "version": 1, "type": "doc"}
    bodies = {observed(issue(description=body)).showing[Field.BODY] for body in (DOCUMENT, shuffled)}
    assert bodies == {json.dumps(DOCUMENT, sort_keys=True, separators=(",", ":"))}


def test_no_body_is_an_empty_one() -> None:
    assert observed(issue(description=None)).showing[Field.BODY] == ""


def test_status_carries_category_and_resolution() -> None:
    raw = issue(status={"name": "Done", "statusCategory": {"key": "done"}}, resolution={"name": "Won't Do"})
    assert observed(raw).showing[Field.STATUS] == Status("Done", Category.DONE, "Won't Do")


@pytest.mark.parametrize("part", ["summary", "status", "updated", "created"])
def test_an_issue_without_a_part_is_refused_by_name(part: str) -> None:
    raw = issue()
    del raw["fields"][part]
    with pytest.raises(Malformed, match=f"PAY-7.*({part}|title)"):
        observed(raw)


@pytest.mark.parametrize(
    "raw",
    [
        issue(summary=None),
        issue(summary=["x"]),
        issue(status="Done"),
        issue(status={"name": "Done"}),
        issue(updated="yesterday"),
        issue(updated="2026-03-02T09:00:00"),
        issue(labels="x"),
        issue(description=7),
        issue(duedate="soon"),
        without(issue(), "id"),
        without(issue(), "fields"),
        {**issue(), "id": "PAY-7"},
        {**issue(), "id": True},
        {**issue(), "key": None},
    ],
)
def test_an_ill_formed_issue_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        observed(raw)


@pytest.mark.parametrize(
    ("raw", "scope", "audience"),
    [
        (issue(), OPEN, Audience.PUBLIC),
        (issue(), Audience.MEMBERS, Audience.MEMBERS),
        (issue(security={"id": "1", "name": "Team"}), OPEN, Audience.RESTRICTED),
        (issue(issuerestriction={"issuerestrictions": {"projectrole": []}}), OPEN, Audience.RESTRICTED),
        (issue(issuerestriction={"issuerestrictions": {}, "shouldDisplay": False}), OPEN, Audience.PUBLIC),
        ({**issue(), "fields": without(issue()["fields"], "security")}, OPEN, Audience.RESTRICTED),
    ],
)
def test_an_issue_is_restricted_unless_it_is_known_not_to_be(
    raw: dict[str, Any], scope: Audience, audience: Audience
) -> None:
    assert observed(raw, scope=scope).audience is audience


def test_an_issue_that_does_not_show_its_level_is_restricted_until_that_was_asked() -> None:
    hidden = {**issue(), "fields": without(issue()["fields"], "security")}
    task = observed(hidden)
    assert (task.audience, task.audience_untold) == (Audience.RESTRICTED, True)
    assert mapping.observed_comment(comment(), task, SITE).audience_untold
    internal = mapping.observed_comment(comment(jsdPublic=False), task, SITE)
    assert (internal.audience, internal.audience_untold) == (Audience.RESTRICTED, False)


@pytest.mark.parametrize(
    ("raw", "site", "audience"),
    [
        (comment(), SITE, Audience.PUBLIC),
        (comment(visibility={"type": "role", "value": "Developers"}), SITE, Audience.RESTRICTED),
        (comment(visibility={}), SITE, Audience.RESTRICTED),
        (comment(jsdPublic=False), SITE, Audience.RESTRICTED),
        (comment(jsdPublic=None), SITE, Audience.RESTRICTED),
        (without(comment(), "jsdPublic"), SITE, Audience.RESTRICTED),
        ({**without(comment(), "jsdPublic"), "body": "Hi"}, SERVER, Audience.PUBLIC),
        (
            {**comment(), "body": "Hi", "properties": [{"key": "sd.public.comment", "value": {"internal": True}}]},
            SERVER,
            Audience.RESTRICTED,
        ),
    ],
)
def test_a_comment_is_restricted_unless_it_is_known_not_to_be(
    raw: dict[str, Any], site: Site, audience: Audience
) -> None:
    parent = observed(issue(description=None), site)
    assert mapping.observed_comment(raw, parent, site).audience is audience


def test_comments_of_a_restricted_issue_are_restricted() -> None:
    parent = observed(issue(security={"name": "Team"}))
    assert mapping.observed_comment(comment(), parent, SITE).audience is Audience.RESTRICTED


@pytest.mark.parametrize(
    "properties",
    [{"syncer": {"marker": "a:1"}}, {"properties": {"syncer": {"marker": "a:1"}}}, {"syncer": '{"marker": "a:1"}'}],
)
def test_the_marker_is_read_in_each_form(properties: dict[str, Any]) -> None:
    assert observed({**issue(), "properties": properties}).marker == "a:1"


@pytest.mark.parametrize(
    "properties",
    [None, {}, {"syncer": None}, {"syncer": {"marker": "not a marker!"}}, {"syncer": {"marker": 7}}, {"syncer": "x"}],
)
def test_anything_else_is_no_marker(properties: Any) -> None:
    assert observed({**issue(), "properties": properties}).marker is None


def test_blockers_are_those_that_point_inward() -> None:
    def link(kind: str, side: str, native: str, category: str) -> dict[str, Any]:
        status = {"name": "x", "statusCategory": {"key": category}}
        return {"id": f"1{native}", "type": {"name": kind}, side: {"id": native, "fields": {"status": status}}}

    links = [
        link("Blocks", "inwardIssue", "1", "done"),
        link("Blocks", "inwardIssue", "2", "new"),
        link("Blocks", "outwardIssue", "3", "new"),
        link("Relates", "inwardIssue", "4", "new"),
    ]
    item = observed(issue(issuelinks=links))
    assert (item.showing[Field.BLOCKED_BY], item.facts.open_blockers) == (("1", "2"), 1)
    assert (item.showing[Field.RELATES], item.showing[Field.DUPLICATES]) == (("4",), ())


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (
            [
                {"name": "Old", "state": "closed"},
                {"name": "Now", "state": "active"},
                {"name": "Next", "state": "future"},
            ],
            "Now",
        ),
        ([{"name": "Old", "state": "closed"}], "Old"),
        (
            ["com.x.Sprint@1[id=1,rapidViewId=2,state=ACTIVE,name=Sprint 1, May,startDate=<null>,goal=]"],
            "Sprint 1, May",
        ),
        ([], None),
        (None, None),
    ],
)
def test_the_sprint_is_the_active_one(value: Any, name: str | None) -> None:
    assert observed(issue(customfield_1=value)).facts.iteration == name


def test_an_epic_link_becomes_the_epics_id() -> None:
    raw = issue(description="Text", customfield_3="PAY-1")
    assert mapping.observed_issue(raw, SERVER, OPEN, {"PAY-1": "10000"}).showing[Field.PARENT] == "10000"
    assert Field.PARENT not in mapping.observed_issue(raw, SERVER, OPEN).showing  # an epic that nobody knows yet


def test_a_version_is_a_milestone() -> None:
    raw = {"id": "1", "name": "Spring", "released": True, "archived": False, "releaseDate": "2026-05-31"}
    item = mapping.observed_version(raw, SITE, OPEN)
    assert item.showing[Field.STATUS] == Status("released", Category.DONE)
    assert item.showing[Field.DUE] == date(2026, 5, 31)


def test_the_version_differs_with_what_is_shown() -> None:
    assert observed(issue(summary="Other")).version != observed(issue()).version


@pytest.mark.parametrize(
    "title", ["Two\nlines", "Two\r\nlines", " Two lines ", "Two\u2028lines", "T\x00wo lines\ud800"]
)
def test_a_title_is_written_on_one_line(title: str) -> None:
    draft = Draft(Kind.TASK, {Field.TITLE: title}, Marker("m"))
    assert bodies.created_issue(draft, SITE, "Task")["fields"]["summary"] == "Two lines"


@given(st.text())
def test_any_source_can_be_sent_as_a_document(source: str) -> None:
    sent = bodies.body_of(source, CLOUD)
    assert sent is None or sent["type"] == "doc"
    json.dumps(sent, ensure_ascii=False).encode()


def test_plain_text_of_a_document_keeps_its_lines() -> None:
    source = json.dumps(bodies.plain_adf("One\nTwo"))
    assert bodies.plain_text(source, CLOUD) == "One\nTwo"


def test_an_edit_names_only_what_differs() -> None:
    before = observed(issue())
    patch: Patch = {Field.LABELS: ("apple", "new"), Field.DUE: date(2026, 5, 31), Field.ASSIGNEES: ()}
    assert bodies.edited_issue(before, patch, SITE) == {
        "fields": {"duedate": "2026-05-31", "assignee": None},
        "update": {"labels": [{"add": "new"}, {"remove": "zebra"}]},
    }


def test_a_set_that_does_not_differ_is_no_edit() -> None:
    assert bodies.edited_issue(observed(issue()), {Field.LABELS: ("apple", "zebra")}, SITE) == {}


def test_unknown_category_counts_as_to_do() -> None:
    raw = issue(status={"name": "Odd", "statusCategory": {"key": "undefined"}})
    assert observed(raw).showing[Field.STATUS] == Status("Odd", Category.TODO)


def _recorded() -> Iterator[dict[str, Any]]:
    with RECORDED.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


@pytest.mark.skipif(not RECORDED.exists(), reason=f"recorded issues are not at {RECORDED.name}")
def test_recorded_issues_are_understood() -> None:
    site = Site("https://jira.example", DATA_CENTER, "EE")
    for raw in _recorded():
        task = mapping.observed_issue(raw, site, OPEN)
        assert task.showing[Field.TITLE]
        for each in raw["fields"]["comment"]["comments"]:
            assert mapping.observed_comment(each, task, site).parent == task.ref


@pytest.mark.parametrize(
    ("seconds", "hours"), [(28_800, 8.0), (5_400, 1.5), (0, 0.0), (None, None), (True, None), ("8h", None)]
)
def test_hours_come_from_seconds(seconds: object, hours: float | None) -> None:
    facts = observed(issue(timeoriginalestimate=seconds, timespent=seconds)).facts
    assert (facts.estimate_hours, facts.spent_hours) == (hours, hours)


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ({"name": "长篇故事", "subtask": False, "hierarchyLevel": 1}, 1),
        ({"name": "Story", "subtask": False, "hierarchyLevel": 0}, 0),
        ({"name": "Sub-task", "subtask": True, "hierarchyLevel": -1}, -1),
        ({"name": "Technische Aufgabe", "subtask": True}, -1),  # Data Center tells no levels
        ({"name": "Epic", "subtask": False}, None),
        ({"name": "Odd", "hierarchyLevel": True}, None),
        (None, None),
    ],
)
def test_the_level_of_a_type_is_what_jira_tells(kind: object, level: int | None) -> None:
    found = observed(issue(issuetype=kind))
    assert found.facts.level == level
    assert decode_observed(encode_observed(found)) == found
