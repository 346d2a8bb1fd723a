"""What became of the advice of earlier weeks: told by what was changed, not by whether its rule still fires. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from syncer.report.advice.findings import Findings
from syncer.report.metrics.resources import RACI_GAPS
from syncer.report.metrics.smoothness import BLOCKED_DAYS, WIP
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import Advice, AdviceOutcome, AdviceRule, FollowUp
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import MetricDefinition
from syncer.report.model.timeline import Standing

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
    """What became of the advice of earlier weeks, newest first; each is told of the week that gave it last.

    `standing` is all that fires now, also what six leave no room for. `moves` names the figure of a rule.
    """
    told: dict[str, FollowUp] = {}
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
            told.setdefault(one.id, replace(made, before=None, now=None) if runs and metric in OF_A_WEEK else made)
    return tuple(told.values())


def outcome(one: Advice, then: Findings, now: Findings, standing: Sequence[Advice]) -> AdviceOutcome:
    """What became of one advice."""
    if any(other.id == one.id for other in standing) or (one.rule is AdviceRule.UNBLOCK and _blocked(one, then, now)):
        return AdviceOutcome.OPEN
    if one.subject and any(other.subject == one.subject and other.weight > one.weight for other in standing):
        return AdviceOutcome.WORSE
    return AdviceOutcome.TAKEN if _CHECKS.get(one.rule, _unseen)(one, then, now) else AdviceOutcome.SETTLED


def _unseen(_: Advice, then: Findings, now: Findings) -> bool:
    """Whether people agreed on something cannot be seen."""
    return False


def _pairs(one: Advice, then: Findings, now: Findings) -> list[tuple[Task, Task | None]]:
    """The named tasks then and now; None where one was cancelled."""
    later = {task.id: task for task in now.snapshot.tasks}
    named = {evidence.task for evidence in one.evidence}
    return [(task, later.get(task.id)) for task in then.snapshot.tasks if task.id in named]


def _done(task: Task | None, week: Findings) -> bool:
    return task is not None and week.snapshot.standings[task.id] is Standing.DONE


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
