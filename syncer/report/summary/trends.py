"""The last eight weeks: the figure that decides each of the six answers, and how far work and goals were. Pure.

What decides an answer is known only when it is answered: its figure is counted again at the end of each week, from a
snapshot that is dropped before the next one is made. Work and goals are counted from the histories of the tasks: most
tasks of a large project did not move in eight weeks and are looked at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncer.report.metrics import communication, flow, quality, resources, smoothness
from syncer.report.metrics.building import MetricInput
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import WeekStandings
from syncer.report.model.goal import BurnPoint
from syncer.report.model.metric import Metric, MetricDefinition, Question, Unit
from syncer.report.model.snapshot import TRAILING, Snapshot
from syncer.report.model.summary import AnswerFact, AnswerReason, TrendOf, WeekTrend
from syncer.report.model.timeline import Standing
from syncer.report.model.window import Window

WEEKS = 8

AN_INSTANT = timedelta(microseconds=1)

# --- what decides an answer

_TOLD_BY = {
    AnswerFact.TOO_FEW: TrendOf.FINISHED,
    AnswerFact.FINISHED: TrendOf.FINISHED,
    AnswerFact.CYCLE: TrendOf.FINISHED,
    AnswerFact.ADDED: TrendOf.ADDED,
    AnswerFact.REOPENED: TrendOf.REOPENED,
    AnswerFact.BUGS: TrendOf.BUGS,
    AnswerFact.BLOCKED: TrendOf.BLOCKED,
    AnswerFact.OLD: TrendOf.OLD,
    AnswerFact.REVIEW: TrendOf.REVIEW,
    AnswerFact.QUESTIONS: TrendOf.QUESTIONS,
    AnswerFact.FIRST_ANSWER: TrendOf.FIRST_ANSWER,
    AnswerFact.UNTOUCHED: TrendOf.UNTOUCHED,
    AnswerFact.OVERLOADED: TrendOf.OVERLOADED,
    AnswerFact.UNOWNED_LATE: TrendOf.UNOWNED_LATE,
    AnswerFact.UNOWNED: TrendOf.UNOWNED,
    AnswerFact.FEW_HANDS: TrendOf.FEW_HANDS,
}
_USUALLY = {
    Question.GOALS: TrendOf.GOALS_IN_DANGER,
    Question.QUALITY: TrendOf.REOPENED,
    Question.EFFICIENCY: TrendOf.FINISHED,
    Question.SMOOTHNESS: TrendOf.BLOCKED,
    Question.COMMUNICATION: TrendOf.QUESTIONS,
    Question.RESOURCES: TrendOf.UNOWNED,
}

_METRICS: Mapping[TrendOf, MetricDefinition] = {
    TrendOf.REOPENED: quality.REOPEN_RATE,
    TrendOf.BUGS: quality.BUG_SHARE,
    TrendOf.FINISHED: flow.THROUGHPUT,
    TrendOf.BLOCKED: smoothness.BLOCKED_OPEN,
    TrendOf.OLD: smoothness.AGE_OVER_SLE,
    TrendOf.REVIEW: smoothness.REVIEW_SHARE,
    TrendOf.QUESTIONS: communication.UNANSWERED_QUESTIONS,
    TrendOf.FIRST_ANSWER: communication.FIRST_RESPONSE,
    TrendOf.UNTOUCHED: communication.STALE_OPEN,
    TrendOf.OVERLOADED: resources.OVERLOADED,
    TrendOf.UNOWNED: resources.UNOWNED_OPEN,
    TrendOf.FEW_HANDS: resources.ABSENCE_FACTOR,
}
_MODULES = {
    Question.QUALITY: quality,
    Question.EFFICIENCY: flow,
    Question.SMOOTHNESS: smoothness,
    Question.COMMUNICATION: communication,
    Question.RESOURCES: resources,
}

WeekFigures = Mapping[TrendOf, int | float | None]
"""The figures at the end of one week; None where nothing can be said."""


def added(snapshot: Snapshot) -> int:
    """Tasks made in 28 days."""
    since = snapshot.as_of - TRAILING
    return sum(task.created > since for task in snapshot.recent)


def unowned_late(snapshot: Snapshot) -> list[Task]:
    """Overdue tasks without an owner."""
    return [task for task in snapshot.open_tasks if not task.owners and snapshot.late_days(task)]


_COUNTED: Mapping[TrendOf, Callable[[Snapshot], int]] = {
    TrendOf.ADDED: added,
    TrendOf.UNOWNED_LATE: lambda snapshot: len(unowned_late(snapshot)),
}


def deciding(reasons: Mapping[Question, Sequence[AnswerReason]]) -> dict[Question, TrendOf]:
    """By question: the figure that its first reason tells, which gives the answer its verdict."""
    return {
        question: _TOLD_BY.get(found[0].fact, _USUALLY[question]) if found else _USUALLY[question]
        for question, found in reasons.items()
    }


def figures(
    wanted: Iterable[TrendOf], week: MetricInput, metrics: Sequence[Metric] = ()
) -> dict[TrendOf, int | float | None]:
    """Some figures at the end of a week, as its sentences count them; `metrics` are those that are known already."""
    known = {metric.definition: metric for metric in metrics}
    found: dict[TrendOf, int | float | None] = {}
    for of in wanted:
        if of is TrendOf.GOALS_IN_DANGER:
            found[of] = sum(goal.health.needs_attention for goal in week.goals) if week.goals else None
        elif of in _COUNTED:
            found[of] = _COUNTED[of](week.snapshot)
        else:
            definition = _METRICS[of]
            metric = known.get(definition) or next(
                one for one in _MODULES[definition.question].metrics(week) if one.definition is definition
            )
            found[of] = _amount(metric)
    return found


def _amount(metric: Metric) -> int | float | None:
    """What a sentence says of a figure: of a share, how many it is."""
    if metric.value is None:
        return None
    match metric.definition.unit:
        case Unit.SHARE:
            return round(metric.value * metric.n)
        case Unit.PER_WEEK:
            return metric.n
        case _:
            return metric.value


def trends(wanted: Mapping[Question, TrendOf], weeks: Sequence[WeekFigures]) -> dict[Question, WeekTrend]:
    """The eight weeks beside each question; a week before anything was known has no figures."""
    return {question: WeekTrend(of, tuple(week.get(of) for week in weeks)) for question, of in wanted.items()}


# --- work and goals


@dataclass(slots=True)
class WeekCounts:
    """What is counted at the end of one week."""

    standings: Counter[Standing] = field(default_factory=Counter)
    goals: dict[str, list[int]] = field(default_factory=dict)
    """By goal: its tasks, and those that are done."""

    def add(self, other: WeekCounts) -> None:
        """Counts what another has counted as well."""
        self.standings.update(other.standings)
        for goal, (scope, done) in other.goals.items():
            burnt = self.goals.setdefault(goal, [0, 0])
            burnt[0] += scope
            burnt[1] += done


@dataclass(frozen=True, slots=True)
class EightWeeks:
    """How far work and goals were; a week before anything was known is left out."""

    burnups: Mapping[str, tuple[BurnPoint, ...]]
    """By goal."""
    bands: tuple[WeekStandings, ...]


def eight_weeks(tasks: Iterable[Task], snapshot: Snapshot) -> EightWeeks:
    """How far each goal was, and how many tasks had which standing, at the ends of the last eight weeks."""
    windows = [snapshot.window.earlier(weeks) for weeks in range(WEEKS - 1, -1, -1)]
    moments = [min(window.end - AN_INSTANT, snapshot.as_of) for window in windows]
    counts = [WeekCounts() for _ in windows]
    always = WeekCounts()
    for task in tasks:
        if task.last_moved <= moments[0]:
            _count(task, moments[-1:], [always], snapshot)
        else:
            _count(task, moments, counts, snapshot)
    for one in counts:
        one.add(always)
    known = min(snapshot.watched_since.values(), default=snapshot.as_of)
    seen = [known <= at and bool(one.standings) for at, one in zip(moments, counts, strict=True)]
    told = [(window, one) for window, one, there in zip(windows, counts, seen, strict=True) if there]
    return EightWeeks(
        {name: tuple(_burnt(name, told, snapshot)) for name in counts[-1].goals},
        tuple(
            WeekStandings(window.label, window.week, *(one.standings[standing] for standing in _BANDS))
            for window, one in told
        ),
    )


_BANDS = (Standing.TODO, Standing.DOING, Standing.DONE)


def _burnt(name: str, told: Iterable[tuple[Window, WeekCounts]], snapshot: Snapshot) -> Iterator[BurnPoint]:
    for window, one in told:
        scope, done = one.goals.get(name, (0, 0))
        yield BurnPoint(min(window.last_day, snapshot.today), done, scope)


def _count(task: Task, moments: Sequence[datetime], counts: Sequence[WeekCounts], snapshot: Snapshot) -> None:
    """One task in some weeks."""
    for at, count in zip(moments, counts, strict=True):
        stood = task.standing_at(at)
        if stood is None or stood is Standing.CANCELLED:
            continue
        count.standings[stood] += 1
        goals = task.goals_at(at)
        # What is known of goals are those that may be named: the share is that of the figure.
        if goals and not snapshot.goal_titles.keys().isdisjoint(goals):
            for goal in goals:
                burnt = count.goals.setdefault(goal, [0, 0])
                burnt[0] += 1
                burnt[1] += stood is Standing.DONE
