"""All open work done at once, in many trials: what each task waits for, who does it, how long it takes. Pure.

Each trial draws how long every open task still takes, from the times that finished tasks took. Tasks wait for what they
depend on, for whatever else is in their way, and for a free slot of who does them. What one goal takes from a person is
missing for the others, so the tasks of all goals are in one simulation.

Where too few tasks were seen to be started, the lead time is taken instead. That time holds the waiting for a free slot
already, so nobody's slots are counted then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, log, prod
from typing import TYPE_CHECKING

from syncer.report.forecast.capacity import Slots, leaves
from syncer.report.forecast.team import Team, slots_of, team_of
from syncer.report.forecast.working_days import WorkingDays
from syncer.report.model.collaboration import Task
from syncer.report.model.goal import Basis
from syncer.report.model.snapshot import LONGEST
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

MOST_ATOMS = 64
"""Of more times only so many quantiles are kept, each with the weight of those it stands for."""

PRIOR = 5.0
"""So many long times the exponent counts for that is taken where nothing is known of a tail."""


@dataclass(frozen=True, slots=True)
class Tail:
    """By which exponents what lasts longest falls off: the smaller, the longer it may last."""

    usual: float
    """Where nothing is known."""
    flattest: float
    steepest: float = 6.0


WORK = Tail(4.0, 2.5)
WAITING = Tail(1.5, 1.5)
"""Nobody works at what waits for somebody outside: of what has lasted so long already, a third lasts as long again."""

UNKNOWN = 1.0
"""The exponent of what nothing is known of but how long it has lasted: half of it lasts as long again (Gott 1993)."""

FRESH = 48
"""Times of something new that are kept ready in each trial."""

AT_ONCE = 16
"""So many of them are drawn in one go, which is much quicker than one by one."""

LEAST = 1 / 24
"""Days; what was over at once may last an hour."""


class Durations:
    """How long something still takes in days, drawn from how long it took before; the dice are an argument.

    Why not simply one of the times that were seen:

    - What is still going on tells that some things take longer. It counts as not yet ended (Kaplan and Meier 1958),
      else only the quick ones would be drawn from.
    - A few times are not the truth: each trial weighs them anew (the Bayesian bootstrap, Rubin 1981), so that a
      forecast from ten is wider than one from a hundred.
    - n times part all there could be into n + 1 spans, and the next is in each of them as often (Pyke 1965): between
      two that were seen, or longer than all before. How much longer is drawn from a Pareto tail, as steep as the
      longest times suggest (Hill 1975). What is older than all that ended draws from that tail too: the older, the
      longer.
    """

    def __init__(
        self,
        ended: Sequence[float],
        going: Sequence[float],
        trials: int,
        dice: np.random.Generator,
        tail: Tail = WORK,
    ) -> None:
        import numpy as np

        self.n = len(ended)
        self._trials, self._dice = trials, dice
        self._times, sizes, ends = _atoms(ended, going)
        weights = dice.standard_gamma(np.repeat(sizes[:, None], trials, axis=1))
        beyond = dice.standard_gamma(1.0, size=trials)
        at_risk = np.cumsum(weights[::-1], axis=0, dtype=np.float64)[::-1] + beyond
        lasting = np.cumprod(1.0 - np.where(ends[:, None], weights / at_risk, 0.0), axis=0)
        self._over: Trials = np.asarray(1.0 - lasting, dtype=np.float64)
        """By each of the times, the share that is over."""
        # One sorted row for all trials, each raised by its number, is searched much faster than each of them.
        self._searched: Trials = (self._over.T + np.arange(trials)[:, None]).ravel()
        self._columns = np.arange(trials)
        earlier = np.maximum.accumulate(np.where(ends, self._times, 0.0))
        self._before = np.concatenate(([0.0], earlier))[: len(self._times)]
        """By each of the times, the longest of those before it that ended."""
        self._longest = max(ended, default=0.0)
        """Of those that ended."""
        self._exponent = _exponent(sorted(ended), going, tail)
        # A row for each trial: so the shares are in the order of what is searched, which is nearly twice as fast.
        shares = (np.arange(FRESH) + dice.random((trials, FRESH))) / FRESH
        self._fresh = self._drawn(shares, 0.0, self._columns[:, None])
        self._ready = _one_by_one(self._fresh, dice)

    def draw(self, age: float = 0.0) -> Trials:
        """The days that something of an age still takes."""
        import numpy as np

        if age <= 0:
            return next(self._ready)
        before = int(np.searchsorted(self._times, age, side="right"))
        gone = self._over[before - 1] if before else 0.0
        return self._drawn(gone + (1.0 - gone) * self._dice.random(self._trials), age, self._columns) - age

    def fresh(self, many: int) -> Trials:
        """The days that so many things take which have yet to begin, a row of each."""
        return _some(self._fresh, many, self._dice)

    def outlasts(self, days: float, age: float = 0.0) -> float:
        """The chance that something of an age outlives all that ended and takes more than so many days, with doubt.

        Draws follow the tail of what was seen, and likely days are right by it. But what outlives all that ended may be
        of a kind that was not seen to end yet, of which nothing is known but that.
        """
        import numpy as np

        before = int(np.searchsorted(self._times, age, side="right")) if age > 0 else 0
        gone = self._over[before - 1] if before else 0.0
        beyond = float(((1.0 - self._over[-1]) / (1.0 - gone)).mean())
        since = self._oldest(age)
        lasts: float = beyond * max(1.0, (age + days) / since) ** -UNKNOWN
        return lasts

    def _oldest(self, age: float) -> float:
        """From what age on nothing was seen to end."""
        # Others that go on tell how long something new may take; of what goes on itself its own age tells more.
        return max(age, LEAST, float(self._longest if age > 0 else max(self._times, default=0.0)))

    def _drawn(self, shares: Trials, age: float, columns: NDArray[np.intp]) -> Trials:
        """The times by which these shares are over; `columns` are the trials they are of."""
        import numpy as np

        many = len(self._times)
        place = np.searchsorted(self._searched, shares + columns, side="right") - many * columns
        longest = self._oldest(age)
        upper: Trials = np.append(self._times, longest)[place]
        lower = np.maximum(age, np.append(self._before, longest)[place])
        drawn: Trials = lower + (upper - lower) * self._dice.random(shares.shape)
        tail = place == many
        drawn[tail] *= (1.0 - self._dice.random(int(tail.sum()))) ** (-1.0 / self._exponent)
        return drawn


def _some(ready: Trials, many: int, dice: np.random.Generator) -> Trials:
    """So many rows, in each trial of those that are ready there."""
    import numpy as np

    trials, room = ready.shape
    chosen = dice.integers(room, size=(many, trials), dtype=np.int32)
    found: Trials = ready.take(chosen + room * np.arange(trials))
    return found


def _one_by_one(ready: Trials, dice: np.random.Generator) -> Iterator[Trials]:
    while True:
        yield from _some(ready, AT_ONCE, dice)


def _atoms(
    ended: Sequence[float], going: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The times in their order, how many each stands for, and whether it is that of something that ended."""
    import numpy as np

    room = max(2, round(MOST_ATOMS * len(going) / max(1, len(ended) + len(going))))
    found = [
        (float(part[len(part) // 2]), float(len(part)), over)
        for times, most, over in ((ended, MOST_ATOMS, True), (going, room, False))
        for part in np.array_split(np.sort(np.asarray(times, dtype=float)), max(1, min(most, len(times))))
        if len(part)
    ]
    # What ended at an age was still at risk at that age: of equal times those that ended come first.
    found.sort(key=lambda one: (one[0], not one[2]))
    times, sizes, over = (np.asarray([one[index] for one in found]) for index in range(3))
    return times, sizes, over.astype(bool)


def _exponent(times: Sequence[float], going: Sequence[float], tail: Tail) -> float:
    """How fast the tail falls, by the longest times and what is older still; few of them move it little."""
    longest = [time for time in times if time > LEAST]
    most = min(len(longest) - 1, max(2, round(len(longest) ** 0.5)))
    if most < 2:  # one excess says nothing of a tail
        return tail.usual
    least = longest[-most - 1]
    excess = fsum(log(time / least) for time in (*longest[-most:], *(age for age in going if age > least)))
    exponent: float = (most + PRIOR) / (excess + PRIOR / tail.usual)
    return min(tail.steepest, max(tail.flattest, exponent))


# --- all open work


@dataclass(frozen=True, slots=True)
class PastTimes:
    """The times that are drawn from, in days."""

    times: Sequence[float]
    going: Sequence[float]
    """How old is what has not ended."""
    basis: Basis


def history_of(working: WorkingDays) -> PastTimes | None:
    """What can be drawn from at a moment; None under ten finished tasks."""
    snapshot = working.snapshot
    cycles = working.cycles(HISTORY)
    if len(cycles) >= LEAST_FINISHED:
        doing = [task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING]
        return PastTimes(
            [lasts for lasts, _ in cycles], [_age(task, Basis.CYCLE, working) for task in doing], Basis.CYCLE
        )
    finished = snapshot.finished_within(HISTORY)
    leads = [lead for task in finished if (lead := working.between(task.created, snapshot.finishes[task.id])) > 0]
    going = [_age(task, Basis.LEAD, working) for task in snapshot.open_tasks]
    return PastTimes(leads, going, Basis.LEAD) if len(leads) >= LEAST_FINISHED else None


class SimulatedWork:
    """All trials at once: one row of numbers for each task, one column for each trial."""

    def __init__(
        self, order: Sequence[Task], since: Mapping[str, float], history: PastTimes, working: WorkingDays, seed: int
    ) -> None:
        import numpy as np

        self.trials = max(100, min(TRIALS, MOST_DRAWS // len(order)))
        self.history = history
        self.working, self.snapshot = working, working.snapshot
        self.dice = np.random.default_rng(seed)
        self.times = Durations(history.times, history.going, self.trials, self.dice)
        self.team: Team | None = None
        # The lead time holds the waiting for a free slot already.
        if history.basis is Basis.CYCLE:
            self.team = team_of(order, since, working)
            seen = self.team.pauses
            pauses = Durations(seen.ended, seen.going, self.trials, self.dice) if seen.ended else None
            away = {person: leaves(person, working) for person in self.snapshot.profiles}
            self.slots = Slots(
                self.team.slots, away, self.trials, None if pauses is None else pauses.draw, self.team.patience
            )

    @cached_property
    def stops(self) -> Durations:
        """How long tasks are held up by what no task of ours ends."""
        return _stops(self.working, self.trials, self.dice)

    def run(self, order: Sequence[Task], wanted: Collection[str]) -> Mapping[str, Trials]:
        """The days from now until each of the wanted tasks is finished, by its id; also of those others wait for.

        Most are done only because they keep their owners busy: when they end is forgotten at once.
        """
        import numpy as np

        kept = {*wanted, *(name for task in order for name in task.waits_for)}
        finishes: dict[str, Trials] = {}
        for task in order:
            before = [finishes[name] for name in task.waits_for if name in finishes]
            start: Trials = np.max(before, axis=0) if before else np.zeros(self.trials)
            finish = self._finish(task, start, bool(before))
            if task.id in kept:
                finishes[task.id] = finish.copy()
        return finishes

    def addition(self, tasks: Sequence[Task]) -> Do:
        """How a task that is yet added to a goal is done: by the slots that have its tasks, after all of them."""
        if self.team is None:
            return lambda arrives, _: arrives + self.times.fresh(len(arrives))
        # Two goals may have the same tasks: what one gets takes nothing from the other.
        slots = self.slots.copy()
        turns = _turns([rows for task in tasks if (rows := slots_of(task, self.team, self.snapshot))])

        def do(arrives: Trials, comes: NDArray[np.bool_]) -> Trials:
            ends = self.times.fresh(len(arrives))
            for number, lasts in enumerate(ends):
                ends[number] = slots.do(arrives[number], lasts, turns[number % len(turns)], comes[number])
            return ends

        return do

    def surest(self, tasks: Sequence[Task], days: float) -> float:
        """The most that may be said of the chance that all these are finished within so many days.

        Where only the lead time is known, a task is as old as the plan it is in, and its age says nothing.
        """
        if self.history.basis is not Basis.CYCLE:
            return 1.0
        running = [task for task in tasks if _stopped_since(task, self.working) is None]
        ages = Counter(_age(task, Basis.CYCLE, self.working) for task in running)
        return prod((1.0 - self.times.outlasts(max(0.0, days), age)) ** many for age, many in ages.items())

    def _finish(self, task: Task, start: Trials, waits: bool) -> Trials:
        """When a task is finished that can begin at `start`."""
        import numpy as np

        age = _age(task, self.history.basis, self.working)
        stopped = _stopped_since(task, self.working)
        if stopped is not None:
            # It keeps no slot busy while something is in its way, and what was done of it before stays done.
            on = np.maximum(start, self.stops.draw(stopped))
            return on + self.times.draw(max(0.0, age - stopped))
        lasts = self.times.draw(age)
        if self.team is None:
            return start + lasts
        mine = slots_of(task, self.team, self.snapshot)
        doing = self.snapshot.standings[task.id] is Standing.DOING
        return self.slots.begin(lasts, age, mine) if doing and not waits else self.slots.do(start, lasts, mine)


def _turns(rows: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Who gets the next tasks, by who has those so far: half by these shares, half alike, for chance made them."""
    counts = Counter(rows)
    alike = round(len(rows) / len(counts))
    often = {who: count + alike for who, count in counts.items()}
    return [who for _, who in sorted(((turn + 0.5) / many, who) for who, many in often.items() for turn in range(many))]


def _stops(working: WorkingDays, trials: int, dice: np.random.Generator) -> Durations:
    """How long tasks were held up by what no task of ours ends; where none was seen, only by the age of each."""
    snapshot = working.snapshot
    since = snapshot.as_of - HISTORY
    ended, going = [], []
    for task in snapshot.tasks:
        for one in task.blockages:
            if one.cause is Cause.DEPENDENCY or one.start > snapshot.as_of:
                continue
            if one.end is None or one.end > snapshot.as_of:
                going += [working.ago(one.start)] if snapshot.open(task) else []
            elif one.end > since:
                ended.append(working.between(one.start, one.end))
    return Durations(ended, going, trials, dice, WAITING)


def _stopped_since(task: Task, working: WorkingDays) -> float | None:
    """For how many days something has been in its way that no task of ours ends; None where nothing is."""
    standing = [one for one in task.impediments if one.cause is not Cause.DEPENDENCY]
    if not standing:
        return None
    starts = [one.since or task.created for one in standing]
    return max(0.0, working.ago(min(starts)))


def _age(task: Task, basis: Basis, working: WorkingDays) -> float:
    if basis is Basis.LEAD:
        return working.ago(task.created)
    snapshot = working.snapshot
    started = snapshot.started_at(task) if snapshot.standings[task.id] is Standing.DOING else None
    return 0.0 if started is None else working.ago(started)
