"""Figures of waiting times, in which what still waits counts as still waiting: the median of Kaplan and Meier. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncer.report.metrics.building import LEAST_FOR_SHARE, TARGETS, missing
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import evidence
from syncer.report.statistics import Wait, median_wait


def waiting_median(name: MetricId, waits: Sequence[Wait], unit: Unit, still: Iterable[Task] = ()) -> Metric:
    """The median of waiting times; `still` are tasks that wait, the longest first."""
    if len(waits) < LEAST_FOR_SHARE:
        return missing(name, unit, Missing.TOO_FEW if waits else Missing.NOTHING_TO_COUNT, len(waits))
    median, interval = median_wait(waits)
    if median is None:
        return missing(name, unit, Missing.NOT_REACHED, len(waits))
    return Metric(name, median, unit, len(waits), interval=interval, target=TARGETS.get(name), evidence=evidence(still))
