"""What the tables of the configuration share: how keys are written, and values that many of them have."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from syncer.settings.cron import Cron

_DURATION = re.compile(r"(?P<amount>[1-9][0-9]*)\s*(?P<unit>[smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def kebab(name: str) -> str:
    """How a field is written in the file."""
    return name.rstrip("_").replace("_", "-")


def flat(key: str) -> str:
    """A key as a variable or a secret file writes it."""
    return "".join(letter if letter.isalnum() else "_" for letter in key).upper()


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a duration like "90s", "30m", "24h" or "7d"')
    return timedelta(**{_UNITS[found["unit"]]: int(found["amount"])})


def _cron(value: str) -> str:
    Cron.parse(value)
    return value


def time_zone(value: str) -> str:
    """The name of a time zone. Raises ValueError for any other text."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{value}" is not a time zone; write one like Europe/Berlin or Asia/Shanghai') from None
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Schedule = Annotated[str, AfterValidator(_cron)]


LONGEST_ATTRIBUTION = 200
"""In characters: it stands before each mirrored comment."""


def an_attribution(value: str) -> str:
    """The template of what stands before a mirrored comment; empty is none. Raises ValueError."""
    if not value.strip():
        return ""
    strange = sorted({*re.findall(r"\{[^{}]*\}", value)} - {"{name}", "{tracker}"})
    if strange or re.search(r"[{}]", re.sub(r"\{(name|tracker)\}", "", value)):
        named = ", ".join(strange) or "a lone brace"
        raise ValueError(f'{named} cannot be filled in: write {{name}} and {{tracker}}, as in "{{name}} wrote:"')
    if "{name}" not in value:
        raise ValueError('says nothing of the author: write {name}, as in "{name} wrote on {tracker}:"')
    if len(value) > LONGEST_ATTRIBUTION or not value.isprintable():
        raise ValueError(f"write one line of at most {LONGEST_ATTRIBUTION} characters")
    return value


def a_name(*, longest: int) -> AfterValidator:
    """A name that markers and file names can hold."""

    def check(value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
            raise ValueError(f'"{value}" has a blank or a sign that a name may not have; use letters, digits, . _ -')
        if len(value) > longest:
            raise ValueError(f"is longer than {longest} characters")
        return value

    return AfterValidator(check)


class ConfigTable(BaseModel):
    """A table of the file: unknown keys are mistakes, and no message repeats a value."""

    model_config = ConfigDict(
        alias_generator=kebab,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        defer_build=True,
    )
