"""The tasks that a goal will yet get, as many a week as it got in the last weeks. Pure.

The week in which a goal got its first task is left out: that is when it was planned. What is added waits for the hands
that have the goal's tasks, after everything that is there already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from syncer.report.model import Task
from syncer.report.moment import Moment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

WEEKS = 8
"""How far back arrivals are looked at."""

LEAST_WEEKS = 3
"""Of fewer weeks is not told how a goal grows; they are drawn from with one more in which nothing came."""

MOST_WEEKS = 52
MOST_ADDED = 100
"""Of one goal in one trial."""


def arrivals(goal: str, tasks: Sequence[Task], moment: Moment) -> list[int]:
    """How many tasks a goal got in each of its last weeks, oldest first; empty in the first of all.

    A task comes to a goal when it is made for it or taken into it, whichever is later.
    """
    if not tasks:
        return []
    ages = [int((moment.as_of - joined(goal, task)) / timedelta(weeks=1)) for task in tasks]
    known = min(WEEKS, max(ages))
    counts = Counter(ages)
    return [counts[age] for age in range(known - 1, -1, -1)]


def joined(goal: str, task: Task) -> datetime:
    """Since when a task has been part of a goal."""
    if not task.memberships:
        return task.created
    return next((step.at for step in task.memberships if goal in step.goals), task.created)


def grown(
    finish: Trials, added: Sequence[int], do: Callable[[Trials, int], Trials], dice: np.random.Generator
) -> Trials:
    """When a goal is reached that is at `finish` without any more tasks.

    `added` are its arrivals a week; `do` tells when a task is done that arrives at some day, and how many came before.
    """
    import numpy as np

    if not any(added):
        return finish
    drawn = np.asarray(added if len(added) >= LEAST_WEEKS else [*added, 0])
    weeks = min(MOST_WEEKS, int(np.ceil(min(finish.max(), 7.0 * MOST_WEEKS) / 7)))
    counts = dice.choice(drawn, size=(max(1, weeks), len(finish)))
    weeks_left = np.arange(len(counts))[:, None] * 7.0
    counts = np.where(weeks_left < finish, counts, 0)
    total = counts.cumsum(axis=0)
    reached = finish
    for number in range(min(MOST_ADDED, int(total[-1].max()))):
        arrives = (total <= number).sum(axis=0) * 7.0 + dice.uniform(0, 7, size=len(finish))
        comes = (total[-1] > number) & (arrives < finish)
        ends = do(np.where(comes, arrives, 0.0), number)
        reached = np.where(comes, np.maximum(reached, ends), reached)
    return reached
