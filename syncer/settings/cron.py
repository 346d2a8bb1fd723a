"""Cron expressions as people know them, checked and put into an unambiguous form.

Why not leave it to the scheduler: APScheduler counts weekdays from Monday = 0 where cron counts from Sunday = 0, and
`0 8 * * 1` would silently become Tuesday. Here weekdays become names before anybody else sees them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}
_PART = re.compile(r"(?P<first>\*|[a-z0-9]+)(?:-(?P<last>[a-z0-9]+))?(?:/(?P<step>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class Cron:
    """A valid expression of five fields. Weekdays are names (`mon,wed`), months are numbers."""

    minute: str
    hour: str
    day: str
    month: str
    weekday: str

    @classmethod
    def parse(cls, text: str) -> Cron:
        """The expression in `text`; `@hourly`, `@daily`, `@weekly` and `@monthly` are known. Raises ValueError."""
        fields = _MACROS.get(text.strip().lower(), text).lower().split()
        if len(fields) != 5:
            raise ValueError(
                f"{text!r} is not a cron expression: five fields are needed, minute hour day month weekday"
            )
        minute, hour, day, month, weekday = fields
        return cls(
            minute=_numbers("minute", minute, 0, 59),
            hour=_numbers("hour", hour, 0, 23),
            day=_numbers("day", day, 1, 31),
            month=_numbers("month", month, 1, 12, _MONTHS),
            weekday=_weekdays(weekday),
        )


def _numbers(field: str, text: str, low: int, high: int, names: tuple[str, ...] = ()) -> str:
    parts = []
    for part in text.split(","):
        first, last, step = _split(field, part)
        if first != "*":
            first = str(_number(field, first, low, high, names))
        if last is not None:
            last = str(_number(field, last, low, high, names))
            if int(last) < int(first):
                raise ValueError(f"cron field {field}: {part!r} runs backwards")
        elif step is not None and first != "*":
            last = str(high)  # `5/15` means from 5 to the end
        parts.append(first + (f"-{last}" if last is not None else "") + (f"/{step}" if step is not None else ""))
    return ",".join(parts)


def _weekdays(text: str) -> str:
    """Weekdays by name, each once; `*` when all are meant."""
    if text == "*":
        return "*"
    chosen: set[int] = set()
    for part in text.split(","):
        first, last, step = _split("weekday", part)
        start = 0 if first == "*" else _number("weekday", first, 0, 7, _WEEKDAYS)
        if last is not None:
            end = _number("weekday", last, 0, 7, _WEEKDAYS)
        else:
            end = 6 if first == "*" or step is not None else start
        if end < start:
            raise ValueError(f"cron field weekday: {part!r} runs backwards")
        chosen.update(day % 7 for day in range(start, end + 1, int(step or 1)))
    return "*" if len(chosen) == 7 else ",".join(_WEEKDAYS[day] for day in sorted(chosen))


def _split(field: str, part: str) -> tuple[str, str | None, str | None]:
    found = _PART.fullmatch(part)
    if found is None or (found["first"] == "*" and found["last"]) or found["step"] == "0":
        raise ValueError(f"cron field {field}: {part!r} is not understood")
    return found["first"], found["last"], found["step"]


def _number(field: str, text: str, low: int, high: int, names: tuple[str, ...]) -> int:
    if text in names:
        return names.index(text) + (1 if low == 1 else 0)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ValueError(f"cron field {field}: {text!r} is not within {low}-{high}")
    return int(text)
