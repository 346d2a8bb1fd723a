"""How fast does work go through? What was finished and made, time from start to finish, and what tasks took.

Started is the first entry into work in progress, finished the last entry into done. The same two points serve work in
progress, age, cycle time and throughput; otherwise these figures contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.report.metrics.building import LEAST_FOR_SHARE, MetricInput, missing, quantile_of
from syncer.report.model.collaboration import Task
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import Comparison, Metric, MetricDefinition, Missing, Question, Unit
from syncer.report.model.points import points_portion
from syncer.report.model.snapshot import TRAILING, Snapshot, days
from syncer.report.statistics import quantile

WEEKS = TRAILING // timedelta(weeks=1)

TASKS_FINISHED = MetricDefinition(
    id="tasks_finished",
    question=Question.EFFICIENCY,
    unit=Unit.TASKS,
    label=marked("Finished this week"),
    explanation="Tasks whose last entry into done was in the week.",
    pitfall="Tasks differ in size: a week of few large ones is no worse.",
    population=counted("of %(n)s task", "of %(n)s tasks"),
    compared=Comparison.WEEK,
    for_clients=True,
    portion=Unit.POINTS,
)
TASKS_CREATED = MetricDefinition(
    id="tasks_created",
    question=Question.EFFICIENCY,
    unit=Unit.TASKS,
    label=marked("New this week"),
    explanation="Tasks made in the week, cancelled ones left out.",
    pitfall="Work that was split into smaller tasks counts as new.",
    population=counted("of %(n)s task", "of %(n)s tasks"),
    compared=Comparison.WEEK,
    for_clients=True,
)
NET_FLOW = MetricDefinition(
    id="net_flow",
    question=Question.EFFICIENCY,
    unit=Unit.TASKS,
    label=marked("Finished minus new"),
    explanation="What was finished in the week less what was made in it; below zero, the backlog grew.",
    pitfall="A planning day makes it negative without anything being wrong.",
    population=counted("of %(n)s task", "of %(n)s tasks"),
    compared=Comparison.WEEK,
)
CYCLE_TIME_P50 = MetricDefinition(
    id="cycle_time_p50",
    question=Question.EFFICIENCY,
    unit=Unit.DAYS,
    label=marked("Cycle time (start to done), days, median"),
    explanation="Cycle time of the tasks started and finished in view, finished in 28 days.",
    pitfall="What is still open is not in it: with old work in progress it looks better than it is.",
    population=counted("of %(n)s started and finished in 28 days", "of %(n)s started and finished in 28 days"),
)
CYCLE_TIME_P85 = MetricDefinition(
    id="cycle_time_p85",
    question=Question.EFFICIENCY,
    unit=Unit.DAYS,
    label=marked("Cycle time (start to done), days, 85th percentile"),
    explanation="Cycle time that 85 of 100 of these tasks stayed under.",
    pitfall="Under 19 tasks it has no interval: one slow task decides it.",
    population=counted("of %(n)s started and finished in 28 days", "of %(n)s started and finished in 28 days"),
)
LEAD_TIME_P50 = MetricDefinition(
    id="lead_time_p50",
    question=Question.EFFICIENCY,
    unit=Unit.DAYS,
    label=marked("Lead time (created to done), days, median"),
    explanation="Days from creation to done of the tasks finished in 28 days.",
    pitfall="It holds the time in the backlog too, which may be wanted.",
    population=counted("of %(n)s finished in 28 days", "of %(n)s finished in 28 days"),
)
THROUGHPUT = MetricDefinition(
    id="throughput",
    question=Question.EFFICIENCY,
    unit=Unit.PER_WEEK,
    label=marked("Tasks finished a week"),
    explanation="Tasks finished in 28 days, divided by four.",
    pitfall="Never a figure of one person, and of no use to compare teams.",
    population=counted("%(n)s finished in 28 days", "%(n)s finished in 28 days"),
)
FLOW_EFFICIENCY = MetricDefinition(
    id="flow_efficiency",
    question=Question.EFFICIENCY,
    unit=Unit.SHARE,
    label=marked("Flow efficiency (time worked of cycle time), median"),
    explanation="Of each task's time from start to finish, the share in which it did not stand in a waiting status.",
    pitfall="Which statuses count as waiting decides it: their names stand beside the figure.",
    population=counted("of %(n)s started and finished in 28 days", "of %(n)s started and finished in 28 days"),
    names=marked("waiting statuses: %(names)s"),
)
ESTIMATE_RATIO = MetricDefinition(
    id="estimate_ratio",
    question=Question.EFFICIENCY,
    unit=Unit.INDEX,
    label=marked("Hours booked for each hour estimated, median"),
    explanation="Over the tasks finished in 28 days that have hours of both; 1 is as estimated, 2 is twice as long.",
    pitfall="Only tasks whose hours are booked: these may be the unusual ones.",
    population=counted("of %(n)s with hours of both", "of %(n)s with hours of both"),
)
DAYS_PER_POINT = MetricDefinition(
    id="days_per_point",
    question=Question.EFFICIENCY,
    unit=Unit.DAYS,
    label=marked("Cycle time for each point, days, median"),
    explanation="Cycle time divided by points, over the tasks with points finished in 28 days.",
    pitfall="Points of one team are not those of another.",
    population=counted("of %(n)s with points, finished in 28 days", "of %(n)s with points, finished in 28 days"),
)


def metrics(week: MetricInput) -> Iterator[Metric]:
    """What came and went in the week; cycle time, lead time, throughput, flow efficiency; estimates."""
    snapshot = week.snapshot
    yield from _come_and_gone(snapshot, week.week_before)
    cycles = sorted(snapshot.cycle_days(TRAILING), key=lambda cycle: (-cycle[0], cycle[1].id))
    slowest = [task for _, task in cycles]
    lengths = [length for length, _ in cycles]
    yield quantile_of(CYCLE_TIME_P50, lengths, 0.50, slowest)
    yield quantile_of(CYCLE_TIME_P85, lengths, 0.85, slowest)
    finished = [task for task in snapshot.finished_within(TRAILING) if snapshot.finishes[task.id] > task.created]
    yield quantile_of(LEAD_TIME_P50, [days(snapshot.finishes[task.id] - task.created) for task in finished], 0.50)
    everything = len(snapshot.finished_within(TRAILING))
    yield Metric(THROUGHPUT, everything / WEEKS, everything)
    yield _efficiency(snapshot)
    yield from _estimates(snapshot)


def _come_and_gone(snapshot: Snapshot, before: Snapshot | None) -> Iterator[Metric]:
    """Tasks finished and made in the week and in the week before, of all that are counted."""
    everything = len(snapshot.tasks)
    done = snapshot.finished_this_week
    finished, created = len(done), len(snapshot.created_this_week)
    found = (
        Metric(TASKS_FINISHED, finished, everything, portions=points_portion(done, done)),
        Metric(TASKS_CREATED, created, everything),
        Metric(NET_FLOW, finished - created, everything),
    )
    if before is None:
        yield from found
        return
    finished, created = len(before.finished_this_week), sum(task.created in before.window for task in snapshot.recent)
    for metric, then in zip(found, (finished, created, finished - created), strict=True):
        yield replace(metric, previous=then)


def _efficiency(snapshot: Snapshot) -> Metric:
    """The median share of the time from start to finish that was worked.

    The mapping decides the number: with review counted as work, efficiency is near 1; as waiting, it may be half. So
    the names of the statuses stand beside it.
    """
    spans = waiting_spans(snapshot)
    if len(spans) < LEAST_FOR_SHARE:
        return missing(FLOW_EFFICIENCY, too_few_waits(snapshot), len(spans))
    worked = quantile_of(FLOW_EFFICIENCY, [1 - waited / length for waited, length in spans], 0.50)
    return replace(worked, detail=tuple(sorted(snapshot.waiting)))


def waiting_spans(snapshot: Snapshot) -> list[tuple[float, float]]:
    """Of each task finished in 28 days: days it stood in a waiting status, and days from start to finish."""
    spans = []
    for length, task in snapshot.cycle_days(TRAILING) if snapshot.waiting else ():
        started = snapshot.started_at(task)
        if started is not None and length > 0:
            spans.append((waited_days(task, snapshot.waiting, started, snapshot.finishes[task.id]), length))
    return spans


def too_few_waits(snapshot: Snapshot) -> Missing:
    """Why nothing can be said of waiting where there are too few spans."""
    return Missing.TOO_FEW if snapshot.waiting else Missing.NO_WAITING_STATUS


def waited_days(task: Task, waiting: frozenset[str], start: datetime, end: datetime) -> float:
    """Days between two times that the task stood in a status in which work waits."""
    ends = [*(visit.at for visit in task.visits[1:]), end]
    return sum(
        days(max(timedelta(), min(until, end) - max(visit.at, start)))
        for visit, until in zip(task.visits, ends, strict=False)
        if visit.name.casefold() in waiting
    )


def _estimates(snapshot: Snapshot) -> Iterator[Metric]:
    """Hours booked for each hour estimated, and days for each point, over tasks finished in 28 days."""
    finished = snapshot.finished_within(TRAILING)
    ratios = [
        (task.spent_hours / task.estimate_hours, task) for task in finished if task.spent_hours and task.estimate_hours
    ]
    booked = sorted(ratios, key=lambda one: (-one[0], one[1].id))
    if booked:
        yield quantile_of(ESTIMATE_RATIO, (ratio for ratio, _ in booked), 0.50, [task for _, task in booked])
    else:
        yield missing(ESTIMATE_RATIO, Missing.NO_ESTIMATES)
    pointed = [length / task.points for length, task in snapshot.cycle_days(TRAILING) if task.points]
    yield quantile_of(DAYS_PER_POINT, pointed, 0.50) if pointed else missing(DAYS_PER_POINT, Missing.NO_ESTIMATES)


def expected_days(snapshot: Snapshot) -> float | None:
    """The 85th percentile of cycle times of the last 90 days; None under 19, when it has no interval."""
    lengths = sorted(length for length, _ in snapshot.cycle_days(timedelta(days=90)))
    return quantile(lengths, 0.85) if len(lengths) >= 19 else None
