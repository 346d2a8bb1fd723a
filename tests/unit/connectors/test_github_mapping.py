"""GitHub's JSON to items and back, without a network."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.github.bodies import creation, element_wise, milestone_changes, same, task_changes
from connectors.github.mapping import (
    MalformedError,
    RepositoryFacts,
    audience,
    comment,
    is_pull_request,
    milestone,
    task,
)
from connectors.github.marker import with_marker, without_linked, without_marker
from syncer.contract.errors import Rejected
from syncer.contract.model import MISPLACED, Audience, Category, Draft, Field, Kind, Marker, Ref, Status

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "recorded"
SCOPE = RepositoryFacts("acme/pay", Audience.MEMBERS)
USER = {"login": "mia", "id": 7, "html_url": "https://github.com/mia", "type": "User"}
ISSUE: dict[str, Any] = {
    "id": 1001,
    "number": 12,
    "html_url": "https://github.com/acme/pay/issues/12",
    "title": "Refund fails",
    "body": "Since Monday.",
    "state": "open",
    "state_reason": None,
    "labels": [{"name": "zebra"}, {"name": "apple"}],
    "assignees": [USER],
    "milestone": {"id": 501, "number": 3},
    "user": USER,
    "comments": 0,
    "created_at": "2026-03-02T09:00:00Z",
    "updated_at": "2026-03-02T10:00:00Z",
    "closed_at": None,
}
COMMENT = {key: ISSUE[key] for key in ("id", "html_url", "body", "user", "created_at", "updated_at")}
MILESTONE: dict[str, Any] = {
    "id": 501,
    "number": 3,
    "html_url": "https://github.com/acme/pay/milestone/3",
    "title": "Spring",
    "description": None,
    "state": "open",
    "due_on": "2026-05-31T07:00:00Z",
    "creator": USER,
    "created_at": "2026-03-02T09:00:00Z",
    "updated_at": "2026-03-02T10:00:00Z",
}


def test_issue_shows_its_fields() -> None:
    item = task(ISSUE, SCOPE)
    assert (item.ref, item.key) == (Ref(Kind.TASK, "1001"), "acme/pay#12")
    assert dict(item.showing) == {
        Field.TITLE: "Refund fails",
        Field.BODY: "Since Monday.",
        Field.STATUS: Status("open", Category.TODO),
        Field.LABELS: ("apple", "zebra"),
        Field.ASSIGNEES: ("mia",),
        Field.MILESTONES: ("501",),
    }
    assert item.updated == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("key", ["id", "number", "html_url", "title", "state", "labels", "assignees", "updated_at"])
@pytest.mark.parametrize("broken", [None, "missing", True, 1.5, {}])
def test_issue_without_a_part_is_malformed_and_says_which(key: str, broken: object) -> None:
    data = {**ISSUE, key: broken}
    if broken == "missing":
        del data[key]
    with pytest.raises(MalformedError, match=key):
        task(data, SCOPE)


@pytest.mark.parametrize("broken", [3, [], {"x": 1}])
def test_body_of_the_wrong_type_is_malformed(broken: object) -> None:
    with pytest.raises(MalformedError, match="body"):
        task({**ISSUE, "body": broken}, SCOPE)


@pytest.mark.parametrize("time", ["", "yesterday", "2026-03-02T10:00:00"])
def test_time_without_a_zone_is_malformed(time: str) -> None:
    with pytest.raises(MalformedError, match="updated_at"):
        task({**ISSUE, "updated_at": time}, SCOPE)


@pytest.mark.parametrize(
    ("state", "reason", "status"),
    [
        ("open", None, Status("open", Category.TODO)),
        ("open", "reopened", Status("open", Category.TODO)),
        ("closed", "completed", Status("closed", Category.DONE, "completed")),
        ("closed", "not_planned", Status("closed", Category.DONE, "not_planned")),
        ("closed", None, Status("closed", Category.DONE, "completed")),
    ],
)
def test_state_and_reason_are_a_status(state: str, reason: str | None, status: Status) -> None:
    assert task({**ISSUE, "state": state, "state_reason": reason}, SCOPE).showing[Field.STATUS] == status


def test_type_is_shown_only_where_there_are_types() -> None:
    data = {**ISSUE, "type": {"name": "Bug"}}
    assert Field.TYPE not in task(data, SCOPE).showing
    assert task(data, RepositoryFacts("acme/pay", Audience.MEMBERS, issue_types=True)).showing[Field.TYPE] == "Bug"


def test_deleted_user_is_nobody() -> None:
    assert task({**ISSUE, "user": None}, SCOPE).author is None


def test_version_tells_apart_two_showings_of_one_second() -> None:
    assert task(ISSUE, SCOPE).version != task({**ISSUE, "title": "Other"}, SCOPE).version


def test_open_blockers_are_counted() -> None:
    data = {**ISSUE, "issue_dependencies_summary": {"blocked_by": 2, "total_blocked_by": 5}}
    assert task(data, SCOPE).facts.open_blockers == 2


def test_milestone_shows_its_day() -> None:
    item = milestone(MILESTONE, SCOPE)
    assert (item.key, item.showing[Field.DUE], item.showing[Field.BODY]) == ("3", date(2026, 5, 31), "")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"visibility": "public", "private": False}, Audience.PUBLIC),
        ({"visibility": "internal", "private": True}, Audience.ORGANIZATION),
        ({"visibility": "private", "private": True}, Audience.MEMBERS),
        ({"private": True}, Audience.MEMBERS),
        ({"private": False}, Audience.PUBLIC),
        ({"visibility": "secret", "private": False}, Audience.RESTRICTED),
        ({"visibility": 1, "private": False}, Audience.RESTRICTED),
        ({}, Audience.RESTRICTED),
    ],
)
def test_audience_that_is_not_known_is_restricted(data: dict[str, Any], expected: Audience) -> None:
    assert audience(data) is expected


BODIES = st.text(alphabet=st.sampled_from("ab \n\r<!-->:你😀"), max_size=40)
MARKERS = st.from_regex(r"\A[A-Za-z0-9._:-]{1,200}\Z")


@given(BODIES, MARKERS)
def test_marker_comes_back_and_the_body_differs_by_final_line_ends_at_most(body: str, marker: str) -> None:
    text, found = without_marker(with_marker(body, Marker(marker)))
    assert found == marker
    assert text.rstrip("\r\n") == body.rstrip("\r\n")


@given(BODIES, MARKERS, BODIES)
def test_the_marker_of_a_linked_item_is_no_part_of_its_body_wherever_people_write(
    above: str, marker: str, below: str
) -> None:
    shown = without_linked(f"{with_marker(above, Marker(marker))}\r\n\r\n{below}", Marker(marker))
    assert shown is not None
    assert f"<!-- syncer:{marker} -->" not in shown.splitlines() or f"<!-- syncer:{marker} -->" in above + below


@pytest.mark.parametrize("text", ["<!-- syncer:m-1 -->\n\nBelow", "<!-- syncer:m-1 -->\n\n<!-- syncer:m-1 -->"])
def test_a_marker_that_was_moved_or_doubled_proves_nothing_and_stays_in_the_text(text: str) -> None:
    assert without_marker(text) == (text, f"{MISPLACED}m-1")


def test_code_that_looks_like_a_marker_is_written_so_that_it_is_none_and_read_back_as_it_was() -> None:
    text = "```\n<!-- syncer:pay.left.task.1.x -->\n```"
    written = with_marker(text, Marker("m-1"))
    assert "<!-- syncer:pay" not in written
    assert without_marker(written) == (text, "m-1")


@given(BODIES, MARKERS)
@example("\r\r", "0")
def test_writing_a_read_body_again_changes_nothing(body: str, marker: str) -> None:
    once = with_marker(body, Marker(marker))
    shown, found = without_marker(once)
    assert without_marker(with_marker(shown, found)) == (shown, found)


def test_text_without_a_marker_is_untouched() -> None:
    text = "a\r\n\r\n<!-- a comment of a person -->\n\n"
    assert without_marker(text) == (text, None)


def test_what_cannot_be_stored_is_left_out() -> None:
    assert with_marker("a\x00b\ud83dc😀", None) == "abc😀"


def test_creation_holds_the_marker_and_nothing_empty() -> None:
    fields = {Field.TITLE: "New", Field.LABELS: (), Field.ASSIGNEES: ("mia",), Field.MILESTONES: ("501",)}
    body = creation(Draft(Kind.TASK, fields, Marker("m-1")), 3)
    assert body == {"title": "New", "assignees": ["mia"], "milestone": 3, "body": "<!-- syncer:m-1 -->"}


def test_status_of_a_draft_is_left_to_an_update() -> None:
    fields = {Field.TITLE: "New", Field.STATUS: Status("closed", Category.DONE)}
    assert "state" not in creation(Draft(Kind.TASK, fields, Marker("m-1")), None)


@pytest.mark.parametrize(
    ("patch", "body"),
    [
        ({Field.TITLE: "T"}, {"title": "T"}),
        ({Field.STATUS: Status("open", Category.TODO)}, {"state": "open"}),
        ({Field.STATUS: Status("closed", Category.DONE)}, {"state": "closed", "state_reason": "completed"}),
        ({Field.MILESTONES: ()}, {"milestone": None}),
        ({Field.MILESTONES: ("501",)}, {"milestone": 3}),
        ({Field.TYPE: None}, {"type": None}),
        ({Field.LABELS: ("a", "b")}, {"labels": ["a", "b"]}),
    ],
)
def test_patch_becomes_the_fields_of_the_request(patch: dict[Field, Any], body: dict[str, Any]) -> None:
    assert task_changes(patch, None, 3) == body


@pytest.mark.parametrize(
    "patch",
    [
        {Field.STATUS: Status("In Progress", Category.DOING)},
        {Field.STATUS: Status("closed", Category.DONE, "Fixed")},
        {Field.PRIORITY: "High"},
        {Field.MILESTONES: ("1", "2")},
        {Field.TITLE: None},
    ],
)
def test_what_an_issue_cannot_hold_is_rejected_by_name(patch: dict[Field, Any]) -> None:
    (field,) = patch
    with pytest.raises(Rejected, match=field.value):
        task_changes(patch, None, None)


def test_day_of_a_milestone_is_written_as_noon() -> None:
    assert milestone_changes({Field.DUE: date(2026, 5, 31)}, None) == {"due_on": "2026-05-31T12:00:00Z"}


@pytest.mark.parametrize(
    ("based_on", "wanted", "shown", "written"),
    [
        (("a",), ("a", "b"), ("a",), ("a", "b")),
        (("a",), (), ("a", "x"), ("x",)),
        (("a", "b"), ("a", "b", "c"), ("a",), ("a", "c")),
        (("Bug",), ("bug", "new"), ("BUG",), ("BUG", "new")),
        (("a",), ("a", "X"), ("a", "x"), ("a", "x")),
    ],
)
def test_labels_are_written_one_by_one(
    based_on: tuple[str, ...], wanted: tuple[str, ...], shown: tuple[str, ...], written: tuple[str, ...]
) -> None:
    assert element_wise(based_on, wanted, shown) == written


@pytest.mark.parametrize(
    ("field", "one", "other", "equal"),
    [
        (Field.BODY, "a\r\nb\r\n", "a\nb", True),
        (Field.BODY, "a\nb", "a b", False),
        (Field.TITLE, " a ", "a", True),
        (Field.LABELS, ("A",), ("a",), True),
        (Field.ASSIGNEES, ("b", "a"), ("a", "b"), True),
        (Field.STATUS, Status("closed", Category.DONE), Status("closed", Category.DONE, "completed"), True),
        (Field.STATUS, Status("closed", Category.DONE, "not_planned"), Status("closed", Category.DONE), False),
    ],
)
def test_values_are_the_same_as_github_sees_it(field: Field, one: Any, other: Any, equal: bool) -> None:
    assert same(field, one, other) is equal


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside this checkout")
@pytest.mark.parametrize(
    ("file", "kind"),
    [("github-issues.jsonl", "issue"), ("github-comments.jsonl", "comment"), ("github-milestones.jsonl", "milestone")],
)
def test_recorded_answers_can_be_read(file: str, kind: str) -> None:
    rows = [json.loads(line) for line in (RECORDED / file).read_text("utf-8").splitlines()]
    assert rows
    for row in rows:
        match kind:
            case "issue" if not is_pull_request(row):
                assert task(row, SCOPE).showing[Field.TITLE]
            case "comment":
                assert comment(row, SCOPE, Ref(Kind.TASK, "1")).url
            case "milestone":
                assert milestone(row, SCOPE).showing[Field.TITLE]


def test_comment_shows_its_body_and_parent() -> None:
    ours = replace(SCOPE, ours=lambda user: user == USER)
    item = comment({**COMMENT, "body": "Hello\n\n<!-- syncer:c-1 -->"}, ours, Ref(Kind.TASK, "1001"))
    assert (item.showing[Field.BODY], item.marker, item.parent) == ("Hello", "c-1", Ref(Kind.TASK, "1001"))


@pytest.mark.parametrize(
    ("minimized", "note"),
    [
        (None, ""),
        (False, ""),
        ({"reason": "spam"}, "*This comment is hidden on GitHub (spam).*"),
        ({"reason": "OFF_TOPIC"}, "*This comment is hidden on GitHub (off-topic).*"),
        ({"reason": None}, "*This comment is hidden on GitHub.*"),
        ({}, "*This comment is hidden on GitHub.*"),
        (True, "*This comment is hidden on GitHub.*"),
        ({"reason": "<b>@mia</b>"}, "*This comment is hidden on GitHub.*"),
        ({"reason": ["spam"]}, "*This comment is hidden on GitHub.*"),
    ],
)
def test_a_minimised_comment_is_hidden_and_keeps_its_text(minimized: object, note: str) -> None:
    parent = Ref(Kind.TASK, "1001")
    item = comment({**COMMENT, "minimized": minimized}, SCOPE, parent)
    assert item.hidden == note
    assert item.showing[Field.BODY] == COMMENT["body"]
    shown = comment(COMMENT, SCOPE, parent)
    assert (item.version == shown.version) is not bool(note)
