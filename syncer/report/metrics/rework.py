"""Work that goes back: from review to work again, from the client to the team. And how old bugs become.

Only statuses whose names say so are known as review, or as one in which the client has the word. Without any, the
figure says what would make it measurable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from syncer.report.gather.status_words import is_client, is_review
from syncer.report.metrics.building import LEAST_FOR_SHARE, missing, share
from syncer.report.metrics.quality import is_bug
from syncer.report.metrics.waits import waiting_median
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Portion, Unit
from syncer.report.model.snapshot import LONGEST, TRAILING, Snapshot, days, evidence
from syncer.report.model.timeline import Standing, StatusVisit
from syncer.report.statistics import Wait


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """`rework_rate`, `client_accept_first`, `client_wait`, `defect_age`, `change_fail`."""
    yield _rework(snapshot)
    yield _accepted_first(snapshot)
    yield _client_wait(snapshot)
    yield _defect_age(snapshot)
    yield missing(MetricId.CHANGE_FAIL, Unit.SHARE, Missing.NO_RELEASES)


def _rework(snapshot: Snapshot) -> Metric:
    """Of the tasks finished in 28 days, those that went from review back to work at least once."""
    names = _names(snapshot, is_review)
    if not names:
        return missing(MetricId.REWORK_RATE, Unit.SHARE, Missing.NO_REVIEW_STATUS)
    finished = snapshot.finished_within(TRAILING)
    again = [task for task in finished if reworked(task, snapshot.finishes[task.id])]
    return replace(share(MetricId.REWORK_RATE, again, len(finished)), detail=names)


def reworked(task: Task, finish: datetime) -> bool:
    """Whether the task went from a review status back to an open one before it was finished."""
    return any(
        is_review(before.name)
        and not is_review(after.name)
        and after.at < finish
        and (standing := task.standing_at(after.at)) is not None
        and standing.open
        for before, after in pairwise(task.visits)
    )


def _accepted_first(snapshot: Snapshot) -> Metric:
    """Of the tasks on which the client gave a first word in 28 days, those that were done by it."""
    names = _names(snapshot, is_client)
    if not names:
        return missing(MetricId.CLIENT_ACCEPT_FIRST, Unit.SHARE, Missing.NO_CLIENT_STATUS)
    since = snapshot.as_of - TRAILING
    decided = [
        (end, task)
        for task in snapshot.recent
        for _, end in client_stays(task, snapshot.as_of)[:1]
        if end is not None and end > since
    ]
    accepted = [task for end, task in decided if task.standing_at(end) is Standing.DONE]
    found = share(MetricId.CLIENT_ACCEPT_FIRST, accepted, len(decided))
    returned = [task for end, task in sorted(decided, key=lambda one: one[0]) if task not in accepted]
    return replace(found, evidence=evidence(returned) if found.value is not None else (), detail=names)


def client_stays(task: Task, as_of: datetime) -> list[tuple[datetime, datetime | None]]:
    """From when to when the client had the word; None for the end of a stay that goes on."""
    stays: list[tuple[datetime, datetime | None]] = []
    for visit in _until(task.visits, as_of):
        open_stay = bool(stays) and stays[-1][1] is None
        if is_client(visit.name):
            stays += [] if open_stay else [(visit.at, None)]
        elif open_stay:
            stays[-1] = (stays[-1][0], visit.at)
    return stays


def _client_wait(snapshot: Snapshot) -> Metric:
    """Days for which the client had the word, over the times it got it in 28 days and those in which it still has."""
    name, names = MetricId.CLIENT_WAIT, _names(snapshot, is_client)
    if not names:
        return missing(name, Unit.DAYS, Missing.NO_CLIENT_STATUS)
    since = snapshot.as_of - TRAILING
    waits, now = [], []
    for task in snapshot.tasks:
        for start, end in client_stays(task, snapshot.as_of):
            if end is None and snapshot.open(task):
                now.append((start, task.id, task))
                waits.append(Wait(days(snapshot.as_of - start), over=False))
            elif end is not None and start > since:
                waits.append(Wait(days(end - start), over=True))
    oldest = [task for _, _, task in sorted(now)]
    found = waiting_median(name, waits, Unit.DAYS, oldest)
    return replace(found, detail=names, portions=(Portion("waiting_now", len(now), len(now)),))


def _defect_age(snapshot: Snapshot) -> Metric:
    """Days until a bug is finished, over the bugs made in 180 days; by priority where there are ten of one."""
    since = snapshot.as_of - LONGEST
    by_priority: dict[str, list[Wait]] = defaultdict(list)
    unfinished = []
    for task in snapshot.tasks:
        if task.created > since and is_bug(task):
            finish = snapshot.finishes.get(task.id)
            length = days(max((finish or snapshot.as_of), task.created) - task.created)
            by_priority[task.priority or ""].append(Wait(length, finish is not None))
            unfinished += [task] if finish is None else []
    oldest = sorted(unfinished, key=lambda task: (task.created, task.id))
    waits = [wait for group in by_priority.values() for wait in group]
    found = waiting_median(MetricId.DEFECT_AGE, waits, Unit.DAYS, oldest)
    portions = [
        Portion(priority, value, len(group))
        for priority, group in sorted(by_priority.items())
        if priority
        and len(group) >= LEAST_FOR_SHARE
        and (value := waiting_median(MetricId.DEFECT_AGE, group, Unit.DAYS).value) is not None
    ]
    return replace(found, portions=tuple(portions))


def _names(snapshot: Snapshot, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The names of the statuses that are known as something, of all tasks up to the moment."""
    return tuple(sorted({name for name in snapshot.statuses if known(name)}))


def _until(visits: tuple[StatusVisit, ...], as_of: datetime) -> Iterator[StatusVisit]:
    return (visit for visit in visits if visit.at <= as_of)
