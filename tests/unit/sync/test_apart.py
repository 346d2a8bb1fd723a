"""What somebody set apart has no partner and gets none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from syncer.contract.model import Kind, Marker, Ref, Side
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def set_apart(world: World, side: Side, refs: Sequence[Ref]) -> None:
    with world.context() as context, context.store.lease(context.name, context.identity()) as lease:
        context.store.apart.add(lease, side, refs, since=world.clock(), by="mia")


def take_back(world: World, side: Side, refs: Sequence[Ref]) -> None:
    with world.context() as context, context.store.lease(context.name, context.identity()) as lease:
        context.store.apart.remove(lease, side, refs)


def test_what_is_apart_is_never_created_on_the_other_side_nor_its_comments(world: World) -> None:
    alone, other = world.left.create("Alone"), world.left.create("Other")
    world.left.comment(alone, "Nobody else reads this.", by="mia.braun")
    set_apart(world, Side.LEFT, [alone])
    for sweep in (False, True, True):
        tally = world.sync(sweep=sweep)
        assert [str(item.ref) for item in world.right.items()] == [str(world.only(Side.RIGHT).ref)]
        assert not world.right.items(Kind.COMMENT)
        assert (tally.outcome, tally.skipped) == ("clean", 0)
    take_back(world, Side.LEFT, [alone])
    world.sync()
    assert len(world.right.items()) == 2
    assert len(world.right.items(Kind.COMMENT)) == 1
    assert other in {item.ref for item in world.left.items()}


def test_what_is_apart_is_not_adopted_by_its_marker(world: World) -> None:
    ours = world.left.create("Task")
    mirror = world.right.create("Task", by="syncer", marker=Marker(f"pay.left.task.{ours.id}.x"))
    set_apart(world, Side.LEFT, [ours])
    set_apart(world, Side.RIGHT, [mirror])
    tally = world.sync()
    assert (tally.adopted, tally.writes) == (0, 0)
    take_back(world, Side.LEFT, [ours])
    assert world.sync(sweep=True).adopted == 0
    take_back(world, Side.RIGHT, [mirror])
    assert world.sync(sweep=True).adopted == 1


def test_milestones_that_are_apart_are_neither_adopted_by_name_nor_created(world: World) -> None:
    left = world.left.milestone("1.0")
    right = world.right.milestone("1.0")
    set_apart(world, Side.LEFT, [left])
    set_apart(world, Side.RIGHT, [right])
    tally = world.sync()
    assert (tally.adopted, tally.writes) == (0, 0)


def test_an_item_that_was_deleted_while_it_was_apart_closes_nothing(world: World) -> None:
    ours, theirs = world.left.create("Task"), world.right.create("Task")
    world.left.create("Another")
    set_apart(world, Side.LEFT, [ours])
    set_apart(world, Side.RIGHT, [theirs])
    world.sync()
    world.left.delete(ours)
    tally = world.sync(sweep=True)
    assert (tally.writes, tally.outcome) == (0, "clean")
