"""One item that a tracker fails on every time: the others are created, and it waits with the tracker's words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.contract.model import Kind, Side
from syncer.core.records import OperationState
from syncer.sandbox import Fault
from syncer.sync.ledger import waiting
from tests.rig import Rig

POISON = "poison 💥"


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with Rig(tmp_path, deployment=request.param) as made:
        yield made


def summaries(rig: Rig) -> set[str]:
    return {str(issue.content["summary"]) for issue in rig.box.jira.issues.values()}


@pytest.mark.parametrize("kind", ["500", "502", "503"])
def test_one_poisoned_issue_keeps_no_other_from_being_created(rig: Rig, kind: Any) -> None:
    for number in range(59):
        rig.github("POST", "/issues", {"title": f"Healthy {number}"})
    rig.github("POST", "/issues", {"title": f"It has {POISON}"})
    rig.box.faults.poison("poison", Fault(kind, verb="POST", path=r"/issue(/bulk)?$"))
    tally = rig.sync()
    assert len(summaries(rig)) == 59
    assert (tally.outcome, tally.retry, tally.created["left"]) == ("partial", 1, 59), tally
    assert "acme/pay#60" in tally.message
    assert tally.requests["left"] < 150
    again = rig.sync()
    assert (again.retry, again.requests["left"] < 50) == (1, True), again


def test_a_poisoned_issue_is_held_in_the_end_with_the_words_of_the_tracker(rig: Rig) -> None:
    rig.github("POST", "/issues", {"title": f"It has {POISON}"})
    rig.box.faults.poison("poison", Fault("500", verb="POST", path=r"/issue(/bulk)?$"))
    for hours in (0, 1, 1, 1, 1, 1, 2, 4, 4, 4):
        rig.clock.advance(timedelta(hours=hours))
        tally = rig.sync()
    assert (tally.outcome, tally.retry, tally.held) == ("held", 0, 1), tally
    with rig.context() as context:
        (held,) = context.store.journal.open(context.name, states=(OperationState.HELD,))
        assert "Internal server error" in held.outcome
        (line,) = waiting(context.store, context.name)
        assert (line.item, "gave up after 8 attempts" in line.reason) == ("acme/pay#1", True)
    rig.box.faults.clear()
    rig.github("PATCH", "/issues/1", {"title": "Healed"})
    assert rig.sync().created["left"] == 1


def test_a_poisoned_comment_is_sent_once_in_a_run_and_ever_less_often(rig: Rig) -> None:
    issue = rig.github("POST", "/issues", {"title": "One"})
    rig.sync()
    rig.github("POST", f"/issues/{issue['number']}/comments", {"body": f"It has {POISON}"})
    rig.github("POST", f"/issues/{issue['number']}/comments", {"body": "Healthy"})
    rig.box.faults.poison("poison", Fault("502", verb="POST", path=r"/comment$"))
    for _ in range(5):
        tally = rig.sync()
        assert tally.retry <= 1
    sent = [one for one in rig.box.log.entries if one.verb == "POST" and b"poison" in one.request_body]
    assert len([one for one in sent if one.tracker == "jira" and one.path.endswith("/comment")]) == 4
    with rig.context() as context:
        store = context.store
        assert len(list(store.observed.unlinked(context.name, Side.RIGHT, Kind.COMMENT))) == 1
