"""How the six questions stand, the eight weeks beside each, and what changed since the week before."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from syncer.core.responsibility import Declarations, Profile
from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Collaboration, Comment, Goal, GoalKind, Impediment, Person, Task
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.goal import Health
from syncer.report.model.metric import Judgement, Question
from syncer.report.model.summary import (
    AnswerFact,
    AnswerReason,
    QuestionAnswer,
    Standpoint,
    TrendOf,
    WeekChangeKind,
)
from syncer.report.model.timeline import Assignment, Blockage, Cause, DueChange, Standing
from syncer.report.render.phrases.goals import edit
from tests.unit.report.test_health import week as made_up
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked

KNOWN = replace(PAIR, past_known=True)
TODAY = NOW.date()


some_week = cache(made_up)
"""Evaluated once for all tests that look at it."""


def told(*tasks: Task, goals: tuple[Goal, ...] = (), **parts: object) -> Evaluation:
    people = (Person("p1", "Ada"), Person("p2", "Bo"), Person("new", "Nia"))
    return evaluate(Collaboration("Made up", (KNOWN,), people, goals, tasks, **parts), WEEK, NOW)  # type: ignore[arg-type]


def answer(week: Evaluation, question: Question) -> QuestionAnswer:
    return next(one for one in week.answers if one.question is question)


def goal(number: int, due: int, **changes: object) -> Goal:
    values: dict[str, Any] = {"start": TODAY - timedelta(days=40), "created": ago(60), **changes}
    due_day = TODAY + timedelta(days=due)
    return Goal(f"g{number}", "pair", GoalKind.EPIC, f"Goal {number}", (), ("p1",), due=due_day, **values)


def many(amount: int, first: int = 100, **changes: object) -> list[Task]:
    return [worked(first + number, 2, finished=3 + number % 20, **changes) for number in range(amount)]


# --- answers


def test_there_are_six_questions_in_the_order_of_the_figures() -> None:
    asked = [one.question for one in told().answers]
    assert asked == [one for one in Question if one not in {Question.FEASIBILITY, Question.SYNC}]


def test_nothing_is_judged_where_nothing_is_known() -> None:
    assert {one.standpoint for one in told().answers} == {Standpoint.UNKNOWN}


@pytest.mark.parametrize("seed", range(40, 46))
def test_the_verdict_of_an_answer_is_that_of_its_worst_reason(seed: int) -> None:
    order = list(Standpoint)
    for one in some_week(seed).answers:
        worst = min((order.index(reason.standpoint) for reason in one.reasons), default=len(order) - 1)
        assert one.standpoint is order[worst]


@pytest.mark.parametrize(
    ("late", "early", "standpoint"),
    [(0, 4, Standpoint.GOOD), (1, 11, Standpoint.WATCH), (1, 1, Standpoint.PROBLEM), (0, 0, Standpoint.UNKNOWN)],
)
def test_a_quarter_of_the_goals_off_track_is_a_problem_and_fewer_are_worth_a_look(
    late: int, early: int, standpoint: Standpoint
) -> None:
    goals = [goal(number, -3) for number in range(late)] + [goal(50 + number, 900) for number in range(early)]
    tasks = [task(number, goals=(one.id,)) for number, one in enumerate(goals)]
    found = told(*tasks, goals=tuple(goals))
    assert answer(found, Question.GOALS).standpoint is standpoint


def test_quality_is_a_problem_only_where_the_whole_interval_is_beyond_the_target() -> None:
    good = many(40)
    back = [
        task(number, (9, Standing.DOING), (6, Standing.DONE), (5, Standing.TODO), (4, Standing.DONE))
        for number in range(12)
    ]
    for tasks, standpoint in (
        (good, Standpoint.GOOD),
        ([*good, *back[:3]], Standpoint.WATCH),
        ([*good, *back], Standpoint.PROBLEM),
        (good[:9], Standpoint.UNKNOWN),
    ):
        assert answer(told(*tasks), Question.QUALITY).standpoint is standpoint


def test_fewer_finished_tasks_are_a_problem_only_beyond_chance() -> None:
    before = [worked(500 + number, 2, finished=30 + number % 20) for number in range(30)]
    for now, standpoint in ((30, Standpoint.GOOD), (22, Standpoint.WATCH), (8, Standpoint.PROBLEM)):
        assert answer(told(*before, *many(now)), Question.EFFICIENCY).standpoint is standpoint
    assert answer(told(*many(9)), Question.EFFICIENCY).standpoint is Standpoint.UNKNOWN


def blocked(number: int, days: float = 4) -> Task:
    stop = Blockage(ago(days), None, "external", Cause.LABEL)
    impediment = Impediment(Cause.LABEL, "external", since=ago(days))
    return task(number, (9, Standing.DOING), blockages=(stop,), impediments=(impediment,))


def test_blocked_work_is_worth_a_look_and_much_of_it_a_problem() -> None:
    for stuck, free, standpoint in ((0, 9, Standpoint.GOOD), (1, 3, Standpoint.WATCH), (2, 8, Standpoint.PROBLEM)):
        tasks = [blocked(number) for number in range(stuck)] + [task(50 + number) for number in range(free)]
        found = answer(told(*tasks), Question.SMOOTHNESS)
        assert found.standpoint is standpoint
        assert found.trend.values[-1] == stuck


def test_silence_is_no_good_communication() -> None:
    asks = Comment("t1", "p2", ago(4), asks=True)
    said = Comment("t1", "p2", ago(4))
    for written, standpoint in (
        ((), Standpoint.UNKNOWN), ((said,), Standpoint.GOOD), ((asks,), Standpoint.WATCH),
    ):  # fmt: skip
        found = answer(told(task(1, made=6), comments=written), Question.COMMUNICATION)
        assert found.standpoint is standpoint


def test_late_work_without_an_owner_and_overload_are_problems() -> None:
    late = task(1, owners=(), due=ago(2).date())
    dated = task(2, owners=(), due=TODAY + timedelta(days=9))
    backlog = task(3, owners=())
    owned = task(4)
    for tasks, standpoint in (
        ((late,), Standpoint.PROBLEM),
        ((dated, owned), Standpoint.WATCH),
        ((backlog, owned), Standpoint.UNKNOWN),
        ((owned,), Standpoint.GOOD),
    ):
        assert answer(told(*tasks), Question.RESOURCES).standpoint is standpoint
    busy = [task(number, (20, Standing.DOING), owners=("p1",)) for number in range(5)]
    limits = Declarations(people=(Profile("p1", wip_limit=2),))
    assert answer(told(*busy, declared=limits), Question.RESOURCES).standpoint is Standpoint.PROBLEM


# --- eight weeks


def told_by(reason: AnswerReason) -> float:
    """The number that a reason's sentence begins with."""
    return reason.n if reason.fact is not AnswerFact.FIRST_ANSWER else reason.value or 0.0


@pytest.mark.parametrize("seed", range(40, 52))
def test_the_eight_weeks_beside_an_answer_are_of_the_figure_that_decides_it(seed: int) -> None:
    """Its newest value is the number in the first sentence: of goals, of all that are off track or at risk."""
    found = some_week(seed)
    for one in found.answers:
        assert len(one.trend.values) == 8
        if one.question is Question.GOALS:
            assert one.trend.of is TrendOf.GOALS_IN_DANGER
            assert one.trend.values[-1] == sum(goal.health.needs_attention for goal in found.goals)
        elif one.standpoint is not Standpoint.UNKNOWN:
            assert one.trend.of.value == one.reasons[0].fact.value
            assert one.trend.values[-1] == told_by(one.reasons[0])


DECIDED = {
    "untouched": [task(number, made=40) for number in range(12)],
    "questions": [task(1, made=6)],
    "unowned-late": [task(1, owners=(), due=ago(2).date()), task(2)],
    "unowned": [task(2, owners=(), due=TODAY + timedelta(days=9)), task(4)],
    "blocked": [],
    "old": [*many(40), *(task(number, (300, Standing.DOING), made=301) for number in range(12))],
    "bugs": [*(task(number, made=3 + number, labels=("bug",)) for number in range(12)),
             *(task(50 + number, made=32 + number % 20) for number in range(12)), *many(12)],
    "added": [*many(10), *(worked(300 + number, 2, finished=33 + number) for number in range(10)),
              *(task(number, made=9) for number in range(30))],
}  # fmt: skip
"""By what decides one of its answers: a week."""


@pytest.mark.parametrize("fact", DECIDED)
def test_another_figure_is_drawn_where_another_one_decides(fact: str) -> None:
    tasks = [blocked(1), task(2)] if fact == "blocked" else DECIDED[fact]
    asks = (Comment("t1", "p2", ago(4), asks=True),) if fact == "questions" else ()
    found = [one for one in told(*tasks, comments=asks).answers if one.trend.of.value == fact]
    assert [(one.reasons[0].fact.value, one.trend.values[-1]) for one in found] == [
        (fact, told_by(found[0].reasons[0]))
    ]


def test_each_week_counts_what_was_so_at_its_end() -> None:
    moved = task(1, owners=("p1",), made=60, assignments=(Assignment(ago(60), ()), Assignment(ago(16), ("p1",))))
    freed = replace(blocked(2), blockages=(Blockage(ago(30), ago(9), None, Cause.LABEL),), impediments=())
    found = told(moved, freed, goals=(goal(1, 30),))
    trend = {one.trend.of: one.trend.values for one in found.answers}
    assert trend[TrendOf.UNOWNED] == (1, 1, 1, 1, 1, 0, 0, 0)
    assert trend[TrendOf.BLOCKED] == (0, 0, 0, 1, 1, 1, 0, 0)


def test_goals_in_danger_are_those_that_a_report_of_that_week_would_have_told() -> None:
    late = goal(1, -10, start=TODAY - timedelta(days=11))
    found = told(task(1, goals=("g1",), made=60), goals=(late,))
    assert answer(found, Question.GOALS).trend.values[-3:] == (0, 1, 1)
    many_tasks = [worked(5_000 + number, 2, finished=200) for number in range(2_000)]
    large = told(task(1, goals=("g1",), made=60), *many_tasks, goals=(late,))
    assert answer(large, Question.GOALS).trend.values == (*[None] * 5, 0, 1, 1)


def test_a_week_before_anything_was_known_has_no_value() -> None:
    young = replace(PAIR, runs=(PAIR.runs[0], replace(PAIR.runs[1], started_at=ago(20))))
    found = evaluate(Collaboration("Young", (young,), (), (), (task(1),)), WEEK, NOW)
    assert [value is None for value in answer(found, Question.RESOURCES).trend.values] == [True] * 4 + [False] * 4
    made = told(task(1, made=10))
    assert [value is None for value in answer(made, Question.RESOURCES).trend.values] == [True] * 6 + [False] * 2


# --- what changed


def kinds(week: Evaluation) -> dict[str, set[WeekChangeKind]]:
    found: dict[str, set[WeekChangeKind]] = {}
    for change in week.changes:
        found.setdefault(change.subject, set()).add(change.kind)
    return found


def test_goals_are_reached_slip_and_are_replanned() -> None:
    reached = goal(1, 30, closed=True, closed_at=ago(2))
    long_reached = goal(2, 30, closed=True, closed_at=ago(9))
    slipped = goal(3, -1)
    long_late = goal(4, -20)
    replanned = goal(5, 300, due_changes=(DueChange(ago(50), TODAY), DueChange(ago(1), TODAY + timedelta(days=300))))
    goals = (reached, long_reached, slipped, long_late, replanned)
    tasks = [task(number, goals=(one.id,)) for number, one in enumerate(goals)]
    found = kinds(told(*tasks, goals=goals))
    assert found["g1"] == {WeekChangeKind.REACHED}
    assert found["g3"] == {WeekChangeKind.SLIPPED}
    assert WeekChangeKind.REPLANNED in found["g5"]
    assert not {"g2", "g4"} & set(found)


def test_tasks_are_blocked_and_freed() -> None:
    newly, long = blocked(1, days=2), blocked(2, days=30)
    freed = replace(blocked(3), blockages=(Blockage(ago(30), ago(2), None, Cause.LABEL),), impediments=())
    came_and_went = replace(blocked(4), blockages=(Blockage(ago(3), ago(2), None, Cause.LABEL),), impediments=())
    hidden = replace(newly, id="t5", restricted=True)
    found = kinds(told(newly, long, freed, came_and_went, hidden))
    assert found == {"t1": {WeekChangeKind.BLOCKED}, "t3": {WeekChangeKind.UNBLOCKED}}


def test_what_was_there_at_the_first_reading_is_no_change() -> None:
    young = replace(PAIR, runs=(replace(PAIR.runs[1], started_at=ago(3)),))
    found = evaluate(Collaboration("Young", (young,), (Person("p1", "Ada"),), (), (blocked(1, days=2),)), WEEK, NOW)
    assert found.changes == ()


def test_who_is_seen_for_the_first_time_has_joined() -> None:
    old = task(1, author="p1", owners=("p1",))
    fresh = task(2, made=2, author="new", owners=("p1",))
    assert kinds(told(old, fresh))["new"] == {WeekChangeKind.JOINED}
    assert kinds(told(old, replace(fresh, restricted=True))) == {}
    assert kinds(told(replace(old, author="new"), fresh)) == {}
    assert kinds(told(replace(fresh, author="p1"))) == {}  # the project began this week


# --- every headline against every other


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("seed", range(40, 52))
def test_no_headline_contradicts_another(seed: int, language: str) -> None:
    """Answers, decisions, changes, goals, advice, charts and figures tell one story of each goal and each count."""
    found = some_week(seed)
    report = build_report(found, language=language)
    content, metrics = report.content, {metric.id: metric for metric in found.metrics}
    goals = {one.id: one for one in found.goals}
    troubled = {one.id for one in found.goals if one.health.needs_attention}
    # Decisions are about the goals in trouble, and about no other.
    assert {notice.goal for notice in content.notices if notice.goal} <= troubled
    assert len(troubled) == metrics["goals_attention"].value
    # The answer counts what the list of goals shows.
    reasons = {reason.word: reason.n for reason in found.answers[0].reasons if reason.fact is AnswerFact.GOALS}
    assert reasons == {
        health.value: count for health in Health if (count := sum(one.health is health for one in found.goals))
    }
    assert all(row.verdict.startswith(row.health) for row in content.goals)
    # What is said of a goal's change fits its verdict.
    for change in found.changes:
        if change.kind is WeekChangeKind.REACHED:
            assert goals[change.subject].health is Health.REACHED
        if change.kind is WeekChangeKind.SLIPPED:
            assert change.subject in troubled
        if change.kind is WeekChangeKind.RECOVERED:
            assert goals[change.subject].health is not Health.OFF_TRACK
    # Advice to move a date is for goals in trouble.
    assert {one.subject for one in found.advice if one.rule == "replan" and one.subject} <= troubled
    # A figure that misses its target is never behind an answer that says good.
    for metric in found.metrics:
        asked = next((one for one in found.answers if one.question is metric.definition.question), None)
        judged = {reason.fact for reason in asked.reasons} if asked is not None else set()
        if (
            metric.judgement is Judgement.MISSED
            and judged
            and metric.id in {"reopen_rate", "age_over_sle", "stale_open"}
        ):
            assert asked is not None
            assert asked.standpoint is Standpoint.PROBLEM
    # The one edit that helps a goal is the same in the goal's details and in the advice.
    edits = {row.figures.id: row.edit for row in content.goals}
    for advice in found.advice:
        if advice.part is not None:
            assert edit(advice.part, content.language) in edits[advice.subject]
    # Every format says the same words.
    page, text = re.sub(r"\s+", "", report.html), re.sub(r"\s+", "", report.text)
    for row in content.answers:
        assert re.sub(r"\s+", "", row.sentence) in text
        assert re.sub(r"\s+", "", f"<b>{row.question}</b>") in page


def test_generated_weeks_differ_enough_to_compare() -> None:
    """Else the test above would compare nothing."""
    weeks = [some_week(seed) for seed in range(40, 52)]
    seen = {one.standpoint for found in weeks for one in found.answers}
    assert seen == set(Standpoint)
    assert {one.health for found in weeks for one in found.goals} >= set(Health)
