"""Are both trackers in step? What the sync carried and how soon, conflicts, and each pair by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median_high

from syncer.report.metrics.building import LEAST_FOR_SHARE, missing, quantile_of
from syncer.report.model.collaboration import Collaboration, PairHealth
from syncer.report.model.evaluation import PairReport
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import Comparison, Metric, MetricDefinition, Missing, Question, Target, Unit
from syncer.report.model.window import Window

CONFLICTS_WAITING = MetricDefinition(
    id="conflicts_waiting",
    question=Question.SYNC,
    unit=Unit.CONFLICTS,
    label=marked("Conflicts waiting"),
    explanation="Fields that both sides changed and about which nobody has decided yet.",
    pitfall="As of now, also in the report of a past week.",
    population=counted("%(n)s linked task", "%(n)s linked tasks"),
    compared=Comparison.NONE,
)
CONFLICTS_SETTLED = MetricDefinition(
    id="conflicts_settled",
    question=Question.SYNC,
    unit=Unit.CONFLICTS,
    label=marked("Conflicts settled this week"),
    explanation="Conflicts that ended in the week, however they did.",
    population=counted("%(n)s linked task", "%(n)s linked tasks"),
    compared=Comparison.NONE,
)
ITEMS_HELD = MetricDefinition(
    id="items_held",
    question=Question.SYNC,
    unit=Unit.ITEMS,
    label=marked("Items held back"),
    explanation="Items that the sync leaves alone until somebody decides; `syncer status` names why.",
    pitfall="As of now, also in the report of a past week.",
    population=counted("%(n)s linked task", "%(n)s linked tasks"),
    compared=Comparison.NONE,
)
SYNC_RUNS = MetricDefinition(
    id="sync_runs",
    question=Question.SYNC,
    unit=Unit.RUNS,
    label=marked("Sync runs this week"),
    explanation="Runs of all pairs that began in the week.",
    compared=Comparison.NONE,
)
SYNC_RUNS_FAILED = MetricDefinition(
    id="sync_runs_failed",
    question=Question.SYNC,
    unit=Unit.RUNS,
    label=marked("Runs that did not finish"),
    explanation="Runs of the week that did not read and write everything.",
    pitfall="The next run goes on where one ended: a few are no loss.",
    population=counted("in %(n)s run", "in %(n)s runs"),
    compared=Comparison.NONE,
)
SYNC_WRITES = MetricDefinition(
    id="sync_writes",
    question=Question.SYNC,
    unit=Unit.WRITES,
    label=marked("Changes carried this week"),
    explanation="Writes to either side in the week.",
    population=counted("in %(n)s run", "in %(n)s runs"),
    compared=Comparison.NONE,
)
CARRY_DELAY = MetricDefinition(
    id="carry_delay",
    question=Question.SYNC,
    unit=Unit.MINUTES,
    label=marked("Minutes until the other side shows it (median)"),
    explanation="From a change on one side until it is written to the other.",
    pitfall="Runs that are far apart make it long, whatever the trackers do.",
    population=counted("over %(n)s change", "over %(n)s changes"),
    compared=Comparison.NONE,
)
CROSS_TOOL_LAG = MetricDefinition(
    id="cross_tool_lag",
    question=Question.SYNC,
    unit=Unit.MINUTES,
    label=marked("Minutes until the other side shows it (95th percentile)"),
    explanation="The same delay that 95 of 100 changes stayed under.",
    pitfall="One night without a run decides it.",
    population=counted("over %(n)s change", "over %(n)s changes"),
    compared=Comparison.NONE,
    target=Target(60.0, at_least=False),
)
SYNC_CONFLICTS = MetricDefinition(
    id="sync_conflicts",
    question=Question.SYNC,
    unit=Unit.PER_HUNDRED,
    label=marked("Conflicts for each hundred changes carried"),
    explanation="Fields that both sides changed in the week, for each hundred writes.",
    pitfall="Few runs make more of them: both sides have longer to change the same field.",
    population=counted("over %(n)s change carried", "over %(n)s changes carried"),
    compared=Comparison.NONE,
)


def metrics(collaboration: Collaboration, pairs: Sequence[PairReport], window: Window) -> Iterator[Metric]:
    """What waits and what was settled, runs and writes, delays, and conflicts for each hundred writes."""
    linked = sum(pair.linked_tasks for pair in pairs)
    runs, writes = sum(pair.runs for pair in pairs), sum(pair.writes for pair in pairs)
    settled = sum(at in window for at in collaboration.settled_conflicts)
    yield Metric(CONFLICTS_WAITING, len(collaboration.conflicts), linked)
    yield Metric(CONFLICTS_SETTLED, settled, linked)
    yield Metric(ITEMS_HELD, sum(item.steering is None for item in collaboration.held), linked)
    yield Metric(SYNC_RUNS, runs, runs)
    yield Metric(SYNC_RUNS_FAILED, sum(pair.runs_failed for pair in pairs), runs)
    yield Metric(SYNC_WRITES, writes, runs)
    yield from _delays(sorted(delay for pair in collaboration.pairs for delay in pair.carry_delays))
    yield _conflict_rate(collaboration, writes, settled, window)


def _delays(delays: Sequence[timedelta]) -> Iterator[Metric]:
    """From a change on one side until the other shows it, shortest first: the middle one, and the 95th percentile."""
    if delays:
        yield Metric(CARRY_DELAY, round(median_high(delays).total_seconds() / 60), len(delays))
    else:
        yield missing(CARRY_DELAY, Missing.NOTHING_TO_COUNT)
    yield quantile_of(CROSS_TOOL_LAG, (delay.total_seconds() / 60 for delay in delays), 0.95)


def _conflict_rate(collaboration: Collaboration, writes: int, settled: int, window: Window) -> Metric:
    """Fields that both sides changed this week, for each hundred changes carried."""
    opened = settled + sum(conflict.opened_at in window for conflict in collaboration.conflicts)
    if writes < LEAST_FOR_SHARE:
        return missing(SYNC_CONFLICTS, Missing.TOO_FEW, writes)
    return Metric(SYNC_CONFLICTS, 100 * opened / writes, writes)


def pair_report(pair: PairHealth, window: Window, now: datetime) -> PairReport:
    """How a pair did in the window, and how it is now: a reading after the window covers the window too."""
    runs = [begun for run in pair.runs if (begun := run.until(now)) is not None]
    week = [(run, count) for run in runs if (count := run.begun_in(window))]
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
        runs=sum(count for _, count in week),
        runs_failed=sum(count for run, count in week if not run.complete),
        writes=sum(run.writes for run, _ in week),
        unsettled_writes=pair.unsettled_writes,
        healthy=newest is not None and newest.complete,
        watches=newest is not None and newest.watches,
    )
