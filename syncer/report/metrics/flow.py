"""How fast work goes through: time from start to finish, from wish to finish, tasks a week, time worked of time passed.

Started is the first entry into work in progress, finished the last entry into done. The same two points serve work in
progress, age, cycle time and throughput; otherwise these figures contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.report.metrics.building import LEAST_FOR_SHARE, missing, quantile_of
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import TRAILING, Snapshot, days
from syncer.report.statistics import quantile

WEEKS = TRAILING // timedelta(weeks=1)


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """Cycle time (p50, p85), lead time, throughput, flow efficiency."""
    cycles = sorted(snapshot.cycle_days(TRAILING), key=lambda cycle: (-cycle[0], cycle[1].id))
    slowest = [task for _, task in cycles]
    lengths = [length for length, _ in cycles]
    yield quantile_of(MetricId.CYCLE_TIME_P50, lengths, 0.50, Unit.DAYS, slowest)
    yield quantile_of(MetricId.CYCLE_TIME_P85, lengths, 0.85, Unit.DAYS, slowest)
    finished = [task for task in snapshot.finished_within(TRAILING) if snapshot.finishes[task.id] > task.created]
    leads = [days(snapshot.finishes[task.id] - task.created) for task in finished]
    yield quantile_of(MetricId.LEAD_TIME_P50, leads, 0.50, Unit.DAYS)
    everything = len(snapshot.finished_within(TRAILING))
    yield Metric(MetricId.THROUGHPUT, everything / WEEKS, Unit.PER_WEEK, everything)
    yield from _waiting(snapshot)


def _waiting(snapshot: Snapshot) -> Iterator[Metric]:
    """The median share of the time from start to finish that was worked, and the share of all of it that was waiting.

    The mapping decides the number: with review counted as work, efficiency is near 1; as waiting, it may be half. So
    the names of the statuses stand beside it.
    """
    efficiency, waiting = MetricId.FLOW_EFFICIENCY, MetricId.WAIT_SHARE
    spans = []
    for length, task in snapshot.cycle_days(TRAILING) if snapshot.waiting else ():
        started = snapshot.started_at(task)
        if started is not None and length > 0:
            spans.append((waited_days(task, snapshot.waiting, started, snapshot.finishes[task.id]), length))
    if len(spans) < LEAST_FOR_SHARE:
        reason = Missing.TOO_FEW if snapshot.waiting else Missing.NO_WAITING_STATUS
        yield missing(efficiency, Unit.SHARE, reason, len(spans))
        yield missing(waiting, Unit.SHARE, reason, len(spans))
        return
    names = tuple(sorted(snapshot.waiting))
    worked = quantile_of(efficiency, [1 - waited / length for waited, length in spans], 0.50, Unit.SHARE)
    yield replace(worked, detail=names)
    total = sum(length for _, length in spans)
    yield Metric(waiting, sum(waited for waited, _ in spans) / total, Unit.SHARE, len(spans), detail=names)


def waited_days(task: Task, waiting: frozenset[str], start: datetime, end: datetime) -> float:
    """Days between two moments that the task stood in a status in which work waits."""
    ends = [*(visit.at for visit in task.visits[1:]), end]
    return sum(
        days(max(timedelta(), min(until, end) - max(visit.at, start)))
        for visit, until in zip(task.visits, ends, strict=False)
        if visit.name.casefold() in waiting
    )


def expected_days(snapshot: Snapshot) -> float | None:
    """The 85th percentile of cycle times of the last 90 days; None under 19, when it has no interval."""
    lengths = sorted(length for length, _ in snapshot.cycle_days(timedelta(days=90)))
    return quantile(lengths, 0.85) if len(lengths) >= 19 else None
