"""What the configuration says of counting: types of goals and bugs, sub-tasks, targets, working time."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from syncer.app.reporting import counting_rules
from syncer.contract.model import Audience, Category, Facts, Field, Kind, Observed, Ref, Side, Status, Value, Version
from syncer.core.responsibility import Declarations, Profile
from syncer.core.rules import PairRules
from syncer.report.evaluate import evaluate
from syncer.report.gather.assembly import Assembly
from syncer.report.gather.merged_item import MergedItem
from syncer.report.gather.people import People
from syncer.report.metrics import DEFINITIONS
from syncer.report.metrics.communication import FIRST_RESPONSE_WORKING, STALE_OPEN, UNANSWERED_QUESTIONS
from syncer.report.metrics.quality import BUG_SHARE
from syncer.report.model.collaboration import Collaboration, Comment, Task
from syncer.report.model.counting import CountingRules, WorkingTime
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.metric import Judgement
from syncer.richtext.plain import PlainMarkup
from syncer.settings.reporting import ReportSettings, TargetSettings
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task


def item(number: int, kind: str, level: int | None) -> Observed:
    status = Status("To Do", Category.TODO)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    shown: dict[Field, Value] = {Field.TITLE: f"Item {number}", Field.STATUS: status, Field.TYPE: kind}
    return Observed(
        Ref(Kind.TASK, str(number)), f"T-{number}", "", Version("1"), at, at, shown, Audience.MEMBERS,
        facts=Facts(level=level),
    )  # fmt: skip


def assembled(counting: CountingRules, *items: Observed) -> tuple[set[str], set[str]]:
    """Titles of tasks and of goals."""
    rules = PairRules("pair")
    room = Assembly(rules, People([rules]), {}, dict.fromkeys(Side, PlainMarkup()), counting)
    for one in items:
        room.add(MergedItem.alone(Side.LEFT, one), ())
    tasks, goals = room.assemble()
    return {one.title for one in tasks}, {one.title for one in goals}


USUAL = CountingRules()


def test_the_level_of_a_type_says_what_is_a_goal_whatever_it_is_called() -> None:
    items = (item(1, "Thème", 1), item(2, "Récit", 0), item(3, "Initiative géante", 2), item(4, "Sous-tâche", -1))
    assert assembled(USUAL, *items) == ({"Item 2"}, {"Item 1", "Item 3"})


def test_where_no_level_is_told_the_name_says_it_with_those_of_the_configuration() -> None:
    items = (item(1, "Epic", None), item(2, "长篇故事", None), item(3, "FEATURE", None), item(4, "Story", None))
    assert assembled(USUAL, *items)[1] == {"Item 1", "Item 2"}
    assert assembled(CountingRules(goal_types=frozenset({"feature"})), *items)[1] == {"Item 1", "Item 2", "Item 3"}


def test_sub_tasks_count_only_where_that_is_switched_on() -> None:
    items = (item(1, "Story", 0), *(item(number, "Sub-task", -1) for number in range(2, 7)))
    assert len(assembled(USUAL, *items)[0]) == 1
    assert len(assembled(CountingRules(subtasks=True), *items)[0]) == 6


def told(*tasks: Task, counting: CountingRules, **parts: object) -> Evaluation:
    return evaluate(Collaboration("Made up", (PAIR,), (), (), tasks, counting=counting, **parts), WEEK, NOW)  # type: ignore[arg-type]


def test_types_and_labels_of_the_configuration_are_bugs_too() -> None:
    tasks = [task(number, made=5, type="Fehler" if number < 3 else "Aufgabe") for number in range(12)]
    labelled = replace(tasks[5], labels=("regression",))
    usual = told(*tasks[:5], labelled, *tasks[6:], counting=USUAL)
    named = told(
        *tasks[:5], labelled, *tasks[6:], counting=CountingRules(bug_types=frozenset({"fehler", "regression"}))
    )
    assert usual.metric(BUG_SHARE).value == 0
    assert named.metric(BUG_SHARE).value == pytest.approx(4 / 12)


def test_a_target_of_the_configuration_judges_and_advises() -> None:
    tasks = [task(number, made=100) for number in range(40)]
    assert told(*tasks, counting=USUAL).metric(STALE_OPEN).judgement is Judgement.MISSED
    lenient = told(*tasks, counting=CountingRules(targets={"stale_open": 1.0})).metric(STALE_OPEN)
    assert lenient.judgement is Judgement.MET
    assert lenient.target is not None
    assert (lenient.target.amount, lenient.target.at_least) == (1.0, False)


def test_every_figure_with_a_target_can_be_given_another() -> None:
    assert set(TargetSettings.model_fields) == {row.id for row in DEFINITIONS if row.target is not None}


# --- working time


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-12-23T12:00", "2026-12-28T12:00", 16 - 8),  # Wednesday to Monday, the 25th is a Friday
        ("2026-12-25T10:00", "2026-12-25T15:00", 0),
        ("2026-12-24T16:00", "2026-12-25T15:00", 1),
        ("2026-12-25T12:00", "2026-12-28T10:00", 1),
        ("2026-12-26T00:00", "2026-12-27T00:00", 0),
    ],
)
def test_a_holiday_is_no_working_time(start: str, end: str, hours: float) -> None:
    working = WorkingTime(holidays=frozenset({date(2026, 12, 25), date(2026, 12, 26)}))
    first, last = (datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (start, end))
    expected = hours + (8 if start == "2026-12-23T12:00" else 0)
    assert working.hours(first, last, BERLIN) == pytest.approx(expected)


def test_a_week_may_begin_on_sunday_and_a_day_at_seven() -> None:
    working = WorkingTime(7, 15, frozenset({7, 1, 2, 3, 4}))
    thursday, sunday = datetime(2026, 11, 19, 14, tzinfo=UTC), datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert working.hours(thursday, sunday, UTC) == pytest.approx(1 + 1)
    assert not working.day_over(thursday, sunday, UTC)
    assert working.day_over(thursday, datetime(2026, 11, 22, 15, tzinfo=UTC), UTC)


def test_a_question_waits_by_the_clock_of_who_has_the_task() -> None:
    """NOW is Friday noon in London: evening in Shanghai, whose working day is over."""
    asked = Comment("t1", "p2", ago(1.1), asks=True)
    people = Declarations(people=(Profile("p1", timezone="Asia/Shanghai"),))
    holiday = CountingRules(working=WorkingTime(holidays=frozenset({date(2026, 11, 20)})))
    one = task(1, owners=("p1",))
    assert told(one, counting=USUAL, comments=(asked,)).metric(UNANSWERED_QUESTIONS).value == 1
    assert told(one, counting=holiday, comments=(asked,)).metric(UNANSWERED_QUESTIONS).value == 0
    nights = [task(number, made=3.2, owners=("p1",)) for number in range(12)]
    notes = tuple(Comment(f"t{number}", "p1", ago(3)) for number in range(12))
    here, there = (
        told(*nights, counting=USUAL, comments=notes, declared=declared).metric(FIRST_RESPONSE_WORKING).value
        for declared in (Declarations(), people)
    )
    assert here != there


# --- the configuration


def test_the_configuration_becomes_rules() -> None:
    written = ReportSettings.model_validate(
        {
            "goal-types": ["Feature"], "bug-types": ["Fehler"], "subtasks": True, "holidays": [date(2026, 12, 25)],
            "working-days": ["sun", "mon"], "working-hours": ["08:30", "17:00"], "targets": {"stale-open": 0.3},
        }
    )  # fmt: skip
    assert counting_rules(written) == CountingRules(
        frozenset({"feature"}), frozenset({"fehler"}), True, {"stale_open": 0.3},
        WorkingTime(8.5, 17.0, frozenset({7, 1}), frozenset({date(2026, 12, 25)})),
    )  # fmt: skip
    assert counting_rules(ReportSettings()) == CountingRules()


@pytest.mark.parametrize(
    "wrong",
    [
        {"working-hours": ["17:00", "09:00"]}, {"working-hours": ["9", "17"]}, {"working-hours": "9-17"},
        {"working-days": []}, {"working-days": ["monday"]}, {"targets": {"stale-open": 30}}, {"holidays": ["soon"]},
        {"goal-types": [""]},
    ],
)  # fmt: skip
def test_what_is_no_such_rule_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        ReportSettings.model_validate(wrong)


def test_the_sample_configuration_has_every_key() -> None:
    text = (Path(__file__).resolve().parents[3] / "config" / "syncer.toml").read_text("utf-8")
    for name in ("goal-types", "bug-types", "subtasks", "holidays", "working-days", "working-hours", "report.targets"):
        assert name in text, name
