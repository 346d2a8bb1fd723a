"""Who does the open work, how much each has in hand when they begin another task, and how long they pause. Pure.

Read off the histories of the last weeks. A pause is the time between the end of one task and the beginning of the next
while that one was there to be begun: evenings, weekends, meetings, other projects. Where tasks of goals could be begun,
what a hand did for no goal is a pause too.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from syncer.report.hands import NOBODY, owner_of
from syncer.report.model import Task
from syncer.report.moment import Moment, days
from syncer.report.steps import Standing

LOOKED_BACK = timedelta(days=90)
ACTIVE = timedelta(days=56)
"""Who began or finished nothing for so long is not in the team."""

MOST_STARTS = 400
"""Of one person; the last ones."""

ENOUGH = 8
"""So many pauses between tasks of goals speak for themselves; fewer are joined by the last ones between any tasks."""

LEAST_PAUSES = 5


@dataclass(frozen=True, slots=True)
class Span:
    """The time in which a task was in somebody's hands, in days from now; negative is past."""

    task: Task
    start: float
    end: float
    """0 while it is in progress."""


@dataclass(frozen=True, slots=True)
class Team:
    """The hands of a team."""

    hands: tuple[str, ...]
    """A person for each hand."""
    pauses: tuple[float, ...]
    """Days."""
    rows: Mapping[str, tuple[int, ...]]
    """The hands of each owner, pool, and pair: the tasks of a pair that nobody owns are for all who work on it."""


def team_of(tasks: Sequence[Task], relevant: Mapping[str, float], moment: Moment) -> Team:
    """Those who own one of the tasks or lately worked; `relevant` has the tasks of goals, by since when in days."""
    spans = _spans(moment)
    people: dict[str, set[str]] = defaultdict(set)
    for task in tasks:
        if task.owners:
            people[owner_of(task, moment)].add(task.owners[0])
    for person, pool in moment.pools.items():
        if pool in people:
            people[pool].add(person)
    active = -days(ACTIVE)
    for pair in {task.pair for task in tasks if not task.owners}:
        for who, some in spans.items():
            if who not in moment.clients and any(one.task.pair == pair and one.end > active for one in some):
                people[pair_key(pair)].add(who)
        people[pair_key(pair)] |= {NOBODY} if not people[pair_key(pair)] else set()
    many = {who: _in_hand(who, spans.get(who, ()), moment) for who in sorted(set().union(*people.values()))}
    hands = tuple(who for who, number in many.items() for _ in range(number))
    rows = {name: tuple(row for row, who in enumerate(hands) if who in some) for name, some in people.items()}
    known = [(spans[who], number) for who, number in many.items() if who in spans]
    return Team(hands, tuple(_pauses(known, relevant, moment)), rows)


def hands_of(task: Task, team: Team, moment: Moment) -> tuple[int, ...]:
    """The hands that can do a task, by their rows."""
    return team.rows[owner_of(task, moment) if task.owners else pair_key(task.pair)]


def pair_key(pair: str) -> str:
    """Under what the hands of everybody on a pair are kept."""
    return f"{NOBODY} {pair}"


def _spans(moment: Moment) -> dict[str, list[Span]]:
    """What was in whose hands in the last weeks, by when it was begun."""
    found: dict[str, list[Span]] = defaultdict(list)
    for _, task in moment.cycle_days(LOOKED_BACK):
        _put(found, task, moment.finishes[task.id], moment)
    for task in moment.open_tasks:
        if moment.standings[task.id] is Standing.DOING:
            _put(found, task, None, moment)
    return {who: sorted(spans, key=lambda one: (one.start, one.end))[-MOST_STARTS:] for who, spans in found.items()}


def _put(found: dict[str, list[Span]], task: Task, finish: datetime | None, moment: Moment) -> None:
    started = moment.started_at(task)
    if started is not None:
        end = 0.0 if finish is None else -days(moment.as_of - finish)
        who = task.owners[0] if task.owners else NOBODY
        found[who].append(Span(task, -days(moment.as_of - started), end))


def _in_hand(who: str, spans: Sequence[Span], moment: Moment) -> int:
    """How many tasks somebody may have in progress: as written down, else the usual number when one was begun."""
    profile = moment.profiles.get(who)
    if profile is not None and profile.wip_limit is not None:
        return max(1, int(profile.wip_limit))
    ends: list[float] = []
    seen = []
    for one in spans:
        while ends and ends[0] <= one.start:
            ends.pop(0)
        insort(ends, one.end or float("inf"))
        seen.append(len(ends))
    return max(1, round(median(seen))) if seen else 1


def _pauses(people: Sequence[tuple[Sequence[Span], int]], relevant: Mapping[str, float], moment: Moment) -> list[float]:
    """Days between two tasks of one hand; of goals alone where there are enough of these."""
    begun = {one.task.id for spans, _ in people for one in spans}
    ready = {name: _ready(task, relevant, moment) for name, task in _named(people) if name in begun}
    ours = [
        pause
        for spans, many in people
        for _, pause in _between([o for o in spans if o.task.id in relevant], many, ready)
    ]
    if len(ours) < ENOUGH:
        before = [
            one
            for spans, many in people
            for one in _between([o for o in spans if o.task.id not in relevant], many, ready)
        ]
        ours += [pause for _, pause in sorted(before)[len(ours) - ENOUGH :]]
    return ours if len(ours) >= LEAST_PAUSES else []


def _between(spans: Sequence[Span], many: int, ready: Mapping[str, float]) -> Iterator[tuple[float, float]]:
    """When each pause of somebody ended, and how long it was."""
    busy: list[float] = []
    freed: list[float] = []
    for one in spans:
        while busy and busy[0] <= one.start:
            freed.append(busy.pop(0))
        room = many - len(busy)
        # Of more hands than somebody usually has, those that were free last are theirs.
        freed = freed[-room:] if room > 0 else []
        if freed:
            yield one.start, max(0.0, one.start - max(freed.pop(0), ready[one.task.id]))
        insort(busy, one.end or float("inf"))


def _named(people: Sequence[tuple[Sequence[Span], int]]) -> Iterator[tuple[str, Task]]:
    for spans, _ in people:
        for one in spans:
            yield one.task.id, one.task


def _ready(task: Task, relevant: Mapping[str, float], moment: Moment) -> float:
    """Since when a task could be begun, in days from now."""
    before = (moment.finishes[name] for name in task.waits_for if name in moment.finishes)
    known = max([task.created, *before])
    return max(-days(moment.as_of - known), relevant.get(task.id, float("-inf")))
