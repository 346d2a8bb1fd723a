"""Forecasts are kept, held against what came, and learned from."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.records import LoggedForecast
from syncer.report import build_report, log_forecasts
from syncer.report.evaluate import evaluate
from syncer.report.forecast.calibration import Calibration, calibration
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.metrics.feasibility import FORECAST_CALIBRATION
from syncer.report.model.collaboration import Collaboration
from syncer.report.model.metric import Missing
from syncer.report.model.snapshot import snapshot_at
from syncer.store import Store
from tests.unit.report.test_forecast import HISTORY, goal, open_task
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, told, worked

TODAY = NOW.date()


def logged(
    number: int, chance: float = 0.8, due: int = -8, q50: int = -12, q85: int = -9, q95: int = -7
) -> LoggedForecast:
    """A forecast of goal `g<number>`, its days in days from today."""
    days = [TODAY + timedelta(days=days) for days in (due, q50, q85, q95)]
    return LoggedForecast(f"g{number}", TODAY - timedelta(days=30), ago(30), days[0], chance, *days[1:])


def reached(number: int, days: float) -> Collaboration:
    """A goal whose only task was finished so many days ago."""
    return Collaboration("", (), (), (), (worked(5_000 + number, 3, finished=days, goals=(f"g{number}",)),))


def whole(*outcomes: float, log: tuple[LoggedForecast, ...] | None = None) -> Collaboration:
    """Goals reached so many days ago, each with a forecast."""
    tasks = tuple(task for number, days in enumerate(outcomes) for task in reached(number, days).tasks)
    made = tuple(logged(number) for number in range(len(outcomes))) if log is None else log
    return Collaboration("One", (PAIR,), (), (goal(),), (*HISTORY, *tasks), forecast_log=made)


def test_the_score_is_brier_s_and_the_shares_are_counted() -> None:
    """Of 20 goals 5 came by the even day, 10 by that of 85, 12 by the date, 15 by that of 95: 0.2² or 0.8²."""
    outcomes = (*[13.0] * 5, *[10.0] * 5, *[8.5] * 2, *[7.5] * 3, *[2.0] * 5)
    found = evaluate(whole(*outcomes), WEEK, NOW).metric(FORECAST_CALIBRATION)
    assert (found.value, found.n) == (pytest.approx((12 * 0.04 + 8 * 0.64) / 20), 20)
    assert [(one.name, one.value) for one in found.portions] == [("by_q50", 0.25), ("by_q85", 0.5), ("by_q95", 0.75)]


def test_a_goal_that_is_late_already_counts_as_late_and_one_that_may_still_come_waits() -> None:
    late, open_still = logged(1), logged(2, due=5, q50=-3, q85=4, q95=9)
    found = calibration(snapshot_at(whole(log=(late, open_still)), WEEK, NOW))
    assert (found.scores, found.n) == ((pytest.approx(0.64),), 1)


def test_nineteen_are_too_few_to_judge_or_to_learn_from() -> None:
    nineteen = whole(*[2.0] * 19)
    found = evaluate(nineteen, WEEK, NOW).metric(FORECAST_CALIBRATION)
    assert (found.value, found.missing) == (None, Missing.TOO_FEW)
    assert calibration(snapshot_at(nineteen, WEEK, NOW)).level(0.85) == 0.85


def test_from_twenty_goals_on_days_move_out_where_too_few_came_by_them() -> None:
    def even(outcomes: tuple[float, ...]) -> tuple[date, int]:
        made = whole(*outcomes)
        made = replace(made, tasks=(*made.tasks, *(open_task(number, owners=("a",)) for number in range(8))))
        found = forecasts((goal(),), snapshot_at(made, WEEK, NOW), 1)["goal"]
        return found.q50, found.learned_from

    # None came by the even day, half by that of 85.
    late = (*[10.0] * 10, *[7.5] * 5, *[2.0] * 5)
    before, after = even(late[1:]), even(late)
    assert (before[1], after[1]) == (0, 20)
    assert after[0] > before[0]


@given(st.tuples(*[st.integers(0, 40)] * 3), st.floats(0.01, 0.99))
def test_levels_are_numpys_interpolation_and_stay_in_order(counts: tuple[int, int, int], wanted: float) -> None:
    coverage = tuple(sorted(count / 40 for count in counts))
    found = Calibration((), (coverage[0], coverage[1], coverage[2]), 40)
    assert 0 <= found.level(wanted) <= 1
    assert found.level(0.5) <= found.level(0.85) <= found.level(0.95)
    assert found.chance(wanted) == pytest.approx(np.interp(wanted, [0, 0.5, 0.85, 0.95, 1], [0, *found.learned, 1]))


def test_a_goal_counts_once_however_often_it_was_forecast() -> None:
    """Twenty weeks of one goal that slipped are one case: another goal's forecast learns nothing from them."""
    weeks = tuple(replace(logged(1), day=TODAY - timedelta(days=30 + week)) for week in range(20))
    slipped = whole(log=weeks)
    found = calibration(snapshot_at(slipped, WEEK, NOW))
    assert (found.n, len(found.scores)) == (1, 1)
    assert (found.level(0.85), found.chance(0.96)) == (pytest.approx(0.85), pytest.approx(0.96))
    made = replace(slipped, tasks=(*slipped.tasks, open_task(1)))
    moment = snapshot_at(made, WEEK, NOW)
    never = snapshot_at(replace(made, forecast_log=()), WEEK, NOW)
    assert forecasts((goal(),), moment, 1) == forecasts((goal(),), never, 1)


def test_what_was_learned_moves_no_level_far_and_less_the_fewer_goals_it_rests_on() -> None:
    none_kept = Calibration((), (0.0, 0.0, 0.0), 20)
    assert none_kept.learned == (pytest.approx(0.35), pytest.approx(0.70), pytest.approx(0.80))
    half_kept = Calibration((), (0.4, 0.8, 0.9), 20)
    assert half_kept.learned == (pytest.approx(0.45), pytest.approx(0.825), pytest.approx(0.925))
    assert Calibration((), (1.0, 1.0, 1.0), 400).learned[2] <= 0.99


def test_what_was_said_later_teaches_an_earlier_week_nothing() -> None:
    made = whole(*[2.0] * 30)
    past = WEEK.earlier(2)
    before = evaluate(replace(made, forecast_log=()), past, NOW)
    later = tuple(replace(one, made_at=past.end + timedelta(days=1)) for one in made.forecast_log)
    assert evaluate(replace(made, forecast_log=later), past, NOW).goals == before.goals


def test_forecasts_of_a_week_are_kept_once_a_day_and_those_of_old_weeks_never(tmp_path: Path) -> None:
    made = replace(whole(), tasks=(*HISTORY, open_task(1)))
    with Store.open(tmp_path / "state", clock=lambda: NOW) as store:
        week = evaluate(made, WEEK, NOW)
        assert [log_forecasts(store, week) for _ in range(2)] == [1, 0]
        assert log_forecasts(store, evaluate(made, WEEK.earlier(3), NOW)) == 0
        (kept,) = store.forecasts.logged()
        forecast = week.goals[0].forecast
        assert forecast is not None
        assert (kept.goal, kept.day, kept.q50, kept.q85) == ("goal", TODAY, forecast.q50, forecast.q85)
        assert kept.chance == pytest.approx(forecast.p_on_time, abs=1e-6)


def test_without_goals_nothing_is_forecast_or_scored() -> None:
    assert told(FORECAST_CALIBRATION).missing is Missing.TOO_FEW
    assert build_report(evaluate(whole(), WEEK, NOW)).json
