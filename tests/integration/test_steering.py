"""Both trackers leave alone what a person steered: paused, labelled, unlinked, read anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.contract.model import Side
from syncer.sync import steering
from syncer.sync.lineage import introduce
from syncer.sync.steering import Spot
from tests.rig import Rig


def steer(rig: Rig, key: str, act: Any, **said: Any) -> Any:
    with rig.context() as context, context.store.lease(context.name, context.identity()) as lease:
        side = Side.LEFT if "#" not in key else Side.RIGHT
        item = context.store.observed.by_key(context.name, side, key)
        assert item is not None, key
        spot = Spot(context.store, context.name, side, item)
        if act is steering.resync:
            introduce(context, lease)
            return act(context, lease, spot)
        return act(spot, lease, **said)


def quiet(rig: Rig) -> None:
    """Five runs, one of them a complete reading, write nothing and ask for nobody."""
    tallies = [rig.sync(sweep=number == 2) for number in range(5)]
    assert [(tally.writes, tally.outcome) for tally in tallies] == [(0, "clean")] * 5, tallies


def edit_both(rig: Rig, number: int, words: str) -> None:
    """People rename on one side, rewrite and comment on the other."""
    rig.github("PATCH", f"/issues/{number}", {"title": words})
    rig.github("POST", f"/issues/{number}/comments", {"body": f"{words} on GitHub"})
    rig.jira("PUT", f"/issue/PAY-{number}", {"fields": {"description": rig.text(words)}})
    rig.jira("POST", f"/issue/PAY-{number}/comment", {"body": rig.text(f"{words} in Jira")})
    rig.tick()


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_what_people_steer_is_left_alone_by_five_runs_and_a_complete_reading(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    with Rig(tmp_path, deployment) as rig:
        for number in (1, 2, 3, 4):
            rig.github("POST", "/issues", {"title": f"Task {number}", "body": "The text."})
        rig.sync()
        by = {"by": "ada", "since": rig.clock.now(), "why": ""}
        steer(rig, "PAY-1", steering.pause, **by, until=None)
        rig.github("POST", "/issues/2/labels", {"labels": ["sync: off"]})
        rig.jira("PUT", "/issue/PAY-3", {"update": {"labels": [{"add": "sync:_off"}]}})
        steer(rig, "acme/pay#4", steering.unlink, **by)
        for number in (1, 2, 3, 4):
            edit_both(rig, number, f"Edited {number}")
        quiet(rig)
        assert steer(rig, "acme/pay#1", steering.resync).failed == ()
        steer(rig, "acme/pay#1", steering.resume)
        rig.github("DELETE", "/issues/2/labels/sync%3A%20off")
        rig.jira("PUT", "/issue/PAY-3", {"update": {"labels": [{"remove": "sync:_off"}]}})
        rig.sync()
        rig.sync()
        titles = [rig.jira("GET", f"/issue/PAY-{number}")["fields"]["summary"] for number in (1, 2, 3, 4)]
        assert titles == ["Edited 1", "Edited 2", "Edited 3", "Task 4"]
        counts = [len(rig.github("GET", f"/issues/{number}/comments")) for number in (1, 2, 3, 4)]
        assert counts == [2, 2, 2, 1]
        quiet(rig)
