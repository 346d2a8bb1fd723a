"""What bounds the simulated work: hands, leaves, pools, and the tasks that are yet added."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.responsibility import Days, Declarations, Profile
from syncer.report.evaluation import Forecast
from syncer.report.forecast import forecasts
from syncer.report.growth import arrivals, grown
from syncer.report.hands import Hands, leaves
from syncer.report.model import Collaboration, Goal, Task
from syncer.report.moment import moment_at
from tests.unit.report.test_forecast import HISTORY, goal, open_task
from tests.unit.report.test_measures import NOW, PAIR, WEEK, task, worked


def forecast(*tasks: Task, goals: tuple[Goal, ...] = (goal(),), **declared: object) -> Forecast:
    written = Declarations(**declared)  # type: ignore[arg-type]
    whole = Collaboration("One", (PAIR,), (), goals, (*HISTORY, *tasks), declared=written)
    return forecasts(goals, moment_at(whole, WEEK, NOW), 1)["goal"]


def test_a_person_who_may_do_two_at_a_time_does_two_side_by_side() -> None:
    """The larger of two draws of 1 to 5 days is at most 4 in 16 of 25 cases."""
    tasks = (open_task(1, owners=("a",)), open_task(2, owners=("a",)))
    found = forecast(*tasks, goals=(goal(4),), people=(Profile("a", wip_limit=2),))
    assert found.p_on_time == pytest.approx(16 / 25, abs=0.04)


def test_people_of_a_pool_take_each_others_tasks() -> None:
    tasks = (open_task(1, owners=("a",)), open_task(2, owners=("a",)))
    assert forecast(*tasks, goals=(goal(4),), pools=(("a", "b"),)).p_on_time == pytest.approx(16 / 25, abs=0.04)
    assert forecast(*tasks, goals=(goal(4),)).p_on_time == pytest.approx(6 / 25, abs=0.04)  # the sum at most 4


def test_a_leave_comes_before_the_task() -> None:
    """Away today and tomorrow: 1.5 days from noon. Due in 3 days at midnight, 3.5 days from now: 1 or 2 of 5."""
    away = Profile("a", leaves=(Days(NOW.date() - timedelta(days=3), NOW.date() + timedelta(days=1)),))
    found = forecast(open_task(1, owners=("a",)), goals=(goal(3),), people=(away,))
    assert found.p_on_time == pytest.approx(2 / 5, abs=0.04)


def test_leaves_that_meet_are_one() -> None:
    first = date(2026, 11, 23)
    spans = ((0, 2), (1, 4), (5, 5), (9, 9))
    away = Profile("a", leaves=tuple(Days(first + timedelta(days=a), first + timedelta(days=b)) for a, b in spans))
    whole = Collaboration("One", (PAIR,), (), (), (), declared=Declarations(people=(away,)))
    assert leaves("a", moment_at(whole, WEEK, NOW)) == [(2.5, 8.5), (11.5, 12.5)]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.sets(st.integers(0, 30), max_size=12),
    st.lists(st.integers(0, 10), min_size=6, max_size=6),
)
def test_a_hand_works_on_every_day_it_is_there(lasts: list[int], away: set[int], earliest: list[int]) -> None:
    """Against going through the days one by one."""
    spans: list[tuple[float, float]] = []
    for day in sorted(away):
        spans = [*spans[:-1], (spans[-1][0], day + 1)] if spans and spans[-1][1] == day else [*spans, (day, day + 1)]
    hand = Hands(["a"], {"a": spans}, 1)
    day = 0
    for length, begin in zip(lasts, earliest, strict=False):
        found = hand.do(np.full(1, float(begin)), np.full(1, float(length)))
        day, left = max(day, begin), length
        while left:
            left -= day not in away
            day += 1
        assert found[0] == day


def test_arrivals_leave_the_week_of_planning_out() -> None:
    planned = [task(number, made=36, goals=("goal",)) for number in range(10)]
    later = [task(20 + number, made=days, goals=("goal",)) for number, days in enumerate((20, 12, 11, 3))]
    moment = moment_at(Collaboration("One", (PAIR,), (), (), (*planned, *later)), WEEK, NOW)
    # Weeks before now: 0 has one, 1 two, 2 one, 3 and 4 none; 5 is that of planning.
    assert arrivals(moment.tasks, moment) == [0, 0, 1, 2, 1]
    young = moment_at(Collaboration("One", (PAIR,), (), (), (task(1, made=10),)), WEEK, NOW)
    assert arrivals(young.tasks, young) == []


def test_a_goal_that_grows_is_reached_as_a_plain_simulation_says() -> None:
    """One task a week, each of 3 days, one hand that is busy for 20 days: against trials written out one by one."""
    dice, results = np.random.default_rng(7), []
    for _ in range(4_000):
        free = 20.0
        for week in range(3):
            arrives = 7 * week + dice.uniform(0, 7)
            if arrives < 20:
                free = max(free, arrives) + 3
        results.append(free)
    hand = Hands(["a"], {}, 4_000)
    finish = hand.do(np.zeros(4_000), np.full(4_000, 20.0))
    moment = moment_at(Collaboration("One", (PAIR,), (), (), ()), WEEK, NOW)
    tasks = [open_task(1, owners=("a",))]
    found = grown(finish, [1, 1, 1], tasks, np.full(1, 3.0), {"a": hand}, moment, np.random.default_rng(8))
    assert found.mean() == pytest.approx(np.mean(results), abs=0.1)
    assert np.quantile(found, 0.85) == pytest.approx(np.quantile(results, 0.85), abs=0.1)


def test_a_goal_that_got_tasks_every_week_is_forecast_later() -> None:
    old = [worked(500 + number, 2, finished=3, made=40 - 7 * number, goals=("goal",)) for number in range(5)]
    still = [replace(one, goals=()) for one in old]
    waiting = [open_task(number, owners=("a",), made=41) for number in range(4)]
    growing, fixed = forecast(*waiting, *old), forecast(*waiting, *still)
    assert growing.added_a_week == pytest.approx(0.8)  # four in five weeks
    assert growing.q85 > fixed.q85
