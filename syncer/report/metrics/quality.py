"""How good is the work? What came back: opened again, from review to work, from the client; and how old bugs become.

Only statuses whose names say so are known as review, or as one in which the client has the word. Without any, the
figure says what would make it measurable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from syncer.report.gather.status_words import client_stays, is_client, is_review
from syncer.report.metrics.building import LEAST_FOR_SHARE, MetricInput, missing, share, waiting_median
from syncer.report.model.code import PairCode, published
from syncer.report.model.collaboration import Task
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import Metric, MetricDefinition, Missing, Portion, Question, Target, Unit
from syncer.report.model.snapshot import LONGEST, TRAILING, Snapshot, days, evidence
from syncer.report.model.timeline import Standing
from syncer.report.statistics import Wait, wilson

BUG_NAMES = frozenset({"bug", "defect", "incident", "缺陷", "故障"})
"""Types and labels that call a task a bug, as English and Chinese sites have them; compared without case."""

MISTAKE = timedelta(minutes=10)
"""A task that is opened again so soon was closed by a slip of the hand."""

INCIDENT_NAMES = frozenset({"incident", "outage", "hotfix", "事故", "故障"})
"""Types and labels that call a task an incident; compared without case."""

AFTER_RELEASE = timedelta(days=7)
"""An incident that comes later is not laid to the release."""

COMES_BACK = timedelta(days=30)

REOPEN_RATE = MetricDefinition(
    id="reopen_rate",
    question=Question.QUALITY,
    unit=Unit.SHARE,
    label=marked("Reopened after completion"),
    explanation="Of the tasks that came to done in 28 days, the share that left it again within 30 days.",
    pitfall="Opened again within ten minutes is a slip and not counted; tasks of the last weeks may still come back.",
    population=counted("of %(n)s finished in 28 days", "of %(n)s finished in 28 days"),
    target=Target(0.05, at_least=False),
)
REWORK_RATE = MetricDefinition(
    id="rework_rate",
    question=Question.QUALITY,
    unit=Unit.SHARE,
    label=marked("Finished after going back from review to work"),
    explanation="Of the tasks finished in 28 days, the share that went from a review back to work at least once.",
    pitfall="Review is known by the names of statuses, which stand beside the figure.",
    population=counted("of %(n)s finished in 28 days", "of %(n)s finished in 28 days"),
    names=marked("review statuses: %(names)s"),
)
BUG_SHARE = MetricDefinition(
    id="bug_share",
    question=Question.QUALITY,
    unit=Unit.SHARE,
    label=marked("Bugs among new tasks"),
    explanation="Of the tasks made in 28 days, the share whose type or label says bug, and those the client made.",
    pitfall="Looking harder finds more bugs: a rise need not be worse work.",
    population=counted("of %(n)s new in 28 days", "of %(n)s new in 28 days"),
)
DEFECT_AGE = MetricDefinition(
    id="defect_age",
    question=Question.QUALITY,
    unit=Unit.DAYS,
    label=marked("Days until a bug is finished, median"),
    explanation="Over the bugs made in 180 days, by priority where it has ten; open ones count as not over yet.",
    pitfall="Calendar days, weekends included.",
    population=counted("of %(n)s bug made in 180 days", "of %(n)s bugs made in 180 days"),
)
CLIENT_ACCEPT_FIRST = MetricDefinition(
    id="client_accept_first",
    question=Question.QUALITY,
    unit=Unit.SHARE,
    label=marked("Accepted by the client at the first try"),
    explanation="Of the tasks on which the client gave a first word in 28 days, the share that was done by it.",
    pitfall="Statuses of the client are known by their names, which stand beside the figure.",
    population=counted(
        "of %(n)s with a first answer of the client in 28 days",
        "of %(n)s with a first answer of the client in 28 days",
    ),
    names=marked("statuses that wait for the client: %(names)s"),
)
CHANGE_FAIL = MetricDefinition(
    id="change_fail",
    question=Question.QUALITY,
    unit=Unit.SHARE,
    label=marked("Releases followed by an incident"),
    explanation="Of the releases of 180 days, the share with an incident made within 7 days, before the next release.",
    pitfall="An incident is a task whose type or label says so; it need not come from the release before it.",
    population=counted("of %(n)s release in 180 days", "of %(n)s releases in 180 days"),
)
RELEASE_FREQUENCY = MetricDefinition(
    id="release_frequency",
    question=Question.QUALITY,
    unit=Unit.RELEASES_PER_WEEK,
    label=marked("Releases a week"),
    explanation="Releases published in 28 days, divided by four; without drafts and trial versions.",
    pitfall="What is given to users without a release is not seen.",
    population=counted("%(n)s release in 28 days", "%(n)s releases in 28 days"),
)


def metrics(week: MetricInput) -> Iterator[Metric]:
    """What was opened again or went back, bugs, and what the client accepted."""
    snapshot = week.snapshot
    finished = [task for task in snapshot.recent if _entries(task, snapshot)]
    yield share(REOPEN_RATE, [task for task in finished if _reopened(task, snapshot)], len(finished))
    yield _rework(snapshot)
    yield _bug_share(snapshot)
    yield _defect_age(snapshot)
    yield _accepted_first(snapshot)
    yield _failed_releases(snapshot)
    yield _release_frequency(snapshot)


def _entries(task: Task, snapshot: Snapshot) -> list[datetime]:
    """When the task came to done in the last 28 days, whether or not it stayed."""
    since = snapshot.as_of - TRAILING
    return [
        change.at
        for change in task.transitions
        if change.standing is Standing.DONE and since < change.at <= snapshot.as_of
    ]


def _reopened(task: Task, snapshot: Snapshot) -> bool:
    """Whether it left done again within 30 days of one of these times."""
    entries = set(_entries(task, snapshot))
    return any(
        change.standing is Standing.DONE
        and change.at in entries
        and following.standing.open
        and following.at <= snapshot.as_of
        and MISTAKE <= following.at - change.at <= COMES_BACK
        for change, following in zip(task.transitions, task.transitions[1:], strict=False)
    )


def _rework(snapshot: Snapshot) -> Metric:
    """Of the tasks finished in 28 days, those that went from review back to work at least once."""
    names = snapshot.statuses_that(is_review)
    if not names:
        return missing(REWORK_RATE, Missing.NO_REVIEW_STATUS)
    finished = snapshot.finished_within(TRAILING)
    again = [task for task in finished if reworked(task, snapshot.finishes[task.id])]
    return replace(share(REWORK_RATE, again, len(finished)), detail=names)


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


def _bug_share(snapshot: Snapshot) -> Metric:
    """Of what was made in 28 days; where clients are known, with the bugs they made."""
    made = [task for task in snapshot.recent if task.created > snapshot.as_of - TRAILING]
    bugs = [task for task in made if is_bug(task, snapshot.counting.bug_types)]
    found = share(BUG_SHARE, bugs, len(made))
    escaped = sum(task.author in snapshot.clients for task in bugs)
    return replace(found, portions=(Portion("client", escaped, len(bugs)),)) if snapshot.clients else found


def _failed_releases(snapshot: Snapshot) -> Metric:
    """Of the releases of 180 days, those after which an incident was made within a week, before the next one."""
    if not snapshot.code:
        return missing(CHANGE_FAIL, Missing.NO_RELEASES)
    followed = [after for code in snapshot.code for after in _incidents_after_releases(code, snapshot)]
    failed = [incidents for incidents in followed if incidents]
    if len(followed) < LEAST_FOR_SHARE:
        return missing(CHANGE_FAIL, Missing.TOO_FEW, len(followed))
    latest = sorted((task for each in failed for task in each), key=lambda task: (task.created, task.id), reverse=True)
    return Metric(
        CHANGE_FAIL,
        len(failed) / len(followed),
        len(followed),
        interval=wilson(len(failed), len(followed)),
        evidence=evidence(latest),
    )


def _incidents_after_releases(code: PairCode, snapshot: Snapshot) -> Iterator[list[Task]]:
    """For each release of a pair the incidents that came within a week after it, and before the next one."""
    released = published(code, snapshot.as_of - LONGEST, snapshot.as_of)
    incidents = [task for task in snapshot.tasks if task.pair == code.pair and is_incident(task)]
    ends = [*(release.published for release in released[1:]), snapshot.as_of]
    for release, next_one in zip(released, ends, strict=False):
        end = min(next_one, release.published + AFTER_RELEASE)
        yield [task for task in incidents if release.published <= task.created < end]


def is_incident(task: Task) -> bool:
    """Whether its type or a label calls it an incident."""
    return bool({(task.type or "").casefold(), *(label.casefold() for label in task.labels)} & INCIDENT_NAMES)


def _release_frequency(snapshot: Snapshot) -> Metric:
    """Releases a week over 28 days."""
    if not snapshot.code:
        return missing(RELEASE_FREQUENCY, Missing.NO_RELEASES)
    count = sum(len(published(code, snapshot.as_of - TRAILING, snapshot.as_of)) for code in snapshot.code)
    return Metric(RELEASE_FREQUENCY, count / (TRAILING / timedelta(weeks=1)), count)


def is_bug(task: Task, besides: frozenset[str] = frozenset()) -> bool:
    """Whether its type or a label calls it a bug, by the usual words or those `besides`."""
    return bool({(task.type or "").casefold(), *(label.casefold() for label in task.labels)} & (BUG_NAMES | besides))


def _defect_age(snapshot: Snapshot) -> Metric:
    """Days until a bug is finished, over the bugs made in 180 days; by priority where there are ten of one."""
    since = snapshot.as_of - LONGEST
    by_priority: dict[str, list[Wait]] = defaultdict(list)
    unfinished = []
    for task in snapshot.tasks:
        if task.created > since and is_bug(task, snapshot.counting.bug_types):
            finish = snapshot.finished_at(task)
            length = days(max((finish or snapshot.as_of), task.created) - task.created)
            by_priority[task.priority or ""].append(Wait(length, finish is not None))
            unfinished += [task] if finish is None else []
    oldest = sorted(unfinished, key=lambda task: (task.created, task.id))
    waits = [wait for group in by_priority.values() for wait in group]
    portions = [
        Portion(priority, value, len(group))
        for priority, group in sorted(by_priority.items())
        if priority and len(group) >= LEAST_FOR_SHARE and (value := waiting_median(DEFECT_AGE, group).value) is not None
    ]
    return replace(waiting_median(DEFECT_AGE, waits, oldest), portions=tuple(portions))


def _accepted_first(snapshot: Snapshot) -> Metric:
    """Of the tasks on which the client gave a first word in 28 days, those that were done by it."""
    names = snapshot.statuses_that(is_client)
    if not names:
        return missing(CLIENT_ACCEPT_FIRST, Missing.NO_CLIENT_STATUS)
    since = snapshot.as_of - TRAILING
    decided = [
        (end, task)
        for task in snapshot.recent
        for _, end in client_stays(task.visits, snapshot.as_of)[:1]
        if end is not None and end > since
    ]
    accepted = [task for end, task in decided if task.standing_at(end) is Standing.DONE]
    found = share(CLIENT_ACCEPT_FIRST, accepted, len(decided))
    returned = [task for end, task in sorted(decided, key=lambda one: one[0]) if task not in accepted]
    return replace(found, evidence=evidence(returned) if found.value is not None else (), detail=names)
