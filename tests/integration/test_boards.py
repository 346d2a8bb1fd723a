"""Fields of a board and of a Jira kept in step over both sockets, and what a repository tells of its code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.contract.model import Side
from syncer.core.change import Tally
from syncer.sandbox.datasets import BOT
from syncer.sandbox.github import boards, pulls
from syncer.sandbox.github.boardmodel import Board
from syncer.sandbox.github.model import Issue, Role
from syncer.sync.ledger import waiting
from tests.rig import Rig

FIELDS = """
[[pairs.custom]]
name = "story points"
left = "Effort"
right = { project = 1, field = "Estimate", add = true }

[[pairs.custom]]
name = "size"
left = "Shirt"
right = { project = 1, field = "Size", add = true }
map = [["Large", "L"], ["Small", "S"]]

[[pairs.custom]]
name = "due"
right = { project = 1, field = "Target", add = true }
"""
ESTIMATE = """
[[pairs.custom]]
name = "estimate"
left = "Original estimate"
right = { project = 1, field = "Hours", add = true }
means = "estimate"
"""
HOUR = 3_600


class BoardRig(Rig):
    """A pair with two fields of its own and a due date, on both sides."""

    def __post_init__(self) -> None:
        super().__post_init__()
        github, jira = self.box.github, self.box.jira
        for login in (BOT, "liwei"):
            github.accounts["acme"].members[login] = Role.WRITE
        for token in github.tokens.values():
            token.scopes = ("repo", "project")
        self.board: Board = github.add_board("acme", "Plan", "liwei")
        boards.add_field(github, self.board, "Estimate", "number")
        boards.add_field(github, self.board, "Size", "single_select", ("S", "L"))
        boards.add_field(github, self.board, "Target", "date")
        self.effort = jira.add_custom_field("Effort", "number").id
        self.shirt = jira.add_custom_field("Shirt", "option", ("Small", "Large")).id
        self.extra += FIELDS

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "SYNCER_TRACKERS__GITHUB__CODE": "true"}

    def in_step(self) -> Tally:
        """Runs until nothing is left to do; the last one, an hour later."""
        for _ in range(3):
            self.sync()
        self.tick(HOUR)
        return self.sync()

    def issue_of(self, title: str) -> Issue:
        """The issue of that title on GitHub."""
        issues = self.box.github.repository(self.repository).issues.values()
        return next(issue for issue in issues if issue.title == title and issue.pull_request is None)

    def values(self, title: str) -> dict[str, Any]:
        """What the board shows of an issue, by the name of the field."""
        item = self.board.item_of(self.issue_of(title))
        if item is None:
            return {}
        named = {field.id: field.name for field in self.board.fields}
        return {named[number]: getattr(value, "name", value) for number, value in item.values.items()}

    def fields(self, key: str) -> tuple[Any, Any, Any]:
        """Effort, shirt and due date of an issue in Jira."""
        shown = self.jira("GET", f"/issue/{key}")["fields"]
        return shown[self.effort], (shown[self.shirt] or {}).get("value"), shown["duedate"]


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    with BoardRig(tmp_path) as made:
        yield made


def new_issue(rig: BoardRig, title: str, **fields: Any) -> str:
    project = {"project": {"key": rig.project}, "issuetype": {"name": "Task"}, "summary": title}
    key: str = rig.jira("POST", "/issue", {"fields": {**project, **fields}})["key"]
    return key


def test_values_go_to_the_board_and_come_back_from_it(rig: BoardRig) -> None:
    key = new_issue(rig, "Refunds", **{rig.effort: 5, rig.shirt: {"value": "Large"}, "duedate": "2026-12-01"})
    rig.in_step()
    shown = rig.values("Refunds")
    assert (shown["Estimate"], shown["Size"], shown["Target"].isoformat()) == (5, "L", "2026-12-01")
    issue = rig.issue_of("Refunds")
    rig.box.github.put_on_board(rig.board, issue, "liwei", Estimate=8, Size="S", Target="2026-12-24")
    rig.in_step()
    assert rig.fields(key) == (8, "Small", "2026-12-24")
    rig.jira("PUT", f"/issue/{key}", {"fields": {rig.effort: None}})
    rig.in_step()
    assert rig.values("Refunds") == {**rig.values("Refunds"), "Size": "S"}
    assert "Estimate" not in rig.values("Refunds")


def test_a_run_with_nothing_to_do_costs_two_requests_and_one_more_when_the_board_is_due(rig: BoardRig) -> None:
    new_issue(rig, "Refunds", **{rig.effort: 5})
    rig.in_step()
    quiet = rig.sync()
    assert (quiet.outcome, quiet.requests) == ("clean", {"left": 1, "right": 1})
    rig.tick(HOUR)
    asking = rig.sync()
    assert asking.requests == {"left": 1, "right": 2 + 2}  # the board; pull requests and releases
    assert rig.sync().requests == {"left": 1, "right": 1}


def test_an_issue_that_is_taken_off_the_board_empties_nothing_in_jira(rig: BoardRig) -> None:
    key = new_issue(rig, "Refunds", **{rig.effort: 5, rig.shirt: {"value": "Large"}})
    rig.in_step()
    item = rig.board.item_of(rig.issue_of("Refunds"))
    assert item is not None
    boards.remove_item(rig.board, item)
    rig.in_step()
    assert rig.fields(key)[:2] == (5, "Large")
    rig.sync(sweep=True)
    assert rig.fields(key)[:2] == (5, "Large")


def test_an_estimate_that_cannot_be_emptied_in_jira_is_listed_with_its_reason(rig: BoardRig) -> None:
    boards.add_field(rig.box.github, rig.board, "Hours", "number")
    rig.extra += ESTIMATE
    key = new_issue(rig, "Refunds", timetracking={"originalEstimate": "2h"})
    rig.in_step()
    assert rig.values("Refunds")["Hours"] == 2
    rig.box.github.put_on_board(rig.board, rig.issue_of("Refunds"), "liwei", Hours=None)
    rig.tick(HOUR)
    rig.sync()
    assert rig.jira("GET", f"/issue/{key}")["fields"]["timeoriginalestimate"] == 7_200
    with rig.context() as context:
        (told,) = waiting(context.store, context.name)
    assert told.reason == f"estimate of {key}: no document of Jira tells how an estimate is emptied"


def test_a_board_that_nobody_shows_any_more_empties_nothing_and_is_told(rig: BoardRig) -> None:
    key = new_issue(rig, "Refunds", **{rig.effort: 5})
    rig.in_step()
    rig.board.deleted = True
    rig.tick(HOUR)
    tally = rig.sync(sweep=True)
    assert any("story points: " in each and "no project 1 of acme" in each for each in tally.unheld)
    rig.jira("PUT", f"/issue/{key}", {"fields": {"summary": "Refunds at last"}})
    rig.sync()
    assert rig.fields(key)[0] == 5
    assert rig.issue_of("Refunds at last").title == "Refunds at last"


def test_pull_requests_and_releases_are_read_once_an_hour(rig: BoardRig) -> None:
    github = rig.box.github
    repository, liwei = github.repository(rig.repository), github.account("liwei")
    rig.github("POST", "/issues", {"title": "Refunds"})
    pull = github.add_pull_request(rig.repository, "Refund", "miab", "Fixes #1")
    pulls.review(github, pull, liwei, "APPROVED")
    pulls.release(github, repository, liwei, "v1")
    pulls.release(github, repository, liwei, "", name="Spring")
    rig.sync()
    with rig.context() as context:
        known = context.store.code.get("pay", Side.RIGHT)
    (told,) = known.pulls.values()
    assert told.tasks == (f"{rig.repository}#1",)
    assert told.reviewed is not None
    assert [release.tag for release in known.releases] == ["v1"]
    assert [left.part for left in known.unread] == ["release Spring"]
    pulls.merge(github, pull, liwei)
    rig.tick(timedelta(minutes=10).total_seconds())
    rig.sync()
    with rig.context() as context:
        assert context.store.code.get("pay", Side.RIGHT).read_at == known.read_at
    rig.tick(HOUR)
    rig.sync()
    with rig.context() as context:
        (later,) = context.store.code.get("pay", Side.RIGHT).pulls.values()
    assert later.merged is not None
