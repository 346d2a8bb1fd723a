"""The figures of a week, one module a question: each metric is a row and a function beside it. Pure.

Rules that hold for all: no share under ten observations, no interval where order statistics give none, what is still
open is counted as not over yet and never left out, our own writes and bots are nobody's activity, no person is ranked.
Rates and durations look back 28 days; durations are calendar time.

The modules stand in the order of the page, the rows of each in the order of its figures.
"""

from syncer.report.metrics import (
    communication,
    feasibility,
    flow,
    goals,
    quality,
    resources,
    smoothness,
    sprints,
    sync,
)
from syncer.report.metrics.building import MetricInput
from syncer.report.model.metric import Metric, MetricDefinition

__all__ = ["DEFINITIONS", "MetricInput", "measured"]

_OF_THE_WORK = (goals, quality, flow, smoothness, communication, resources, feasibility, sprints)

DEFINITIONS = tuple(
    row for module in (*_OF_THE_WORK, sync) for row in vars(module).values() if isinstance(row, MetricDefinition)
)
"""Every metric there is, in the order of the page: what stands in the modules as a row is registered by that."""


def measured(week: MetricInput) -> tuple[Metric, ...]:
    """All figures of the work at the end of a week; those of the sync itself are counted by `sync.metrics`."""
    return tuple(metric for module in _OF_THE_WORK for metric in module.metrics(week))
