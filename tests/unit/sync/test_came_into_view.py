"""What comes into view without being new is created only with a person's consent, where it is much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.model import Field, Kind, Ref, Side
from syncer.core.change import Create
from syncer.core.rules import GuardLimits
from syncer.sync.ledger import waiting
from syncer.sync.preview import preview_pair
from tests.worlds import World


@pytest.fixture(params=list(Side))
def side(request: pytest.FixtureRequest) -> Side:
    side: Side = request.param
    return side


def hidden_tasks(world: World, side: Side, number: int) -> list[Ref]:
    """Tasks that a filter keeps out of sight."""
    tracker = world.tracker(side)
    made = [tracker.create(f"Old {index}", "Text.") for index in range(number)]
    for task in made:
        tracker.hide(task)
    return made


def in_step(world: World, tasks: int = 3) -> None:
    for index in range(tasks):
        world.left.create(f"Task {index}")
    world.clock.tick(300)
    assert world.sync().outcome == "clean"
    assert world.sync().writes == 0


def show(world: World, side: Side, tasks: list[Ref]) -> None:
    """The filter is gone, and the file with it changed."""
    for task in tasks:
        world.tracker(side).reveal(task)
    world.fingerprint += "'"


def lines(world: World) -> list[tuple[str, str]]:
    with world.context() as context:
        return [(line.item, line.settle) for line in waiting(context.store, "pay")]


def test_many_tasks_that_come_into_view_wait_and_all_else_goes_on(tmp_path: Path, side: Side) -> None:
    world = World(tmp_path)
    tasks = hidden_tasks(world, side, 12)
    in_step(world)
    show(world, side, tasks)
    new = world.tracker(side).create("New today")
    world.left.edit(world.left.items()[-1].ref if side is Side.RIGHT else new, {Field.LABELS: ("red",)})
    for _ in range(2):
        tally = world.sync()
        assert tally.outcome == "held"
        assert "12 items came into view" in tally.message
        assert "syncer sync --pair pay --approve-creates 12" in tally.message
    assert sum(tally.created.values()) == 0
    assert len(world.tracker(side.other).items()) == 4
    assert lines(world) == [("12 new items of pay", "syncer sync --pair pay --approve-creates 12")]


def test_consent_holds_over_as_many_runs_as_it_takes_and_only_for_these(tmp_path: Path, side: Side) -> None:
    world = World(tmp_path)
    tasks, more = hidden_tasks(world, side, 12), hidden_tasks(world, side, 11)
    in_step(world)
    show(world, side, tasks)
    world.sync()
    tracker = world.tracker(side.other)
    tracker.interrupt(KeyError("the run dies"), after=6, writes_only=True)
    with pytest.raises(KeyError):
        world.sync(approve_creates=12)
    world.sync()
    assert len(tracker.items()) == 15
    assert world.sync().outcome == "clean"
    assert lines(world) == []
    show(world, side, more)
    assert world.sync().writes == 0
    assert len(tracker.items()) == 15


def test_consent_to_another_number_creates_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    tasks = hidden_tasks(world, Side.LEFT, 12)
    in_step(world)
    show(world, Side.LEFT, tasks)
    world.sync()
    tally = world.sync(approve_creates=5)
    assert tally.outcome == "refused"
    assert "12 creates wait for consent, not 5" in tally.message
    assert len(world.right.items()) == 3


def test_what_people_edited_since_is_never_held_up(tmp_path: Path, side: Side) -> None:
    world = World(tmp_path)
    tasks = hidden_tasks(world, side, 12)
    in_step(world)
    for task in tasks:
        world.tracker(side).edit(task, {Field.LABELS: ("synced",)})
    show(world, side, tasks)
    assert sum(world.sync().created.values()) == 12


def test_what_waits_is_created_once_somebody_edits_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    tasks = hidden_tasks(world, Side.LEFT, 12)
    in_step(world)
    show(world, Side.LEFT, tasks)
    world.sync()
    world.left.edit(tasks[0], {Field.TITLE: "Edited"})
    assert world.sync().created["right"] == 1
    assert lines(world) == [("11 new items of pay", "syncer sync --pair pay --approve-creates 11")]


@pytest.mark.parametrize(("came", "created"), [(10, 10), (11, 0)])
def test_up_to_ten_need_no_consent(tmp_path: Path, came: int, created: int) -> None:
    world = World(tmp_path)
    tasks = hidden_tasks(world, Side.RIGHT, came)
    in_step(world)
    show(world, Side.RIGHT, tasks)
    assert world.sync().created["left"] == created


@pytest.mark.parametrize(("came", "created"), [(12, 12), (13, 0)])
def test_up_to_a_share_of_what_is_linked_needs_no_consent(tmp_path: Path, came: int, created: int) -> None:
    world = World(tmp_path)
    world.rules = replace(world.rules, guard=GuardLimits(creates_at_least=10, creates_share=0.5))
    tasks = hidden_tasks(world, Side.RIGHT, came)
    in_step(world, 24)
    show(world, Side.RIGHT, tasks)
    assert world.sync().created["left"] == created


def test_the_limits_are_the_pairs_own(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.rules = replace(world.rules, guard=GuardLimits(creates_at_least=0, creates_share=0))
    tasks = hidden_tasks(world, Side.RIGHT, 1)
    in_step(world)
    show(world, Side.RIGHT, tasks)
    assert world.sync().created["left"] == 0


def test_a_first_sync_and_the_rest_of_one_need_no_consent(tmp_path: Path) -> None:
    world = World(tmp_path)
    for index in range(40):
        world.left.create(f"Task {index}")
        world.right.create(f"Issue {index}")
    world.clock.tick(300)
    world.right.interrupt(KeyError("the run dies"), after=12, writes_only=True)
    with pytest.raises(KeyError):
        world.sync()
    world.clock.tick(300)
    world.sync(sweep=True)
    assert (len(world.left.items()), len(world.right.items())) == (80, 80)


def test_comments_and_milestones_of_what_waits_wait_with_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    done = world.right.milestone("0.9")
    world.right.close(done)
    tasks = hidden_tasks(world, Side.RIGHT, 20)
    for task in tasks:
        world.right.edit(task, {Field.MILESTONES: (done.id,)})
        world.right.comment(task, "Said.")
    in_step(world)
    show(world, Side.RIGHT, tasks)
    world.sync()
    assert [len(world.left.items(kind)) for kind in Kind] == [3, 0, 0]
    world.sync(approve_creates=20)
    assert [len(world.left.items(kind)) for kind in Kind] == [23, 20, 1]


def test_a_preview_plans_none_of_what_waits(tmp_path: Path) -> None:
    world = World(tmp_path)
    tasks = hidden_tasks(world, Side.RIGHT, 20)
    in_step(world)
    show(world, Side.RIGHT, tasks)
    world.clock.tick()
    with world.context() as context:
        assert list(preview_pair(context, sweep=True).of(Create)) == []
