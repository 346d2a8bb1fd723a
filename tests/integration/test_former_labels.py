"""A column of a project takes the place of labels that showed the status: those are nobody's edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.commands.findings import findings_of
from syncer.commands.not_held import not_held
from syncer.commands.verify import found_in_one_line
from syncer.contract.model import Side
from syncer.sync.verify import verify_pair
from tests.integration.test_board_columns import HOUR, MAP, ColumnRig

LABELS = """[["To Do", "open"], ["In Progress", "open", "status: in progress"],
       ["In Review", "open", "status: in review"],
       ["Done", "closed:completed"], ["Won't Do", "closed:not_planned"]]"""


def labels(rig: ColumnRig, title: str) -> list[str]:
    number = rig.issue_of(title).number
    return sorted(label["name"] for label in rig.github("GET", f"/issues/{number}")["labels"])


@pytest.fixture
def rig(tmp_path: Path) -> ColumnRig:
    made = ColumnRig(tmp_path)
    made.placed, made.rows = False, LABELS
    return made


def test_labels_of_rows_that_are_gone_are_no_edit_and_no_conflict(rig: ColumnRig) -> None:
    with rig:
        key = rig.new("Refunds", "In Progress")
        rig.new("Rates", "In Review")
        rig.sync()
        rig.github("POST", f"/issues/{rig.issue_of('Refunds').number}/labels", {"labels": ["payments"]})
        rig.sync()
        assert labels(rig, "Refunds") == ["payments", "status: in progress"]
        rig.placed, rig.rows = True, MAP
        with rig.context() as context:
            about = [one for one in findings_of(context)[0] if one.about == "labels"]
        assert "“status: in progress”" in about[0].message
        rig.settle()
        assert labels(rig, "Refunds") == ["payments", "status: in progress"]
        assert rig.jira("GET", f"/issue/{key}")["fields"]["labels"] == ["payments"]
        rig.github("POST", f"/issues/{rig.issue_of('Refunds').number}/labels", {"labels": ["urgent"]})
        rig.settle()
        assert rig.jira("GET", f"/issue/{key}")["fields"]["labels"] == ["payments", "urgent"]
        rig.jira("PUT", f"/issue/{key}", {"fields": {"labels": ["urgent"]}})
        rig.settle()
        assert labels(rig, "Refunds") == ["status: in progress", "urgent"]
        rig.github("DELETE", f"/issues/{rig.issue_of('Refunds').number}/labels/status: in progress")
        rig.tick(HOUR)
        rig.sync(sweep=True)
        assert rig.jira("GET", f"/issue/{key}")["fields"]["labels"] == ["urgent"]
        with rig.context() as context:
            assert [one for one in verify_pair(context).differences if str(one.field) == "labels"] == []
            said = list(not_held(context.store, context.name, {}))
        assert [line for line in said if "“status: in review”" in line]


def test_a_row_that_comes_back_shows_its_field_by_the_label_again(rig: ColumnRig) -> None:
    with rig:
        key = rig.new("Refunds", "In Progress")
        rig.sync()
        rig.rows = LABELS.replace(', "status: in progress"', "")
        rig.sync()
        rig.sync()
        rig.rows = LABELS
        rig.sync(sweep=True)
        rig.move(key, "In Review")
        rig.sync()
        assert labels(rig, "Refunds") == ["status: in review"]
        with rig.context() as context:
            assert context.store.pairs.former_labels(context.name).get(Side.RIGHT) is None


def test_verify_names_the_column_and_says_that_a_guard_refuses(rig: ColumnRig) -> None:
    rig.placed, rig.rows = True, MAP
    with rig:
        for number in range(12):
            rig.new(f"Task {number}")
        rig.settle()
        rig.drag("Task 0", "In Progress")
        rig.tick(HOUR)
        with rig.context() as context:
            comparison = verify_pair(context)
        (one,) = comparison.differences
        assert dict(one.said) == {Side.RIGHT: "open + option 'In Progress'"}
        assert comparison.refused == ""
        for number in range(12):
            rig.close(f"Task {number}")
        with rig.context() as context:
            comparison = verify_pair(context)
        assert "close" in comparison.refused
        assert "a sync would write" in found_in_one_line(comparison)
        assert rig.sync().outcome == "refused"
