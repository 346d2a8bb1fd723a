"""What issue fields and fields of boards have in common: what they may stand for; texts, numbers and days. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from connectors.github.mapping import FIRST_YEAR, LAST_YEAR, MalformedError
from syncer.contract.custom import CustomType, is_number
from syncer.contract.model import COLUMN, Field, Value

_STANDARD: Final[Mapping[Field, tuple[CustomType, str]]] = {
    Field.START: (CustomType.DATE, "a day"),
    Field.DUE: (CustomType.DATE, "a day"),
    Field.PRIORITY: (CustomType.CHOICE, "one of several options"),
    COLUMN: (CustomType.CHOICE, "one of several options"),
}
"""What fields that every pair knows hold, so that one of GitHub's can stand for them."""


def misfit(name: Field, type_: CustomType) -> str:
    """What a field that every pair knows is, where one of this type cannot stand for it; empty where it can."""
    wanted, holds = _STANDARD.get(name, (type_, ""))
    return "" if type_ is wanted else f"{name} is {holds}"


def understood(type_: CustomType, value: object) -> Value:
    """The text, number or day that an answer tells. Raises MalformedError for anything else."""
    match type_, value:
        case CustomType.TEXT, str():
            return " ".join(value.splitlines())
        case CustomType.NUMBER, _ if is_number(value):
            return float(value)
        case CustomType.DATE, str():
            return day_of(value)
    raise MalformedError(f"the value is not of the type {type_}")


def day_of(text: str) -> date:
    """The day that a text begins with. Raises MalformedError."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise MalformedError("the value is not a day") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise MalformedError(f"the value is a day of the year {day.year}")
    return day


def written(type_: CustomType, value: Value) -> str | float | None:
    """A text, number or day as a request sends it; None for anything else."""
    match type_, value:
        case CustomType.TEXT, str():
            return value
        case CustomType.NUMBER, _ if is_number(value):
            return int(value) if float(value).is_integer() else value
        case CustomType.DATE, date():
            return value.isoformat()
    return None
