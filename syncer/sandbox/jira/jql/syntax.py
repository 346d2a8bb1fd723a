"""Holds the syntax tree of JQL and prints it back as a query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

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
