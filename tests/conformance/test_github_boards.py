"""The GitHub connector obeys the protocol where a pair declares fields of a board."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.github import KIND
from syncer.contract.custom import CustomType
from syncer.contract.model import Ref, Value
from tests.conformance import test_github
from tests.conformance.github_board import KINDS, plan


class TestGitHubBoards(test_github.TestGitHub):
    """Every test of the suite, with fields of a board for the declared ones."""

    @pytest.fixture(autouse=True)
    def _board(self, _world: None) -> None:
        self.board = plan(self.world)

    def custom_locators(self) -> Mapping[CustomType, Any]:
        return {
            type_: KIND.custom_locator({"project": 1, "field": name, "add": True}) for type_, (name, _) in KINDS.items()
        }

    def custom_nowhere(self) -> Any:
        return KIND.custom_locator({"project": 1, "field": "Nothing"})

    def person_fills(self, task: Ref, type_: CustomType, value: Value) -> None:
        issue = self.world.github.issues_by_id[int(task.id)]
        shown = value.isoformat() if isinstance(value, date) else value
        self.world.github.put_on_board(self.board, issue, "mia", **{KINDS[type_][0]: shown})
        self.world.clock.advance(timedelta(hours=1))  # no list tells of it: boards are read once an hour
