"""An item whose answer makes no sense is set aside with its name: nothing else waits for it, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.contract.model import Field, Kind, Side
from syncer.core.waiting import Why
from syncer.sync.ledger import waiting
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def unreadable(world: World) -> list[tuple[str, str]]:
    with world.context() as context:
        rows = waiting(context.store, context.name)
        return [(row.item, row.reason) for row in rows if row.why is Why.UNREADABLE]


def titles(world: World, side: Side) -> set[object]:
    return {item.showing[Field.TITLE] for item in world.tracker(side).items()}


def test_everything_beside_an_unreadable_task_is_carried_and_it_is_listed(world: World) -> None:
    bad, good = world.left.create("Bad"), world.left.create("Good")
    world.left.comment(good, "Said")
    world.left.garble(bad)
    tally = world.sync()
    assert titles(world, Side.RIGHT) == {"Good"}
    assert tally.comments["created"] == 1
    ((name, reason),) = unreadable(world)
    assert (name, "labels[0].name is missing" in reason) == (world.left.show(bad).key, True)


def test_it_is_asked_for_with_each_reading_and_carried_once_it_reads(world: World) -> None:
    bad = world.left.create("Bad")
    world.left.garble(bad)
    world.sync()
    world.clock.tick(3_600)
    world.sync()  # the cursor has gone past it
    assert unreadable(world)
    del world.left._garbled[bad]  # mended without an edit: no listing shows it
    world.sync()
    assert titles(world, Side.RIGHT) == {"Bad"}
    assert unreadable(world) == []


def test_a_linked_task_that_cannot_be_read_is_neither_deleted_nor_closed_nor_written(world: World) -> None:
    task = world.left.create("Task")
    world.sync()
    (mirror,) = world.right.items()
    world.left.garble(task)
    world.right.edit(mirror.ref, {Field.TITLE: "Renamed"})
    for sweep in (False, True, True, True, True):
        tally = world.sync(sweep=sweep)
        assert tally.writes == 0
    assert world.only(Side.RIGHT).showing[Field.STATUS] == mirror.showing[Field.STATUS]
    assert world.left.show(task).showing[Field.TITLE] == "Task"
    assert len(unreadable(world)) == 1
    world.left.mend(task)
    world.sync()
    assert world.left.show(task).showing[Field.TITLE] == "Renamed"


def test_a_comment_that_cannot_be_read_counts_neither_as_deleted_nor_hides_its_thread(world: World) -> None:
    task = world.left.create("Task")
    first, second = world.left.comment(task, "First"), world.left.comment(task, "Second")
    world.sync()
    world.left.garble(first)
    world.left.edit(second, {Field.BODY: "Changed"})
    for sweep in (False, True):
        world.sync(sweep=sweep)
    shown = {item.showing[Field.BODY] for item in world.right.items(Kind.COMMENT)}
    assert len(shown) == 2
    assert any("Changed" in str(text) for text in shown)
    ((name, _),) = unreadable(world)
    assert name.endswith(f"of {world.left.show(task).key}")


def test_a_milestone_that_cannot_be_read_keeps_no_task_away(world: World) -> None:
    world.left.garble(world.left.milestone("Spring"))
    world.left.create("Task")
    world.sync()
    assert titles(world, Side.RIGHT) == {"Task"}
    assert len(unreadable(world)) == 1


def test_what_was_deleted_while_it_could_not_be_read_is_forgotten(world: World) -> None:
    bad = world.left.create("Bad")
    world.left.garble(bad)
    world.sync()
    world.left.delete(bad)
    world.sync(sweep=True)
    assert unreadable(world) == []


def test_an_answer_to_a_write_that_makes_no_sense_leaves_the_item_set_aside(world: World) -> None:
    task = world.left.create("Task")
    world.sync()
    mirror = world.only(Side.RIGHT)
    world.left.edit(task, {Field.TITLE: "Renamed"})
    world.right._garbled[mirror.ref] = "title is missing"  # since the reading of this run
    world.sync()
    assert [name for name, _ in unreadable(world)] == [mirror.key]
    world.right.mend(mirror.ref)
    world.sync()
    assert world.only(Side.RIGHT).showing[Field.TITLE] == "Renamed"
