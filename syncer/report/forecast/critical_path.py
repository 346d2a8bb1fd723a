"""The longest chain of open tasks that wait for each other, and how late each may be without making it longer.

Forward and backward pass over the edges from finish to start. Tasks that wait for each other in a ring have no order:
of each ring the newest edge is taken away, which is likeliest the mistake, and named. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncer.report.forecast.order import in_order, waiting_cycles
from syncer.report.model.collaboration import Task
from syncer.report.model.timeline import Cause


@dataclass(frozen=True, slots=True)
class Critical:
    """What the two passes give."""

    length: float
    """Days until the last task can be finished, if nobody ever waits for a hand."""
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
