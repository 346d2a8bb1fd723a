"""The forecast against distributions that can be worked out, and its order against scipy's graph routines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.report.evaluate import evaluate
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.forecast.order import in_order, waiting_cycles
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Task
from syncer.report.model.goal import Basis, Forecast
from syncer.report.model.snapshot import snapshot_at
from syncer.report.model.timeline import Standing
from syncer.report.model.window import Window
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked

HISTORY = tuple(worked(1_000 + number, number % 5 + 1, finished=10) for number in range(50))
"""Cycle times of 1 to 5 days, each as often as the others."""


def goal(days: float = 6) -> Goal:
    return Goal("goal", "pair", GoalKind.EPIC, "Launch", (), ("p1",), date(2026, 11, 1), True,
                (NOW + timedelta(days=days)).date())  # fmt: skip


def open_task(number: int, **changes: object) -> Task:
    return task(number, goals=("goal",), **changes)


def forecast(*tasks: Task, goals: tuple[Goal, ...] = (goal(),), seed: int = 1) -> Forecast:
    whole = Collaboration("One", (PAIR,), (), goals, (*HISTORY, *tasks))
    return forecasts(goals, snapshot_at(whole, WEEK, NOW), seed)["goal"]


def test_one_task_takes_what_finished_ones_took() -> None:
    """Due in 2 days at midnight, 2.5 days from now: 1 or 2 of 1, 2, 3, 4, 5 days."""
    found = forecast(open_task(1), goals=(goal(2),))
    assert found.p_on_time == pytest.approx(0.4, abs=0.04)
    assert found.q50 == (NOW + timedelta(days=3)).date()
    assert found.q95 == (NOW + timedelta(days=5)).date()
    assert (found.basis, found.n, found.trials) == (Basis.CYCLE, 50, 2_000)


def test_two_tasks_of_one_person_follow_each_other() -> None:
    """The sum of two such draws is at most 6 in 15 of 25 cases."""
    found = forecast(open_task(1, owners=("a",)), open_task(2, owners=("a",)))
    assert found.p_on_time == pytest.approx(15 / 25, abs=0.04)


def test_two_tasks_of_two_persons_run_side_by_side() -> None:
    """The larger of two such draws is at most 4 in 16 of 25 cases."""
    found = forecast(open_task(1, owners=("a",)), open_task(2, owners=("b",)), goals=(goal(4),))
    assert found.p_on_time == pytest.approx(16 / 25, abs=0.04)


def test_a_task_waits_for_what_it_depends_on() -> None:
    waits = open_task(2, owners=("b",), waits_for=("t1",))
    assert forecast(open_task(1, owners=("a",)), waits).p_on_time == pytest.approx(15 / 25, abs=0.04)


def test_a_task_in_progress_takes_longer_than_it_has() -> None:
    """Begun 3 days ago: of 4 and 5 days, 1 or 2 are left."""
    begun = open_task(1)
    begun = replace(begun, transitions=task(1, (3, Standing.DOING)).transitions, standing=Standing.DOING)
    assert forecast(begun, goals=(goal(1),)).p_on_time == pytest.approx(0.5, abs=0.04)


def test_the_task_that_is_last_drives() -> None:
    long_wait = [open_task(number, owners=("a",), title=f"Chain {number}") for number in (1, 2, 3)]
    found = forecast(*long_wait, open_task(9, owners=("b",), title="Aside"))
    assert found.drivers[0].task.title in {"Chain 1", "Chain 2", "Chain 3"}
    assert sum(driver.share for driver in found.drivers) <= 1


def test_a_restricted_task_counts_and_is_not_named() -> None:
    found = forecast(open_task(1, restricted=True))
    assert found.drivers == ()


def test_under_ten_finished_tasks_nothing_is_forecast() -> None:
    few = Collaboration("Few", (PAIR,), (), (goal(),), (*HISTORY[:9], open_task(1)))
    assert forecasts((goal(),), snapshot_at(few, WEEK, NOW), 1) == {}


def test_where_starts_were_not_seen_times_from_wish_to_finish_are_drawn() -> None:
    unseen = [replace(one, transitions=(one.transitions[0], one.transitions[-1])) for one in HISTORY]
    whole = Collaboration("Unseen", (PAIR,), (), (goal(),), (*unseen, open_task(1, made=1)))
    assert forecasts((goal(),), snapshot_at(whole, WEEK, NOW), 1)["goal"].basis is Basis.LEAD


def test_the_same_seed_gives_the_same_forecast() -> None:
    tasks = (open_task(1, owners=("a",)), open_task(2, owners=("a",)), open_task(3))
    assert forecast(*tasks, seed=7) == forecast(*tasks, seed=7)


def test_a_past_week_forecasts_the_same_whatever_happened_since() -> None:
    week = Window(2026, 46, UTC)
    tasks = (*HISTORY, open_task(1, owners=("a",)), open_task(2))
    whole = Collaboration("One", (PAIR,), (), (goal(),), tasks)
    later = task(1, (0.5, Standing.DOING), (0.1, Standing.DONE), goals=("goal",), owners=("a",))
    grown = replace(whole, tasks=(*HISTORY, later, tasks[-1], task(99, made=0.2, goals=("goal",))))
    assert evaluate(grown, week, NOW).goals == evaluate(whole, week, NOW).goals


edges = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30)


@settings(max_examples=80, deadline=None)
@given(edges)
def test_rings_are_scipys_strong_components(pairs: list[tuple[int, int]]) -> None:
    graph = pytest.importorskip("scipy.sparse.csgraph")
    matrix = np.zeros((12, 12))
    for waiting, before in pairs:
        matrix[waiting, before] = 1
    _, labels = graph.connected_components(matrix, connection="strong")
    expected = {frozenset(np.flatnonzero(labels == label)) for label in set(labels) if (labels == label).sum() > 1}
    assert {frozenset(int(one.id[1:]) for one in ring) for ring in waiting_cycles(waiting_tasks(pairs))} == expected


@settings(max_examples=80, deadline=None)
@given(edges)
def test_every_task_comes_once_and_after_what_it_waits_for_unless_they_are_in_a_ring(
    pairs: list[tuple[int, int]],
) -> None:
    tasks = waiting_tasks(pairs)
    ordered = [one.id for one in in_order(tasks)]
    assert sorted(ordered) == sorted(one.id for one in tasks)
    if not waiting_cycles(tasks):
        place = {name: position for position, name in enumerate(ordered)}
        assert all(place[before] < place[one.id] for one in tasks for before in one.waits_for if before != one.id)


def test_what_is_planned_goes_by_its_rank_and_what_is_not_by_its_due_day() -> None:
    due = date(2026, 12, 1)
    tasks = [task(1, rank=2), task(2, rank=0), task(3, rank=1, due=due), task(4, due=due), task(5)]
    assert [one.id for one in in_order(tasks)] == ["t2", "t3", "t1", "t4", "t5"]


def waiting_tasks(pairs: list[tuple[int, int]]) -> list[Task]:
    return [
        task(number, waits_for=tuple(f"t{before}" for waiting, before in pairs if waiting == number))
        for number in range(12)
    ]


def test_the_days_of_a_forecast_are_in_order() -> None:
    found = forecast(*(open_task(number, owners=(f"p{number % 3}",)) for number in range(20)))
    assert NOW.date() <= found.q50 <= found.q85 <= found.q95
    assert datetime.combine(found.q95, datetime.min.time(), UTC) > ago(0) - timedelta(days=1)
