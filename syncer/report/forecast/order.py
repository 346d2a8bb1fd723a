"""In which order open tasks can be done, and which can never begin because they wait for each other. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from heapq import heapify, heappop, heappush

from syncer.report.model.collaboration import Task
from syncer.report.model.timeline import Standing


def in_order(tasks: Sequence[Task]) -> list[Task]:
    """The tasks so that each comes after those it waits for, else by due day; rings are cut at the earliest due."""
    by_id = {task.id: task for task in tasks}
    missing = {task.id: {one for one in task.waits_for if one in by_id and one != task.id} for task in tasks}
    followers: dict[str, list[str]] = defaultdict(list)
    for name, before in missing.items():
        for one in before:
            followers[one].append(name)

    def rank(name: str) -> tuple[bool, date, datetime, str]:
        task = by_id[name]
        return task.standing is not Standing.DOING, task.due or date.max, task.created, name

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
    """Groups of tasks that wait for each other in a ring, so that none of them can start first; by id.

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
