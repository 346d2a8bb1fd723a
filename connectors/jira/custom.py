"""Fields of people's own making: for each type of Jira's how it is read, told of in a changelog, and written. Pure.

`KINDS` has one row for each sort of value, `kind_of` says which of them a field is by what the site tells of it. A type
that no source describes is read where its value has a known shape, and never written: an app may compute it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from connectors.jira.accounts import account_of
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need, want_date
from connectors.jira.plain import one_line, plain_adf
from connectors.jira.site import HeldField, Site
from connectors.jira.sprints import sprint_of
from syncer.contract.custom import LARGEST, CustomType, is_number
from syncer.contract.model import Field, Value

LINE: Final = 255
"""Characters that a field of one line takes ("Text Field (single line)", "URL Field")."""
_IDS: Final = re.compile(r"\d+")


class Unsendable(ValueError):
    """A value that a field cannot be given, with the reason as a part of a sentence."""


@dataclass(frozen=True, slots=True)
class KeptValue:
    """Stands in an issue's JSON for a value that is gone from it without anybody having taken it away."""

    value: Value


@dataclass(frozen=True, slots=True)
class ValueKind:
    """One sort of value."""

    type: CustomType
    read: Callable[[Any, Site, str], Value]
    """The value in an issue's JSON. Raises Malformed."""
    past: Callable[[str, str], Value]
    """One end of a change: from its id and its words in the changelog, both empty where there is none."""
    write: Callable[[Any, Site, Mapping[str, str]], Any]
    """What the API takes for a value that is not empty, given the ids of what it names by id. Raises Unsendable."""
    empty: Value = None
    settle: Callable[[Any], Value] = lambda value: value
    """A value that is not empty as Jira will show it."""
    several: bool = False
    """It has options, of which more than one may be chosen."""
    chosen: bool = False
    """It has options, which are named by id."""


def shown_of(fields: Json, site: Site, where: str) -> dict[Field, Value]:
    """What an issue's JSON shows of the declared fields; nothing of a value that makes no sense."""
    shown: dict[Field, Value] = {}
    for field, held in site.held.items():
        if held.id not in fields:
            continue
        with suppress(Malformed):
            found = fields[held.id]
            kept = isinstance(found, KeptValue)
            shown[field] = found.value if kept else KINDS[held.kind].read(found, site, f"{where}.{held.id}")
    return shown


def uncarried_of(fields: Json, site: Site, where: str) -> tuple[Field, ...]:
    """The declared fields in which an issue holds something that makes no sense there, and is therefore not shown."""
    shown = shown_of(fields, site, where)
    return tuple(field for field, held in site.held.items() if fields.get(held.id) is not None and field not in shown)


def settled(held: HeldField, value: Value) -> Value:
    """A value as Jira will show it once it was written."""
    kind = KINDS[held.kind]
    return kind.settle(value) if is_filled(value) else kind.empty


def is_filled(value: Value) -> bool:
    """Whether a value says anything; zero does."""
    return value is not None and value not in ("", ())


def names_in(value: Value) -> tuple[str, ...]:
    """The options that a value names."""
    if isinstance(value, str) and value:
        return (value,)
    return value if isinstance(value, tuple) else ()


# ------------------------------------------------------------------------------------------------------ reading


def _line(found: Any, _site: Site, where: str) -> str:
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Malformed(f"{where} is no text but {type(found).__name__}")
    if one_line(found) != found.strip():
        raise Malformed(f"{where} has several lines")
    return found.strip()


def _area(found: Any, site: Site, where: str) -> str:
    """The text of a large field that holds a plain line: what is more than that would be lost by the first edit."""
    if not site.dialect.rich_text or found is None:
        return _line(found, site, where)
    blocks = as_objects(as_object(found, where).get("content") or [], where)
    if len(blocks) > 1 or any(block.get("type") != "paragraph" for block in blocks):
        raise Malformed(f"{where} has several paragraphs")
    runs = [run for block in blocks for run in as_objects(block.get("content") or [], where)]
    if any(run.get("type") != "text" or run.get("marks") for run in runs):
        raise Malformed(f"{where} is formatted")
    return _line("".join(need(run, "text", str, where) for run in runs), site, where)


def _number(found: Any, _site: Site, where: str) -> float | None:
    if found is None:
        return None
    if not is_number(found):
        raise Malformed(f"{where} is no number that can be carried")
    return float(found)


def _hours(found: Any, site: Site, where: str) -> float | None:
    seconds = _number(found, site, where)
    return None if seconds is None else seconds / 3600


def _day(found: Any, _site: Site, where: str) -> date | None:
    return want_date({"day": found}, "day", where)


def _option(found: Any, _site: Site, where: str) -> str | None:
    return None if found is None else need(as_object(found, where), "value", str, where)


def _options(found: Any, _site: Site, where: str) -> tuple[str, ...]:
    return tuple(sorted(need(one, "value", str, where) for one in as_objects(found or [], where)))


def _labels(found: Any, _site: Site, where: str) -> tuple[str, ...]:
    if not isinstance(found or [], list) or any(not isinstance(one, str) for one in found or ()):
        raise Malformed(f"{where} is no list of texts")
    return tuple(sorted(set(found or ())))


def _person(found: Any, site: Site, where: str) -> tuple[str, ...]:
    if found is None:
        return ()
    account = account_of(as_object(found, where), site)
    if account is None:
        raise Malformed(f"{where} is somebody without an id")
    return (account.id,)


def _sprint(found: Any, _site: Site, where: str) -> str | None:
    if found is None:
        return None
    if not isinstance(found, list):
        raise Malformed(f"{where} is no list of sprints")
    sprint = sprint_of(found)
    if found and sprint is None:
        raise Malformed(f"{where} tells no name of a sprint")
    return sprint.name if sprint is not None else None


# ------------------------------------------------------------------------------------------------ in a changelog


def _past_number(_native: str, words: str) -> float | None:
    try:
        number = float(words)
    except ValueError:
        return None
    return number if is_number(number) else None


def _past_hours(native: str, words: str) -> float | None:
    seconds = _past_number("", native or words)
    return None if seconds is None else seconds / 3600


def _past_day(native: str, words: str) -> date | None:
    try:
        return date.fromisoformat((native or words)[:10])
    except ValueError:
        return None


def _past_options(native: str, words: str) -> tuple[str, ...]:
    """The names of several options: `[10218, 10244]` goes with `Fulfilment,Supply`, whose names may hold commas."""
    amount, names = len(_IDS.findall(native)), words.split(",") if words else []
    if amount == 1 and names:
        names = [words]
    return tuple(sorted(name.strip() for name in names))


# ------------------------------------------------------------------------------------------------------ writing


def _as_line(value: Any, _site: Site, _ids: Mapping[str, str]) -> str:
    text = one_line(str(value))
    if len(text) > LINE:
        raise Unsendable(f"a text of {len(text)} characters is too long, the field takes {LINE}")
    return text


def _as_area(value: Any, site: Site, _ids: Mapping[str, str]) -> Any:
    text = one_line(str(value))
    return plain_adf(text) if site.dialect.rich_text else text


def _as_number(value: Any, _site: Site, _ids: Mapping[str, str]) -> float:
    if isinstance(value, int | float) and abs(value) > LARGEST:
        raise Unsendable(f"{value:g} is too large")
    if not is_number(value):
        raise Unsendable(f"{value} is not a number")
    return int(value) if value == int(value) else value


def _as_duration(value: Any, site: Site, ids: Mapping[str, str]) -> str:
    if (hours := _as_number(value, site, ids)) < 0:
        raise Unsendable(f"{value:g} hours is less than nothing")
    return f"{round(hours * 60)}m"


def _as_day(value: Any, _site: Site, _ids: Mapping[str, str]) -> str:
    if not isinstance(value, date):
        raise Unsendable(f"{value} is not a day")
    return value.isoformat()


def _as_option(value: Any, _site: Site, ids: Mapping[str, str]) -> dict[str, str]:
    return {"id": ids[value]}


def _as_options(value: Any, _site: Site, ids: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": ids[name]} for name in value]


def _as_person(value: Any, site: Site, _ids: Mapping[str, str]) -> dict[str, str]:
    return {site.dialect.account_key: value[0]}


def _as_sprint(value: Any, _site: Site, ids: Mapping[str, str]) -> int:
    return int(ids[value])


def _sorted(value: Any) -> Value:
    return tuple(sorted(value))


def _to_minutes(hours: Any) -> Value:
    """Hours as Jira keeps them: it counts whole minutes of what is entered."""
    return float(round(hours * 60) / 60 if math.isfinite(hours) else hours)


KINDS: Final[Mapping[str, ValueKind]] = {
    "line": ValueKind(CustomType.TEXT, _line, lambda _, words: words, _as_line, "", one_line),
    "area": ValueKind(CustomType.TEXT, _area, lambda _, words: words, _as_area, "", one_line),
    "address": ValueKind(CustomType.URL, _line, lambda _, words: words, _as_line, "", one_line),
    "number": ValueKind(CustomType.NUMBER, _number, _past_number, _as_number, settle=float),
    "hours": ValueKind(CustomType.NUMBER, _hours, _past_hours, _as_duration, settle=_to_minutes),
    "day": ValueKind(CustomType.DATE, _day, _past_day, _as_day),
    "option": ValueKind(CustomType.CHOICE, _option, lambda _, words: words or None, _as_option, chosen=True),
    "options": ValueKind(
        CustomType.CHOICES, _options, _past_options, _as_options, (), _sorted, several=True, chosen=True
    ),
    "labels": ValueKind(
        CustomType.CHOICES, _labels, lambda _, words: _sorted(set(words.split())), lambda value, *_: list(value), (),
        _sorted,
    ),
    "person": ValueKind(
        CustomType.PERSON, _person, lambda native, _: (native,) if native else (), _as_person, (),
        lambda people: people[:1],
    ),
    "sprint": ValueKind(
        CustomType.SPRINT, _sprint, lambda _, words: words.rpartition(", ")[2] or None, _as_sprint
    ),
}  # fmt: skip
"""By the name that `HeldField.kind` has for it."""


# -------------------------------------------------------------------------------------------- what a field is

_STANDARD: Final = "com.atlassian.jira.plugin.system.customfieldtypes:"
_AGILE: Final = "com.pyxis.greenhopper.jira:"
TYPES: Final[Mapping[str, str]] = {
    _STANDARD + "textfield": "line", _STANDARD + "textarea": "area", _STANDARD + "url": "address",
    _STANDARD + "float": "number", _AGILE + "jsw-story-points": "number", _STANDARD + "datepicker": "day",
    _STANDARD + "select": "option", _STANDARD + "radiobuttons": "option", _STANDARD + "multiselect": "options",
    _STANDARD + "multicheckboxes": "options", _STANDARD + "labels": "labels", _STANDARD + "userpicker": "person",
    _AGILE + "gh-sprint": "sprint",
}  # fmt: skip
"""By the key of a type of custom fields which people fill."""
SYSTEM: Final[Mapping[str, str]] = {
    "duedate": "day", "environment": "area", "timeoriginalestimate": "hours", "timeestimate": "hours",
    "timespent": "hours",
}  # fmt: skip
"""Fields of Jira's own that may be declared, by id."""
BOOKED: Final = frozenset({"timespent"})
"""What is the sum of work logs, and entered nowhere."""
_SHAPES: Final[Mapping[str, str]] = {
    "string": "line", "number": "number", "date": "day", "option": "option", "user": "person",
    "array of option": "options", "array of string": "labels",
}  # fmt: skip
"""What can be read of a type that nobody describes, by the shape of its value."""
_NEVER: Final[Mapping[str, str]] = {
    _AGILE + "gh-epic-link": "holds the epic, which is carried as the parent",
    _AGILE + "gh-lexo-rank": "holds the rank, which no other tracker takes; `rank` of the tracker reads it",
    _STANDARD + "datetime": "holds a time of day, and no tracker but Jira has such a field",
    _STANDARD + "multiuserpicker": "holds several people, and a declared field holds one",
    _STANDARD + "cascadingselect": "holds two options, one below the other",
}


def kind_of(told: Json) -> tuple[str, bool] | str:
    """The kind of a field that a site tells of and whether it is only read, or why it cannot be carried."""
    schema = told.get("schema")
    schema = schema if isinstance(schema, dict) else {}
    key = str(schema.get("custom") or "")
    if told.get("custom") is not True:
        native = str(told.get("id"))
        return (
            (SYSTEM[native], native in BOOKED)
            if native in SYSTEM
            else "every Jira has: `fields` of the pair carries it"
        )
    if key in TYPES:
        return TYPES[key], False
    shape = str(schema.get("type"))
    shape = f"{shape} of {schema.get('items')}" if shape == "array" else shape
    if key in _NEVER or shape not in _SHAPES:
        return _NEVER.get(key, f"is of a type that cannot be carried ({key or shape})")
    return _SHAPES[shape], True
