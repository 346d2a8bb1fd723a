"""How much of what is in progress waits for somebody to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from syncer.report.gather.status_words import is_review
from syncer.report.metrics.building import missing, share
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.timeline import Standing, StatusVisit


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """`review_share`: of the tasks in progress whose status was seen, those that stand in a review; longest first."""
    names = tuple(sorted(name for name in snapshot.statuses if is_review(name)))
    if not names:
        yield missing(MetricId.REVIEW_SHARE, Unit.SHARE, Missing.NO_REVIEW_STATUS)
        return
    doing = [task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING]
    known = [(visit, task) for task in doing if (visit := last_visit(task, snapshot)) is not None]
    waiting = [(visit.at, task.id, task) for visit, task in known if is_review(visit.name)]
    found = share(MetricId.REVIEW_SHARE, [task for _, _, task in sorted(waiting)], len(known))
    yield replace(found, detail=names)


def last_visit(task: Task, snapshot: Snapshot) -> StatusVisit | None:
    """The status the task stood in, and since when; None where that was not seen."""
    return next((visit for visit in reversed(task.visits) if visit.at <= snapshot.as_of), None)
