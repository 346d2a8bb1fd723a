"""Dates kept: finished by the first due day promised, and how far due days were moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from syncer.report.metrics.building import missing, share
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import TRAILING, Snapshot, evidence


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """`on_time_rate` against the first due day, `due_slip` over all tasks whose due day was moved."""
    dated = [task for task in snapshot.finished_within(TRAILING) if task.due is not None]
    late = [task for task in dated if not _punctual(task, snapshot)]
    rate = share(MetricId.ON_TIME_RATE, [task for task in dated if _punctual(task, snapshot)], len(dated))
    yield replace(rate, evidence=evidence(late))
    yield _slip(snapshot)


def _punctual(task: Task, snapshot: Snapshot) -> bool:
    """Whether it was finished by the first due day it had: moving the date afterwards makes nothing punctual."""
    baseline = task.baseline_due
    return baseline is not None and snapshot.finishes[task.id].astimezone(snapshot.window.zone).date() <= baseline


def _slip(snapshot: Snapshot) -> Metric:
    """Days by which a due day moved from the first one, on average over those that moved in the last 28 days."""
    since = snapshot.as_of - TRAILING
    moved = [
        ((task.due - task.baseline_due).days, task)
        for task in snapshot.recent
        if task.due is not None
        and task.baseline_due is not None
        and any(since < step.at <= snapshot.as_of for step in task.due_changes[1:])
        and task.due != task.baseline_due
    ]
    if not moved:
        return missing(MetricId.DUE_SLIP, Unit.DAYS, Missing.NOTHING_TO_COUNT)
    most = [task for _, task in sorted(moved, key=lambda one: (-one[0], one[1].id))]
    mean = sum(slip for slip, _ in moved) / len(moved)
    return Metric(MetricId.DUE_SLIP, mean, Unit.DAYS, len(moved), evidence=evidence(most))
