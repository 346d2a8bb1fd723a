"""Relations between the statuses of two trackers."""

from __future__ import annotations

import pytest

from syncer.contract.model import Side
from syncer.core.rules import MapCell, MapRow, Relation
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
