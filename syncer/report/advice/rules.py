"""What to change next week: guarded rules over the figures, at most six, each with evidence and a name. Pure.

A rule fires only where the numbers carry it: a rate when its whole interval is beyond the target, a forecast when there
is one. At most two of a rule are given, and several late goals are one advice. What was advised last week is computed
again from the history, so nothing has to be kept; `effect` says what became of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from syncer.report.advice import effect, staffing
from syncer.report.advice.findings import Findings
from syncer.report.forecast.order import waiting_cycles
from syncer.report.metrics.building import LEAST_FOR_SHARE
from syncer.report.metrics.communication import STALE_OPEN, UNANSWERED_QUESTIONS, open_question
from syncer.report.metrics.flow import ESTIMATE_RATIO
from syncer.report.metrics.quality import REOPEN_RATE
from syncer.report.metrics.resources import OVERLOADED, RACI_GAPS, SINGLE_POINT, UNOWNED_OPEN
from syncer.report.metrics.smoothness import AGE_OVER_SLE, BLOCKED_DAYS, REVIEW_SHARE, WIP
from syncer.report.metrics.sync import CONFLICTS_WAITING
from syncer.report.metrics.workload import A_WEEK
from syncer.report.model.collaboration import Impediment, Task
from syncer.report.model.evaluation import Advice, AdviceRule
from syncer.report.model.goal import GoalFigures, Outlook, SmartCriterion
from syncer.report.model.metric import EvidenceTask, Judgement, Metric
from syncer.report.model.snapshot import MOST_EVIDENCE, TRAILING, Snapshot, evidence, holding
from syncer.report.model.timeline import Blockage, Cause, Standing
from syncer.report.statistics import wilson

MOST = 6
MOST_OF_A_RULE = 2

LONG_BLOCKED = timedelta(days=3)
UNOWNED_TOO_LONG = timedelta(days=7)
UNTOUCHED = timedelta(days=90)
LEAST_ADDED, ADDED_OF_LEFT = 2.0, 0.1
"""Tasks a week, and as a share of what is left of a goal."""
LIKELY, EVEN = 0.80, 0.50
DRIVES = 0.25

RISING_WEEKS = 3
CONFLICTS_OF_WRITES = 0.05
"""More conflicts than this share of what was carried mean that a rule of the pair does not fit."""
LEAST_CONFLICTS = 3
"""Of one field; fewer are chance."""

RATED = {AdviceRule.AGE: AGE_OVER_SLE, AdviceRule.DONE: REOPEN_RATE}
MOVES = {
    AdviceRule.UNBLOCK: BLOCKED_DAYS,
    AdviceRule.ANSWER: UNANSWERED_QUESTIONS,
    AdviceRule.OWN: UNOWNED_OPEN,
    AdviceRule.REBALANCE: OVERLOADED,
    AdviceRule.LIMIT: WIP,
    AdviceRule.ESTIMATE: ESTIMATE_RATIO,
    AdviceRule.DRIFT: CONFLICTS_WAITING,
    AdviceRule.RACI: RACI_GAPS,
    AdviceRule.COVER: SINGLE_POINT,
    AdviceRule.REVIEW: REVIEW_SHARE,
    AdviceRule.DROP: STALE_OPEN,
    **RATED,
}
"""The figure an advice should move; those of goals move the chance to keep the date."""


def advise(week: Findings, fired: Sequence[Advice] | None = None) -> tuple[Advice, ...]:
    """The advice of a week, what may save most first; none for a week before anything was read.

    Where nobody else is named, it is for who answers for the project. `fired` is `everything` where that is known.
    """
    if not any(since <= week.snapshot.as_of for since in week.snapshot.watched_since.values()):
        return ()
    chosen: list[Advice] = []
    for one in sorted(
        _one_of_many(everything(week) if fired is None else fired), key=lambda advice: (-advice.weight, advice.id)
    ):
        if sum(other.rule is one.rule for other in chosen) < MOST_OF_A_RULE:
            chosen.append(one)
    return tuple(replace(advice, owners=advice.owners or week.leads) for advice in chosen[:MOST])


def _one_of_many(found: Sequence[Advice]) -> list[Advice]:
    """The advice with all late goals in one, where there are more than may be given of a rule.

    A goal that gets more tasks every week is first to get no more: no date holds before that.
    """
    growing = {one.subject for one in found if one.rule is AdviceRule.SCOPE}
    found = [one for one in found if one.rule is not AdviceRule.REPLAN or one.subject not in growing]
    late = [one for one in found if one.rule is AdviceRule.REPLAN]
    if len(late) <= MOST_OF_A_RULE:
        return list(found)
    late.sort(key=lambda one: (-one.weight, one.id))
    owners = tuple(dict.fromkeys(who for one in late for who in one.owners))
    weight = sum(one.weight for one in late)
    many = Advice(AdviceRule.REPLAN, "", "", owners, (), len(late), weight, names=tuple(one.title for one in late))
    return [one for one in found if one.rule is not AdviceRule.REPLAN] + [many]


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
        *_rings(week.snapshot),
        *_blocked(week.snapshot),
        *_untouched(week.snapshot),
        *_unanswered(week.snapshot),
        *_unowned(week.snapshot, week.goals),
        *_rates(week.metrics),
        *_settings(week.goals),
        *staffing.advice(week),
        *_flow(week),
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
            yield Advice(AdviceRule.REPLAN, goal.id, goal.title, goal.owners, named, left, weight, found.q85, overdue)
        elif found.p_on_time < LIKELY and found.drivers and found.drivers[0].share > DRIVES:
            weight = late * found.drivers[0].share
            yield Advice(AdviceRule.CRITICAL, goal.id, goal.title, goal.owners, named[:1], 1, weight, found.q85)


def _growing(goals: Sequence[GoalFigures]) -> Iterator[Advice]:
    """Goals that are in danger and get more tasks every week."""
    for goal in goals:
        added = None if goal.forecast is None else goal.forecast.added_a_week
        left = goal.scope - goal.done
        if goal.health.needs_attention and added is not None and added >= max(LEAST_ADDED, ADDED_OF_LEFT * left):
            yield Advice(AdviceRule.SCOPE, goal.id, goal.title, goal.owners, (), left, 2.0 * added, number=added)


def _untouched(snapshot: Snapshot) -> Iterator[Advice]:
    """Begun, dated or planned tasks to which nothing happened for three months."""
    since = snapshot.as_of - UNTOUCHED
    tasks = [
        task
        for task in snapshot.open_tasks
        if (task.goals or task.due or snapshot.standings[task.id] is Standing.DOING)
        and max((task.created, *task.activity, *(one.at for one in snapshot.comments.get(task.id, ())))) < since
    ]
    yield from _about_tasks(AdviceRule.DROP, tasks, 0.5, snapshot)


def _rings(snapshot: Snapshot) -> Iterator[Advice]:
    for ring in waiting_cycles(snapshot.open_tasks):
        owners = _owners(ring, snapshot)
        yield Advice(AdviceRule.CYCLE, ring[0].id, "", owners, evidence(ring), len(ring), 10.0 * len(ring))


def _blocked(snapshot: Snapshot) -> Iterator[Advice]:
    """What has been in the way for more than three days; an advice for each kind, for each asks something else."""
    found: dict[str, list[tuple[datetime, Task]]] = defaultdict(list)
    for task in snapshot.open_tasks:
        lasting = [(_since(one, task, snapshot), one) for one in holding(task) if _stands(one, snapshot)]
        if lasting:
            lasting.sort(key=lambda one: one[0])
            since = lasting[0][0]
            if since <= snapshot.as_of - LONG_BLOCKED:
                # A flag says that something is in the way, a label beside it what it is.
                found[next((one.kind for _, one in lasting if one.kind), "")].append((since, task))
    for kind, held in sorted(found.items()):
        held.sort(key=lambda one: (one[0], one[1].id))
        tasks = [task for _, task in held]
        named = [(task, one) for task in tasks if not task.restricted for one in task.impediments]
        owners = _names((who for task, one in named for who in snapshot.clearers(task, one)), snapshot)
        what = tuple(dict.fromkeys(_what(task, one) for task, one in named))
        day = snapshot.blocked_since(tasks)
        for one in _about_tasks(AdviceRule.UNBLOCK, tasks, 3.0, snapshot):
            names = (kind, *(said for said in what if said))
            yield replace(one, subject=kind, owners=owners, since=day, names=names)


def _since(one: Blockage, task: Task, snapshot: Snapshot) -> datetime:
    """Since when something has surely been in the way."""
    return max(one.start, snapshot.watched_since.get(task.pair, snapshot.as_of))


def _stands(one: Blockage, snapshot: Snapshot) -> bool:
    return one.start <= snapshot.as_of and (one.end is None or one.end > snapshot.as_of)


def _what(task: Task, one: Impediment) -> str:
    """What a task waits for, as its tracker calls it: other tasks, or its status."""
    if one.cause is Cause.DEPENDENCY:
        return ", ".join(one.blockers)
    return task.status if one.cause is Cause.STATUS else ""


def _unanswered(snapshot: Snapshot) -> Iterator[Advice]:
    tasks = [task for task in snapshot.open_tasks if open_question(task, snapshot) is not None]
    yield from _about_tasks(AdviceRule.ANSWER, tasks, 1.0, snapshot)


def _unowned(snapshot: Snapshot, goals: Sequence[GoalFigures]) -> Iterator[Advice]:
    """Tasks nobody has that are late, or old enough and needed for a goal with a date."""
    dated = {goal.id for goal in goals if goal.due is not None and goal.outlook is not Outlook.REACHED}
    old = snapshot.as_of - UNOWNED_TOO_LONG
    tasks = [
        task
        for task in snapshot.open_tasks
        if not task.owners and (snapshot.late_days(task) or (task.created <= old and dated & set(task.goals)))
    ]
    tasks.sort(key=lambda task: (-snapshot.late_days(task), task.created, task.id))
    needed = {goal for task in tasks for goal in task.goals}
    owners = tuple(dict.fromkeys(owner for goal in goals if goal.id in needed for owner in goal.owners))
    for one in _about_tasks(AdviceRule.OWN, tasks, 1.5, snapshot):
        yield replace(one, owners=owners)


def _rates(metrics: Sequence[Metric]) -> Iterator[Advice]:
    rules = {metric: rule for rule, metric in RATED.items()}
    for metric in metrics:
        if metric.definition in rules and metric.judgement is Judgement.MISSED and metric.value is not None:
            hits = round(metric.value * metric.n)
            yield Advice(rules[metric.definition], "", "", (), metric.evidence, hits, 2.0 * hits)


def _settings(goals: Sequence[GoalFigures]) -> Iterator[Advice]:
    for goal in goals:
        part = goal.smart.helping
        if part is not None and goal.outlook is not Outlook.REACHED:
            zeros = sum(criterion is not SmartCriterion.ATTAINABLE for criterion in goal.smart.zeros)
            yield Advice(AdviceRule.SMART, goal.id, goal.title, goal.owners, (), 0, 0.1 * zeros, part=part)


def _about_tasks(rule: AdviceRule, tasks: Sequence[Task], saves: float, snapshot: Snapshot) -> Iterator[Advice]:
    if tasks:
        yield Advice(rule, "", "", _owners(tasks, snapshot), evidence(tasks), len(tasks), saves * len(tasks))


def _owners(tasks: Iterable[Task], snapshot: Snapshot) -> tuple[str, ...]:
    return _names((owner for task in tasks if not task.restricted for owner in task.owners), snapshot)


def _names(people: Iterable[str], snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(snapshot.names.get(one, one) for one in dict.fromkeys(people))


# --- how work and changes flow


def _flow(week: Findings) -> Iterator[Advice]:
    """Limit, review, estimate, drift."""
    yield from _limit(week)
    yield from _review(week)
    yield from _estimate(week)
    yield from _drift(week)


def _limit(week: Findings) -> Iterator[Advice]:
    """Work in progress grew for three weeks and no more was finished: as many as three weeks ago are enough."""
    snapshot = week.snapshot
    counts = wip_by_week(snapshot)
    late = snapshot.finished_within(TRAILING / 2)
    early = len(snapshot.finished_within(TRAILING)) - len(late)
    known = all(since <= snapshot.as_of - RISING_WEEKS * A_WEEK for since in snapshot.watched_since.values())
    rising = all(before < after for before, after in pairwise(counts))
    doing = [task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING]
    people = len({owner for task in (*doing, *late) for owner in task.owners})
    # One each is the least that a team can have in progress.
    limit, now = max(1, people, counts[0]), counts[-1]
    if known and rising and now > limit and len(late) + early >= LEAST_FOR_SHARE and len(late) <= early:
        wip = week.metric(WIP)
        oldest = () if wip is None else wip.evidence
        yield Advice(AdviceRule.LIMIT, "", "", week.leads, oldest, now, 1.0 * (now - limit), number=limit)


def wip_by_week(snapshot: Snapshot) -> tuple[int, ...]:
    """Tasks in progress three, two and one weeks ago, and now."""
    tasks = (*snapshot.open_tasks, *snapshot.finished_within(RISING_WEEKS * A_WEEK))
    moments = [snapshot.as_of - weeks * A_WEEK for weeks in range(RISING_WEEKS, -1, -1)]
    moved = [task for task in tasks if task.last_moved > moments[0]]
    always = sum(task.standing_at(moments[0]) is Standing.DOING for task in tasks if task.last_moved <= moments[0])
    return tuple(always + sum(task.standing_at(at) is Standing.DOING for task in moved) for at in moments)


def _review(week: Findings) -> Iterator[Advice]:
    found = week.metric(REVIEW_SHARE)
    if found is not None and found.judgement is Judgement.MISSED and found.value is not None:
        waiting = round(found.value * found.n)
        yield Advice(AdviceRule.REVIEW, "", "", week.leads, found.evidence, waiting, 1.0 * waiting)


def _estimate(week: Findings) -> Iterator[Advice]:
    """What was booked is surely not what was estimated."""
    found = week.metric(ESTIMATE_RATIO)
    if found is None or found.value is None or found.interval is None or found.n < LEAST_FOR_SHARE:
        return
    if found.interval.low > 1 or (found.interval.high is not None and found.interval.high < 1):
        weight = abs(found.value - 1) * len(week.snapshot.open_tasks) / 5
        yield Advice(
            AdviceRule.ESTIMATE, "", "", week.leads, found.evidence, found.n, weight, number=round(found.value, 2)
        )


def _drift(week: Findings) -> Iterator[Advice]:
    """A field of a pair that both sides change apart more often than carrying it can be worth."""
    for (pair, field), count in sorted(Counter((one.pair, one.field) for one in week.opened).items()):
        writes = week.writes.get(pair, 0)
        if count < LEAST_CONFLICTS or writes < LEAST_FOR_SHARE:
            continue
        surely = wilson(min(count, writes), writes)
        if surely is None or surely.low <= CONFLICTS_OF_WRITES:
            continue
        found = [one for one in week.opened if (one.pair, one.field) == (pair, field) and not one.restricted]
        named = tuple(EvidenceTask(f"{pair}/{one.id}", one.title, one.places) for one in found[:MOST_EVIDENCE])
        yield Advice(
            AdviceRule.DRIFT, f"{pair}/{field}", "", week.leads, named, count, 0.5 * count, names=(pair, field)
        )
