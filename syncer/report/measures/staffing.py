"""How work is spread over people: inequality of what is in hand, and how few people finish half of it.

Both are numbers about the team. Nobody is named, nobody is ranked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from syncer.report.evaluation import Metric, MetricId, Missing, Unit
from syncer.report.intervals import gini
from syncer.report.measures.figure import LEAST_FOR_SHARE, missing
from syncer.report.moment import Moment, evidence

LOOKED_BACK = timedelta(days=90)


def metrics(moment: Moment) -> Iterator[Metric]:
    """Open tasks of nobody, `load_gini` of those in hand, `absence_factor` of what was finished in 90 days."""
    unowned = [task for task in moment.open_tasks if not task.owners]
    yield Metric(MetricId.UNOWNED_OPEN, len(unowned), Unit.TASKS, len(moment.open_tasks), evidence=evidence(unowned))
    yield _inequality(moment)
    yield _absence_factor(moment)


def _inequality(moment: Moment) -> Metric:
    """Over everybody who has, or in 90 days had finished, a task; capacity is not known and taken as equal."""
    in_hand = Counter(owner for task in moment.open_tasks for owner in task.owners if owner not in moment.bots)
    members = {owner for task in moment.finished_within(LOOKED_BACK) for owner in task.owners} - moment.bots
    amounts = [float(in_hand[owner]) for owner in sorted(members | set(in_hand))]
    value = gini(amounts)
    if value is None:
        return missing(MetricId.LOAD_GINI, Unit.INDEX, Missing.TOO_FEW, len(amounts))
    return Metric(MetricId.LOAD_GINI, value, Unit.INDEX, len(amounts))


def _absence_factor(moment: Moment) -> Metric:
    """The fewest people who own half of what was finished; a task of two owners is half a task of each."""
    owned = [task.owners for task in moment.finished_within(LOOKED_BACK) if task.owners]
    if len(owned) < LEAST_FOR_SHARE:
        return missing(MetricId.ABSENCE_FACTOR, Unit.PEOPLE, Missing.TOO_FEW, len(owned))
    shares: dict[str, float] = defaultdict(float)
    for owners in owned:
        for owner in owners:
            shares[owner] += 1 / len(owners)
    reached, people = 0.0, 0
    for amount in sorted(shares.values(), reverse=True):
        people += 1
        reached += amount
        if reached >= len(owned) / 2 - 1e-9:
            break
    return Metric(MetricId.ABSENCE_FACTOR, people, Unit.PEOPLE, len(owned))
