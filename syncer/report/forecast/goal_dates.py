"""When each goal will be reached: by its tasks, by what the team finishes in a week, and what earlier forecasts taught.

Two ways to tell lie behind it, and both are kept in the forecast. `simulation` does all open tasks at once, each with
its owner, its age and what it waits for. `throughput` only counts what is finished in a week. The simulation knows more
and is taken where tasks are seen to be started; where they are not, it would draw from times that consist of waiting,
and throughput is taken. Goals get more tasks on the way, as many a week as they got lately.

No chance is surer than the finished tasks it rests on: of n + 1 tasks the next may be the longest of all.

Pure: the seed is an argument. It knows of leaves what is written down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from syncer.report.forecast.calibration import LEVELS, Calibration, calibration
from syncer.report.forecast.capacity import days_until
from syncer.report.forecast.growth import LEAST_WEEKS, arrivals, expected, grown, joined
from syncer.report.forecast.order import in_order
from syncer.report.forecast.simulation import SimulatedWork, history_of
from syncer.report.forecast.team import LOOKED_BACK
from syncer.report.forecast.throughput import by_throughput
from syncer.report.model.collaboration import Goal, Task
from syncer.report.model.goal import Basis, Driver, Forecast
from syncer.report.model.snapshot import Snapshot, days, evidence
from syncer.report.model.timeline import Standing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

DRIVERS = 3

SHARE_OF_THROUGHPUT = {Basis.CYCLE: 0.0, Basis.LEAD: 1.0}
"""Of a hundred trials, how many are those of throughput where both can be told."""


def forecasts(goals: Sequence[Goal], snapshot: Snapshot, seed: int) -> dict[str, Forecast]:
    """A forecast by the id of each goal that has open tasks; none at all under ten finished tasks."""
    history = history_of(snapshot)
    members = _members(goals, snapshot)
    wanted = {task.id: task for tasks in members.values() for task in tasks}
    if history is None or not wanted:
        return {}
    known = _everything(snapshot)
    since = _since(members, snapshot)
    order = in_order(list(_with_what_holds_them_up(wanted, snapshot).values()))
    world = SimulatedWork(order, since, history, snapshot, seed)
    finishes = world.run(order)
    rows = {task.id: row for row, task in enumerate(order)}
    added = {goal: arrivals(goal, known[goal], snapshot) for goal, tasks in members.items() if tasks}
    weeks = {goal: expected(some) for goal, some in added.items()}
    # A team that finishes what comes in is not slow: where the simulation tells, throughput is of the open tasks alone.
    come = weeks if history.basis is Basis.LEAD else dict.fromkeys(weeks, ())
    paces = by_throughput(members, come, snapshot, world.trials, world.dice)
    learned = calibration(snapshot)
    found = {}
    for goal in goals:
        if tasks := members[goal.id]:
            mine = finishes[[rows[task.id] for task in tasks]]
            by_tasks = grown(mine.max(axis=0), weeks[goal.id], world.addition(tasks), world.dice)
            told = _Told(goal, tasks, mine.argmax(axis=0), by_tasks, paces.get(goal.id), added[goal.id])
            found[goal.id] = _forecast(told, world, learned)
    return found


def _since(members: Mapping[str, Sequence[Task]], snapshot: Snapshot) -> dict[str, float]:
    """Since when each task has belonged to a goal that is not reached, in days from now; of late ones all."""
    return {
        task.id: -days(snapshot.as_of - joined(goal, task))
        for task in (*snapshot.open_tasks, *snapshot.finished_within(LOOKED_BACK))
        for goal in task.goals
        if members.get(goal)
    }


def _with_what_holds_them_up(wanted: Mapping[str, Task], snapshot: Snapshot) -> dict[str, Task]:
    """The tasks with those that come before them, and with what else their owners have in progress."""
    open_tasks = {task.id: task for task in snapshot.open_tasks}
    found = dict(wanted)
    left = list(wanted.values())
    while left:
        for name in left.pop().waits_for:
            if name in open_tasks and name not in found:
                found[name] = open_tasks[name]
                left.append(found[name])
    people = {task.owners[0] for task in found.values() if task.owners}
    anybody = any(not task.owners for task in found.values())
    for task in snapshot.open_tasks:
        if snapshot.standings[task.id] is Standing.DOING and (anybody or (task.owners and task.owners[0] in people)):
            found.setdefault(task.id, task)
    return found


def _members(goals: Sequence[Goal], snapshot: Snapshot) -> dict[str, list[Task]]:
    """The open tasks of each open goal."""
    found: dict[str, list[Task]] = {goal.id: [] for goal in goals}
    closed = {goal.id for goal in goals if goal.closed}
    for task in snapshot.open_tasks:
        for goal in task.goals:
            if goal in found and goal not in closed:
                found[goal].append(task)
    return found


def _everything(snapshot: Snapshot) -> dict[str, list[Task]]:
    """All tasks of each goal, finished ones too."""
    found: dict[str, list[Task]] = defaultdict(list)
    for task in snapshot.tasks:
        for goal in task.goals:
            found[goal].append(task)
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What was simulated of a goal."""

    goal: Goal
    tasks: Sequence[Task]
    """Those that are open."""
    last: NDArray[np.intp]
    """Which of them is the last, by trial."""
    by_tasks: Trials
    """Days until it is reached."""
    by_throughput: Trials | None
    added: Sequence[int]


def _forecast(told: _Told, world: SimulatedWork, learned: Calibration) -> Forecast:
    import numpy as np

    moment, trials, basis, n = world.snapshot, world.trials, world.history.basis, world.times.n
    reached = told.by_tasks
    if told.by_throughput is not None:
        paced = np.arange(trials) < round(trials * SHARE_OF_THROUGHPUT[basis])
        reached = np.where(paced, told.by_throughput, told.by_tasks)
    q50, q85, q95 = np.quantile(reached, [learned.level(level) for level in LEVELS], method="inverted_cdf")
    chance = _chance(reached, told.goal, moment)
    last = np.bincount(told.last, minlength=len(told.tasks))
    drivers = [(told.tasks[row], float(last[row]) / trials) for row in np.argsort(-last, kind="stable") if last[row]]
    named = [Driver(evidence([task])[0], share) for task, share in drivers if not task.restricted]
    return Forecast(
        p_on_time=None if chance is None else min(learned.chance(chance), 1 - 1 / (n + 1)),
        q50=_day(float(q50), moment),
        q85=_day(float(q85), moment),
        q95=_day(float(q95), moment),
        drivers=tuple(named[:DRIVERS]),
        basis=basis,
        n=n,
        trials=trials,
        learned_from=learned.learned_from,
        added_a_week=sum(told.added) / len(told.added) if len(told.added) >= LEAST_WEEKS else None,
        by_tasks=_chance(told.by_tasks, told.goal, moment),
        by_throughput=None if told.by_throughput is None else _chance(told.by_throughput, told.goal, moment),
    )


def _chance(reached: Trials, goal: Goal, snapshot: Snapshot) -> float | None:
    """The share of trials that reach a goal by the end of its due day."""
    if goal.due is None:
        return None
    return float((reached <= days_until(goal.due + timedelta(days=1), snapshot)).mean())


def _day(ahead: float, snapshot: Snapshot) -> date:
    return (snapshot.as_of + timedelta(days=min(ahead, 36_500))).astimezone(snapshot.window.zone).date()
