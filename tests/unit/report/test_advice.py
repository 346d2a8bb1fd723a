"""Each rule where it fires and where its guard keeps it silent; what became of last week's advice."""

from dataclasses import replace
from datetime import date, timedelta

from syncer.report.evaluate import evaluate
from syncer.report.evaluation import Advice, Evaluation, Part, Rule
from syncer.report.metric import MetricId
from syncer.report.model import Collaboration, Comment, Criterion, Goal, GoalKind, Reader, Task
from syncer.report.readers import shown_to
from syncer.report.steps import Assignment, Blockage, Standing, Transition
from tests.unit.report.test_measures import NOW, PAIR, WEEK, ago, task, worked

HISTORY = tuple(worked(1_000 + number, number % 5 + 1, finished=20) for number in range(50))
WELL_SET = Goal(
    "goal", "pair", GoalKind.MILESTONE, "Launch", (), ("p1",), date(2026, 11, 1), True, date(2027, 3, 1),
    criteria=(Criterion("a", True), Criterion("b", True)),
)  # fmt: skip


def week(*tasks: Task, goal: Goal = WELL_SET, **parts: object) -> Evaluation:
    whole = Collaboration("Made up", (PAIR,), (), (goal,), (*HISTORY, *tasks), **parts)  # type: ignore[arg-type]
    return evaluate(whole, WEEK, NOW)


def given(found: Evaluation, rule: Rule) -> Advice | None:
    return next((one for one in found.advice if one.rule is rule), None)


def needed(number: int, **changes: object) -> Task:
    return task(number, goals=("goal",), due=date(2027, 2, 1), **changes)


def test_when_all_is_well_nothing_is_advised() -> None:
    assert week(needed(1)).advice == ()


def test_a_goal_that_will_rather_miss_its_date_is_planned_anew() -> None:
    soon = replace(WELL_SET, due=(NOW + timedelta(days=5)).date())
    crowd = [replace(needed(number, owners=("a",)), due=soon.due) for number in range(9)]
    found = given(week(*crowd, goal=soon), Rule.REPLAN)
    assert found is not None
    assert found.owners == ("p1",)
    assert found.day is not None
    assert soon.due is not None
    assert found.day > soon.due
    assert found.evidence


def test_one_task_that_decides_gets_more_hands() -> None:
    soon = replace(WELL_SET, due=(NOW + timedelta(days=3)).date())  # 3.5 days: 1, 2 or 3 of 5
    found = given(week(replace(needed(1), due=soon.due), goal=soon), Rule.CRITICAL)
    assert found is not None
    assert [one.title for one in found.evidence] == ["Task 1"]


def test_a_ring_of_dependencies_is_named() -> None:
    found = given(week(needed(1, waits_for=("t2",)), needed(2, waits_for=("t1",))), Rule.CYCLE)
    assert found is not None
    assert found.count == 2


def test_blocked_for_more_than_three_days_and_not_less() -> None:
    assert given(week(needed(1, blockages=(Blockage(ago(3.1), None),))), Rule.UNBLOCK) is not None
    assert given(week(needed(1, blockages=(Blockage(ago(2.9), None),))), Rule.UNBLOCK) is None
    assert given(week(needed(1, blockages=(Blockage(ago(9), ago(1)),))), Rule.UNBLOCK) is None


def test_an_unanswered_question_is_to_be_answered_by_its_owner() -> None:
    found = given(week(needed(1, owners=("li",)), comments=(Comment("t1", "p9", ago(3), asks=True),)), Rule.ANSWER)
    assert found is not None
    assert found.owners == ("li",)


def test_what_a_dated_goal_needs_wants_an_owner() -> None:
    found = given(week(needed(1, owners=())), Rule.OWN)
    assert found is not None
    assert found.owners == ("p1",)
    assert given(week(task(1, owners=())), Rule.OWN) is None  # no goal, not late
    assert given(week(needed(1, owners=(), made=2)), Rule.OWN) is None  # new


def test_a_rate_is_acted_on_only_when_its_whole_interval_is_beyond_the_target() -> None:
    many = [worked(number, 1, finished=10) for number in range(20)]
    back = [task(100 + number, (12, Standing.DONE), (9, Standing.DOING)) for number in range(8)]
    assert given(week(*many, *back), Rule.DONE) is not None  # 8 of 78: 5 % is below 5.3 %
    assert given(week(*many, *back[:5]), Rule.DONE) is None


def test_old_work_stops_new_work() -> None:
    old = [task(number, (30, Standing.DOING)) for number in range(10)]
    assert given(week(*old), Rule.AGE) is not None


def test_a_goal_without_a_date_is_first_given_one() -> None:
    found = given(week(goal=replace(WELL_SET, due=None, criteria=())), Rule.SMART)
    assert found is not None
    assert found.part is Part.TIMED


def test_there_are_never_more_than_six_and_what_saves_most_comes_first() -> None:
    goals = tuple(replace(WELL_SET, id=f"g{number}", due=None) for number in range(20))
    whole = Collaboration("Many", (PAIR,), (), goals, (*HISTORY, needed(1, waits_for=("t2",)),
                                                        needed(2, waits_for=("t1",))))  # fmt: skip
    found = evaluate(whole, WEEK, NOW).advice
    assert len(found) == 6
    assert found[0].rule is Rule.CYCLE


# --- last week's


def test_advice_is_followed_up_with_its_figure() -> None:
    """Unowned until yesterday: advised for last week, and not any more."""
    taken = needed(1, owners=("li",), assignments=(Assignment(ago(60), ()), Assignment(ago(1), ("li",))))
    found = week(taken)
    (one,) = found.follow_up
    assert (one.advice.rule, one.taken) == (Rule.OWN, True)
    assert (one.metric, one.before, one.now) == (MetricId.UNOWNED_OPEN, 1, 0)
    assert given(found, Rule.OWN) is None


def test_advice_that_still_stands_grows_older() -> None:
    found = week(needed(1, owners=()))
    (one,) = found.follow_up
    assert (one.advice.rule, one.taken, one.now) == (Rule.OWN, False, 1)
    again = given(found, Rule.OWN)
    assert again is not None
    assert again.weeks_open == 3


def test_what_was_never_read_was_never_advised() -> None:
    first_read = replace(PAIR, runs=PAIR.runs[:1])
    whole = Collaboration("New", (first_read,), (), (WELL_SET,), (*HISTORY, needed(1, owners=())))
    found = evaluate(whole, WEEK, NOW)
    assert found.follow_up == ()
    assert [one.weeks_open for one in found.advice] == [1]


def test_a_first_report_follows_no_advice_up_though_the_trackers_told_their_past() -> None:
    """The histories reach back for months; nobody was told anything before the first sync."""
    first_read = replace(PAIR, runs=PAIR.runs[:1], past_known=True)
    whole = Collaboration("New", (first_read,), (), (WELL_SET,), (*HISTORY, needed(1, owners=())))
    found = evaluate(whole, WEEK, NOW)
    assert found.follow_up == ()
    assert [one.weeks_open for one in found.advice] == [1]


def test_runs_that_are_too_old_to_be_listed_were_told_all_the_same() -> None:
    long_synced = replace(PAIR, runs=PAIR.runs[:1], synced_since=ago(90), past_known=True)
    whole = Collaboration("Busy", (long_synced,), (), (WELL_SET,), (*HISTORY, needed(1, owners=())))
    assert [one.advice.rule for one in evaluate(whole, WEEK, NOW).follow_up] == [Rule.OWN]


def test_new_advice_is_one_week_old() -> None:
    found = given(week(needed(1, owners=(), assignments=(Assignment(ago(60), ("li",)), Assignment(ago(2), ())))),
                  Rule.OWN)  # fmt: skip
    assert found is not None
    assert found.weeks_open == 1


def test_a_past_week_gives_the_same_advice_and_follow_up_whatever_happened_since() -> None:
    before = WEEK.earlier(1)
    open_then = needed(1, owners=(), blockages=(Blockage(ago(30), None),))
    whole = Collaboration("Past", (PAIR,), (), (WELL_SET,), (*HISTORY, open_then))
    later = replace(
        open_then,
        owners=("li",),
        assignments=(Assignment(ago(60), ()), Assignment(ago(2), ("li",))),
        blockages=(Blockage(ago(30), ago(1)),),
        standing=Standing.DONE,
        finished=ago(0.5),
        transitions=(*open_then.transitions, Transition(ago(0.5), Standing.DONE)),
    )
    grown = replace(whole, tasks=(*HISTORY, later, needed(9, made=0.3)), comments=(Comment("t1", "p2", ago(1)),))
    then, now = evaluate(whole, before, NOW), evaluate(grown, before, NOW)
    assert now.advice == then.advice
    assert now.follow_up == then.follow_up
    assert {one.rule for one in then.advice} == {Rule.OWN, Rule.UNBLOCK}
    assert [metric.value for metric in now.metrics] == [metric.value for metric in then.metrics]


def test_a_client_gets_no_advice_for_the_team() -> None:
    shown = shown_to(week(needed(1, owners=())), Reader.CLIENT)
    assert (shown.advice, shown.follow_up) == ((), ())
