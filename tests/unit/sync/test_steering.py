"""One item steered by hand: paused, unlinked, linked, read anew. No run writes what nobody asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryTracker
from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.side_view import names
from syncer.core.waiting import Waiting, Why
from syncer.store import Lease
from syncer.sync import steering
from syncer.sync.context import PairContext
from syncer.sync.ledger import waiting
from syncer.sync.lineage import introduce
from syncer.sync.steering import NotSteered, Spot
from syncer.sync.verify import verify_pair
from tests.worlds import World

LABEL = "sync: off"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two tasks in step; the first has a comment of each side."""
    world = World(tmp_path)
    world.rules = replace(world.rules, steer_label=LABEL, labels=replace(world.rules.labels, steering=LABEL))
    first, second = world.left.create("First", "The text."), world.left.create("Second")
    world.left.comment(first, "From the left.", by="mia.braun")
    world.sync()
    world.right.comment(partner(world, first), "From the right.", by="liwei")
    world.sync()
    assert (len(world.right.items()), len(world.left.items(Kind.COMMENT))) == (2, 2)
    assert second != first
    return world


def first(world: World) -> Ref:
    return next(item.ref for item in world.left.items() if item.showing[Field.TITLE] == "First")


def partner(world: World, ref: Ref) -> Ref:
    with world.context() as context:
        found = context.store.links.partner(context.name, Side.LEFT, ref)
    assert found is not None
    return found


def shown(tracker: MemoryTracker, ref: Ref) -> Observed:
    return next(item for item in tracker.items(ref.kind) if item.ref == ref)


@contextmanager
def leased(world: World) -> Iterator[tuple[PairContext, Lease]]:
    with world.context() as context, context.store.lease(context.name, context.identity()) as lease:
        yield context, lease


def spot(context: PairContext, side: Side, ref: Ref) -> Spot:
    item = context.store.observed.get(context.name, side, ref)
    assert item is not None
    return Spot(context.store, context.name, side, item)


def steer(world: World, side: Side, ref: Ref, act: Callable[..., Any], **said: Any) -> Any:
    with leased(world) as (context, lease):
        return act(spot(context, side, ref), lease, **said)


def pause(world: World, ref: Ref, *, side: Side = Side.LEFT, until: datetime | None = None) -> None:
    steer(world, side, ref, steering.pause, by="ada", since=world.clock(), why="with the client", until=until)


def unlink(world: World, ref: Ref, *, side: Side = Side.LEFT) -> None:
    steer(world, side, ref, steering.unlink, by="ada", since=world.clock(), why="")


def listed(world: World) -> list[Waiting]:
    with world.context() as context:
        return waiting(context.store, context.name)


def quiet(world: World) -> None:
    """Five runs, one of them a complete reading, write nothing."""
    tallies = [world.sync(sweep=number == 2) for number in range(5)]
    assert [tally.writes for tally in tallies] == [0] * 5, tallies
    assert {tally.outcome for tally in tallies} == {"clean"}


def edit_everything(world: World, task: Ref) -> None:
    """People change a task on both sides, its comments, and write new ones."""
    mirror = partner(world, task)
    world.clock.tick()
    world.left.edit(task, {Field.BODY: "Another text."}, by="mia.braun")
    world.right.edit(mirror, {Field.TITLE: "Another title", Field.LABELS: ("urgent",)}, by="liwei")
    world.right.close(mirror, by="liwei")
    for tracker, ref, who in ((world.left, task, "mia.braun"), (world.right, mirror, "liwei")):
        for comment in [one for one in tracker.items(Kind.COMMENT) if one.parent == ref and one.marker is None]:
            tracker.edit(comment.ref, {Field.BODY: "Said otherwise."}, by=who)
        tracker.comment(ref, "Said now.", by=who)


# --- paused


@pytest.mark.parametrize("side", list(Side))
def test_nothing_of_what_is_paused_is_written_and_all_of_it_once_it_goes_on(world: World, side: Side) -> None:
    task = first(world)
    mirror = partner(world, task)
    pause(world, {Side.LEFT: task, Side.RIGHT: mirror}[side], side=side)
    edit_everything(world, task)
    quiet(world)
    assert steer(world, Side.RIGHT, mirror, steering.resume)
    world.sync()
    assert str(shown(world.right, mirror).showing[Field.BODY]).startswith("Another text.")
    assert shown(world.left, task).showing[Field.TITLE] == "Another title"
    assert [len(tracker.items(Kind.COMMENT)) for tracker in (world.left, world.right)] == [4, 4]
    quiet(world)


def test_what_is_paused_is_listed_with_who_when_until_and_why_and_concerns_nobody(world: World) -> None:
    pause(world, first(world), until=world.clock() + timedelta(days=3))
    (one,) = listed(world)
    assert (one.why, one.needs_a_person, one.settle) == (Why.PAUSED, False, "syncer resume PAY-1")
    assert "paused by ada since 2026-11-16" in one.reason
    assert "until 2026-11-19" in one.reason
    assert one.reason.endswith(": with the client")


def test_a_pause_ends_by_itself_on_its_day(world: World) -> None:
    task = first(world)
    pause(world, task, until=world.clock() + timedelta(hours=2))
    world.left.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    assert world.sync().writes == 0
    world.clock.tick(3 * 3600)
    assert world.sync().writes == 1
    assert listed(world) == []


def test_a_deleted_partner_of_what_is_paused_closes_nothing_until_it_goes_on(world: World) -> None:
    task = first(world)
    mirror = partner(world, task)
    pause(world, task)
    world.right.delete(mirror)
    for _ in range(4):
        assert world.sync(sweep=True).writes == 0
    steer(world, Side.LEFT, task, steering.resume)
    world.sync()
    assert getattr(shown(world.left, task).showing[Field.STATUS], "category", None) == "done"


def test_a_new_task_that_is_paused_is_not_created_nor_its_comments(world: World) -> None:
    new = world.left.create("New")
    world.left.edit(new, {Field.LABELS: ("sync:_off",)}, by="mia.braun")
    world.left.comment(new, "Nobody reads this there.", by="mia.braun")
    quiet(world)
    assert len(world.right.items()) == 2
    pause(world, new)
    world.left.edit(new, {Field.LABELS: ()}, by="mia.braun")
    quiet(world)
    steer(world, Side.LEFT, new, steering.resume)
    world.sync()
    assert (len(world.right.items()), len(world.right.items(Kind.COMMENT))) == (3, 3)


@pytest.mark.parametrize(("side", "label"), [(Side.LEFT, "Sync:_OFF"), (Side.RIGHT, "sync: off")])
def test_the_label_pauses_its_task_for_as_long_as_it_is_there(world: World, side: Side, label: str) -> None:
    task = first(world)
    ref = {Side.LEFT: task, Side.RIGHT: partner(world, task)}[side]
    world.tracker(side).edit(ref, {Field.LABELS: (label,)}, by="miab" if side is Side.RIGHT else "mia.braun")
    quiet(world)
    (one,) = listed(world)
    assert "by the label “sync: off”" in one.reason
    assert "Mia Braun" in one.reason
    edit_everything(world, task)
    world.tracker(side).edit(ref, {Field.LABELS: (label,)}, by="li.wei")
    quiet(world)
    with pytest.raises(NotSteered, match="takes that off"):
        steer(world, side, ref, steering.resume)
    world.tracker(side).edit(ref, {Field.LABELS: ()}, by="li.wei")
    world.sync()
    assert listed(world) == []
    assert shown(world.left, task).showing[Field.TITLE] == "Another title"
    labels = [name for tracker in (world.left, world.right) for name in names(tracker.items()[0].showing[Field.LABELS])]
    assert not any("off" in name.casefold() for name in labels)


def test_a_label_that_both_sides_had_before_it_meant_anything_is_nobodys_edit(world: World) -> None:
    rules = world.rules
    world.rules = replace(rules, steer_label="", labels=replace(rules.labels, steering=""))
    task = first(world)
    world.left.edit(task, {Field.LABELS: ("sync:_off",)}, by="mia.braun")
    assert world.sync().writes == 1
    world.rules = rules
    quiet(world)


def test_verify_says_of_what_is_paused_that_it_waits(world: World) -> None:
    task = first(world)
    pause(world, task)
    edit_everything(world, task)
    with world.context() as context:
        found = verify_pair(context)
    assert (found.written, [one.why for one in found.waiting], found.in_order) == ([], [Why.PAUSED], True)


# --- apart


@pytest.mark.parametrize("side", list(Side))
def test_what_is_unlinked_stays_as_it_is_on_both_sides_whatever_people_do(world: World, side: Side) -> None:
    task = first(world)
    mirror = partner(world, task)
    edit_everything(world, task)
    unlink(world, {Side.LEFT: task, Side.RIGHT: mirror}[side], side=side)
    quiet(world)
    world.left.delete(task)
    quiet(world)
    assert shown(world.right, mirror).showing[Field.TITLE] == "Another title"
    assert len(world.left.items()) == 1


def test_a_state_whose_only_link_was_unlinked_is_not_taken_for_a_lost_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    task = world.left.create("Task")
    world.sync()
    unlink(world, task)
    quiet(world)
    world.left.create("Another")
    assert world.sync().created["right"] == 1


def test_an_open_conflict_of_what_is_unlinked_waits_no_more(world: World) -> None:
    task = first(world)
    world.left.edit(task, {Field.TITLE: "Left"}, by="mia.braun")
    world.right.edit(partner(world, task), {Field.TITLE: "Right"}, by="liwei")
    assert world.sync().conflicts == 1
    unlink(world, task)
    assert listed(world) == []
    quiet(world)


def test_children_and_mentions_of_what_is_unlinked_are_not_written_for_that(tmp_path: Path) -> None:
    world = World(tmp_path)
    parent = world.left.create("Parent")
    child = world.left.create("Child", f"See {shown(world.left, parent).url} first.", fields={Field.PARENT: parent.id})
    world.sync()
    world.sync()
    assert world.right.items()[1].showing[Field.PARENT]
    unlink(world, parent)
    quiet(world)
    world.left.edit(child, {Field.TITLE: "Child, renamed"}, by="mia.braun")
    assert world.sync().writes == 1
    quiet(world)


# --- linked by a person


def test_linked_items_begin_with_what_is_equal_and_the_rest_waits(world: World) -> None:
    left = world.left.create("Same", "One text.")
    right = world.right.create("Same", "Another text.")
    for side, ref in ((Side.LEFT, left), (Side.RIGHT, right)):
        with leased(world) as (context, lease):
            context.store.apart.add(lease, side, [ref], since=world.clock(), by="ada")
    world.sync()
    with leased(world) as (context, lease):
        one, other = spot(context, Side.RIGHT, right), spot(context, Side.LEFT, left)
        made = steering.link(one, other, lease, "made", by="ada", at=world.clock())
        assert (made.origin, made.memory.linked[0]) == (Side.LEFT, "ada")
        assert context.store.apart.of(context.name) == set()
    world.sync()
    (one_conflict,) = [one for one in listed(world) if one.why is Why.CONFLICT]
    assert one_conflict.field is Field.BODY
    assert [world.sync(sweep=number == 2).writes for number in range(5)] == [0] * 5
    world.left.edit(left, {Field.TITLE: "Renamed"}, by="mia.braun")
    world.sync()
    assert shown(world.right, right).showing[Field.TITLE] == "Renamed"


def test_what_was_unlinked_can_be_linked_again_with_its_comments(world: World) -> None:
    task = first(world)
    mirror = partner(world, task)
    unlink(world, task)
    world.sync()
    with leased(world) as (context, lease):
        steering.link(
            spot(context, Side.LEFT, task),
            spot(context, Side.RIGHT, mirror),
            lease,
            "again",
            by="ada",
            at=world.clock(),
        )
    world.sync()
    quiet(world)
    edit_everything(world, task)
    world.sync()
    assert [len(tracker.items(Kind.COMMENT)) for tracker in (world.left, world.right)] == [4, 4]
    assert {one.showing[Field.BODY] for one in world.left.items(Kind.COMMENT)} >= {"Said otherwise.", "Said now."}


def test_items_that_are_linked_already_or_of_one_side_are_not_linked(world: World) -> None:
    alone = world.left.create("Alone")
    pause(world, first(world))
    world.sync()
    with leased(world) as (context, lease):
        linked, unlinked = spot(context, Side.LEFT, first(world)), spot(context, Side.LEFT, alone)
        with pytest.raises(NotSteered, match="two sides"):
            steering.link(linked, unlinked, lease, "x", by="ada", at=world.clock())
        mirror = context.store.links.partner(context.name, Side.LEFT, first(world))
        assert mirror is not None
        with pytest.raises(NotSteered, match="syncer unlink"):
            steering.link(linked, spot(context, Side.RIGHT, mirror), lease, "x", by="ada", at=world.clock())


# --- read anew


def test_an_item_is_read_anew_on_both_sides_and_decided_again(world: World) -> None:
    task = first(world)
    world.left.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    with leased(world) as (context, lease):
        introduce(context, lease)
        read = steering.resync(context, lease, spot(context, Side.LEFT, task))
        link = context.store.links.of_item(context.name, Side.LEFT, task)
        assert (read.changed, read.failed, link and link.settled) == (("PAY-1",), (), {})
    assert world.sync().writes == 1
    with leased(world) as (context, lease):
        introduce(context, lease)
        assert steering.resync(context, lease, spot(context, Side.LEFT, task)).changed == ()
    quiet(world)
