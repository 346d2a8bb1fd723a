"""Does the plan hold? Dates that slip, goals at risk, the longest chain, earlier forecasts, how steady plans are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.report.forecast.calibration import LEAST_RESOLVED, LEVELS, calibration
from syncer.report.forecast.order import critical
from syncer.report.forecast.simulation import LEAST_FINISHED
from syncer.report.metrics.building import MetricInput, missing, share
from syncer.report.model.collaboration import Task
from syncer.report.model.goal import GoalFigures
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import Comparison, Metric, MetricDefinition, Missing, Portion, Question, Unit
from syncer.report.model.snapshot import LONGEST, TRAILING, Snapshot, days, evidence
from syncer.report.model.timeline import Standing
from syncer.report.statistics import quantile

LEAST_DAYS = 0.5
"""What is left of a task that has taken as long as others already."""

A_WEEK = timedelta(days=7)

DUE_SLIP = MetricDefinition(
    id="due_slip",
    question=Question.FEASIBILITY,
    unit=Unit.DAYS,
    label=marked("Days by which moved due dates slipped, mean"),
    explanation="Days from the first due date to the one of now, over the tasks whose due date moved in 28 days.",
    pitfall="Dates moved forward count against those moved back.",
    population=counted("over %(n)s task moved in 28 days", "over %(n)s tasks moved in 28 days"),
)
GOALS_AT_RISK = MetricDefinition(
    id="goals_at_risk",
    question=Question.FEASIBILITY,
    unit=Unit.GOALS,
    label=marked("Goals more likely late than on time"),
    explanation="Goals whose forecast gives less than even odds to their date.",
    pitfall="Only goals with a date and enough finished tasks can be forecast.",
    population=counted("of %(n)s goal forecast", "of %(n)s goals forecast"),
    compared=Comparison.NONE,
)
CPM_LENGTH = MetricDefinition(
    id="cpm_length",
    question=Question.FEASIBILITY,
    unit=Unit.DAYS,
    label=marked("Days of the longest chain of open tasks"),
    explanation="Of open tasks that wait for each other; each takes the median cycle time of 180 days, less its age.",
    pitfall="As if everybody were free at once: it is the least it can take. Dependencies nobody linked are not seen.",
    population=counted("of %(n)s task in such chains", "of %(n)s tasks in such chains"),
)
FORECAST_CALIBRATION = MetricDefinition(
    id="forecast_calibration",
    question=Question.FEASIBILITY,
    unit=Unit.INDEX,
    label=marked("Brier score of earlier forecasts (0 is perfect, 0.25 is chance)"),
    explanation="Brier score of the chances that earlier reports gave; beside it, how often their days were kept.",
    pitfall="It needs 20 goals whose forecasts have come out.",
    population=counted("over %(n)s forecast resolved", "over %(n)s forecasts resolved"),
    portion=Unit.SHARE,
)
PLAN_STABILITY = MetricDefinition(
    id="plan_stability",
    question=Question.FEASIBILITY,
    unit=Unit.SHARE,
    label=marked("Planned work that kept its goal, owner and due date this week"),
    explanation="Of what was planned and not done a week ago, or is planned now: the share with the same goals, owners "
    "and day.",
    pitfall="A plan that is never touched is steady, and may be dead.",
    population=counted("of %(n)s planned task", "of %(n)s planned tasks"),
)
PLAN_COMPLETE = MetricDefinition(
    id="plan_complete",
    question=Question.FEASIBILITY,
    unit=Unit.SHARE,
    label=marked("Planned work with owner, day and size"),
    explanation="Of the open tasks of goals, the share with an owner, a due date and, where any has one, a size.",
    pitfall="Where nobody writes sizes, none is asked for.",
    population=counted("of %(n)s open task of a goal", "of %(n)s open tasks of goals"),
)


def metrics(week: MetricInput) -> Iterator[Metric]:
    """Slips, goals at risk, `cpm_length` with the tasks that may not be late, calibration, the state of the plans."""
    snapshot = week.snapshot
    yield _slip(snapshot)
    yield _goals_at_risk(week.goals)
    yield _longest_chain(snapshot)
    yield _calibration(snapshot)
    yield _stability(week.collaboration.tasks, snapshot)
    yield _completeness(snapshot)


def _slip(snapshot: Snapshot) -> Metric:
    """Days by which a due date moved from the first one, on average over those that moved in the last 28 days."""
    since = snapshot.as_of - TRAILING
    moved = [
        ((task.due - task.baseline_due).days, task)
        for task in snapshot.recent
        if task.due is not None
        and task.baseline_due is not None
        and any(since < change.at <= snapshot.as_of for change in task.due_changes[1:])
        and task.due != task.baseline_due
    ]
    if not moved:
        return missing(DUE_SLIP, Missing.NOTHING_TO_COUNT)
    most = [task for _, task in sorted(moved, key=lambda one: (-one[0], one[1].id))]
    return Metric(DUE_SLIP, sum(slip for slip, _ in moved) / len(moved), len(moved), evidence=evidence(most))


def _goals_at_risk(goals: Sequence[GoalFigures]) -> Metric:
    """Goals likelier to miss their date than to keep it, of those that can be forecast."""
    chances = [
        goal.forecast.p_on_time for goal in goals if goal.forecast is not None and goal.forecast.p_on_time is not None
    ]
    if not chances:
        return missing(GOALS_AT_RISK, Missing.NOTHING_TO_COUNT)
    return Metric(GOALS_AT_RISK, sum(chance < 0.5 for chance in chances), len(chances))


def _longest_chain(snapshot: Snapshot) -> Metric:
    """Over the open tasks that wait for each other; each takes the median time less its age."""
    still = {task.id: task for task in snapshot.open_tasks}
    waiting = {one.id for one in still.values() if any(before in still for before in one.waits_for)}
    involved = waiting | {before for one in waiting for before in still[one].waits_for if before in still}
    tasks = [still[one] for one in sorted(involved)]
    if not tasks:
        return missing(CPM_LENGTH, Missing.NOTHING_TO_COUNT)
    cycles = sorted(length for length, _ in snapshot.cycle_days(LONGEST))
    if len(cycles) < LEAST_FINISHED:
        return missing(CPM_LENGTH, Missing.TOO_FEW, len(cycles))
    usual = quantile(cycles, 0.50)
    found = critical(tasks, {task.id: max(LEAST_DAYS, usual - _age(task, snapshot)) for task in tasks})
    tight = sum(room < LEAST_DAYS / 2 for room in found.floats.values())
    portions = (Portion("without_float", tight, len(tasks)),)
    return Metric(CPM_LENGTH, found.length, len(tasks), evidence=evidence(found.chain), portions=portions)


def _age(task: Task, snapshot: Snapshot) -> float:
    started = snapshot.started_at(task)
    return 0.0 if started is None else days(snapshot.as_of - started)


def _calibration(snapshot: Snapshot) -> Metric:
    """The Brier score of the chances, with the shares reached by their days."""
    found = calibration(snapshot)
    if len(found.scores) < LEAST_RESOLVED:
        return missing(FORECAST_CALIBRATION, Missing.TOO_FEW, len(found.scores))
    portions = tuple(
        Portion(f"by_q{round(100 * level)}", share, found.n)
        for level, share in zip(LEVELS, found.coverage, strict=True)
        if found.n >= LEAST_RESOLVED
    )
    return Metric(FORECAST_CALIBRATION, found.brier, len(found.scores), portions=portions)


def _stability(tasks: Sequence[Task], snapshot: Snapshot) -> Metric:
    """Of what was planned and not done a week ago, or is planned now: the share with the same goals, owners and day."""
    since = snapshot.as_of - A_WEEK
    steady: list[Task] = []
    changed: list[Task] = []
    for task in tasks:
        if not (task.goals or task.memberships):
            continue
        if task.last_moved <= since:  # it is as it was, which saves most of the work
            if task.goals and task.standing.open:
                steady.append(task)
            continue
        if task.standing_at(since) is Standing.DONE:
            continue
        before, after = _planned(task, since), _planned(task, snapshot.as_of)
        if before or after:
            (steady if before == after else changed).append(task)
    found = share(PLAN_STABILITY, steady, len(steady) + len(changed))
    return replace(found, evidence=evidence(changed))


def _planned(task: Task, at: datetime) -> tuple[object, ...]:
    """What a plan says of the task at a moment; empty where no plan has it."""
    goals, standing = task.goals_at(at), task.standing_at(at)
    if not goals or standing is None or standing is Standing.CANCELLED:
        return ()
    return frozenset(goals), frozenset(task.owners_at(at)), task.due_at(at)


def _completeness(snapshot: Snapshot) -> Metric:
    """Of the open tasks of goals, the share with an owner, a due date and, where any has one, a size."""
    planned = [task for task in snapshot.open_tasks if task.goals]
    sized = any(_has_size(task) for task in planned)
    lacking = [
        task for task in planned if not (task.owners and task.due is not None and (_has_size(task) or not sized))
    ]
    found = share(PLAN_COMPLETE, planned[: len(planned) - len(lacking)], len(planned))
    return replace(found, evidence=evidence(lacking))


def _has_size(task: Task) -> bool:
    return task.points is not None or task.estimate_hours is not None
