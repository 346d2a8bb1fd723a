"""What each kind of reader is shown of an evaluation. Nothing is computed here, only left out."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from syncer.core.responsibility import ScopeKind
from syncer.report.model.collaboration import Reader
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.goal import GoalFigures
from syncer.report.model.plan import ChangeKind
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.responsibility.claims import ClaimSource

_CLIENT_SCOPES = frozenset({ScopeKind.PROJECT, ScopeKind.GOAL, ScopeKind.PLAN})


def _agreed_with_clients(table: ResponsibilityTable) -> ResponsibilityTable:
    """What is written down of the project, its goals and plans: nothing read from trackers, no gaps."""
    rows = tuple(
        replace(
            row,
            letters=tuple(told for told in row.letters if told.ground.origin is ClaimSource.DECLARED),
            role=row.role if row.role is not None and row.role.ground.origin is ClaimSource.DECLARED else None,
            authority=tuple(told for told in row.authority if told.ground.origin is ClaimSource.DECLARED),
        )
        for row in table.rows
        if row.declared and row.scope.kind in _CLIENT_SCOPES
    )
    return ResponsibilityTable(rows, scopes=len({(row.pair, row.scope) for row in rows}))


def _for_client(goal: GoalFigures) -> GoalFigures:
    """A goal without the tasks that stand in its way: a forecast is told, which open tasks decide it is not."""
    forecast = None if goal.forecast is None else replace(goal.forecast, drivers=())
    moved = tuple(replace(one, by=None) for one in goal.replanned if one.kind is ChangeKind.GOAL_DUE)
    return replace(goal, blocked=(), overdue=(), unowned=0, forecast=forecast, replanned=moved)


def shown_to(evaluation: Evaluation, reader: Reader) -> Evaluation:
    """The part of an evaluation a reader sees.

    A client sees goals, dates and what was finished, and how complete the data is: no loads, no owners of single tasks,
    no comments, no conflicts, nothing of how the sync works. A member sees everything a manager does.
    """
    match reader:
        case Reader.MANAGER | Reader.MEMBER:
            return evaluation
        case Reader.CLIENT:
            return replace(
                evaluation,
                metrics=tuple(
                    replace(metric, evidence=()) for metric in evaluation.metrics if metric.definition.for_clients
                ),
                goals=tuple(_for_client(goal) for goal in evaluation.goals),
                advice=(),
                follow_up=(),
                loads=(),
                responsibilities=_agreed_with_clients(evaluation.responsibilities),
                created=(),
                overdue=(),
                blocked=(),
                unowned=(),
                dated=(),
                finished=tuple(replace(line, owners=None, impediments=()) for line in evaluation.finished),
                conflicts=(),
                held=(),
                pairs=tuple(
                    replace(pair, message="", writes=0, runs=0, runs_failed=0, unsettled_writes=0)
                    for pair in evaluation.pairs
                ),
                withheld=0,
            )
        case _:
            assert_never(reader)
