"""Relations between the statuses of two trackers."""

from __future__ import annotations

import pytest

from syncer.contract.model import Side
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.value_map import NOTHING, Term, carry_term, rows_of, term_label, terms_agree
from tests.worlds import PRIORITY_MAP, STATUS_MAP

RESOLUTIONS = Relation(
    (
        MapRow(MapCell("Done"), MapCell("closed", "completed")),
        MapRow(MapCell("Done", "Won't Do"), MapCell("closed", "not_planned")),
    )
)
OPEN = Term("open")
IN_PROGRESS = Term("open", label="status: in progress")


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        (Term("To Do"), OPEN, True),
        (Term("In Progress"), OPEN, False),
        (Term("In Progress"), IN_PROGRESS, True),
        (Term("In Review"), IN_PROGRESS, True),
        (Term("Done", "Fixed"), Term("closed", "completed"), True),
        (Term("Done"), Term("closed", "not_planned"), False),
        (Term("Invented"), OPEN, False),
    ],
)
def test_terms_agree_when_a_row_holds_both(left: Term, right: Term, agree: bool) -> None:
    assert terms_agree(STATUS_MAP, left, right) is agree


def test_a_row_that_names_a_reason_goes_before_one_that_takes_any() -> None:
    assert [row.right.reason for row in rows_of(RESOLUTIONS, Side.LEFT, Term("Done", "Won't Do"))] == ["not_planned"]
    assert [row.right.reason for row in rows_of(RESOLUTIONS, Side.LEFT, Term("Done", "Fixed"))] == ["completed"]


def test_a_reason_nobody_mapped_falls_back_to_the_name() -> None:
    assert carry_term(STATUS_MAP, Side.LEFT, Term("closed", "duplicate"), NOTHING) == Term("Done")


@pytest.mark.parametrize(
    ("shown", "remembered", "expected"),
    [
        (Term("In Review"), [], "In Review"),
        (Term("Done"), [Term("In Review"), Term("To Do")], "In Review"),
        (Term("Done"), [], "In Progress"),
    ],
)
def test_a_term_is_carried_to_what_changes_least(shown: Term, remembered: list[Term], expected: str) -> None:
    carried = carry_term(STATUS_MAP, Side.LEFT, IN_PROGRESS, shown, remembered)
    assert carried is not None
    assert carried.name == expected


def test_an_unmapped_term_is_not_carried() -> None:
    assert carry_term(STATUS_MAP, Side.RIGHT, Term("Invented"), OPEN) is None


def test_no_priority_is_carried_as_none() -> None:
    assert carry_term(PRIORITY_MAP, Side.RIGHT, NOTHING, Term(label="priority: high")) == NOTHING


def test_a_status_label_left_on_a_closed_issue_is_no_part_of_its_status() -> None:
    assert term_label(STATUS_MAP, Side.RIGHT, "closed", ["status: in progress"]) is None
    assert term_label(STATUS_MAP, Side.RIGHT, "open", ["Status: In Progress"]) == "Status: In Progress"


COLUMNS = Relation(
    (
        MapRow(MapCell("To Do"), MapCell("open", option="Todo")),
        MapRow(MapCell("In Progress"), MapCell("open", option="Doing")),
        MapRow(MapCell("In Review"), MapCell("open", option="Doing")),
        MapRow(MapCell("Done"), MapCell("closed", "completed", option="Done")),
        MapRow(MapCell("Won't Do"), MapCell("closed", "not_planned")),
    )
)
"""Statuses that are columns of a board."""


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        (Term("To Do"), Term("open", option="Todo"), True),
        (Term("To Do"), Term("open", option="doing"), False),
        (Term("In Review"), Term("open", option="doing"), True),
        (Term("In Progress"), Term("open"), True),
        (Term("In Progress"), Term("open", option="Parked"), True),
        (Term("Done"), Term("open", option="Done"), False),
        (Term("Done"), Term("closed", "completed", option="Doing"), True),
        (Term("Done"), Term("closed", "completed"), True),
        (Term("Won't Do"), Term("closed", "not_planned", option="Done"), True),
    ],
)
def test_a_column_that_no_row_names_with_the_state_is_no_part_of_a_status(left: Term, right: Term, agree: bool) -> None:
    assert terms_agree(COLUMNS, left, right) is agree


@pytest.mark.parametrize(
    ("status", "shown", "expected"),
    [
        ("In Progress", Term("open", option="Todo"), Term("open", option="Doing")),
        ("In Progress", Term("open", option="Parked"), Term("open", option="Doing")),
        ("In Review", Term("open", option="Doing"), Term("open", option="Doing")),
        ("Done", Term("open", option="Doing"), Term("closed", "completed", option="Done")),
        ("Won't Do", Term("open", option="Doing"), Term("closed", "not_planned")),
        ("Won't Do", Term("closed", "not_planned", option="Done"), Term("closed", "not_planned", option="Done")),
    ],
)
def test_a_status_is_carried_to_its_column_and_leaves_one_where_its_row_names_none(
    status: str, shown: Term, expected: Term
) -> None:
    assert carry_term(COLUMNS, Side.RIGHT, Term(status), shown) == expected


def test_a_table_without_its_columns_knows_the_states_alone() -> None:
    bare = COLUMNS.without_options(Side.RIGHT)
    assert terms_agree(bare, Term("In Progress"), Term("open"))
    assert carry_term(bare, Side.RIGHT, Term("Done"), Term("open")) == Term("closed", "completed")


def test_a_cell_tells_state_reason_label_and_column() -> None:
    cell = MapCell.parse("closed:completed + label:qa: ok + option:Done")
    assert cell == MapCell("closed", "completed", "qa: ok", "Done")
    assert str(cell) == "closed:completed + label 'qa: ok' + option 'Done'"
