"""The status of a task where it is a column of a board beside open and closed: carried, filled, never to and fro."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncer.commands.findings import findings_of
from syncer.contract.checking import Severity
from syncer.contract.model import Side
from syncer.core.change import Tally
from syncer.sandbox.datasets import BOT
from syncer.sandbox.github import boards
from syncer.sandbox.github.boardmodel import Board
from syncer.sandbox.github.model import Issue, Role
from tests.rig import Rig

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

PLACE = """
[[pairs.custom]]
name = "status"
{place}
"""
MAP = """[["To Do", "open + option:todo"], ["In Progress", "open + option:In Progress"],
       ["In Review", "open + option:In Progress"],
       ["Done", "closed:completed + option:Done"], ["Won't Do", "closed:not_planned + option:Done"],
       ["Done", "closed:duplicate"]]"""
HOUR = 3_600


class ColumnRig(Rig):
    """A pair whose statuses are columns of a board."""

    add = ", add = true"
    place = 'right = {{ project = 1, field = "Status"{add} }}'
    rows = MAP
    placed = True

    def __post_init__(self) -> None:
        super().__post_init__()
        github = self.box.github
        for login in (BOT, "liwei"):
            github.accounts["acme"].members[login] = Role.WRITE
        for token in github.tokens.values():
            token.scopes = ("repo", "project")
        self.board: Board = github.add_board("acme", "Plan", "liwei")

    def configuration(self) -> str:
        text = super().configuration()
        begin, end = text.index("[pairs.fields.status]"), text.index("[pairs.fields.priority]")
        place = PLACE.format(place=self.place.format(add=self.add)) if self.placed else ""
        return f"{text[:begin]}{place}\n[pairs.fields.status]\nmap = {self.rows}\n\n{text[end:]}"

    def settle(self) -> Tally:
        """Runs until nothing is left to do, the board being read in each run."""
        for _ in range(3):
            self.tick(HOUR)
            tally = self.sync()
        assert (tally.outcome, tally.writes) == ("clean", 0)
        return tally

    def issue_of(self, title: str) -> Issue:
        issues = self.box.github.repository(self.repository).issues.values()
        return next(issue for issue in issues if issue.title == title)

    def on_github(self, title: str) -> tuple[str, str | None]:
        """State and column of an issue."""
        issue = self.issue_of(title)
        item = self.board.item_of(issue)
        status: Any = item and item.values.get(self.board.field_named("Status").id)
        return issue.state, getattr(status, "name", None)

    def in_jira(self, key: str) -> str:
        name: str = self.jira("GET", f"/issue/{key}")["fields"]["status"]["name"]
        return name

    def new(self, title: str, status: str = "To Do") -> str:
        project = {"project": {"key": self.project}, "issuetype": {"name": "Task"}, "summary": title}
        key: str = self.jira("POST", "/issue", {"fields": project})["key"]
        if status != "To Do":
            self.move(key, status)
        return key

    def move(self, key: str, status: str) -> None:
        """A person moves an issue in Jira."""
        told = self.jira("GET", f"/issue/{key}/transitions")["transitions"]
        (way,) = [each["id"] for each in told if each["to"]["name"] == status]
        self.jira("POST", f"/issue/{key}/transitions", {"transition": {"id": way}})

    def drag(self, title: str, column: str | None) -> None:
        """A person moves a card."""
        self.box.github.put_on_board(self.board, self.issue_of(title), "liwei", Status=column)

    def close(self, title: str) -> None:
        self.github("PATCH", f"/issues/{self.issue_of(title).number}", {"state": "closed"})


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    with ColumnRig(tmp_path) as made:
        yield made


def test_a_status_of_jira_is_a_column_of_the_board_and_back(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    assert rig.on_github("Refunds") == ("open", "In Progress")
    rig.drag("Refunds", "Todo")
    rig.settle()
    assert rig.in_jira(key) == "To Do"
    rig.move(key, "In Progress")
    rig.settle()
    assert rig.on_github("Refunds") == ("open", "In Progress")


def test_done_in_jira_closes_the_issue_and_moves_its_card(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    rig.board.workflows.clear()
    rig.move(key, "Done")
    rig.settle()
    assert rig.on_github("Refunds") == ("closed", "Done")
    rig.move(key, "To Do")
    rig.settle()
    assert rig.on_github("Refunds") == ("open", "Todo")


@pytest.mark.parametrize("workflows", [{"closed": "Done"}, {}, {"closed": "In Progress"}])
def test_a_closed_issue_is_done_wherever_its_card_stands(rig: ColumnRig, workflows: Any) -> None:
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    rig.board.workflows = workflows
    rig.close("Refunds")
    rig.sync()
    assert rig.in_jira(key) == "Done"
    assert rig.settle().waiting == rig.settle().waiting
    assert (rig.in_jira(key), rig.on_github("Refunds")[0]) == ("Done", "closed")


def test_a_reopened_issue_whose_card_was_not_moved_yet_is_reopened_in_jira(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    rig.close("Refunds")
    rig.settle()
    rig.github("PATCH", f"/issues/{rig.issue_of('Refunds').number}", {"state": "open"})
    rig.settle()
    assert rig.in_jira(key) == "In Progress"
    assert rig.on_github("Refunds") == ("open", "Done")


def test_a_card_that_a_workflow_moves_after_our_own_write_ends_after_one_step(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "Done")
    rig.settle()
    rig.board.workflows = {"closed": "Done", "reopened": "Todo"}
    rig.move(key, "In Progress")
    rig.settle()
    assert rig.on_github("Refunds") == ("open", "In Progress")
    assert rig.in_jira(key) == "In Progress"


def test_an_open_issue_in_the_column_of_closed_ones_changes_nothing_and_is_listed(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    rig.drag("Refunds", "Done")
    rig.settle()
    assert (rig.in_jira(key), rig.on_github("Refunds")) == ("In Progress", ("open", "Done"))
    with rig.context() as context:
        (link,) = [items.link for items in context.store.links.of_pair("pay")]
        (told,) = link.differs
    assert (
        told.reason == "acme/pay#1 is open and in the column “Done”, which no row of the map of status names together"
    )


def test_a_column_that_nobody_mapped_keeps_the_status_that_the_task_has(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "In Progress")
    boards.add_option(rig.box.github, rig.board, "Status", "Parked")
    rig.settle()
    rig.drag("Refunds", "Parked")
    rig.settle()
    assert (rig.in_jira(key), rig.on_github("Refunds")) == ("In Progress", ("open", "Parked"))
    rig.move(key, "To Do")
    rig.settle()
    assert rig.on_github("Refunds") == ("open", "Todo")


def test_a_task_off_the_board_is_only_open_or_closed_until_it_is_put_there(tmp_path: Path) -> None:
    with ColumnRig(tmp_path) as rig:
        rig.add = ""
        key = rig.new("Refunds", "In Progress")
        rig.settle()
        assert rig.on_github("Refunds") == ("open", None)
        assert rig.board.items == []
        rig.close("Refunds")
        rig.settle()
        assert rig.in_jira(key) == "Done"
        rig.github("PATCH", "/issues/1", {"state": "open"})
        rig.settle()
        assert rig.in_jira(key) == "In Progress"
        rig.box.github.put_on_board(rig.board, rig.issue_of("Refunds"), "liwei")
        rig.settle()
        assert rig.on_github("Refunds") == ("open", "In Progress")


def test_the_columns_may_be_those_of_an_issue_field_of_the_organisation(tmp_path: Path) -> None:
    with ColumnRig(tmp_path) as rig:
        github = rig.box.github
        for token in github.tokens.values():
            token.scopes = ("repo", "read:org", "project")
        field = github.add_issue_field("acme", "Stage", "single_select", ["Todo", "In Progress", "Done"])
        rig.place = 'right = {{ issue-field = "Stage" }}'

        def stage() -> str | None:
            value: Any = rig.issue_of("Refunds").field_values.get(field)
            return getattr(value[0] if isinstance(value, tuple) else value, "name", value)

        key = rig.new("Refunds", "In Progress")
        rig.settle()
        assert stage() == "In Progress"
        sent = [{"field_id": field.id, "value": "Todo"}]
        rig.github("POST", "/issues/1/issue-field-values", {"issue_field_values": sent})
        rig.settle()
        assert rig.in_jira(key) == "To Do"
        rig.move(key, "Done")
        rig.settle()
        assert (rig.on_github("Refunds")[0], stage()) == ("closed", "Done")


def test_a_board_that_nobody_shows_any_more_changes_no_status(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    rig.board.deleted = True
    rig.tick(HOUR)
    told = rig.sync(sweep=True)
    assert any(each.startswith("status: ") and "no project 1 of acme" in each for each in told.unheld)
    assert rig.in_jira(key) == "In Progress"
    rig.close("Refunds")
    rig.sync()
    assert rig.in_jira(key) == "Done"


def test_where_a_board_comes_to_have_a_say_what_differs_waits_and_empty_cards_are_filled(rig: ColumnRig) -> None:
    rig.placed = False
    rows, rig.rows = rig.rows, '[["To Do", "open"], ["In Progress", "open"], ["Done", "closed:completed"]]'
    keys = [rig.new(title, "In Progress") for title in ("Refunds", "Search", "Basket")]
    rig.settle()
    rig.drag("Refunds", "Todo")
    rig.drag("Search", "In Progress")
    rig.box.github.put_on_board(rig.board, rig.issue_of("Basket"), "liwei")
    rig.placed, rig.rows = True, rows
    for _ in range(3):
        rig.tick(HOUR)
        tally = rig.sync()
    assert [rig.in_jira(key) for key in keys] == ["In Progress"] * 3
    columns = [rig.on_github(title)[1] for title in ("Refunds", "Search", "Basket")]
    assert columns == ["Todo", "In Progress", "In Progress"]
    assert tally.conflicts == 1


def test_an_issue_that_is_made_on_github_gets_its_card_and_verify_agrees_with_the_runs(rig: ColumnRig) -> None:
    rig.new("Refunds", "In Progress")
    rig.settle()
    rig.github("POST", "/issues", {"title": "Search"})
    rig.settle()
    assert rig.on_github("Search") == ("open", "Todo")


def test_what_both_sides_changed_waits_where_the_card_alone_was_moved(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "To Do")
    rig.settle()
    rig.drag("Refunds", "In Progress")
    rig.move(key, "Done")
    rig.tick(HOUR)
    tally = rig.sync()
    assert tally.conflicts == 1
    assert (rig.in_jira(key), rig.on_github("Refunds")) == ("Done", ("open", "In Progress"))


def test_check_names_columns_that_the_board_lacks(rig: ColumnRig) -> None:
    rig.settle()
    with rig.context() as context:
        assert not [one for one in findings_of(context)[0] if one.severity is Severity.ERROR]
    boards.remove_option(rig.board, "Status", "In Progress")
    with rig.context() as context:
        errors = [one for one in findings_of(context)[0] if one.severity is Severity.ERROR]
    assert [one.message for one in errors] == [
        f'"Status" of {context.addresses[Side.RIGHT]} has no option "In Progress"'
    ]


def test_a_column_that_is_removed_while_tasks_stand_in_it_changes_no_status(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    boards.remove_option(rig.board, "Status", "In Progress")
    rig.settle()
    assert rig.in_jira(key) == "In Progress"
    rig.move(key, "To Do")
    rig.settle()
    assert rig.on_github("Refunds") == ("open", "Todo")


def test_two_pairs_of_hands_that_disagree_are_stopped_and_shown(rig: ColumnRig) -> None:
    """Somebody's automation moves the card back whenever it is moved on."""
    key = rig.new("Refunds", "In Progress")
    rig.settle()
    writes = []
    for _ in range(8):
        rig.drag("Refunds", "Todo")
        rig.tick(HOUR)
        rig.sync()
        if rig.in_jira(key) == "To Do":
            rig.move(key, "In Progress")
        rig.tick(HOUR)
        writes.append(rig.sync().writes)
    assert writes[-1] == 0


def test_one_moved_card_costs_no_more_than_six_requests_and_a_quiet_run_two(rig: ColumnRig) -> None:
    key = rig.new("Refunds", "To Do")
    rig.settle()
    assert rig.sync().requests == {"left": 1, "right": 1}
    rig.move(key, "In Progress")
    tally = rig.sync()
    assert sum(tally.requests.values()) - 2 <= 6
    rig.drag("Refunds", "Todo")
    rig.tick(HOUR)
    assert sum(rig.sync().requests.values()) - 3 <= 6
    assert rig.in_jira(key) == "To Do"
