"""Fields of a board (Projects v2): what one of them is, what an item holds in it, and how that is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from connectors.github.field_values import day_of, misfit, understood, written
from connectors.github.mapping import Json, MalformedError, entry, part
from syncer.contract.custom import CustomField, CustomType
from syncer.contract.errors import Rejected
from syncer.contract.model import Audience, Field, Value
from syncer.contract.naming import did_you_mean
from syncer.contract.sprint import Sprint

TYPES: Final[Mapping[str, CustomType]] = {
    "text": CustomType.TEXT,
    "number": CustomType.NUMBER,
    "date": CustomType.DATE,
    "single_select": CustomType.CHOICE,
    "iteration": CustomType.SPRINT,
}
"""The fields that have a value on the board itself; the others show what the issue has."""


@dataclass(frozen=True, slots=True)
class BoardOption:
    """An option of a choice, or an iteration."""

    id: str
    name: str
    over: bool = False
    """An iteration that is completed: nothing is put into it any more."""
    start: date | None = None
    """The first day of an iteration."""
    days: int = 0
    """How long it is."""

    @property
    def sprint(self) -> Sprint:
        """An iteration as the evaluation reads it; its board keeps no state, and its days tell."""
        end = self.start + timedelta(days=self.days - 1) if self.start is not None and self.days > 0 else None
        return Sprint(self.name, self.id, start=self.start, end=end)

    def kept(self) -> list[Any]:
        """The option in the form that is stored."""
        return [self.id, self.name, self.over, None if self.start is None else self.start.isoformat(), self.days]

    @classmethod
    def restored(cls, kept: Any) -> BoardOption:
        """The option that `kept` gave. Raises ValueError, TypeError for anything else."""
        number, name, over, start, days = kept
        return cls(str(number), str(name), bool(over), None if start is None else date.fromisoformat(start), int(days))


@dataclass(frozen=True, slots=True)
class BoardField:
    """One field, as the board defines it."""

    id: int
    name: str
    data_type: str
    options: tuple[BoardOption, ...] = ()

    @classmethod
    def of(cls, data: object) -> BoardField:
        """The field in an entry of the board's list. Raises MalformedError."""
        kind = part(data, "data_type", str)
        return cls(part(data, "id", int), part(data, "name", str), kind, tuple(_options(entry(data), kind)))

    @property
    def type(self) -> CustomType:
        """What it holds. Raises KeyError for a field that holds nothing of its own."""
        return TYPES[self.data_type]

    @property
    def empty(self) -> Value:
        """What it shows where nobody filled it."""
        return "" if self.type is CustomType.TEXT else None

    @property
    def told(self) -> CustomField:
        """The field as the engine knows it. What is over is no option any more."""
        options = tuple(one.name for one in self.options if not one.over)
        # A board has readers of its own, which only another request tells: it counts as read by those let in alone.
        return CustomField(
            self.type,
            self.name,
            str(self.id),
            options=options,
            audience=Audience.MEMBERS,
            undated=True,
            tells_options=True,
        )

    def has(self, name: Value) -> bool:
        """Whether an option or iteration of that name is still there."""
        return any(one.name == name for one in self.options)

    def kept(self) -> list[Any]:
        """The field in the form that is stored."""
        return [self.id, self.name, self.data_type, [one.kept() for one in self.options]]

    @classmethod
    def restored(cls, kept: Any) -> BoardField:
        """The field that `kept` gave. Raises ValueError, TypeError for anything else."""
        number, name, kind, options = kept
        if kind not in TYPES:
            raise ValueError(f"{kind} is no type of a field")
        return cls(int(number), str(name), kind, tuple(BoardOption.restored(one) for one in options))


def _options(data: Json, kind: str) -> Sequence[BoardOption]:
    if kind == "single_select":
        return [BoardOption(part(one, "id", str), text(one.get("name"))) for one in _entries(data.get("options"))]
    if kind == "iteration":
        told = _entries(entry(data.get("configuration")).get("iterations"))
        return [_iteration(one) for one in told]
    return ()


def _iteration(data: Json) -> BoardOption:
    start, days = data.get("start_date"), data.get("duration")
    over = data.get("completed") is True
    first = day_of(start) if isinstance(start, str) else None
    return BoardOption(
        part(data, "id", str), text(data.get("title")), over, first, days if isinstance(days, int) else 0
    )


def _entries(data: object) -> list[Json]:
    if not isinstance(data, list):
        raise MalformedError("the options are missing")
    return [entry(each) for each in data]


def text(data: object) -> str:
    """A text as boards show them: as it is, or with its Markdown and HTML. Raises MalformedError."""
    raw = data.get("raw") if isinstance(data, Mapping) else data
    if not isinstance(raw, str):
        raise MalformedError("a text is missing")
    return raw


def found(name: Field, wanted: str, defined: Sequence[BoardField], board: str) -> BoardField | str:
    """The field of a board that a locator names, or why none fits."""
    field = next((each for each in defined if each.name == wanted), None) or next(
        (each for each in defined if each.name.casefold() == wanted.casefold()), None
    )
    if field is None:
        return f'has no field "{wanted}" on {board}{did_you_mean(wanted, [each.name for each in defined])}'
    if field.data_type not in TYPES:
        return f'shows in "{field.name}" of {board} what the issue itself has: nothing is held there'
    if instead := misfit(name, field.type):
        return f'has "{field.name}" of {board} of the type {field.data_type}, and {instead}'
    return field


# Reading


def held(field: BoardField, values: Sequence[Json]) -> Value:
    """What an item holds in a field. Raises MalformedError where it does not tell, or for what makes no sense."""
    shown = next((each for each in values if each.get("id") == field.id), None)
    if shown is None or shown.get("data_type") != field.data_type or shown.get("name") != field.name:
        raise MalformedError(f"{field.name} is another field than before")
    value = shown.get("value")
    return field.empty if value is None else _understood(field.type, value)


def _understood(type_: CustomType, value: object) -> Value:
    match type_, value:
        case CustomType.TEXT, _:
            return understood(type_, text(value))
        case CustomType.CHOICE, Mapping():
            return text(value.get("name"))
        case CustomType.SPRINT, Mapping():
            return text(value.get("title"))
    return understood(type_, value)


# Writing


def sent(name: Field, field: BoardField, value: Value) -> dict[str, Any]:
    """The entry of a request that gives a field its value. Raises Rejected for what it cannot hold."""
    return {"id": field.id, "value": None if value == field.empty else _written(name, field, value)}


def _written(name: Field, field: BoardField, value: Value) -> str | float:
    if field.type in {CustomType.CHOICE, CustomType.SPRINT} and isinstance(value, str):
        return _chosen(name, field, value).id
    sendable = written(field.type, value)
    if sendable is not None:
        return sendable
    raise Rejected(f"{name}: the field {field.name} cannot hold {value!r}")


def _chosen(name: Field, field: BoardField, value: str) -> BoardOption:
    """The option or iteration of a name; of several iterations the one that is not over."""
    same = [one for one in field.options if one.name == value]
    still = [one for one in same if not one.over]
    if still:
        return still[0]
    if same:
        raise Rejected(f'{name}: the iteration "{value}" of {field.name} is completed; nothing is moved into it')
    kind = "iteration" if field.type is CustomType.SPRINT else "option"
    raise Rejected(f'{name}: the field {field.name} has no {kind} "{value}"; add it there')
