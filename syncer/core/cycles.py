"""Rings: tasks that would be above themselves, or wait for themselves, through others."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from syncer.contract.model import Field

DIRECTED = (Field.PARENT, Field.BLOCKED_BY, Field.DUPLICATES)
"""The edges that can close a ring; relations lead both ways."""


def cycle(start: str, ends: Iterable[str], follow: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """The ring that one of the edges from `start` to `ends` would close, `start` first and last; empty for none.

    `follow` gives the tasks that the edges of a task lead to now.
    """
    came_from = dict.fromkeys(ends, start)
    waiting = list(came_from)
    while waiting:
        task = waiting.pop(0)
        if task == start:
            return tuple(_way(start, came_from))
        for end in follow(task):
            if end not in came_from:
                came_from[end] = task
                waiting.append(end)
    return ()


def _way(start: str, came_from: dict[str, str]) -> list[str]:
    """The tasks of a ring in the order of its edges."""
    way = [start]
    task = came_from[start]
    while task != start:
        way.append(task)
        task = came_from[task]
    return [*reversed([*way, start])]
