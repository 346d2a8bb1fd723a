"""The projects by which the forecast is measured are what they claim to be; the table itself takes an hour."""

from itertools import pairwise

import pytest

from syncer.report.forecast import simulation
from tests.bench.bench_forecast import told_of
from tests.bench.forecast_worlds import HELD_OUT, PLANNED, WORLDS, World, project


@pytest.mark.parametrize("world", [*WORLDS, *HELD_OUT], ids=lambda world: world.name)
def test_a_project_of_each_world_is_worked_through_and_forecast_on_the_way(world: World) -> None:
    made = project(world, 5)
    assert all(work.made <= work.begun <= work.done < 4_000 for work in made.works)
    assert all(work.after is None or work.begun >= work.after.done for work in made.works)
    assert all(made.reached(goal) > PLANNED for goal in range(world.goals))
    trials = simulation.TRIALS
    try:
        said = told_of((world, 5, 100))
    finally:
        simulation.TRIALS = trials
    assert len(said) >= 4
    assert sum(one.halfway for one in said) <= world.goals
    assert all(0 <= one.chance <= 1 for one in said)
    # A day by which a goal is reached surely is never before one by which it is reached likely.
    assert all(before <= after for one in said for before, after in pairwise(one.by))


def test_nobody_has_more_in_hand_than_a_world_says() -> None:
    for world in WORLDS[:1]:
        works = sorted(project(world, 3).works, key=lambda work: (work.by, work.begun))
        assert all(one.by != other.by or one.done <= other.begun + 1e-9 for one, other in pairwise(works))
