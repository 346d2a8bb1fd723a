"""The GitHub connector obeys the protocol where a pair declares fields of a board."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.github import KIND
from syncer.contract.custom import CustomType
from syncer.contract.model import Ref, Value
from syncer.sandbox.github import boards
from tests.conformance import test_github
from tests.conformance.github_world import REPOSITORY

KINDS = {
    CustomType.TEXT: ("Notes", "text"),
    CustomType.NUMBER: ("Estimate", "number"),
    CustomType.DATE: ("Target", "date"),
    CustomType.CHOICE: ("Size", "single_select"),
    CustomType.SPRINT: ("Sprint", "iteration"),
}
AN_HOUR = timedelta(hours=1)


class TestGitHubBoards(test_github.TestGitHub):
    """Every test of the suite, with fields of a board for the declared ones."""

    @pytest.fixture(autouse=True)
    def _board(self, _world: None) -> None:
        github = self.world.github
        for login in ("sync-bot", "mia"):
            github.accounts["acme"].members[login] = github.repository(REPOSITORY).collaborators[login]
        for token in github.tokens.values():
            token.scopes = ("repo", "project")
        self.board = github.add_board("acme", "Plan", "mia")
        today = self.world.clock.now().date()
        sprints = [(f"Sprint {number + 1}", today + timedelta(days=14 * number), 14) for number in range(2)]
        for name, kind in KINDS.values():
            options = ("High", "Low") if kind == "single_select" else ()
            boards.add_field(
                github,
                self.board,
                name,
                kind,
                options,
                sprints if kind == "iteration" else (),  # type: ignore[arg-type]
            )

    def custom_places(self) -> Mapping[CustomType, Any]:
        return {
            type_: KIND.custom_place({"project": 1, "field": name, "add": True}) for type_, (name, _) in KINDS.items()
        }

    def custom_nowhere(self) -> Any:
        return KIND.custom_place({"project": 1, "field": "Nothing"})

    def person_fills(self, task: Ref, type_: CustomType, value: Value) -> None:
        issue = self.world.github.issues_by_id[int(task.id)]
        shown = value.isoformat() if isinstance(value, date) else value
        self.world.github.put_on_board(self.board, issue, "mia", **{KINDS[type_][0]: shown})
        self.world.clock.advance(AN_HOUR)  # no list tells of it: boards are read once an hour
