"""How people talk: how long a task waits for a first answer, questions nobody answered, tasks nobody touches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import takewhile

from syncer.report.metrics.building import share
from syncer.report.metrics.waits import waiting_median
from syncer.report.metrics.working_time import working_hours
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Portion, Unit
from syncer.report.model.snapshot import TRAILING, Snapshot, evidence
from syncer.report.statistics import Wait

STALE_AFTER = timedelta(days=14)

QUESTION_LABEL = "question"


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """Median hours to a first answer, questions open for more than a working day, share of stale tasks."""
    yield from _first_response(snapshot)
    yield _answer_time(snapshot)
    questions = sorted(
        (asked, task.id, task) for task in snapshot.open_tasks if (asked := open_question(task, snapshot)) is not None
    )
    labelled = sum(not _asked_last(task, snapshot) for _, _, task in questions)
    yield Metric(
        MetricId.UNANSWERED_QUESTIONS,
        len(questions),
        Unit.TASKS,
        len(snapshot.open_tasks),
        evidence=evidence(task for _, _, task in questions),
        portions=(
            Portion("labelled", labelled, len(questions)),
            Portion("inferred", len(questions) - labelled, len(questions)),
        ),
    )
    watched = [task for task in snapshot.open_tasks if snapshot.watched(task, STALE_AFTER)]
    touched = sorted((_touched(task, snapshot), task.id, task) for task in watched)
    stale = [task for at, _, task in touched if snapshot.as_of - at > STALE_AFTER]
    yield share(MetricId.STALE_OPEN, stale, len(touched))


def _first_response(snapshot: Snapshot) -> Iterator[Metric]:
    """Of the tasks people made in 28 days: until somebody else wrote on it or changed it.

    By the clock, and in working hours. Who still waits counts as still waiting.
    """
    since, spans, unanswered = snapshot.as_of - TRAILING, [], []
    for task in snapshot.recent:
        if task.created <= since or task.author is None or task.author in snapshot.bots:
            continue
        answer = _first_answer(task, snapshot)
        until = answer or min(snapshot.as_of, max(snapshot.finishes.get(task.id, snapshot.as_of), task.created))
        spans.append((task.created, until, answer is not None))
        if answer is None and snapshot.open(task):
            unanswered.append(task)
    oldest = sorted(unanswered, key=lambda task: (task.created, task.id))
    waits = [Wait((until - start) / timedelta(hours=1), over) for start, until, over in spans]
    yield waiting_median(MetricId.FIRST_RESPONSE, waits, Unit.HOURS, oldest)
    waits = [Wait(working_hours(start, until, snapshot.window.zone), over) for start, until, over in spans]
    yield waiting_median(MetricId.FIRST_RESPONSE_WORKING, waits, Unit.HOURS, oldest)


def _first_answer(task: Task, snapshot: Snapshot) -> datetime | None:
    """When somebody else than its author first wrote on it or changed it."""
    written = snapshot.comments.get(task.id, ())
    notes = (note.at for note in written if note.author != task.author and note.at >= task.created)
    touches = (touch.at for touch in task.touches if touch.at <= snapshot.as_of and touch.person not in snapshot.bots)
    found = [at for at in (next(notes, None), next(touches, None)) if at is not None]
    return min(found, default=None)


def _answer_time(snapshot: Snapshot) -> Metric:
    """Hours until somebody else wrote after a question, over the questions of 28 days."""
    since = snapshot.as_of - TRAILING
    waits, unanswered = [], []
    for task in snapshot.tasks:
        written = snapshot.comments.get(task.id, ())
        for position, note in enumerate(written):
            if not note.asks or note.at <= since:
                continue
            answer = next((later.at for later in written[position + 1 :] if later.author != note.author), None)
            answer = min((at for at in (answer, snapshot.finishes.get(task.id)) if at is not None), default=None)
            answer = None if answer is None else max(answer, note.at)
            waits.append(Wait(((answer or snapshot.as_of) - note.at) / timedelta(hours=1), answer is not None))
            if answer is None:
                unanswered.append((note.at, task.id, task))
    return waiting_median(MetricId.ANSWER_TIME, waits, Unit.HOURS, (task for _, _, task in sorted(unanswered)))


def _asked_last(task: Task, snapshot: Snapshot) -> bool:
    """Whether the last who wrote on it asked, and nobody else wrote after that."""
    return _last_question(task, snapshot) is not None


def _last_question(task: Task, snapshot: Snapshot) -> datetime | None:
    """When the last who wrote on it first asked; a remark of theirs after it answers nothing."""
    written = snapshot.comments.get(task.id, ())
    last = list(takewhile(lambda note: note.author == written[-1].author, reversed(written)))
    return min((note.at for note in last if note.asks), default=None)


def open_question(task: Task, snapshot: Snapshot) -> datetime | None:
    """Since when a question waits, when that is more than a working day; None when none does.

    A question is a label of that name on a task nobody else wrote on, or a comment that ends with a question mark
    and that nobody but its author wrote after.
    """
    written = snapshot.comments.get(task.id, ())
    asked = _last_question(task, snapshot)
    if (
        asked is None
        and QUESTION_LABEL in {label.casefold() for label in task.labels}
        and all(note.author == task.author for note in written)
    ):
        asked = task.created
    return asked if asked is not None and _working_day_over(asked, snapshot.as_of, snapshot.window.zone) else None


def _working_day_over(since: datetime, now: datetime, zone: tzinfo) -> bool:
    """Whether the same hour of the next working day, Monday to Friday, has passed."""
    due = since.astimezone(zone) + timedelta(days=1)
    while due.isoweekday() > 5:
        due += timedelta(days=1)
    return now > due


def _touched(task: Task, snapshot: Snapshot) -> datetime:
    """When somebody last did or said anything about it."""
    written = snapshot.comments.get(task.id, ())
    changed = next((at for at in reversed(task.activity) if at <= snapshot.as_of), task.created)
    return max(task.created, changed, written[-1].at if written else task.created)
