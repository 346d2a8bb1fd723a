"""How people talk: how long a task waits for a first answer, questions nobody answered, tasks nobody touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from syncer.report.evaluation import Metric, MetricId, Missing, Unit
from syncer.report.intervals import Wait, median_wait
from syncer.report.measures.figure import LEAST_FOR_SHARE, TARGETS, missing, share
from syncer.report.model import Task
from syncer.report.moment import TRAILING, Moment, evidence

STALE_AFTER = timedelta(days=14)

QUESTION_LABEL = "question"


def metrics(moment: Moment) -> Iterator[Metric]:
    """Median hours to a first answer, questions open for more than a working day, share of stale tasks."""
    yield _first_response(moment)
    questions = sorted(
        (asked, task.id, task) for task in moment.open_tasks if (asked := open_question(task, moment)) is not None
    )
    yield Metric(
        MetricId.UNANSWERED_QUESTIONS,
        len(questions),
        Unit.TASKS,
        len(moment.open_tasks),
        evidence=evidence(task for _, _, task in questions),
    )
    watched = [task for task in moment.open_tasks if moment.watched(task, STALE_AFTER)]
    touched = sorted((_touched(task, moment), task.id, task) for task in watched)
    stale = [task for at, _, task in touched if moment.as_of - at > STALE_AFTER]
    yield share(MetricId.STALE_OPEN, stale, len(touched))


def _first_response(moment: Moment) -> Metric:
    """Of the tasks people made in 28 days: until somebody else wrote. Who still waits counts as still waiting."""
    since, waits, unanswered = moment.as_of - TRAILING, [], []
    for task in moment.recent:
        if task.created <= since or task.author is None or task.author in moment.bots:
            continue
        written = moment.comments.get(task.id, ())
        answer = next((note.at for note in written if note.author != task.author and note.at >= task.created), None)
        until = answer or min(moment.as_of, max(moment.finishes.get(task.id, moment.as_of), task.created))
        waits.append(Wait((until - task.created) / timedelta(hours=1), answer is not None))
        if answer is None and moment.open(task):
            unanswered.append(task)
    name = MetricId.FIRST_RESPONSE
    if len(waits) < LEAST_FOR_SHARE:
        return missing(name, Unit.HOURS, Missing.TOO_FEW, len(waits))
    median, interval = median_wait(waits)
    if median is None:
        return missing(name, Unit.HOURS, Missing.NOT_REACHED, len(waits))
    oldest = sorted(unanswered, key=lambda task: (task.created, task.id))
    return Metric(
        name, median, Unit.HOURS, len(waits), interval=interval, target=TARGETS[name], evidence=evidence(oldest)
    )


def open_question(task: Task, moment: Moment) -> datetime | None:
    """Since when a question waits, when that is more than a working day; None when none does.

    A question is a label of that name on a task nobody else wrote on, or a last comment that ends with a question mark.
    """
    written = moment.comments.get(task.id, ())
    asked = None
    if written and written[-1].asks:
        asked = written[-1].at
    elif QUESTION_LABEL in {label.casefold() for label in task.labels} and all(
        note.author == task.author for note in written
    ):
        asked = task.created
    return asked if asked is not None and _working_day_over(asked, moment.as_of, moment.window.zone) else None


def _working_day_over(since: datetime, now: datetime, zone: tzinfo) -> bool:
    """Whether the same hour of the next working day, Monday to Friday, has passed."""
    due = since.astimezone(zone) + timedelta(days=1)
    while due.isoweekday() > 5:
        due += timedelta(days=1)
    return now > due


def _touched(task: Task, moment: Moment) -> datetime:
    """When somebody last did or said anything about it."""
    written = moment.comments.get(task.id, ())
    changed = next((at for at in reversed(task.activity) if at <= moment.as_of), task.created)
    return max(task.created, changed, written[-1].at if written else task.created)
