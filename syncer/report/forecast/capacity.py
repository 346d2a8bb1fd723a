"""The slots in which a team does its open work: how many each person has, and when they are away. Pure.

A person has as many slots as tasks they may have in progress, by what is written down, else as many as they were seen
to have when they began another. People of a pool take each other's tasks. A task of nobody is taken by the first of the
team: that is how most teams work, and a team has no queue of its own for it. A slot is free when its last task is done,
the usual pause is over, and its person is not on leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING, Any

from syncer.report.forecast.working_days import WorkingDays
from syncer.report.model.collaboration import Task
from syncer.report.model.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

NOBODY = ""
"""Whose the tasks of nobody are: the whole team's."""


@dataclass(frozen=True, slots=True)
class Away:
    """A leave of one slot, in days from now."""

    slot: int
    start: float
    end: float


class Slots:
    """All slots of a team in all trials at once; of each person some of them."""

    def __init__(
        self,
        people: Sequence[str],
        leaves: Mapping[str, Sequence[tuple[float, float]]],
        trials: int,
        pause: Callable[[], Trials] | None = None,
        patience: float = inf,
    ) -> None:
        import numpy as np

        self._free: Trials = np.zeros((len(people), trials))
        self._columns = np.arange(trials)
        self._pause, self._patience = pause, patience
        self._whole = np.arange(len(people))
        self._away = [
            Away(slot, start, end)
            for slot, person in enumerate(people)
            for start, end in leaves.get(person, ())
            if end > 0
        ]
        for one in self._away:
            if one.start <= 0:
                self._free[one.slot] = np.maximum(self._free[one.slot], one.end)

    def copy(self) -> Slots:
        """The same slots, to be used up apart."""
        other = copy(self)
        other._free = self._free.copy()
        return other

    def begin(self, lasts: Trials, age: float, rows: Sequence[int] | None = None) -> Trials:
        """When a task in progress is finished, `age` days old; a slot may have more of them than it would begin."""
        import numpy as np

        slot = self._first(rows)
        finish = self._around(slot, np.zeros_like(lasts), lasts)
        kept = self._rested(np.minimum(finish, max(0.0, self._patience - age)))
        self._free[slot] = np.maximum(self._free[slot], kept)
        return finish

    def do(
        self,
        earliest: Trials,
        lasts: Trials,
        rows: Sequence[int] | None = None,
        only: NDArray[np.bool_] | None = None,
    ) -> Trials:
        """When a task is finished that can begin at `earliest` and `lasts`; the first free slot takes it.

        Where it is not in `only`, no slot takes it.
        """
        import numpy as np

        slot = self._first(rows)
        free = self._free[slot]
        start = np.maximum(earliest, free)
        finish = self._around(slot, start, lasts)
        kept = self._rested(finish if self._patience == inf else np.minimum(finish, start + self._patience))
        self._free[slot] = kept if only is None else np.where(only, kept, free)
        return finish

    def _first(self, rows: Sequence[int] | None) -> Any:
        """Where in `_free` the slot is that is free first, in each trial."""
        chosen: Any = self._whole if rows is None else list(rows)
        if len(chosen) == 1:
            return chosen[0]
        row: Any = self._free[chosen].argmin(axis=0)
        return self._whole[chosen][row], self._columns

    def _rested(self, finish: Trials) -> Trials:
        return finish if self._pause is None else finish + self._pause()

    def _around(self, slot: Any, start: Trials, lasts: Trials) -> Trials:
        """The finish with the leaves of the slot: nothing begins in one, and one in the middle is added."""
        import numpy as np

        finish: Trials = start + lasts
        for one in self._away:
            here = (slot[0] if isinstance(slot, tuple) else slot) == one.slot
            starts_away = here & (start >= one.start) & (start < one.end)
            start = np.where(starts_away, one.end, start)
            finish = np.where(starts_away, start + lasts, finish)
            finish = np.where(here & (start < one.start) & (finish > one.start), finish + one.end - one.start, finish)
        return finish


def owner_of(task: Task, snapshot: Snapshot) -> str:
    """Whose slots a task is in: those of its first owner, or of the pool they belong to."""
    return NOBODY if not task.owners else snapshot.pools.get(task.owners[0], task.owners[0])


def leaves(person: str, working: WorkingDays) -> list[tuple[float, float]]:
    """The leaves of a person in days of work from now, the first first; those that meet are one."""
    profile = working.snapshot.profiles.get(person)
    merged: list[tuple[float, float]] = []
    for one in sorted(() if profile is None else profile.leaves, key=lambda leave: leave.first):
        start, end = working.until(one.first), working.until(one.last + timedelta(days=1))
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
