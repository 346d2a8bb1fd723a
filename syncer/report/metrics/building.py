"""Makes metrics of counts and durations: a share with Wilson's interval, a quantile with that of order statistics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Target, Unit
from syncer.report.model.snapshot import evidence
from syncer.report.statistics import quantile, quantile_interval, wilson

Metrics = tuple[Metric, ...]

LEAST_FOR_SHARE = 10
"""A share of fewer is no share."""

LEAST_FOR_QUANTILE = 5
"""A quantile of fewer is chance."""

TARGETS = {
    MetricId.ON_TIME_RATE: Target(0.80, at_least=True),
    MetricId.REOPEN_RATE: Target(0.05, at_least=False),
    MetricId.AGE_OVER_SLE: Target(0.15, at_least=False),
    MetricId.REVIEW_SHARE: Target(0.25, at_least=False),
    MetricId.STALE_OPEN: Target(0.20, at_least=False),
    MetricId.FIRST_RESPONSE: Target(24.0, at_least=False),
    MetricId.CROSS_TOOL_LAG: Target(60.0, at_least=False),
}
"""What the figures should be where there is a common expectation; all others are shown without one."""


def share(name: MetricId, hits: Sequence[Task], n: int) -> Metric:
    """The share of a population of `n` tasks that `hits` are; they are its evidence."""
    if n < LEAST_FOR_SHARE:
        return Metric(name, None, Unit.SHARE, n, missing=Missing.TOO_FEW, target=TARGETS.get(name))
    found = wilson(len(hits), n)
    return Metric(name, len(hits) / n, Unit.SHARE, n, interval=found, target=TARGETS.get(name), evidence=evidence(hits))


def quantile_of(name: MetricId, values: Iterable[float], part: float, unit: Unit, tasks: Iterable[Task] = ()) -> Metric:
    """A quantile of observed values; `tasks` are those that weigh most."""
    ordered = sorted(values)
    if len(ordered) < LEAST_FOR_QUANTILE:
        reason = Missing.TOO_FEW if ordered else Missing.NOTHING_TO_COUNT
        return Metric(name, None, unit, len(ordered), missing=reason, target=TARGETS.get(name))
    return Metric(
        name,
        quantile(ordered, part),
        unit,
        len(ordered),
        interval=quantile_interval(ordered, part),
        target=TARGETS.get(name),
        evidence=evidence(tasks),
    )


def missing(name: MetricId, unit: Unit, reason: Missing, n: int = 0) -> Metric:
    """A figure of which nothing can be said, and why."""
    return Metric(name, None, unit, n, missing=reason, target=TARGETS.get(name))
