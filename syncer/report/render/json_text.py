"""JSON text of a report, indented by two, straight from what it is made of.

Why not `json.dumps` with an indent: of a large report that is the slowest part of writing it, since Python indents with
a program of its own and looks at everything twice. The text is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from math import isfinite
from typing import Any

from syncer.report.model.metric import MetricDefinition
from syncer.report.model.window import Window

_Writer = Callable[[Any, str], str]
"""Makes the text of a value of one class; the second is what its lines begin with."""


def jsonable(value: Any) -> Any:
    """What JSON can hold: dataclasses as objects, sets as lists, enums as their values, moments as text."""
    if isinstance(value, MetricDefinition):
        return value.id
    if isinstance(value, Window):
        return value.label
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [jsonable(element) for element in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    """What JSON has a word for."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return round(value, 6) if isinstance(value, float) else value


def indented(value: Any, line: str = "\n") -> str:
    """The text of `jsonable(value)`; `line` ends a line of it and begins the next one."""
    return _WRITERS[type(value)](value, line)


_plain = json.JSONEncoder(ensure_ascii=False).encode


def _of_other(value: Any, line: str) -> str:
    return json.dumps(jsonable(value), ensure_ascii=False, indent=2).replace("\n", line)


def _array(value: tuple[Any, ...], line: str) -> str:
    if not value:
        return "[]"
    inner = f"{line}  "
    return f"[{inner}{f',{inner}'.join([_WRITERS[type(one)](one, inner) for one in value])}{line}]"


def _object(kind: type) -> _Writer:
    named = [(field.name, f"{_plain(field.name)}: ") for field in fields(kind)]

    def write(value: Any, line: str) -> str:
        inner = f"{line}  "
        held = [head + _WRITERS[type(one := getattr(value, name))](one, inner) for name, head in named]
        return f"{{{inner}{f',{inner}'.join(held)}{line}}}"

    return write


class _Writers(dict[type, _Writer]):
    """By class; that of one which was not met before is made."""

    def __missing__(self, kind: type) -> _Writer:
        told = is_dataclass(kind) and not issubclass(kind, MetricDefinition | Window) and bool(fields(kind))
        self[kind] = writer = _object(kind) if told else _of_other
        return writer


_WRITERS = _Writers(
    {
        str: lambda value, _: _plain(value),
        float: lambda value, _: repr(round(value, 6)) if isfinite(value) else _plain(value),
        int: lambda value, _: repr(value),
        type(None): lambda _, __: "null",
        datetime: lambda value, _: f'"{value.isoformat()}"',
        date: lambda value, _: f'"{value.isoformat()}"',
        tuple: _array,
    }
)
"""Those of nearly all values."""
