"""What tasks took against what they were thought to take."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.report.metrics.building import missing, quantile_of
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import TRAILING, Snapshot


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """Hours booked for each hour estimated, and days for each point, over tasks finished in 28 days."""
    finished = snapshot.finished_within(TRAILING)
    ratios = [
        (task.spent_hours / task.estimate_hours, task) for task in finished if task.spent_hours and task.estimate_hours
    ]
    booked = sorted(ratios, key=lambda one: (-one[0], one[1].id))
    if booked:
        most = [task for _, task in booked]
        yield quantile_of(MetricId.ESTIMATE_RATIO, (ratio for ratio, _ in booked), 0.50, Unit.INDEX, most)
    else:
        yield missing(MetricId.ESTIMATE_RATIO, Unit.INDEX, Missing.NO_ESTIMATES)
    pointed = [length / task.points for length, task in snapshot.cycle_days(TRAILING) if task.points]
    if pointed:
        yield quantile_of(MetricId.DAYS_PER_POINT, pointed, 0.50, Unit.DAYS)
    else:
        yield missing(MetricId.DAYS_PER_POINT, Unit.DAYS, Missing.NO_ESTIMATES)
