"""Each figure against a table worked out by hand, and what must not move any of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.contract.model import Side
from syncer.report.evaluate import evaluate
from syncer.report.metrics import (
    DEFINITIONS,
    communication,
    feasibility,
    flow,
    goals,
    quality,
    resources,
    smoothness,
    sync,
)
from syncer.report.metrics.communication import COMMENTS_WRITTEN, FIRST_RESPONSE, STALE_OPEN, UNANSWERED_QUESTIONS
from syncer.report.metrics.feasibility import DUE_SLIP
from syncer.report.metrics.flow import (
    CYCLE_TIME_P50,
    CYCLE_TIME_P85,
    FLOW_EFFICIENCY,
    LEAD_TIME_P50,
    NET_FLOW,
    TASKS_CREATED,
    TASKS_FINISHED,
    THROUGHPUT,
)
from syncer.report.metrics.goals import ON_TIME_RATE
from syncer.report.metrics.quality import BUG_SHARE, REOPEN_RATE
from syncer.report.metrics.resources import ABSENCE_FACTOR, LOAD_GINI
from syncer.report.metrics.smoothness import AGE_OVER_SLE, BLOCKED_DAYS, HANDOFFS, PING_PONG, WAIT_SHARE
from syncer.report.metrics.sync import CROSS_TOOL_LAG, SYNC_CONFLICTS
from syncer.report.model.collaboration import Collaboration, Comment, PairHealth, Person, Place, Task
from syncer.report.model.metric import Judgement, Metric, MetricDefinition, Missing, Question
from syncer.report.model.snapshot import snapshot_at
from syncer.report.model.sync_run import SyncRun
from syncer.report.model.timeline import Assignment, Blockage, DueChange, Standing, StandingChange, StatusVisit
from syncer.report.model.window import Window

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = Window(2026, 47, UTC)
RUNS = tuple(SyncRun(NOW - timedelta(days=days), NOW - timedelta(days=days), "clean", 10) for days in (0, 100))
PAIR = PairHealth("pair", ("left", "right"), RUNS, 10, 0)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def task(number: int, *steps: tuple[float, Standing], made: float = 60, **changes: object) -> Task:
    """A task made so many days ago, with its later standings."""
    transitions = (
        StandingChange(ago(made), Standing.TODO),
        *(StandingChange(ago(days), standing) for days, standing in steps),
    )
    values: dict[str, object] = {
        "id": f"t{number}",
        "pair": "pair",
        "title": f"Task {number}",
        "places": (Place(Side.LEFT, f"T-{number}", ""),),
        "origin": Side.LEFT,
        "standing": transitions[-1].standing,
        "created": ago(made),
        "transitions": transitions,
        "activity": tuple(step.at for step in transitions[1:]),
        "owners": (f"p{number % 5}",),
        "author": "author",
    }
    return Task(**(values | changes))  # type: ignore[arg-type]


def worked(number: int, days: float, finished: float = 5, **changes: object) -> Task:
    """A task that took so many days from start to finish."""
    return task(number, (finished + days, Standing.DOING), (finished, Standing.DONE), **changes)


def told(name: MetricDefinition, *tasks: Task, **parts: object) -> Metric:
    whole = Collaboration("Made up", (PAIR,), (Person("bot", "bot", bot=True),), (), tasks, **parts)  # type: ignore[arg-type]
    return evaluate(whole, WEEK, NOW).metric(name)


def test_cycle_time_is_the_order_statistic_and_its_interval_that_of_the_binomial_table() -> None:
    lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    found = told(CYCLE_TIME_P50, *(worked(number, days) for number, days in enumerate(lengths)))
    assert (found.value, found.n) == (pytest.approx(5), 10)
    assert found.interval is not None  # ranks 2 and 9 of 10 cover the median with 97.9 %
    assert (found.interval.low, found.interval.high) == (pytest.approx(2), pytest.approx(9))
    assert found.evidence[0].title == "Task 9"


def test_a_high_percentile_of_few_has_no_interval() -> None:
    found = told(CYCLE_TIME_P85, *(worked(number, number + 1) for number in range(18)))
    assert found.value == pytest.approx(np.quantile(np.arange(1, 19), 0.85, method="inverted_cdf"))
    assert found.interval is None


def test_a_task_that_was_never_seen_started_has_no_cycle_time() -> None:
    seen_in_progress = worked(1, 3)
    unknown = replace(seen_in_progress, transitions=seen_in_progress.transitions[1:])
    unseen = replace(unknown, created=ago(200))
    assert told(CYCLE_TIME_P50, unseen).n == 0
    assert told(THROUGHPUT, unseen).n == 1


def test_a_task_that_was_made_in_progress_has_a_cycle_time() -> None:
    born = [
        replace(one, transitions=one.transitions[1:], created=one.transitions[1].at)
        for one in map(worked, range(6), range(1, 7))
    ]
    assert (told(CYCLE_TIME_P50, *born).value, told(CYCLE_TIME_P50, *born).n) == (pytest.approx(3), 6)


def test_lead_time_begins_with_the_wish() -> None:
    made = [worked(number, 1, finished=5, made=10 + number) for number in range(5)]
    assert told(LEAD_TIME_P50, *made).value == pytest.approx(7)  # 5, 6, 7, 8, 9 days


def test_throughput_is_a_mean_week_of_four() -> None:
    made = [worked(number, 1, finished=number * 4) for number in range(10)]  # 0, 4, ... 36 days ago: 7 in 28 days
    assert told(THROUGHPUT, *made).value == pytest.approx(7 / 4)


def test_on_time_is_by_the_first_due_day() -> None:
    due = ago(5).date()
    punctual = [worked(number, 1, due=due) for number in range(9)]
    moved = (DueChange(ago(60), due - timedelta(days=2)), DueChange(ago(6), due))
    found = told(ON_TIME_RATE, *punctual, worked(9, 1, due=due, due_changes=moved))
    assert (found.value, found.n) == (pytest.approx(0.9), 10)
    assert [one.title for one in found.evidence] == ["Task 9"]
    assert found.judgement is Judgement.UNDECIDED


def test_a_share_of_nine_is_not_told() -> None:
    found = told(ON_TIME_RATE, *(worked(number, 1, due=ago(5).date()) for number in range(9)))
    assert (found.value, found.missing, found.n) == (None, Missing.TOO_FEW, 9)


def test_slip_counts_days_from_the_first_date_over_what_moved() -> None:
    first = date(2026, 12, 1)

    def moved(number: int, days: int) -> Task:
        last = first + timedelta(days=days)
        return task(number, due=last, due_changes=(DueChange(ago(60), first), DueChange(ago(3), last)))

    found = told(DUE_SLIP, moved(1, 10), moved(2, 4), task(3, due=first))
    assert (found.value, found.n) == (7, 2)


def test_reopened_leaves_slips_of_the_hand_out() -> None:
    done = [worked(number, 1, finished=10) for number in range(10)]
    back = task(10, (12, Standing.DONE), (9, Standing.DOING))
    slip = task(11, (12, Standing.DONE), (12 - 5 / 1440, Standing.DOING), (4, Standing.DONE))
    found = told(REOPEN_RATE, *done, back, slip)
    assert (found.value, found.n) == (pytest.approx(1 / 12), 12)
    assert [one.title for one in found.evidence] == ["Task 10"]


def test_bugs_are_known_by_type_or_label() -> None:
    made = [task(number, made=3) for number in range(8)]
    bugs = (task(8, made=3, type="Bug"), task(9, made=3, labels=("defect",)))
    assert told(BUG_SHARE, *made, *bugs).value == pytest.approx(0.2)


def test_old_work_in_progress_is_measured_by_what_85_percent_take() -> None:
    finished = [worked(number, number + 1) for number in range(20)]  # 1 to 20 days: 17
    doing = [task(100 + number, (10 + number, Standing.DOING)) for number in range(10)]  # 10 to 19 days old
    found = told(AGE_OVER_SLE, *finished, *doing)
    assert (found.value, found.n) == (pytest.approx(0.2), 10)  # 18 and 19 days
    assert [one.title for one in found.evidence] == ["Task 109", "Task 108"]


def test_a_handoff_needs_two_owners_who_had_it_for_an_hour() -> None:
    def owned(number: int, *steps: tuple[float, tuple[str, ...]]) -> Task:
        return worked(number, 1, assignments=tuple(Assignment(ago(days), owners) for days, owners in steps))

    made = (
        owned(0, (60, ("a",)), (20, ("b",)), (15, ("c",))),  # 2
        owned(1, (60, ()), (20, ("b",))),  # from nobody: 0
        owned(2, (60, ("a",)), (20, ("b",)), (20 - 0.02, ("c",))),  # b had it for half an hour: 1
    )
    rest = [worked(number, 1) for number in range(3, 10)]
    assert told(HANDOFFS, *made, *rest).value == pytest.approx(0.3)


def test_back_and_forth_within_a_week_is_seen_in_owner_and_standing() -> None:
    owners = tuple(Assignment(ago(days), (who,)) for days, who in ((60, "a"), (9, "b"), (5, "a")))
    slow = tuple(Assignment(ago(days), (who,)) for days, who in ((60, "a"), (19, "b"), (5, "a")))
    standing = task(3, (9, Standing.DOING), (8, Standing.TODO), (7, Standing.DOING))
    touched = (ago(5),)
    found = told(
        PING_PONG,
        task(1, assignments=owners, activity=touched), task(2, assignments=slow, activity=touched), standing,
    )  # fmt: skip
    assert (found.value, found.n) == (2, 3)


def test_blocked_days_are_a_union_cut_to_the_week() -> None:
    # The week began on Monday, 4.5 days ago. Both labels together cover it from Monday to yesterday noon.
    blockages = (Blockage(ago(9), ago(3)), Blockage(ago(4), ago(1), "external"))
    found = told(BLOCKED_DAYS, task(1, blockages=blockages), task(2, blockages=(Blockage(ago(0.5), None),)))
    assert found.value == pytest.approx(3.5 + 0.5)


def test_a_label_of_the_first_reading_blocks_from_then_on() -> None:
    """It may be of any age; nobody saw it before."""
    read_yesterday = replace(PAIR, runs=(SyncRun(ago(1), ago(1), "clean", 1),))
    whole = Collaboration("New", (read_yesterday,), (), (), (task(1, blockages=(Blockage(ago(60), None),)),))
    assert evaluate(whole, WEEK, NOW).metric(BLOCKED_DAYS).value == pytest.approx(1)


def test_waiting_is_what_stands_in_a_waiting_status() -> None:
    visits = (StatusVisit(ago(60), "To Do"), StatusVisit(ago(15), "Doing"), StatusVisit(ago(11), "In Review"))
    made = [worked(number, 10, visits=visits) for number in range(10)]  # 10 days: 4 worked, 6 in review
    review = frozenset({"in review"})
    assert told(FLOW_EFFICIENCY, *made, waiting=review).value == pytest.approx(0.4)
    assert told(WAIT_SHARE, *made, waiting=review).value == pytest.approx(0.6)
    assert told(WAIT_SHARE, *made, waiting=review).detail == ("in review",)
    assert told(FLOW_EFFICIENCY, *made).missing is Missing.NO_WAITING_STATUS


def test_a_first_answer_is_somebody_elses_and_who_waits_still_counts() -> None:
    made = [task(number, made=10) for number in range(12)]
    answers = [Comment(f"t{number}", "p1", ago(10) + timedelta(hours=number + 1)) for number in range(8)]
    noise = [Comment(f"t{number}", who, ago(9.9)) for number in range(12) for who in ("author", "bot")]
    found = told(FIRST_RESPONSE, *made, comments=(*answers, *noise))
    assert (found.value, found.n) == (6, 12)  # the sixth of twelve, four of whom still wait
    assert len(found.evidence) == 4


def test_when_most_still_wait_no_median_is_told() -> None:
    made = [task(number, made=10) for number in range(12)]
    assert told(FIRST_RESPONSE, *made).missing is Missing.NOT_REACHED


def test_a_question_waits_from_the_second_working_day_until_somebody_writes() -> None:
    asked = Comment("t1", "p1", ago(2), asks=True)
    assert told(UNANSWERED_QUESTIONS, task(1), comments=(asked,)).value == 1
    assert told(UNANSWERED_QUESTIONS, task(1), comments=(asked, Comment("t1", "p2", ago(1)))).value == 0
    assert told(UNANSWERED_QUESTIONS, task(1), comments=(replace(asked, at=ago(0.9)),)).value == 0
    assert told(UNANSWERED_QUESTIONS, task(1, labels=("Question",))).value == 1


def test_a_question_of_friday_is_due_on_monday() -> None:
    saturday = Window(2026, 47, UTC)
    asked = Comment("t1", "p1", NOW, asks=True)  # Friday noon
    whole = Collaboration("One", (PAIR,), (), (), (task(1),), (asked,))
    assert evaluate(whole, saturday, NOW + timedelta(days=2)).metric(UNANSWERED_QUESTIONS).value == 0
    monday = Window(2026, 48, UTC)
    assert evaluate(whole, monday, NOW + timedelta(days=3, hours=1)).metric(UNANSWERED_QUESTIONS).value == 1


def test_stale_tasks_are_those_nobody_touched_and_we_watched() -> None:
    still = [task(number) for number in range(6)]
    touched = [task(10 + number, activity=(ago(3),)) for number in range(6)]
    found = told(STALE_OPEN, *still, *touched)
    assert (found.value, found.n, found.judgement) == (0.5, 12, Judgement.MISSED)
    unwatched = [replace(one, pair="read for the first time today") for one in still]
    assert told(STALE_OPEN, *unwatched).n == 0


def test_half_of_the_work_is_finished_by_so_few() -> None:
    owners = ["a"] * 6 + ["b"] * 3 + ["c"] * 3
    made = [worked(number, 1, owners=(owner,)) for number, owner in enumerate(owners)]
    assert told(ABSENCE_FACTOR, *made).value == 1
    shared = [replace(one, owners=("a", "b")) if one.owners == ("a",) else one for one in made]
    assert told(ABSENCE_FACTOR, *shared).value == 1  # b: 3 and half of 6
    assert told(ABSENCE_FACTOR, *shared[:9]).missing is Missing.TOO_FEW


def test_inequality_of_hands() -> None:
    made = [task(number, owners=("a",)) for number in range(4)]
    others = [task(10 + number, owners=(who,)) for number, who in enumerate("bcd")]
    assert told(LOAD_GINI, *made, *others).value == pytest.approx(3 / 7)  # of 1, 1, 1, 4: 18 / 42


def test_the_lag_is_a_percentile_and_conflicts_a_rate() -> None:
    delays = tuple(timedelta(minutes=minutes) for minutes in range(1, 101))
    whole = Collaboration("Made up", (replace(PAIR, carry_delays=delays),), (), (), (), settled_conflicts=(ago(1),))
    found = evaluate(whole, WEEK, NOW)
    lag = found.metric(CROSS_TOOL_LAG)
    assert (lag.value, lag.judgement) == (95, Judgement.MISSED)
    assert found.metric(SYNC_CONFLICTS).value == pytest.approx(10)  # one for ten writes


# --- what must not move a figure


@st.composite
def collaborations(draw: st.DrawFn) -> Collaboration:
    """A few tasks of any history, with comments."""
    tasks = []
    for number in range(draw(st.integers(0, 25))):
        days = sorted(draw(st.lists(st.floats(0, 70), max_size=5, unique=True)), reverse=True)
        standings = draw(st.lists(st.sampled_from(list(Standing)), min_size=len(days), max_size=len(days)))
        owners = draw(st.sampled_from([(), ("p1",), ("p2", "p3"), ("p4",)]))
        moves = tuple(Assignment(ago(one), (f"p{position}",)) for position, one in enumerate(days))
        due = draw(st.one_of(st.none(), st.dates(date(2026, 10, 1), date(2026, 12, 31))))
        owners = moves[-1].owners if moves else owners
        made = task(number, *zip(days, standings, strict=True), made=71, owners=owners, due=due, assignments=moves)
        tasks.append(made)
    notes = draw(st.lists(st.tuples(st.integers(0, 24), st.sampled_from(["p1", "author"]), st.floats(0, 70))))
    comments = tuple(Comment(f"t{number}", author, ago(days), asks=days > 35) for number, author, days in notes)
    people = (Person("bot", "bot", bot=True),)
    return Collaboration("Any", (PAIR,), people, (), tuple(tasks), comments)


def values(whole: Collaboration, window: Window = WEEK, now: datetime = NOW) -> dict[MetricDefinition, object]:
    return {metric.definition: (metric.value, metric.n) for metric in evaluate(whole, window, now).metrics}


@settings(max_examples=60, deadline=None)
@given(collaborations())
def test_every_figure_keeps_its_bounds(whole: Collaboration) -> None:
    for metric in evaluate(whole, WEEK, NOW).metrics:
        assert metric.n >= 0
        assert (metric.value is None) == (metric.missing is not None)
        if metric.unit.value == "share" and metric.value is not None:
            assert 0 <= metric.value <= 1
        if metric.interval is not None and metric.value is not None:
            assert metric.interval.low <= metric.value + 1e-9
            assert metric.interval.high is None or metric.value <= metric.interval.high + 1e-9


@settings(max_examples=40, deadline=None)
@given(collaborations())
def test_linking_moves_nothing(whole: Collaboration) -> None:
    twin = Place(Side.RIGHT, "x#1", "")
    linked = replace(whole, tasks=tuple(replace(one, places=(*one.places, twin)) for one in whole.tasks))
    assert values(linked) == values(whole)


@settings(max_examples=40, deadline=None)
@given(collaborations(), st.lists(st.tuples(st.integers(0, 24), st.floats(0, 70)), max_size=30))
def test_bots_move_nothing(whole: Collaboration, noise: list[tuple[int, float]]) -> None:
    chatter = tuple(Comment(f"t{number}", "bot", ago(days), asks=True) for number, days in noise)
    assert values(replace(whole, comments=(*whole.comments, *chatter))) == values(whole)


@settings(max_examples=40, deadline=None)
@given(collaborations(), st.sampled_from(["Asia/Shanghai", "America/Los_Angeles", "Pacific/Apia"]))
def test_durations_and_rates_are_the_same_in_every_time_zone(whole: Collaboration, zone: str) -> None:
    """All that is not about calendar days; now is in the same week everywhere."""
    calendar = {BLOCKED_DAYS, UNANSWERED_QUESTIONS, DUE_SLIP}
    weekly = {Question.GOALS, Question.SYNC, Question.FEASIBILITY}
    counted = {TASKS_FINISHED, TASKS_CREATED, NET_FLOW, COMMENTS_WRITTEN}
    free = [name for name in DEFINITIONS if name.question not in weekly and name not in calendar | counted]
    here, there = values(whole), values(whole, Window(2026, 47, ZoneInfo(zone)))
    assert {name: there[name] for name in free} == {name: here[name] for name in free}


@settings(max_examples=60, deadline=None)
@given(collaborations(), st.floats(0, 71))
def test_a_task_that_rests_is_taken_as_it_is_and_one_that_moved_later_as_it_was(
    whole: Collaboration, since: float
) -> None:
    """The short cut for tasks at rest, against each task asked by itself."""
    found = snapshot_at(whole, WEEK, ago(since))
    expected = {one.id: one.standing_at(ago(since)) for one in whole.tasks}
    counted = {name: standing for name, standing in expected.items() if standing not in {None, Standing.CANCELLED}}
    assert {one.id: found.standing(one) for one in found.tasks} == counted
    assert {one.id for one in found.open_tasks} == {name for name, standing in counted.items() if standing.open}
    assert {one.id: one.owners for one in found.tasks} == {
        one.id: one.owners_at(ago(since)) for one in whole.tasks if one.id in counted
    }


# --- the registry


def test_every_metric_has_an_id_of_its_own_and_says_what_it_counts() -> None:
    assert len({row.id for row in DEFINITIONS}) == len(DEFINITIONS) > 60
    assert [row.id for row in DEFINITIONS if not row.explanation.endswith(".")] == []
    assert [row.id for row in DEFINITIONS if row.pitfall and not row.pitfall.endswith(".")] == []


def test_every_module_of_metrics_answers_one_question() -> None:
    modules = (goals, quality, flow, smoothness, communication, resources, feasibility, sync)
    asked = [{row.question for row in vars(module).values() if isinstance(row, MetricDefinition)} for module in modules]
    assert asked == [{question} for question in Question]
