"""A field that is merged is written to both sides: what is believed afterwards, and when a run ends in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syncer.contract.errors import Rejected, Retryable
from syncer.contract.model import Category, Field, Ref, Showing, Side, Status, Value
from tests.truth import silent_differences
from tests.worlds import World

LABELS, BODY = Field.LABELS, Field.BODY
CLOSED = Status("closed", Category.DONE, "completed")


class Killed(BaseException):
    """The process died here."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.right.create("Card is refused", "head\n\nmiddle\n\ntail")
    made.sync()
    return made


def text(head: str, tail: str) -> Callable[[Value], Value]:
    """Puts other words at the beginning and the end of a text."""

    def edited(shown: Value) -> Value:
        first, middle, last, *rest = str(shown).split("\n\n")
        return "\n\n".join([head or first, middle, tail or last, *rest])

    return edited


def edit(world: World, side: Side, field: Field, change: Callable[[Value], Value]) -> None:
    world.clock.tick(7)
    item = world.only(side)
    world.tracker(side).edit(item.ref, {field: change(item.showing[field])})


def edit_both(world: World, field: Field) -> None:
    """Edits that do not contradict each other."""
    if field is LABELS:
        edit(world, Side.LEFT, LABELS, lambda _: ("one",))
        edit(world, Side.RIGHT, LABELS, lambda _: ("two",))
    else:
        edit(world, Side.LEFT, BODY, text("HEAD", ""))
        edit(world, Side.RIGHT, BODY, text("", "TAIL"))


def shown(world: World, side: Side, field: Field) -> object:
    value = world.only(side).showing[field]
    return value if field is LABELS else str(value).split("\n\n")[:3]


MERGED = {LABELS: ("one", "two"), BODY: ["HEAD", "middle", "TAIL"]}


def at_rest(world: World) -> None:
    world.clock.tick(3600)
    for sweep in (False, False, True):
        world.sync(sweep=sweep)
    assert world.sync().writes == 0
    with world.context() as context:
        assert silent_differences(context) == []


@pytest.mark.parametrize("field", [LABELS, BODY])
@pytest.mark.parametrize("side", list(Side))
def test_what_came_by_merging_can_be_taken_back(world: World, field: Field, side: Side) -> None:
    before = {each: world.only(each).showing[field] for each in Side}
    edit_both(world, field)
    mine = world.only(side).showing[field]
    world.sync()
    assert shown(world, side, field) == MERGED[field]
    edit(world, side, field, lambda _: mine)
    at_rest(world)
    assert shown(world, side.other, field) == shown(world, side, field)
    edit(world, side.other, field, lambda _: before[side.other])
    at_rest(world)
    assert {each: world.only(each).showing[field] for each in Side} == before


@pytest.mark.parametrize("field", [LABELS, BODY])
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("committed", [False, True])
def test_a_run_that_dies_while_it_merges_loses_nothing(world: World, field: Field, side: Side, committed: bool) -> None:
    edit_both(world, field)
    world.tracker(side).interrupt(Killed(), committed=committed, writes_only=True)
    with pytest.raises(Killed):
        world.sync()
    world.states.close()
    world.tracker(side).clear_faults()
    at_rest(world)
    assert {each: shown(world, each, field) for each in Side} == dict.fromkeys(Side, MERGED[field])


@pytest.mark.parametrize("field", [LABELS, BODY])
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("error", [Retryable("500 Internal Server Error"), Rejected("not today")])
def test_a_write_of_a_merge_that_fails_is_made_later(world: World, field: Field, side: Side, error: Exception) -> None:
    edit_both(world, field)
    world.tracker(side).interrupt(error, writes_only=True)
    world.sync()
    world.tracker(side).clear_faults()
    world.clock.tick(24 * 3600)
    at_rest(world)
    assert {each: shown(world, each, field) for each in Side} == dict.fromkeys(Side, MERGED[field])


@pytest.mark.parametrize("field", [LABELS, BODY])
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("committed", [False, True])
def test_a_lost_answer_to_a_merge_is_settled(world: World, field: Field, side: Side, committed: bool) -> None:
    edit_both(world, field)
    world.tracker(side).lose_next_answer(committed=committed)
    world.sync()
    at_rest(world)
    assert {each: shown(world, each, field) for each in Side} == dict.fromkeys(Side, MERGED[field])


def test_somebody_who_edits_between_two_answers_of_a_merge_ends_no_run_and_loses_nothing(world: World) -> None:
    world.left.refused = {"refused title"}  # so the left is written field by field
    edit(world, Side.LEFT, LABELS, lambda _: ("one",))
    edit(world, Side.RIGHT, LABELS, lambda _: ("two",))
    edit(world, Side.RIGHT, Field.TITLE, lambda _: "refused title")
    edit(world, Side.RIGHT, Field.STATUS, lambda _: CLOSED)
    altered = world.left.alter

    def alter(ref: Ref, fields: Showing, by: str) -> None:
        if Field.STATUS in fields and LABELS not in fields:
            world.left.edit(ref, {LABELS: ("one", "mine")})  # takes away what came by merging, and adds one
        altered(ref, fields, by)

    world.left.alter = alter  # type: ignore[method-assign]
    world.sync()
    world.left.alter = altered  # type: ignore[method-assign]
    world.left.refused = set()
    at_rest(world)
    assert "mine" in world.only(Side.LEFT).showing[LABELS], world.left.writes
    assert "mine" in world.only(Side.RIGHT).showing[LABELS]
