"""Issue fields of an organisation: what one of them is, what an issue holds in it, and how that is sent. Pure.

An update of an issue sets all its fields at once, as GitHub's own client has it: what it does not name is taken away.
So whoever writes one field sends what the issue holds in the others along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.github.field_values import understood, written
from connectors.github.mapping import Json, MalformedError, entry, part
from syncer.contract.custom import CustomField, CustomType
from syncer.contract.errors import Rejected
from syncer.contract.model import Audience, Field, Value

TYPES: Final[Mapping[str, CustomType]] = {
    "text": CustomType.TEXT,
    "number": CustomType.NUMBER,
    "date": CustomType.DATE,
    "single_select": CustomType.CHOICE,
    "multi_select": CustomType.CHOICES,
}
EMPTY: Final[Mapping[CustomType, Value]] = {CustomType.TEXT: "", CustomType.CHOICES: ()}
"""What a field shows that nobody filled; None where its type is not listed."""


@dataclass(frozen=True, slots=True)
class IssueField:
    """One field, as the organisation defines it."""

    id: int
    name: str
    data_type: str
    options: tuple[str, ...] = ()
    public: bool = False
    """Who can read an issue of a public repository can read it; else the organisation and collaborators alone."""

    @classmethod
    def of(cls, data: object) -> IssueField:
        """The field in an entry of the organisation's list. Raises MalformedError."""
        options = entry(data).get("options")
        names = tuple(part(option, "name", str) for option in options) if isinstance(options, list) else ()
        public = entry(data).get("visibility") == "all"
        return cls(part(data, "id", int), part(data, "name", str), part(data, "data_type", str), names, public)

    @property
    def type(self) -> CustomType:
        """What it holds. Raises KeyError for a kind that is not known."""
        return TYPES[self.data_type]

    @property
    def told(self) -> CustomField:
        """The field as the engine knows it."""
        audience = Audience.PUBLIC if self.public else Audience.ORGANIZATION
        return CustomField(self.type, self.name, str(self.id), options=self.options, audience=audience)


def values_in(row: Json) -> list[Json] | None:
    """What an issue holds in its fields; None where its JSON does not tell. Raises MalformedError."""
    values = row.get("issue_field_values")
    return [entry(value) for value in values] if isinstance(values, list) else None


def held(field: IssueField, values: Sequence[Json]) -> Value:
    """What an issue holds in a field. Raises MalformedError for what makes no sense there."""
    value = next((each for each in values if each.get("issue_field_id") == field.id), None)
    if value is None:
        return EMPTY.get(field.type)
    if value.get("data_type") != field.data_type or value.get("issue_field_name", field.name) != field.name:
        raise MalformedError(f"{field.name} is another field than before")
    return _understood(field.type, value)


def _understood(type_: CustomType, value: Json) -> Value:
    match type_:
        case CustomType.CHOICE:
            return part(value.get("single_select_option"), "name", str)
        case CustomType.CHOICES:
            return tuple(sorted(part(option, "name", str) for option in part(value, "multi_select_options", list)))
    return understood(type_, value.get("value"))


def sent(name: Field, field: IssueField, value: Value) -> dict[str, Any] | None:
    """The entry of a request that gives a field its value; None for one that empties it. Raises Rejected."""
    if value == EMPTY.get(field.type):
        return None
    return {"field_id": field.id, "value": _written(name, field, value)}


def _written(name: Field, field: IssueField, value: Value) -> str | float | list[str]:
    match field.type, value:
        case CustomType.CHOICE, str():
            return _option(name, field, value)
        case CustomType.CHOICES, tuple():
            return [_option(name, field, option) for option in value]
    sendable = written(field.type, value)
    if sendable is not None:
        return sendable
    raise Rejected(f"{name}: the issue field {field.name} cannot hold {value!r}")


def _option(name: Field, field: IssueField, option: str) -> str:
    if option not in field.options:
        raise Rejected(f'{name}: the issue field {field.name} has no option "{option}"; add it there')
    return option


def unnamed(values: Sequence[Json], named: Sequence[IssueField]) -> Iterator[dict[str, Any]]:
    """What an issue holds in the fields that a request is not about, as the request sends it along. Raises Rejected."""
    ids = {field.id for field in named}
    for value in values:
        if value.get("issue_field_id") not in ids:
            yield {"field_id": value.get("issue_field_id"), "value": _as_it_is(value)}


def _as_it_is(value: Json) -> object:
    try:
        match value.get("data_type"):
            case "text" | "number" | "date":
                return value["value"]
            case "single_select":
                return part(value.get("single_select_option"), "name", str)
            case "multi_select":
                return [part(option, "name", str) for option in part(value, "multi_select_options", list)]
    except (MalformedError, KeyError):
        pass
    called = value.get("issue_field_name") or value.get("issue_field_id")
    raise Rejected(f"the issue field {called} holds what cannot be sent along, and would be emptied")
