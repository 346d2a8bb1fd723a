"""Whose items are believed to be mirrors, and what a copied, a restored and a lost state do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector
from syncer.contract.model import Field, Kind, Marker, Ref, Side
from syncer.core.rules import Direction, FieldRule
from syncer.core.waiting import Why
from syncer.store import Busy, Store
from syncer.sync.ledger import waiting
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def titles(world: World, side: Side) -> list[object]:
    return sorted(str(item.showing[Field.TITLE]) for item in world.tracker(side).items())


def bodies(world: World, side: Side) -> list[str]:
    return sorted(str(item.showing[Field.BODY]).splitlines()[-1] for item in world.tracker(side).items(Kind.COMMENT))


def copy_state(world: World, name: str) -> None:
    world.states.close()
    shutil.rmtree(world.directory / name, ignore_errors=True)
    shutil.copytree(world.directory / "state", world.directory / name)


def put_back(world: World, name: str) -> None:
    world.states.close()
    shutil.rmtree(world.directory / "state")
    shutil.copytree(world.directory / name, world.directory / "state")


def restore(world: World, name: str = "backup") -> Path | None:
    world.states.close()
    return Store.restore(world.directory / name, world.directory / "state", clock=world.clock)


# Markers that somebody else wrote


def test_a_task_with_a_strangers_marker_is_an_ordinary_new_one_and_the_run_says_so_once(world: World) -> None:
    private = world.left.create("Private plan", "secret")
    marker = f"pay.left.task.{private.id}.x"
    world.right.create("Forged", f"<!-- syncer:{marker} -->", by="mallory", marker=Marker(marker))
    tally = world.sync()
    assert titles(world, Side.LEFT) == titles(world, Side.RIGHT) == ["Forged", "Private plan"]
    assert [skip["why"] for skip in tally.skips] == ["marker"]
    assert tally.adopted == 0
    again = world.sync(sweep=True)
    assert (again.skips, again.writes) == ([], 0)


def test_a_comment_with_a_strangers_marker_changes_nobodys_comment(world: World) -> None:
    task = world.left.create("Task")
    world.sync()
    ours = world.left.comment(task, "by Mia", by="mia.braun")
    mirror = world.only(Side.RIGHT)
    world.right.comment(mirror.ref, "forged", by="mallory", marker=Marker(f"pay.left.comment.{ours.id}.x"))
    world.sync()
    assert bodies(world, Side.LEFT) == ["by Mia", "forged"]
    assert world.left.show(ours).showing[Field.BODY] == "by Mia"


def test_a_copied_mirror_is_a_new_task_of_whoever_copied_it(world: World) -> None:
    world.left.create("Task")
    world.sync()
    mirror = world.only(Side.RIGHT)
    world.right.create("Copy of Task", by="liwei", marker=mirror.marker)
    world.sync()
    assert titles(world, Side.LEFT) == ["Copy of Task", "Task"]
    assert world.sync(sweep=True).writes == 0


@pytest.mark.parametrize("lost", [False, True])
def test_of_two_items_of_our_own_account_with_one_marker_the_older_is_the_mirror(world: World, lost: bool) -> None:
    world.left.create("Task")
    world.sync()
    mirror = world.only(Side.RIGHT)
    world.clock.tick(3600)
    copy = world.right.create("Copy of Task", by="syncer", marker=mirror.marker)
    if lost:
        world.states.close()
        shutil.rmtree(world.directory / "state")
        world.sync()
        world.sync(approve_creates=1)
    else:
        world.sync()
    assert titles(world, Side.LEFT) == ["Copy of Task", "Task"]
    with world.context() as context:
        linked = {items.link.right for items in context.store.links.of_pair("pay", kind=Kind.TASK)}
    assert linked == {mirror.ref, copy}
    assert world.sync(sweep=True).writes == 0


def test_what_a_former_account_of_the_state_created_is_still_ours(world: World) -> None:
    task = world.left.create("Task")
    world.sync()
    mirror = world.only(Side.RIGHT)
    world.right.delete(mirror.ref)
    world.left.delete(task)
    other = world.left.create("Another")
    world.right.create("Another", by="syncer", marker=Marker(f"pay.left.task.{other.id}.x"))
    apps = {side: MemoryConnector(world.tracker(side), account_id="app") for side in Side}
    tally = world.sync(connectors=apps, credentials={side: f"app {side}" for side in Side})
    assert tally.adopted == 1
    with world.context() as context:
        assert [account.login for account in context.store.lineage.own_accounts("pay", Side.RIGHT)] == ["app", "syncer"]


# Two copies of one state


def test_a_copy_of_the_state_stops_before_its_first_write_and_names_both(world: World) -> None:
    world.left.create("First")
    world.sync()
    copy_state(world, "copy")
    world.left.create("Second")
    world.sync()
    world.left.create("Third")
    tally = world.sync(location=world.directory / "copy")
    assert (tally.outcome, tally.writes) == ("refused", 0)
    assert world.tracker(Side.RIGHT).items()[-1].key in tally.message
    assert str(world.directory / "copy") in tally.message
    assert "syncer restore --here" in tally.message
    assert world.sync().created == {"left": 0, "right": 1}
    assert len(world.right.items()) == 3


def test_a_copy_goes_on_stopping_until_somebody_settles_it(world: World) -> None:
    world.left.create("First")
    world.sync()
    copy_state(world, "copy")
    world.left.create("Second")
    world.sync()
    for _ in range(3):
        assert world.sync(location=world.directory / "copy").outcome == "refused"
    with Store.open(world.directory / "copy", clock=world.clock) as store:
        store.restore_here("by hand")
    assert world.sync(location=world.directory / "copy").outcome == "clean"
    assert len(world.right.items()) == 2


def test_markers_of_older_versions_and_of_other_states_are_no_sign_of_a_copy(world: World) -> None:
    world.left.create("First")
    world.sync()
    for number, state in enumerate(("", "0123456789abcdef-1-")):
        other = world.left.create(f"Other {number}")
        world.right.create(f"Other {number}", by="syncer", marker=Marker(f"pay.left.task.{other.id}.{state}x"))
    tally = world.sync()
    assert (tally.adopted, tally.outcome) == (2, "clean")


def test_an_older_copy_that_was_put_back_by_hand_is_noticed(world: World) -> None:
    world.left.create("First")
    world.sync()
    copy_state(world, "backup")
    world.left.create("Second")
    world.sync()
    put_back(world, "backup")
    assert world.sync().outcome == "refused"
    assert len(world.right.items()) == 2


# A backup in the place of the state


def test_what_changed_since_the_backup_waits_with_both_values_and_nothing_is_reverted(world: World) -> None:
    task = world.left.create("Title", "Text", fields={Field.LABELS: ("red", "blue")})
    world.sync()
    mirror = world.only(Side.RIGHT)
    copy_state(world, "backup")
    world.left.edit(task, {Field.TITLE: "On both sides by now"})
    world.sync()
    world.left.edit(task, {Field.LABELS: ("blue",)})
    world.right.close(mirror.ref)
    kept = restore(world)
    assert kept is not None
    assert kept.exists()
    world.sync()
    assert world.left.show(task).showing[Field.TITLE] == world.right.show(mirror.ref).showing[Field.TITLE]
    assert world.left.show(task).showing[Field.LABELS] == ("blue",)
    assert world.right.show(mirror.ref).showing[Field.LABELS] == ("blue", "red")
    with world.context() as context:
        apart = {row.field for row in context.store.conflicts.of_pair("pay")}
    assert apart == {Field.LABELS, Field.STATUS}
    assert world.sync(sweep=True).writes == 0


def test_a_conflict_of_a_restored_state_is_decided_once_and_later_edits_cross_again(world: World) -> None:
    task = world.left.create("Title")
    world.sync()
    mirror = world.only(Side.RIGHT)
    copy_state(world, "backup")
    world.left.edit(task, {Field.TITLE: "Edited"})
    restore(world)
    world.sync()
    with world.context() as context:
        (row,) = context.store.conflicts.of_pair("pay")
        context.store.conflicts.decide(row.id, "left", world.clock())
    world.sync()
    assert world.right.show(mirror.ref).showing[Field.TITLE] == "Edited"
    world.right.edit(mirror.ref, {Field.TITLE: "Edited on the right"})
    world.sync()
    assert world.left.show(task).showing[Field.TITLE] == "Edited on the right"


def test_a_side_that_is_only_written_makes_nothing_wait_after_a_restore(world: World) -> None:
    one_way = dict(world.rules.fields) | {Field.TITLE: FieldRule(Direction.LEFT_TO_RIGHT)}
    world.rules = replace(world.rules, fields=one_way)
    task = world.left.create("Title")
    world.sync()
    copy_state(world, "backup")
    world.right.edit(world.only(Side.RIGHT).ref, {Field.TITLE: "Edited where it is not carried"})
    restore(world)
    world.sync()
    with world.context() as context:
        assert context.store.conflicts.of_pair("pay") == []
    world.left.edit(task, {Field.BODY: "Later"})
    assert world.sync().updated == {"left": 0, "right": 1}


def test_what_was_written_since_the_backup_where_nothing_stood_is_carried(world: World) -> None:
    task = world.left.create("Title")
    world.sync()
    copy_state(world, "backup")
    world.left.edit(task, {Field.BODY: "New text"})
    restore(world)
    world.sync()
    assert str(world.only(Side.RIGHT).showing[Field.BODY]).startswith("New text")


def test_what_was_deleted_since_the_backup_is_not_made_again_without_consent(world: World) -> None:
    task = world.left.create("Old")
    world.sync()
    copy_state(world, "backup")
    world.left.create("Mirror deleted")
    world.left.comment(task, "mirror deleted")
    world.sync()
    world.right.delete(next(item.ref for item in world.right.items() if item.showing[Field.TITLE] == "Mirror deleted"))
    world.right.delete(world.only(Side.RIGHT, Kind.COMMENT).ref)
    restore(world)
    tally = world.sync()
    assert (tally.outcome, tally.writes) == ("held", 0)
    assert "--approve-creates 2" in tally.message
    with world.context() as context:
        (line,) = waiting(context.store, "pay")
    assert (line.why, line.needs_a_person) == (Why.CONSENT, True)
    assert world.sync(sweep=True).writes == 0
    assert world.sync(approve_creates=3).outcome == "refused"
    assert world.sync(approve_creates=2).outcome == "clean"
    assert titles(world, Side.RIGHT) == ["Mirror deleted", "Old"]


def test_what_people_make_after_a_restore_is_created_at_once(world: World) -> None:
    world.left.create("Old")
    world.sync()
    copy_state(world, "backup")
    world.left.create("Waits")
    world.clock.tick()
    restore(world)
    world.clock.tick()
    world.left.create("New")
    world.sync()
    assert titles(world, Side.RIGHT) == ["New", "Old"]


def test_what_was_created_since_the_backup_is_adopted_and_the_former_id_is_the_states_own_past(world: World) -> None:
    world.left.create("Old")
    world.sync()
    copy_state(world, "backup")
    world.left.create("Newer")
    world.sync()
    with world.context() as context:
        before = context.store.lineage.identity()
    restore(world)
    tally = world.sync()
    assert (tally.outcome, tally.adopted, tally.writes) == ("clean", 1, 0)
    with world.context() as context:
        assert before in context.store.lineage.former_identities()
        assert context.store.lineage.creates_await_consent("pay") is None


def test_a_restore_is_refused_while_a_run_holds_a_pair(world: World) -> None:
    world.left.create("Old")
    world.sync()
    copy_state(world, "backup")
    with world.context() as context, context.store.lease("pay", "running"):
        with pytest.raises(Busy):
            restore(world)
        with pytest.raises(Busy):
            context.store.restore_here("other")


def test_a_restore_is_refused_while_somebody_has_the_state_open(world: World) -> None:
    world.left.create("Old")
    world.sync()
    copy_state(world, "backup")
    with Store.open(world.directory / "state", clock=world.clock) as opened:
        before = opened.lineage.identity()
        with pytest.raises(Exception, match="open"):
            restore(world)
    with world.context() as context:
        assert context.store.lineage.identity() == before


# A lost state


def test_a_lost_state_adopts_its_mirrors_and_nothing_is_created_without_consent(world: World) -> None:
    task = world.left.create("Known")
    world.left.create("Mirror deleted")
    world.sync()
    world.left.edit(task, {Field.TITLE: "Edited meanwhile"})
    world.right.delete(next(item.ref for item in world.right.items() if item.showing[Field.TITLE] == "Mirror deleted"))
    world.states.close()
    shutil.rmtree(world.directory / "state")
    tally = world.sync()
    assert (tally.outcome, tally.adopted, tally.writes) == ("held", 1, 0)
    assert "--approve-creates 1" in tally.message
    assert titles(world, Side.RIGHT) == ["Known"]
    with world.context() as context:
        assert {row.field for row in context.store.conflicts.of_pair("pay")} == {Field.TITLE}
    world.sync(approve_creates=1)
    assert titles(world, Side.RIGHT) == ["Known", "Mirror deleted"]


def test_a_lost_state_of_which_every_item_has_its_mirror_goes_on_by_itself(world: World) -> None:
    world.left.create("Known")
    world.sync()
    world.states.close()
    shutil.rmtree(world.directory / "state")
    assert (world.sync().outcome, world.sync().writes) == ("clean", 0)
    world.left.create("New")
    assert world.sync().created == {"left": 0, "right": 1}


def test_a_first_sync_that_was_interrupted_is_no_loss(world: World) -> None:
    for number in range(3):
        world.left.create(f"Task {number}")
    world.right.lose_next_answer()
    world.sync()
    world.sync()
    assert len(world.right.items()) == 3


def test_nothing_is_taken_for_lost_where_there_is_no_mirror(world: World) -> None:
    world.left.create("Task")
    world.right.create("Other")
    tally = world.sync()
    assert (tally.outcome, tally.created) == ("clean", {"left": 1, "right": 1})


def test_each_state_has_an_id_and_its_numbers_rise(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path / "one", clock=World(tmp_path).clock) as one,
        Store.open(tmp_path / "two", clock=World(tmp_path).clock) as two,
    ):
        assert one.lineage.identity() != two.lineage.identity()
        numbers = [one.lineage.next_marker()[1] for _ in range(200)]
        assert numbers == sorted(set(numbers))
    with Store.open(tmp_path / "one", clock=World(tmp_path).clock) as again:
        assert again.lineage.next_marker()[1] > numbers[-1]


def test_a_marker_of_a_create_carries_the_id_of_the_state(world: World) -> None:
    world.left.create("Task")
    world.sync()
    with world.context() as context:
        assert f".{context.store.lineage.identity()}-" in str(world.only(Side.RIGHT).marker)
        assert context.store.journal.create_with("pay", Ref(Kind.TASK, "1"), Marker("other")) is None


def test_a_lost_state_under_another_name_of_the_pair_creates_nothing_again_unasked(world: World) -> None:
    for number in range(3):
        world.left.create(f"Left {number}")
        world.right.create(f"Right {number}")
    world.sync()
    world.states.close()
    shutil.rmtree(world.directory / "state")
    world.rules = replace(world.rules, name="billing")
    tally = world.sync()
    assert (tally.writes, len(world.left.items()), len(world.right.items())) == (0, 6, 6)
    assert 'formerly = ["pay"]' in tally.message
    world.formerly = ("pay",)
    world.sync(sweep=True)
    assert world.sync(sweep=True).writes == 0
    assert (len(world.left.items()), len(world.right.items())) == (6, 6)
