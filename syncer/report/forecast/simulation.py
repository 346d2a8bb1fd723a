"""All open work done at once, in many trials: what each task waits for, whose hands do it, how long it takes. Pure.

Each trial draws how long every open task still takes, from the times that finished tasks took. Tasks wait for what they
depend on, for whatever else is in their way, and for a free hand. What one goal takes from a person is missing for the
others, so the tasks of all goals are in one simulation.

Where too few tasks were seen to be started, the time from wish to finish is taken instead. That time holds the waiting
for a free hand already, so nobody's hands are counted then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from syncer.report.forecast.capacity import Slots, leaves
from syncer.report.forecast.durations import Durations
from syncer.report.forecast.team import Team, hands_of, team_of
from syncer.report.model.collaboration import Task
from syncer.report.model.goal import Basis
from syncer.report.model.snapshot import LONGEST, Snapshot, days
from syncer.report.model.timeline import Cause, Standing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from syncer.report.forecast.growth import Do

    Trials = NDArray[np.float64]

TRIALS = 2_000

MOST_DRAWS = 400_000
"""Tasks times trials; with very many tasks there are fewer trials."""

LEAST_FINISHED = 10
"""Finished tasks without which nothing is forecast."""

HISTORY = LONGEST


@dataclass(frozen=True, slots=True)
class PastTimes:
    """The times that are drawn from, in days."""

    times: Sequence[float]
    going: Sequence[float]
    """How old is what has not ended."""
    basis: Basis


def history_of(snapshot: Snapshot) -> PastTimes | None:
    """What can be drawn from at a moment; None under ten finished tasks."""
    cycles = [length for length, _ in snapshot.cycle_days(HISTORY)]
    if len(cycles) >= LEAST_FINISHED:
        doing = [task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING]
        return PastTimes(cycles, [_age(task, Basis.CYCLE, snapshot) for task in doing], Basis.CYCLE)
    finished = snapshot.finished_within(HISTORY)
    leads = [lead for task in finished if (lead := days(snapshot.finishes[task.id] - task.created)) > 0]
    going = [_age(task, Basis.LEAD, snapshot) for task in snapshot.open_tasks]
    return PastTimes(leads, going, Basis.LEAD) if len(leads) >= LEAST_FINISHED else None


class SimulatedWork:
    """All trials at once: one row of numbers for each task, one column for each trial."""

    def __init__(
        self, order: Sequence[Task], since: Mapping[str, float], history: PastTimes, snapshot: Snapshot, seed: int
    ) -> None:
        import numpy as np

        self.trials = max(100, min(TRIALS, MOST_DRAWS // len(order)))
        self.history = history
        self.snapshot = snapshot
        self.dice = np.random.default_rng(seed)
        self.times = Durations(history.times, history.going, self.trials, self.dice)
        self.team: Team | None = None
        # The time from wish to finish holds the waiting for a free hand already.
        if history.basis is Basis.CYCLE:
            self.team = team_of(order, since, snapshot)
            pauses = Durations(self.team.pauses, (), self.trials, self.dice) if self.team.pauses else None
            away = {person: leaves(person, snapshot) for person in snapshot.profiles}
            self.slots = Slots(
                self.team.slots, away, self.trials, None if pauses is None else pauses.draw, self.team.patience
            )

    @cached_property
    def stops(self) -> Durations:
        """How long tasks are held up by what no task of ours ends."""
        return _stops(self.snapshot, self.trials, self.dice)

    def run(self, order: Sequence[Task]) -> Trials:
        """The days from now until each task is finished."""
        import numpy as np

        rows = {task.id: row for row, task in enumerate(order)}
        finishes: Trials = np.zeros((len(order), self.trials))
        for row, task in enumerate(order):
            before = [earlier for name in task.waits_for if (earlier := rows.get(name, row)) < row]
            start = finishes[before].max(axis=0) if before else np.zeros(self.trials)
            finishes[row] = self._finish(task, start, bool(before))
        return finishes

    def addition(self, tasks: Sequence[Task]) -> Do:
        """How a task that is yet added to some is done: by the hands that have them, when all of that is done."""
        if self.team is None:
            return lambda arrives, *_: arrives + self.times.draw()
        # Two goals may have the same tasks: what one gets takes nothing from the other.
        slots = self.slots.copy()
        rows = sorted({hands_of(task, self.team, self.snapshot) for task in tasks})
        return lambda arrives, comes, number: slots.do(arrives, self.times.draw(), rows[number % len(rows)], comes)

    def _finish(self, task: Task, start: Trials, waits: bool) -> Trials:
        """When a task is finished that can begin at `start`."""
        import numpy as np

        age = _age(task, self.history.basis, self.snapshot)
        stopped = _stopped_since(task, self.snapshot)
        if stopped is not None:
            # It keeps no hand busy while something is in its way, and what was done of it before stays done.
            on = np.maximum(start, self.stops.draw(stopped))
            return on + self.times.draw(max(0.0, age - stopped))
        lasts = self.times.draw(age)
        if self.team is None:
            return start + lasts
        mine = hands_of(task, self.team, self.snapshot)
        doing = self.snapshot.standings[task.id] is Standing.DOING
        return self.slots.begin(lasts, age, mine) if doing and not waits else self.slots.do(start, lasts, mine)


def _stops(snapshot: Snapshot, trials: int, dice: np.random.Generator) -> Durations:
    """How long tasks were held up by what no task of ours ends; where none was seen, only by the age of each."""
    since = snapshot.as_of - HISTORY
    ended, going = [], []
    for task in snapshot.tasks:
        for one in task.blockages:
            if one.cause is Cause.DEPENDENCY or one.start > snapshot.as_of:
                continue
            if one.end is None or one.end > snapshot.as_of:
                going += [days(snapshot.as_of - one.start)] if snapshot.open(task) else []
            elif one.end > since:
                ended.append(days(one.end - one.start))
    return Durations(ended, going, trials, dice)


def _stopped_since(task: Task, snapshot: Snapshot) -> float | None:
    """For how many days something has been in its way that no task of ours ends; None where nothing is."""
    standing = [one for one in task.impediments if one.cause is not Cause.DEPENDENCY]
    if not standing:
        return None
    starts = [one.since or task.created for one in standing]
    return max(0.0, days(snapshot.as_of - min(starts)))


def _age(task: Task, basis: Basis, snapshot: Snapshot) -> float:
    if basis is Basis.LEAD:
        return days(snapshot.as_of - task.created)
    started = snapshot.started_at(task) if snapshot.standings[task.id] is Standing.DOING else None
    return 0.0 if started is None else days(snapshot.as_of - started)
