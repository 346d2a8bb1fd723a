"""How the sync did in a week: what it carried and how soon, what both sides changed apart, and each pair by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median_high

from syncer.report.metrics.building import LEAST_FOR_SHARE, quantile_of
from syncer.report.model.collaboration import Collaboration, PairHealth
from syncer.report.model.evaluation import PairReport
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.window import Window


def metrics(collaboration: Collaboration, pairs: Sequence[PairReport], window: Window) -> Iterable[Metric]:
    """What waits and what was settled, runs and writes, delays, and conflicts for each hundred writes."""
    linked = sum(pair.linked_tasks for pair in pairs)
    runs = sum(pair.runs for pair in pairs)
    delays = sorted(delay for pair in collaboration.pairs for delay in pair.carry_delays)
    settled = sum(at in window for at in collaboration.settled_conflicts)
    return (
        Metric(MetricId.CONFLICTS_WAITING, len(collaboration.conflicts), Unit.CONFLICTS, linked),
        Metric(MetricId.CONFLICTS_SETTLED, settled, Unit.CONFLICTS, linked),
        Metric(MetricId.ITEMS_HELD, len(collaboration.held), Unit.ITEMS, linked),
        Metric(MetricId.SYNC_RUNS, runs, Unit.RUNS, runs),
        Metric(MetricId.SYNC_RUNS_FAILED, sum(pair.runs_failed for pair in pairs), Unit.RUNS, runs),
        Metric(MetricId.SYNC_WRITES, sum(pair.writes for pair in pairs), Unit.WRITES, runs),
        Metric(
            MetricId.CARRY_DELAY,
            round(median_high(delays).total_seconds() / 60) if delays else None,
            Unit.MINUTES,
            len(delays),
            missing=None if delays else Missing.NOTHING_TO_COUNT,
        ),
        quantile_of(MetricId.CROSS_TOOL_LAG, (delay.total_seconds() / 60 for delay in delays), 0.95, Unit.MINUTES),
        _conflict_rate(collaboration, sum(pair.writes for pair in pairs), settled, window),
    )


def _conflict_rate(collaboration: Collaboration, writes: int, settled: int, window: Window) -> Metric:
    """Fields that both sides changed apart this week, for each hundred changes carried."""
    opened = settled + sum(conflict.opened_at in window for conflict in collaboration.conflicts)
    if writes < LEAST_FOR_SHARE:
        return Metric(MetricId.SYNC_CONFLICTS, None, Unit.PER_HUNDRED, writes, missing=Missing.TOO_FEW)
    return Metric(MetricId.SYNC_CONFLICTS, 100 * opened / writes, Unit.PER_HUNDRED, writes)


def pair_report(pair: PairHealth, window: Window, now: datetime) -> PairReport:
    """How a pair did in the window, and how it is now: a reading after the window covers the window too."""
    runs = [run for run in pair.runs if run.started_at <= now]
    week = [run for run in runs if run.started_at in window]
    newest = runs[0] if runs else None
    complete = next((run.started_at for run in runs if run.complete), None)
    return PairReport(
        name=pair.name,
        addresses=pair.addresses,
        complete_to=None if complete is None else min(complete, window.end),
        last_outcome=newest.outcome if newest else "",
        last_run=newest.started_at if newest else None,
        message=newest.message if newest else "",
        linked_tasks=pair.linked_tasks,
        runs=len(week),
        runs_failed=sum(not run.complete for run in week),
        writes=sum(run.writes for run in week),
        unsettled_writes=pair.unsettled_writes,
        healthy=newest is not None and newest.complete,
    )
