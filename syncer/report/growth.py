"""The tasks that a goal will yet get, as many a week as it got in the last weeks. Pure.

The week in which a goal got its first task is left out: that is when it was planned. What is added waits for the hands
that have the goal's tasks, after everything that is there already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from syncer.report.hands import Hands, owner_of
from syncer.report.model import Task
from syncer.report.moment import Moment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

WEEKS = 8
"""How far back arrivals are looked at."""

LEAST_WEEKS = 3
"""Under so many weeks nothing is known of how a goal grows."""

MOST_WEEKS = 52
MOST_ADDED = 100
"""Of one goal in one trial."""


def arrivals(tasks: Sequence[Task], moment: Moment) -> list[int]:
    """How many tasks a goal got in each of its last weeks, oldest first; empty under `LEAST_WEEKS`."""
    if not tasks:
        return []
    ages = [int((moment.as_of - task.created) / timedelta(weeks=1)) for task in tasks]
    known = min(WEEKS, max(ages))
    counts = Counter(ages)
    return [counts[age] for age in range(known - 1, -1, -1)] if known >= LEAST_WEEKS else []


def grown(
    finish: Trials,
    added: Sequence[int],
    open_tasks: Sequence[Task],
    times: NDArray[np.float64],
    hands: Mapping[str, Hands],
    moment: Moment,
    dice: np.random.Generator,
) -> Trials:
    """When a goal is reached that is at `finish` without any more tasks; `added` are its arrivals a week."""
    import numpy as np

    if not any(added):
        return finish
    # Two goals may have the same tasks: what one gets takes nothing from the other.
    hands = {owner: hand.copy() for owner, hand in hands.items()}
    weeks = min(MOST_WEEKS, int(np.ceil(finish.max() / 7)))
    counts = dice.choice(np.asarray(added), size=(max(1, weeks), len(finish)))
    weeks_left = np.arange(len(counts))[:, None] * 7.0
    counts = np.where(weeks_left < finish, counts, 0)
    owners = sorted({owner_of(task, moment) for task in open_tasks})
    total = counts.cumsum(axis=0)
    reached = finish
    for number in range(min(MOST_ADDED, int(total[-1].max()))):
        arrives = (total <= number).sum(axis=0) * 7.0 + dice.uniform(0, 7, size=len(finish))
        comes = (total[-1] > number) & (arrives < finish)
        lasts = np.where(comes, dice.choice(times, size=len(finish)), 0.0)
        hand = hands.get(owners[number % len(owners)])
        ends = arrives + lasts if hand is None else hand.do(np.where(comes, arrives, 0.0), lasts)
        reached = np.where(comes, np.maximum(reached, ends), reached)
    return reached
