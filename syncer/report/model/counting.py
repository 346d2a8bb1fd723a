"""How things are counted where teams differ: which types are goals and bugs, sub-tasks, targets, and working time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

_MONDAY = date(1990, 1, 1).toordinal()
MONDAY_TO_FRIDAY = frozenset(range(1, 6))


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When people are at work, by the clock on their wall: a night in which clocks change makes no day longer."""

    opens: float = 9.0
    """Hour of the day."""
    closes: float = 17.0
    days: frozenset[int] = MONDAY_TO_FRIDAY
    """1 is Monday, 7 is Sunday."""
    holidays: frozenset[date] = frozenset()

    def hours(self, start: datetime, end: datetime, zone: tzinfo) -> float:
        """Working hours from `start` to `end`; 0 where nothing of it is working time."""
        first, last = start.astimezone(zone), end.astimezone(zone)
        off = sum(
            max(0.0, self._within(last, day) - self._within(first, day))
            for day in self.holidays
            if first.date() <= day <= last.date() and day.isoweekday() in self.days
        )
        return max(0.0, self._since_monday(last) - self._since_monday(first) - off)

    def day_over(self, since: datetime, now: datetime, zone: tzinfo) -> bool:
        """Whether the same hour of the next working day has passed."""
        due = since.astimezone(zone) + timedelta(days=1)
        while not self.works(due.date()):
            due += timedelta(days=1)
        return now > due

    def works(self, day: date) -> bool:
        """Whether people work on a day."""
        return day.isoweekday() in self.days and day not in self.holidays

    def _within(self, at: datetime, day: date) -> float:
        """Hours of a working day that are over at a time."""
        if at.date() != day:
            return 0.0 if at.date() < day else self.closes - self.opens
        hour = at.hour + at.minute / 60 + (at.second + at.microsecond / 1e6) / 3_600
        return min(max(hour - self.opens, 0.0), self.closes - self.opens)

    def _since_monday(self, at: datetime) -> float:
        """Working hours since a Monday long ago, as if there were no holidays."""
        weeks, weekday = divmod(at.toordinal() - _MONDAY, 7)
        whole = weeks * len(self.days) + sum(day <= weekday for day in self.days)
        today = self._within(at, at.date()) if weekday + 1 in self.days else 0.0
        return whole * (self.closes - self.opens) + today


@dataclass(frozen=True, slots=True)
class CountingRules:
    """What the configuration says of counting; names in small letters."""

    goal_types: frozenset[str] = frozenset()
    """Types besides the usual ones whose items are goals."""
    bug_types: frozenset[str] = frozenset()
    """Types and labels besides the usual ones that call a task a bug."""
    subtasks: bool = False
    """Whether sub-tasks count as tasks of their own."""
    targets: Mapping[str, float] = field(default_factory=dict)
    """By the id of a figure: what it should be instead of its usual target."""
    working: WorkingTime = field(default_factory=WorkingTime)


USUAL = CountingRules()
