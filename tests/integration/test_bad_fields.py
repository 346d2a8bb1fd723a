"""What people do to boards, iterations, pull requests and releases: whatever then differs is listed, and nothing stops.

After each harm an hour passes. Three runs later, the last a complete reading, `status` lists every difference with its
reason, and `verify` lists exactly those.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.commands.not_held import not_held
from syncer.contract.model import Field, Side
from syncer.core.change import Create, Skip, Tally
from syncer.core.waiting import Why
from syncer.sandbox.github import boards, pulls
from syncer.sandbox.github.model import Role
from syncer.sandbox.jira.fields import SPRINT
from syncer.sync.foreseen import as_sent
from syncer.sync.ledger import waiting
from syncer.sync.preview import preview_pair
from syncer.sync.verify import PairComparison, verify_pair
from tests.integration.test_boards import HOUR, BoardRig, new_issue
from tests.rig import START
from tests.truth import silent_differences

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

SECOND = """
[[pairs.custom]]
name = "hours"
left = "Hours"
right = { project = 2, field = "Hours" }
"""
SPRINTS = """
[[pairs.custom]]
name = "sprint"
left = "Sprint"
right = { project = 1, field = "Iteration", add = true }
"""


class HarmRig(BoardRig):
    """A pair with a board, with pull requests and releases, and what is said of it once it has come to rest."""

    last: Tally
    found: PairComparison

    def rest(self) -> list[tuple[str, str]]:
        """What `status` lists after three runs: field and reason. `verify` says the same."""
        self.tick(HOUR)
        for sweep in (False, False, True):
            self.last = self.sync(sweep=sweep)
        assert self.last.outcome in {"clean", "held"}, self.last
        with self.context() as context:
            said = sorted((str(one.field or ""), one.reason) for one in waiting(context.store, context.name))
            self.found = verify_pair(context)
            assert silent_differences(context) == []
            result = {"unheld": self.found.unheld, "staying": self.found.staying, "lacking": context.lacking()}
            beside = list(not_held(context.store, context.name, result))
        assert self.found.written == [], self.found.written
        assert not any(self.found.only.values())
        assert sorted((str(one.field or ""), one.reason) for one in self.found.waiting) == said
        assert all(one.known for one in self.found.waiting), self.found.waiting
        assert beside == self.listed()
        return said

    def listed(self) -> list[str]:
        """What `status` says beside its list of what waits."""
        with self.context() as context:
            result = {"unheld": self.last.unheld, "staying": self.last.staying, "lacking": self.last.lacking}
            return list(not_held(context.store, context.name, result))

    def title(self, key: str, title: str) -> None:
        """A person renames an issue in Jira, and it is renamed on GitHub, whatever happened to its fields."""
        self.jira("PUT", f"/issue/{key}", {"fields": {"summary": title}})
        self.sync()
        assert self.issue_of(title).title == title


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[HarmRig]:
    with HarmRig(tmp_path) as made:
        yield made


@pytest.mark.parametrize("side", list(Side))
def test_a_board_that_the_token_reads_no_more_empties_nothing_and_its_fields_are_named(
    rig: HarmRig, side: Side
) -> None:
    key = new_issue(rig, "Refunds", **{rig.effort: 5, rig.shirt: {"value": "Large"}})
    rig.in_step()
    for token in rig.box.github.tokens.values():
        token.scopes = ("repo",)
    if side is Side.LEFT:
        rig.jira("PUT", f"/issue/{key}", {"fields": {rig.effort: 8}})
    else:
        rig.box.github.put_on_board(rig.board, rig.issue_of("Refunds"), "liwei", Estimate=8)
    assert rig.rest() == []
    named = [said for said in rig.listed() if "project 1 of acme" in said]
    assert [said.partition(":")[0] for said in named] == ["story points", "size", "due"]
    assert (rig.fields(key)[0], rig.values("Refunds")["Estimate"]) == ((8, 5) if side is Side.LEFT else (5, 8))
    rig.title(key, "Refunds at last")
    for token in rig.box.github.tokens.values():
        token.scopes = ("repo", "project")
    assert rig.rest() == []
    assert (rig.fields(key)[0], rig.values("Refunds at last")["Estimate"]) == (8, 8)


def test_a_board_that_may_only_be_read_takes_nothing_and_says_so_of_each_issue(rig: HarmRig) -> None:
    key = new_issue(rig, "Refunds", **{rig.effort: 5, rig.shirt: {"value": "Large"}})
    rig.in_step()
    rig.board.roles["sync-bot"] = Role.READ
    rig.jira("PUT", f"/issue/{key}", {"fields": {rig.effort: 8}})
    ((field, reason),) = rig.rest()
    assert field == "story points"
    assert "Must have write access to the project" in reason
    assert rig.values("Refunds")["Estimate"] == 5
    rig.title(key, "Refunds at last")
    rig.board.roles["sync-bot"] = Role.WRITE
    assert rig.rest() == []
    assert rig.values("Refunds at last")["Estimate"] == 8


@pytest.fixture
def both(rig: HarmRig) -> HarmRig:
    """A rig of whose fields one is on a second board."""
    rig.second = rig.box.github.add_board("acme", "Second", "liwei")  # type: ignore[attr-defined]
    boards.add_field(rig.box.github, rig.second, "Hours", "number")  # type: ignore[attr-defined]
    boards.add_field(rig.box.github, rig.second, "Estimate", "number")  # type: ignore[attr-defined]
    rig.hours = rig.box.jira.add_custom_field("Hours", "number").id  # type: ignore[attr-defined]
    rig.extra += SECOND
    return rig


def test_an_issue_on_two_boards_keeps_what_each_of_them_says(both: Any) -> None:
    rig = both
    key = new_issue(rig, "Refunds", **{rig.effort: 5})
    rig.in_step()
    rig.box.github.put_on_board(rig.second, rig.issue_of("Refunds"), "liwei", Hours=2, Estimate=100)
    assert rig.rest() == []
    shown = rig.jira("GET", f"/issue/{key}")["fields"]
    assert (shown[rig.effort], shown[rig.hours]) == (5, 2)
    rig.jira("PUT", f"/issue/{key}", {"fields": {rig.effort: 8, rig.hours: 3}})
    assert rig.rest() == []
    item = rig.second.item_of(rig.issue_of("Refunds"))
    assert sorted(item.values.values()) == [3, 100]
    assert rig.values("Refunds")["Estimate"] == 8


def test_an_issue_that_left_one_of_two_boards_is_listed_with_what_that_one_lacks(both: Any) -> None:
    rig = both
    key = new_issue(rig, "Refunds", **{rig.effort: 5})
    rig.in_step()
    rig.box.github.put_on_board(rig.second, rig.issue_of("Refunds"), "liwei", Hours=2)
    assert rig.rest() == []
    boards.remove_item(rig.second, rig.second.item_of(rig.issue_of("Refunds")))
    rig.jira("PUT", f"/issue/{key}", {"fields": {rig.effort: 8, rig.hours: 3}})
    assert rig.rest() == [
        (
            "hours",
            f"hours: {rig.repository}#1 is not on project 2 of acme; put it there, or write add = true beside its name",
        )
    ]
    assert rig.values("Refunds")["Estimate"] == 8
    rig.box.github.put_on_board(rig.second, rig.issue_of("Refunds"), "liwei")
    assert rig.rest() == []
    assert list(rig.second.item_of(rig.issue_of("Refunds")).values.values()) == [3]


@pytest.mark.parametrize("type_", ["Size", "Iteration"])
def test_an_option_of_a_board_that_is_deleted_is_listed_at_once(rig: HarmRig, type_: str) -> None:
    sprinted(rig)
    key = new_issue(rig, "Refunds", **{rig.shirt: {"value": "Large"}})
    rig.in_step()
    rig.box.github.put_on_board(rig.board, rig.issue_of("Refunds"), "liwei", Iteration="Sprint 1", Estimate=1)
    assert rig.rest() == []
    for option in ("L", "S") if type_ == "Size" else ("Sprint 1", "Sprint 2", "Sprint 3"):
        boards.remove_option(rig.board, type_, option)
    ((field, reason),) = rig.rest()
    assert (field, "on the right side: add it there" in reason) == ("size" if type_ == "Size" else "sprint", True)
    assert rig.fields(key)[1] == "Large"
    assert rig.jira("GET", f"/issue/{key}")["fields"][SPRINT] is not None
    rig.title(key, "Refunds at last")


def sprinted(rig: HarmRig) -> None:
    """Gives a rig sprints: those of the board overlap, and two of them have one name."""
    today = START.date()
    days = [("Sprint 1", today, 14), ("Sprint 2", today + timedelta(days=7), 14), ("Sprint 3", today, 28)]
    boards.add_field(rig.box.github, rig.board, "Iteration", "iteration", (), days)
    for name, _, _ in days:
        rig.box.jira.add_sprint(rig.project, name)
    rig.extra += SPRINTS


def test_iterations_that_overlap_go_by_their_names(rig: HarmRig) -> None:
    sprinted(rig)
    key = new_issue(rig, "Refunds", **{rig.effort: 1})
    other = new_issue(rig, "Rates", **{rig.effort: 1})
    rig.in_step()
    rig.box.github.put_on_board(rig.board, rig.issue_of("Refunds"), "liwei", Iteration="Sprint 1")
    rig.box.github.put_on_board(rig.board, rig.issue_of("Rates"), "liwei", Iteration="Sprint 2")
    assert rig.rest() == []

    def sprints() -> list[str]:
        shown = [rig.jira("GET", f"/issue/{one}")["fields"][SPRINT] for one in (key, other)]
        return [each["name"] for several in shown for each in several or ()]

    assert sprints() == ["Sprint 1", "Sprint 2"]
    rig.board.field_named("Iteration").iterations[2].title = "Sprint 2"
    rig.box.github.put_on_board(rig.board, rig.issue_of("Refunds"), "liwei", Iteration="Sprint 2")
    assert rig.rest() == []
    assert sprints() == ["Sprint 2", "Sprint 2"]


def test_a_pull_request_that_closes_forty_issues_is_listed_by_both_commands(rig: HarmRig) -> None:
    rig.extra = f"pull-requests = true\n{rig.extra}"
    new_issue(rig, "Refunds")
    rig.in_step()
    rig.box.github.add_pull_request(rig.repository, "All", "miab", " ".join(f"fixes #{one}" for one in range(1, 41)))
    assert rig.rest() == []
    assert [said for said in rig.listed() if "names 40 tasks" in said]


def test_a_release_without_a_tag_is_listed_by_both_commands(rig: HarmRig) -> None:
    version = rig.box.jira.add_version(rig.project, "Spring")
    version.released, version.release_date = True, START.date()
    new_issue(rig, "Refunds")
    rig.in_step()
    github = rig.box.github
    pulls.release(github, github.repository(rig.repository), github.account("liwei"), "", name="Spring")
    assert rig.rest() == []
    assert [said for said in rig.listed() if "release Spring has no tag" in said]


MISSING = """
[[pairs.custom]]
name = "level"
left = "Level"
right = { project = 1, field = "Rank", add = true }
map = [["High", "P1"]]
"""


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("new", [True, False])
def test_an_option_that_the_map_names_and_a_side_lacks_is_promised_by_nobody(
    rig: HarmRig, side: Side, new: bool
) -> None:
    boards.add_field(rig.box.github, rig.board, "Rank", "single_select", ("P1",) if side is Side.LEFT else ("P2",))
    level = rig.box.jira.add_custom_field("Level", "option", ("High",) if side is Side.RIGHT else ("Low",)).id
    rig.extra += MISSING

    def fill() -> None:
        if side is Side.LEFT:
            rig.box.github.put_on_board(rig.board, rig.issue_of("Refunds"), "liwei", Rank="P1")
        else:
            rig.jira("PUT", f"/issue/{key}", {"fields": {level: {"value": "High"}}})

    if side is Side.LEFT:
        key, _ = "PAY-1", rig.github("POST", "/issues", {"title": "Refunds"})
    else:
        key = new_issue(rig, "Refunds")
    if not new:
        rig.in_step()
    fill()
    rig.tick(HOUR)
    with rig.context() as context:
        changes = as_sent(context, preview_pair(context))
    level_of_pair = Field.declared("level")
    promised = [one.fields if isinstance(one, Create) else one.patch for one in changes.writes()]
    assert not any(level_of_pair in fields for fields in promised), promised
    ((field, reason),) = rig.rest()
    assert field == "level"
    assert ("High" if side is Side.LEFT else "P1") in reason
    with rig.context() as context:
        again = as_sent(context, preview_pair(context))
    assert list(again.writes()) == []


def test_a_value_for_a_board_that_an_issue_left_is_promised_by_nobody(both: Any) -> None:
    rig = both
    key = new_issue(rig, "Refunds", **{rig.effort: 5})
    rig.in_step()
    rig.box.github.put_on_board(rig.second, rig.issue_of("Refunds"), "liwei", Hours=2)
    assert rig.rest() == []
    boards.remove_item(rig.second, rig.second.item_of(rig.issue_of("Refunds")))
    rig.jira("PUT", f"/issue/{key}", {"fields": {rig.hours: 3}})
    rig.tick(HOUR)
    with rig.context() as context:
        changes = as_sent(context, preview_pair(context))
        found = verify_pair(context)
    assert list(changes.writes()) == []
    ((field, reason),) = rig.rest()
    assert [(str(one.field), one.reason, one.waits) for one in found.differences] == [(field, reason, True)]
    assert [(str(one.field), one.reason) for one in changes.of(Skip) if one.why is Why.REFUSED] == [(field, reason)]
