"""When goals will be reached if the team finishes as many tasks a week as it did lately. Pure.

It asks nothing of who has a task, when it was begun, or what it waits for: right where anybody takes the next task, and
all that can be said where no start was seen. Each trial weighs the weeks anew, as `durations` does the times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from syncer.report.forecast.growth import coming, joined
from syncer.report.model.collaboration import Task
from syncer.report.model.snapshot import LONGEST, Snapshot, days

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

WEEKS = 12
"""How far back finished tasks are counted."""

LEAST_WEEKS = 3
AHEAD = 78
"""Weeks that are drawn; what takes longer goes on at the mean pace."""

FAR = 36_500.0
"""Days; where nothing is finished nothing will be."""

ROUNDS = 4
"""While more tasks are done more of them come: so often that is followed."""

DOUBT = 2.0
"""For how many finished tasks the share of a goal in the open work counts, before it is seen what is worked on."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """Tasks finished in the weeks to come, summed, by trial; and the days that one takes on the average."""

    total: Trials
    a_task: Trials


def by_throughput(
    members: Mapping[str, Sequence[Task]],
    added: Mapping[str, Sequence[int]],
    snapshot: Snapshot,
    trials: int,
    dice: np.random.Generator,
) -> dict[str, Trials]:
    """The days until each goal is reached; empty where too few weeks are known.

    `members` are the open tasks of the goals, `added` their arrivals a week.
    """
    import numpy as np

    pace = _pace(snapshot, trials, dice)
    if pace is None:
        return {}
    found = {}
    for goal, tasks in members.items():
        if not tasks:
            continue
        ours = min(days(snapshot.as_of - joined(goal, task)) for task in tasks)
        done = snapshot.finished_within(timedelta(days=min(56.0, ours)))
        kept = sum(goal in task.goals for task in done)
        share = len(tasks) / len(snapshot.open_tasks)
        odds = dice.beta(kept + DOUBT * share + 1e-6, len(done) - kept + DOUBT * (1 - share) + 1e-6, size=trials)
        needed = np.minimum(len(tasks) / np.maximum(odds, 1e-6), len(snapshot.open_tasks))
        alone = _until(needed, pace)
        step = pace.a_task * needed / len(tasks)
        found[goal] = _growing(alone, added[goal], step, dice)
    return found


def _pace(snapshot: Snapshot, trials: int, dice: np.random.Generator) -> _Pace | None:
    import numpy as np

    done = snapshot.finished_within(timedelta(weeks=WEEKS))
    ages = [int((snapshot.as_of - snapshot.finishes[task.id]) / timedelta(weeks=1)) for task in done]
    # The week in which the first was finished had begun before: it is not known as a whole.
    known = WEEKS if len(done) < len(snapshot.finished_within(LONGEST)) else max(ages, default=0)
    if known < LEAST_WEEKS:
        return None
    counts = Counter(ages)
    weeks = np.asarray([counts[age] for age in range(known)], dtype=float)
    columns = np.arange(trials)
    weighed = weeks[dice.integers(known, size=(known, trials))]
    total: Trials = weighed[dice.integers(known, size=(AHEAD, trials)), columns].cumsum(axis=0)
    mean = np.maximum(weighed.mean(axis=0), 0.5 / known)
    return _Pace(total, 7.0 / mean)


def _until(needed: Trials, pace: _Pace) -> Trials:
    """The days until so many tasks are finished, evenly within a week."""
    import numpy as np

    week = (pace.total < needed).sum(axis=0)
    columns = np.arange(len(needed))
    before = np.where(week > 0, pace.total[np.maximum(week, 1) - 1, columns], 0.0)
    inside = week < AHEAD
    this = np.where(inside, pace.total[np.minimum(week, AHEAD - 1), columns] - before, 1.0)
    within = 7.0 * (week + (needed - before) / np.maximum(this, 1e-9))
    return np.where(inside, within, np.minimum(FAR, 7.0 * AHEAD + (needed - before) * pace.a_task))


def _growing(alone: Trials, added: Sequence[int], step: Trials, dice: np.random.Generator) -> Trials:
    """With the tasks that come on the way, each of which takes one more `step`."""
    import numpy as np

    if not any(added):
        return alone
    total = coming(added, alone.max() * 2, len(alone), dice)
    reached = alone
    for _ in range(ROUNDS):
        week = np.clip(reached / 7, 0, len(total) - 1).astype(int)
        reached = alone + step * total[week, np.arange(len(alone))]
    return reached
