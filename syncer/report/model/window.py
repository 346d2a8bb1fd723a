"""Weeks: the window an evaluation looks through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

EARLIEST = 1990
"""The first year that is evaluated: no tracker is as old."""


@dataclass(frozen=True, slots=True)
class Window:
    """One ISO week, Monday 00:00 to Monday 00:00 in a time zone. Counted by `isocalendar`: locales disagree."""

    year: int
    week: int
    zone: tzinfo

    @classmethod
    def parse(cls, text: str, zone: tzinfo) -> Window:
        """The week `2026-W47`. Raises ValueError with the expected form."""
        year, separator, week = text.strip().upper().partition("-W")
        if not (separator and year.isdecimal() and week.isdecimal() and len(year) == 4 and len(week) <= 2):
            raise ValueError(f"{text!r} is not a week: expected something like 2026-W47")
        try:
            date.fromisocalendar(int(year), int(week), 1)
        except ValueError:
            raise ValueError(f"{text!r} is not a week: {year} has no week {int(week)}") from None
        if int(year) < EARLIEST:
            raise ValueError(f"{text!r} is before anything a tracker knows")
        return cls(int(year), int(week), zone)

    @classmethod
    def containing(cls, moment: datetime, zone: tzinfo) -> Window:
        """The week a moment falls into."""
        year, week, _ = moment.astimezone(zone).isocalendar()
        return cls(year, week, zone)

    @property
    def first_day(self) -> date:
        """Monday."""
        return date.fromisocalendar(self.year, self.week, 1)

    @property
    def last_day(self) -> date:
        """Sunday."""
        return self.first_day + timedelta(days=6)

    @property
    def start(self) -> datetime:
        """Monday 00:00."""
        return _bounds(self)[0]

    @property
    def end(self) -> datetime:
        """The next Monday 00:00; 167 or 169 hours later where clocks change."""
        return _bounds(self)[1]

    @property
    def label(self) -> str:
        """`2026-W47`."""
        return f"{self.year:04d}-W{self.week:02d}"

    @property
    def zone_name(self) -> str:
        """The zone's name as configured, `Asia/Shanghai`."""
        return str(self.zone)

    def __contains__(self, moment: datetime) -> bool:
        start, end = _bounds(self)
        return start <= moment < end

    def earlier(self, weeks: int) -> Window:
        """The week so many weeks before."""
        year, week, _ = (self.first_day - timedelta(weeks=weeks)).isocalendar()
        return Window(year, week, self.zone)


@lru_cache(maxsize=64)
def _bounds(window: Window) -> tuple[datetime, datetime]:
    """Monday 00:00 and the next one: asked for once for every task."""
    days = (window.first_day, window.first_day + timedelta(days=7))
    start, end = (datetime(day.year, day.month, day.day, tzinfo=window.zone) for day in days)
    return start, end
