"""When each goal will be reached: by its tasks, by what the team finishes in a week, and what earlier forecasts taught.

Two ways to forecast lie behind it; both are kept. `simulation` does all open tasks at once, each with its owner, its
age and what it waits for. `by_throughput` only counts what is finished in a week. The simulation knows more and is
taken where tasks are seen to be started; where they are not, it would draw from times that consist of waiting, and
throughput is taken. Goals get more tasks on the way, as many a week as they got lately.

No chance is surer than the finished tasks it rests on: of n + 1 tasks the next may be the longest of all, and how long
a task may last that outlives them all, they do not say.

Pure: the seed is an argument. It knows of leaves what is written down.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from syncer.report.forecast.calibration import LEVELS, Calibration, calibration
from syncer.report.forecast.growth import LEAST_WEEKS, arrivals, coming, expected, grown, joined
from syncer.report.forecast.order import in_order
from syncer.report.forecast.simulation import SimulatedWork, history_of
from syncer.report.forecast.team import ACTIVE, LOOKED_BACK
from syncer.report.forecast.working_days import WEEK, WorkingDays, working_days
from syncer.report.model.collaboration import Goal, Task
from syncer.report.model.goal import Basis, Driver, Forecast
from syncer.report.model.snapshot import Snapshot, days, evidence
from syncer.report.model.timeline import Standing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Trials = NDArray[np.float64]

from syncer.report.model.snapshot import LONGEST

DRIVERS = 3

COUNTED_WEEKS = 12
"""How far back finished tasks are counted."""

LEAST_COUNTED_WEEKS = 3
HALF_BUSY = 0.5
LOOKS = 4
"""A day, how often it is looked at what was done and how much was open."""

AHEAD = 78
"""Weeks that are drawn; what takes longer goes on at the mean pace."""

FAR = 36_500.0
"""Days; where nothing is finished nothing will be."""

ROUNDS = 4
"""While more tasks are done more of them come: so often that is followed."""

DOUBT = 2.0
"""For how many finished tasks the share of a goal in the open work counts, before it is seen what is worked on."""

STILL_LIKELY = 0.9
"""Doubt may take from a chance that it is nearly sure, and no more: it is no evidence."""

SHAPE = 2.0
"""Of the gamma distribution of how long tasks take: the middle half of them differ by a factor of three."""

SHARE_OF_THROUGHPUT = {Basis.CYCLE: 0.0, Basis.LEAD: 1.0}
"""Of a hundred trials, how many are those of throughput where there are both."""


def forecasts(goals: Sequence[Goal], snapshot: Snapshot, seed: int) -> dict[str, Forecast]:
    """A forecast by the id of each goal that has open tasks; none at all under ten finished tasks."""
    import numpy as np

    working = working_days(snapshot)
    history = history_of(working)
    members = _members(goals, snapshot)
    wanted = {task.id: task for tasks in members.values() for task in tasks}
    if history is None or not wanted:
        return {}
    known = _everything(snapshot)
    since = _since(members, working)
    order = in_order(list(_with_what_holds_them_up(wanted, snapshot).values()))
    world = SimulatedWork(order, since, history, working, seed)
    finishes = world.run(order, wanted)
    added = {goal: arrivals(goal, known[goal], snapshot) for goal, tasks in members.items() if tasks}
    weeks = {goal: expected(some) for goal, some in added.items()}
    # A team that finishes what comes in is not slow: where the simulation tells, throughput is of the open tasks alone.
    come = weeks if history.basis is Basis.LEAD else dict.fromkeys(weeks, ())
    paces = by_throughput(members, come, working, world.trials, world.dice)
    learned = calibration(snapshot)
    found = {}
    for goal in goals:
        if tasks := members[goal.id]:
            mine = np.array([finishes[task.id] for task in tasks])
            by_tasks = grown(
                mine.max(axis=0), weeks[goal.id], world.addition(_like_those_to_come(tasks, known[goal.id])), world.dice
            )
            drawn = _GoalTrials(goal, tasks, mine.argmax(axis=0), by_tasks, paces.get(goal.id), added[goal.id])
            found[goal.id] = _forecast(drawn, world, learned)
    return found


def _since(members: Mapping[str, Sequence[Task]], working: WorkingDays) -> dict[str, float]:
    """Since when each task has belonged to a goal that is not reached, in days from now; of late ones all."""
    snapshot = working.snapshot
    return {
        task.id: -working.ago(joined(goal, task))
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


def _like_those_to_come(tasks: Sequence[Task], every: Sequence[Task]) -> Sequence[Task]:
    """Of a goal's tasks, those whose owners may get what is yet added: all of them, not only who has some left.

    Where open ones have no owner, new ones will have none either.
    """
    return tasks if any(not task.owners for task in tasks) else every


@dataclass(frozen=True, slots=True)
class _GoalTrials:
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


def _forecast(drawn: _GoalTrials, world: SimulatedWork, learned: Calibration) -> Forecast:
    import numpy as np

    working, trials, basis, n = world.working, world.trials, world.history.basis, world.times.n
    reached = drawn.by_tasks
    if drawn.by_throughput is not None:
        paced = np.arange(trials) < round(trials * SHARE_OF_THROUGHPUT[basis])
        reached = np.where(paced, drawn.by_throughput, drawn.by_tasks)
    q50, q85, q95 = np.quantile(reached, [learned.level(level) for level in LEVELS], method="inverted_cdf")
    chance = _chance(reached, drawn.goal, working)
    last = np.bincount(drawn.last, minlength=len(drawn.tasks))
    drivers = [(drawn.tasks[row], float(last[row]) / trials) for row in np.argsort(-last, kind="stable") if last[row]]
    named = [Driver(evidence([task])[0], share) for task, share in drivers if not task.restricted]
    return Forecast(
        p_on_time=None if chance is None else min(learned.chance(chance), _surest(drawn, world)),
        q50=working.day(min(float(q50), FAR)),
        q85=working.day(min(float(q85), FAR)),
        q95=working.day(min(float(q95), FAR)),
        drivers=tuple(named[:DRIVERS]),
        basis=basis,
        n=n,
        trials=trials,
        learned_from=learned.learned_from,
        added_a_week=sum(drawn.added) / len(drawn.added) if len(drawn.added) >= LEAST_WEEKS else None,
        by_tasks=_chance(drawn.by_tasks, drawn.goal, working),
        by_throughput=None if drawn.by_throughput is None else _chance(drawn.by_throughput, drawn.goal, working),
    )


def _surest(drawn: _GoalTrials, world: SimulatedWork) -> float:
    """What no chance of a goal exceeds, by the finished tasks it rests on and by doubt of what outlives them all."""
    due, seen = drawn.goal.due, 1 - 1 / (world.times.n + 1)
    return seen if due is None else min(seen, max(STILL_LIKELY, world.surest(drawn.tasks, _left(due, world.working))))


def _left(due: date, working: WorkingDays) -> float:
    """The days of work until a due date is over."""
    return working.until(due + timedelta(days=1))


def _chance(reached: Trials, goal: Goal, working: WorkingDays) -> float | None:
    """The share of trials that reach a goal by the end of its due date."""
    if goal.due is None:
        return None
    return float((reached <= _left(goal.due, working)).mean())


# --- by what the team finishes in a week


@dataclass(frozen=True, slots=True)
class _Pace:
    """Tasks finished in the weeks to come, summed, by trial; and the days that one takes on the average."""

    total: Trials
    a_task: Trials


def by_throughput(
    members: Mapping[str, Sequence[Task]],
    added: Mapping[str, Sequence[int]],
    working: WorkingDays,
    trials: int,
    dice: np.random.Generator,
) -> dict[str, Trials]:
    """The days until each goal is reached if the team finishes as many tasks a week as it did lately.

    It asks nothing of who has a task, when it was begun, or what it waits for: right where anybody takes the next task,
    and all that can be said where no start was seen. Each trial weighs the weeks anew, as `Durations` does the times.
    Empty where too few weeks are known.

    `members` are the open tasks of the goals, `added` their arrivals a week.
    """
    import numpy as np

    snapshot = working.snapshot
    hands = _hands(snapshot)
    pace = _pace(hands, working, trials, dice)
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
        needed = np.minimum(len(tasks) / np.maximum(odds, 1e-6), _before_they_are_done(tasks, snapshot))
        alone = _finished(needed, len(tasks), hands, pace, dice)
        task_days = pace.a_task * needed / len(tasks)
        found[goal] = _growing(alone, added[goal], task_days, dice)
    return found


def _before_they_are_done(tasks: Sequence[Task], snapshot: Snapshot) -> int:
    """The most tasks that are finished until these are, they included: what is begun comes before what is not."""
    begun = [task for task in snapshot.open_tasks if snapshot.standings[task.id] is Standing.DOING]
    whole = all(snapshot.standings[task.id] is Standing.DOING for task in tasks)
    return len(begun) if whole else len(snapshot.open_tasks)


def _pace(hands: float, working: WorkingDays, trials: int, dice: np.random.Generator) -> _Pace | None:
    """How fast a team of so many is, by the weeks in which it had work: one with nothing to do is not slow.

    Weeks begin at any moment, and the last is followed by the first (the circular block bootstrap, Politis and Romano
    1992): where a week is cut decides nothing, and no day is told by a forecast of tomorrow that nothing happened on.
    """
    import numpy as np

    snapshot = working.snapshot
    ages = [working.ago(snapshot.finishes[task.id]) for task in snapshot.finished_within(LONGEST)]
    # When the first was begun is not known: it only tells since when there was somebody who finished tasks.
    span = min(max(ages, default=0.0), float(COUNTED_WEEKS * WEEK))
    if span < LEAST_COUNTED_WEEKS * WEEK:
        return None
    edges = np.linspace(0.0, span, round(span * LOOKS) + 1)
    counts = _weekly(np.histogram([age for age in ages if age < span], edges)[0])
    busy = _weekly(_busy(edges, hands, working)) / WEEK / LOOKS
    known = span / WEEK
    # Of a week in which half of them had none, it says little how much the others did.
    told = busy >= HALF_BUSY
    if known * told.mean() >= LEAST_COUNTED_WEEKS:
        counts, busy, known = counts[told], busy[told], known * told.mean()
    weeks = counts / np.maximum(busy, HALF_BUSY)
    many = round(known)
    weighed = weeks[dice.integers(len(weeks), size=(many, trials))]
    total: Trials = weighed[dice.integers(many, size=(AHEAD, trials)), np.arange(trials)].cumsum(axis=0)
    mean = np.maximum(weighed.mean(axis=0), 0.5 / many)
    return _Pace(total, 7.0 / mean)


def _weekly(parts: Trials) -> Trials:
    """The sums of a week from each part of a span on, its end followed by its beginning."""
    import numpy as np

    total = np.concatenate(([0.0], np.concatenate((parts, parts)).cumsum()))
    found: Trials = total[WEEK * LOOKS : WEEK * LOOKS + len(parts)] - total[: len(parts)]
    return found


def _busy(edges: Trials, hands: float, working: WorkingDays) -> Trials:
    """By part of a span that is over: the share of the team's hands for which there was an open task."""
    import numpy as np

    snapshot = working.snapshot
    moments = (edges[1:] + edges[:-1]) / 2
    made = np.sort([working.ago(task.created) for task in snapshot.tasks])
    done = np.sort([working.ago(at) for task in snapshot.tasks if (at := snapshot.finished_at(task)) is not None])
    waiting = len(made) - np.searchsorted(made, moments) - (len(done) - np.searchsorted(done, moments))
    found: Trials = np.minimum(1.0, waiting / hands)
    return found


def _hands(snapshot: Snapshot) -> float:
    """How many people finish tasks: their number where each finishes as many, less where some only help out."""
    counts = Counter(task.owners[0] for task in snapshot.finished_within(ACTIVE) if task.owners)
    return sum(counts.values()) ** 2 / sum(count**2 for count in counts.values()) if counts else 1.0


def _finished(needed: Trials, tasks: int, hands: float, pace: _Pace, dice: np.random.Generator) -> Trials:
    """The days until a goal's tasks are finished, of `needed` that the team does until then.

    The pace holds as long as there is a next task for everybody. When there is none, one of each who works on the goal
    is somewhere in the middle. A task takes as many times the days that one more needs as people work side by side
    (Little 1961); what is met in the middle is one of the longer ones.
    """
    import numpy as np

    last = max(1, min(tasks, round(hands * float((tasks / needed).mean()))))
    size = (last, len(needed))
    ends: Trials = (dice.random(size) * dice.standard_gamma(SHAPE + 1, size)).max(axis=0) * hands * pace.a_task / SHAPE
    before: Trials = np.maximum(0.0, needed - last * needed / tasks)
    return _until(before, pace) + ends


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


def _growing(alone: Trials, added: Sequence[int], task_days: Trials, dice: np.random.Generator) -> Trials:
    """With the tasks that come on the way, each of which takes `task_days` more."""
    import numpy as np

    if not any(added):
        return alone
    total = coming(added, alone.max() * 2, len(alone), dice)
    reached = alone
    for _ in range(ROUNDS):
        week = np.clip(reached / 7, 0, len(total) - 1).astype(int)
        reached = alone + task_days * total[week, np.arange(len(alone))]
    return reached
