"""Amounts, durations and moments in words."""

from __future__ import annotations

from datetime import datetime, timedelta


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 task`, `2 tasks`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def span(duration: timedelta) -> str:
    """A duration in its two largest units: `2 h 5 min`."""
    seconds = max(0, round(duration.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def moment(when: datetime) -> str:
    """A moment to the minute with its zone: `2026-11-29 13:52 +01:00`, in UTC `2026-11-29 13:52 UTC`."""
    offset = when.utcoffset()
    zone = "UTC" if not offset else f"{when:%z}"[:3] + ":" + f"{when:%z}"[3:5]
    return f"{when:%Y-%m-%d %H:%M} {zone}"
