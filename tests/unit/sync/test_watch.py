"""A pair that watches reads both sides into the state, and writes to neither."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.errors import ReadOnly
from syncer.contract.model import Category, Field, Kind, Side, Status
from syncer.core.change import Tally
from syncer.core.rules import Mode
from syncer.sync.gather import StorePages, decision_context
from syncer.sync.verify import verify_pair
from syncer.sync.write import Writer
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.rules = replace(made.rules, mode=Mode.WATCH)
    return made


def fingerprints(world: World) -> list[object]:
    """Everything both trackers hold."""
    return [(item.ref, item.version) for side in Side for kind in Kind for item in world.tracker(side).items(kind)]


def test_a_watched_pair_is_read_with_its_past_and_nothing_is_created(world: World) -> None:
    ours = world.left.create("Refund fails", by="mia.braun")
    world.left.comment(ours, "Seen again.", by="mia.braun")
    world.right.create("Typo in the docs", by="liwei")
    world.right.milestone("1.0")
    world.left.edit(ours, {Field.TITLE: "Refund fails twice"}, by="li.wei")
    before = fingerprints(world)
    for sweep in (False, True, True):
        tally = world.sync(sweep=sweep)
        assert (tally.outcome, tally.writes, tally.adopted, tally.mode) == ("clean", 0, 0, "watch"), tally
        assert tally.message == ""
    assert fingerprints(world) == before
    with world.context() as context:
        assert {item.showing[Field.TITLE] for item in context.store.observed.items("pay", Side.LEFT, Kind.TASK)} == {
            "Refund fails twice"
        }
        assert context.store.links.count("pay")[Kind.TASK] == 0
        changes = context.store.history.changes("pay")
        assert any(change.field is Field.TITLE and change.actor == "li.wei" for change in changes)


def test_a_pair_in_step_that_begins_to_watch_leaves_both_sides_as_they_are_and_catches_up_later(world: World) -> None:
    world.rules = replace(world.rules, mode=Mode.SYNC)
    ours = world.left.create("Task", "One.")
    world.sync()
    mirror = world.only(Side.RIGHT)
    world.rules = replace(world.rules, mode=Mode.WATCH)
    world.left.edit(ours, {Field.TITLE: "A better title"})
    world.left.create("New")
    world.right.close(mirror.ref, Status("closed", Category.DONE, "completed"))
    before = fingerprints(world)
    world.sync()
    world.sync(sweep=True)
    assert fingerprints(world) == before
    world.rules = replace(world.rules, mode=Mode.SYNC)
    tally = world.sync()
    assert tally.created == {"left": 0, "right": 1}
    assert world.left.show(ours).showing[Field.STATUS] == Status("Done", Category.DONE)
    assert world.right.show(mirror.ref).showing[Field.TITLE] == "A better title"


def test_an_item_with_our_marker_is_not_linked_while_the_pair_watches(world: World) -> None:
    world.rules = replace(world.rules, mode=Mode.SYNC)
    world.left.create("Task")
    world.sync()
    world.rules = replace(world.rules, mode=Mode.WATCH)
    with world.context(location=world.directory / "another") as context:
        location = context.store.lineage.place
    tally = world.sync(location=location)
    assert (tally.writes, tally.adopted) == (0, 0)


def test_verify_counts_what_a_sync_would_write_and_is_in_order(world: World) -> None:
    world.left.create("Task")
    world.sync()
    with world.context() as context:
        found = verify_pair(context)
    assert (found.watches, found.in_order, found.only[Side.LEFT]) == (True, True, {Kind.TASK: 1})


def test_nothing_can_be_written_by_any_way_while_a_pair_watches(world: World) -> None:
    world.sync()
    with world.context() as context, context.store.lease("pay", "run") as lease:
        writer = Writer(context, lease, decision_context(context, StorePages(context)), Tally("pay"))
        with pytest.raises(ReadOnly, match="only watches"):
            writer.prepare(Side.RIGHT, creates=1)
