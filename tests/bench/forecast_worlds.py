"""Made-up projects whose end is known: how a team works through its tasks, in worlds that differ in one habit each.

A project has a past (tasks of nobody's goal, done one after the other), then a goal is planned, and the team works on
until all tasks of the goal are done. What it leaves behind is what a tracker would show: who had a task, when it was
begun and finished, what it waited for, to which goal it belonged. Nothing here knows how the product forecasts.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from syncer.contract.model import Side
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Task
from syncer.report.model.timeline import Assignment, Membership, Standing, StandingChange

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday; all times of a project are days from here."""

PLANNED = 90.0
"""The day on which the goals are planned."""

NEVER = 4_000.0


@dataclass(frozen=True)
class World:
    """The habits of a team; what is not named is the plain case: owners are fixed, one task in hand at a time."""

    name: str
    people: int = 4
    goals: int = 1
    tasks: int = 24
    past: int = 40
    """Tasks that were there before the goal."""
    median: float = 2.5
    spread: float = 0.6
    """Of the logarithm of the days of work."""
    in_hand: int = 1
    pooled: bool = False
    """Nobody owns a task before somebody begins it, and the first free hand takes it."""
    named: bool = True
    """Whether a task that was begun says by whom."""
    chains: int = 0
    """Tasks of a goal that wait for one another in so many chains; 0: none waits."""
    pause: float = 0.0
    """Mean days between two tasks of one hand."""
    aside: float = 0.0
    """Share of the tasks of a hand that are for no goal, and come up as it goes."""
    part_time: float = 1.0
    """Share of the weeks in which a person works on this project."""
    weekends: bool = False
    """Nobody works on Saturdays, on Sundays, and in one week of seven."""
    stalls: float = 0.0
    """Share of the tasks that lie still in the middle."""
    still: tuple[float, float] = (25.0, 80.0)
    """For at least and at most so many days."""
    large: float = 0.0
    """Share of the tasks that take six times as long as the others."""
    absent: float = 0.0
    """Share of the time for which a person is away, three weeks at a time."""
    arrives: float = 0.0
    """Tasks that are made for the goal in a week, until it is half over."""
    pulled: float = 0.0
    """Old tasks that are taken into the goal in a week, until it is half over."""
    starts_seen: bool = True
    """Whether there is a status for what is in progress."""


WORLDS = (
    World("owners fixed"),
    World("chains", chains=4),
    World("heavy tails", spread=1.4, median=1.5),
    World("few samples", past=12),
    World("few samples, tails", past=10, spread=1.2),
    World("pooled, unowned", pooled=True),
    World("pooled, nobody named", pooled=True, named=False, people=5, tasks=30),
    World("part-time team", part_time=0.5),
    World("half other work", aside=0.5),
    World("pauses", pause=1.5, median=1.5),
    World("three in hand", in_hand=3, median=5.0, tasks=36),
    World("three goals", goals=3, tasks=14),
    World("stalls", stalls=0.08),
    World("steady arrivals", arrives=4.0, tasks=16),
    World("batch, no in progress", pooled=True, starts_seen=False, past=30),
    World("growth by pulling in", pulled=4.0, tasks=16, past=40),
    World("weekends, holidays", weekends=True),
)

HELD_OUT = (
    World("two kinds of work", large=0.2, median=1.2, spread=0.3, pooled=True),
    World("short waits, often", stalls=0.2, still=(5.0, 15.0), in_hand=2, chains=6),
    World("people come and go", absent=0.25, goals=2, tasks=16),
)
"""Worlds that no part of the forecast was chosen by: nothing may be fitted to them."""


@dataclass
class Work:
    """One task as it really went."""

    number: int
    made: float
    effort: float
    owner: int
    goal: int | None = None
    joined: float | None = None
    """When it was taken into the goal; None: it was made for it."""
    after: Work | None = None
    stall: float = 0.0
    begun: float = NEVER
    done: float = NEVER
    by: int = -1


@dataclass
class Project:
    """A project as it went, and what its trackers show of it."""

    world: World
    works: list[Work]
    dues: list[float] = field(default_factory=list)

    def reached(self, goal: int) -> float:
        """The day on which the last task of a goal was done."""
        return max(work.done for work in self.works if work.goal == goal)

    def collaboration(self) -> Collaboration:
        """All that can be known of it, from which any moment can be told."""
        goals = tuple(
            Goal(f"g{number}", "pair", GoalKind.EPIC, f"Goal {number}", (), (), at(PLANNED).date(), True,
                 day_of(due), created=at(PLANNED))
            for number, due in enumerate(self.dues)
        )  # fmt: skip
        return Collaboration("Made up", (), (), goals, tuple(map(self._task, self.works)))

    def _task(self, work: Work) -> Task:
        world = self.world
        steps = [StandingChange(at(work.made), Standing.TODO)]
        if world.starts_seen and work.begun < NEVER:
            steps.append(StandingChange(at(work.begun), Standing.DOING))
        if work.done < NEVER:
            steps.append(StandingChange(at(work.done), Standing.DONE))
        goals = () if work.goal is None else (f"g{work.goal}",)
        joined = (Membership(at(work.made), ()), Membership(at(work.joined or 0), goals))
        taken, owners = (), (f"p{work.owner}",)
        if world.pooled:
            owners = (f"p{work.by}",) if world.named and work.by >= 0 else ()
            taken = (Assignment(at(work.made), ()), Assignment(at(work.begun), owners)) if owners else ()
        return Task(
            id=f"t{work.number}",
            pair="pair",
            title=f"Task {work.number}",
            places=(),
            origin=Side.LEFT,
            standing=steps[-1].standing,
            created=at(work.made),
            finished=steps[-1].at if work.done < NEVER else None,
            owners=owners,
            goals=goals,
            transitions=tuple(steps),
            assignments=taken,
            memberships=joined if work.joined is not None else (),
            activity=tuple(step.at for step in steps[1:]),
            waits_for=() if work.after is None else (f"t{work.after.number}",),
        )


def at(days: float) -> datetime:
    """The moment so many days after the beginning."""
    return BEGIN + timedelta(days=days)


def day_of(days: float) -> date:
    """The calendar day of such a moment."""
    return at(days).date()


def project(world: World, seed: int) -> Project:
    """A project with its dates, which were set by somebody who knows the team but not what will come."""
    dice = random.Random(f"{world.name} {seed}")
    made = _worked(world, dice.randrange(2**32))
    like = [_worked(world, dice.randrange(2**32)) for _ in range(2)]
    for goal in range(world.goals):
        usual = sum(one.reached(goal) - PLANNED for one in like) / len(like)
        made.dues.append(PLANNED + max(3.0, usual * dice.lognormvariate(0.05, 0.30)))
    return made


def _worked(world: World, seed: int) -> Project:
    dice = random.Random(seed)
    works = list(_tasks(world, dice))
    _Team(world, works, dice).work()
    return Project(world, works)


def _tasks(world: World, dice: random.Random) -> Iterator[Work]:
    numbers = count()

    def one(made: float, goal: int | None = None, joined: float | None = None) -> Work:
        effort = _effort(world, dice)
        stall = dice.uniform(*world.still) if dice.random() < world.stalls else 0.0
        return Work(next(numbers), made, effort, dice.randrange(world.people), goal, joined, None, stall)

    slots = world.people * world.in_hand
    usual = world.median * 1.2 / world.part_time * (1.6 if world.weekends else 1.0) + world.pause
    span = min(PLANNED, world.past * usual / slots + 7)
    for _ in range(world.past):
        yield one(PLANNED - span * dice.uniform(0.15, 1.0))
    for goal in range(world.goals):
        planned = [one(PLANNED) for _ in range(world.tasks)]
        for work in planned:
            work.goal = goal
        if world.chains:
            for number in range(world.chains, len(planned)):
                planned[number].after = planned[number - world.chains]
        yield from planned
    half = world.tasks * world.median * 1.2 / slots / 2 + 14
    for goal in range(world.goals):
        for _ in range(round(world.arrives * half / 7)):
            yield one(PLANNED + dice.uniform(3, 3 + half), goal)
        for _ in range(round(world.pulled * half / 7)):
            yield one(dice.uniform(PLANNED - 40, PLANNED), goal, PLANNED + dice.uniform(3, 3 + half))
    if world.aside:
        for _ in range(2 * world.tasks * world.goals):
            yield one(PLANNED + dice.uniform(-20, 70))


def _effort(world: World, dice: random.Random) -> float:
    """Days of work of one task."""
    effort = dice.lognormvariate(0, world.spread) * world.median
    return effort * 6 if world.large and dice.random() < world.large else effort


class _Team:
    """Hands that take task after task; who owns it does it, or the first that is free where nobody does."""

    def __init__(self, world: World, works: list[Work], dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.works = works
        self.free = [(0.0, person) for person in range(world.people) for _ in range(world.in_hand)]
        self.off: dict[tuple[int, int], bool] = {}
        self.order = {id(work): (work.goal if work.goal is not None else -1, dice.random()) for work in works}

    def work(self) -> None:
        """Does all tasks."""
        heapq.heapify(self.free)
        left = list(self.works)
        while left:
            now, person = heapq.heappop(self.free)
            mine = [work for work in left if self.world.pooled or work.owner == person]
            if not mine:
                continue
            ready = [work for work in mine if self._ready_at(work) <= now]
            if not ready:
                later = min(self._ready_at(work) for work in mine)
                # What it waits for may not be begun yet: look again when somebody else is done.
                again = later if later < NEVER else min((at for at, _ in self.free), default=now) + 0.01
                heapq.heappush(self.free, (max(again, now + 0.01), person))
                continue
            work = self._chosen(ready)
            left.remove(work)
            self._do(work, now, person)

    def _ready_at(self, work: Work) -> float:
        made = work.joined if work.joined is not None else work.made
        return made if work.after is None else max(made, work.after.done)

    def _chosen(self, ready: list[Work]) -> Work:
        """Old work first, then the goals; where other work comes up as it goes, by its share."""
        aside = [work for work in ready if work.goal is None and self.world.aside and work.made >= PLANNED - 20]
        planned = [work for work in ready if work not in aside]
        pool = aside if aside and (not planned or self.dice.random() < self.world.aside) else planned
        return min(pool, key=lambda work: self.order[id(work)])

    def _do(self, work: Work, now: float, person: int) -> None:
        work.by = person
        work.begun = self._working(now, 0.0, person)
        work.done = self._working(work.begun, work.effort, person) + work.stall
        pause = self.dice.expovariate(1 / self.world.pause) if self.world.pause else 0.0
        # What lies still keeps no hand busy.
        heapq.heappush(self.free, (work.done - work.stall + pause, person))

    def _working(self, start: float, effort: float, person: int) -> float:
        """When so many days of work are over, of which none is done on days off."""
        now, left = start, effort
        while True:
            if not self._works(now, person):
                now = float(int(now) + 1)
                continue
            room = int(now) + 1 - now
            if left <= room:
                return now + left
            now, left = float(int(now) + 1), left - room

    def _works(self, now: float, person: int) -> bool:
        day, week = int(now), int(now) // 7
        if self.world.weekends and (day % 7 >= 5 or week % 7 == 6):
            return False
        if self.world.absent and self._draw(person, week // 3, self.world.absent):
            return False
        if self.world.part_time >= 1:
            return True
        return self._draw(person, week, self.world.part_time)

    def _draw(self, person: int, period: int, share: float) -> bool:
        """Whether something holds of a person in a period, the same whenever it is asked."""
        return self.off.setdefault((person, period), self.dice.random() < share)
