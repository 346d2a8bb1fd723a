"""Six questions and how each stands: from the verdicts on goals and the figures of the week. Pure.

A figure with a target says "problem" only where its whole interval is beyond the target, as everywhere; where its value
alone is beyond it, it is worth a look. What has no target is judged by the rules below, which `docs/report.md` lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncer.report.metrics.building import LEAST_FOR_SHARE
from syncer.report.metrics.communication import COMMENTS_WRITTEN, FIRST_RESPONSE, STALE_OPEN, UNANSWERED_QUESTIONS
from syncer.report.metrics.flow import CYCLE_TIME_P50, THROUGHPUT, WEEKS
from syncer.report.metrics.quality import BUG_SHARE, REOPEN_RATE
from syncer.report.metrics.resources import ABSENCE_FACTOR, OVERLOADED, UNOWNED_OPEN
from syncer.report.metrics.smoothness import AGE_OVER_SLE, BLOCKED_OPEN, REVIEW_SHARE
from syncer.report.model.goal import GoalFigures, Health
from syncer.report.model.metric import Judgement, Metric, MetricDefinition, Question
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.summary import AnswerFact, AnswerReason, QuestionAnswer, Standpoint, WeekTrend
from syncer.report.model.timeline import Standing
from syncer.report.statistics import wilson
from syncer.report.summary.trends import added, unowned_late

MANY_OFF_TRACK = 0.25
"""From this share of the goals that are judged on, goals off track are a problem; fewer are worth a look."""

MUCH_BLOCKED, LEAST_BLOCKED = 0.20, 2
"""A problem from this share of the open tasks on, and from so many."""

MANY_QUESTIONS, LEAST_QUESTIONS = 0.10, 3
"""Likewise of open tasks with a question that waits."""

EVEN = 0.5


@dataclass(frozen=True, slots=True)
class AskedWeek:
    """What the questions are answered from."""

    snapshot: Snapshot
    goals: Sequence[GoalFigures]
    metrics: Mapping[MetricDefinition, Metric]


def reasons_of(
    snapshot: Snapshot, goals: Sequence[GoalFigures], metrics: Iterable[Metric]
) -> Mapping[Question, tuple[AnswerReason, ...]]:
    """By question, in their order: the reasons of its answer, those that decide it first."""
    week = AskedWeek(snapshot, goals, {metric.definition: metric for metric in metrics})
    found = {question: list(asked(week)) for question, asked in _QUESTIONS.items()}
    return {
        question: tuple(sorted(reasons, key=lambda reason: _ORDER.index(reason.standpoint)))
        for question, reasons in found.items()
    }


def answers(
    found: Mapping[Question, tuple[AnswerReason, ...]], trends: Mapping[Question, WeekTrend]
) -> tuple[QuestionAnswer, ...]:
    """The six answers: the first of its reasons gives each its verdict and its eight weeks."""
    return tuple(
        QuestionAnswer(question, reasons[0].standpoint if reasons else Standpoint.UNKNOWN, reasons, trends[question])
        for question, reasons in found.items()
    )


_ORDER = tuple(Standpoint)


def _judged(metric: Metric) -> Standpoint:
    """What a figure with a target says."""
    match metric.judgement:
        case Judgement.MISSED:
            return Standpoint.PROBLEM
        case Judgement.MET:
            return Standpoint.GOOD
        case None:
            return Standpoint.UNKNOWN
    target, value = metric.target, metric.value
    if target is None or value is None:
        return Standpoint.UNKNOWN
    kept = value >= target.amount if target.at_least else value <= target.amount
    return Standpoint.GOOD if kept else Standpoint.WATCH


def _share(metric: Metric, fact: AnswerFact) -> Iterator[AnswerReason]:
    """A share with a target, as its two counts."""
    if metric.value is not None:
        yield AnswerReason(fact, _judged(metric), n=round(metric.value * metric.n), of=metric.n)


# --- the questions


def _goals(week: AskedWeek) -> Iterator[AnswerReason]:
    goals = week.goals
    if not goals:
        yield AnswerReason(AnswerFact.NO_GOALS)
        return
    counts = {health: sum(goal.health is health for goal in goals) for health in Health}
    judged = counts[Health.OFF_TRACK] + counts[Health.AT_RISK] + counts[Health.ON_TRACK]
    many = counts[Health.OFF_TRACK] >= MANY_OFF_TRACK * judged
    standpoints = {
        Health.OFF_TRACK: Standpoint.PROBLEM if many else Standpoint.WATCH,
        Health.AT_RISK: Standpoint.WATCH,
        Health.ON_TRACK: Standpoint.GOOD,
        Health.REACHED: Standpoint.GOOD,
        Health.UNKNOWN: Standpoint.UNKNOWN,
    }
    for health, standpoint in standpoints.items():
        if counts[health]:
            yield AnswerReason(AnswerFact.GOALS, standpoint, n=counts[health], of=len(goals), word=health.value)
    if goals[0].health.needs_attention:
        yield AnswerReason(AnswerFact.MOST_URGENT, names=(goals[0].id,))


def _quality(week: AskedWeek) -> Iterator[AnswerReason]:
    reopened, bugs = week.metrics[REOPEN_RATE], week.metrics[BUG_SHARE]
    yield from _share(reopened, AnswerFact.REOPENED)
    if reopened.value is None:
        yield AnswerReason(AnswerFact.TOO_FEW, n=reopened.n)
    if bugs.value is not None:
        found = round(bugs.value * bugs.n)
        interval = wilson(found, bugs.n)
        more = bugs.previous is not None and interval is not None and interval.low > bugs.previous
        yield AnswerReason(AnswerFact.BUGS, Standpoint.WATCH if more else Standpoint.UNKNOWN, n=found, of=bugs.n)


def _efficiency(week: AskedWeek) -> Iterator[AnswerReason]:
    """Fewer finished than in the 28 days before, and fewer finished than came: both beyond chance before it is said."""
    throughput, cycle = week.metrics[THROUGHPUT], week.metrics[CYCLE_TIME_P50]
    finished = throughput.n
    before = round((throughput.previous or 0.0) * WEEKS)
    if finished + before < LEAST_FOR_SHARE:
        yield AnswerReason(AnswerFact.TOO_FEW, n=finished)
        return
    yield AnswerReason(AnswerFact.FINISHED, _pace(finished, before), n=finished, of=before)
    come = added(week.snapshot)
    growing = _surely_less(finished, come)
    yield AnswerReason(AnswerFact.ADDED, Standpoint.WATCH if growing else Standpoint.UNKNOWN, n=come)
    if cycle.value is not None:
        yield AnswerReason(AnswerFact.CYCLE, n=cycle.n, value=float(cycle.value))


def _pace(now: int, before: int) -> Standpoint:
    if _surely_less(now, before):
        return Standpoint.PROBLEM
    return Standpoint.WATCH if now < 0.8 * before else Standpoint.GOOD


def _surely_less(one: int, other: int) -> bool:
    """Whether one count is smaller than another of the same length beyond chance."""
    interval = wilson(one, one + other)
    return interval is not None and interval.high is not None and interval.high < EVEN


def _smoothness(week: AskedWeek) -> Iterator[AnswerReason]:
    blocked = week.metrics[BLOCKED_OPEN]
    if not blocked.n:
        yield AnswerReason(AnswerFact.IN_PROGRESS)
        return
    much = blocked.count >= max(LEAST_BLOCKED, MUCH_BLOCKED * blocked.n)
    some = Standpoint.PROBLEM if much else Standpoint.WATCH
    standpoint = some if blocked.count else Standpoint.GOOD
    since = week.snapshot.blocked_since(filter(week.snapshot.blocked, week.snapshot.open_tasks))
    yield AnswerReason(AnswerFact.BLOCKED, standpoint, n=blocked.count, of=blocked.n, since=since)
    yield from _share(week.metrics[AGE_OVER_SLE], AnswerFact.OLD)
    yield from _share(week.metrics[REVIEW_SHARE], AnswerFact.REVIEW)


def _communication(week: AskedWeek) -> Iterator[AnswerReason]:
    questions, written = week.metrics[UNANSWERED_QUESTIONS], week.metrics[COMMENTS_WRITTEN]
    if questions.count:
        many = questions.count >= max(LEAST_QUESTIONS, MANY_QUESTIONS * questions.n)
        standpoint = Standpoint.PROBLEM if many else Standpoint.WATCH
        yield AnswerReason(AnswerFact.QUESTIONS, standpoint, n=questions.count, of=questions.n)
    elif written.count or written.previous:
        yield AnswerReason(AnswerFact.QUESTIONS, Standpoint.GOOD, of=questions.n)
    first = week.metrics[FIRST_RESPONSE]
    if first.value is not None:
        yield AnswerReason(AnswerFact.FIRST_ANSWER, _judged(first), n=first.n, value=float(first.value))
    yield from _share(week.metrics[STALE_OPEN], AnswerFact.UNTOUCHED)


def _resources(week: AskedWeek) -> Iterator[AnswerReason]:
    snapshot, overloaded = week.snapshot, week.metrics[OVERLOADED]
    unowned = [task for task in snapshot.open_tasks if not task.owners]
    late = len(unowned_late(snapshot))
    if overloaded.value is not None:
        standpoint = Standpoint.PROBLEM if overloaded.count else Standpoint.GOOD
        yield AnswerReason(AnswerFact.OVERLOADED, standpoint, n=overloaded.count, of=overloaded.n)
    if late:
        yield AnswerReason(AnswerFact.UNOWNED_LATE, Standpoint.PROBLEM, n=late)
    if snapshot.open_tasks:
        pressing = any(task.due or snapshot.standings[task.id] is Standing.DOING for task in unowned)
        rest = Standpoint.UNKNOWN if unowned else Standpoint.GOOD
        amount = week.metrics[UNOWNED_OPEN]
        standpoint = Standpoint.WATCH if pressing else rest
        yield AnswerReason(AnswerFact.UNOWNED, standpoint, n=amount.count, of=amount.n)
    few = week.metrics[ABSENCE_FACTOR]
    if few.value is not None:
        standpoint = Standpoint.WATCH if few.count == 1 and few.n >= LEAST_FOR_SHARE else Standpoint.UNKNOWN
        yield AnswerReason(AnswerFact.FEW_HANDS, standpoint, n=few.count, of=few.n)


_QUESTIONS: Mapping[Question, Callable[[AskedWeek], Iterator[AnswerReason]]] = {
    Question.GOALS: _goals,
    Question.QUALITY: _quality,
    Question.EFFICIENCY: _efficiency,
    Question.SMOOTHNESS: _smoothness,
    Question.COMMUNICATION: _communication,
    Question.RESOURCES: _resources,
}
