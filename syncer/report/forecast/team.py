"""Who does the open work, how much each has in hand when they begin another task, and how long they pause. Pure.

Read off the histories of the last weeks. A pause is the time between the end of one task and the beginning of the next
while that one was there to be begun: evenings, weekends, meetings, other projects. Where tasks of goals could be begun,
what was done in a slot for no goal is a pause too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from math import inf

from syncer.report.forecast.capacity import NOBODY, owner_of
from syncer.report.forecast.working_days import WorkingDays
from syncer.report.model.collaboration import Task
from syncer.report.model.snapshot import Snapshot, days
from syncer.report.model.timeline import Standing
from syncer.report.statistics import quantile

LOOKED_BACK = timedelta(days=90)
ACTIVE = timedelta(days=56)
"""Who began or finished nothing for so long is not in the team."""

MOST_STARTS = 400
"""Of one person; the last ones."""

ENOUGH = 8
"""So many pauses between tasks of goals speak for themselves; fewer are joined by the last ones between any tasks."""

LEAST_PAUSES = 5

MOST_TASKS = 0.85
USUALLY = 0.75
LEFT_AFTER = 0.90
LEAST_LEFT = 3
"""Tasks that were left lying for another, under which nothing is made of it."""


@dataclass(frozen=True, slots=True)
class HoldingPeriod:
    """The time for which a task took a slot of somebody, in days from now; negative is past."""

    task: Task
    start: float
    end: float
    """0 while it is in progress."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """The days between two tasks of one slot."""

    ended: Sequence[float] = ()
    going: Sequence[float] = ()
    """How old those are that have not ended: without them only the short ones would be known."""


@dataclass(frozen=True, slots=True)
class Team:
    """The slots of a team."""

    slots: tuple[str, ...]
    """By slot: whose it is."""
    pauses: Pauses
    patience: float
    """For so many days at most a task keeps a slot: then it is left for another."""
    rows: Mapping[str, tuple[int, ...]]
    """The slots of each owner, pool, and pair: the tasks of a pair that nobody owns are for all who work on it."""


def team_of(tasks: Sequence[Task], relevant: Mapping[str, float], working: WorkingDays) -> Team:
    """Those who own one of the tasks or lately worked; `relevant` has the tasks of goals, by since when in days."""
    snapshot = working.snapshot
    spans = _spans(working)
    people: dict[str, set[str]] = defaultdict(set)
    for task in tasks:
        if task.owners:
            people[owner_of(task, snapshot)].add(task.owners[0])
    for person, pool in snapshot.pools.items():
        if pool in people:
            people[pool].add(person)
    active = -days(ACTIVE)
    for pair in {task.pair for task in tasks if not task.owners}:
        for who, some in spans.items():
            if who not in snapshot.clients and any(one.task.pair == pair and one.end > active for one in some):
                people[pair_key(pair)].add(who)
        people[pair_key(pair)] |= {NOBODY} if not people[pair_key(pair)] else set()
    working_now = set().union(*people.values())
    for who, some in spans.items():
        # Who has done all of theirs for a goal may get the next that is added.
        if who and any(one.task.id in relevant and one.end > active for one in some):
            people[snapshot.pools.get(who, who)].add(who)
    usual = _usual(working)
    many = {who: _in_hand(who, spans.get(who, ()), usual, snapshot) for who in sorted(set().union(*people.values()))}
    slots = tuple(who for who, number in many.items() for _ in range(number))
    rows = {name: tuple(row for row, who in enumerate(slots) if who in some) for name, some in people.items()}
    pauses, patience = _habits(
        [(spans[who], number) for who, number in many.items() if who in spans and who in working_now], relevant, working
    )
    return Team(slots, pauses, patience, rows)


def _usual(working: WorkingDays) -> float:
    """Days that most tasks take."""
    lengths = sorted(length for length, _ in working.cycles(LOOKED_BACK))
    return quantile(lengths, MOST_TASKS) if lengths else inf


def _habits(
    people: Sequence[tuple[Sequence[HoldingPeriod], int]], relevant: Mapping[str, float], working: WorkingDays
) -> tuple[Pauses, float]:
    """The pauses between two tasks of one slot, of goals alone where there are enough; how long a task keeps a slot."""
    ready = {name: _ready(task, relevant, working) for name, task in _named(people)}
    ours, others = _Seen(), _Seen()
    for spans, many in people:
        _look([one for one in spans if one.task.id in relevant], many, ready, ours)
        _look([one for one in spans if one.task.id not in relevant], many, ready, others)
    pauses = [pause for _, pause in ours.pauses]
    if len(pauses) < ENOUGH:
        pauses += [pause for _, pause in sorted(others.pauses)[len(pauses) - ENOUGH :]]
    holds = sorted(ours.holds + others.holds)
    patience = quantile(holds, LEFT_AFTER) if ours.left + others.left >= LEAST_LEFT else inf
    going = _idle(people, relevant, working) if len(ours.pauses) >= LEAST_PAUSES else ()
    return Pauses(pauses, going) if len(pauses) >= LEAST_PAUSES else Pauses(), patience


def _idle(
    people: Sequence[tuple[Sequence[HoldingPeriod], int]], relevant: Mapping[str, float], working: WorkingDays
) -> list[float]:
    """For how long slots have been free in which a task of a goal could have been begun."""
    waiting = _waiting_since(relevant, working)
    found = []
    for spans, many in people:
        mine = [one for one in spans if one.task.id in relevant]
        who = next((one.task.owners[0] for one in mine if one.task.owners), NOBODY)
        since = min(waiting.get(who, 0.0), waiting.get(NOBODY, 0.0))
        free = many - sum(not one.end for one in mine)
        last = sorted(one.end for one in mine if one.end)[-free:] if free > 0 else []
        found += [-max(end, since) for end in last if since < 0]
    return found


def _waiting_since(relevant: Mapping[str, float], working: WorkingDays) -> dict[str, float]:
    """By owner: since when a task of a goal could have been begun that is not, in days from now."""
    snapshot = working.snapshot
    ids = {task.id for task in snapshot.open_tasks}
    found: dict[str, float] = {}
    for task in snapshot.open_tasks:
        if task.id in relevant and snapshot.standings[task.id] is Standing.TODO and ids.isdisjoint(task.waits_for):
            who = task.owners[0] if task.owners else NOBODY
            found[who] = min(_ready(task, relevant, working), found.get(who, 0.0))
    return found


def slots_of(task: Task, team: Team, snapshot: Snapshot) -> tuple[int, ...]:
    """The slots that can take a task, by their rows; empty where its owner is no longer in the team."""
    return team.rows.get(owner_of(task, snapshot) if task.owners else pair_key(task.pair), ())


def pair_key(pair: str) -> str:
    """Under what the slots of everybody on a pair are kept."""
    return f"{NOBODY} {pair}"


def _spans(working: WorkingDays) -> dict[str, list[HoldingPeriod]]:
    """Which tasks took whose slots in the last weeks, by when they were begun."""
    snapshot = working.snapshot
    found: dict[str, list[HoldingPeriod]] = defaultdict(list)
    for _, task in snapshot.cycle_days(LOOKED_BACK):
        _put(found, task, snapshot.finishes[task.id], working)
    for task in snapshot.open_tasks:
        if snapshot.standings[task.id] is Standing.DOING:
            _put(found, task, None, working)
    return {who: sorted(spans, key=lambda one: (one.start, one.end))[-MOST_STARTS:] for who, spans in found.items()}


def _put(found: dict[str, list[HoldingPeriod]], task: Task, finish: datetime | None, working: WorkingDays) -> None:
    started = working.snapshot.started_at(task)
    if started is not None:
        end = 0.0 if finish is None else -working.ago(finish)
        who = task.owners[0] if task.owners else NOBODY
        found[who].append(HoldingPeriod(task, -working.ago(started), end))


def _in_hand(who: str, spans: Sequence[HoldingPeriod], usual: float, snapshot: Snapshot) -> int:
    """How many tasks somebody may have in progress: as written down, else the usual number when one was begun.

    What has been in progress for longer than most tasks take lies still: it keeps nobody from the next.
    """
    profile = snapshot.profiles.get(who)
    if profile is not None and profile.wip_limit is not None:
        return max(1, int(profile.wip_limit))
    seen = []
    for place, one in enumerate(spans):
        fresh = takewhile(lambda other, since=one.start - usual: other.start > since, reversed(spans[:place]))  # type: ignore[misc]
        seen.append(1 + sum(other.end > one.start or other.end == 0 for other in fresh))
    return round(quantile(sorted(seen), USUALLY)) if seen else 1


@dataclass(slots=True)
class _Seen:
    """What the histories tell of slots."""

    pauses: list[tuple[float, float]] = field(default_factory=list)
    """When each ended, and its days."""
    holds: list[float] = field(default_factory=list)
    """For how many days each task kept its slot."""
    left: int = 0
    """Tasks that were left lying for another."""


def _look(spans: Sequence[HoldingPeriod], many: int, ready: Mapping[str, float], seen: _Seen) -> None:
    """Goes through the tasks that somebody had: which slot each took, and for how long."""
    busy: list[HoldingPeriod] = []
    freed: list[float] = []
    for one in spans:
        over = [other for other in busy if other.end and other.end <= one.start]
        busy = [other for other in busy if not other.end or other.end > one.start]
        freed += sorted(other.end for other in over)
        seen.holds += [other.end - other.start for other in over]
        if len(busy) >= many:
            seen.holds.append(one.start - busy.pop(0).start)
            seen.left += 1
            freed = []
        else:
            # Of more slots than somebody usually has, those that were free last are theirs.
            freed = freed[len(busy) - many :]
            if freed:
                seen.pauses.append((one.start, max(0.0, one.start - max(freed.pop(0), ready[one.task.id]))))
        busy.append(one)


def _named(people: Sequence[tuple[Sequence[HoldingPeriod], int]]) -> Iterator[tuple[str, Task]]:
    for spans, _ in people:
        for one in spans:
            yield one.task.id, one.task


def _ready(task: Task, relevant: Mapping[str, float], working: WorkingDays) -> float:
    """Since when a task could be begun, in days from now."""
    finishes = working.snapshot.finishes
    before = (finishes[name] for name in task.waits_for if name in finishes)
    known = max([task.created, *before])
    return max(-working.ago(known), relevant.get(task.id, float("-inf")))
