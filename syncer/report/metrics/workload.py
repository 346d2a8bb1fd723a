"""What people have in hand against what they can take on, as they wrote it down. Nobody's capacity is guessed.

A person's load is only ever compared with their own capacity; the figures are of the team.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from syncer.core.responsibility import Profile
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import Load
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.timeline import Standing

A_WEEK = timedelta(days=7)
LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Burden:
    """What one person has in hand, and what they can take on in the seven days that follow."""

    doing: int
    """Tasks in progress."""
    capacity: float | None = None
    """Tasks they can have in progress, leaves taken off."""
    due: float | None = None
    """Hours that remain of what is due in these days; None where a task of it has no estimate."""
    hours: float | None = None
    """Hours they work in these days."""

    @property
    def ratio(self) -> float | None:
        """The greater of both loads that are known; None without any, or for who is away."""
        known = [self.doing / self.capacity] if self.capacity else []
        known += [self.due / self.hours] if self.hours and self.due is not None else []
        return max(known, default=None)

    @property
    def over(self) -> bool:
        """Whether it is more than they can take on; of who is away, anything is."""
        too_many = self.capacity is not None and self.doing > self.capacity
        return too_many or (self.hours is not None and self.due is not None and self.due > self.hours)


def members(snapshot: Snapshot) -> frozenset[str]:
    """Who has a task in hand or finished one in 90 days; no bots, no clients."""
    owners = {owner for task in (*snapshot.open_tasks, *snapshot.finished_within(LOOKED_BACK)) for owner in task.owners}
    return frozenset(owners - snapshot.bots - snapshot.clients)


def burdens(snapshot: Snapshot, before: timedelta = timedelta()) -> Mapping[str, Burden]:
    """What those whose capacity is known have in hand against it, some time before the snapshot; clients left out.

    Hours booked are those of now, also before: when they were booked is not known.
    """
    able = {who for who, profile in snapshot.profiles.items() if profile.wip_limit or profile.hours_per_week}
    people = able - snapshot.clients - snapshot.bots
    if not people:
        return {}
    at = snapshot.as_of - before
    first = at.astimezone(snapshot.window.zone).date() + timedelta(days=1)
    in_hand: dict[str, list[Task]] = defaultdict(list)
    for task in (*snapshot.open_tasks, *snapshot.finished_within(before)):
        owners = people.intersection(task.owners_at(at))
        if owners and (standing := task.standing_at(at)) is not None and standing.open:
            for owner in owners:
                in_hand[owner].append(task)
    return {who: _burden(in_hand[who], snapshot.profiles[who], first, at) for who in sorted(people)}


def _burden(tasks: list[Task], profile: Profile, first: date, at: datetime) -> Burden:
    doing = sum(task.standing_at(at) is Standing.DOING for task in tasks)
    due = [task for task in tasks if (day := task.due_at(at)) is not None and day < first + A_WEEK]
    left = [hours for one in due if (hours := _left(one)) is not None]
    return Burden(
        doing=doing,
        capacity=profile.capacity(first),
        due=sum(left) if len(left) == len(due) else None,
        hours=None if profile.hours_per_week is None else profile.hours_per_week * profile.presence(first),
    )


def _left(task: Task) -> float | None:
    """Hours that a task still takes: as people say, else what its estimate leaves; None where nobody estimated it."""
    if task.remaining_hours is not None:
        return max(0.0, task.remaining_hours)
    return None if task.estimate_hours is None else max(0.0, task.estimate_hours - (task.spent_hours or 0.0))


def overloaded(snapshot: Snapshot) -> tuple[str, ...]:
    """Who had more in progress than they can take on, now and a week ago."""
    now = [who for who, one in burdens(snapshot).items() if one.over]
    before = burdens(snapshot, A_WEEK) if now else {}
    return tuple(who for who in now if before[who].over)


def without_capacity(snapshot: Snapshot) -> frozenset[str]:
    """Members of whom nobody wrote down how much they can take on."""
    known = {who for who, profile in snapshot.profiles.items() if profile.wip_limit or profile.hours_per_week}
    return members(snapshot) - known


def loads(snapshot: Snapshot) -> tuple[Load, ...]:
    """What everybody has in hand, by name, tasks without an owner last. A task of two owners counts for both."""
    by_owner: dict[str | None, list[Task]] = defaultdict(list)
    for task in snapshot.open_tasks:
        for owner in task.owners or (None,):
            by_owner[owner].append(task)
    people = burdens(snapshot)

    def load(owner: str | None, tasks: list[Task]) -> Load:
        burden = people.get(owner or "", Burden(0))
        return Load(
            person=None if owner is None else snapshot.names.get(owner, owner),
            todo=sum(snapshot.standings[task.id] is Standing.TODO for task in tasks),
            doing=sum(snapshot.standings[task.id] is Standing.DOING for task in tasks),
            blocked=sum(snapshot.blocked(task) for task in tasks),
            overdue=sum(snapshot.late_days(task) > 0 for task in tasks),
            capacity=burden.capacity,
            hours_due=burden.due if burden.hours is not None else None,
            hours=burden.hours,
            ratio=burden.ratio,
        )

    found = [load(owner, tasks) for owner, tasks in by_owner.items()]
    return tuple(sorted(found, key=lambda one: (one.person is None, one.person or "")))
