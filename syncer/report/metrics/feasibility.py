"""Whether the plan can hold: how long the longest chain of open tasks is, and whether earlier forecasts came true."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.report.forecast.calibration import calibration, calibration_metric
from syncer.report.forecast.critical_path import critical
from syncer.report.forecast.simulation import LEAST_FINISHED
from syncer.report.metrics.building import missing
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Portion, Unit
from syncer.report.model.snapshot import LONGEST, Snapshot, days, evidence
from syncer.report.statistics import quantile

LEAST_DAYS = 0.5
"""What is left of a task that has taken as long as others already."""


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """`cpm_length` with the tasks that may not be late, `forecast_calibration`."""
    yield _longest_chain(snapshot)
    yield calibration_metric(calibration(snapshot))


def _longest_chain(snapshot: Snapshot) -> Metric:
    """Over the open tasks that wait for each other; each takes the median time less its age."""
    name = MetricId.CPM_LENGTH
    still = {task.id: task for task in snapshot.open_tasks}
    waiting = {one.id for one in still.values() if any(before in still for before in one.waits_for)}
    involved = waiting | {before for one in waiting for before in still[one].waits_for if before in still}
    tasks = [still[one] for one in sorted(involved)]
    if not tasks:
        return missing(name, Unit.DAYS, Missing.NOTHING_TO_COUNT)
    cycles = sorted(length for length, _ in snapshot.cycle_days(LONGEST))
    if len(cycles) < LEAST_FINISHED:
        return missing(name, Unit.DAYS, Missing.TOO_FEW, len(cycles))
    usual = quantile(cycles, 0.50)
    found = critical(tasks, {task.id: max(LEAST_DAYS, usual - _age(task, snapshot)) for task in tasks})
    tight = sum(room < LEAST_DAYS / 2 for room in found.floats.values())
    return Metric(
        name,
        found.length,
        Unit.DAYS,
        len(tasks),
        evidence=evidence(found.chain),
        portions=(Portion("without_float", tight, len(tasks)),),
    )


def _age(task: Task, snapshot: Snapshot) -> float:
    started = snapshot.started_at(task)
    return 0.0 if started is None else days(snapshot.as_of - started)
