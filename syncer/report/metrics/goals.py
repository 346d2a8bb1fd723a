"""Are goals and dates kept? How far goals are, what was finished by its day, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from statistics import fmean

from syncer.report.metrics.building import MetricInput, counted_tasks, missing, part_of, share
from syncer.report.model.collaboration import Task
from syncer.report.model.goal import GoalFigures
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import Comparison, Metric, MetricDefinition, Missing, Question, Target, Unit
from syncer.report.model.snapshot import TRAILING, Snapshot, evidence

OVERDUE_OPEN = MetricDefinition(
    id="overdue_open",
    question=Question.GOALS,
    unit=Unit.TASKS,
    label=marked("Overdue"),
    explanation="Open tasks whose due date is before the day the report describes.",
    pitfall="A date that is moved makes nothing overdue: read it with `on_time_rate` and `due_slip`.",
    population=counted("of %(n)s open task with a due date", "of %(n)s open tasks with a due date"),
    compared=Comparison.NONE,
    for_clients=True,
)
DAYS_LATE = MetricDefinition(
    id="days_late",
    question=Question.GOALS,
    unit=Unit.DAYS,
    label=marked("Days late, summed"),
    explanation="Whole days that open tasks are behind their due dates, added up.",
    pitfall="One forgotten task can make most of it.",
    population=counted("over %(n)s task", "over %(n)s tasks"),
    compared=Comparison.NONE,
)
ON_TIME = MetricDefinition(
    id="on_time",
    question=Question.GOALS,
    unit=Unit.TASKS,
    label=marked("Finished on time"),
    explanation="Tasks finished this week on or before the due date they had then.",
    pitfall="The due date of then may have been moved; `on_time_rate` holds the first one against it.",
    population=counted("of %(n)s finished with a due date", "of %(n)s finished with a due date"),
    compared=Comparison.NONE,
    for_clients=True,
)
GOALS_ATTENTION = MetricDefinition(
    id="goals_attention",
    question=Question.GOALS,
    unit=Unit.GOALS,
    label=marked("Goals at risk or off track"),
    explanation="Goals whose verdict is at risk or off track.",
    pitfall="A goal without a date or without tasks gets no such verdict.",
    population=counted("of %(n)s goal", "of %(n)s goals"),
    compared=Comparison.NONE,
    for_clients=True,
)
GOAL_PROGRESS = MetricDefinition(
    id="goal_progress",
    question=Question.GOALS,
    unit=Unit.SHARE,
    label=marked("Progress from baseline to target, mean of the goals"),
    explanation="How far each goal's own number has come from its baseline to its target; the mean over the goals.",
    pitfall="Only goals whose text holds a block `goal` with numbers count, each as much as any other.",
    population=counted("over %(n)s goal with numbers", "over %(n)s goals with numbers"),
    compared=Comparison.NONE,
    for_clients=True,
)
GOAL_SCOPE_DONE = MetricDefinition(
    id="goal_scope_done",
    question=Question.GOALS,
    unit=Unit.SHARE,
    label=marked("Done of the work that goals consist of"),
    explanation="Of the tasks that belong to a goal, the share that is done.",
    pitfall="It falls when work is added; a task counts as one, whatever its size.",
    population=counted("of %(n)s task", "of %(n)s tasks"),
    compared=Comparison.NONE,
    for_clients=True,
)
ACCEPTANCE_MET = MetricDefinition(
    id="acceptance_met",
    question=Question.GOALS,
    unit=Unit.SHARE,
    label=marked("Acceptance criteria met"),
    explanation="Of the criteria (checkboxes) in the texts of goals, the share that is ticked.",
    pitfall="As last seen: what was ticked in an earlier week is not known.",
    population=counted("of %(n)s criterion", "of %(n)s criteria"),
    compared=Comparison.NONE,
    for_clients=True,
)
ON_TIME_RATE = MetricDefinition(
    id="on_time_rate",
    question=Question.GOALS,
    unit=Unit.SHARE,
    label=marked("Finished by the first due date promised"),
    explanation="Of the tasks with a due date finished in 28 days, the share finished by the first due date they had.",
    pitfall="Work without a date is not in it.",
    population=counted("of %(n)s finished in 28 days with a due date", "of %(n)s finished in 28 days with a due date"),
    target=Target(0.80, at_least=True),
    for_clients=True,
)


def metrics(week: MetricInput) -> Iterator[Metric]:
    """Dates of open and of finished tasks, then the goals."""
    snapshot = week.snapshot
    yield from _overdue(snapshot)
    yield _on_time(snapshot)
    attention = sum(goal.health.needs_attention for goal in week.goals)
    yield Metric(GOALS_ATTENTION, attention, len(week.goals))
    yield from _progress(week.goals, snapshot)
    yield _on_time_rate(snapshot)


def _overdue(snapshot: Snapshot) -> Iterator[Metric]:
    late = snapshot.overdue
    yield counted_tasks(OVERDUE_OPEN, late, sum(task.due is not None for task in snapshot.open_tasks))
    yield Metric(DAYS_LATE, sum(snapshot.late_days(task) for task in late), len(late))


def _on_time(snapshot: Snapshot) -> Metric:
    dated = [task for task in snapshot.finished_this_week if task.due is not None]
    if not dated:
        return missing(ON_TIME, Missing.NOTHING_TO_COUNT)
    return Metric(ON_TIME, sum(task.due is not None and _day(task, snapshot) <= task.due for task in dated), len(dated))


def _progress(goals: Sequence[GoalFigures], snapshot: Snapshot) -> Iterator[Metric]:
    """By their own numbers, by their tasks, by their acceptance criteria."""
    ways = [goal.progress for goal in goals if goal.progress is not None]
    yield Metric(GOAL_PROGRESS, fmean(ways), len(ways)) if ways else missing(GOAL_PROGRESS, Missing.NO_GOAL_NUMBERS)
    named = {goal.id for goal in goals}
    scope = sum(not named.isdisjoint(task.goals) for task in snapshot.tasks)
    left = sum(not named.isdisjoint(task.goals) for task in snapshot.open_tasks)
    yield part_of(GOAL_SCOPE_DONE, scope - left, scope)
    yield part_of(ACCEPTANCE_MET, sum(goal.criteria_met for goal in goals), sum(goal.criteria for goal in goals))


def _on_time_rate(snapshot: Snapshot) -> Metric:
    """Against the first due date; those that missed it are the evidence."""
    dated = [task for task in snapshot.finished_within(TRAILING) if task.due is not None]
    late = [task for task in dated if not _punctual(task, snapshot)]
    rate = share(ON_TIME_RATE, [task for task in dated if _punctual(task, snapshot)], len(dated))
    return replace(rate, evidence=evidence(late))


def _punctual(task: Task, snapshot: Snapshot) -> bool:
    """Whether it was finished by the first due date it had: moving the date afterwards makes nothing punctual."""
    return task.baseline_due is not None and _day(task, snapshot) <= task.baseline_due


def _day(task: Task, snapshot: Snapshot) -> date:
    """The day a finished task was finished."""
    return snapshot.finishes[task.id].astimezone(snapshot.window.zone).date()
