"""The projects by which the forecast is measured are what they claim to be; the table itself takes an hour."""

import math
from itertools import pairwise
from pathlib import Path

import pytest

from syncer.report.forecast import simulation
from tests.bench.bench_forecast import Kept, Said, told_of
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


def test_a_run_that_was_killed_in_the_middle_of_a_line_goes_on_with_its_seed(tmp_path: Path) -> None:
    file, world = tmp_path / "run.jsonl", WORLDS[0]
    said = Said(7_000, 0.96, (0.96, math.nan), 0.9, True, (False, True, True), True)
    first = Kept(file, 7, 100, more=True)
    first.add((world, 7_000, 100), [said])
    first.add((world, 7_001, 100), [said])
    file.write_text(file.read_text()[:-20])
    again = Kept(file, None, 100, more=True)
    assert again.seed == 7
    assert (world, 7_000, 100) in again
    assert (world, 7_001, 100) not in again
    again.add((world, 7_001, 100), [said, said])
    found = Kept(file, None, 100, more=True).by_world([(world, 7_000 + number, 100) for number in range(3)])
    assert [len(some) for some in found.values()] == [3]
    assert tuple(found[world.name][0].by) == said.by


def test_a_file_of_another_forecast_is_printed_and_never_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    Kept(file, 7, 100, more=True)
    file.write_text(file.read_text().replace('"source": "', '"source": "0'))
    assert Kept(file, None, 100, more=False).seed == 7
    with pytest.raises(SystemExit):
        Kept(file, None, 100, more=True)
