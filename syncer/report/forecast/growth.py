"""The tasks that a goal will yet get, as many a week as it got in the last weeks. Pure.

Until something of a goal is done it is being planned: what it got by then says little of how it goes on, and neither
does its very first week. What is added waits for the slots that have the goal's tasks, after everything that is there
already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from syncer.report.model.collaboration import Task
from syncer.report.model.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

    Do = Callable[[Trials, NDArray[np.bool_]], Trials]
    """When tasks are done that arrive one after the other: a row of each, and in which trials it comes at all."""

A_WEEK = timedelta(weeks=1)
WEEKS = 8
"""How far back arrivals are looked at."""

LEAST_WEEKS = 3
"""Fewer weeks do not say how a goal grows; they are drawn from with one more in which nothing came."""

MOST_WEEKS = WEEKS
"""So far ahead a goal is thought to go on growing: what was seen in eight weeks says nothing of a year."""

MOST_ADDED = 100
"""Of one goal in one trial."""

NEARLY_ALL = 0.99
"""What so few trials get beyond the others is left out: each task more costs as much time as the first."""


def arrivals(goal: str, tasks: Sequence[Task], snapshot: Snapshot) -> list[int]:
    """How many tasks a goal got in each of its last weeks, oldest first; empty in the first of all.

    Those since its first task was done, or a few more. A task comes to a goal when it is made for it or taken into it,
    whichever is later.
    """
    if not tasks:
        return []
    came = [joined(goal, task) for task in tasks]
    done = [snapshot.finishes[task.id] for task in tasks if task.id in snapshot.finishes]
    counted = max(LEAST_WEEKS, (snapshot.as_of - min(done)) // A_WEEK) if done else WEEKS
    known = min(WEEKS, counted, (snapshot.as_of - min(came)) // A_WEEK)
    since = snapshot.as_of - known * A_WEEK
    counts = Counter((snapshot.as_of - at) // A_WEEK for at in came if at > since)
    return [counts[age] for age in range(known - 1, -1, -1)]


def expected(added: Sequence[int]) -> Sequence[int]:
    """The weeks from which those to come are drawn."""
    return added if len(added) >= LEAST_WEEKS else [*added, 0]


def joined(goal: str, task: Task) -> datetime:
    """Since when a task has been part of a goal."""
    if not task.memberships:
        return task.created
    return next((change.at for change in task.memberships if goal in change.goals), task.created)


def grown(finish: Trials, added: Sequence[int], do: Do, dice: np.random.Generator) -> Trials:
    """When a goal is reached that is at `finish` without any more tasks.

    `added` are its arrivals a week; `do` tells when a task is done.
    """
    import numpy as np

    if not any(added):
        return finish
    total = coming(added, float(finish.max()), len(finish), dice)
    weeks_left = np.arange(len(total))[:, None] * 7.0
    total = np.where(weeks_left < finish, total, total.max(axis=0, where=weeks_left < finish, initial=0))
    most = min(MOST_ADDED, int(np.quantile(total[-1], NEARLY_ALL)))
    numbers = np.arange(most)[:, None]
    week: Trials = np.zeros((most, len(finish)))
    for come in total:
        week += come <= numbers
    arrives = 7.0 * week + dice.uniform(0, 7, size=week.shape)
    comes = (total[-1] > numbers) & (arrives < finish)
    reached: Trials = np.where(comes, do(arrives, comes), finish).max(axis=0, initial=0)
    return np.maximum(finish, reached)


def coming(added: Sequence[int], days: float, trials: int, dice: np.random.Generator) -> NDArray[np.int_]:
    """How many tasks will have come by the end of each week up to a day, by trial."""
    import numpy as np

    drawn = np.asarray(added)
    weeks = max(1, min(MOST_WEEKS, int(np.ceil(min(days, 7.0 * MOST_WEEKS) / 7))))
    total: NDArray[np.int_] = drawn[dice.integers(len(drawn), size=(weeks, trials))].cumsum(axis=0)
    return total
