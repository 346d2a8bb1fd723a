"""What people have in hand against what they can take on, as they wrote it down. Nobody's capacity is guessed.

A person's load is only ever compared with their own capacity; the figures are of the team.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from syncer.report.evaluation import Load, Metric, MetricId, Missing, Unit
from syncer.report.measures.figure import missing
from syncer.report.model import Standing, Task
from syncer.report.moment import Moment

A_WEEK = timedelta(days=7)
LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Burden:
    """What one person has in progress, and what they can have in the seven days that follow."""

    doing: int
    capacity: float | None

    @property
    def ratio(self) -> float | None:
        """None without a capacity, or when there is none in these days."""
        return self.doing / self.capacity if self.capacity else None

    @property
    def over(self) -> bool:
        """Whether it is more than they can take on; of who is away, anything is."""
        return self.capacity is not None and self.doing > self.capacity


def metrics(moment: Moment) -> Iterator[Metric]:
    """`load_ratio` of the team, `overloaded` for two weeks, `wip_per_person`."""
    known = {who: one for who, one in burdens(moment).items() if one.capacity is not None}
    nameless = tuple(sorted(moment.names.get(who, who) for who in without_capacity(moment)))
    room = sum(one.capacity or 0 for one in known.values())
    if room:
        ratio = sum(one.doing for one in known.values()) / room
        yield Metric(MetricId.LOAD_RATIO, ratio, Unit.RATIO, len(known), detail=nameless)
    else:
        yield missing(MetricId.LOAD_RATIO, Unit.RATIO, Missing.NO_CAPACITY)
    if known:
        yield Metric(MetricId.OVERLOADED, len(overloaded(moment)), Unit.PEOPLE, len(known))
    else:
        yield missing(MetricId.OVERLOADED, Unit.PEOPLE, Missing.NO_CAPACITY)
    people, doing = members(moment), sum(moment.standings[task.id] is Standing.DOING for task in moment.open_tasks)
    if people:
        yield Metric(MetricId.WIP_PER_PERSON, doing / len(people), Unit.PER_PERSON, len(people))
    else:
        yield missing(MetricId.WIP_PER_PERSON, Unit.PER_PERSON, Missing.NOTHING_TO_COUNT)


def members(moment: Moment) -> frozenset[str]:
    """Who has a task in hand or finished one in 90 days; no bots, no clients."""
    owners = {owner for task in (*moment.open_tasks, *moment.finished_within(LOOKED_BACK)) for owner in task.owners}
    return frozenset(owners - moment.bots - moment.clients)


def burdens(moment: Moment, before: timedelta = timedelta()) -> Mapping[str, Burden]:
    """What everybody has in progress against their capacity, some time before the moment; clients left out."""
    at = moment.as_of - before
    doing = Counter(
        owner
        for task in (*moment.open_tasks, *moment.finished_within(before))
        if task.standing_at(at) is Standing.DOING
        for owner in task.owners_at(at)
        if owner not in moment.bots
    )
    first = at.astimezone(moment.window.zone).date() + timedelta(days=1)
    limits = {who: profile.capacity(first) for who, profile in moment.profiles.items()}
    people = (set(doing) | {who for who, limit in limits.items() if limit is not None}) - moment.clients
    return {who: Burden(doing[who], limits.get(who)) for who in sorted(people)}


def overloaded(moment: Moment) -> tuple[str, ...]:
    """Who had more in progress than they can take on, now and a week ago."""
    before = burdens(moment, A_WEEK)
    return tuple(who for who, one in burdens(moment).items() if one.over and who in before and before[who].over)


def without_capacity(moment: Moment) -> frozenset[str]:
    """Members of whom nobody wrote down how much they can take on."""
    known = {who for who, profile in moment.profiles.items() if profile.wip_limit is not None}
    return members(moment) - known


def loads(moment: Moment) -> tuple[Load, ...]:
    """What everybody has in hand, by name, tasks without an owner last. A task of two owners counts for both."""
    by_owner: dict[str | None, list[Task]] = defaultdict(list)
    for task in moment.open_tasks:
        for owner in task.owners or (None,):
            by_owner[owner].append(task)
    people = burdens(moment)

    def load(owner: str | None, tasks: list[Task]) -> Load:
        burden = people.get(owner or "", Burden(0, None))
        return Load(
            person=None if owner is None else moment.names.get(owner, owner),
            todo=sum(moment.standings[task.id] is Standing.TODO for task in tasks),
            doing=sum(moment.standings[task.id] is Standing.DOING for task in tasks),
            blocked=sum(moment.blocked(task) for task in tasks),
            overdue=sum(moment.late_days(task) > 0 for task in tasks),
            capacity=burden.capacity,
            ratio=burden.ratio,
        )

    found = [load(owner, tasks) for owner, tasks in by_owner.items()]
    return tuple(sorted(found, key=lambda one: (one.person is None, one.person or "")))
