"""Labels that stand for other fields, and labels that belong to nobody here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.contract.model import Category, Field, Kind, Side, Status
from syncer.core.rules import LabelRules, PairRules
from syncer.core.side_view import SideView, decode_label, decode_view, encode_label, encode_view
from syncer.core.value_map import Term
from tests.worlds import GITHUB_LIKE, JIRA_LIKE, PRIORITY_MAP, STATUS_MAP

RULES = PairRules("pay", status=STATUS_MAP, priority=PRIORITY_MAP, labels=LabelRules(exclude=("infra/*",)))
GITHUB = SideView(RULES, Side.RIGHT, GITHUB_LIKE)
JIRA = SideView(RULES, Side.LEFT, JIRA_LIKE)
OPEN = Status("open", Category.TODO)
SHOWING = {
    Field.STATUS: OPEN,
    Field.LABELS: ("Bug", "component: api", "infra/ci", "priority: high", "status: in progress"),
}


def test_labels_are_read_as_what_they_stand_for() -> None:
    view = GITHUB.look_at(Kind.TASK, SHOWING)
    assert view[Field.LABELS] == ("Bug",)
    assert view[Field.COMPONENTS] == ("api",)
    assert view[Field.PRIORITY] == Term(label="priority: high")
    assert view[Field.STATUS] == Term("open", None, "status: in progress", Category.TODO)


def test_components_that_a_tracker_with_components_does_not_show_are_not_known() -> None:
    assert Field.COMPONENTS not in JIRA.look_at(Kind.TASK, {Field.STATUS: OPEN, Field.LABELS: ("Bug",)})
    assert JIRA.look_at(Kind.TASK, {Field.COMPONENTS: ()})[Field.COMPONENTS] == ()


def test_without_its_labels_nothing_is_known_that_stands_in_them() -> None:
    assert GITHUB.look_at(Kind.TASK, {Field.STATUS: OPEN, Field.TITLE: "Refunds"}) == {Field.TITLE: "Refunds"}
    assert Field.STATUS in JIRA.look_at(Kind.TASK, {Field.STATUS: Status("To Do", Category.TODO)})


def test_a_patch_touches_no_label_the_pair_does_not_own() -> None:
    patch = GITHUB.patch(Kind.TASK, SHOWING, {Field.LABELS: ("wish",), Field.PRIORITY: Term(label="priority: low")})
    assert patch == {Field.LABELS: ("component: api", "infra/ci", "priority: low", "status: in progress", "wish")}


def test_closing_takes_the_status_label_away() -> None:
    patch = GITHUB.patch(Kind.TASK, SHOWING, {Field.STATUS: Term("closed", "completed", None, Category.DONE)})
    assert patch[Field.STATUS] == Status("closed", Category.DONE, "completed")
    assert patch[Field.LABELS] == ("Bug", "component: api", "infra/ci", "priority: high")


def test_a_spelling_that_is_there_stays() -> None:
    assert GITHUB.patch(Kind.TASK, SHOWING, {Field.LABELS: ("bug",)}) == {}


def test_components_go_where_the_tracker_has_them() -> None:
    assert JIRA.patch(Kind.TASK, {Field.LABELS: ()}, {Field.COMPONENTS: ("api",)}) == {Field.COMPONENTS: ("api",)}
    assert GITHUB.patch(Kind.TASK, {Field.LABELS: ()}, {Field.COMPONENTS: ("api",)}) == {
        Field.LABELS: ("component: api",)
    }


def test_labels_with_spaces_are_written_without_them() -> None:
    patch = JIRA.patch(Kind.TASK, {Field.LABELS: ("old",)}, {Field.LABELS: ("good first issue", "snake_case")})
    assert patch == {Field.LABELS: ("good_first_issue", "snake%5Fcase")}
    assert JIRA.look_at(Kind.TASK, patch)[Field.LABELS] == ("good first issue", "snake_case")


@given(st.text(min_size=1, max_size=40))
def test_every_label_survives_the_trip(name: str) -> None:
    encoded = encode_label(name)
    assert " " not in encoded
    assert decode_label(encoded) == name


def test_a_field_that_a_fresh_create_did_not_tell_is_absent() -> None:
    assert Field.STATUS not in GITHUB.look_at(Kind.TASK, {Field.LABELS: ()})


def test_a_side_without_components_or_a_prefix_holds_none() -> None:
    assert not SideView(replace(RULES, component_prefix=""), Side.RIGHT, GITHUB_LIKE).holds(Kind.TASK, Field.COMPONENTS)


@pytest.mark.parametrize("value", [Term("Done", "Fixed", "x", Category.DONE), "text", ("a", "b"), None, OPEN])
def test_a_view_is_stored_and_read_back(value: object) -> None:
    assert decode_view(encode_view(value)) == value  # type: ignore[arg-type]  # every kind of value


def test_components_that_the_pair_does_not_own_are_neither_shown_nor_taken_away() -> None:
    rules = replace(RULES, components=LabelRules(("Web*",), ("Web internal",)))
    jira, github = SideView(rules, Side.LEFT, JIRA_LIKE), SideView(rules, Side.RIGHT, GITHUB_LIKE)
    native = {Field.COMPONENTS: ("API", "Web internal", "Web shop"), Field.LABELS: ()}
    assert jira.look_at(Kind.TASK, native)[Field.COMPONENTS] == ("Web shop",)
    wanted = {Field.COMPONENTS: ("Web app",)}
    assert jira.patch(Kind.TASK, native, wanted) == {Field.COMPONENTS: ("API", "Web app", "Web internal")}
    labels = {Field.LABELS: ("component: API", "component: Web shop", "mine")}
    shown = github.look_at(Kind.TASK, labels)
    assert (shown[Field.COMPONENTS], shown[Field.LABELS]) == (("Web shop",), ("mine",))
    assert github.patch(Kind.TASK, labels, wanted) == {Field.LABELS: ("component: API", "component: Web app", "mine")}
