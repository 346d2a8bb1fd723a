"""A change of the rules touches what it can change, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.model import Field, Side
from syncer.core.rules import MappedPerson
from tests.worlds import PEOPLE, World

NEWCOMER = MappedPerson("Zhao Min", {Side.LEFT: "zhao.min", Side.RIGHT: "zhaomin"})


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three tasks in step; of the first the newcomer is an assignee, whom no rule knows."""
    made = World(tmp_path)
    made.without_people = "the rest"
    made.left.person("zhao.min", "Zhao Min")
    made.right.person("zhaomin", "Zhao Min")
    for number in range(3):
        made.left.create(f"Task {number}")
    made.left.edit(made.left.items()[0].ref, {Field.ASSIGNEES: ("zhao.min",)})
    for _ in range(3):
        made.sync()
    return made


def bases(world: World) -> dict[str, bool]:
    """Of each link, by the title of its task, whether it is settled."""
    with world.context() as context:
        found = list(context.store.links.of_pair("pay"))
        return {str(items.left.showing[Field.TITLE]): bool(items.link.settled) for items in found if items.left}


def add(world: World, *people: MappedPerson) -> None:
    world.rules = replace(world.rules, people=(*world.rules.people, *people))
    world.fingerprint += "'"


def apply(world: World) -> bool:
    """Whether everything is to be read after the change."""
    from syncer.sync.lineage import apply_rule_change

    with world.context() as context, context.store.lease("pay", "by hand") as lease:
        return apply_rule_change(context, lease)


def test_a_person_who_occurs_nowhere_touches_no_link_and_has_nothing_read(world: World) -> None:
    add(world, MappedPerson("Nobody", {Side.LEFT: "no.body", Side.RIGHT: "nobody"}))
    assert not apply(world)
    assert bases(world) == dict.fromkeys(("Task 0", "Task 1", "Task 2"), True)
    add(world, MappedPerson("No one", {Side.LEFT: "no.one"}))
    tally = world.sync()
    assert (tally.outcome, tally.writes, tally.swept) == ("clean", 0, False)


@pytest.mark.parametrize("rest", ["the rest", None])
def test_who_occurs_is_decided_as_after_a_complete_reading(world: World, rest: str | None) -> None:
    world.without_people = rest
    world.sync()
    add(world, NEWCOMER)
    tally = world.sync()
    assert (tally.writes, tally.conflicts, tally.swept) == (0, 1, rest is None)


def test_only_what_has_to_do_with_a_person_is_touched(world: World) -> None:
    add(world, NEWCOMER)
    assert not apply(world)
    assert bases(world) == {"Task 0": False, "Task 1": True, "Task 2": True}


def test_a_person_who_is_taken_out_is_looked_for_as_one_who_is_added(world: World) -> None:
    add(world, NEWCOMER)
    world.sync()
    world.rules = replace(world.rules, people=PEOPLE)
    world.fingerprint += "'"
    assert not apply(world)
    assert bases(world) == {"Task 0": False, "Task 1": True, "Task 2": True}


def test_any_other_rule_concerns_all_links_and_everything_is_read(world: World) -> None:
    world.without_people = "another rest"
    add(world)
    assert apply(world)
    assert bases(world) == dict.fromkeys(("Task 0", "Task 1", "Task 2"), False)
    assert world.sync().writes == 0


def test_a_state_of_a_version_that_kept_no_people_takes_every_change_for_one_of_all(world: World) -> None:
    world.without_people = None
    add(world)
    apply(world)
    world.sync()
    world.without_people = "the rest"
    add(world, NEWCOMER)
    assert apply(world)
    assert not any(bases(world).values())
