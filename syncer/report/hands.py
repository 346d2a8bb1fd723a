"""Whose hands do the open work in a simulation, how many there are, and when they are away. Pure.

A person has as many hands as tasks they may have in progress, by what is written down, else as many as they have in
progress now. People of a pool take each other's tasks: their hands are one row. A hand is free when its last task is
done and its person is not on leave.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from syncer.report.model import Task
from syncer.report.moment import Moment, days
from syncer.report.steps import Standing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

NOBODY = ""
"""Who will do the tasks of nobody: one more person."""


@dataclass(frozen=True, slots=True)
class Away:
    """A leave of one hand, in days from now."""

    hand: int
    start: float
    end: float


class Hands:
    """The hands of a person or a pool in all trials at once."""

    def __init__(self, people: Sequence[str], leaves: Mapping[str, Sequence[tuple[float, float]]], trials: int) -> None:
        import numpy as np

        self._free: Trials = np.zeros((len(people), trials))
        self._columns = np.arange(trials)
        self._away = [
            Away(hand, start, end)
            for hand, person in enumerate(people)
            for start, end in leaves.get(person, ())
            if end > 0
        ]
        for one in self._away:
            if one.start <= 0:
                self._free[one.hand] = np.maximum(self._free[one.hand], one.end)

    def copy(self) -> Hands:
        """The same hands, to be used up apart."""
        other = copy(self)
        other._free = self._free.copy()
        return other

    def do(self, earliest: Trials, lasts: Trials) -> Trials:
        """When a task is finished that can begin at `earliest` and `lasts`; the first free hand does it."""
        import numpy as np

        hand: Any = self._free.argmin(axis=0)
        start = np.maximum(earliest, self._free[hand, self._columns])
        finish: Trials = start + lasts
        for one in self._away:
            here = hand == one.hand
            starts_away = here & (start >= one.start) & (start < one.end)
            start = np.where(starts_away, one.end, start)
            finish = np.where(starts_away, start + lasts, finish)
            # A leave in the middle of a task is added to it.
            finish = np.where(here & (start < one.start) & (finish > one.start), finish + one.end - one.start, finish)
        self._free[hand, self._columns] = finish
        return finish


def owner_of(task: Task, moment: Moment) -> str:
    """Whose hands a task is in: those of its first owner, or of the pool they belong to."""
    return NOBODY if not task.owners else moment.pools.get(task.owners[0], task.owners[0])


def hands(tasks: Sequence[Task], moment: Moment, trials: int) -> dict[str, Hands]:
    """The hands of everybody who has one of the tasks, by owner or pool."""
    busy = Counter(task.owners[0] for task in tasks if task.owners and moment.standings[task.id] is Standing.DOING)
    members: dict[str, list[str]] = {}
    for person, pool in moment.pools.items():
        members.setdefault(pool, []).append(person)
    away = {person: leaves(person, moment) for person in moment.profiles}
    return {
        owner: Hands(
            [person for person in members.get(owner, [owner]) for _ in range(_hands_of(person, busy, moment))],
            away,
            trials,
        )
        for owner in {owner_of(task, moment) for task in tasks}
    }


def leaves(person: str, moment: Moment) -> list[tuple[float, float]]:
    """The leaves of a person in days from now, the first first; those that meet are one."""
    profile = moment.profiles.get(person)
    merged: list[tuple[float, float]] = []
    for one in sorted(() if profile is None else profile.leaves, key=lambda leave: leave.first):
        start, end = days_until(one.first, moment), days_until(one.last + timedelta(days=1), moment)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def days_until(day: date, moment: Moment) -> float:
    """Days until a day begins, negative when it has begun."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=moment.window.zone)
    return days(midnight - moment.as_of)


def _hands_of(person: str, busy: Mapping[str, int], moment: Moment) -> int:
    profile = moment.profiles.get(person)
    if profile is not None and profile.wip_limit is not None:
        return max(1, int(profile.wip_limit))
    return max(1, busy.get(person, 0))
