"""How smoothly does it run? Too much at once, work that grows old, passing around, waiting, and what is in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from syncer.contract.code import PullRequest
from syncer.report.gather.status_words import is_review
from syncer.report.metrics.building import LEAST_FOR_SHARE, MetricInput, counted_tasks, missing, share, waiting_median
from syncer.report.metrics.flow import expected_days, too_few_waits, waiting_spans
from syncer.report.model.code import ended_at, proposed, reviewed_at
from syncer.report.model.collaboration import Task
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
from syncer.report.model.snapshot import TRAILING, Snapshot, days, evidence, holding
from syncer.report.model.timeline import Blockage, Standing, StatusVisit
from syncer.report.statistics import Wait

DWELL = timedelta(hours=1)
"""Who has a task for less did not have it."""

BACK_AND_FORTH = timedelta(days=7)

BLOCKED_OPEN = MetricDefinition(
    id="blocked_open",
    question=Question.SMOOTHNESS,
    unit=Unit.TASKS,
    label=marked("Blocked"),
    explanation="Open tasks with something in their way: a flag, a label, a status that says so, an unfinished task.",
    pitfall="What nobody marks is not seen.",
    population=counted("of %(n)s open task", "of %(n)s open tasks"),
    compared=Comparison.NONE,
)
WIP = MetricDefinition(
    id="wip",
    question=Question.SMOOTHNESS,
    unit=Unit.TASKS,
    label=marked("Tasks in progress"),
    explanation="Open tasks on which work has begun, the oldest first.",
    pitfall="Statuses that nobody moves make it too large.",
    population=counted("of %(n)s open task", "of %(n)s open tasks"),
)
AGE_OVER_SLE = MetricDefinition(
    id="age_over_sle",
    question=Question.SMOOTHNESS,
    unit=Unit.SHARE,
    label=marked("In progress for longer than 85% of tasks take"),
    explanation="Of the tasks in progress, the share older than the 85th percentile of cycle times of 90 days.",
    pitfall="It needs 19 finished tasks to say what is usual.",
    population=counted("of %(n)s task in progress", "of %(n)s tasks in progress"),
    target=Target(0.15, at_least=False),
)
HANDOFFS = MetricDefinition(
    id="handoffs",
    question=Question.SMOOTHNESS,
    unit=Unit.PER_TASK,
    label=marked("Changes of owner for each finished task"),
    explanation="How often the tasks finished in 28 days passed from one owner to another who both had it for an hour.",
    pitfall="A planned handover, to a tester say, counts too.",
    population=counted("of %(n)s finished in 28 days", "of %(n)s finished in 28 days"),
)
PING_PONG = MetricDefinition(
    id="ping_pong",
    question=Question.SMOOTHNESS,
    unit=Unit.TASKS,
    label=marked("Tasks that went back and forth"),
    explanation="Tasks that went from A to B and back within a week, in owner or in standing, in 28 days.",
    pitfall="A status set by mistake and set back counts too.",
    population=counted("of %(n)s task touched in 28 days", "of %(n)s tasks touched in 28 days"),
)
WAIT_SHARE = MetricDefinition(
    id="wait_share",
    question=Question.SMOOTHNESS,
    unit=Unit.SHARE,
    label=marked("Share of time spent waiting"),
    explanation="Of all the time from start to finish of the tasks finished in 28 days, that in a waiting status.",
    pitfall="Long tasks weigh most; which statuses count as waiting stands beside the figure.",
    population=counted("of %(n)s started and finished in 28 days", "of %(n)s started and finished in 28 days"),
    names=marked("waiting statuses: %(names)s"),
)
REVIEW_SHARE = MetricDefinition(
    id="review_share",
    question=Question.SMOOTHNESS,
    unit=Unit.SHARE,
    label=marked("Work in progress that waits for review"),
    explanation="Of the tasks in progress whose status was seen, the share that stands in a review, longest first.",
    pitfall="Review is known by the names of statuses, which stand beside the figure.",
    population=counted("of %(n)s task in progress", "of %(n)s tasks in progress"),
    target=Target(0.25, at_least=False),
    names=marked("review statuses: %(names)s"),
)
FIRST_REVIEW = MetricDefinition(
    id="first_review",
    question=Question.SMOOTHNESS,
    unit=Unit.DAYS,
    label=marked("Days until a pull request is first reviewed, median"),
    explanation="Over the pull requests opened in 28 days; those nobody reviewed yet count as not over yet.",
    pitfall="Calendar days, weekends included; a word in the chat is no review.",
    population=counted("of %(n)s pull request opened in 28 days", "of %(n)s pull requests opened in 28 days"),
)
WAITS_FOR_REVIEW = MetricDefinition(
    id="waits_for_review",
    question=Question.SMOOTHNESS,
    unit=Unit.PULL_REQUESTS,
    label=marked("Pull requests that wait for a first review"),
    explanation="Open pull requests that nobody but their author reviewed, without drafts and those of programs.",
    pitfall="A pull request that nobody means to merge any more waits for ever.",
    population=counted("of %(n)s open pull request", "of %(n)s open pull requests"),
)
BLOCKED_DAYS = MetricDefinition(
    id="blocked_days",
    question=Question.SMOOTHNESS,
    unit=Unit.ITEM_DAYS,
    label=marked("Days blocked this week, summed"),
    explanation="Days of the week in which something was in the way of tasks, by kind; what overlaps counts once.",
    pitfall="A label that was there at the first reading counts from then on, not from before. A task nobody has begun"
    " is not held up by the one it waits for: it counts as blocked, without days.",
    population=counted("on %(n)s task", "on %(n)s tasks"),
)


def metrics(week: MetricInput) -> Iterator[Metric]:
    """Work in progress and how much of it is older than expected, hand-offs, back and forth, waiting, blocked days."""
    snapshot = week.snapshot
    blocked = [task for task in snapshot.open_tasks if snapshot.blocked(task)]
    yield counted_tasks(BLOCKED_OPEN, blocked, len(snapshot.open_tasks))
    doing = [task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING]
    aged = sorted(((_age(task, snapshot), task) for task in doing), key=lambda one: (-one[0], one[1].id))
    yield counted_tasks(WIP, [task for _, task in aged], len(snapshot.open_tasks))
    expected = expected_days(snapshot)
    known = [(age, task) for age, task in aged if snapshot.started_at(task) is not None]
    if expected is None:
        yield missing(AGE_OVER_SLE, Missing.TOO_FEW, len(known))
    else:
        yield share(AGE_OVER_SLE, [task for age, task in known if age > expected], len(known))
    yield _handoffs(snapshot)
    yield _ping_pong(snapshot)
    yield _waiting(snapshot)
    yield _review(doing, snapshot)
    yield from _of_pull_requests(snapshot)
    yield _blocked_days(snapshot)


def ageing(snapshot: Snapshot) -> list[tuple[float, Task]]:
    """Days since somebody began each task in progress, the oldest first; without those nobody saw begun."""
    doing = (task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING)
    seen = [(_age(task, snapshot), task) for task in doing if snapshot.started_at(task) is not None]
    return sorted(seen, key=lambda one: (-one[0], one[1].id))


def _age(task: Task, snapshot: Snapshot) -> float:
    started = snapshot.started_at(task)
    return 0.0 if started is None else days(snapshot.as_of - started)


def _handoffs(snapshot: Snapshot) -> Metric:
    """Changes from one owner to another for each task finished in 28 days."""
    finished = snapshot.finished_within(TRAILING)
    if len(finished) < LEAST_FOR_SHARE:
        return missing(HANDOFFS, Missing.TOO_FEW, len(finished))
    counted = [(handoffs(task, snapshot.as_of), task) for task in finished]
    most = [task for count, task in sorted(counted, key=lambda one: (-one[0], one[1].id)) if count]
    mean = sum(count for count, _ in counted) / len(finished)
    return Metric(HANDOFFS, mean, len(finished), evidence=evidence(most))


def handoffs(task: Task, until: datetime) -> int:
    """How often the task passed from one owner to another who both had it for an hour or more."""
    changes = [change for change in task.assignments if change.at <= until]
    ends = [*(change.at for change in changes[1:]), until]
    held = [
        change.owners for change, end in zip(changes, ends, strict=False) if change.owners and end - change.at >= DWELL
    ]
    return sum(set(before) != set(after) for before, after in pairwise(held))


def _ping_pong(snapshot: Snapshot) -> Metric:
    """Tasks that went from A to B and back to A within a week, in owner or standing, in the last 28 days."""
    since = snapshot.as_of - TRAILING
    touched = [task for task in snapshot.recent if _last_activity(task, snapshot.as_of) > since]
    hits = [task for task in touched if _returned(task, since, snapshot.as_of)]
    return counted_tasks(PING_PONG, hits, len(touched))


def _last_activity(task: Task, until: datetime) -> datetime:
    return next((at for at in reversed(task.activity) if at <= until), task.created)


def _returned(task: Task, since: datetime, until: datetime) -> bool:
    owners = [(change.at, change.owners) for change in task.assignments if change.at <= until]
    standings = [(change.at, change.standing) for change in task.transitions if change.at <= until]
    return _there_and_back(owners, since) or _there_and_back(standings, since)


def _there_and_back(changes: Sequence[tuple[datetime, object]], since: datetime) -> bool:
    return any(
        first[1] == third[1] != second[1] and first[1] != () and since < third[0] <= second[0] + BACK_AND_FORTH
        for first, second, third in zip(changes, changes[1:], changes[2:], strict=False)
    )


def _waiting(snapshot: Snapshot) -> Metric:
    """The share of all the time from start to finish that was waiting."""
    spans = waiting_spans(snapshot)
    if len(spans) < LEAST_FOR_SHARE:
        return missing(WAIT_SHARE, too_few_waits(snapshot), len(spans))
    waited, total = sum(waited for waited, _ in spans), sum(length for _, length in spans)
    return Metric(WAIT_SHARE, waited / total, len(spans), detail=tuple(sorted(snapshot.waiting)))


def _review(doing: Sequence[Task], snapshot: Snapshot) -> Metric:
    """Of the tasks in progress whose status was seen, those that stand in a review; longest first."""
    names = snapshot.statuses_that(is_review)
    if not names:
        return missing(REVIEW_SHARE, Missing.NO_REVIEW_STATUS)
    known = [(visit, task) for task in doing if (visit := last_visit(task, snapshot)) is not None]
    waiting = [(visit.at, task.id, task) for visit, task in known if is_review(visit.name)]
    found = share(REVIEW_SHARE, [task for _, _, task in sorted(waiting)], len(known))
    return replace(found, detail=names)


def last_visit(task: Task, snapshot: Snapshot) -> StatusVisit | None:
    """The status the task stood in, and since when; None where that was not seen."""
    return next((visit for visit in reversed(task.visits) if visit.at <= snapshot.as_of), None)


def _of_pull_requests(snapshot: Snapshot) -> Iterator[Metric]:
    """How long pull requests wait for their first review, and how many wait for it now; their tasks are evidence."""
    if not snapshot.code:
        yield missing(FIRST_REVIEW, Missing.NO_PULL_REQUESTS)
        yield missing(WAITS_FOR_REVIEW, Missing.NO_PULL_REQUESTS)
        return
    there = sorted(proposed(snapshot.code, snapshot.as_of), key=lambda pull: (pull.opened, pull.key))
    still = [pull for pull in there if ended_at(pull, snapshot.as_of) is None]
    waiting = [pull for pull in still if reviewed_at(pull, snapshot.as_of) is None]
    tasks = list(snapshot.tasks_called(key for pull in waiting for key in pull.tasks))
    lately = [pull for pull in there if pull.opened > snapshot.as_of - TRAILING]
    yield waiting_median(FIRST_REVIEW, [_until_review(pull, snapshot.as_of) for pull in lately], tasks)
    yield Metric(WAITS_FOR_REVIEW, len(waiting), len(still), evidence=evidence(tasks))


def _until_review(pull: PullRequest, as_of: datetime) -> Wait:
    """How long it took to the first review; what was merged or closed without one says only that it took longer."""
    reviewed = reviewed_at(pull, as_of)
    end = reviewed or ended_at(pull, as_of) or as_of
    return Wait(days(max(end, pull.opened) - pull.opened), over=reviewed is not None)


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
    return Metric(BLOCKED_DAYS, total, len(blocked), evidence=evidence(longest), portions=portions)


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
    """Days between two times in which the task was blocked and not finished."""
    # In UTC: two times of one zone are apart by what its clocks show, also where an hour comes twice.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total, reached = timedelta(), start
    until = end if task.finished is None else min(end, max(task.finished, start))
    for blockage in holding(task):
        begin, stop = max(blockage.start, reached), min(blockage.end or until, until)
        if stop > begin:
            total += stop - begin
            reached = stop
    return days(total)
