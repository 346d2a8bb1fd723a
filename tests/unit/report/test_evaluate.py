"""Each figure against a count by hand over the sample."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from syncer.contract.model import Side
from syncer.report.editions import shown_to
from syncer.report.evaluate import evaluate
from syncer.report.metrics import DEFINITIONS
from syncer.report.metrics.communication import COMMENTS_WRITTEN
from syncer.report.metrics.flow import NET_FLOW, TASKS_CREATED, TASKS_FINISHED
from syncer.report.metrics.goals import DAYS_LATE, GOALS_ATTENTION, ON_TIME, OVERDUE_OPEN
from syncer.report.metrics.resources import TASKS_OPEN, UNOWNED_OPEN
from syncer.report.metrics.smoothness import BLOCKED_OPEN
from syncer.report.metrics.sync import (
    CARRY_DELAY,
    CONFLICTS_SETTLED,
    CONFLICTS_WAITING,
    ITEMS_HELD,
    SYNC_RUNS,
    SYNC_RUNS_FAILED,
    SYNC_WRITES,
)
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, PairHealth, Reader, Task
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.goal import Outlook
from syncer.report.model.metric import Metric, MetricDefinition
from syncer.report.model.sync_run import SyncRun
from syncer.report.model.timeline import Standing, StandingChange
from syncer.report.model.window import Window
from tests.unit.report.sample import NOW, WINDOW, ZONE, collaboration, done, moment, task


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(collaboration(), WINDOW, NOW)


@pytest.mark.parametrize(
    ("metric", "value", "n"),
    [
        (TASKS_OPEN, 7, 11),  # 4 to do + 3 in progress, of 12 less the cancelled one
        (TASKS_FINISHED, 3, 11),  # tasks 1, 2, 11
        (TASKS_CREATED, 1, 11),  # task 8
        (NET_FLOW, 2, 11),
        (OVERDUE_OPEN, 2, 3),  # tasks 4 and 7, of those and task 6
        (DAYS_LATE, 9, 2),  # since the 13th and the 18th, on the 20th
        (BLOCKED_OPEN, 2, 7),  # task 5, and restricted task 9
        (UNOWNED_OPEN, 2, 7),  # tasks 7 and 8
        (ON_TIME, 0, 1),  # task 2 was due a day before it was finished
        (GOALS_ATTENTION, 2, 4),
        (COMMENTS_WRITTEN, 2, 1),  # the bot's is not one
        (CONFLICTS_WAITING, 1, 10),
        (CONFLICTS_SETTLED, 1, 10),
        (ITEMS_HELD, 1, 10),
        (SYNC_RUNS, 3, 3),
        (SYNC_RUNS_FAILED, 1, 3),
        (SYNC_WRITES, 14, 3),
        (CARRY_DELAY, 9, 3),
    ],
)
def test_a_figure_and_its_population(evaluation: Evaluation, metric: MetricDefinition, value: int, n: int) -> None:
    found = evaluation.metric(metric)
    assert (found.value, found.n) == (value, n)


def test_every_metric_is_computed(evaluation: Evaluation) -> None:
    assert [metric.definition for metric in evaluation.metrics] == list(DEFINITIONS)


def test_the_week_before_is_computed_beside_this_one(evaluation: Evaluation) -> None:
    assert evaluation.metric(TASKS_FINISHED).previous == 1  # task 3, on the 12th
    assert evaluation.metric(TASKS_OPEN).previous == 9  # 11 less task 8, not yet made, and task 3


def test_goals_that_need_attention_come_first_and_reached_ones_last(evaluation: Evaluation) -> None:
    assert [(goal.id, goal.outlook) for goal in evaluation.goals] == [
        ("security", Outlook.OVERDUE),
        ("launch", Outlook.BEHIND),
        ("ideas", Outlook.NO_DATE),
        ("handover", Outlook.REACHED),
    ]


def test_the_share_of_time_counts_both_ends(evaluation: Evaluation) -> None:
    launch = next(goal for goal in evaluation.goals if goal.id == "launch")
    assert launch.share_elapsed == pytest.approx(47 / 57)  # 5 Oct to 20 Nov, of 5 Oct to 30 Nov
    assert launch.share_done == pytest.approx(2 / 6)  # the cancelled task is no part of it
    assert launch.days_left == 10


def test_a_task_of_two_owners_is_in_both_hands(evaluation: Evaluation) -> None:
    loads = {load.person: (load.doing, load.todo, load.blocked, load.overdue) for load in evaluation.loads}
    assert loads["Li Wei 李伟"] == (1, 0, 0, 0)
    assert loads["Mei Lin 林梅"] == (1, 1, 1, 0)
    assert loads[None] == (0, 2, 0, 1)


def test_people_come_by_name_and_never_by_amount(evaluation: Evaluation) -> None:
    people = [load.person for load in evaluation.loads]
    assert people == [*sorted(name for name in people if name is not None), None]


def test_a_restricted_task_is_counted_and_never_named(evaluation: Evaluation) -> None:
    assert evaluation.withheld == 1
    named = {line.title for lines in (evaluation.overdue, evaluation.blocked, evaluation.unowned) for line in lines}
    assert "Penetration test findings" not in named


def test_standings_are_counted_by_where_they_can_be_seen(evaluation: Evaluation) -> None:
    counts = {count.standing: (count.both, count.left_only, count.right_only) for count in evaluation.standings}
    assert counts == {Standing.TODO: (3, 0, 1), Standing.DOING: (3, 0, 0), Standing.DONE: (3, 1, 0)}


def test_data_is_complete_to_the_last_run_that_read_everything(evaluation: Evaluation) -> None:
    assert evaluation.complete_to == moment(20, 16)
    assert evaluation.complete


def test_a_run_that_stopped_early_leaves_the_data_incomplete() -> None:
    stopped = SyncRun(moment(20, 16), moment(20, 16), "partial", 0, "GitHub did not answer")
    whole = SyncRun(moment(19), moment(19), "clean", 3)
    sample = collaboration()
    pair = replace(sample.pairs[0], runs=(stopped, whole))
    found = evaluate(replace(sample, pairs=(pair,)), WINDOW, NOW)
    assert found.complete_to == moment(19)
    assert not found.complete


def test_a_reading_after_the_week_covers_the_whole_week() -> None:
    sample = collaboration()
    monday = SyncRun(moment(23, 8), moment(23, 8), "clean", 3)
    pair = replace(sample.pairs[0], runs=(monday, SyncRun(moment(19), moment(19), "clean", 3)))
    found = evaluate(replace(sample, pairs=(pair,)), WINDOW, moment(23, 9))
    assert found.complete_to == WINDOW.end
    assert found.metric(SYNC_WRITES).value == 3  # those of the week itself


def test_a_pair_that_was_never_read_makes_everything_incomplete() -> None:
    sample = collaboration()
    unread = PairHealth("other", ("", ""), (), 0, 0)
    found = evaluate(replace(sample, pairs=(*sample.pairs, unread)), WINDOW, NOW)
    assert found.complete_to is None
    assert not found.complete


def test_a_past_week_gives_the_same_figures_whatever_happened_since() -> None:
    """Later transitions, tasks and comments change nothing in a week that is over."""
    week = WINDOW.earlier(1)
    before = evaluate(collaboration(), week, NOW)
    reopened = done(1, "Accept cards in checkout", moment(17))
    steps = (*reopened.transitions, StandingChange(moment(25), Standing.DOING))
    sample = collaboration()
    later = replace(
        sample,
        tasks=(replace(reopened, standing=Standing.DOING, transitions=steps, finished=None), *sample.tasks[1:],
               task(99, "Later", created=moment(25))),
    )  # fmt: skip
    after = evaluate(later, week, NOW + timedelta(days=10))
    assert [(metric.id, metric.value) for metric in after.metrics] == [
        (metric.id, metric.value) for metric in before.metrics
    ]


def test_finished_is_the_last_entry_into_done() -> None:
    steps = (
        StandingChange(moment(1), Standing.TODO),
        StandingChange(moment(11), Standing.DONE),
        StandingChange(moment(17), Standing.DOING),
        StandingChange(moment(19), Standing.DONE),
    )
    one = task(1, "Twice", Standing.DONE, created=moment(1), transitions=steps, finished=moment(19))
    found = evaluate(only(one), WINDOW, NOW)
    assert [line.finished for line in found.finished] == [moment(19)]
    assert evaluate(only(one), WINDOW.earlier(1), NOW).metric(TASKS_FINISHED).value == 1


def test_a_task_finished_at_the_very_end_of_a_week_belongs_to_the_next() -> None:
    late = done(1, "On the stroke", WINDOW.end.astimezone(UTC))
    assert evaluate(only(late), WINDOW, NOW + timedelta(days=9)).metric(TASKS_FINISHED).value == 0
    following = Window.containing(WINDOW.end, ZONE)
    assert evaluate(only(late), following, NOW + timedelta(days=9)).metric(TASKS_FINISHED).value == 1


def test_linking_two_sides_of_a_task_changes_no_figure() -> None:
    sample = collaboration()
    one_sided = replace(sample, tasks=tuple(replace(each, places=each.places[:1]) for each in sample.tasks))
    assert told(evaluate(one_sided, WINDOW, NOW)) == told(evaluate(sample, WINDOW, NOW))


def test_an_empty_collaboration_has_figures_and_no_rates() -> None:
    found = evaluate(Collaboration("Empty", (), (), (), ()), WINDOW, NOW)
    assert found.metric(TASKS_OPEN).value == 0
    assert found.metric(ON_TIME).value is None
    assert found.complete_to is None


@pytest.mark.parametrize(
    ("start", "due", "done_tasks", "all_tasks", "outlook"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), 2, 3, Outlook.ON_COURSE),  # 67 % of the time gone
        (date(2026, 11, 1), date(2026, 11, 30), 1, 3, Outlook.BEHIND),
        (date(2026, 11, 1), date(2026, 11, 19), 2, 3, Outlook.OVERDUE),
        (date(2026, 11, 1), date(2026, 11, 20), 2, 3, Outlook.BEHIND),  # due today is not overdue
        (date(2026, 11, 1), date(2026, 11, 19), 3, 3, Outlook.REACHED),
        (date(2026, 12, 1), date(2026, 12, 9), 0, 3, Outlook.NOT_STARTED),
        (None, date(2026, 12, 9), 0, 3, Outlook.NO_DATE),
        (date(2026, 11, 1), None, 0, 3, Outlook.NO_DATE),
        (date(2026, 12, 9), date(2026, 11, 30), 0, 3, Outlook.NO_DATE),  # ends before it begins
        (date(2026, 11, 1), date(2026, 11, 30), 0, 0, Outlook.NO_TASKS),
    ],
)
def test_the_outlook_compares_done_with_gone(
    start: date | None, due: date | None, done_tasks: int, all_tasks: int, outlook: Outlook
) -> None:
    tasks = [
        done(number, "Done", moment(10)) if number < done_tasks else task(number, "Open") for number in range(all_tasks)
    ]
    goal = Goal("launch", "payments", GoalKind.EPIC, "Launch", (), (), start, True, due)
    found = evaluate(Collaboration("One", (), (), (goal,), tuple(tasks)), WINDOW, NOW)
    assert found.goals[0].outlook is outlook


def test_a_client_sees_goals_and_dates_and_nobodys_load() -> None:
    shown = shown_to(evaluate(collaboration(), WINDOW, NOW), Reader.CLIENT)
    assert [goal.title for goal in shown.goals] == [goal.title for goal in evaluate(collaboration(), WINDOW, NOW).goals]
    hidden = (shown.loads, shown.conflicts, shown.held, shown.blocked, shown.unowned, shown.overdue)
    assert hidden == ((),) * 6
    assert {line.owners for line in shown.finished} == {None}
    assert {metric.definition for metric in shown.metrics} & {COMMENTS_WRITTEN, SYNC_WRITES} == set()


@pytest.mark.parametrize("reader", [Reader.MANAGER, Reader.MEMBER])
def test_the_team_sees_everything(reader: Reader) -> None:
    evaluation = evaluate(collaboration(), WINDOW, NOW)
    assert shown_to(evaluation, reader) == replace(evaluation, desks=())  # those are each member's own


def told(evaluation: Evaluation) -> list[Metric]:
    """Its figures without the places they can be looked at."""
    return [replace(metric, evidence=()) for metric in evaluation.metrics]


def only(one: Task) -> Collaboration:
    return Collaboration("One", (), (), (), (replace(one, goals=()),))


def test_a_task_that_waits_on_either_side_only_says_so() -> None:
    right = task(1, "Right", places=task(1, "Right").places[1:], origin=Side.RIGHT)
    found = evaluate(only(right), WINDOW, datetime(2026, 11, 20, tzinfo=UTC))
    to_do = found.standings[0]
    assert (to_do.left_only, to_do.right_only, to_do.both) == (0, 1, 0)


def test_a_task_in_several_lists_is_one_line() -> None:
    found = evaluate(collaboration(), WINDOW, NOW)
    overdue = {line.id: line for line in found.overdue}
    in_both = [line for line in found.dated if line.id in overdue]
    assert in_both
    assert all(line is overdue[line.id] for line in in_both)
