"""When each goal will be reached, by simulating all open work together. Pure: the seed is an argument.

Each trial draws how long every open task still takes, from the times that finished tasks took, of those longer than the
task has already taken. Tasks wait for what they depend on and for a free hand of their owner; a goal is reached when
its last task is. What one goal takes from a person is missing for the others, so all goals are simulated in one. Goals
get more tasks on the way, as many a week as they got lately.

Where too few tasks were seen to be started, the time from wish to finish is taken instead. That time holds the waiting
for a free hand already, so nobody's hands are counted then.

It knows of leaves what is written down, and nothing of work outside the goals.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from syncer.report.calibration import LEAST_RESOLVED, LEVELS, calibration
from syncer.report.evaluation import Basis, Driver, Forecast
from syncer.report.growth import arrivals, grown
from syncer.report.hands import days_until, hands, owner_of
from syncer.report.model import Goal, Task
from syncer.report.moment import LONGEST, Moment, days, evidence
from syncer.report.steps import Standing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

TRIALS = 2_000

MOST_DRAWS = 400_000
"""Tasks times trials; with very many tasks there are fewer trials."""

LEAST_FINISHED = 10
"""Finished tasks without which nothing is forecast."""

HISTORY = LONGEST

DRIVERS = 3


@dataclass(frozen=True, slots=True)
class _History:
    """The times that are drawn from, sorted, in days."""

    times: Sequence[float]
    basis: Basis


def forecasts(goals: Sequence[Goal], moment: Moment, seed: int) -> dict[str, Forecast]:
    """A forecast by the id of each goal that has open tasks; none at all under ten finished tasks."""
    history = _history(moment)
    members = _members(goals, moment)
    involved = {task.id: task for tasks in members.values() for task in tasks}
    if history is None or not involved:
        return {}
    order = in_order(list(involved.values()))
    world = _World(order, history, moment, seed)
    finishes = world.run(order)
    rows = {task.id: row for row, task in enumerate(order)}
    known = _everything(moment) if members else {}
    found = {}
    for goal in goals:
        if tasks := members[goal.id]:
            mine = finishes[[rows[task.id] for task in tasks]]
            found[goal.id] = _forecast(goal, tasks, mine, world, arrivals(known[goal.id], moment))
    return found


def in_order(tasks: Sequence[Task]) -> list[Task]:
    """The tasks so that each comes after those it waits for, else by due day; rings are cut at the earliest due."""
    by_id = {task.id: task for task in tasks}
    missing = {task.id: {one for one in task.waits_for if one in by_id and one != task.id} for task in tasks}
    followers: dict[str, list[str]] = defaultdict(list)
    for name, before in missing.items():
        for one in before:
            followers[one].append(name)

    def rank(name: str) -> tuple[bool, date, datetime, str]:
        task = by_id[name]
        return task.standing is not Standing.DOING, task.due or date.max, task.created, name

    ready = [(rank(name), name) for name, before in missing.items() if not before]
    heapify(ready)
    ordered: list[Task] = []
    placed: set[str] = set()
    in_rings = sorted((rank(name), name) for name, before in missing.items() if before)
    while len(ordered) < len(tasks):
        if not ready:
            heappush(ready, next(one for one in in_rings if one[1] not in placed))
        _, name = heappop(ready)
        if name in placed:
            continue
        placed.add(name)
        ordered.append(by_id[name])
        for follower in followers[name]:
            missing[follower].discard(name)
            if not missing[follower] and follower not in placed:
                heappush(ready, (rank(follower), follower))
    return ordered


def rings(tasks: Sequence[Task]) -> list[tuple[Task, ...]]:
    """Groups of tasks that wait for each other in a ring, so that none of them can start first; by id.

    Kosaraju's strongly connected components with more than one task.
    """
    by_id = {task.id: task for task in tasks}
    ahead = {name: sorted({one for one in task.waits_for if one in by_id}) for name, task in sorted(by_id.items())}
    behind: dict[str, list[str]] = {name: [] for name in ahead}
    for name, others in ahead.items():
        for other in others:
            behind[other].append(name)
    seen: set[str] = set()
    finished = [name for start in ahead for name in _deepest_first(start, ahead, seen)]
    seen = set()
    groups = [list(_deepest_first(start, behind, seen)) for start in reversed(finished)]
    return [tuple(by_id[name] for name in sorted(group)) for group in groups if len(group) > 1]


def _deepest_first(start: str, edges: Mapping[str, Sequence[str]], seen: set[str]) -> Iterator[str]:
    """What can be reached and was not seen, each after everything it leads to."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(edges[start]))]
    while path:
        name, others = path[-1]
        following = next((other for other in others if other not in seen), None)
        if following is None:
            path.pop()
            yield name
        else:
            seen.add(following)
            path.append((following, iter(edges[following])))


def _history(moment: Moment) -> _History | None:
    cycles = sorted(length for length, _ in moment.cycle_days(HISTORY))
    if len(cycles) >= LEAST_FINISHED:
        return _History(cycles, Basis.CYCLE)
    finished = moment.finished_within(HISTORY)
    leads = sorted(lead for task in finished if (lead := days(moment.finishes[task.id] - task.created)) > 0)
    return _History(leads, Basis.LEAD) if len(leads) >= LEAST_FINISHED else None


def _members(goals: Sequence[Goal], moment: Moment) -> dict[str, list[Task]]:
    """The open tasks of each open goal."""
    found: dict[str, list[Task]] = {goal.id: [] for goal in goals}
    closed = {goal.id for goal in goals if goal.closed}
    for task in moment.open_tasks:
        for goal in task.goals:
            if goal in found and goal not in closed:
                found[goal].append(task)
    return found


def _everything(moment: Moment) -> dict[str, list[Task]]:
    """All tasks of each goal, finished ones too."""
    found: dict[str, list[Task]] = defaultdict(list)
    for task in moment.tasks:
        for goal in task.goals:
            found[goal].append(task)
    return found


class _World:
    """All trials at once: one row of numbers for each task, one column for each trial."""

    def __init__(self, order: Sequence[Task], history: _History, moment: Moment, seed: int) -> None:
        import numpy as np

        self.trials = max(100, min(TRIALS, MOST_DRAWS // len(order)))
        self.history = history
        self.moment = moment
        self.calibration = calibration(moment)
        self.dice = np.random.default_rng(seed)
        self.times = np.asarray(history.times)
        # The time from wish to finish holds the waiting for a free hand already.
        self.hands = hands(order, moment, self.trials) if history.basis is Basis.CYCLE else {}

    def run(self, order: Sequence[Task]) -> Trials:
        """The days from now until each task is finished."""
        import numpy as np

        rows = {task.id: row for row, task in enumerate(order)}
        finishes: Trials = np.zeros((len(order), self.trials))
        for row, task in enumerate(order):
            lasts = self._draw(_age(task, self.history.basis, self.moment))
            start = np.zeros(self.trials)
            for before in task.waits_for:
                if (earlier := rows.get(before, row)) < row:
                    np.maximum(start, finishes[earlier], out=start)
            hand = self.hands.get(owner_of(task, self.moment))
            finishes[row] = start + lasts if hand is None else hand.do(start, lasts)
        return finishes

    def _draw(self, age: float) -> Trials:
        """How long a task of an age still takes."""
        import numpy as np

        longer = self.times[np.searchsorted(self.times, age, side="right") :] - age
        # One that took longer than all before it tells nothing of how long it will still take: as if begun today.
        choices = longer if len(longer) else self.times
        drawn: Trials = choices[self.dice.integers(len(choices), size=self.trials)]
        return drawn


def _age(task: Task, basis: Basis, moment: Moment) -> float:
    if basis is Basis.LEAD:
        return days(moment.as_of - task.created)
    started = moment.started_at(task) if moment.standings[task.id] is Standing.DOING else None
    return 0.0 if started is None else days(moment.as_of - started)


def _forecast(goal: Goal, tasks: Sequence[Task], finishes: Trials, world: _World, added: Sequence[int]) -> Forecast:
    import numpy as np

    moment, trials = world.moment, world.trials
    alone = finishes.max(axis=0)
    reached = grown(alone, added, tasks, world.times, world.hands, moment, world.dice)
    learned = world.calibration
    q50, q85, q95 = np.quantile(reached, [learned.level(level) for level in LEVELS], method="inverted_cdf")
    chance = None if goal.due is None else float((reached <= _days_left(goal.due, moment)).mean())
    last = Counter(int(row) for row in finishes.argmax(axis=0))
    drivers = [(tasks[row], count / trials) for row, count in sorted(last.items(), key=lambda one: (-one[1], one[0]))]
    named = [Driver(evidence([task])[0], share) for task, share in drivers if not task.restricted]
    return Forecast(
        p_on_time=None if chance is None else learned.chance(chance),
        q50=_day(float(q50), moment),
        q85=_day(float(q85), moment),
        q95=_day(float(q95), moment),
        drivers=tuple(named[:DRIVERS]),
        basis=world.history.basis,
        n=len(world.times),
        trials=trials,
        learned_from=learned.n if learned.n >= LEAST_RESOLVED else 0,
        added_a_week=sum(added) / len(added) if added else None,
    )


def _days_left(due: date, moment: Moment) -> float:
    """Days until the end of the due day, negative when it is over."""
    return days_until(due + timedelta(days=1), moment)


def _day(ahead: float, moment: Moment) -> date:
    return (moment.as_of + timedelta(days=min(ahead, 36_500))).astimezone(moment.window.zone).date()
