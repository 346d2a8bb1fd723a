"""What figures are counted in, and how they are made.

Shares have Wilson's interval, quantiles that of order statistics. In medians of waiting times what still waits counts
as still waiting (Kaplan and Meier).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncer.report.model.collaboration import Collaboration, Task
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import Metric, MetricDefinition, Missing
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.snapshot import Snapshot, evidence
from syncer.report.statistics import Wait, median_wait, quantile, quantile_interval, wilson

LEAST_FOR_SHARE = 10
"""A share of fewer is no share."""

LEAST_FOR_QUANTILE = 5
"""A quantile of fewer is chance."""


@dataclass(frozen=True, slots=True)
class MetricInput:
    """What the figures of a week are counted in."""

    collaboration: Collaboration
    """Also with what left the plans: tasks closed without being done, or taken out of their goal."""
    snapshot: Snapshot
    """The end of the week."""
    goals: tuple[GoalFigures, ...]
    responsibilities: ResponsibilityTable
    week_before: Snapshot | None = None
    """The end of the week before; None where nothing is compared with it."""


def share(metric: MetricDefinition, hits: Sequence[Task], n: int) -> Metric:
    """The share of a population of `n` tasks that `hits` are; they are its evidence."""
    if n < LEAST_FOR_SHARE:
        return missing(metric, Missing.TOO_FEW, n)
    return Metric(metric, len(hits) / n, n, interval=wilson(len(hits), n), evidence=evidence(hits))


def quantile_of(metric: MetricDefinition, values: Iterable[float], part: float, tasks: Iterable[Task] = ()) -> Metric:
    """A quantile of observed values; `tasks` are those that weigh most."""
    ordered = sorted(values)
    if len(ordered) < LEAST_FOR_QUANTILE:
        return missing(metric, Missing.TOO_FEW if ordered else Missing.NOTHING_TO_COUNT, len(ordered))
    return Metric(
        metric,
        quantile(ordered, part),
        len(ordered),
        interval=quantile_interval(ordered, part),
        evidence=evidence(tasks),
    )


def waiting_median(metric: MetricDefinition, waits: Sequence[Wait], still: Iterable[Task] = ()) -> Metric:
    """The median of waiting times; `still` are tasks that wait, the longest first."""
    if len(waits) < LEAST_FOR_SHARE:
        return missing(metric, Missing.TOO_FEW if waits else Missing.NOTHING_TO_COUNT, len(waits))
    median, interval = median_wait(waits)
    if median is None:
        return missing(metric, Missing.NOT_REACHED, len(waits))
    return Metric(metric, median, len(waits), interval=interval, evidence=evidence(still))


def part_of(metric: MetricDefinition, part: int, whole: int) -> Metric:
    """A part of a whole that is known completely: it has no interval."""
    return Metric(metric, part / whole, whole) if whole else missing(metric, Missing.NOTHING_TO_COUNT)


def counted_tasks(metric: MetricDefinition, tasks: Sequence[Task], n: int) -> Metric:
    """How many of `n` tasks these are; they are its evidence."""
    return Metric(metric, len(tasks), n, evidence=evidence(tasks))


def missing(metric: MetricDefinition, reason: Missing, n: int = 0) -> Metric:
    """A figure of which nothing can be said, and why."""
    return Metric(metric, None, n, missing=reason)
