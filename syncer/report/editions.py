"""The editions of a report: nothing is computed here, only left out."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import assert_never

from syncer.core.responsibility import ScopeKind
from syncer.report.model.claims import ClaimSource
from syncer.report.model.collaboration import Reader
from syncer.report.model.evaluation import Evaluation, PersonDesk
from syncer.report.model.goal import GoalFigures, TaskLine
from syncer.report.model.metric import Question
from syncer.report.model.plan import ChangeKind
from syncer.report.model.responsibilities import KnownValue, ResponsibilityTable
from syncer.report.model.summary import WeekChange, WeekChangeKind


def shown_to(evaluation: Evaluation, reader: Reader, person: str = "") -> Evaluation:
    """The part of an evaluation a reader sees.

    A client sees goals, dates, what waits for them and what was finished, and how complete the data is: no loads, no
    owners of single tasks, nobody but their contacts, no comments, no conflicts, nothing of how the sync works. A
    member sees everything a manager does, and `person` what is on their own desk.
    """
    match reader:
        case Reader.MANAGER:
            return replace(evaluation, desks=())
        case Reader.MEMBER:
            own = next((desk for desk in evaluation.desks if person in {desk.person, desk.name}), None)
            if own is None and person:
                own = PersonDesk(person, person, (), (), (), ())  # nothing waits for them, which is worth knowing
            return replace(evaluation, desk=own, desks=())
        case Reader.CLIENT:
            return _for_clients(evaluation)
        case _:
            assert_never(reader)


def _for_clients(evaluation: Evaluation) -> Evaluation:
    agreed = _agreed_with_clients(evaluation.responsibilities)
    contacts = {row.person for row in agreed.rows}
    goals = tuple(_for_client(goal, contacts) for goal in evaluation.goals)
    return replace(
        evaluation,
        answers=tuple(answer for answer in evaluation.answers if answer.question is Question.GOALS),
        changes=tuple(change for change in evaluation.changes if _for_client_changed(change, goals)),
        metrics=tuple(
            replace(metric, evidence=(), portions=()) for metric in evaluation.metrics if metric.definition.for_clients
        ),
        goals=goals,
        advice=(),
        follow_up=(),
        standings=(),
        loads=(),
        ageing=(),
        bands=(),
        usual_days=None,
        responsibilities=agreed,
        created=(),
        overdue=(),
        blocked=(),
        unowned=(),
        dated=(),
        finished=tuple(_line_for_client(line) for line in evaluation.finished),
        conflicts=(),
        held=(),
        pairs=tuple(
            replace(pair, message="", writes=0, runs=0, runs_failed=0, unsettled_writes=0) for pair in evaluation.pairs
        ),
        withheld=0,
        needs=tuple(replace(need, line=_line_for_client(need.line)) for need in evaluation.needs),
        desks=(),
    )


def _line_for_client(line: TaskLine) -> TaskLine:
    return replace(line, owners=None, impediments=(), points=None)


_CLIENT_SCOPES = frozenset({ScopeKind.PROJECT, ScopeKind.GOAL, ScopeKind.PLAN})


def _agreed_with_clients(table: ResponsibilityTable) -> ResponsibilityTable:
    """What is written down of the project, its goals and plans: nothing read from trackers, no gaps."""
    rows = tuple(
        replace(
            row,
            letters=_written(row.letters),
            role=next(iter(_written(() if row.role is None else (row.role,))), None),
            authority=_written(row.authority),
        )
        for row in table.rows
        if row.declared and row.scope.kind in _CLIENT_SCOPES
    )
    return ResponsibilityTable(rows, scopes=len({(row.pair, row.scope) for row in rows}))


def _written(values: Iterable[KnownValue]) -> tuple[KnownValue, ...]:
    """Those that are written down, without the file and line: that is a path of our machine."""
    return tuple(
        replace(known, ground=replace(known.ground, detail=""))
        for known in values
        if known.ground.origin is ClaimSource.DECLARED
    )


def _for_client(goal: GoalFigures, contacts: AbstractSet[str]) -> GoalFigures:
    """A goal without the tasks that stand in its way, and without anybody who is not named as a contact.

    Its forecast is shown; which open tasks decide it is not.
    """
    forecast = None if goal.forecast is None else replace(goal.forecast, drivers=())
    moved = tuple(replace(one, by=None) for one in goal.replanned if one.kind is ChangeKind.GOAL_DUE)
    owners = tuple(owner for owner in goal.owners if owner in contacts)
    return replace(goal, owners=owners, blocked=(), overdue=(), unowned=0, forecast=forecast, replanned=moved)


_OF_GOALS = frozenset({WeekChangeKind.REACHED, WeekChangeKind.SLIPPED, WeekChangeKind.RECOVERED})


def _for_client_changed(change: WeekChange, goals: tuple[GoalFigures, ...]) -> bool:
    """Whether a client is told of a change: of goals, and of plans only where the date of the goal moved."""
    if change.kind is WeekChangeKind.REPLANNED:
        return any(goal.id == change.subject and goal.replanned for goal in goals)
    return change.kind in _OF_GOALS
