"""Work that came back: reopened tasks, and the share of new tasks that are bugs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.report.metrics.building import share
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Portion
from syncer.report.model.snapshot import TRAILING, Snapshot
from syncer.report.model.timeline import Standing

BUG_NAMES = frozenset({"bug", "defect", "incident", "缺陷", "故障"})
"""Types and labels that call a task a bug, as English and Chinese sites have them; compared without case."""

MISTAKE = timedelta(minutes=10)
"""A task that is opened again so soon was closed by a slip of the hand."""

COMES_BACK = timedelta(days=30)


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """`reopen_rate` of what was finished, `bug_share` of what was made, both in 28 days."""
    finished = [task for task in snapshot.recent if _entries(task, snapshot)]
    yield share(MetricId.REOPEN_RATE, [task for task in finished if _reopened(task, snapshot)], len(finished))
    since = snapshot.as_of - TRAILING
    made = [task for task in snapshot.recent if task.created > since]
    bugs = [task for task in made if is_bug(task)]
    found = share(MetricId.BUG_SHARE, bugs, len(made))
    escaped = sum(task.author in snapshot.clients for task in bugs)
    yield replace(found, portions=(Portion("client", escaped, len(bugs)),)) if snapshot.clients else found


def is_bug(task: Task) -> bool:
    """Whether its type or a label calls it a bug."""
    return bool({(task.type or "").casefold(), *(label.casefold() for label in task.labels)} & BUG_NAMES)


def _entries(task: Task, snapshot: Snapshot) -> list[datetime]:
    """When the task came to done in the last 28 days, whether or not it stayed."""
    since = snapshot.as_of - TRAILING
    return [
        step.at for step in task.transitions if step.standing is Standing.DONE and since < step.at <= snapshot.as_of
    ]


def _reopened(task: Task, snapshot: Snapshot) -> bool:
    """Whether it left done again within 30 days of one of these moments."""
    entries = set(_entries(task, snapshot))
    return any(
        step.standing is Standing.DONE
        and step.at in entries
        and following.standing.open
        and following.at <= snapshot.as_of
        and MISTAKE <= following.at - step.at <= COMES_BACK
        for step, following in zip(task.transitions, task.transitions[1:], strict=False)
    )
