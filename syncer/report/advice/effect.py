"""What would change if an advice were taken: simulated again for goals, read off its figure for the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncer.report.advice.findings import Findings
from syncer.report.advice.staffing import handovers
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import Advice, AdviceRule, Expected
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
    """The advice with its expected effect, where one can be told; of a goal's date also the tasks to take out."""
    if advice.rule is AdviceRule.REPLAN and advice.subject:
        return _without_tasks(advice, week)
    if advice.rule is AdviceRule.REBALANCE:
        return _handed_over(advice, week)
    value = None if metric is None else week.value(metric)
    then = None if value is None else _then(advice, value)
    return advice if value is None or then is None else _expecting(advice, metric, value, then)


def _then(advice: Advice, value: float) -> int | float | None:
    """What the figure an advice moves would be; None where only its target could be told again."""
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
