"""What is decided of a goal is said whole: from which day to which, by how much, how many tasks, and which decides."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Collaboration, GoalKind, WaitingConflict
from syncer.report.model.evaluation import Advice, AdviceRule, Evaluation, Expected
from syncer.report.model.goal import Basis, Driver, Forecast, GoalFigures, Health, Outlook, Smart
from syncer.report.model.metric import EvidenceTask
from syncer.report.render.language import language
from syncer.report.render.phrases.choices import choice, last_task, later, why
from tests.unit.report.test_health import HISTORY, goal
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task

TODAY = NOW.date()
ENGLISH, CHINESE = language("en"), language("zh")
EMPTY = evaluate(Collaboration("Nothing", (PAIR,), (), (), ()), WEEK, NOW)
CRITICAL = EvidenceTask("t9", "Second acquirer", ())


def figures(due: date | None, likely: date | None, outlook: Outlook = Outlook.BEHIND, **changes: object) -> GoalFigures:
    found = likely and Forecast(0.1, likely, likely, likely, (Driver(CRITICAL, 0.8),), Basis.CYCLE, 40, 2_000)
    made = GoalFigures(
        "g1", GoalKind.EPIC, "Checkout", (), ("Ada",), None, False, due, 3, 1, 9, 0, 1 / 3, 0.87, 7, outlook, (), (), 1,
        Smart(0, 0, None, None, 50), forecast=found or None, health=Health.OFF_TRACK,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_date_is_moved_from_a_day_to_a_day_by_so_much_or_so_many_tasks_are_cut() -> None:
    one = figures(TODAY + timedelta(days=8), TODAY + timedelta(days=158))
    assert choice(one, None, EMPTY, ENGLISH) == (
        "Move its date from 28 Nov to 27 Apr 2027 (21 weeks later), or cut its scope"
        " (6 open tasks: 1 without an owner)."
    )
    assert choice(one, None, EMPTY, CHINESE) == (
        "把日期从11月28日改为2027年4月27日（推迟 21 周），或缩减范围（6 项未完成：无负责人 1 项）。"
    )


def test_a_decision_says_first_why_it_is_one() -> None:
    due, likely = TODAY + timedelta(days=8), TODAY + timedelta(days=158)
    assert why(figures(due, likely), ENGLISH) == "10% chance of being on time."
    assert why(figures(due, likely), CHINESE) == "按期完成的概率为 10%。"
    assert why(figures(TODAY, likely, Outlook.OVERDUE, days_left=-2), ENGLISH) == "2 days past its date."
    assert why(figures(due, None), ENGLISH) == ""


def test_tasks_that_would_save_the_date_are_counted_and_named() -> None:
    out = Advice(AdviceRule.REPLAN, "g1", "Checkout", (), (CRITICAL,), 6, 1.0, expected=Expected(None, 0.1, 0.9, 40))
    said = choice(figures(TODAY + timedelta(days=8), TODAY + timedelta(days=20)), out, EMPTY, ENGLISH)
    assert said.endswith("(12 days later), or take 1 of its 6 open tasks out: “Second acquirer”.")


def test_what_is_past_its_date_can_also_be_closed_as_it_is() -> None:
    late = figures(TODAY - timedelta(days=2), TODAY + timedelta(days=40), Outlook.OVERDUE)
    assert choice(late, None, EMPTY, ENGLISH) == (
        "Move its date from 18 Nov to 30 Dec (6 weeks later), or close it with 6 tasks open."
    )
    unknown = replace(late, forecast=None)
    assert choice(unknown, None, EMPTY, ENGLISH) == ("Set a new date instead of 18 Nov, or close it with 6 tasks open.")


def test_no_date_is_moved_to_an_earlier_one() -> None:
    """Behind the calendar, with a forecast from few tasks that would hold."""
    said = choice(figures(TODAY + timedelta(days=8), TODAY + timedelta(days=3)), None, EMPTY, ENGLISH)
    assert said == "33% done with 87% of the time gone: see whether its 6 open tasks fit until 28 Nov."


def test_without_a_forecast_the_calendar_says_why() -> None:
    said = choice(figures(TODAY + timedelta(days=8), None), None, EMPTY, ENGLISH)
    assert said == (
        "33% done with 87% of the time gone: move its date (28 Nov), or cut its scope"
        " (6 open tasks: 1 without an owner)."
    )


def test_the_task_that_decides_is_named_where_one_does() -> None:
    one = figures(TODAY + timedelta(days=8), TODAY + timedelta(days=158))
    assert last_task(one, None, ENGLISH) == "“Second acquirer” will probably finish last."
    critical = Advice(AdviceRule.CRITICAL, "g1", "Checkout", (), (CRITICAL,), 1, 1.0)
    assert choice(one, critical, EMPTY, ENGLISH) == (
        "“Second acquirer” will probably finish last: put two people on it."
    )
    assert last_task(one, critical, ENGLISH) == ""
    assert one.forecast is not None
    even = replace(one, forecast=replace(one.forecast, drivers=(Driver(CRITICAL, 0.3),)))
    assert last_task(even, None, ENGLISH) == ""


@pytest.mark.parametrize(
    ("days", "said"),
    [(1, "1 day later"), (13, "13 days later"), (14, "2 weeks later"), (181, "26 weeks later"),
     (182, "6 months later"), (729, "24 months later"), (1_188, "3 years later")],
)  # fmt: skip
def test_how_far_two_dates_are_apart_is_said_as_people_do(days: int, said: str) -> None:
    assert later(days, ENGLISH) == said


def test_every_decision_about_a_goal_has_both_dates_and_a_number_of_tasks() -> None:
    goals = tuple(goal(number, due) for number, due in enumerate((-3, 2, 8)))
    tasks = [task(number, goals=(f"g{number % 3}",), owners=("a",)) for number in range(30)]
    week = evaluate(Collaboration("Late", (PAIR,), (), goals, (*HISTORY, *tasks)), WEEK, NOW)
    told = [notice for notice in build_report(week).content.notices if notice.goal]
    assert len(told) == 3
    for notice in told:
        assert re.search(r"from \d+ \w+ to \d+ \w+( \d{4})? \(\d+ (day|week|month|year)s? later\)", notice.text)
        assert re.search(r"\d+ (open )?tasks", notice.text)
        assert notice.text.startswith(notice.head)


def conflict(left: str, right: str) -> Evaluation:
    waits = WaitingConflict(1, "pair", "Load test", (), "title", left, right, ago(1))
    return replace(EMPTY, conflicts=(waits,))


def test_a_conflict_names_both_values_where_they_are_short() -> None:
    (notice,) = build_report(conflict("at 500", "at 600")).content.notices
    assert notice.text.endswith("Choose “at 500” or “at 600”: nothing is written until then.")
    (notice,) = build_report(conflict("at 500", "x" * 200)).content.notices
    assert notice.text.endswith("Nothing is written until somebody chooses.")
