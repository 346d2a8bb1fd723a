"""What bounds the simulated work: slots, leaves, pools, and the tasks that are yet added."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from syncer.core.responsibility import Days, Declarations, Profile
from syncer.report.forecast.capacity import Slots, leaves
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.forecast.growth import arrivals, grown
from syncer.report.forecast.simulation import WAITING, Durations
from syncer.report.forecast.working_days import working_days
from syncer.report.model.collaboration import Collaboration, Goal, Impediment, Task
from syncer.report.model.goal import Basis, Forecast
from syncer.report.model.snapshot import snapshot_at
from syncer.report.model.timeline import Blockage, Cause, Membership, Standing
from syncer.report.render.language import language
from syncer.report.render.phrases.goals import two_ways
from tests.unit.report.test_forecast import HISTORY, goal, open_task
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked

Trials = NDArray[np.float64]


def forecast(*tasks: Task, goals: tuple[Goal, ...] = (goal(),), **declared: object) -> Forecast:
    written = Declarations(**declared)  # type: ignore[arg-type]
    whole = Collaboration("One", (PAIR,), (), goals, (*HISTORY, *tasks), declared=written)
    return forecasts(goals, snapshot_at(whole, WEEK, NOW), 1)["goal"]


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
    assert leaves("a", working_days(snapshot_at(whole, WEEK, NOW))) == [(2.5, 8.5), (11.5, 12.5)]


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
    hand = Slots(["a"], {"a": spans}, 1)
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
    moment = snapshot_at(Collaboration("One", (PAIR,), (), (), (*planned, *later)), WEEK, NOW)
    # Weeks before now: 0 has one, 1 two, 2 one, 3 and 4 none; 5 is that of planning.
    assert arrivals("goal", moment.tasks, moment) == [0, 0, 1, 2, 1]
    young = snapshot_at(Collaboration("One", (PAIR,), (), (), (task(1, made=10),)), WEEK, NOW)
    assert arrivals("goal", young.tasks, young) == [0]


def test_what_a_goal_got_before_anything_of_it_was_done_is_its_plan() -> None:
    planned = [task(number, made=54 - 7 * number, goals=("goal",)) for number in range(3)]
    done = worked(500, 2, finished=29, made=40, goals=("goal",))
    later = task(20, made=3, goals=("goal",))
    moment = snapshot_at(Collaboration("One", (PAIR,), (), (), (*planned, done, later)), WEEK, NOW)
    assert arrivals("goal", moment.tasks, moment) == [0, 0, 0, 1]
    only_now = worked(500, 2, finished=1, made=40, goals=("goal",))
    moment = snapshot_at(Collaboration("One", (PAIR,), (), (), (*planned, only_now, later)), WEEK, NOW)
    assert arrivals("goal", moment.tasks, moment) == [0, 0, 1]  # of one week alone there is too little to say


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
    hand = Slots(["a"], {}, 4_000)
    finish = hand.do(np.zeros(4_000), np.full(4_000, 20.0))
    three = np.full(4_000, 3.0)

    def one_by_one(arrives: Trials, comes: NDArray[np.bool_]) -> Trials:
        return np.array([hand.do(day, three, None, some) for day, some in zip(arrives, comes, strict=True)])

    found = grown(finish, [1, 1, 1], one_by_one, np.random.default_rng(8))
    assert found.mean() == pytest.approx(np.mean(results), abs=0.1)
    assert np.quantile(found, 0.85) == pytest.approx(np.quantile(results, 0.85), abs=0.1)


def test_a_goal_that_got_tasks_every_week_is_forecast_later() -> None:
    old = [worked(500 + number, 2, finished=3, made=40 - 7 * number, goals=("goal",)) for number in range(5)]
    still = [replace(one, goals=()) for one in old]
    waiting = [open_task(number, owners=("a",), made=41) for number in range(4)]
    growing, fixed = forecast(*waiting, *old), forecast(*waiting, *still)
    assert growing.added_a_week == pytest.approx(2 / 3)  # two in the last three weeks; before, nothing was done
    assert growing.q85 > fixed.q85


TEAM = tuple(
    worked(2_000 + 10 * day + person, 2, finished=2 * day + 1 + person / 10, owners=(f"p{person}",))
    for day in range(12)
    for person in range(4)
)
"""Four people, each with a task of two days at a time: 14 finished a week."""


def due_in(
    days: float, *tasks: Task, history: tuple[Task, ...] = TEAM, now: datetime = NOW, **declared: object
) -> Forecast:
    """The forecast, made now, of a goal that is due so many days from `NOW`."""
    ends, written = (goal(days),), Declarations(**declared)  # type: ignore[arg-type]
    whole = Collaboration("One", (PAIR,), (), ends, (*history, *tasks), declared=written)
    return forecasts(ends, snapshot_at(whole, WEEK, now), 1)["goal"]


def doing(number: int, since: float, **changes: object) -> Task:
    """A task of the goal that has been in progress for so many days."""
    return task(number, (since, Standing.DOING), made=since + 20, goals=("goal",), **changes)


def stopped(one: Task, since: float) -> Task:
    """The task as it waits for somebody outside since so many days."""
    stop = Blockage(ago(since), None, "external", Cause.STATUS)
    return replace(one, impediments=(Impediment(Cause.STATUS, "external", since=ago(since)),), blockages=(stop,))


def chance(found: Forecast) -> float:
    assert found.p_on_time is not None
    return found.p_on_time


def test_tasks_of_nobody_are_the_whole_team_s() -> None:
    """30 tasks at 14 a week take 15 days: an owner for each changes hardly anything."""
    unowned = due_in(20, *(open_task(number, owners=()) for number in range(30)))
    owned = due_in(20, *(open_task(number, owners=(f"p{number % 4}",)) for number in range(30)))
    assert chance(unowned) > 0.8
    assert chance(unowned) == pytest.approx(chance(owned), abs=0.15)
    assert (unowned.q85 - NOW.date()).days < 24


def test_a_team_whose_tasks_have_no_owners_at_all_is_as_many_hands_as_it_showed() -> None:
    nameless = tuple(replace(one, owners=()) for one in TEAM)
    found = due_in(20, *(open_task(number, owners=()) for number in range(30)), history=nameless)
    assert chance(found) > 0.8


def test_a_big_project_with_unowned_tasks_is_not_forecast_years_ahead() -> None:
    """280 open tasks of which one in seven is nobody's, at 14 a week: 140 days."""
    mixed = (open_task(number, owners=() if number % 7 == 0 else (f"p{number % 4}",)) for number in range(280))
    found = due_in(150, *mixed)
    assert 120 < (found.q50 - NOW.date()).days < 170


def test_what_waits_for_somebody_outside_is_not_as_good_as_begun_today() -> None:
    """18 days it has waited; nothing that was seen says it will end within five."""
    waits = stopped(doing(1, 20), 18)
    assert chance(due_in(5, waits)) == pytest.approx(0.29, abs=0.04)
    assert chance(due_in(5, waits)) < chance(due_in(5, doing(1, 0.5)))


def test_how_long_things_were_in_the_way_before_says_how_long_they_still_are() -> None:
    def waiting(since: float) -> Task:
        return stopped(doing(1, since + 0.5), since)

    short = tuple(replace(one, blockages=(Blockage(ago(30), ago(29), "external", Cause.STATUS),)) for one in TEAM[:30])
    assert chance(due_in(8, waiting(0.5), history=(*short, *TEAM[30:]))) > 0.7
    assert chance(due_in(8, waiting(15), history=(*short, *TEAM[30:]))) < 0.6


@pytest.mark.parametrize("older", [40, 150])
def test_what_is_older_than_all_that_was_seen_has_no_better_odds_for_it(older: float) -> None:
    fresh, old = due_in(5, doing(1, 0.5)), due_in(5, doing(1, older))
    assert chance(old) < chance(fresh)
    assert chance(due_in(5, doing(1, 150))) <= chance(old) < 0.64


def test_what_is_in_progress_counts_as_what_takes_longer() -> None:
    """Twenty tasks that have not ended for 30 days are no reason to think that all take two."""
    stuck = tuple(task(3_000 + number, (30, Standing.DOING), made=40, owners=(f"q{number}",)) for number in range(20))
    assert chance(due_in(4, open_task(1), history=(*TEAM, *stuck))) < chance(due_in(4, open_task(1))) - 0.1


def test_a_pause_between_two_tasks_is_part_of_the_pace() -> None:
    """Two days of work, two days of something else: five tasks take twenty days, not ten."""
    paced = tuple(worked(4_000 + number, 2, finished=4 * number + 1, owners=("a",), made=70) for number in range(14))
    five = [open_task(number, owners=("a",), made=60) for number in range(5)]
    assert chance(due_in(12, *five, history=paced)) < 0.2
    assert 15 < (due_in(12, *five, history=paced).q50 - NOW.date()).days < 24


def test_a_pause_that_still_lasts_is_a_pause() -> None:
    """One day between two tasks of a goal, until the person does something else for twelve days by now."""

    def worked_until(ago_days: float) -> Forecast:
        done = tuple(
            worked(4_000 + number, 2, finished=3 * number + 1 + ago_days, owners=("a",), made=80, goals=("goal",))
            for number in range(14)
        )
        return due_in(10, *(open_task(number, owners=("a",), made=80) for number in range(3)), history=done)

    assert chance(worked_until(12)) < chance(worked_until(0)) - 0.1
    assert worked_until(12).q95 > worked_until(0).q95


def test_what_goes_on_lasts_by_its_own_age_and_what_is_new_by_that_of_all() -> None:
    """Ten days is older than all that ended. Others that have not ended for 60 days are no reason to wait for 60."""
    times, dice = [1.0, 2.0, 3.0, 4.0] * 10, np.random.default_rng(1)
    alone, beside = Durations(times, [10.0], 4_000, dice), Durations(times, [10.0, 60.0, 60.0], 4_000, dice)
    assert np.median(beside.draw(10.0)) < 10
    assert (beside.draw() > 50).mean() > (alone.draw() > 50).mean()


def test_what_waits_for_somebody_may_wait_as_long_again() -> None:
    waits = Durations([], [18.0], 4_000, np.random.default_rng(1), WAITING)
    assert (waits.draw(18.0) > 18).mean() == pytest.approx(0.35, abs=0.03)  # 2 ** -1.5


def test_a_task_that_was_left_lying_keeps_nobody_from_the_next() -> None:
    """Who has begun one task after another while some lay still goes on to do so."""
    lying = tuple(task(5_000 + number, (40 - number, Standing.DOING), made=50, owners=("p0",)) for number in range(3))
    found = due_in(8, *(open_task(number, owners=("p0",)) for number in range(2)), history=(*TEAM, *lying))
    assert chance(found) > 0.5


def test_a_goal_into_which_old_tasks_are_moved_grows_as_one_for_which_they_are_made() -> None:
    """Ten a week for five weeks, most of them open: of the backlog or new, the inflow is the same."""

    def inflow(moved: bool) -> Forecast:
        came = [(number, 35 - number * 0.7) for number in range(50)]
        tasks = [
            open_task(
                100 + number, owners=(f"p{number % 4}",), made=80 if moved else days,
                memberships=(Membership(ago(80), ()), Membership(ago(days), ("goal",))) if moved else (),
            )
            for number, days in came
        ]  # fmt: skip
        return due_in(40, open_task(1, owners=("p0",), made=45), *tasks)

    assert inflow(moved=True).added_a_week == pytest.approx(inflow(moved=False).added_a_week, abs=0.3)
    assert chance(inflow(moved=True)) == pytest.approx(chance(inflow(moved=False)), abs=0.1)


def test_no_chance_is_surer_than_the_tasks_it_rests_on() -> None:
    sixteen = due_in(300, open_task(1, owners=("p0",)), history=TEAM[:16])
    assert chance(sixteen) == pytest.approx(1 - 1 / 17)


def test_nothing_is_nearly_sure_where_what_outlives_all_may_make_it_late_and_no_day_moves() -> None:
    """Of 40 tasks none took longer than six days. One is twelve days old, and 60 days are left."""
    late, fresh = (
        due_in(60, *(doing(number, age, owners=(f"p{number}",)) for number in range(3))) for age in (12, 0.1)
    )
    assert chance(late) == pytest.approx(0.9)
    assert chance(fresh) > 0.95
    assert late.by_tasks is not None
    assert late.by_tasks > 0.9


def test_how_long_something_lasts_that_outlives_all_is_not_known() -> None:
    """Of 24 things none lasted longer than 10 days: the next does so with 1 in 25, then twice as long with 1 in 2."""
    times = Durations(list(range(1, 11)) * 2 + [10] * 4, (), 4_000, np.random.default_rng(1))
    assert times.outlasts(5.0) == pytest.approx(1 / 25, rel=0.1)
    assert times.outlasts(20.0) == pytest.approx(0.5 / 25, rel=0.1)
    assert times.outlasts(30.0, age=30.0) == pytest.approx(0.5)


def test_a_day_on_which_nothing_happens_moves_no_day_by_weeks() -> None:
    """Fourteen tasks in five weeks; wherever its weeks are cut, the pace of a team is the same."""
    ages = (0.5, 1, 4, 8, 8.5, 11, 15, 17, 20, 22, 27, 30, 32, 34)
    past = without_starts(*(worked(8_000 + number, 1, finished=age + 3, made=60) for number, age in enumerate(ages)))
    waiting = tuple(open_task(number, made=50, owners=()) for number in range(20))
    found = [due_in(60, *waiting, history=past, now=NOW - timedelta(days=back)) for back in (0, 0.5, 1, 1.5, 2, 2.5)]
    likely = [one.q85.toordinal() for one in found]
    assert {one.basis for one in found} == {Basis.LEAD}
    assert max(likely) - min(likely) <= 9


def test_a_week_in_which_some_had_nothing_to_do_counts_by_who_had() -> None:
    """Two people finish one a day each while there is work; half of the time one of them has none."""
    both = [worked(8_100 + number, 0.2, finished=0.5 + number % 14 // 2 + number // 14 * 14,
                   made=7 + number // 14 * 14, owners=(f"p{number % 2}",)) for number in range(42)]  # fmt: skip
    alone = [worked(8_200 + number, 0.2, finished=7.5 + number % 7 + number // 7 * 14,
                    made=8.5 + number % 7 + number // 7 * 14, owners=("p0",)) for number in range(21)]  # fmt: skip
    waiting = tuple(open_task(number, made=0.3, owners=()) for number in range(28))
    found = due_in(60, *waiting, history=without_starts(*both, *alone))
    assert found.basis is Basis.LEAD
    assert 13 <= (found.q50 - NOW.date()).days <= 17


def test_where_no_start_was_seen_the_pace_of_the_team_is_taken() -> None:
    """40 tasks planned at once, ten of them done in each of two weeks: the other 20 take two weeks more, not none."""
    past = tuple(
        replace(one, transitions=(one.transitions[0], one.transitions[-1]), created=ago(60))
        for one in (worked(6_000 + number, 1, finished=0.7 * number + 0.3) for number in range(40))
    )
    found = due_in(14, *(open_task(number, owners=(), made=28) for number in range(20)), history=past)
    assert found.basis is Basis.LEAD
    assert found.p_on_time == pytest.approx(found.by_throughput, abs=0.03)
    assert 10 <= (found.q50 - NOW.date()).days <= 18


def without_starts(*tasks: Task) -> tuple[Task, ...]:
    return tuple(replace(one, transitions=(one.transitions[0], one.transitions[-1])) for one in tasks)


def test_what_is_begun_is_finished_before_what_is_not() -> None:
    """Two tasks a day; two of a goal are in progress, and forty of nobody's goal wait."""
    history = without_starts(*TEAM)
    waiting = [replace(open_task(100 + number, owners=(), made=20), goals=()) for number in range(40)]
    two = [task(number, (3, Standing.DOING), made=20, owners=(), goals=("goal",)) for number in range(2)]
    begun = due_in(60, *two, *waiting, history=history)
    fresh = due_in(60, *(open_task(number, owners=(), made=20) for number in range(2)), *waiting, history=history)
    assert {begun.basis, fresh.basis} == {Basis.LEAD}
    assert (begun.q85 - NOW.date()).days <= 5
    assert (fresh.q85 - NOW.date()).days >= 12


def test_the_last_tasks_of_a_team_take_as_long_as_a_task_however_many_work_side_by_side() -> None:
    """14 a week are two a day. Four people finish their last four in about three days, one does so in two."""
    four = [due_in(60, *(open_task(number, made=20) for number in range(4)), history=without_starts(*TEAM))]
    alone = without_starts(*(replace(one, owners=("p1",)) for one in TEAM))
    four.append(due_in(60, *(open_task(number, made=20) for number in range(4)), history=alone))
    assert {one.basis for one in four} == {Basis.LEAD}
    assert [(one.q50 - NOW.date()).days for one in four] == [3, 2]
    assert four[0].q85 > four[1].q85


def test_a_team_that_had_nothing_to_do_for_weeks_is_not_slow() -> None:
    """Ten were finished in each week in which there was work; in the others one, which was made and finished in it."""
    made = {0: 14.1, 1: 14.1}
    busy = [worked(7_000 + 10 * week + number, 0.4, finished=7 * week + 0.6 * number + 0.5, made=made.get(week, 80))
            for week in (0, 1, 6, 7, 8, 9) for number in range(10)]  # fmt: skip
    idle = [worked(7_500 + week, 1, finished=7 * week + 1, made=7 * week + 3) for week in (2, 3, 4, 5)]
    waiting = (open_task(number, made=1, owners=()) for number in range(20))
    found = due_in(60, *waiting, history=without_starts(*busy, *idle))
    assert found.basis is Basis.LEAD
    assert (found.q50 - NOW.date()).days <= 18


def test_what_is_added_to_a_goal_is_shared_by_all_who_work_for_it_not_only_by_who_has_tasks_left() -> None:
    """Four a week come. In one team four people did them, of whom one has eight left; in the other that one did all."""

    def growing(people: int) -> Forecast:
        done = (
            worked(8_000 + number, 2, finished=1 + 1.7 * number, made=4 + 1.7 * number, goals=("goal",),
                   owners=(f"p{number % people}",))
            for number in range(20)
        )  # fmt: skip
        return due_in(20, *done, *(open_task(number, owners=("p0",), made=30) for number in range(8)))

    assert growing(1).added_a_week == growing(4).added_a_week
    assert growing(4).q85 + timedelta(days=5) <= growing(1).q85
    assert chance(growing(4)) >= chance(growing(1))


def test_where_the_pace_of_the_team_says_something_else_it_is_told_and_no_surer_than_the_sample_allows() -> None:
    """All is with one of four: by the pace of the team it would be sure, of which 48 finished tasks cannot tell."""
    found = due_in(20, *(open_task(number, owners=("p0",)) for number in range(14)))
    assert found.by_throughput == 1.0
    told = two_ways(found, language("en"))
    assert told.startswith("By the pace of the whole team it would be 98%")
