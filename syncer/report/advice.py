"""What to change next week: guarded rules over the figures, at most six, each with evidence and a name. Pure.

A rule fires only where the numbers carry it: a rate when its whole interval is beyond the target, a forecast when there
is one. What was advised last week is computed again from the history, so nothing has to be kept: it was taken when its
reason is gone, and its figure then and now says whether that helped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from syncer.report.advising import effect, staffing, steering
from syncer.report.advising.findings import Findings
from syncer.report.evaluation import Advice, FollowUp, GoalFigures, Outlook, Part, Rule
from syncer.report.impediments import holding
from syncer.report.measures.talk import open_question
from syncer.report.metric import Judgement, Metric, MetricId
from syncer.report.model import Task
from syncer.report.moment import Moment, evidence
from syncer.report.order import rings

MOST = 6

LONG_BLOCKED = timedelta(days=3)
UNOWNED_TOO_LONG = timedelta(days=7)
LIKELY, EVEN = 0.80, 0.50
DRIVES = 0.25

RATED = {Rule.AGE: MetricId.AGE_OVER_SLE, Rule.DONE: MetricId.REOPEN_RATE, Rule.REVIEW: MetricId.REVIEW_SHARE}
MOVES = {
    Rule.UNBLOCK: MetricId.BLOCKED_DAYS,
    Rule.ANSWER: MetricId.UNANSWERED_QUESTIONS,
    Rule.OWN: MetricId.UNOWNED_OPEN,
    Rule.REBALANCE: MetricId.OVERLOADED,
    Rule.LIMIT: MetricId.WIP,
    Rule.ESTIMATE: MetricId.ESTIMATE_RATIO,
    Rule.DRIFT: MetricId.CONFLICTS_WAITING,
    Rule.RACI: MetricId.RACI_GAPS,
    Rule.COVER: MetricId.SINGLE_POINT,
    **RATED,
}
"""The figure an advice should move; those of goals move the chance to keep the date."""

SETTABLE = frozenset(Part) - {Part.ATTAINABLE}
"""Parts of a goal that an edit alone raises; what is not attainable is a matter of replanning."""


def advise(week: Findings) -> tuple[Advice, ...]:
    """The advice of a week, what may save most first; none for a week before anything was read.

    Where nobody else is named, it is for who answers for the project.
    """
    if not any(since <= week.moment.as_of for since in week.moment.watched_since.values()):
        return ()
    chosen = sorted(_everything(week), key=lambda advice: (-advice.weight, advice.id))[:MOST]
    return tuple(replace(advice, owners=advice.owners or week.leads) for advice in chosen)


def with_effects(advice: Sequence[Advice], week: Findings) -> tuple[Advice, ...]:
    """The advice with what would change if it were taken: simulated for goals, else read off the figure it moves."""
    return tuple(effect.foreseen(one, MOVES.get(one.rule), week) for one in advice)


def with_age(advice: Sequence[Advice], earlier: Iterable[Sequence[Advice]]) -> tuple[Advice, ...]:
    """The advice with the weeks it has been given in a row; `earlier` weeks come newest first."""
    weeks = {one.id: 1 for one in advice}
    still = set(weeks)
    for before in earlier:
        still &= {one.id for one in before}
        for name in still:
            weeks[name] += 1
    return tuple(replace(one, weeks_open=weeks[one.id]) for one in advice)


def follow_up(given: Sequence[Sequence[Advice]], then: Sequence[Findings], now: Findings) -> tuple[FollowUp, ...]:
    """What became of the advice of earlier weeks, newest first; each is told of the week that gave it last."""
    standing = {one.id for one in _everything(now)}
    told: dict[str, FollowUp] = {}
    for weeks_ago, (advice, found) in enumerate(zip(given, then, strict=True), 1):
        for one in advice:
            metric = MOVES.get(one.rule)
            told.setdefault(
                one.id,
                FollowUp(
                    advice=one,
                    taken=one.id not in standing,
                    metric=metric,
                    before=found.chance(one.subject) if metric is None else found.value(metric),
                    now=now.chance(one.subject) if metric is None else now.value(metric),
                    weeks_ago=weeks_ago,
                ),
            )
    return tuple(told.values())


def _everything(week: Findings) -> list[Advice]:
    """All that fires, also what six leave no room for: an advice that was crowded out was not taken."""
    return [
        *_goals(week.goals),
        *_rings(week.moment),
        *_blocked(week.moment),
        *_unanswered(week.moment),
        *_unowned(week.moment, week.goals),
        *_rates(week.metrics),
        *_settings(week.goals),
        *staffing.advice(week),
        *steering.advice(week),
    ]


def _goals(goals: Sequence[GoalFigures]) -> Iterator[Advice]:
    for goal in goals:
        found = goal.forecast
        if found is None or found.p_on_time is None or goal.due is None or goal.outlook is Outlook.REACHED:
            continue
        named = tuple(driver.task for driver in found.drivers)
        late = max(0, (found.q85 - goal.due).days)
        left = goal.scope - goal.done
        if found.p_on_time < EVEN:
            weight = late * (1 - found.p_on_time)
            overdue = goal.outlook is Outlook.OVERDUE
            yield Advice(Rule.REPLAN, goal.id, goal.title, goal.owners, named, left, weight, found.q85, overdue)
        elif found.p_on_time < LIKELY and found.drivers and found.drivers[0].share > DRIVES:
            weight = late * found.drivers[0].share
            yield Advice(Rule.CRITICAL, goal.id, goal.title, goal.owners, named[:1], 1, weight, found.q85)


def _rings(moment: Moment) -> Iterator[Advice]:
    for ring in rings(moment.open_tasks):
        owners = _owners(ring, moment)
        yield Advice(Rule.CYCLE, ring[0].id, "", owners, evidence(ring), len(ring), 10.0 * len(ring))


def _blocked(moment: Moment) -> Iterator[Advice]:
    since = moment.as_of - LONG_BLOCKED
    tasks = [
        task
        for task in moment.open_tasks
        if any(
            max(one.start, moment.watched_since.get(task.pair, moment.as_of)) <= since
            and (one.end is None or one.end > moment.as_of)
            for one in holding(task)
        )
    ]
    named = [(task, one) for task in tasks if not task.restricted for one in task.impediments]
    asked = (who for task, one in named for who in moment.clearers(task, one))
    owners = tuple(moment.names.get(who, who) for who in dict.fromkeys(asked))
    for one in _about_tasks(Rule.UNBLOCK, tasks, 3.0, moment):
        yield replace(one, owners=owners)


def _unanswered(moment: Moment) -> Iterator[Advice]:
    tasks = [task for task in moment.open_tasks if open_question(task, moment) is not None]
    yield from _about_tasks(Rule.ANSWER, tasks, 1.0, moment)


def _unowned(moment: Moment, goals: Sequence[GoalFigures]) -> Iterator[Advice]:
    """Tasks nobody has that are late, or old enough and needed for a goal with a date."""
    dated = {goal.id for goal in goals if goal.due is not None and goal.outlook is not Outlook.REACHED}
    old = moment.as_of - UNOWNED_TOO_LONG
    tasks = [
        task
        for task in moment.open_tasks
        if not task.owners and (moment.late_days(task) or (task.created <= old and dated & set(task.goals)))
    ]
    tasks.sort(key=lambda task: (-moment.late_days(task), task.created, task.id))
    needed = {goal for task in tasks for goal in task.goals}
    owners = tuple(dict.fromkeys(owner for goal in goals if goal.id in needed for owner in goal.owners))
    for one in _about_tasks(Rule.OWN, tasks, 1.5, moment):
        yield replace(one, owners=owners)


def _rates(metrics: Sequence[Metric]) -> Iterator[Advice]:
    rules = {metric: rule for rule, metric in RATED.items()}
    for metric in metrics:
        if metric.id in rules and metric.judgement is Judgement.MISSED and metric.value is not None:
            hits = round(metric.value * metric.n)
            yield Advice(rules[metric.id], "", "", (), metric.evidence, hits, 2.0 * hits)


def _settings(goals: Sequence[GoalFigures]) -> Iterator[Advice]:
    for goal in goals:
        parts = [part for part in goal.smart.zeros if part in SETTABLE]
        if parts and goal.outlook is not Outlook.REACHED:
            yield Advice(Rule.SMART, goal.id, goal.title, goal.owners, (), 0, 0.1 * len(parts), part=_first_edit(parts))


def _first_edit(parts: Sequence[Part]) -> Part:
    """A date first: without it nothing else can be told."""
    return Part.TIMED if Part.TIMED in parts else parts[0]


def _about_tasks(rule: Rule, tasks: Sequence[Task], saves: float, moment: Moment) -> Iterator[Advice]:
    if tasks:
        yield Advice(rule, "", "", _owners(tasks, moment), evidence(tasks), len(tasks), saves * len(tasks))


def _owners(tasks: Iterable[Task], moment: Moment) -> tuple[str, ...]:
    found = (owner for task in tasks if not task.restricted for owner in task.owners)
    return tuple(moment.names.get(owner, owner) for owner in dict.fromkeys(found))
