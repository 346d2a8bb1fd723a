"""The rules on people, flow and the sync: where they fire, where a guard keeps them silent, and what they foresee."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from syncer.contract.model import Account
from syncer.contract.roster import ComponentLead
from syncer.core.responsibility import Declarations, Party, Profile
from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.report.metrics.resources import RACI_GAPS
from syncer.report.metrics.smoothness import REVIEW_SHARE
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Person, Task, WaitingConflict
from syncer.report.model.evaluation import Advice, AdviceRule, Evaluation
from syncer.report.model.sync_run import SyncRun
from syncer.report.model.timeline import Assignment, StatusVisit
from tests.unit.report.responsibility.test_table import told
from tests.unit.report.test_advice import HISTORY, WELL_SET
from tests.unit.report.test_load import busy, limit
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked


def week(
    *tasks: Task, people: tuple[Profile, ...] = (), history: tuple[Task, ...] = HISTORY, **parts: Any
) -> Evaluation:
    values: dict[str, Any] = {"pairs": (PAIR,), "people": (Person("a", "Ann"), Person("b", "Ben")), "goals": ()}
    values |= {"declared": Declarations(people, (), "r.toml"), "tasks": (*history, *tasks)}
    return evaluate(Collaboration("Made up", **(values | parts)), WEEK, NOW)


def given(found: Evaluation, rule: AdviceRule) -> Advice | None:
    return next((one for one in found.advice if one.rule is rule), None)


# --- rebalance


CROWD = tuple(busy(number, "a", components=("api",)) for number in range(4))
KNOWS = tuple(worked(100 + number, 2, finished=30, owners=("b",), components=("api",)) for number in range(2))
BOTH = (limit("a", 2), limit("b", 4))


def test_who_has_too_much_hands_over_to_who_knows_the_component_and_has_room() -> None:
    found = given(week(*CROWD, *KNOWS, people=BOTH), AdviceRule.REBALANCE)
    assert found is not None
    assert (found.names, found.count) == (("Ann", "Ben"), 2)  # four of two: two too many, and Ben has room for four
    assert len(found.evidence) == 2


@pytest.mark.parametrize(
    "people",
    [
        (limit("a", 4), limit("b", 4)),  # not too much
        (limit("a", 2),),  # nobody knows what Ben can take on
        (limit("a", 2), limit("b", 4, party=Party.SUPPLIER)),  # of another party
    ],
)
def test_nothing_is_moved_without_reason_or_room(people: tuple[Profile, ...]) -> None:
    assert given(week(*CROWD, *KNOWS, people=people), AdviceRule.REBALANCE) is None


def test_nothing_is_moved_to_who_does_not_know_it_or_is_busy() -> None:
    elsewhere = tuple(replace(one, components=("web",)) for one in KNOWS)
    assert given(week(*CROWD, *elsewhere, people=BOTH), AdviceRule.REBALANCE) is None
    full = tuple(busy(200 + number, "b") for number in range(3))  # three of four is over 70 %
    assert given(week(*CROWD, *KNOWS, *full, people=BOTH), AdviceRule.REBALANCE) is None


def test_one_week_of_too_much_moves_nothing() -> None:
    late = tuple(busy(number, "a", since=3, components=("api",)) for number in range(4))
    assert given(week(*late, *KNOWS, people=BOTH), AdviceRule.REBALANCE) is None


def test_the_chance_of_the_goal_is_simulated_with_the_new_owner() -> None:
    """Nine tasks wait for the one hand of Ann; with a part of them Ben begins at once."""
    goal = replace(WELL_SET, due=(NOW + timedelta(days=40)).date())
    crowd = tuple(busy(number, "a", since=15 + number, components=("api",), goals=("goal",)) for number in range(3))
    queue = tuple(task(50 + number, owners=("a",), components=("api",), goals=("goal",)) for number in range(6))
    found = given(
        week(*crowd, *queue, *KNOWS, people=(limit("a", 1), limit("b", 9)), goals=(goal,)), AdviceRule.REBALANCE
    )
    assert found is not None
    assert found.expected is not None
    assert found.expected.metric is None
    assert 0 <= found.expected.now < found.expected.then <= 1


# --- replan: what to take out


def test_the_fewest_tasks_are_named_without_which_the_date_holds() -> None:
    goal = replace(WELL_SET, due=(NOW + timedelta(days=23)).date())
    tasks = tuple(task(number, owners=("a",), goals=("goal",), due=goal.due) for number in range(9))
    found = given(week(*tasks, goals=(goal,)), AdviceRule.REPLAN)
    assert found is not None
    assert found.expected is not None
    assert found.expected.now < 0.5
    assert found.expected.then >= 0.8
    out = {one.task for one in found.evidence}
    left = [one for one in tasks if one.id not in out]
    (again,) = week(*left, goals=(goal,)).goals
    assert again.forecast is not None
    assert again.forecast.p_on_time == pytest.approx(found.expected.then, abs=0.05)
    one_more = week(*left, *[one for one in tasks if one.id in out][:1], goals=(goal,)).goals[0]
    assert one_more.forecast is not None
    assert (one_more.forecast.p_on_time or 0) < 0.8


def test_nobody_is_told_to_drop_most_of_a_goal() -> None:
    """Of nine tasks three at most: what needs more than that needs another date."""
    goal = replace(WELL_SET, due=(NOW + timedelta(days=6)).date())
    tasks = tuple(task(number, owners=("a",), goals=("goal",), due=goal.due) for number in range(9))
    found = given(week(*tasks, goals=(goal,)), AdviceRule.REPLAN)
    assert found is not None
    assert found.expected is None


# --- limit


def rising(*counts: int) -> list[Task]:
    """Tasks in progress three, two and one weeks ago and now: so many, none of them finished."""
    begun = [counts[0], *(after - before for before, after in pairwise(counts))]
    ages = (25.0, 18.0, 11.0, 4.0)
    days = [age for age, count in zip(ages, begun, strict=True) for _ in range(count)]
    return [busy(500 + number, f"p{number % 2}", since=age) for number, age in enumerate(days)]


def test_more_begun_and_no_more_finished_asks_for_a_limit() -> None:
    done = tuple(worked(900 + number, 0.5, finished=16.2 + number % 10) for number in range(12))
    found = given(week(*rising(2, 3, 5, 7), history=done), AdviceRule.LIMIT)
    assert found is not None
    assert (found.number, found.count) == (2, 7)
    assert found.expected is None  # it would be the limit told again


def test_a_limit_leaves_everybody_one_task() -> None:
    done = tuple(worked(900 + number, 0.5, finished=16.2 + number % 10) for number in range(12))
    each = [replace(one, owners=(f"p{number}",)) for number, one in enumerate(rising(1, 2, 3, 6))]
    assert given(week(*each, history=done), AdviceRule.LIMIT) is None
    shared = [replace(one, owners=(f"p{number % 4}",)) for number, one in enumerate(rising(1, 2, 3, 6))]
    found = given(week(*shared, history=done), AdviceRule.LIMIT)
    assert found is not None
    assert found.number == 4


def test_no_limit_where_work_flows_or_did_not_rise() -> None:
    done = tuple(worked(900 + number, 0.5, finished=16.2 + number % 10) for number in range(12))
    more = tuple(worked(950 + number, 1, finished=1 + number % 10) for number in range(13))
    assert given(week(*rising(2, 3, 5, 7), history=(*done, *more)), AdviceRule.LIMIT) is None
    assert given(week(*rising(2, 3, 3, 7), history=done), AdviceRule.LIMIT) is None
    assert given(week(*rising(2, 3, 5, 7), history=done[:9]), AdviceRule.LIMIT) is None


# --- review


def in_review(number: int, days: float = 5) -> Task:
    visits = (StatusVisit(ago(60), "To Do"), StatusVisit(ago(20), "In Progress"), StatusVisit(ago(days), "In Review"))
    return busy(number, f"p{number}", visits=visits)


def working(number: int) -> Task:
    return busy(number, f"p{number}", visits=(StatusVisit(ago(60), "To Do"), StatusVisit(ago(20), "In Progress")))


def test_a_queue_for_review_is_acted_on_when_it_is_surely_too_long() -> None:
    """Wilson of 8 of 15: 30 % to 75 %; of 6 of 15: 20 % to 64 %."""
    long_queue = [*(in_review(n, 5 + n) for n in range(8)), *(working(20 + n) for n in range(7))]
    found = week(*long_queue)
    metric = found.metric(REVIEW_SHARE)
    assert (metric.value, metric.n, metric.detail) == (pytest.approx(8 / 15), 15, ("In Review",))
    assert metric.interval is not None
    assert (metric.interval.low, metric.interval.high) == (
        pytest.approx(0.301, abs=0.001),
        pytest.approx(0.752, abs=0.001),
    )
    advice = given(found, AdviceRule.REVIEW)
    assert advice is not None
    assert advice.evidence[0].title == "Task 7"  # the longest
    shorter = [*(in_review(n) for n in range(6)), *(working(20 + n) for n in range(9))]
    assert given(week(*shorter), AdviceRule.REVIEW) is None


# --- estimate


def estimated(ratio: float) -> tuple[Task, ...]:
    made = [worked(700 + number, 1, finished=1 + number) for number in range(12)]
    return tuple(replace(one, estimate_hours=10.0, spent_hours=ratio * 10 + number % 3)
                 for number, one in enumerate(made))  # fmt: skip


def test_estimates_are_corrected_when_the_interval_excludes_one() -> None:
    found = given(week(task(1), history=estimated(2.0)), AdviceRule.ESTIMATE)
    assert found is not None
    assert found.number == pytest.approx(2.1)
    assert given(week(task(1), history=estimated(0.9)), AdviceRule.ESTIMATE) is None


# --- drift


def conflict(number: int, days: float, field: str = "status", settled: float | None = None) -> WaitingConflict:
    return WaitingConflict(number, "pair", f"Task {number}", (), field, "a", "b", ago(days),
                           settled_at=None if settled is None else ago(settled))  # fmt: skip


BUSY_PAIR = replace(PAIR, runs=(*(SyncRun(ago(days), ago(days), "clean", 5) for days in (1, 2, 3, 9)), PAIR.runs[-1]))


def test_a_field_both_sides_change_again_and_again_is_settled() -> None:
    """Four conflicts for fifteen changes: at least 11 %. Of two fields two each is chance."""
    past = (conflict(1, 2, settled=1), conflict(2, 3, settled=2), conflict(3, 4, settled=1))
    found = given(week(pairs=(BUSY_PAIR,), conflicts=(conflict(4, 1),), past_conflicts=past), AdviceRule.DRIFT)
    assert found is not None
    assert (found.names, found.count) == (("pair", "status"), 4)
    mixed = (conflict(1, 2, "title", 1), conflict(2, 3, "title", 2), conflict(3, 4, settled=1))
    assert given(week(pairs=(BUSY_PAIR,), conflicts=(conflict(4, 1),), past_conflicts=mixed), AdviceRule.DRIFT) is None
    older = tuple(replace(one, opened_at=ago(8)) for one in past)
    assert given(week(pairs=(BUSY_PAIR,), past_conflicts=older), AdviceRule.DRIFT) is None


# --- responsibilities


SIDE = told(lead=Account("ann-id", "Ann"))
NOBODYS = tuple(Goal(name, "pair", GoalKind.EPIC, name, (), due=date(2027, 6, 1)) for name in ("Books", "Ledger"))


def test_unsettled_responsibilities_name_their_scopes_and_who_leads() -> None:
    found = given(week(task(1, owners=("b",)), rosters=(SIDE,), goals=NOBODYS), AdviceRule.RACI)
    assert found is not None
    assert [scope.name for scope in found.scopes] == ["Books", "Ledger"]
    assert found.expected is not None
    assert (found.expected.metric, found.expected.now, found.expected.then) == (RACI_GAPS, 2, 0)


def test_settled_gaps_are_told_as_taken_with_their_figure() -> None:
    before = told(components=(ComponentLead("Ledger"),))
    after = told(since=1, lead=Account("ann-id", "Ann"), components=(ComponentLead("Ledger"),))
    found = week(task(1, owners=("b",)), rosters=(before, after))
    (one,) = [one for one in found.follow_up if one.advice.rule is AdviceRule.RACI]
    assert (one.taken, one.before, one.now, one.weeks_ago) == (True, 1, 0, 1)


def test_a_critical_task_wants_a_second_person() -> None:
    goal = Goal("goal", "pair", GoalKind.EPIC, "Launch", (), ("a",), due=date(2027, 2, 1))
    found = given(week(task(1, owners=("a",), components=("api",), goals=("goal",)), goals=(goal,)), AdviceRule.COVER)
    assert found is not None
    assert found.owners == ("Ann",)
    assert [one.title for one in found.evidence] == ["Task 1"]


# --- followed up


def test_advice_of_two_weeks_ago_is_still_told_once() -> None:
    """Too much until eight days ago: advised for the week before last, and not since."""
    moved = [replace(one, owners=("b",), assignments=(Assignment(ago(60), ("a",)), Assignment(ago(8), ("b",))))
             for one in CROWD]  # fmt: skip
    found = week(*moved, *KNOWS, people=(limit("a", 2), limit("b", 9)))
    told_of = [one for one in found.follow_up if one.advice.rule is AdviceRule.REBALANCE]
    assert [(one.taken, one.weeks_ago, one.before, one.now) for one in told_of] == [(True, 2, 1, 0)]


def everything() -> Evaluation:
    goal = replace(WELL_SET, due=(NOW + timedelta(days=6)).date())
    tasks = tuple(task(300 + number, owners=("a",), goals=("goal",), due=goal.due) for number in range(4))
    return week(*CROWD, *KNOWS, *tasks, people=BOTH, rosters=(SIDE,), goals=(goal, *NOBODYS))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_format_tells_the_expected_effect(language: str) -> None:
    report = build_report(everything(), language=language)
    effects = [row.expected for row in report.content.advice if row.expected]
    assert effects
    for effect in effects:
        for text in (report.html, report.mail_html, report.text, report.markdown):
            assert "".join(effect.split())[:10] in "".join(text.split())


def test_nobody_is_named_but_to_hand_work_over() -> None:
    named = {one.rule for one in everything().advice if {"Ann", "Ben"} & set(one.names)}
    assert named <= {AdviceRule.REBALANCE}
