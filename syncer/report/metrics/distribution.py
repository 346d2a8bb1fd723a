"""How work is spread over people: inequality of what is in hand, and how few people finish half of it.

Both are numbers about the team. Nobody is named, nobody is ranked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from syncer.report.metrics.building import LEAST_FOR_SHARE, missing
from syncer.report.metrics.workload import LOOKED_BACK, burdens, members
from syncer.report.model.collaboration import Task
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import Snapshot, evidence
from syncer.report.statistics import gini


def metrics(snapshot: Snapshot) -> Iterator[Metric]:
    """Open tasks of nobody, `load_gini` of those in hand, `absence_factor` of what was finished in 90 days."""
    unowned = [task for task in snapshot.open_tasks if not task.owners]
    yield Metric(MetricId.UNOWNED_OPEN, len(unowned), Unit.TASKS, len(snapshot.open_tasks), evidence=evidence(unowned))
    yield _inequality(snapshot)
    yield _absence_factor(snapshot)


def _inequality(snapshot: Snapshot) -> Metric:
    """Over load ratios where capacities are written down, else over open tasks of each member, which needs none."""
    if any(profile.wip_limit or profile.hours_per_week for profile in snapshot.profiles.values()):
        amounts = [one.ratio for one in burdens(snapshot).values() if one.ratio is not None]
    else:
        in_hand = Counter(owner for task in snapshot.open_tasks for owner in task.owners)
        amounts = [float(in_hand[who]) for who in sorted(members(snapshot))]
    value = gini(amounts)
    if value is None:
        return missing(MetricId.LOAD_GINI, Unit.INDEX, Missing.TOO_FEW, len(amounts))
    return Metric(MetricId.LOAD_GINI, value, Unit.INDEX, len(amounts))


def _absence_factor(snapshot: Snapshot) -> Metric:
    """The fewest people who own half of what was finished; a task of two owners is half a task of each.

    Components in which it is one person are named.
    """
    owned = [task for task in snapshot.finished_within(LOOKED_BACK) if set(task.owners) - snapshot.bots]
    if len(owned) < LEAST_FOR_SHARE:
        return missing(MetricId.ABSENCE_FACTOR, Unit.PEOPLE, Missing.TOO_FEW, len(owned))
    by_component: dict[str, list[Task]] = defaultdict(list)
    for task in owned:
        for component in task.components:
            by_component[component].append(task)
    fragile = tuple(
        component
        for component, tasks in sorted(by_component.items())
        if len(tasks) >= LEAST_FOR_SHARE and fewest_for_half(tasks, snapshot.bots) == 1
    )
    return Metric(
        MetricId.ABSENCE_FACTOR, fewest_for_half(owned, snapshot.bots), Unit.PEOPLE, len(owned), detail=fragile
    )


def fewest_for_half(owned: Sequence[Task], bots: Collection[str] = ()) -> int:
    """The fewest people who together own half of the tasks."""
    shares: dict[str, float] = defaultdict(float)
    for task in owned:
        owners = [owner for owner in task.owners if owner not in bots]
        for owner in owners:
            shares[owner] += 1 / len(owners)
    reached, people = 0.0, 0
    for amount in sorted(shares.values(), reverse=True):
        people += 1
        reached += amount
        if reached >= len(owned) / 2 - 1e-9:
            break
    return people
