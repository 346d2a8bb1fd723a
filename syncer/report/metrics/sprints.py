"""Does the plan of the sprint hold? What was planned, added, done and carried over, and what sprints usually finish.

Of the sprints that ended in the week; of those that run where none did. What is in a sprint when its first day is over
was planned. Closing a sprint moves what is left, task by task, so that its end is looked at a little before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from syncer.report.metrics.building import MetricInput, missing, quantile_of
from syncer.report.model.collaboration import Task
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import Comparison, Metric, MetricDefinition, Missing, Portion, Question, Unit
from syncer.report.model.points import points_portion
from syncer.report.model.snapshot import Snapshot, evidence
from syncer.report.model.sprint import A_DAY, TeamSprint
from syncer.report.model.timeline import Standing
from syncer.report.statistics import quantile

LEAST_SPRINTS = 6
"""From so many on the median of what sprints finish has an interval."""

MOST_SPRINTS = 12
"""Older ones say little of the team of today."""

CLOSING = timedelta(minutes=5)
"""So long before a sprint was closed it is looked at: by then nothing was moved out of it because it closes."""

SPRINT_COMMITTED = MetricDefinition(
    id="sprint_committed",
    question=Question.FEASIBILITY,
    unit=Unit.TASKS,
    label=marked("Planned for the sprint"),
    explanation="Tasks in the sprint when its first day was over, without those done before; of the sprints that ended"
    " in the week, or run where none did.",
    pitfall="Not every tracker keeps its past: then what came in before the first sync counts as planned.",
    population=counted("in %(n)s sprint", "in %(n)s sprints"),
    compared=Comparison.NONE,
    names=marked("%(names)s"),
    portion=Unit.POINTS,
)
SPRINT_ADDED = MetricDefinition(
    id="sprint_added",
    question=Question.FEASIBILITY,
    unit=Unit.TASKS,
    label=marked("Added to the sprint after its first day"),
    explanation="Tasks that came into it later and stayed; beside it, how many of the planned ones were taken out.",
    pitfall="What was split into smaller tasks counts as added.",
    population=counted("of %(n)s task in it", "of %(n)s tasks in it"),
    compared=Comparison.NONE,
)
SPRINT_DONE = MetricDefinition(
    id="sprint_done",
    question=Question.FEASIBILITY,
    unit=Unit.TASKS,
    label=marked("Done in the sprint"),
    explanation="Of the tasks in it at its end, or now, those that were done by then.",
    pitfall="Never a figure of one person, and of no use to compare teams.",
    population=counted("of %(n)s task in it", "of %(n)s tasks in it"),
    compared=Comparison.NONE,
    names=marked("its goal: %(names)s"),
    portion=Unit.POINTS,
)
SPRINT_CARRIED = MetricDefinition(
    id="sprint_carried",
    question=Question.FEASIBILITY,
    unit=Unit.TASKS,
    label=marked("Not done when the sprint ended"),
    explanation="Of the tasks in it at its end, those that were still open; shown for a sprint that ended in the week.",
    pitfall="A large task that is nearly done counts like one that nobody began.",
    population=counted("of %(n)s task in it", "of %(n)s tasks in it"),
    compared=Comparison.NONE,
    portion=Unit.POINTS,
)
SPRINT_CAPACITY = MetricDefinition(
    id="sprint_capacity",
    question=Question.FEASIBILITY,
    unit=Unit.TASKS,
    label=marked("Usually done in a sprint, median"),
    explanation=f"Tasks done in each of up to {MOST_SPRINTS} sprints before, from {LEAST_SPRINTS} on: what to plan.",
    pitfall="Not said where sprints run side by side: they are those of several teams.",
    population=counted("over %(n)s sprint before", "over %(n)s sprints before"),
    compared=Comparison.NONE,
    portion=Unit.POINTS,
)


@dataclass(frozen=True, slots=True)
class SprintTasks:
    """The tasks of a sprint, as it is looked at: at its end, or now."""

    planned: tuple[Task, ...]
    added: tuple[Task, ...]
    removed: tuple[Task, ...]
    """Planned, and in it no more."""
    done: tuple[Task, ...]
    left: tuple[Task, ...]


def metrics(week: MetricInput) -> Iterator[Metric]:
    """Planned, added, done, left at the end, and what is usual."""
    snapshot, visited = week.snapshot, _visited(week.collaboration.tasks)
    known = [sprint for sprint in week.collaboration.sprints if _told(sprint, snapshot) and sprint.id in visited]
    looked_at = _of_week(known, snapshot)
    if not looked_at:
        yield from (missing(row, Missing.NO_SPRINT) for row in _ROWS)
        return
    found = _together(tasks_of(sprint, visited[sprint.id], snapshot) for sprint in looked_at)
    yield from _plan(looked_at, found)
    yield from _outcome(looked_at, found, snapshot)
    yield _usual(looked_at, known, visited, snapshot)


_ROWS = (SPRINT_COMMITTED, SPRINT_ADDED, SPRINT_DONE, SPRINT_CARRIED, SPRINT_CAPACITY)


def tasks_of(sprint: TeamSprint, tasks: Iterable[Task], snapshot: Snapshot) -> SprintTasks:
    """The tasks of a sprint among those that ever were in it, at its end or at the moment of the snapshot."""
    zone, over = snapshot.window.zone, _over(sprint, snapshot)
    end = over or snapshot.as_of
    last = end - CLOSING if over is not None and sprint.completed is not None else end
    planning = min(sprint.planned(zone), last)
    open_then = [task for task in tasks if task.standing_at(sprint.began(zone)) not in _CLOSED]
    planned = [task for task in open_then if _in(task, sprint, planning, planning)]
    stayed = [task for task in open_then if _in(task, sprint, last, end)]
    first, still = {task.id for task in planned}, {task.id for task in stayed}
    return SprintTasks(
        planned=tuple(planned),
        added=tuple(task for task in stayed if task.id not in first),
        removed=tuple(task for task in planned if task.id not in still),
        done=tuple(task for task in stayed if task.standing_at(end) is Standing.DONE),
        left=tuple(task for task in stayed if task.standing_at(end) is not Standing.DONE),
    )


_CLOSED = {Standing.DONE, Standing.CANCELLED}


def _in(task: Task, sprint: TeamSprint, at: datetime, standing_at: datetime) -> bool:
    """Whether a task that exists was in a sprint at a moment, and not given up at another one."""
    there = task.created <= at and task.sprint_at(at) == sprint.id
    return there and task.standing_at(standing_at) is not Standing.CANCELLED


def _visited(tasks: Iterable[Task]) -> Mapping[str, Sequence[Task]]:
    """By sprint the tasks that are in it, or ever were."""
    found: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        for sprint in dict.fromkeys((task.sprint, *(change.sprint for change in task.sprint_changes))):
            if sprint is not None:
                found[sprint].append(task)
    return found


def _told(sprint: TeamSprint, snapshot: Snapshot) -> bool:
    """Whether it had begun, and it is told when it ended or that it runs."""
    return sprint.told and sprint.began(snapshot.window.zone) <= snapshot.as_of


def _over(sprint: TeamSprint, snapshot: Snapshot) -> datetime | None:
    """When it ended; None where it still ran."""
    over = sprint.over(snapshot.window.zone)
    return over if over is not None and over <= snapshot.as_of else None


def _of_week(sprints: Sequence[TeamSprint], snapshot: Snapshot) -> list[TeamSprint]:
    """Those that ended in the week; those that run where none did."""
    begin = snapshot.window.start
    ended = [one for one in sprints if (over := _over(one, snapshot)) is not None and over >= begin]
    return ended or [one for one in sprints if _over(one, snapshot) is None]


def _together(several: Iterable[SprintTasks]) -> SprintTasks:
    rows = [(one.planned, one.added, one.removed, one.done, one.left) for one in several]
    return SprintTasks(*(tuple(task for part in parts for task in part) for parts in zip(*rows, strict=True)))


def _plan(sprints: Sequence[TeamSprint], found: SprintTasks) -> Iterator[Metric]:
    names = tuple(sprint.name for sprint in sprints if not sprint.restricted)
    portions = points_portion(found.planned, found.planned)
    yield Metric(SPRINT_COMMITTED, len(found.planned), len(sprints), detail=names, portions=portions)
    taken_out = (Portion("removed", len(found.removed), len(found.planned)),) if found.removed else ()
    n = len(found.done) + len(found.left)
    yield Metric(SPRINT_ADDED, len(found.added), n, evidence=evidence(found.added), portions=taken_out)


def _outcome(sprints: Sequence[TeamSprint], found: SprintTasks, snapshot: Snapshot) -> Iterator[Metric]:
    n = len(found.done) + len(found.left)
    goals = tuple(sprint.goal for sprint in sprints if sprint.goal and not sprint.restricted)
    yield Metric(SPRINT_DONE, len(found.done), n, detail=goals, portions=_points(found.done, found))
    if _over(sprints[0], snapshot) is None:
        yield missing(SPRINT_CARRIED, Missing.NO_SPRINT)
    else:
        portions = _points(found.left, found)
        yield Metric(SPRINT_CARRIED, len(found.left), n, evidence=evidence(found.left), portions=portions)


def _points(part: Sequence[Task], whole: SprintTasks) -> tuple[Portion, ...]:
    """The points of a part of a sprint, where most of its tasks have points."""
    return points_portion(part, (*whole.done, *whole.left))


def _usual(
    looked_at: Sequence[TeamSprint],
    known: Sequence[TeamSprint],
    visited: Mapping[str, Sequence[Task]],
    snapshot: Snapshot,
) -> Metric:
    """What the sprints before finished. Several side by side are of several teams, which have no usual in common."""
    zone = snapshot.window.zone
    begin = min(sprint.began(zone) for sprint in looked_at)
    ended = {sprint.id: over for sprint in known if (over := sprint.over(zone)) is not None and over <= begin + A_DAY}
    earlier = [sprint for sprint in known if sprint.id in ended and sprint not in looked_at][-MOST_SPRINTS:]
    if len(looked_at) > 1 or _side_by_side(earlier, zone):
        return missing(SPRINT_CAPACITY, Missing.NO_SPRINT)
    if len(earlier) < LEAST_SPRINTS:
        return missing(SPRINT_CAPACITY, Missing.NO_SPRINT, len(earlier))
    done = [tasks_of(sprint, visited[sprint.id], snapshot).done for sprint in earlier]
    return replace(quantile_of(SPRINT_CAPACITY, map(len, done), 0.5), portions=_usual_points(done))


def _usual_points(done: Sequence[Sequence[Task]]) -> tuple[Portion, ...]:
    """The median of the points of sprints, where each of them has points."""
    points = [portion.value for tasks in done for portion in points_portion(tasks, tasks)]
    return (Portion("points", quantile(sorted(points), 0.5), len(points)),) if len(points) == len(done) else ()


def _side_by_side(sprints: Sequence[TeamSprint], zone: tzinfo) -> bool:
    return any(
        (over := one.over(zone)) is not None and over > other.began(zone) + A_DAY for one, other in pairwise(sprints)
    )
