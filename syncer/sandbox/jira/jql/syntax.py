"""Holds the syntax tree of JQL, prints it back as a query, and reads the dates in one.

A bare date-time has minute granularity and stands in the time zone of the account that searches; an integer is epoch
milliseconds. A local time that a clock change skips or repeats is read as the zone's first choice (fold 0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, assert_never

from syncer.sandbox.jira.problems import invalid

Operator = Literal[
    "=",
    "!=",
    ">",
    ">=",
    "<",
    "<=",
    "~",
    "!~",
    "in",
    "not in",
    "is",
    "is not",
    "was",
    "was not",
    "was in",
    "was not in",
    "changed",
]

RESERVED = frozenset({"and", "or", "not", "in", "is", "was", "changed", "order", "by", "asc", "desc", "empty", "null"})
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Word:
    """One literal; `quoted` tells `"empty"` from `empty` and a name from a number."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """The literal EMPTY (or NULL)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function such as `startOfDay("-1d")`."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """A list of operands in parentheses."""

    items: tuple[Word | Empty | Call, ...]


Operand = Word | Empty | Call | Many


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of a field; `changed` has no operand."""

    field: str
    operator: Operator
    operand: Operand | None


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of several conditions."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of several conditions."""

    conditions: tuple[Condition, ...]


Condition = Clause | Not | And | Or


@dataclass(frozen=True, slots=True)
class Sort:
    """One element of ORDER BY; `descending` is None where the query does not say."""

    field: str
    descending: bool | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query: an optional condition and its order."""

    condition: Condition | None
    order: tuple[Sort, ...] = ()


def clauses(condition: Condition | None) -> Iterator[Clause]:
    """Yields every comparison of a condition, left to right."""
    match condition:
        case None:
            return
        case Clause():
            yield condition
        case Not(inner):
            yield from clauses(inner)
        case And(conditions) | Or(conditions):
            for each in conditions:
                yield from clauses(each)
        case _:
            assert_never(condition)


def show(query: Query) -> str:
    """Returns a query that parses back to the same tree."""
    parts = [] if query.condition is None else [_condition(query.condition)]
    if query.order:
        directions = {None: "", True: " DESC", False: " ASC"}
        parts.append("ORDER BY " + ", ".join(_name(sort.field) + directions[sort.descending] for sort in query.order))
    return " ".join(parts)


def _condition(condition: Condition) -> str:
    match condition:
        case Clause(field, "changed", _):
            return f"{_name(field)} CHANGED"
        case Clause(field, operator, operand):
            return f"{_name(field)} {operator.upper()} {'' if operand is None else _operand(operand)}"
        case Not(inner):
            return f"NOT {_enclosed(inner)}"
        case And(conditions):
            return " AND ".join(_enclosed(each) for each in conditions)
        case Or(conditions):
            return " OR ".join(_enclosed(each) for each in conditions)
        case _:
            assert_never(condition)


def _enclosed(condition: Condition) -> str:
    text = _condition(condition)
    return text if isinstance(condition, Clause) else f"({text})"


def _operand(operand: Operand) -> str:
    match operand:
        case Word(text, quoted):
            return quote(text) if quoted else text
        case Empty():
            return "EMPTY"
        case Call(name, arguments):
            return f"{name}({', '.join(quote(argument) for argument in arguments)})"
        case Many(items):
            return f"({', '.join(_operand(item) for item in items)})"
        case _:
            assert_never(operand)


def _name(text: str) -> str:
    if _BARE.fullmatch(text) and text.lower() not in RESERVED:
        return text
    return text if re.fullmatch(r"cf\[\d+\]", text) else quote(text)


def quote(text: str) -> str:
    """Returns a quoted literal: backslashes and quotes escaped, line ends written as escapes."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'


def is_bare(text: str) -> bool:
    """Tells whether a literal may stand without quotes."""
    return bool((_BARE.fullmatch(text) and text.lower() not in RESERVED) or _NUMBER.fullmatch(text))


_MOMENT = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?")
_PERIOD = re.compile(r"([+-]?\d+)\s*([yMwdhm])")
_MILLISECONDS = re.compile(r"-?\d+")
_EDGES = re.compile(r"(start|end)of(day|week|month|year)", re.IGNORECASE)
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def instant(field: str, operand: Word | Call, zone: tzinfo, now: datetime) -> datetime:
    """Returns the moment an operand of a date field stands for; raises a 400 in Jira's words."""
    if isinstance(operand, Call):
        return _function(field, operand, zone, now)
    text = operand.text.strip()
    if _MILLISECONDS.fullmatch(text) and (not operand.quoted or len(text) > 4):
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
    match = _MOMENT.fullmatch(text)
    if match:
        try:
            local = datetime(*(int(part or 0) for part in match.groups()), tzinfo=zone)  # type: ignore[arg-type,misc]
        except ValueError:
            raise _bad(field, operand.text) from None
        return local.astimezone(UTC)
    moved = _shift(now, text, zone)
    if moved is None:
        raise _bad(field, operand.text)
    return moved


def is_relative(operand: Word | Call) -> bool:
    """Tells whether an operand's moment moves with the clock."""
    return isinstance(operand, Call) or (bool(_PERIOD.match(operand.text)) and not _MOMENT.fullmatch(operand.text))


def _bad(field: str, text: str) -> Exception:
    return invalid(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _shift(start: datetime, text: str, zone: tzinfo) -> datetime | None:
    """Returns `start` moved by periods such as `-1w 2d`; a leading sign counts for all.

    None when `text` is no period.
    """
    if not text or _PERIOD.sub("", text).strip():
        return None
    sign = -1 if text.lstrip().startswith("-") else 1
    moved = start
    for amount, unit in _PERIOD.findall(text):
        number = sign * abs(int(amount)) if not amount.startswith("+") else int(amount)
        moved = (
            moved + number * _UNITS[unit]
            if unit in _UNITS
            else _months(moved, number * (12 if unit == "y" else 1), zone)
        )
    return moved


def _months(moment: datetime, months: int, zone: tzinfo) -> datetime:
    local = moment.astimezone(zone)
    index = local.year * 12 + local.month - 1 + months
    year, month = divmod(index, 12)
    for day in range(local.day, 27, -1):
        try:
            return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)
        except ValueError:
            continue
    return local.replace(year=year, month=month + 1, day=min(local.day, 28)).astimezone(UTC)


def _function(field: str, call: Call, zone: tzinfo, now: datetime) -> datetime:
    name = call.name.lower()
    if name == "now" and not call.arguments:
        return now
    match = _EDGES.fullmatch(name)
    if match is None:
        raise invalid(f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'.")
    edge = _start(now.astimezone(zone), match[2].lower())
    if match[1].lower() == "end":
        edge = _following(edge, match[2].lower()) - timedelta(milliseconds=1)
    if call.arguments:
        text = call.arguments[0]
        # A bare number counts in the function's own unit: startOfDay(-1) is yesterday's start.
        unit = {"day": "d", "week": "w", "month": "M", "year": "y"}[match[2].lower()]
        moved = _shift_local(edge, f"{text}{unit}" if _MILLISECONDS.fullmatch(text) else text, zone)
        if moved is None:
            raise _bad(field, text)
        edge = moved
    return edge.astimezone(UTC)


def _shift_local(edge: datetime, text: str, zone: tzinfo) -> datetime | None:
    """Moves a local edge on the wall clock, so that a day with a clock change still counts as one day."""
    naive = _shift(edge.replace(tzinfo=UTC), text, UTC)
    return None if naive is None else naive.replace(tzinfo=zone)


def _start(local: datetime, unit: str) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "day":
            return midnight
        case "week":
            # Weeks begin on Sunday, Jira's default.
            return midnight - timedelta(days=(midnight.weekday() + 1) % 7)
        case "month":
            return midnight.replace(day=1)
        case _:
            return midnight.replace(month=1, day=1)


def _following(edge: datetime, unit: str) -> datetime:
    match unit:
        case "day":
            return edge + timedelta(days=1)
        case "week":
            return edge + timedelta(days=7)
        case "month":
            return (edge + timedelta(days=32)).replace(day=1)
        case _:
            return edge.replace(year=edge.year + 1)
