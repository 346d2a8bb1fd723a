"""Validated reading of JSON values: a missing or ill-typed part is an error that names it, never a default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

T = TypeVar("T")
Json = Mapping[str, Any]


FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Between them every time can be moved by a day and shown in any zone."""


class Malformed(ValueError):
    """An answer lacks a part that every such answer has, or holds something else in its place."""


def as_object(value: object, where: str) -> Json:
    """`value`, which must be a JSON object. Raises Malformed naming `where`."""
    if not isinstance(value, dict):
        raise Malformed(f"{where} is not an object but {type(value).__name__}")
    return value


def as_objects(value: object, where: str) -> list[Json]:
    """`value`, which must be a list of JSON objects. Raises Malformed naming `where`."""
    if not isinstance(value, list):
        raise Malformed(f"{where} is not a list but {type(value).__name__}")
    return [as_object(element, f"{where}[{index}]") for index, element in enumerate(value)]


def need(value: Json, key: str, kind: type[T], where: str) -> T:
    """`value[key]`, which must be a `kind`. Raises Malformed naming `where.key`."""
    if key not in value:
        raise Malformed(f"{where}.{key} is missing")
    found = value[key]
    if not isinstance(found, kind):
        raise Malformed(f"{where}.{key} is no {kind.__name__} but {type(found).__name__}")
    return found


def want(value: Json, key: str, kind: type[T], where: str) -> T | None:
    """`value[key]` as a `kind`, None when it is absent or null. Raises Malformed when it is something else."""
    return None if value.get(key) is None else need(value, key, kind, where)


def need_id(value: Json, where: str) -> str:
    """The numeric id of an object, as text. Raises Malformed unless it consists of digits."""
    found = need(value, "id", object, where)
    text = str(found)
    if isinstance(found, bool) or not isinstance(found, str | int) or not (text.isascii() and text.isdigit()):
        raise Malformed(f"{where}.id is not a numeric id")
    return text


def need_time(value: Json, key: str, where: str) -> datetime:
    """The moment in `value[key]` (`2026-01-05T09:00:00.000+0800`), aware and in UTC. Raises Malformed."""
    text = need(value, key, str, where)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{where}.{key} is not a time") from None
    if moment.tzinfo is None:
        raise Malformed(f"{where}.{key} has no time zone")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Malformed(f"{where}.{key} is in the year {moment.year}")
    return moment.astimezone(UTC)


def want_time(value: Json, key: str, where: str) -> datetime | None:
    """As `need_time`, None when the key is absent or null."""
    return None if value.get(key) is None else need_time(value, key, where)


def want_date(value: Json, key: str, where: str) -> date | None:
    """The day in `value[key]` (`2026-01-05`), None when absent, null or empty. Raises Malformed."""
    text = want(value, key, str, where)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Malformed(f"{where}.{key} is not a date") from None


def milliseconds(moment: datetime) -> int:
    """Milliseconds of an aware moment since 1970, as JQL takes them."""
    return round(moment.timestamp() * 1000)
