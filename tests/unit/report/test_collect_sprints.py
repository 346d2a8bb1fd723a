"""From what trackers tell of sprints, in a real store, to the sprints of the team and of each task."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from syncer.contract.model import Audience, Facts, Field, Observed
from syncer.contract.sprint import Sprint, SprintState
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import CustomRule, Meaning, PairRules
from syncer.report.gather.collect import collect
from syncer.report.model.collaboration import Collaboration
from syncer.report.model.sprint import TeamSprint
from syncer.store import Store
from tests.unit.report.test_collect import LEFT, NOW, PAIR, RIGHT, RULES, WEEK, World, at, item

SEVEN = Sprint("Sprint 7", "37", SprintState.ACTIVE, at(9), at(20), goal="Refunds\nwork")
EIGHT = Sprint("Sprint 8", "38", SprintState.FUTURE, at(23))
DECLARED = Field.declared("iteration")
CARRIED = replace(RULES, custom={DECLARED: CustomRule(means=Meaning.SPRINT)})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as store, store.lease(PAIR, "run") as lease:
        yield World(store, lease)


def seen(number: int, day: int, *sprints: Sprint, name: str | None = None, **changes: Any) -> Observed:
    """An item that was changed on a day and is in the last of these sprints, or in the one that is named."""
    within = name if name is not None or not sprints else sprints[-1].name
    return item(number, updated=at(day), facts=Facts(iteration=within, sprints=sprints), **changes)


def carried(number: int, day: int, name: str | None, *sprints: Sprint) -> Observed:
    """An item with a declared field that names a sprint."""
    return item(number, updated=at(day), facts=Facts(sprints=sprints), fields={DECLARED: name})


def collected(world: World, rules: PairRules = RULES) -> Collaboration:
    return collect(world.store, [rules], window=WEEK, now=NOW)


def where(found: Collaboration, *days: int) -> list[str | None]:
    """The names of the sprints that the only task was in on some days."""
    names = {sprint.id: sprint.name for sprint in found.sprints}
    (task,) = found.tasks
    return [names.get(one, one) if (one := task.sprint_at(at(day, 12))) else None for day in days]


def sprint(world: World, rules: PairRules = RULES) -> TeamSprint:
    (found,) = collected(world, rules).sprints
    return found


def test_a_task_was_in_the_sprints_that_it_was_seen_in(world: World) -> None:
    world.show(LEFT, seen(1, 2, SEVEN))
    world.show(LEFT, seen(1, 12))
    world.show(LEFT, seen(1, 16, SEVEN, EIGHT))
    assert where(collected(world), 3, 13, 17) == ["Sprint 7", None, "Sprint 8"]


def test_a_sprint_is_as_it_was_told_last_and_its_furthest_state_holds(world: World) -> None:
    """Closing a sprint edits only the tasks that are moved: the others still tell of it as it was."""
    closed = replace(SEVEN, state=SprintState.CLOSED, completed=at(20, 9))
    world.show(LEFT, seen(1, 18, SEVEN), seen(2, 17, closed, EIGHT), seen(3, 19, replace(SEVEN, end=at(19))))
    (found,) = [one for one in collected(world).sprints if one.name == "Sprint 7"]
    assert (found.state, found.completed, found.end, found.goal) == (
        SprintState.CLOSED, at(20, 9), at(20), "Refunds work",
    )  # fmt: skip


def test_two_sprints_of_one_name_are_not_told_apart_and_nothing_is_said_of_them(world: World) -> None:
    world.show(LEFT, seen(1, 2, SEVEN), seen(2, 2, replace(SEVEN, id="99", start=at(1))))
    assert collected(world).sprints == ()


@pytest.mark.parametrize("audience", [Audience.RESTRICTED, Audience.MEMBERS])
def test_a_sprint_is_named_once_a_task_that_all_members_see_is_in_it(world: World, audience: Audience) -> None:
    world.show(LEFT, seen(1, 2, SEVEN, audience=Audience.RESTRICTED), seen(2, 2, SEVEN, audience=audience))
    assert sprint(world).restricted is (audience is Audience.RESTRICTED)


def test_each_tracker_has_sprints_of_its_own_and_the_origin_s_are_counted(world: World) -> None:
    own = Sprint("Board A", "5", SprintState.ACTIVE, at(2))
    world.show(LEFT, seen(1, 2, SEVEN))
    world.show(RIGHT, seen(71, 2, own))
    world.link(1, 71)
    world.show(RIGHT, seen(71, 12))
    world.show(LEFT, seen(1, 14, SEVEN, EIGHT))
    assert where(collected(world), 3, 13, 15) == ["Sprint 7", "Sprint 7", "Sprint 8"]


def test_of_a_field_that_is_carried_what_people_changed_on_either_side_counts(world: World) -> None:
    other = Sprint("Sprint 7", "a1b2c3d4", None, date(2026, 11, 9), date(2026, 11, 20))
    world.show(LEFT, carried(1, 2, None))
    world.show(RIGHT, carried(71, 2, None))
    world.link(1, 71)
    world.show(RIGHT, carried(71, 10, "Sprint 7", other))
    world.show(LEFT, carried(1, 11, "Sprint 7", SEVEN), operation="our-write")
    world.show(LEFT, carried(1, 16, "Sprint 8", SEVEN, EIGHT))
    found = collected(world, CARRIED)
    assert where(found, 3, 10, 17) == [None, "Sprint 7", "Sprint 8"]
    assert [(one.name, one.start) for one in found.sprints] == [("Sprint 7", at(9)), ("Sprint 8", at(23))]


def test_what_a_tracker_did_not_tell_counts_from_when_it_was_carried(world: World) -> None:
    """A board on which the task was not before tells nothing of the day it was put there."""
    iteration = Sprint("Sprint 8", "a1b2c3d4", None, date(2026, 11, 9), date(2026, 11, 20))
    world.show(LEFT, carried(1, 2, None))
    world.show(RIGHT, item(71, updated=at(2)))
    world.link(1, 71)
    world.show(RIGHT, carried(71, 12, "Sprint 8", iteration))
    world.show(LEFT, carried(1, 13, "Sprint 8", iteration), operation="our-write")
    assert where(collected(world, CARRIED), 3, 12, 14) == [None, None, "Sprint 8"]


def test_a_copy_that_came_late_moves_no_task_back(world: World) -> None:
    world.show(LEFT, carried(1, 2, None))
    world.show(RIGHT, carried(71, 2, None))
    world.link(1, 71)
    world.show(LEFT, carried(1, 12, "Sprint 7", SEVEN))
    world.show(LEFT, carried(1, 13, "Sprint 8", SEVEN, EIGHT))
    world.show(RIGHT, carried(71, 14, "Sprint 7"), operation="our-write")
    assert where(collected(world, CARRIED), 3, 12, 13, 15) == [None, "Sprint 7", "Sprint 8", "Sprint 8"]


def test_sprints_that_the_map_calls_the_same_are_one(world: World) -> None:
    rows = (MapRow(MapCell("Sprint 7"), MapCell("Iteration 3")),)
    rules = replace(RULES, custom={DECLARED: CustomRule(Relation(rows), Meaning.SPRINT)})
    third = Sprint("Iteration 3", "a1b2c3d4", None, date(2026, 11, 9), date(2026, 11, 20))
    world.show(RIGHT, carried(71, 2, "Iteration 3", third))
    world.show(LEFT, carried(1, 2, "Sprint 7"))
    assert {task.sprint for task in collected(world, rules).tasks} == {sprint(world, rules).id}


def test_what_one_tracker_told_before_the_field_was_declared_is_kept(world: World) -> None:
    world.show(LEFT, seen(1, 2, SEVEN))
    world.show(LEFT, seen(1, 10))
    world.show(LEFT, carried(1, 11, None))
    world.show(LEFT, carried(1, 16, "Sprint 8", EIGHT))
    assert where(collected(world, CARRIED), 3, 12, 17) == ["Sprint 7", None, "Sprint 8"]


def test_moving_a_task_to_another_sprint_is_no_work_on_it(world: World) -> None:
    world.show(LEFT, seen(1, 2, SEVEN))
    world.show(LEFT, seen(1, 16, SEVEN, EIGHT))
    assert world.task().activity == ()


def test_one_sprint_of_two_pairs_is_one(tmp_path: Path) -> None:
    other = replace(RULES, name="other")
    with Store.open(tmp_path / "state", clock=lambda: NOW) as store:
        for rules in (RULES, other):
            with store.lease(rules.name, "run") as lease:
                World(store, lease).show(LEFT, seen(1, 2, SEVEN))
        found = collect(store, [RULES, other], window=WEEK, now=NOW)
    assert len(found.sprints) == 1
    assert {task.sprint for task in found.tasks} == {found.sprints[0].id}


def test_a_sprint_whose_first_day_nobody_tells_is_only_a_name(world: World) -> None:
    world.show(LEFT, seen(1, 2, Sprint("Some day", "40", SprintState.FUTURE)))
    found = collected(world)
    assert found.sprints == ()
    assert [task.sprint for task in found.tasks] == ["Some day"]


def test_the_rank_of_a_plan_is_that_of_the_side_that_ranks_more(world: World) -> None:
    ranked = {1: "0|c:", 2: "0|a:", 3: "0|b:", 4: ""}
    world.show(LEFT, *(item(number, updated=at(2), facts=Facts(rank=rank)) for number, rank in ranked.items()))
    world.show(RIGHT, item(5, updated=at(2), facts=Facts(rank="000000000000000001")))
    found = {task.places[0].key: task.rank for task in collected(world).tasks}
    assert sorted(found.values(), key=str) == [0, 1, 2, None, None]
    assert [found[key] for key in sorted(found)[:3]] == [2, 0, 1]
