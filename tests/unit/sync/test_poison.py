"""Creates that fail: one bad item keeps nothing else away, and a tracker that is down is not insisted upon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryConnector
from syncer.contract.errors import Ambiguous, Rejected, Retryable, TrackerError
from syncer.contract.model import Draft, Field, Kind, Observed, Side
from syncer.core.change import Tally
from syncer.core.records import OperationState
from tests.worlds import GITHUB_LIKE, World

BATCH = 50


class Poisoned(MemoryConnector):
    """Fails on every request to create that holds an item with one of these words; counts the requests."""

    def __init__(self, *arguments: Any, words: Sequence[str], error: TrackerError, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.words, self.error = words, error
        self.sent: list[int] = []

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        self.sent.append(len(drafts))
        if any(word in str(draft.fields) for draft in drafts for word in self.words):
            raise self.error
        return super().create(drafts)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, right_capabilities=replace(GITHUB_LIKE, create_batch={Kind.TASK: BATCH}))


def sync(world: World, words: Sequence[str], error: TrackerError) -> tuple[Tally, list[int]]:
    world.clock.tick()
    with world.context() as context:
        right = Poisoned(world.right, words=words, error=error)
        tally = run(replace(context, connectors={**context.connectors, Side.RIGHT: right}))
    world.clock.tick()
    return tally, right.sent


def run(context: Any) -> Tally:
    from syncer.sync.run import run_pair

    return run_pair(context)


def titles(world: World) -> set[object]:
    return {item.showing[Field.TITLE] for item in world.right.items()}


LOST = Ambiguous("POST /issue: the server failed (500): Incorrect string value")
ERRORS = [LOST, Retryable("POST /issue: the server failed (503)"), Rejected("POST /issue: a listener throws")]


@pytest.mark.parametrize("error", ERRORS, ids=["500", "503", "refused"])
@pytest.mark.parametrize("bad", [[0], [119], [3, 57, 58, 110], [*range(0, 120, 10)]], ids=str)
def test_everything_but_the_bad_items_is_created_in_the_same_run(
    world: World, error: TrackerError, bad: list[int]
) -> None:
    for number in range(120):
        world.left.create(f"poison {number}" if number in bad else f"healthy {number}")
    tally, sent = sync(world, ["poison"], error)
    assert len(titles(world)) == 120 - len(bad), (tally, sent)
    assert len(sent) < 20 + 14 * len(bad)
    if not isinstance(error, Rejected):
        assert tally.retry == len(bad)
        assert str(error) in tally.message


def test_a_tracker_that_is_down_is_asked_a_few_times_and_nothing_is_held_for_it(world: World) -> None:
    for number in range(120):
        world.left.create(f"healthy {number}")
    for _ in range(6):
        tally, sent = sync(world, ["healthy"], LOST)
        assert len(sent) <= 5
        assert (tally.outcome, tally.held) == ("partial", 0)
        world.clock.tick(180)
    world.clock.tick(7_200)
    tally, _ = sync(world, [], LOST)
    assert (tally.outcome, len(titles(world))) == ("clean", 120), tally


def test_a_bad_item_is_tried_once_in_a_run_and_held_after_eight(world: World) -> None:
    world.left.create("poison")
    counted = []
    for _ in range(8):
        tally, sent = sync(world, ["poison"], LOST)
        counted.append((tally.retry, len(sent)))
        world.clock.tick(4 * 3_600)
    assert counted == [(1, 1)] * 7 + [(0, 1)]
    assert (tally.outcome, tally.held) == ("held", 1)
    with world.context() as context:
        (held,) = context.store.journal.open("pay", states=(OperationState.HELD,))
        assert "Incorrect string value" in held.outcome
        assert context.store.set_aside.attempts("pay") == {}


def test_an_edit_begins_the_attempts_again_at_once(world: World) -> None:
    task = world.left.create("poison")
    for _ in range(4):
        sync(world, ["poison"], LOST)
    world.left.edit(task, {Field.TITLE: "healed"})
    sync(world, ["poison"], LOST)
    assert titles(world) == {"healed"}
