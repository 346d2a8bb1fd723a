"""What to change next week: guarded rules over the figures, at most six, each with evidence and a name. Pure.

A rule fires only where the numbers carry it: a rate when its whole interval is beyond the target, a forecast when there
is one. At most two of a rule are given, and several late goals are one advice. What was advised last week is computed
again from the history, so nothing has to be kept; `outcome` says what became of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.report.advice import effect, staffing, steering
from syncer.report.advice.findings import Findings
from syncer.report.forecast.order import rings
from syncer.report.gather.impediments import holding
from syncer.report.metrics.communication import open_question
from syncer.report.model.collaboration import Impediment, Task
from syncer.report.model.evaluation import Advice, Rule
from syncer.report.model.goal import GoalFigures, Outlook, Part
from syncer.report.model.metric import Judgement, Metric, MetricId
from syncer.report.model.snapshot import Moment, evidence
from syncer.report.model.timeline import Blockage, Cause, Standing

MOST = 6
MOST_OF_A_RULE = 2

LONG_BLOCKED = timedelta(days=3)
UNOWNED_TOO_LONG = timedelta(days=7)
UNTOUCHED = timedelta(days=90)
LEAST_ADDED, ADDED_OF_LEFT = 2.0, 0.1
"""Tasks a week, and as a share of what is left of a goal."""
LIKELY, EVEN = 0.80, 0.50
DRIVES = 0.25

RATED = {Rule.AGE: MetricId.AGE_OVER_SLE, Rule.DONE: MetricId.REOPEN_RATE}
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
    Rule.REVIEW: MetricId.REVIEW_SHARE,
    Rule.DROP: MetricId.STALE_OPEN,
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
    chosen: list[Advice] = []
    for one in sorted(_one_of_many(everything(week)), key=lambda advice: (-advice.weight, advice.id)):
        if sum(other.rule is one.rule for other in chosen) < MOST_OF_A_RULE:
            chosen.append(one)
    return tuple(replace(advice, owners=advice.owners or week.leads) for advice in chosen[:MOST])


def _one_of_many(found: Sequence[Advice]) -> list[Advice]:
    """The advice with all late goals in one, where there are more than may be told of a rule.

    A goal that gets more tasks every week is first to get no more: no date holds before that.
    """
    growing = {one.subject for one in found if one.rule is Rule.SCOPE}
    found = [one for one in found if one.rule is not Rule.REPLAN or one.subject not in growing]
    late = [one for one in found if one.rule is Rule.REPLAN]
    if len(late) <= MOST_OF_A_RULE:
        return list(found)
    late.sort(key=lambda one: (-one.weight, one.id))
    owners = tuple(dict.fromkeys(who for one in late for who in one.owners))
    weight = sum(one.weight for one in late)
    many = Advice(Rule.REPLAN, "", "", owners, (), len(late), weight, names=tuple(one.title for one in late))
    return [one for one in found if one.rule is not Rule.REPLAN] + [many]


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


def everything(week: Findings) -> list[Advice]:
    """All that fires, also what six leave no room for: an advice that was crowded out was not taken."""
    return [
        *_goals(week.goals),
        *_growing(week.goals),
        *_rings(week.moment),
        *_blocked(week.moment),
        *_untouched(week.moment),
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


def _growing(goals: Sequence[GoalFigures]) -> Iterator[Advice]:
    """Goals that are in danger and get more tasks every week."""
    for goal in goals:
        added = None if goal.forecast is None else goal.forecast.added_a_week
        left = goal.scope - goal.done
        if goal.health.needs_attention and added is not None and added >= max(LEAST_ADDED, ADDED_OF_LEFT * left):
            yield Advice(Rule.SCOPE, goal.id, goal.title, goal.owners, (), left, 2.0 * added, number=added)


def _untouched(moment: Moment) -> Iterator[Advice]:
    """Begun, dated or planned tasks to which nothing happened for three months."""
    since = moment.as_of - UNTOUCHED
    tasks = [
        task
        for task in moment.open_tasks
        if (task.goals or task.due or moment.standings[task.id] is Standing.DOING)
        and max((task.created, *task.activity, *(one.at for one in moment.comments.get(task.id, ())))) < since
    ]
    yield from _about_tasks(Rule.DROP, tasks, 0.5, moment)


def _rings(moment: Moment) -> Iterator[Advice]:
    for ring in rings(moment.open_tasks):
        owners = _owners(ring, moment)
        yield Advice(Rule.CYCLE, ring[0].id, "", owners, evidence(ring), len(ring), 10.0 * len(ring))


def _blocked(moment: Moment) -> Iterator[Advice]:
    """What has been in the way for more than three days; an advice for each kind, for each asks something else."""
    found: dict[str, list[tuple[datetime, Task]]] = defaultdict(list)
    for task in moment.open_tasks:
        lasting = [(_since(one, task, moment), one) for one in holding(task) if _stands(one, moment)]
        if lasting:
            since, first = min(lasting, key=lambda one: one[0])
            if since <= moment.as_of - LONG_BLOCKED:
                found[first.kind or ""].append((since, task))
    for kind, held in sorted(found.items()):
        held.sort(key=lambda one: (one[0], one[1].id))
        tasks = [task for _, task in held]
        named = [(task, one) for task in tasks if not task.restricted for one in task.impediments]
        owners = _names((who for task, one in named for who in moment.clearers(task, one)), moment)
        what = tuple(dict.fromkeys(_what(task, one) for task, one in named))
        oldest = held[0][0].astimezone(moment.window.zone).date()
        for one in _about_tasks(Rule.UNBLOCK, tasks, 3.0, moment):
            names = (kind, *(said for said in what if said))
            yield replace(one, subject=kind, owners=owners, since=oldest, names=names)


def _since(one: Blockage, task: Task, moment: Moment) -> datetime:
    """Since when something has surely been in the way."""
    return max(one.start, moment.watched_since.get(task.pair, moment.as_of))


def _stands(one: Blockage, moment: Moment) -> bool:
    return one.start <= moment.as_of and (one.end is None or one.end > moment.as_of)


def _what(task: Task, one: Impediment) -> str:
    """What a task waits for, as its tracker calls it: other tasks, or its status."""
    if one.cause is Cause.DEPENDENCY:
        return ", ".join(one.blockers)
    return task.status if one.cause is Cause.STATUS else ""


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
    return _names((owner for task in tasks if not task.restricted for owner in task.owners), moment)


def _names(people: Iterable[str], moment: Moment) -> tuple[str, ...]:
    return tuple(moment.names.get(one, one) for one in dict.fromkeys(people))
