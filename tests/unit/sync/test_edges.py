"""Parents, blockers, relations and duplicates: both ways, both ends linked, no rings."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.contract.model import Field, Ref, Side, Value
from tests.worlds import JIRA_LIKE, World

LEFT, RIGHT = Side.LEFT, Side.RIGHT
EDGES = (Field.PARENT, Field.BLOCKED_BY)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def titled(world: World, side: Side, title: str) -> Ref:
    (ref,) = [item.ref for item in world.tracker(side).items() if item.showing[Field.TITLE] == title]
    return ref


def ends(world: World, side: Side, field: Field, title: str) -> list[str]:
    """The titles of the tasks that a field leads to; the id where a task is not there."""
    tracker = world.tracker(side)
    value = tracker.show(titled(world, side, title)).showing[field]
    natives = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    titles = {item.ref.id: str(item.showing[Field.TITLE]) for item in tracker.items()}
    return sorted(titles.get(native, native) for native in natives)


def tie(world: World, side: Side, field: Field, title: str, *others: str) -> None:
    """A person makes these, and no others, the ends of a field."""
    natives = tuple(titled(world, side, other).id for other in others)
    value: Value = natives if field is not Field.PARENT else natives[0] if natives else None
    world.clock.tick()
    world.tracker(side).edit(titled(world, side, title), {field: value})


def create(world: World, side: Side, *titles: str) -> None:
    for title in titles:
        world.tracker(side).create(title)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("field", EDGES)
def test_new_tasks_cross_with_their_edges_in_one_run(world: World, side: Side, field: Field) -> None:
    create(world, side, "Task", "End")
    tie(world, side, field, "Task", "End")
    assert world.sync().outcome == "clean"
    assert ends(world, side.other, field, "Task") == ["End"]
    assert world.sync().writes == 0


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("field", EDGES)
def test_an_edge_is_carried_changed_and_taken_away(world: World, side: Side, field: Field) -> None:
    create(world, LEFT, "Task", "One", "Other")
    world.sync()
    for others in (["One"], ["Other"], []):
        tie(world, side, field, "Task", *others)
        tally = world.sync()
        assert (tally.outcome, tally.updated[side.other.value]) == ("clean", 1)
        assert ends(world, side.other, field, "Task") == others
        assert world.sync().writes == 0


def test_blockers_that_both_sides_changed_are_merged_one_by_one(world: World) -> None:
    create(world, LEFT, "Task", "A", "B", "C", "D")
    tie(world, LEFT, Field.BLOCKED_BY, "Task", "A", "B")
    world.sync()
    tie(world, LEFT, Field.BLOCKED_BY, "Task", "A", "C")
    tie(world, RIGHT, Field.BLOCKED_BY, "Task", "B", "D")
    assert world.sync().outcome == "clean"
    assert ends(world, LEFT, Field.BLOCKED_BY, "Task") == ends(world, RIGHT, Field.BLOCKED_BY, "Task") == ["C", "D"]
    assert world.sync().writes == 0


def test_parents_that_both_sides_changed_apart_are_a_conflict_that_the_newest_wins(world: World) -> None:
    create(world, LEFT, "Task", "A", "B")
    world.sync()
    tie(world, LEFT, Field.PARENT, "Task", "A")
    tie(world, RIGHT, Field.PARENT, "Task", "B")
    world.sync()
    assert ends(world, LEFT, Field.PARENT, "Task") == ends(world, RIGHT, Field.PARENT, "Task") == ["B"]
    with world.context() as context:
        (row,) = context.store.conflicts.of_pair("pay", open_only=False)
    assert (row.field, row.decision) == (Field.PARENT, "right")


@pytest.mark.parametrize("field", EDGES)
def test_an_edge_to_what_is_not_linked_stays_on_its_side(world: World, field: Field) -> None:
    create(world, LEFT, "Task", "End")
    world.sync()
    foreign: Value = ("999",) if field is not Field.PARENT else "999"
    world.left.edit(titled(world, LEFT, "Task"), {field: foreign})
    assert world.sync().writes == 0
    tie(world, RIGHT, Field.BLOCKED_BY, "Task", "End")
    world.sync()
    assert "End" in ends(world, LEFT, Field.BLOCKED_BY, "Task")
    assert "999" in ends(world, LEFT, field, "Task")
    assert world.sync().writes == 0


@pytest.mark.parametrize("field", EDGES)
def test_an_edge_is_carried_when_its_other_end_comes_into_the_pair(world: World, field: Field) -> None:
    create(world, LEFT, "Task", "End")
    world.left.hide(titled(world, LEFT, "End"))
    tie(world, LEFT, field, "Task", "End")
    world.sync()
    assert ends(world, RIGHT, field, "Task") == []
    world.left.reveal(titled(world, LEFT, "End"))
    world.left.edit(titled(world, LEFT, "End"), {Field.LABELS: ("seen",)})
    assert world.sync().outcome == "clean"
    assert ends(world, RIGHT, field, "Task") == ["End"]


@pytest.mark.parametrize("field", EDGES)
def test_a_deleted_end_takes_no_edge_of_the_other_side_with_it(world: World, field: Field) -> None:
    create(world, LEFT, "Task", "End")
    tie(world, LEFT, field, "Task", "End")
    world.sync()
    world.right.delete(titled(world, RIGHT, "End"))
    world.sync(sweep=True)
    world.sync(sweep=True)
    assert ends(world, LEFT, field, "Task") == ["End"]


@pytest.mark.parametrize("field", EDGES)
def test_a_ring_is_held_and_named_and_carried_once_it_is_broken(world: World, field: Field) -> None:
    create(world, LEFT, "A", "B", "C")
    world.sync()
    tie(world, LEFT, field, "A", "B")
    tie(world, LEFT, field, "B", "C")
    tie(world, LEFT, field, "C", "A")
    tally = world.sync()
    assert (tally.outcome, tally.held) == ("held", 1)
    assert sum(len(ends(world, RIGHT, field, title)) for title in "ABC") == 2
    with world.context() as context:
        (reason,) = [items.link.explanation for items in context.store.links.of_pair("pay") if items.link.reason]
    assert "would close the cycle ACME-" in reason
    assert reason.count("→") == 3
    again = world.sync()
    assert (again.outcome, again.held, again.writes) == ("held", 1, 0)
    tie(world, LEFT, field, "A")
    tally = world.sync()
    assert (tally.outcome, tally.held) == ("clean", 0)
    assert [ends(world, RIGHT, field, title) for title in "ABC"] == [
        ends(world, LEFT, field, title) for title in "ABC"
    ] == [[], ["C"], ["A"]]  # fmt: skip


def test_what_a_tracker_refuses_is_held_with_its_reason_and_tried_ever_less_often(world: World) -> None:
    create(world, LEFT, "Task", "End")
    world.sync()
    world.right.refuses_edges = True
    tie(world, LEFT, Field.PARENT, "Task", "End")
    world.left.edit(titled(world, LEFT, "Task"), {Field.LABELS: ("also",)})
    tally = world.sync()
    assert (tally.outcome, tally.held) == ("held", 1)
    assert world.right.show(titled(world, RIGHT, "Task")).showing[Field.LABELS] == ("also",)
    pauses = []
    for _ in range(3):
        world.clock.tick(3600)
        world.sync()
        with world.context() as context:
            ((refused,),) = [items.link.differs for items in context.store.links.differing("pay")]
        assert refused.retry_at is not None
        pauses.append(refused.retry_at - world.clock())
    assert (refused.field, refused.attempts) == (Field.PARENT, 4)
    assert pauses == sorted(pauses)


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("field", EDGES)
def test_a_lost_answer_is_settled_by_reading(world: World, field: Field, committed: bool) -> None:
    create(world, LEFT, "Task", "End")
    world.sync()
    tie(world, LEFT, field, "Task", "End")
    world.right.lose_next_answer(committed=committed)
    world.sync()
    world.sync()
    assert ends(world, RIGHT, field, "Task") == ["End"]
    assert world.sync().writes == 0


@pytest.mark.parametrize("field", [Field.RELATES, Field.DUPLICATES])
def test_relations_and_duplicates_cross_between_trackers_that_know_them(tmp_path: Path, field: Field) -> None:
    world = World(tmp_path, right_capabilities=JIRA_LIKE)
    create(world, LEFT, "Task", "End")
    tie(world, LEFT, field, "Task", "End")
    world.sync()
    assert ends(world, RIGHT, field, "Task") == ["End"]
    tie(world, RIGHT, field, "Task")
    world.sync()
    assert ends(world, LEFT, field, "Task") == []
    assert world.sync().writes == 0


@pytest.mark.parametrize("field", EDGES)
def test_edges_go_to_a_wider_audience_only_where_they_are_published(world: World, field: Field) -> None:
    from dataclasses import replace

    from syncer.contract.model import Audience

    world.right.audience = Audience.PUBLIC
    world.rules = replace(world.rules, publish=frozenset({"title", "status"}))
    create(world, LEFT, "Task", "End")
    tie(world, LEFT, field, "Task", "End")
    world.sync()
    assert ends(world, RIGHT, field, "Task") == []
    world.rules = replace(world.rules, publish=frozenset({"title", "status", field.value}))
    world.fingerprint = "2"
    world.sync()
    assert ends(world, RIGHT, field, "Task") == ["End"]
