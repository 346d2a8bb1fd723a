"""Hours of working time between two moments: Monday to Friday, 9 to 17 by the clock of a time zone. Pure.

By the clock on the wall: the night in which clocks change makes no working day longer or shorter. Holidays and leaves
are not known and count as working days.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

OPENS, CLOSES = 9, 17
DAY = CLOSES - OPENS
WEEK = 5 * DAY

_MONDAY = date(1990, 1, 1).toordinal()


def working_hours(start: datetime, end: datetime, zone: tzinfo) -> float:
    """Working hours from `start` to `end`; 0 where nothing of it is working time."""
    return max(0.0, _since_monday(end.astimezone(zone)) - _since_monday(start.astimezone(zone)))


def _since_monday(moment: datetime) -> float:
    """Working hours since a Monday long ago."""
    weeks, day = divmod(moment.toordinal() - _MONDAY, 7)
    hour = moment.hour + moment.minute / 60 + (moment.second + moment.microsecond / 1e6) / 3_600
    today = min(max(hour - OPENS, 0.0), DAY) if day < 5 else 0.0
    return weeks * WEEK + min(day, 5) * DAY + today
