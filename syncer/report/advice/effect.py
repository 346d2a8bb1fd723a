"""What an advice would change, and what became of it. Pure.

What it would change is simulated again for goals, and read off its figure for the others. What became of it is judged
by what was changed, not by whether its rule still fires.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from syncer.report.advice.findings import Findings
from syncer.report.advice.staffing import handovers
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.metrics.resources import RACI_GAPS
from syncer.report.metrics.smoothness import BLOCKED_DAYS, WIP
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import Advice, AdviceOutcome, AdviceRule, Expected, FollowUp
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import MetricDefinition
from syncer.report.model.snapshot import MOST_EVIDENCE, evidence

LIKELY = 0.80
MOST_TAKEN_OUT = MOST_EVIDENCE
"""All of them are named."""
LARGEST = 1_000
"""With more open tasks nothing is simulated again: a report must not take minutes."""

SETTLED_BY_COUNT = frozenset({AdviceRule.OWN, AdviceRule.ANSWER, AdviceRule.COVER, AdviceRule.RACI, AdviceRule.DRIFT})
"""Those that bring their figure down by as many as they name."""
LEAST_GAIN = 0.05
"""Of a chance; less is no effect to speak of."""
OF_WHAT_IS_LEFT = 3
"""At most one task in so many is named to be taken out: to drop most of a goal is no way to keep its date."""


def foreseen(advice: Advice, metric: MetricDefinition | None, week: Findings) -> Advice:
    """The advice with its expected effect, where one can be foreseen; of a goal's date also the tasks to take out."""
    if advice.rule is AdviceRule.REPLAN and advice.subject:
        return _without_tasks(advice, week)
    if advice.rule is AdviceRule.REBALANCE:
        return _handed_over(advice, week)
    value = None if metric is None else week.value(metric)
    then = None if value is None else _then(advice, value)
    return advice if value is None or then is None else _expecting(advice, metric, value, then)


def _then(advice: Advice, value: float) -> int | float | None:
    """What the figure an advice moves would be; None where only its target could be repeated."""
    if advice.rule in SETTLED_BY_COUNT:
        return max(0, value - advice.count)
    return None


def _expecting(advice: Advice, metric: MetricDefinition | None, now: float, then: float, n: int = 0) -> Advice:
    return replace(advice, expected=Expected(metric, now, then, n))


def _without_tasks(advice: Advice, week: Findings) -> Advice:
    """The fewest tasks without which the goal will likely keep its date: each time the one that is last most often."""
    now = week.chance(advice.subject)
    taken: list[Task] = []
    chance, left = now, {task.id: task for task in week.snapshot.open_tasks}
    last = _last(advice.subject, week.goals)
    most = min(MOST_TAKEN_OUT, advice.count // OF_WHAT_IS_LEFT)
    while chance is not None and chance < LIKELY and len(taken) < most and last in left:
        taken.append(left.pop(last))
        if len(left) > LARGEST or not any(advice.subject in task.goals for task in left.values()):
            break
        found = _simulated(week, tuple(left.values())).get(advice.subject)
        chance, last = (None, "") if found is None else (found[0], found[1])
    if now is None or chance is None or chance < LIKELY or not taken:
        return advice
    return _expecting(replace(advice, evidence=evidence(taken)), None, now, chance, week.sample(advice.subject))


def _handed_over(advice: Advice, week: Findings) -> Advice:
    """The chance of the goal that gains most when the tasks have their new owner."""
    handover = next((one for one in handovers(week.snapshot) if week.names((one.giver,)) == (advice.subject,)), None)
    if handover is None or len(week.snapshot.open_tasks) > LARGEST:
        return advice
    moved = {task.id for task in handover.tasks}
    tasks = tuple(
        replace(task, owners=(handover.taker,)) if task.id in moved else task for task in week.snapshot.open_tasks
    )
    before = {goal.id: chance for goal in week.goals if (chance := week.chance(goal.id)) is not None}
    after = {goal: found[0] for goal, found in _simulated(week, tasks).items() if found[0] is not None}
    gains = [
        (after[goal] - chance, chance, after[goal], week.sample(goal))
        for goal, chance in before.items()
        if goal in after
    ]
    if not gains or max(gains)[0] < LEAST_GAIN:
        return advice
    _, now, then, n = max(gains)
    return _expecting(advice, None, now, then, n)


def _simulated(week: Findings, tasks: Sequence[Task]) -> Mapping[str, tuple[float | None, str]]:
    """By goal: its chance with these open tasks, and the task that is last most often."""
    seed = week.snapshot.window.year * 100 + week.snapshot.window.week
    found = forecasts(week.plan, replace(week.snapshot, open_tasks=tuple(tasks)), seed)
    return {goal: (one.p_on_time, one.drivers[0].task.task if one.drivers else "") for goal, one in found.items()}


def _last(goal: str, goals: Sequence[GoalFigures]) -> str:
    found = next((one.forecast for one in goals if one.id == goal), None)
    return found.drivers[0].task.task if found is not None and found.drivers else ""


# --- what became of it

AN_INSTANT = timedelta(microseconds=1)

OF_A_WEEK = frozenset({BLOCKED_DAYS})
"""Sums over a week: those of one that still runs are not compared with those of a whole one."""


def follow_up(
    given: Sequence[Sequence[Advice]],
    then: Sequence[Findings],
    now: Findings,
    standing: Sequence[Advice],
    moves: Mapping[AdviceRule, MetricDefinition],
) -> tuple[FollowUp, ...]:
    """What became of the advice of earlier weeks, newest first; each since the week that gave it last.

    `standing` is all that fires now, also what six leave no room for. `moves` names the figure of a rule.
    """
    outcomes: dict[str, FollowUp] = {}
    runs = now.snapshot.as_of < now.snapshot.window.end - AN_INSTANT
    for weeks_ago, (advice, found) in enumerate(zip(given, then, strict=True), 1):
        for one in advice:
            metric = moves.get(one.rule)
            before = found.chance(one.subject) if metric is None else found.value(metric)
            after = now.chance(one.subject) if metric is None else now.value(metric)
            became = outcome(one, found, now, standing)
            made = FollowUp(
                one, became, metric, before, after, weeks_ago, now.sample(one.subject), became is AdviceOutcome.TAKEN
            )
            outcomes.setdefault(one.id, replace(made, before=None, now=None) if runs and metric in OF_A_WEEK else made)
    return tuple(outcomes.values())


def outcome(one: Advice, then: Findings, now: Findings, standing: Sequence[Advice]) -> AdviceOutcome:
    """What became of one advice."""
    if one.rule is AdviceRule.REPLAN and not one.subject:
        return _of_several(one, then, now, standing)
    if any(other.id == one.id for other in standing) or (one.rule is AdviceRule.UNBLOCK and _blocked(one, then, now)):
        return AdviceOutcome.OPEN
    if one.subject and any(other.subject == one.subject and other.weight > one.weight for other in standing):
        return AdviceOutcome.WORSE
    return AdviceOutcome.TAKEN if _CHECKS.get(one.rule, _unseen)(one, then, now) else AdviceOutcome.SETTLED


def _of_several(one: Advice, then: Findings, now: Findings, standing: Sequence[Advice]) -> AdviceOutcome:
    """Of several late goals: to do as long as one is late; taken where the date or the tasks of one were changed."""
    goals = {goal.id for goal in then.goals if goal.title in one.names}
    if any(other.rule in _OF_LATE_GOALS and other.subject in goals for other in standing):
        return AdviceOutcome.OPEN
    moved = any(_replanned(replace(one, subject=goal), then, now) for goal in goals)
    return AdviceOutcome.TAKEN if moved else AdviceOutcome.SETTLED


_OF_LATE_GOALS = frozenset({AdviceRule.REPLAN, AdviceRule.SCOPE})


def _unseen(_: Advice, then: Findings, now: Findings) -> bool:
    """Whether people agreed on something cannot be seen."""
    return False


def _pairs(one: Advice, then: Findings, now: Findings) -> list[tuple[Task, Task | None]]:
    """The named tasks then and now; None where one was cancelled."""
    later = {task.id: task for task in now.snapshot.tasks}
    named = {evidence.task for evidence in one.evidence}
    return [(task, later.get(task.id)) for task in then.snapshot.tasks if task.id in named]


def _done(task: Task | None, week: Findings) -> bool:
    return task is not None and not week.snapshot.open(task)


def _goal(name: str, week: Findings) -> GoalFigures | None:
    return next((goal for goal in week.goals if goal.id == name), None)


def _replanned(one: Advice, then: Findings, now: Findings) -> bool:
    """The date was moved out, or a named task is no longer part of it."""
    before, after = _goal(one.subject, then), _goal(one.subject, now)
    if before is None or after is None:
        return False
    moved = before.due is not None and (after.due is None or after.due > before.due)
    left = any(task is None or one.subject not in task.goals for _, task in _pairs(one, then, now))
    return moved or left


def _owned(one: Advice, then: Findings, now: Findings) -> bool:
    return any(not task.owners and later is not None and later.owners for task, later in _pairs(one, then, now))


def _reassigned(one: Advice, then: Findings, now: Findings) -> bool:
    return any(later is not None and task.owners != later.owners for task, later in _pairs(one, then, now))


def _unblocked(one: Advice, then: Findings, now: Findings) -> bool:
    return any(
        later is not None and not _done(later, now) and not now.snapshot.blocked(later)
        for _, later in _pairs(one, then, now)
    )


def _blocked(one: Advice, then: Findings, now: Findings) -> bool:
    """Whether something is in the way of one of the named tasks still, be it another thing."""
    return any(later is not None and now.snapshot.blocked(later) for _, later in _pairs(one, then, now))


def _answered(one: Advice, then: Findings, now: Findings) -> bool:
    since = then.snapshot.as_of
    comments = now.snapshot.comments
    return any(
        _done(later, now) or any(comment.at > since for comment in comments.get(task.id, ()))
        for task, later in _pairs(one, then, now)
    )


def _finished(one: Advice, then: Findings, now: Findings) -> bool:
    return any(_done(later, now) for _, later in _pairs(one, then, now))


def _closed(one: Advice, then: Findings, now: Findings) -> bool:
    return any(later is None or _done(later, now) for _, later in _pairs(one, then, now))


def _limited(one: Advice, then: Findings, now: Findings) -> bool:
    wip = now.value(WIP)
    return wip is not None and one.number is not None and wip <= one.number


def _cut(one: Advice, then: Findings, now: Findings) -> bool:
    """A ring goes when an edge is cut; also when one of its tasks is closed."""
    return all(later is not None and not _done(later, now) for _, later in _pairs(one, then, now))


def _set(one: Advice, then: Findings, now: Findings) -> bool:
    goal = _goal(one.subject, now)
    return goal is not None and one.part is not None and bool(goal.smart.parts[one.part])


def _fewer_gaps(one: Advice, then: Findings, now: Findings) -> bool:
    left = now.value(RACI_GAPS)
    return left is not None and left < one.count


_CHECKS: dict[AdviceRule, Callable[[Advice, Findings, Findings], bool]] = {
    AdviceRule.REPLAN: _replanned,
    AdviceRule.SCOPE: _replanned,
    AdviceRule.CRITICAL: _reassigned,
    AdviceRule.CYCLE: _cut,
    AdviceRule.UNBLOCK: _unblocked,
    AdviceRule.ANSWER: _answered,
    AdviceRule.OWN: _owned,
    AdviceRule.AGE: _finished,
    AdviceRule.REVIEW: _finished,
    AdviceRule.SMART: _set,
    AdviceRule.REBALANCE: _reassigned,
    AdviceRule.LIMIT: _limited,
    AdviceRule.RACI: _fewer_gaps,
    AdviceRule.COVER: _reassigned,
    AdviceRule.DROP: _closed,
}
"""Whether what an advice names was changed as it says; what is not here leaves no trace in a tracker."""
