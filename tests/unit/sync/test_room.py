"""Sides that hold fewer than the other (Jira one assignee, GitHub one milestone): who takes a place that was left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.model import Field, Side
from syncer.core.rules import Direction, FieldRule
from syncer.sync.ledger import waiting
from tests.truth import silent_differences
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for side in Side:
        made.tracker(side).person("stranger")
    return made


def assign(world: World, side: Side, *accounts: str) -> None:
    world.clock.tick(7)
    world.tracker(side).edit(world.only(side).ref, {Field.ASSIGNEES: accounts})


def assignees(world: World) -> tuple[object, object]:
    """Who is assigned on the left and on the right once three runs have made nothing differ in silence."""
    for sweep in (False, False, True):
        world.sync(sweep=sweep)
    assert world.sync().writes == 0
    with world.context() as context:
        assert silent_differences(context) == []
    return world.only(Side.LEFT).showing[Field.ASSIGNEES], world.only(Side.RIGHT).showing[Field.ASSIGNEES]


@pytest.mark.parametrize(
    ("there", "left"), [(("liwei", "miab"), ("mia.braun",)), (("stranger", "liwei", "miab"), ("mia.braun",))]
)
def test_the_place_of_whom_somebody_took_away_is_the_next_ones(
    world: World, there: tuple[str, ...], left: tuple[str, ...]
) -> None:
    world.right.create("Card is refused", fields={Field.ASSIGNEES: there})
    assert assignees(world)[0] == ("li.wei",)
    assign(world, Side.LEFT)
    assert assignees(world) == (left, tuple(one for one in there if one != "liwei"))
    assign(world, Side.LEFT)
    assert assignees(world) == ((), tuple(one for one in there if one == "stranger"))


def test_who_was_taken_away_on_one_side_does_not_come_back_because_the_other_one_changed_too(world: World) -> None:
    world.right.create("Card is refused", fields={Field.ASSIGNEES: ("liwei", "miab")})
    world.sync()
    assign(world, Side.LEFT)
    assign(world, Side.RIGHT, "liwei", "miab", "stranger")
    assert assignees(world) == (("mia.braun",), ("miab", "stranger"))


def test_strangers_on_both_sides_stop_nothing(world: World) -> None:
    world.right.create("Card is refused")
    world.sync()
    assign(world, Side.LEFT, "stranger")
    assign(world, Side.RIGHT, "stranger")
    assert assignees(world) == (("stranger",), ("stranger",))


def test_a_stranger_who_left_and_one_who_came_stop_nothing(world: World) -> None:
    world.left.create("Card is refused", fields={Field.ASSIGNEES: ("stranger",)})
    world.sync()
    assign(world, Side.LEFT)
    assign(world, Side.RIGHT, "stranger")
    assert assignees(world) == ((), ("stranger",))


def test_whom_a_stranger_replaced_leaves_the_other_side(world: World) -> None:
    world.right.create("Card is refused", fields={Field.ASSIGNEES: ("liwei", "miab")})
    world.sync()
    assign(world, Side.LEFT, "stranger")
    assert assignees(world) == (("stranger",), ("miab",))


def test_where_nobody_may_be_carried_back_the_free_place_is_listed(world: World) -> None:
    world.right.create("Card is refused", fields={Field.ASSIGNEES: ("liwei", "miab")})
    world.sync()
    world.rules = replace(world.rules, fields={Field.ASSIGNEES: FieldRule(Direction.LEFT_TO_RIGHT)})
    assign(world, Side.LEFT)
    assert assignees(world) == ((), ("miab",))
    with world.context() as context:
        assert [one.field for one in waiting(context.store, "pay")] == [Field.ASSIGNEES]


def test_a_version_takes_the_place_of_the_one_that_was_taken_away(world: World) -> None:
    one, two = (world.left.milestone(name) for name in ("1.0", "2.0"))
    world.left.create("Card is refused", fields={Field.MILESTONES: (one.id, two.id)})
    world.sync()
    shown = world.only(Side.RIGHT)
    assert len(shown.showing[Field.MILESTONES]) == 1  # type: ignore[arg-type]
    world.clock.tick(7)
    world.right.edit(shown.ref, {Field.MILESTONES: ()})
    for sweep in (False, False, True):
        world.sync(sweep=sweep)
    assert world.only(Side.LEFT).showing[Field.MILESTONES] == (two.id,)
    assert len(world.only(Side.RIGHT).showing[Field.MILESTONES]) == 1  # type: ignore[arg-type]
    with world.context() as context:
        assert silent_differences(context) == []
