"""What teams really write: no dates, no owners, rings, clocks that change, one person in three time zones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from syncer.core.responsibility import Declarations, Profile
from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.report.metrics.communication import COMMENTS_WRITTEN, FIRST_RESPONSE
from syncer.report.metrics.feasibility import CPM_LENGTH
from syncer.report.metrics.flow import CYCLE_TIME_P50, TASKS_FINISHED
from syncer.report.metrics.smoothness import BLOCKED_DAYS
from syncer.report.model.collaboration import Collaboration, Comment, Goal, GoalKind, Task
from syncer.report.model.evaluation import AdviceRule, Evaluation
from syncer.report.model.goal import Outlook
from syncer.report.model.timeline import Blockage, DueChange, Standing
from syncer.report.model.window import Window
from tests.unit.report.test_forecast import HISTORY
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked

BERLIN = ZoneInfo("Europe/Berlin")


def goal(**changes: object) -> Goal:
    return Goal(**({"id": "g", "pair": "pair", "kind": GoalKind.EPIC, "title": "Goal", "places": ()} | changes))  # type: ignore[arg-type]


def week(*tasks: Task, goals: tuple[Goal, ...] = (), **parts: object) -> Evaluation:
    return evaluate(Collaboration("Any", (PAIR,), (), goals, tasks, **parts), WEEK, NOW)  # type: ignore[arg-type]


def test_a_goal_without_a_date_has_days_but_no_chance() -> None:
    found = week(*HISTORY, task(1, goals=("g",), owners=()), goals=(goal(),))
    (only,) = found.goals
    assert (only.outlook, only.days_left) == (Outlook.NO_DATE, None)
    assert only.forecast is not None
    assert only.forecast.p_on_time is None
    assert only.forecast.q50 <= only.forecast.q95


def test_tasks_in_a_ring_are_forecast_and_named() -> None:
    ring = [task(number, goals=("g",), waits_for=(f"t{(number + 1) % 3}",)) for number in range(3)]
    found = week(*HISTORY, *ring, goals=(goal(due=NOW.date() + timedelta(days=30)),))
    assert found.goals[0].forecast is not None
    assert [one.count for one in found.advice if one.rule is AdviceRule.CYCLE] == [3]
    assert found.metric(CPM_LENGTH).n == 3


def test_a_goal_whose_date_moved_forty_times_had_each_in_its_week() -> None:
    moves = tuple(DueChange(ago(41 - number), ago(41 - 2 * number).date()) for number in range(40))
    moved = goal(due=moves[-1].due, due_changes=moves, created=ago(60))
    for number in (0, 7, 39):
        known = moved.at(moves[number].at)
        assert known is not None
        assert known.due == moves[number].due
    assert moved.at(ago(61)) is None


@pytest.mark.parametrize(("label", "hours"), [("2026-W43", 169), ("2026-W13", 167), ("2026-W44", 168)])
def test_what_is_in_the_way_all_week_is_so_for_the_hours_the_week_has(label: str, hours: int) -> None:
    window = Window.parse(label, BERLIN)
    blocked = task(1, made=400, blockages=(Blockage(ago(400), None),))
    seen = replace(PAIR, past_known=True)
    found = evaluate(Collaboration("One", (seen,), (), (), (blocked,)), window, NOW)
    assert found.metric(BLOCKED_DAYS).value == pytest.approx(hours / 24, abs=1e-6)


def test_a_task_done_in_the_hour_that_comes_twice_took_as_long_as_it_took() -> None:
    begun = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30 in Berlin, before and after
    twice = worked(1, 1)
    times = (begun - timedelta(days=1), begun, begun + timedelta(hours=1))
    steps = tuple(replace(step, at=at) for step, at in zip(twice.transitions, times, strict=True))
    made = [replace(twice, id=f"t{number}", transitions=steps, created=steps[0].at) for number in range(5)]
    window = Window(2026, 43, BERLIN)
    found = evaluate(Collaboration("One", (PAIR,), (), (), tuple(made)), window, NOW)
    assert found.metric(CYCLE_TIME_P50).value == pytest.approx(1 / 24)
    assert found.metric(TASKS_FINISHED).value == 5


def test_a_person_who_writes_from_three_time_zones_is_one_person() -> None:
    """Moments are moments: the zone they are written in changes nothing but what is a working hour."""
    zones = [ZoneInfo(name) for name in ("Asia/Shanghai", "America/Los_Angeles", "Africa/Lagos")]
    tasks = [task(number, made=10) for number in range(12)]
    notes = tuple(Comment(f"t{number}", "p1", ago(9) + timedelta(hours=number)) for number in range(12))
    moved = tuple(replace(note, at=note.at.astimezone(zones[number % 3])) for number, note in enumerate(notes))
    people = Declarations(people=tuple(Profile("p1", timezone=str(zone)) for zone in zones))
    here = week(*tasks, comments=notes)
    there = week(*tasks, comments=moved, declared=people)
    for name in (FIRST_RESPONSE, COMMENTS_WRITTEN):
        assert there.metric(name) == here.metric(name)


@pytest.mark.parametrize("title", ["=1+1", "שלום \u202eabc", "<b>|@x #1|</b>", "", "\u0000"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_any_title_goes_through_every_format(title: str, language: str) -> None:
    late = task(1, (3, Standing.DOING), title=title, due=ago(2).date(), owners=())
    report = build_report(week(late, goals=(goal(title=title),)), language=language)
    assert all((report.json, report.csv, report.markdown, report.text, report.html))
    assert "<b>|" not in report.html
