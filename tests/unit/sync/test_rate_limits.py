"""A rate limit of one item makes that item wait and nothing else; what limits met is counted with the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryConnector
from syncer.app.prometheus import collect
from syncer.contract.errors import Retryable, TrackerError
from syncer.contract.model import Draft, Field, Kind, Observed, Patch, Side
from syncer.core.change import Tally
from syncer.sync.run import run_pair
from tests.worlds import World

WAIT = timedelta(minutes=10)
MANY = 12


class Busy(MemoryConnector):
    """Takes no write to the task of a title, nor to what belongs to it, for it was written too often."""

    def __init__(self, *arguments: Any, title: str) -> None:
        super().__init__(*arguments)
        self.title = title
        self.refused = 0
        self.rate_limited = {"jira-per-issue-on-write": 3}

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        self._check(draft.parent for draft in drafts)
        return super().create(drafts)

    def update(self, item: Observed, patch: Patch) -> Observed:
        self._check([item])
        return super().update(item, patch)

    def _check(self, items: Any) -> None:
        if any(item is not None and item.showing.get(Field.TITLE) == self.title for item in items):
            self.refused += 1
            self.rate_limited = {"jira-per-issue-on-write": 3 + self.refused}
            raise Retryable("POST /issue/1/comment: too many requests", after=WAIT, item=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for title in ("busy", "calm"):
        made.left.create(title)
    assert made.sync().outcome == "clean"
    return made


def run(world: World) -> tuple[Tally, Busy]:
    with world.context() as context:
        right = Busy(world.right, title="busy")
        return run_pair(replace(context, connectors={**context.connectors, Side.RIGHT: right})), right


def task(world: World, title: str) -> Observed:
    return next(item for item in world.left.items() if item.showing[Field.TITLE] == title)


def comments(world: World) -> list[str]:
    return [str(item.showing[Field.BODY]) for item in world.right.items(Kind.COMMENT)]


def test_an_item_that_was_written_too_often_waits_and_all_others_go_on(world: World) -> None:
    for number in range(MANY):
        world.left.comment(task(world, "busy").ref, f"busy {number}")
    world.left.comment(task(world, "calm").ref, "calm")
    tally, busy = run(world)
    assert (tally.outcome, tally.outage) == ("partial", False)
    (carried,) = comments(world)
    assert "calm" in carried
    assert "too many requests" in tally.message
    assert busy.refused == MANY  # the connector answers all but the first without asking its tracker
    world.clock.tick(60)
    assert run(world)[1].refused == 0  # it is not time yet
    world.clock.tick(WAIT.total_seconds())
    assert world.sync().outcome == "clean"
    assert len(world.right.items(Kind.COMMENT)) == MANY + 1


def test_an_update_waits_for_its_item_as_long_as_the_tracker_asks_and_is_no_failure(world: World) -> None:
    for _ in range(MANY):
        world.left.edit(task(world, "busy").ref, {Field.BODY: "edited"})
        tally, _ = run(world)
        assert tally.outcome == "partial"
        world.clock.tick(WAIT.total_seconds() + 60)
    assert world.sync().outcome == "clean"
    mirror = next(item for item in world.right.items() if item.showing[Field.TITLE] == "busy")
    assert "edited" in str(mirror.showing[Field.BODY])


def test_limits_that_were_met_are_counted_with_the_run_and_in_the_metrics(world: World) -> None:
    world.left.comment(task(world, "busy").ref, "one")
    tally, _ = run(world)
    assert tally.rate_limited == [{"side": "right", "reason": "jira-per-issue-on-write", "count": 1}]
    with world.context() as context:
        (family,) = [each for each in collect(context.store, {"pay": None}) if each.name == "syncer_run_rate_limited"]
    (sample,) = family.samples
    assert sample.labels == {"pair": "pay", "side": "right", "reason": "jira-per-issue-on-write"}
    assert sample.value == 1
    assert world.sync().rate_limited == []
