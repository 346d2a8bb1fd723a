"""The plan of a goal over time: which tasks, whose, by when, after what; and each revision with its reasons. Pure.

Nothing of it is kept: every revision follows from the history, which is only ever added to. So it is there also for the
time before anybody asked, and nobody can change it afterwards. What was changed on one day is one revision. What is
done is out of the plan's reach: a change of a finished task is none of the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from syncer.report.model.collaboration import Goal, Task
from syncer.report.model.timeline import Assignment, Blockage, Cause, DueChange, Membership, Standing


class ChangeKind(StrEnum):
    """What became different in a plan."""

    TASK_ADDED = "task-added"
    TASK_DROPPED = "task-dropped"
    """Taken out of the goal, or closed without being done."""
    OWNERS = "owners"
    DUE = "due"
    DEPENDENCY = "dependency"
    """It has to wait for one task more. That it need not any more is no change: the other may just be done."""
    GOAL_DUE = "goal-due"


@dataclass(frozen=True, slots=True)
class PlanItem:
    """A task of a plan."""

    task: str
    owners: tuple[str, ...]
    """Ids of people."""
    due: date | None
    waits_for: frozenset[str]
    """Ids of tasks."""
    done: bool


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One reason why a plan is another one."""

    kind: ChangeKind
    task: str = ""
    """Id of the task; empty where the goal's own date was moved."""
    old: date | None = None
    new: date | None = None
    """Of dates that moved."""
    by: str | None = None
    """Id of who did it, as far as the tracker tells."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The tasks of a goal at a moment, by their ids, and the goal's date."""

    due: date | None
    items: Mapping[str, PlanItem]


@dataclass(frozen=True, slots=True)
class Revision:
    """The plan as it was at the end of a day on which it was changed; the first is number 1."""

    number: int
    day: date
    changes: tuple[PlanChange, ...]
    """What changed since the revision before; of the first, the tasks it began with."""
    plan: Plan


def ever_part_of(tasks: Iterable[Task]) -> dict[str, list[Task]]:
    """By the id of each goal: the tasks that belong or belonged to it."""
    found: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        changes = (goal for change in task.memberships for goal in change.goals)
        for goal in dict.fromkeys((*task.goals, *changes)) if task.memberships else task.goals:
            found[goal].append(task)
    return found


def plan_at(goal: Goal, tasks: Sequence[Task], moment: datetime) -> Plan:
    """The plan of a goal at a moment; `tasks` are all that ever belonged to it."""
    items = (_item(goal, task, moment) for task in tasks)
    return Plan(goal.due_at(moment), {item.task: item for item in items if item is not None})


def revisions(goal: Goal, tasks: Sequence[Task], until: datetime, zone: tzinfo) -> tuple[Revision, ...]:
    """All revisions up to a moment, oldest first; none before the first task belonged to the goal."""
    found: list[Revision] = []
    for day in sorted({at.astimezone(zone).date() for at in _moments(goal, tasks) if at <= until}):
        end = min(until, datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(microseconds=1))
        plan = plan_at(goal, tasks, end)
        if found:
            changes = tuple(changes_between(goal, tasks, found[-1].plan, plan, end))
        else:
            changes = tuple(PlanChange(ChangeKind.TASK_ADDED, name) for name in plan.items)
        if changes:
            found.append(Revision(len(found) + 1, day, changes, plan))
    return tuple(found)


def changes_between(
    goal: Goal, tasks: Sequence[Task], before: Plan, after: Plan, until: datetime
) -> Iterator[PlanChange]:
    """What became different from one plan of a goal to a later one, which was that of `until`."""
    by_id = {task.id: task for task in tasks}
    if before.due != after.due:
        yield PlanChange(ChangeKind.GOAL_DUE, "", before.due, after.due, _who(goal.due_changes, until))
    for name in dict.fromkeys((*before.items, *after.items)):
        old, new, task = before.items.get(name), after.items.get(name), by_id[name]
        if old is None:
            yield PlanChange(ChangeKind.TASK_ADDED, name, by=_who(task.memberships, until))
        elif new is None:
            yield PlanChange(ChangeKind.TASK_DROPPED, name, by=_who(task.memberships, until))
        elif not old.done and not new.done:
            yield from _item_changes(task, old, new, until)


def _item_changes(task: Task, old: PlanItem, new: PlanItem, until: datetime) -> Iterator[PlanChange]:
    if old.due != new.due:
        yield PlanChange(ChangeKind.DUE, task.id, old.due, new.due, _who(task.due_changes, until))
    if set(old.owners) != set(new.owners):
        yield PlanChange(ChangeKind.OWNERS, task.id, by=_who(task.assignments, until))
    if new.waits_for - old.waits_for:
        yield PlanChange(ChangeKind.DEPENDENCY, task.id)


def _who(changes: Sequence[Assignment | DueChange | Membership], until: datetime) -> str | None:
    """Who made the last of some changes up to a moment."""
    return next((change.by for change in reversed(changes) if change.at <= until), None)


def _item(goal: Goal, task: Task, moment: datetime) -> PlanItem | None:
    """The task in the plan; None where it was not part of it."""
    standing = task.standing_at(moment)
    if standing is None or standing is Standing.CANCELLED or goal.id not in task.goals_at(moment):
        return None
    waits = frozenset(one.blocker for one in _dependencies(task) if one.blocker and _stands(one, moment))
    return PlanItem(task.id, task.owners_at(moment), task.due_at(moment), waits, standing is Standing.DONE)


def _dependencies(task: Task) -> Iterator[Blockage]:
    return (one for one in task.blockages if one.cause is Cause.DEPENDENCY)


def _stands(blockage: Blockage, moment: datetime) -> bool:
    return blockage.start <= moment and (blockage.end is None or blockage.end > moment)


def _moments(goal: Goal, tasks: Sequence[Task]) -> Iterator[datetime]:
    """When the plan may have changed."""
    yield from (change.at for change in goal.due_changes[1:])
    for task in tasks:
        yield task.created
        yield from (change.at for change in task.transitions if change.standing is Standing.CANCELLED)
        yield from (one.start for one in _dependencies(task))
        for changes in (task.assignments, task.due_changes, task.memberships):
            yield from (change.at for change in changes[1:])
