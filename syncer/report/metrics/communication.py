"""How well do people talk? How long a task waits for a first answer, for the client or for anybody; open questions.

Working time is that of the configuration, else Monday to Friday, 9 to 17, by the clock of who has the task. Leaves of
single people count as working days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

from syncer.report.gather.status_words import client_stays, is_client
from syncer.report.metrics.building import MetricInput, missing, share, waiting_median
from syncer.report.model.collaboration import Collaboration, Comment, Task
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import (
    Comparison,
    Metric,
    MetricDefinition,
    Missing,
    Portion,
    Question,
    Target,
    Unit,
)
from syncer.report.model.snapshot import TRAILING, Snapshot, days, evidence
from syncer.report.model.window import Window
from syncer.report.statistics import Wait

STALE_AFTER = timedelta(days=14)

QUESTION_LABEL = "question"

COMMENTS_WRITTEN = MetricDefinition(
    id="comments_written",
    question=Question.COMMUNICATION,
    unit=Unit.COMMENTS,
    label=marked("Comments written"),
    explanation="Comments of the week on either side; those of bots are left out, a copy is the comment it copies.",
    pitfall="Those with restricted readers are not counted. Much talk may be a good or a bad sign.",
    population=counted("on %(n)s task", "on %(n)s tasks"),
    compared=Comparison.WEEK,
)
FIRST_RESPONSE = MetricDefinition(
    id="first_response",
    question=Question.COMMUNICATION,
    unit=Unit.HOURS,
    label=marked("Hours to a first response to a new task, median"),
    explanation="Of the tasks people made in 28 days, until somebody else wrote on it or changed it.",
    pitfall="Nights and weekends count; a task nobody needs to answer counts as waiting.",
    population=counted("of %(n)s task made in 28 days", "of %(n)s tasks made in 28 days"),
    target=Target(24.0, at_least=False),
)
FIRST_RESPONSE_WORKING = MetricDefinition(
    id="first_response_working",
    question=Question.COMMUNICATION,
    unit=Unit.HOURS,
    label=marked("Working hours to a first response to a new task, median"),
    explanation="The same in working hours, by the clock of who has the task: Monday to Friday, 9 to 17, where "
    "`working-hours`, `working-days` and `holidays` say nothing else.",
    pitfall="Leaves of single people count as working days.",
    population=counted("of %(n)s task made in 28 days", "of %(n)s tasks made in 28 days"),
)
ANSWER_TIME = MetricDefinition(
    id="answer_time",
    question=Question.COMMUNICATION,
    unit=Unit.HOURS,
    label=marked("Hours from a question to its answer, median"),
    explanation="From a comment that ends with a question mark until somebody else wrote or the task was done.",
    pitfall="An answer given in a call is not seen.",
    population=counted("of %(n)s question of 28 days", "of %(n)s questions of 28 days"),
)
CLIENT_WAIT = MetricDefinition(
    id="client_wait",
    question=Question.COMMUNICATION,
    unit=Unit.DAYS,
    label=marked("Days that a task waits for the client, median"),
    explanation="Over the times the client got the word in 28 days, and those in which it still has it.",
    pitfall="Statuses of the client are known by their names, which stand beside the figure.",
    population=counted("of %(n)s wait of 28 days", "of %(n)s waits of 28 days"),
    names=marked("statuses that wait for the client: %(names)s"),
)
UNANSWERED_QUESTIONS = MetricDefinition(
    id="unanswered_questions",
    question=Question.COMMUNICATION,
    unit=Unit.TASKS,
    label=marked("Questions without an answer"),
    explanation="Open tasks with a question older than a working day: a last comment that ends with a question mark, "
    "or the label `question` on a task that nobody else wrote on.",
    pitfall="A question without a question mark is not seen.",
    population=counted("of %(n)s open task", "of %(n)s open tasks"),
)
STALE_OPEN = MetricDefinition(
    id="stale_open",
    question=Question.COMMUNICATION,
    unit=Unit.SHARE,
    label=marked("Untouched for 14 days"),
    explanation="Of the open tasks watched for 14 days, the share on which nobody did or said anything in them.",
    pitfall="A backlog that rests on purpose counts too.",
    population=counted("of %(n)s open task", "of %(n)s open tasks"),
    target=Target(0.20, at_least=False),
)


def metrics(week: MetricInput) -> Iterator[Metric]:
    """Comments, hours to a first answer and to that of a question, waits for the client, questions, stale tasks."""
    snapshot = week.snapshot
    yield _comments(week.collaboration, snapshot.window)
    yield from _first_response(snapshot)
    yield _answer_time(snapshot)
    yield _client_wait(snapshot)
    yield _unanswered(snapshot)
    watched = [task for task in snapshot.open_tasks if snapshot.watched(task, STALE_AFTER)]
    touched = sorted((_touched(task, snapshot), task.id, task) for task in watched)
    yield share(STALE_OPEN, [task for at, _, task in touched if snapshot.as_of - at > STALE_AFTER], len(touched))


def _comments(collaboration: Collaboration, window: Window) -> Metric:
    """Comments that people wrote; `n` is the number of tasks they wrote on."""
    bots = {person.id for person in collaboration.people if person.bot}

    def of(week: Window) -> list[str]:
        begin, end = week.start, week.end
        return [note.task for note in collaboration.comments if begin <= note.at < end and note.author not in bots]

    written = of(window)
    return Metric(COMMENTS_WRITTEN, len(written), len(set(written)), len(of(window.earlier(1))))


def _first_response(snapshot: Snapshot) -> Iterator[Metric]:
    """Of the tasks people made in 28 days: until somebody else wrote on it or changed it.

    By the clock, and in working hours. Who still waits counts as still waiting.
    """
    since, spans, unanswered = snapshot.as_of - TRAILING, [], []
    for task in snapshot.recent:
        if task.created <= since or task.author is None or task.author in snapshot.bots:
            continue
        answer = _first_answer(task, snapshot)
        until = answer or min(snapshot.as_of, max(snapshot.finished_at(task) or snapshot.as_of, task.created))
        spans.append((task.created, until, answer is not None, snapshot.zone_of(task)))
        if answer is None and snapshot.open(task):
            unanswered.append(task)
    oldest = sorted(unanswered, key=lambda task: (task.created, task.id))
    waits = [Wait((until - start) / timedelta(hours=1), over) for start, until, over, _ in spans]
    yield waiting_median(FIRST_RESPONSE, waits, oldest)
    waits = [Wait(snapshot.counting.working.hours(start, until, zone), over) for start, until, over, zone in spans]
    yield waiting_median(FIRST_RESPONSE_WORKING, waits, oldest)


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
    asked = {name for name, notes in snapshot.comments.items() if any(note.asks and note.at > since for note in notes)}
    for task in snapshot.tasks:
        written = snapshot.comments[task.id] if task.id in asked else ()
        for position, note in enumerate(written):
            if not note.asks or note.at <= since:
                continue
            answer = next((later.at for later in written[position + 1 :] if later.author != note.author), None)
            answer = min((at for at in (answer, snapshot.finished_at(task)) if at is not None), default=None)
            answer = None if answer is None else max(answer, note.at)
            waits.append(Wait(((answer or snapshot.as_of) - note.at) / timedelta(hours=1), answer is not None))
            if answer is None:
                unanswered.append((note.at, task.id, task))
    return waiting_median(ANSWER_TIME, waits, (task for _, _, task in sorted(unanswered)))


def _client_wait(snapshot: Snapshot) -> Metric:
    """Days for which the client had the word, over the times it got it in 28 days and those in which it still has."""
    names = snapshot.statuses_that(is_client)
    if not names:
        return missing(CLIENT_WAIT, Missing.NO_CLIENT_STATUS)
    since = snapshot.as_of - TRAILING
    waits, now = [], []
    for task in snapshot.tasks:
        for start, end in client_stays(task.visits, snapshot.as_of):
            if end is None and snapshot.open(task):
                now.append((start, task.id, task))
                waits.append(Wait(days(snapshot.as_of - start), over=False))
            elif end is not None and start > since:
                waits.append(Wait(days(end - start), over=True))
    found = waiting_median(CLIENT_WAIT, waits, [task for _, _, task in sorted(now)])
    return replace(found, detail=names, portions=(Portion("waiting_now", len(now), len(now)),))


def _unanswered(snapshot: Snapshot) -> Metric:
    """The tasks with an open question, the oldest first; by label, and by a question mark."""
    questions = sorted(
        (asked, task.id, task) for task in snapshot.open_tasks if (asked := open_question(task, snapshot)) is not None
    )
    labelled = sum(not _asked_last(task, snapshot) for _, _, task in questions)
    return Metric(
        UNANSWERED_QUESTIONS,
        len(questions),
        len(snapshot.open_tasks),
        evidence=evidence(task for _, _, task in questions),
        portions=(
            Portion("labelled", labelled, len(questions)),
            Portion("inferred", len(questions) - labelled, len(questions)),
        ),
    )


def _asked_last(task: Task, snapshot: Snapshot) -> bool:
    """Whether the last who wrote on it asked, and nobody else wrote after that."""
    return _last_question(snapshot.comments.get(task.id, ())) is not None


def _last_question(written: Sequence[Comment]) -> datetime | None:
    """When the last who wrote first asked; a remark of theirs after it answers nothing."""
    last = list(takewhile(lambda note: note.author == written[-1].author, reversed(written)))
    return min((note.at for note in last if note.asks), default=None)


def open_question(task: Task, snapshot: Snapshot) -> datetime | None:
    """Since when a question waits, when that is more than a working day; None when none does.

    A question is a label of that name on a task nobody else wrote on, or a comment that ends with a question mark
    and that nobody but its author wrote after.
    """
    asked = asked_since(task, snapshot.comments.get(task.id, ()))
    return asked if asked is not None and waits_long(task, asked, snapshot.as_of, snapshot) else None


def asked_since(task: Task, written: Sequence[Comment]) -> datetime | None:
    """Since when a question waits on a task with these comments; None when none does."""
    asked = _last_question(written)
    labelled = QUESTION_LABEL in {label.casefold() for label in task.labels}
    if asked is None and labelled and all(note.author == task.author for note in written):
        return task.created
    return asked


def waits_long(task: Task, since: datetime, now: datetime, snapshot: Snapshot) -> bool:
    """Whether more than a working day has passed, by the clock of those who should answer."""
    return snapshot.counting.working.day_over(since, now, snapshot.zone_of(task))


def _touched(task: Task, snapshot: Snapshot) -> datetime:
    """When somebody last did or said anything about it."""
    written = snapshot.comments.get(task.id, ())
    changed = next((at for at in reversed(task.activity) if at <= snapshot.as_of), task.created)
    return max(task.created, changed, written[-1].at if written else task.created)
