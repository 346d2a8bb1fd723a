"""What disturbs work: too much at once, work that grows old, passing around, impediments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from syncer.report.gather.impediments import holding
from syncer.report.metrics.building import missing, share
from syncer.report.metrics.flow import expected_days
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Portion, Unit
from syncer.report.model.snapshot import TRAILING, Snapshot, days, evidence
from syncer.report.model.timeline import Blockage, Standing

DWELL = timedelta(hours=1)
"""Who has a task for less did not have it."""

BACK_AND_FORTH = timedelta(days=7)


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """Work in progress and how much of it is older than expected, hand-offs, back and forth, blocked days."""
    doing = [task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING]
    aged = sorted(((_age(task, snapshot), task) for task in doing), key=lambda one: (-one[0], one[1].id))
    yield Metric(
        MetricId.WIP, len(doing), Unit.TASKS, len(snapshot.open_tasks), evidence=evidence(task for _, task in aged)
    )
    expected = expected_days(snapshot)
    known = [(age, task) for age, task in aged if snapshot.started_at(task) is not None]
    if expected is None:
        yield missing(MetricId.AGE_OVER_SLE, Unit.SHARE, Missing.TOO_FEW, len(known))
    else:
        yield share(MetricId.AGE_OVER_SLE, [task for age, task in known if age > expected], len(known))
    yield _handoffs(snapshot)
    yield _ping_pong(snapshot)
    yield _blocked_days(snapshot)


def _age(task: Task, snapshot: Snapshot) -> float:
    started = snapshot.started_at(task)
    return 0.0 if started is None else days(snapshot.as_of - started)


def _handoffs(snapshot: Snapshot) -> Metric:
    """Changes from one owner to another for each task finished in 28 days."""
    finished = snapshot.finished_within(TRAILING)
    if len(finished) < 10:
        return missing(MetricId.HANDOFFS, Unit.PER_TASK, Missing.TOO_FEW, len(finished))
    counted = [(handoffs(task, snapshot.as_of), task) for task in finished]
    most = [task for count, task in sorted(counted, key=lambda one: (-one[0], one[1].id)) if count]
    mean = sum(count for count, _ in counted) / len(finished)
    return Metric(MetricId.HANDOFFS, mean, Unit.PER_TASK, len(finished), evidence=evidence(most))


def handoffs(task: Task, until: datetime) -> int:
    """How often the task passed from one owner to another who both had it for an hour or more."""
    steps = [step for step in task.assignments if step.at <= until]
    ends = [*(step.at for step in steps[1:]), until]
    held = [step.owners for step, end in zip(steps, ends, strict=False) if step.owners and end - step.at >= DWELL]
    return sum(set(before) != set(after) for before, after in pairwise(held))


def _ping_pong(snapshot: Snapshot) -> Metric:
    """Tasks that went from A to B and back to A within a week, in owner or standing, in the last 28 days."""
    since = snapshot.as_of - TRAILING
    touched = [task for task in snapshot.recent if _last_activity(task, snapshot.as_of) > since]
    hits = [task for task in touched if _returned(task, since, snapshot.as_of)]
    return Metric(MetricId.PING_PONG, len(hits), Unit.TASKS, len(touched), evidence=evidence(hits))


def _last_activity(task: Task, until: datetime) -> datetime:
    return next((at for at in reversed(task.activity) if at <= until), task.created)


def _returned(task: Task, since: datetime, until: datetime) -> bool:
    owners = [(step.at, step.owners) for step in task.assignments if step.at <= until]
    standings = [(step.at, step.standing) for step in task.transitions if step.at <= until]
    return _there_and_back(owners, since) or _there_and_back(standings, since)


def _there_and_back(steps: Sequence[tuple[datetime, object]], since: datetime) -> bool:
    return any(
        first[1] == third[1] != second[1] and first[1] != () and since < third[0] <= second[0] + BACK_AND_FORTH
        for first, second, third in zip(steps, steps[1:], steps[2:], strict=False)
    )


def _blocked_days(snapshot: Snapshot) -> Metric:
    """Days of the week in which something was in the way of tasks, by kind; what overlaps on a task counts once."""
    start, end = snapshot.window.start, snapshot.as_of
    blocked = [
        (amount, task)
        for task in snapshot.tasks
        if task.blockages and (amount := blocked_days(task, max(start, _seen(task, snapshot)), end)) > 0
    ]
    longest = [task for _, task in sorted(blocked, key=lambda one: (-one[0], one[1].id))]
    total = sum(amount for amount, _ in blocked)
    portions = _by_kind(longest, snapshot)
    return Metric(
        MetricId.BLOCKED_DAYS, total, Unit.ITEM_DAYS, len(blocked), evidence=evidence(longest), portions=portions
    )


def _by_kind(tasks: Sequence[Task], snapshot: Snapshot) -> tuple[Portion, ...]:
    """The days of each kind, where the kind is known, else of each cause. A task can be blocked by two at once."""
    days_of: dict[str, list[float]] = defaultdict(list)
    for task in tasks:
        groups: dict[str, list[Blockage]] = defaultdict(list)
        for one in holding(task):
            groups[one.kind or one.cause.value].append(one)
        for kind, blockages in groups.items():
            start = max(snapshot.window.start, _seen(task, snapshot))
            amount = blocked_days(replace(task, blockages=tuple(blockages)), start, snapshot.as_of)
            if amount > 0:
                days_of[kind].append(amount)
    return tuple(
        Portion(kind, sum(found), len(found))
        for kind, found in sorted(days_of.items(), key=lambda one: (-sum(one[1]), one[0]))
    )


def _seen(task: Task, snapshot: Snapshot) -> datetime:
    """From when it is known which labels the task had; a label of the first reading may be of any age."""
    return max(task.created, snapshot.watched_since.get(task.pair, snapshot.as_of))


def blocked_days(task: Task, start: datetime, end: datetime) -> float:
    """Days between two moments in which the task was blocked and not finished."""
    # In UTC: two moments of one zone are apart by what its clocks show, also where an hour comes twice.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total, reached = timedelta(), start
    until = end if task.finished is None else min(end, max(task.finished, start))
    for blockage in holding(task):
        begin, stop = max(blockage.start, reached), min(blockage.end or until, until)
        if stop > begin:
            total += stop - begin
            reached = stop
    return days(total)
