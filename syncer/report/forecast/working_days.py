"""How time passes for the work of a team: not at all on days that nobody works. Pure.

Durations that were seen across weekends say little of a task that is begun on a Thursday, and all people have the same
weekends: drawn task by task they would even out. So all times of a forecast are counted in days of work. A day counts
for as much as is usually done on it, a week without holidays for seven days, so that nothing changes for a team that
works on all of them.

Which days of the week are off is read off what was begun and finished: few teams write it down, and the usual setting
says nothing of a team that works otherwise. Days that the settings call off need little to be believed, others much.
Holidays that are written down are off.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from math import log
from statistics import fmean

from syncer.report.model.collaboration import Task
from syncer.report.model.snapshot import LONGEST, Snapshot, days
from syncer.report.model.timeline import Standing

WEEK = 7
ALL = frozenset(range(WEEK))
MOST_OFF = 3
"""Days that follow each other in a week and can be seen to be off."""

HALF = 0.5
"""Days on which more is done than this share of what is done on others are days of work."""

HARDLY = 0.1
"""So little is nothing."""

SET_OFF, SEEN_OFF = 1.35, 4.6
"""By how much (the logarithm of their likelihoods) days off must explain better what was seen: chance alone says so
of days that the settings call off in 5 of 100 teams, and of any others in 5 of 100."""

LEAST_KNOWN = 21
"""Days that must be seen before any day of the week is thought to be off."""

AROUND = 800
"""Days before and after the moment that are looked at one by one; beyond them a week is a week."""


@dataclass(frozen=True)
class WorkingDays:
    """Days of work around a moment."""

    snapshot: Snapshot
    weights: tuple[float, ...] = (1.0,) * WEEK
    """From Monday on, what a day counts for; seven in all."""

    def ago(self, moment: datetime) -> float:
        """The days of work since a moment; negative where it is to come."""
        return days(self.snapshot.as_of - moment) if self._plain else self._now - self._mark(moment)

    def between(self, start: datetime, end: datetime) -> float:
        """The days of work from one moment to another."""
        return days(end - start) if self._plain else self._mark(end) - self._mark(start)

    def until(self, day: date) -> float:
        """The days of work until a day begins; negative when it has begun."""
        return -self.ago(datetime(day.year, day.month, day.day, tzinfo=self.snapshot.window.zone))

    def day(self, ahead: float) -> date:
        """The day on which so many days of work are over."""
        if self._plain:
            return (self.snapshot.as_of + timedelta(days=ahead)).astimezone(self.snapshot.window.zone).date()
        wanted = self._now + ahead
        beyond = wanted - self._marks[-1]
        ordinal = self._first + (bisect_left(self._marks, wanted) - 1 if beyond <= 0 else 2 * AROUND + int(beyond))
        return date.fromordinal(min(ordinal, date.max.toordinal()))

    def cycles(self, span: timedelta) -> list[tuple[float, Task]]:
        """As `Snapshot.cycle_days`, in days of work."""
        found, snapshot = self.snapshot.cycle_days(span), self.snapshot
        if self._plain:
            return found
        starts = ((snapshot.started_at(task), task) for _, task in found)
        return [(self.between(start, snapshot.finishes[task.id]), task) for start, task in starts if start is not None]

    @cached_property
    def _plain(self) -> bool:
        return set(self.weights) == {1.0} and not self.snapshot.counting.working.holidays

    @cached_property
    def _first(self) -> int:
        return self.snapshot.today.toordinal() - AROUND

    @cached_property
    def _counts(self) -> list[float]:
        """What each day counts for."""
        holidays = {day.toordinal() for day in self.snapshot.counting.working.holidays}
        return [
            0.0 if number in holidays else self.weights[weekday(number)]
            for number in range(self._first, self._first + 2 * AROUND)
        ]

    @cached_property
    def _marks(self) -> list[float]:
        """By day: the days of work before it begins."""
        total, found = 0.0, [0.0]
        for count in self._counts:
            total += count
            found.append(total)
        return found

    @cached_property
    def _now(self) -> float:
        return self._mark(self.snapshot.as_of)

    def _mark(self, moment: datetime) -> float:
        at = moment.astimezone(self.snapshot.window.zone)
        place = at.toordinal() - self._first
        part = (at.hour + (at.minute + at.second / 60) / 60) / 24
        if place < 0:
            return place + part
        if place >= 2 * AROUND:
            return self._marks[-1] + place - 2 * AROUND + part
        return self._marks[place] + self._counts[place] * part


def working_days(snapshot: Snapshot) -> WorkingDays:
    """The days of work of those whose tasks these are."""
    busy = _busy(snapshot)
    first, today = min(busy, default=snapshot.today.toordinal()), snapshot.today.toordinal()
    if today - first < LEAST_KNOWN:
        return WorkingDays(snapshot)
    off = {day.toordinal() for day in snapshot.counting.working.holidays}
    counts: list[list[int]] = [[] for _ in range(WEEK)]
    for day in range(first, today + 1):
        if day not in off:
            counts[weekday(day)].append(len(busy.get(day, ())))
    set_off = frozenset(range(WEEK)) - {day - 1 for day in snapshot.counting.working.days}
    gained, free = max(
        ((_gain(days, counts) - (SET_OFF if days == set_off else SEEN_OFF), days) for days in _choices(set_off)),
        key=lambda one: one[0],
    )
    if gained <= 0:
        return WorkingDays(snapshot)
    share = _pace(free, counts) / _pace(ALL - free, counts)
    share = 0.0 if share < HARDLY else share
    whole = WEEK / (WEEK - len(free) + share * len(free))
    return WorkingDays(snapshot, tuple(whole * share if day in free else whole for day in range(WEEK)))


def weekday(ordinal: int) -> int:
    """0 for a Monday: the first day of the year 1 was one."""
    return (ordinal - 1) % WEEK


def _choices(set_off: frozenset[int]) -> Iterator[frozenset[int]]:
    """Which days of the week may be off: those that are set, and up to three that follow each other."""
    if 0 < len(set_off) < WEEK:
        yield set_off
    for many in range(1, MOST_OFF + 1):
        for begin in range(WEEK):
            yield frozenset((begin + more) % WEEK for more in range(many))


def _pace(some: frozenset[int], counts: Sequence[Sequence[int]]) -> float:
    """What is done on one of these days of the week."""
    return fmean(count for day in some for count in counts[day])


def _gain(off: frozenset[int], counts: Sequence[Sequence[int]]) -> float:
    """By how much days off explain what was seen better than chance does; 0 where much is done on them.

    The logarithm of the ratio of likelihoods (Poisson), less where the days differ more than by chance: a day on which
    much was closed at once says little of its day of the week.
    """
    slow, fast = _pace(off, counts), _pace(ALL - off, counts)
    if slow >= HALF * fast:
        return 0.0
    mean = _pace(ALL, counts)
    gain, apart, known = 0.0, 0.0, 0
    for some, pace in ((off, slow), (ALL - off, fast)):
        values = [count for day in some for count in counts[day]]
        known += len(values)
        if pace:
            gain += sum(values) * log(pace / mean)
            apart += sum((value - pace) ** 2 for value in values) / pace
    return gain / max(1.0, apart / (known - 2))


def _busy(snapshot: Snapshot) -> dict[int, set[str]]:
    """By day, as a number: who began or finished something. Many tasks of one on one day say no more."""
    zone, since = snapshot.window.zone, snapshot.as_of - LONGEST
    found: dict[int, set[str]] = defaultdict(set)

    def put(task: Task, moment: datetime | None) -> None:
        if moment is not None and moment > since:
            found[moment.astimezone(zone).toordinal()].add(task.owners[0] if task.owners else "")

    for task in snapshot.finished:
        put(task, snapshot.finishes[task.id])
    for _, task in snapshot.cycles:
        put(task, snapshot.started_at(task))
    for task in snapshot.open_tasks:
        if snapshot.standings[task.id] is Standing.DOING:
            put(task, snapshot.started_at(task))
    return found
