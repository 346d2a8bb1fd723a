"""Maps of statuses and priorities for the tasks of one type."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.model import Category, Field, Side, Status
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import FieldRule
from tests.truth import silent_differences
from tests.worlds import STATUS_MAP, TYPE_MAP, World

BUGS = Relation(
    (
        MapRow(MapCell("To Do"), MapCell("open", None, "status: to confirm")),
        MapRow(MapCell("In Progress"), MapCell("open")),
        MapRow(MapCell("In Review"), MapCell("open", None, "status: to verify")),
        MapRow(MapCell("Done"), MapCell("closed", "completed")),
    )
)
REVIEW = Status("In Review", Category.DOING)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    fields = {**made.rules.fields, Field.TYPE: FieldRule()}
    made.rules = replace(
        made.rules, status=STATUS_MAP, type=TYPE_MAP, fields=fields, by_type={(Field.STATUS, "bug"): BUGS}
    )
    return made


def settle(world: World) -> None:
    for sweep in (False, False, True):
        world.sync(sweep=sweep)
    assert world.sync().writes == 0
    with world.context() as context:
        assert silent_differences(context) == []


def test_each_type_is_carried_by_its_own_map(world: World) -> None:
    for title, kind in (("A bug", "Bug"), ("A task", "Task")):
        world.left.create(title, fields={Field.TYPE: kind, Field.STATUS: REVIEW})
    settle(world)
    labels = {str(item.showing[Field.TITLE]): item.showing[Field.LABELS] for item in world.right.items()}
    assert labels == {"A bug": ("bug", "status: to verify"), "A task": ("status: in progress",)}


def test_a_label_of_the_types_own_map_is_read_back(world: World) -> None:
    world.left.create("A bug", fields={Field.TYPE: "Bug", Field.STATUS: REVIEW})
    settle(world)
    world.right.edit(world.only(Side.RIGHT).ref, {Field.LABELS: ("bug", "status: to confirm")})
    settle(world)
    assert world.only(Side.LEFT).showing[Field.STATUS] == Status("To Do", Category.TODO)


def test_a_task_that_becomes_a_bug_changes_its_labels_and_no_status(world: World) -> None:
    world.left.create("Something", fields={Field.TYPE: "Task", Field.STATUS: REVIEW})
    settle(world)
    world.left.edit(world.only(Side.LEFT).ref, {Field.TYPE: "Bug"})
    settle(world)
    assert world.only(Side.LEFT).showing[Field.STATUS] == REVIEW
    assert world.only(Side.RIGHT).showing[Field.LABELS] == ("bug", "status: to verify")


def test_a_label_that_makes_a_task_a_bug_changes_no_status_either(world: World) -> None:
    world.left.create("Something", fields={Field.TYPE: "Task", Field.STATUS: REVIEW})
    settle(world)
    world.right.edit(world.only(Side.RIGHT).ref, {Field.LABELS: ("bug", "status: in progress")})
    settle(world)
    assert world.only(Side.LEFT).showing[Field.TYPE] == "Bug"
    assert world.only(Side.LEFT).showing[Field.STATUS] == REVIEW
    assert world.only(Side.RIGHT).showing[Field.LABELS] == ("bug", "status: to verify")


def test_a_side_that_does_not_tell_the_type_is_carried_by_the_map_of_the_other_sides_type(world: World) -> None:
    world.rules = replace(world.rules, type=Relation(), fields={**world.rules.fields, Field.TYPE: FieldRule()})
    world.left.create("A bug", fields={Field.TYPE: "Bug", Field.STATUS: REVIEW})
    settle(world)
    assert world.only(Side.RIGHT).showing[Field.LABELS] == ("status: to verify",)
    world.right.edit(world.only(Side.RIGHT).ref, {Field.LABELS: ("status: to confirm",)})
    settle(world)
    assert world.only(Side.LEFT).showing[Field.STATUS] == Status("To Do", Category.TODO)
