"""Days of work: which days of a week are off, by what a team was seen to do, and what that does to a forecast."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.report.forecast.goal_dates import forecasts
from syncer.report.forecast.working_days import WorkingDays, working_days
from syncer.report.model.collaboration import Collaboration, Task
from syncer.report.model.counting import CountingRules, WorkingTime
from syncer.report.model.goal import Forecast
from syncer.report.model.snapshot import snapshot_at
from syncer.report.model.window import Window
from tests.unit.report.test_forecast import goal, open_task
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, worked

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def team(off: Collection[int], weeks: int = 6, people: int = 3) -> tuple[Task, ...]:
    """People who finish a task at noon of each day of the last weeks that is not off, which they began the hour before.

    On each day one of them is busy elsewhere.
    """
    return tuple(
        worked(100 * back + person, 1 / 24, finished=back, owners=(f"p{person}",))
        for back in range(1, 7 * weeks)
        for person in range(people)
        if (NOW - timedelta(days=back)).weekday() not in off and (back + person) % people
    )


def days_of(*tasks: Task, **working: object) -> WorkingDays:
    rules = CountingRules(working=WorkingTime(**working))  # type: ignore[arg-type]
    return working_days(snapshot_at(Collaboration("One", (PAIR,), (), (), tasks, counting=rules), WEEK, NOW))


def off_days(found: WorkingDays) -> set[int]:
    return {day for day, weight in enumerate(found.weights) if not weight}


@pytest.mark.parametrize("off", [{SAT, SUN}, {FRI, SAT}, {SUN}, {FRI, SAT, SUN}, {SUN, MON}], ids=str)
def test_days_of_the_week_on_which_nothing_is_done_are_seen_whatever_the_settings_say(off: set[int]) -> None:
    found = days_of(*team(off))
    assert off_days(found) == off
    assert sum(found.weights) == pytest.approx(7)


def test_a_team_that_works_on_all_days_has_none_off_though_the_settings_call_some() -> None:
    assert off_days(days_of(*team(()), days=frozenset({1, 2, 3, 4, 5}))) == set()
    assert days_of(*team(())).weights == (1.0,) * 7


def test_a_day_on_which_less_is_done_counts_for_less() -> None:
    found = days_of(*team({SAT, SUN}, weeks=20), *(one for one in team({MON, TUE, WED, THU, FRI}, weeks=6)))
    assert 0 < found.weights[SAT] == found.weights[SUN] < 0.5
    assert sum(found.weights) == pytest.approx(7)


def test_in_less_than_three_weeks_no_day_is_seen_to_be_off() -> None:
    assert off_days(days_of(*team({SAT, SUN}, weeks=2))) == set()
    assert off_days(days_of(*team({SAT, SUN}, weeks=4))) == {SAT, SUN}


def test_a_day_on_which_everything_was_closed_at_once_says_little_of_its_day_of_the_week() -> None:
    """Forty people whose tasks were imported as finished in two bursts."""
    burst = [worked(number, 0.1, finished=5 + 21 * (number % 2), owners=(f"p{number}",)) for number in range(40)]
    assert off_days(days_of(*burst)) == set()


def test_no_time_passes_for_work_on_days_off_and_on_holidays() -> None:
    """From Friday noon to Monday noon is a day of five, 7 / 5 of a day's work; NOW is a Friday."""
    monday = NOW + timedelta(days=3)
    assert days_of(*team({SAT, SUN})).between(NOW, monday) == pytest.approx(7 / 5)
    free = days_of(*team({SAT, SUN}), holidays=frozenset({monday.date()}))
    assert free.between(NOW, monday) == pytest.approx(7 / 5 / 2)
    assert free.between(NOW, NOW + timedelta(days=14)) == pytest.approx(14 - 7 / 5)
    assert free.ago(NOW - timedelta(days=7)) == pytest.approx(7)
    # Beyond what is looked at day by day, a week is a week.
    assert free.between(NOW + timedelta(days=7 * 200), NOW + timedelta(days=7 * 203)) == pytest.approx(21)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 6), max_size=3), st.integers(1, 780), st.sets(st.integers(1, 40), max_size=8))
def test_a_day_is_over_when_the_days_of_work_until_its_end_are(off: set[int], ahead: int, free: set[int]) -> None:
    weights = tuple(0.0 if day in off else 7 / (7 - len(off)) for day in range(7))
    holidays = frozenset(NOW.date() + timedelta(days=day) for day in free)
    rules = CountingRules(working=WorkingTime(holidays=holidays))
    snapshot = snapshot_at(Collaboration("One", (PAIR,), (), (), (), counting=rules), WEEK, NOW)
    found, day = WorkingDays(snapshot, weights), NOW.date() + timedelta(days=ahead)
    works = found.until(day + timedelta(days=1)) > found.until(day)
    middle = (found.until(day) + found.until(day + timedelta(days=1))) / 2
    assert works == (day.weekday() not in off and day not in holidays)
    assert found.day(middle) == day if works else found.day(middle) < day


def due(day: date, as_of: datetime, tasks: tuple[Task, ...], **working: object) -> Forecast:
    ends = (replace(goal(), due=day),)
    rules = CountingRules(working=WorkingTime(**working))  # type: ignore[arg-type]
    whole = Collaboration("One", (PAIR,), (), ends, tasks, counting=rules)
    return forecasts(ends, snapshot_at(whole, Window.containing(as_of, UTC), as_of), 1)["goal"]


def test_what_takes_two_days_and_is_begun_on_a_friday_is_done_on_tuesday() -> None:
    """Each task of the past took from noon of a working day to noon of the next but one."""
    past = tuple(
        worked(number, 4 if (NOW - timedelta(days=number)).weekday() in {MON, TUE} else 2, finished=number)
        for number in range(1, 60)
        if (NOW - timedelta(days=number)).weekday() not in {SAT, SUN}
    )
    assert off_days(days_of(*past)) == {SAT, SUN}
    sunday, monday, tuesday = (date(2026, 11, day) for day in (22, 23, 24))
    told = [due(day, NOW, (*past, open_task(1, owners=("z",)))) for day in (sunday, monday, tuesday)]
    assert [one.p_on_time for one in told] == pytest.approx([0.0, 0.0, 1.0], abs=0.05)
    assert {one.q50 for one in told} == {tuesday}


def test_a_week_of_holidays_puts_a_goal_off_by_a_week() -> None:
    tasks = (*team({SAT, SUN}), *(open_task(number, owners=("p1",)) for number in range(8)))
    plain = due(date(2026, 12, 4), NOW, tasks)
    closed = frozenset(date(2026, 11, 23) + timedelta(days=day) for day in range(7))
    free = due(date(2026, 12, 4), NOW, tasks, holidays=closed)
    assert timedelta(days=6) <= free.q85 - plain.q85 <= timedelta(days=8)
    assert free.p_on_time is not None
    assert plain.p_on_time is not None
    assert free.p_on_time <= plain.p_on_time
