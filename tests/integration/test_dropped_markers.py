"""A server that drops what we mark new items by: a create whose answer is lost is not sent again."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from syncer.contract.checking import Severity
from syncer.contract.model import Side
from syncer.core.waiting import Why
from syncer.sandbox.faults import Fault
from syncer.sync.ledger import waiting
from tests.rig import Rig

BOTH = pytest.mark.parametrize("deployment", ["cloud", "datacenter"])


class OnCreate(Fault):
    """Strikes the next create of an issue."""

    def strikes(self, index: int, verb: str, path: str) -> bool:
        return verb == "POST" and path.endswith(("/issue", "/issue/bulk"))


def issues(rig: Rig) -> list[str]:
    return sorted(str(each.content["summary"]) for each in rig.box.jira.issues.values())


@BOTH
def test_creates_whose_answers_are_lost_make_no_duplicates(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.box.jira.drops_properties = True
        for number in range(4):
            rig.github("POST", "/issues", {"title": f"Issue {number}"})
        rig.box.faults.add(OnCreate("commit-then-close"))
        tallies = [rig.sync() for _ in range(3)]
        assert issues(rig) == [f"Issue {number}" for number in range(4)]
        assert tallies[-1].outcome == "held"
        with rig.context() as context:
            found = list(waiting(context.store, "pay"))
            assert {one.why for one in found} == {Why.LOST}
            assert "may be it" in found[0].reason
            said = [one for one in context.connectors[Side.LEFT].check() if one.about == "origin marker"]
            assert [one.severity for one in said] == [Severity.WARNING]


@BOTH
def test_a_create_that_had_no_effect_is_sent_again_there_too(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.box.jira.drops_properties = True
        rig.github("POST", "/issues", {"title": "Issue"})
        rig.box.faults.add(OnCreate("close-before-commit"))
        for _ in range(3):
            rig.sync()
            rig.tick(600)
        assert issues(rig) == ["Issue"]
