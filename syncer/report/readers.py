"""What each kind of reader is shown of an evaluation. Nothing is computed here, only left out."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from syncer.report.evaluation import Evaluation, MetricId
from syncer.report.model import Reader

_CLIENT_METRICS = frozenset(
    {
        MetricId.TASKS_OPEN,
        MetricId.TASKS_FINISHED,
        MetricId.TASKS_CREATED,
        MetricId.OVERDUE_OPEN,
        MetricId.ON_TIME,
        MetricId.ON_TIME_RATE,
        MetricId.GOALS_ATTENTION,
    }
)


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
                    replace(metric, evidence=()) for metric in evaluation.metrics if metric.id in _CLIENT_METRICS
                ),
                goals=tuple(replace(goal, blocked=(), overdue=(), unowned=0) for goal in evaluation.goals),
                advice=(),
                follow_up=(),
                loads=(),
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
