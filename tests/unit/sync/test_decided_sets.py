"""A person decides for one side of a field that holds several names: the other side shows that, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.contract.custom import CustomField, CustomType
from syncer.contract.model import Field, Ref, Side, Value
from syncer.sync import steering
from syncer.sync.steering import Spot
from tests.worlds import World

AREAS = CustomField(CustomType.CHOICES, "Areas", options=("API", "Docs", "Web"))
CASES: list[tuple[Field, Value, Value, Value, Value]] = [
    (Field.LABELS, ("a", "b"), ("b", "c"), ("a", "b"), ("b", "c")),
    (Field.ASSIGNEES, ("li.wei",), ("miab",), ("liwei",), ("mia.braun",)),
]
"""A field with what both sides show, then each of them in terms of the other side."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def linked_by_hand(world: World, field: Field, left: Value, right: Value) -> tuple[Ref, Ref]:
    """Two tasks that were made apart: nothing tells how what differs between them arose."""
    one = world.left.create("Refunds fail", fields={field: left})
    other = world.right.create("Refunds fail", fields={field: right})
    with world.context() as context, context.store.lease(context.name, context.identity()) as lease:
        for side, ref in zip(Side, (one, other), strict=True):
            context.store.apart.add(lease, side, [ref], since=world.clock(), by="ada")
    world.sync()
    with world.context() as context, context.store.lease(context.name, context.identity()) as lease:
        found = [
            (side, context.store.observed.get("pay", side, ref)) for side, ref in zip(Side, (one, other), strict=True)
        ]
        spots = [Spot(context.store, "pay", side, item) for side, item in found if item is not None]
        steering.link(*spots, lease, "made", by="ada", at=world.clock())
    world.sync()
    return one, other


def decide(world: World, field: Field, side: Side) -> None:
    with world.context() as context:
        found = [row for row in context.store.conflicts.of_pair("pay") if row.field is field]
        assert len(found) == 1, found
        context.store.conflicts.decide(found[0].id, side.value, world.clock())


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("field", "left", "right", "as_left", "as_right"), CASES)
def test_what_a_person_decides_of_a_set_is_written_and_stays_decided(
    world: World, field: Field, left: Value, right: Value, as_left: Value, as_right: Value, side: Side
) -> None:
    one, other = linked_by_hand(world, field, left, right)
    decide(world, field, side)
    world.sync()
    expected = (left, as_left) if side is Side.LEFT else (as_right, right)
    for sweep in (False, True, True):
        assert world.sync(sweep=sweep).writes == 0
    shown = (world.left.show(one).showing.get(field), world.right.show(other).showing.get(field))
    assert tuple(tuple(sorted(value or ())) for value in shown) == tuple(tuple(sorted(value)) for value in expected)
    with world.context() as context:
        assert not [row for row in context.store.conflicts.of_pair("pay") if row.settled_at is None]


def test_a_decision_for_declared_choices_takes_the_others_away(world: World) -> None:
    field = world.declare("areas", AREAS, AREAS)
    one, other = linked_by_hand(world, Field.declared("Areas"), ("API",), ("Docs", "Web"))
    decide(world, field, Side.LEFT)
    world.sync()
    assert world.sync(sweep=True).writes == 0
    assert world.shown(field) == (("API",), ("API",))
    assert (world.left.show(one).ref, world.right.show(other).ref) == (one, other)
