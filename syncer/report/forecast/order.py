"""In which order open tasks can be done, which can never begin because they wait for each other, and the longest chain.

The longest chain is found by a forward and a backward pass over the edges from finish to start. Tasks that wait for
each other in a circle have no order: of each circle the newest edge is taken away, which is likeliest the mistake, and
named. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import heapify, heappop, heappush
from math import inf

from syncer.report.model.collaboration import Task
from syncer.report.model.timeline import Cause, Standing


def in_order(tasks: Sequence[Task]) -> list[Task]:
    """The tasks so that each comes after those it waits for, else by the plan's order, then by due date.

    What is in progress goes first; rings are cut at the first of them.
    """
    by_id = {task.id: task for task in tasks}
    missing = {task.id: {one for one in task.waits_for if one in by_id and one != task.id} for task in tasks}
    followers: dict[str, list[str]] = defaultdict(list)
    for name, before in missing.items():
        for one in before:
            followers[one].append(name)

    def rank(name: str) -> tuple[bool, float, date, datetime, str]:
        task = by_id[name]
        planned = inf if task.rank is None else task.rank
        return task.standing is not Standing.DOING, planned, task.due or date.max, task.created, name

    ready = [(rank(name), name) for name, before in missing.items() if not before]
    heapify(ready)
    ordered: list[Task] = []
    placed: set[str] = set()
    in_rings = sorted((rank(name), name) for name, before in missing.items() if before)
    while len(ordered) < len(tasks):
        if not ready:
            heappush(ready, next(one for one in in_rings if one[1] not in placed))
        _, name = heappop(ready)
        if name in placed:
            continue
        placed.add(name)
        ordered.append(by_id[name])
        for follower in followers[name]:
            missing[follower].discard(name)
            if not missing[follower] and follower not in placed:
                heappush(ready, (rank(follower), follower))
    return ordered


def waiting_cycles(tasks: Sequence[Task]) -> list[tuple[Task, ...]]:
    """Groups of tasks that wait for each other in a cycle, so that none of them can start first; by id.

    Kosaraju's strongly connected components with more than one task.
    """
    by_id = {task.id: task for task in tasks}
    ahead = {name: sorted({one for one in task.waits_for if one in by_id}) for name, task in sorted(by_id.items())}
    behind: dict[str, list[str]] = {name: [] for name in ahead}
    for name, others in ahead.items():
        for other in others:
            behind[other].append(name)
    seen: set[str] = set()
    finished = [name for start in ahead for name in _deepest_first(start, ahead, seen)]
    seen = set()
    groups = [list(_deepest_first(start, behind, seen)) for start in reversed(finished)]
    return [tuple(by_id[name] for name in sorted(group)) for group in groups if len(group) > 1]


def _deepest_first(start: str, edges: Mapping[str, Sequence[str]], seen: set[str]) -> Iterator[str]:
    """What can be reached and was not seen, each after everything it leads to."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(edges[start]))]
    while path:
        name, others = path[-1]
        following = next((other for other in others if other not in seen), None)
        if following is None:
            path.pop()
            yield name
        else:
            seen.add(following)
            path.append((following, iter(edges[following])))


# --- the longest chain


@dataclass(frozen=True, slots=True)
class Critical:
    """What the two passes give."""

    length: float
    """Days until the last task can be finished, if nobody ever waits for a slot."""
    chain: tuple[Task, ...]
    """The tasks of one longest chain, in their order."""
    floats: Mapping[str, float]
    """By task id: days it may be late without making the whole longer."""
    cut: tuple[tuple[str, str], ...]
    """The edges that were taken away: the waiting task, and the one it waited for."""


def critical(tasks: Sequence[Task], lasts: Mapping[str, float]) -> Critical:
    """The longest chain of `tasks`, at least one; `lasts` are the days that each still takes, by id."""
    freed, cut = without_rings(tasks)
    order = in_order(freed)
    known = {task.id for task in order}
    before = {task.id: [name for name in task.waits_for if name in known and name != task.id] for task in order}
    ends: dict[str, float] = {}
    for task in order:
        ends[task.id] = max((ends[name] for name in before[task.id]), default=0.0) + lasts[task.id]
    length = max(ends.values())
    latest = dict.fromkeys(ends, length)
    for task in reversed(order):
        for name in before[task.id]:
            latest[name] = min(latest[name], latest[task.id] - lasts[task.id])
    by_id = {task.id: task for task in tasks}
    chain = [max(ends, key=lambda name: (ends[name], name))]
    while before[chain[-1]]:
        chain.append(max(before[chain[-1]], key=lambda name: (ends[name], name)))
    floats = {name: latest[name] - end for name, end in ends.items()}
    return Critical(length, tuple(by_id[name] for name in reversed(chain)), floats, cut)


def without_rings(tasks: Sequence[Task]) -> tuple[list[Task], tuple[tuple[str, str], ...]]:
    """The tasks without the newest edge of each ring, and those edges."""
    found = {task.id: replace(task, waits_for=tuple(one for one in task.waits_for if one != task.id)) for task in tasks}
    cut: list[tuple[str, str]] = []
    while circles := waiting_cycles(list(found.values())):
        for ring in circles:
            inside = {task.id for task in ring}
            edges = [(_since(task, name), task.id, name) for task in ring for name in task.waits_for if name in inside]
            _, waiting, name = max(edges)
            kept = tuple(one for one in found[waiting].waits_for if one != name)
            found[waiting] = replace(found[waiting], waits_for=kept)
            cut.append((waiting, name))
    return list(found.values()), tuple(cut)


def _since(task: Task, before: str) -> datetime:
    """Since when a task waits for another; where nobody saw it begin, since it was made."""
    starts = (one.start for one in task.blockages if one.cause is Cause.DEPENDENCY and one.blocker == before)
    return min(starts, default=task.created)
