"""What becomes of a linked task that the filter of its scope does not admit any more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.change import Tally
from syncer.core.rules import Leaving
from syncer.sync import steering
from syncer.sync.ledger import waiting
from syncer.sync.steering import Spot
from tests.worlds import World


class Filtered:
    """A world whose left side is narrowed to open tasks, or to those with a label."""

    def __init__(self, directory: Path, leaving: Leaving) -> None:
        self.world = World(directory)
        self.leaving = leaving
        self.name = "open"
        self.world.left.admits = self.admits

    def admits(self, item: Observed) -> bool:
        if self.name == "none":
            return False
        return getattr(item.showing.get(Field.STATUS), "category", "") != "done"

    def sync(self, *, sweep: bool = False) -> Tally:
        tally: Tally = self.world.sync(sweep=sweep, **self.overrides)
        return tally

    @property
    def overrides(self) -> dict[str, Any]:
        return {
            "leaving": {Side.LEFT: self.leaving}, "filters": {Side.LEFT: self.name},
            "fingerprint": self.name, "whole": frozenset({Side.RIGHT}),
        }  # fmt: skip

    def quiet(self) -> None:
        tallies = [self.sync(sweep=number == 2) for number in range(5)]
        assert [tally.writes for tally in tallies] == [0] * 5, tallies

    def task(self) -> tuple[Ref, Ref]:
        """A task in step, and its mirror."""
        task = self.world.left.create("Task", "Text.")
        self.sync()
        return task, self.world.right.items()[0].ref

    def held(self) -> list[tuple[str, str]]:
        with self.world.context() as context:
            return [(one.reason, one.settle) for one in waiting(context.store, context.name)]

    def outside(self) -> int:
        with self.world.context() as context:
            state = context.store.pairs.side(context.name, Side.LEFT)
        assert state is not None
        return state.outside


def title(world: World, side: Side) -> object:
    return world.tracker(side).items()[0].showing[Field.TITLE]


def test_what_is_followed_stays_in_step_both_ways_with_its_comments(tmp_path: Path) -> None:
    scene = Filtered(tmp_path, Leaving.FOLLOW)
    task, mirror = scene.task()
    scene.world.left.close(task, by="mia.braun")
    scene.sync()
    assert getattr(scene.world.right.items()[0].showing[Field.STATUS], "category", "") == "done"
    scene.sync(sweep=True)
    assert (scene.held(), scene.outside()) == ([], 1)
    scene.world.left.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    scene.world.left.comment(task, "Once more.", by="mia.braun")
    scene.sync()
    assert title(scene.world, Side.RIGHT) == "Renamed"
    assert len(scene.world.right.items(Kind.COMMENT)) == 1
    scene.world.right.edit(mirror, {Field.TITLE: "Renamed back"}, by="liwei")
    scene.sync()
    assert title(scene.world, Side.LEFT) == "Renamed back"
    scene.quiet()
    assert (scene.held(), scene.outside()) == ([], 1)


def test_what_is_held_is_held_at_once_and_told_with_the_command(tmp_path: Path) -> None:
    scene = Filtered(tmp_path, Leaving.HOLD)
    task, mirror = scene.task()
    scene.world.left.close(task, by="mia.braun")
    assert scene.sync().outcome == "held"
    assert scene.held() == [("PAY-1 left the filter on the left side", "syncer resume PAY-1")]
    scene.world.right.edit(mirror, {Field.TITLE: "Renamed"}, by="liwei")
    scene.world.right.comment(mirror, "Seen.", by="liwei")
    scene.quiet()
    assert title(scene.world, Side.LEFT) == "Task"


def test_what_is_resumed_goes_on_outside_of_the_filter(tmp_path: Path) -> None:
    scene = Filtered(tmp_path, Leaving.HOLD)
    task, mirror = scene.task()
    comment = scene.world.left.comment(task, "Seen.", by="mia.braun")
    scene.world.left.create("Other")
    scene.sync()
    scene.world.left.close(task, by="mia.braun")
    scene.sync(sweep=True)
    with scene.world.context() as context, context.store.lease("pay", "x") as lease:
        item = context.store.observed.get("pay", Side.RIGHT, mirror)
        assert item is not None
        assert steering.resume(Spot(context.store, "pay", Side.RIGHT, item), lease)
    scene.world.left.edit(comment, {Field.BODY: "Seen twice."}, by="mia.braun")
    scene.world.left.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    scene.sync()
    scene.sync()
    assert title(scene.world, Side.RIGHT) == "Renamed"
    assert "Seen twice." in str(scene.world.right.items(Kind.COMMENT)[0].showing[Field.BODY])
    scene.quiet()
    assert scene.held() == []


def test_what_leaves_a_side_that_closes_has_its_partner_closed_once_and_is_held(tmp_path: Path) -> None:
    scene = Filtered(tmp_path, Leaving.CLOSE)
    task, mirror = scene.task()
    scene.world.left.admits = lambda item: Field.LABELS in item.showing and "gone" not in item.showing[Field.LABELS]  # type: ignore[operator]
    scene.world.left.edit(task, {Field.LABELS: ("gone",)}, by="mia.braun")
    tally = scene.sync()
    assert tally.closed["right"] == 1
    assert [reason for reason, _ in scene.held()] == ["PAY-1 left the filter on the left side"]
    scene.world.right.edit(mirror, {Field.TITLE: "Renamed"}, by="liwei")
    scene.quiet()


def test_a_filter_that_is_narrowed_in_the_file_holds_what_it_excludes_and_not_what_is_followed(tmp_path: Path) -> None:
    scene = Filtered(tmp_path, Leaving.FOLLOW)
    task, _ = scene.task()
    scene.world.left.create("Another")
    scene.world.left.close(task, by="mia.braun")
    scene.sync(sweep=True)
    for _ in range(9):
        scene.world.left.create("Yet another")
    scene.sync()
    scene.name = "without the second"
    second = scene.world.left.items()[1].ref
    scene.world.left.admits = lambda item: item.ref != second and Filtered.admits(scene, item)
    scene.sync()
    assert [reason for reason, _ in scene.held()] == ["PAY-2 left the filter on the left side"]
    assert scene.outside() == 1
    scene.quiet()


def test_what_an_earlier_version_held_stays_held_until_it_is_resumed_or_comes_back(tmp_path: Path) -> None:
    scene = Filtered(tmp_path, Leaving.HOLD)
    task, _ = scene.task()
    scene.world.left.create("Other")
    scene.sync()
    scene.world.left.close(task, by="mia.braun")
    scene.sync(sweep=True)
    scene.leaving = Leaving.FOLLOW
    scene.world.left.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    scene.quiet()
    assert title(scene.world, Side.RIGHT) == "Task"
    scene.world.left.edit(task, {Field.STATUS: scene.world.left.statuses[0]}, by="mia.braun")
    scene.sync(sweep=True)
    assert title(scene.world, Side.RIGHT) == "Renamed"


@pytest.mark.parametrize("leaving", [Leaving.FOLLOW, Leaving.HOLD])
def test_what_comes_back_is_in_step_again(tmp_path: Path, leaving: Leaving) -> None:
    scene = Filtered(tmp_path, leaving)
    task, _ = scene.task()
    scene.world.left.close(task, by="mia.braun")
    scene.sync(sweep=True)
    scene.world.left.edit(task, {Field.STATUS: scene.world.left.statuses[0], Field.TITLE: "Back"}, by="mia.braun")
    scene.sync(sweep=True)
    assert (title(scene.world, Side.RIGHT), scene.held()) == ("Back", [])
    scene.sync(sweep=True)
    assert scene.outside() == 0


def test_a_closing_whose_answer_says_that_it_failed_is_sent_again(tmp_path: Path) -> None:
    scene = Filtered(tmp_path, Leaving.CLOSE)
    task, _ = scene.task()
    scene.world.left.admits = lambda item: Field.LABELS in item.showing and "gone" not in item.showing[Field.LABELS]  # type: ignore[operator]
    scene.world.left.edit(task, {Field.LABELS: ("gone",)}, by="mia.braun")
    scene.world.right.lose_next_answer(committed=False)
    scene.sync()
    scene.world.clock.tick(600)
    scene.sync()
    scene.sync()
    assert getattr(scene.world.right.items()[0].showing[Field.STATUS], "category", "") == "done"
    assert [reason for reason, _ in scene.held()] == ["PAY-1 left the filter on the left side"]
    scene.quiet()
