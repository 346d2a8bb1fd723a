"""The past of both trackers in the history: imported once, never twice, and with the name of who did it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.contract.history import Trait
from syncer.contract.model import Category, Facts, Field, Side, Status
from syncer.core.records import OURS, FieldChange
from syncer.store import Store
from tests.worlds import JIRA_STATUSES, World

DOING, DONE = JIRA_STATUSES[1], JIRA_STATUSES[3]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def history(world: World, field: Field | Trait | None = None) -> list[FieldChange]:
    with Store.open(world.directory / "state", clock=world.clock) as store:
        return list(store.history.changes("pay", fields=() if field is None else [field]))


def ticks(world: World, amount: int) -> Iterator[int]:
    for number in range(amount):
        world.clock.tick(3600)
        yield number


def test_what_happened_before_the_first_sync_is_imported(world: World) -> None:
    task = world.left.create("Ship it", fields={Field.LABELS: ("a",)})
    for number in ticks(world, 4):
        fields = ({Field.STATUS: DOING}, {Field.LABELS: ("a", "b")}, {Field.LABELS: ("b",)}, {Field.STATUS: DONE})
        world.left.edit(task, fields[number], by="li.wei")
    world.sync()
    told = [change for change in history(world) if change.event is not None]
    assert [(change.field, change.actor) for change in told] == [
        (Field.STATUS, "li.wei"), (Field.LABELS, "li.wei"), (Field.LABELS, "li.wei"), (Field.STATUS, "li.wei"),
    ]  # fmt: skip
    assert [(change.old, change.new) for change in told if change.field is Field.LABELS] == [
        (["a"], ["a", "b"]), (["a", "b"], ["b"]),
    ]  # fmt: skip
    assert told == sorted(told, key=lambda change: change.at)


def test_the_past_is_imported_once(world: World) -> None:
    task = world.left.create("Ship it")
    world.clock.tick()
    world.left.edit(task, {Field.STATUS: DOING}, by="mia.braun")
    world.sync()
    world.sync()
    before = history(world)
    assert world.sync(sweep=True).outcome == "clean"
    assert history(world) == before
    quiet = world.sync()
    assert sum(quiet.requests.values()) == 2


def test_a_change_that_is_seen_and_told_counts_once_and_has_a_name(world: World) -> None:
    task, other = world.left.create("Ship it"), world.left.create("Say so")
    world.sync()
    world.left.edit(task, {Field.STATUS: DOING}, by="mia.braun")
    world.left.edit(other, {Field.TITLE: "Tell it"}, by="mia.braun")
    world.clock.tick(600)
    world.left.edit(task, {Field.DUE: None, Field.PRIORITY: "High"}, by="li.wei")
    world.sync()
    on_the_left = [change for change in history(world) if change.side is Side.LEFT and change.field is not None]
    assert {(change.field, change.actor) for change in on_the_left} == {
        (Field.STATUS, "mia.braun"), (Field.TITLE, "mia.braun"), (Field.PRIORITY, "li.wei"),
    }  # fmt: skip
    assert len(on_the_left) == 3
    assert on_the_left[0].at < on_the_left[2].at


def test_a_run_with_one_change_costs_no_more_for_it_and_the_next_larger_one_asks(world: World) -> None:
    task = world.left.create("Ship it")
    world.left.comment(task, "Soon")
    world.sync()
    world.left.edit(task, {Field.TITLE: "Ship it soon"}, by="mia.braun")
    assert sum(world.sync().requests.values()) <= 5
    assert sum(world.sync().requests.values()) == 2
    world.sync(sweep=True)
    assert [change.actor for change in history(world, Field.TITLE) if change.operation is None] == ["mia.braun"]


def test_our_own_writes_stay_ours_when_the_tracker_tells_of_them(world: World) -> None:
    """The operation that a reading knew is kept, and what only the tracker tells of our account is ours too."""
    task = world.left.create("Ship it")
    world.sync()
    mirror = world.only(Side.RIGHT)
    world.left.edit(task, {Field.TITLE: "Ship it soon"}, by="mia.braun")
    world.sync()
    world.right.edit(mirror.ref, {Field.LABELS: ("by hand of the bot",)}, by="syncer")
    world.right.edit(mirror.ref, {Field.ASSIGNEES: ("liwei",)}, by="miab")
    world.sync()
    right = {
        change.field: change for change in history(world) if change.side is Side.RIGHT and change.event is not None
    }
    assert right[Field.TITLE].operation not in {None, OURS}
    assert right[Field.LABELS].operation == OURS
    assert (right[Field.ASSIGNEES].operation, right[Field.ASSIGNEES].actor) == (None, "miab")


def test_a_task_that_we_made_has_no_past_to_ask_for(world: World) -> None:
    for number in range(3):
        world.left.create(f"Task {number}")
    world.sync()
    with Store.open(world.directory / "state", clock=world.clock) as store:
        assert [store.history.count_pending("pay", side) for side in Side] == [0, 0]
    assert [change for change in history(world) if change.side is Side.RIGHT and change.event] == []


def test_flags_and_blockers_have_a_history_too(world: World) -> None:
    task, blocker = world.left.create("Ship it"), world.left.create("Test it")
    world.sync()
    world.left.edit(task, {Field.BLOCKED_BY: (blocker.id,)}, facts=Facts(flagged=True), by="mia.braun")
    world.sync()
    world.left.edit(task, {}, facts=Facts(), by="mia.braun")
    world.sync()
    flags = history(world, Trait.FLAGGED)
    assert [(change.old, change.new) for change in flags] == [(None, "flagged"), ("flagged", None)]
    blockers = [change for change in history(world, Field.BLOCKED_BY) if change.side is Side.LEFT]
    assert [(change.old, change.new) for change in blockers] == [([], [blocker.id])]


def test_a_milestone_told_by_its_title_is_the_one_of_that_title(world: World) -> None:
    spring = world.right.milestone("Spring")
    task = world.right.create("Ship it")
    world.clock.tick()
    world.right.edit(task, {Field.MILESTONES: ("Spring",)}, by="miab")
    world.right.edit(task, {Field.MILESTONES: (spring.id,)}, by="miab")
    world.sync()
    assert spring.id in history(world, Field.MILESTONES)[0].new


def test_a_tracker_that_refuses_to_tell_does_not_fail_the_run(world: World) -> None:
    from syncer.contract.errors import Denied

    world.left.create("Ship it")
    world.clock.tick()
    with world.context() as context:
        from syncer.sync.run import run_pair

        connector = context.connectors[Side.LEFT]

        def refuse(*_: object, **__: object) -> Iterator[object]:
            raise Denied("not for you")
            yield

        connector.history = refuse  # type: ignore[attr-defined]
        assert run_pair(context).outcome == "clean"
        assert context.store.history.count_pending("pay", Side.LEFT) == 0


def test_a_status_of_the_past_keeps_its_meaning(world: World) -> None:
    task = world.left.create("Ship it")
    world.clock.tick()
    world.left.close(task, by="li.wei")
    world.clock.tick()
    world.left.edit(task, {Field.STATUS: JIRA_STATUSES[0]}, by="li.wei")
    world.sync()
    from syncer.core.codec import decode_value

    values = [decode_value(change.new) for change in history(world, Field.STATUS) if change.side is Side.LEFT]
    assert [value.category for value in values if isinstance(value, Status)] == [Category.DONE, Category.TODO]
