"""Each rule where it fires and where its guard keeps it silent; what became of last week's advice."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from syncer.report import build_report
from syncer.report.advice.effect import outcome
from syncer.report.editions import shown_to
from syncer.report.evaluate import evaluate
from syncer.report.metrics.communication import STALE_OPEN
from syncer.report.metrics.resources import UNOWNED_OPEN
from syncer.report.model.collaboration import (
    Collaboration,
    Comment,
    Criterion,
    Goal,
    GoalKind,
    Impediment,
    Reader,
    Task,
)
from syncer.report.model.evaluation import Advice, AdviceOutcome, AdviceRule, Evaluation, FollowUp
from syncer.report.model.goal import SmartCriterion
from syncer.report.model.metric import MetricDefinition
from syncer.report.model.timeline import Assignment, Blockage, Cause, DueChange, Standing, StandingChange
from syncer.report.model.window import Window
from syncer.report.render import language
from syncer.report.render.phrases.advice import advice_row, follow_up_row
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked

HISTORY = tuple(worked(1_000 + number, number % 5 + 1, finished=20) for number in range(50))
WELL_SET = Goal(
    "goal", "pair", GoalKind.MILESTONE, "Launch", (), ("p1",), date(2026, 11, 1), True, date(2027, 3, 1),
    criteria=(Criterion("a", True), Criterion("b", True)),
)  # fmt: skip


def week(*tasks: Task, goal: Goal = WELL_SET, **parts: object) -> Evaluation:
    whole = Collaboration("Made up", (PAIR,), (), (goal,), (*HISTORY, *tasks), **parts)  # type: ignore[arg-type]
    return evaluate(whole, WEEK, NOW)


def given(found: Evaluation, rule: AdviceRule) -> Advice | None:
    return next((one for one in found.advice if one.rule is rule), None)


def needed(number: int, **changes: object) -> Task:
    return task(number, goals=("goal",), due=date(2027, 2, 1), **changes)


def test_when_all_is_well_nothing_is_advised() -> None:
    assert week(needed(1)).advice == ()


def test_a_goal_that_will_rather_miss_its_date_is_planned_anew() -> None:
    soon = replace(WELL_SET, due=(NOW + timedelta(days=5)).date())
    crowd = [replace(needed(number, owners=("a",)), due=soon.due) for number in range(9)]
    found = given(week(*crowd, goal=soon), AdviceRule.REPLAN)
    assert found is not None
    assert found.owners == ("p1",)
    assert found.day is not None
    assert soon.due is not None
    assert found.day > soon.due
    assert found.evidence


def test_one_task_that_decides_gets_more_hands() -> None:
    soon = replace(WELL_SET, due=(NOW + timedelta(days=3)).date())  # 3.5 days: 1, 2 or 3 of 5
    found = given(week(replace(needed(1), due=soon.due), goal=soon), AdviceRule.CRITICAL)
    assert found is not None
    assert [one.title for one in found.evidence] == ["Task 1"]
    assert advice_row(found, language("en")).text.startswith("“Task 1” decides when “")


def test_a_ring_of_dependencies_is_named() -> None:
    found = given(week(needed(1, waits_for=("t2",)), needed(2, waits_for=("t1",))), AdviceRule.CYCLE)
    assert found is not None
    assert found.count == 2


def test_blocked_for_more_than_three_days_and_not_less() -> None:
    assert given(week(needed(1, blockages=(Blockage(ago(3.1), None),))), AdviceRule.UNBLOCK) is not None
    assert given(week(needed(1, blockages=(Blockage(ago(2.9), None),))), AdviceRule.UNBLOCK) is None
    assert given(week(needed(1, blockages=(Blockage(ago(9), ago(1)),))), AdviceRule.UNBLOCK) is None


def test_an_unanswered_question_is_to_be_answered_by_its_owner() -> None:
    found = given(
        week(needed(1, owners=("li",)), comments=(Comment("t1", "p9", ago(3), asks=True),)), AdviceRule.ANSWER
    )
    assert found is not None
    assert found.owners == ("li",)


def test_a_remark_of_who_asked_answers_nothing_and_somebody_else_does() -> None:
    asked = (Comment("t1", "p9", ago(3), asks=True), Comment("t1", "p9", ago(2.5)))
    assert given(week(needed(1, owners=("li",)), comments=asked), AdviceRule.ANSWER) is not None
    answered = (*asked, Comment("t1", "li", ago(2)))
    assert given(week(needed(1, owners=("li",)), comments=answered), AdviceRule.ANSWER) is None


def test_what_a_dated_goal_needs_wants_an_owner() -> None:
    found = given(week(needed(1, owners=())), AdviceRule.OWN)
    assert found is not None
    assert found.owners == ("p1",)
    assert given(week(task(1, owners=())), AdviceRule.OWN) is None  # no goal, not late
    assert given(week(needed(1, owners=(), made=2)), AdviceRule.OWN) is None  # new


def test_a_rate_is_acted_on_only_when_its_whole_interval_is_beyond_the_target() -> None:
    many = [worked(number, 1, finished=10) for number in range(20)]
    back = [task(100 + number, (12, Standing.DONE), (9, Standing.DOING)) for number in range(8)]
    assert given(week(*many, *back), AdviceRule.DONE) is not None  # 8 of 78: 5 % is below 5.3 %
    assert given(week(*many, *back[:5]), AdviceRule.DONE) is None


def test_old_work_stops_new_work() -> None:
    old = [task(number, (30, Standing.DOING)) for number in range(10)]
    assert given(week(*old), AdviceRule.AGE) is not None


def test_a_goal_without_a_date_is_first_given_one() -> None:
    found = given(week(goal=replace(WELL_SET, due=None, criteria=())), AdviceRule.SMART)
    assert found is not None
    assert found.part is SmartCriterion.TIMED


def test_there_are_never_more_than_six_nor_two_of_a_rule_and_what_saves_most_comes_first() -> None:
    goals = tuple(replace(WELL_SET, id=f"g{number}", due=None) for number in range(20))
    whole = Collaboration("Many", (PAIR,), (), goals, (*HISTORY, needed(1, waits_for=("t2",)),
                                                        needed(2, waits_for=("t1",))))  # fmt: skip
    found = evaluate(whole, WEEK, NOW).advice
    assert len(found) <= 6
    assert max(Counter(one.rule for one in found).values()) == 2
    assert found[0].rule is AdviceRule.CYCLE


def test_several_late_goals_are_one_advice_that_names_them() -> None:
    soon = (NOW + timedelta(days=3)).date()
    goals = tuple(replace(WELL_SET, id=f"g{number}", title=f"Goal {number}", due=soon) for number in range(4))
    crowd = [task(number, owners=("a",), goals=(f"g{number % 4}",), due=soon) for number in range(24)]
    found = evaluate(Collaboration("Late", (PAIR,), (), goals, (*HISTORY, *crowd)), WEEK, NOW)
    (one,) = [advice for advice in found.advice if advice.rule is AdviceRule.REPLAN]
    assert (one.subject, one.count, set(one.names)) == ("", 4, {goal.title for goal in goals})
    content = build_report(found).content
    assert {notice.goal for notice in content.notices if "Move its date" in notice.text} == {"g0", "g1", "g2", "g3"}
    assert one.id not in {row.id for row in content.advice}  # each of the decisions says it


def test_late_goals_that_are_decided_above_are_not_advised_again() -> None:
    soon = (NOW + timedelta(days=3)).date()
    goals = tuple(replace(WELL_SET, id=f"g{number}", title=f"Goal {number:02}", due=soon) for number in range(12))
    crowd = [task(number, owners=("a",), goals=(f"g{number % 12}",), due=soon) for number in range(48)]
    found = evaluate(Collaboration("Late", (PAIR,), (), goals, (*HISTORY, *crowd)), WEEK, NOW)
    content = build_report(found).content
    decided = {goal.title for goal in goals if goal.id in {notice.goal for notice in content.notices}}
    (row,) = [one for one in content.advice if "will probably be late" in one.text]
    assert len(decided) == 8
    assert row.text.startswith("Besides the decisions above, 4 more goals will probably be late: Goal ")
    assert not any(title in row.text for title in decided)


def test_a_day_since_which_something_is_blocked_is_the_same_in_each_line_or_in_none() -> None:
    """What was flagged when a task was first seen may be older: its day is not told, nor that of a younger one."""
    flagged, labelled = (
        needed(number, made=made, blockages=(Blockage(ago(since), None, None, cause),))
        for number, made, since, cause in ((1, 30, 30, Cause.FLAG), (2, 30, 12, Cause.LABEL))
    )
    both, one = (" ".join(build_report(week(*some)).text.split()) for some in ((flagged, labelled), (labelled,)))
    assert "2 tasks have been blocked for more than three days: decide who clears it." in both
    assert "2 of 2 open tasks are blocked." in both
    assert "the first since" not in both
    assert "is blocked, since 8 Nov" in one
    assert "1 task has been blocked since 8 Nov" in one
    assert "labelled as blocked (since 8 Nov)" in one


def test_days_in_lists_are_those_of_the_reports_time_zone() -> None:
    """Eight in the evening in London is the next day in Shanghai."""
    zone = ZoneInfo("Asia/Shanghai")
    evening = datetime(2026, 11, 9, 20, tzinfo=UTC)
    blocked = needed(1, blockages=(Blockage(evening, None, None, Cause.LABEL),),
                     impediments=(Impediment(Cause.LABEL, since=evening),))  # fmt: skip
    done = task(2, (3, Standing.DOING), (0, Standing.DONE))
    done = replace(done, transitions=(*done.transitions[:-1], StandingChange(evening + timedelta(7), Standing.DONE)))
    whole = Collaboration("Made up", (PAIR,), (), (WELL_SET,), (*HISTORY, blocked, done))
    found = evaluate(whole, Window(2026, 47, zone), NOW)
    said = " ".join(build_report(found).text.split())
    assert "labelled as blocked (since 10 Nov)" in said
    assert "1 task has been blocked since 10 Nov" in said
    assert [line.finished.date().day for line in found.finished if line.finished] == [17]


def test_a_flag_beside_a_label_of_its_kind_is_told_by_its_kind() -> None:
    stops = tuple(Blockage(ago(days), None, kind, cause) for days, kind, cause in
                  ((9, None, Cause.FLAG), (5, "external", Cause.LABEL)))  # fmt: skip
    found = given(week(needed(1, blockages=stops, made=30)), AdviceRule.UNBLOCK)
    assert found is not None
    assert found.subject == "external"
    assert "ask whoever it waits for" in advice_row(found, language("en")).text


def test_what_is_blocked_says_by_what_since_when_and_what_helps() -> None:
    stop = Blockage(ago(12), None, "external", Cause.STATUS)
    waiting = needed(1, status="Waiting for client", blockages=(stop,),
                     impediments=(Impediment(Cause.STATUS, "external", since=ago(12)),))  # fmt: skip
    found = given(week(waiting), AdviceRule.UNBLOCK)
    assert found is not None
    assert (found.since, found.names) == (ago(12).date(), ("external", "Waiting for client"))
    said = " ".join(build_report(week(waiting)).text.split())
    assert "blocked since 8 Nov (Waiting for client): ask whoever it waits for" in said


def test_what_nobody_touched_for_three_months_is_closed_or_taken_up() -> None:
    assert given(week(needed(1, made=100)), AdviceRule.DROP) is not None
    assert given(week(needed(1, made=80)), AdviceRule.DROP) is None
    assert given(week(needed(1, made=100), comments=(Comment("t1", "p9", ago(3)),)), AdviceRule.DROP) is None


def test_a_late_goal_that_gets_tasks_every_week_stops_getting_more() -> None:
    soon = replace(WELL_SET, due=(NOW + timedelta(days=5)).date())
    growing = [needed(number, owners=("a",), made=2 + number) for number in range(28)]
    found = given(week(*growing, goal=soon), AdviceRule.SCOPE)
    assert found is not None
    assert found.number == pytest.approx(7, abs=1)


# --- last week's


def test_advice_whose_reason_went_by_itself_is_not_told_as_taken() -> None:
    """Nobody's task was finished without ever having an owner."""
    done = task(1, (2, Standing.DONE), goals=("goal",), due=date(2027, 2, 1), owners=())
    (one,) = week(done).follow_up
    assert (one.advice.rule, one.outcome) == (AdviceRule.OWN, AdviceOutcome.SETTLED)


def test_a_goal_that_got_worse_is_not_told_as_done() -> None:
    """A week ago one task decided; since then a crowd was added, and its date will be missed."""
    soon = replace(WELL_SET, due=(NOW + timedelta(days=3)).date())
    first = replace(needed(1, owners=("a",)), due=soon.due)
    crowd = [needed(10 + number, owners=("a",), made=2) for number in range(12)]
    told = [one for one in week(first, *crowd, goal=soon).follow_up if one.advice.rule is AdviceRule.CRITICAL]
    assert all(one.outcome is not AdviceOutcome.TAKEN for one in told)
    advice = Advice(AdviceRule.CRITICAL, "goal", "Launch", (), (), 1, 1.0)
    replan = Advice(AdviceRule.REPLAN, "goal", "Launch", (), (), 12, 9.0)
    assert outcome(advice, cast(Any, None), cast(Any, None), [replan]) is AdviceOutcome.WORSE


def test_a_part_of_a_week_is_not_compared_with_a_whole_one() -> None:
    blocked = needed(1, blockages=(Blockage(ago(30), None),))
    (one,) = [told for told in week(blocked).follow_up if told.advice.rule is AdviceRule.UNBLOCK]
    assert WEEK.end > NOW
    assert (one.outcome, one.before, one.now) == (AdviceOutcome.OPEN, None, None)
    whole = Collaboration("Whole", (PAIR,), (), (WELL_SET,), (*HISTORY, blocked))
    (one,) = [told for told in evaluate(whole, WEEK, WEEK.end).follow_up if told.advice.rule is AdviceRule.UNBLOCK]
    assert (one.before, one.now) == (pytest.approx(7), pytest.approx(7))


def test_to_replan_several_goals_is_to_do_as_long_as_one_of_them_is_late() -> None:
    """It is one advice about many: what became of it is told by the goals it named."""
    soon = (NOW + timedelta(days=3)).date()
    later = (DueChange(ago(60), soon), DueChange(ago(1), soon + timedelta(days=400)))
    moved = {"due": soon + timedelta(days=400), "due_changes": later}
    for changes, became in (((), AdviceOutcome.OPEN), ((0,), AdviceOutcome.OPEN), (range(4), AdviceOutcome.TAKEN)):
        goals = [replace(WELL_SET, id=f"g{number}", title=f"Goal {number}", due=soon) for number in range(4)]
        for number in changes:
            goals[number] = replace(goals[number], **moved)  # type: ignore[arg-type]
        crowd = [task(number, owners=("a",), goals=(f"g{number % 4}",), due=soon) for number in range(24)]
        found = evaluate(Collaboration("Late", (PAIR,), (), tuple(goals), (*HISTORY, *crowd)), WEEK, NOW)
        assert [one.outcome for one in found.follow_up if one.advice.id == "replan"] == [became]


def test_advice_is_followed_up_with_its_figure() -> None:
    """Unowned until yesterday: advised for last week, and not any more."""
    taken = needed(1, owners=("li",), assignments=(Assignment(ago(60), ()), Assignment(ago(1), ("li",))))
    found = week(taken)
    (one,) = found.follow_up
    assert (one.advice.rule, one.taken) == (AdviceRule.OWN, True)
    assert (one.metric, one.before, one.now) == (UNOWNED_OPEN, 1, 0)
    assert given(found, AdviceRule.OWN) is None


def test_advice_that_still_stands_grows_older() -> None:
    found = week(needed(1, owners=()))
    (one,) = found.follow_up
    assert (one.advice.rule, one.taken, one.now) == (AdviceRule.OWN, False, 1)
    again = given(found, AdviceRule.OWN)
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
    assert [one.advice.rule for one in evaluate(whole, WEEK, NOW).follow_up] == [AdviceRule.OWN]


def test_new_advice_is_one_week_old() -> None:
    found = given(week(needed(1, owners=(), assignments=(Assignment(ago(60), ("li",)), Assignment(ago(2), ())))),
                  AdviceRule.OWN)  # fmt: skip
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
        transitions=(*open_then.transitions, StandingChange(ago(0.5), Standing.DONE)),
    )
    grown = replace(whole, tasks=(*HISTORY, later, needed(9, made=0.3)), comments=(Comment("t1", "p2", ago(1)),))
    then, now = evaluate(whole, before, NOW), evaluate(grown, before, NOW)
    assert now.advice == then.advice
    assert now.follow_up == then.follow_up
    assert {one.rule for one in then.advice} == {AdviceRule.OWN, AdviceRule.UNBLOCK}
    assert [metric.value for metric in now.metrics] == [metric.value for metric in then.metrics]


def test_a_client_gets_no_advice_for_the_team() -> None:
    shown = shown_to(week(needed(1, owners=())), Reader.CLIENT)
    assert (shown.advice, shown.follow_up) == ((), ())


@pytest.mark.parametrize(
    ("rule", "metric", "before", "now", "said"),
    [
        (AdviceRule.DROP, STALE_OPEN, 0.4, 0.25, "40% a week ago, 25% now."),
        (AdviceRule.OWN, UNOWNED_OPEN, 6, 4, "6 a week ago, 4 now."),
    ],
)
def test_a_figure_that_moved_is_read_in_its_own_unit(
    rule: AdviceRule, metric: MetricDefinition, before: float, now: float, said: str
) -> None:
    given = Advice(rule, "", "", (), (), 3, 1.0)
    row = follow_up_row(FollowUp(given, AdviceOutcome.OPEN, metric, before, now), language("en"))
    assert row.text.endswith(f"{metric.label}: {said}")
