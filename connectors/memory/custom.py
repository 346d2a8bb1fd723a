"""Fields of people's own making in the tracker in memory: by their names there, and by those that a pair gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from syncer.contract.custom import CustomField, CustomType, DeclaredField, Resolved, is_number
from syncer.contract.history import PastChange
from syncer.contract.model import Field, Kind, Observed, Showing, Value

EMPTY_CUSTOM: Final[Mapping[CustomType, Value]] = {
    CustomType.TEXT: "",
    CustomType.URL: "",
    CustomType.CHOICES: (),
    CustomType.PERSON: (),
}
"""What a field of a type shows that nobody filled; None where it is not listed."""


class DeclaredFields:
    """The fields that a pair carries, and where they are in the tracker."""

    def __init__(self, custom: Mapping[str, CustomField]) -> None:
        self._custom = custom
        self._locators: dict[Field, str] = {}

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """Takes by which locator a pair finds each of its fields."""
        self._locators = {one.field: str(one.locator) for one in fields}

    def resolved(self) -> Resolved:
        """What they are now."""
        return {
            name: self._custom.get(locator, f'has no field "{locator}"') for name, locator in self._locators.items()
        }

    def outward(self, item: Observed) -> Observed:
        """An item of the tracker as the pair sees it."""
        if item.kind is not Kind.TASK:
            return item
        own = {name: value for name, value in item.showing.items() if not name.custom}
        held = {name: self._custom[locator] for name, locator in self._locators.items() if locator in self._custom}
        for name, one in held.items():
            shown = item.showing.get(Field.declared(self._locators[name]), EMPTY_CUSTOM.get(one.type))
            if makes_sense(one, shown):
                own[name] = shown
        odd = tuple(name for name in held if name not in own)
        return replace(item, showing=own, facts=replace(item.facts, uncarried=odd))

    def inward(self, fields: Showing) -> Showing:
        """Fields that are to be written, as the tracker names them."""
        inner = {name: Field.declared(locator) for name, locator in self._locators.items()}
        return {inner.get(name, name): value for name, value in fields.items()}

    def past(self, change: PastChange) -> PastChange | None:
        """A change as the pair sees it; None where it is of a field that the pair does not have."""
        aspect = change.aspect
        if not isinstance(aspect, Field) or not aspect.custom:
            return change
        named = next((name for name, locator in self._locators.items() if locator == str(aspect)), None)
        return None if named is None else replace(change, aspect=named)


def makes_sense(field: CustomField, value: Value) -> bool:
    """Whether a value is one of the sort that a field holds."""
    match field.type:
        case CustomType.NUMBER:
            return value is None or (isinstance(value, float) and is_number(value))
        case CustomType.DATE:
            return value is None or isinstance(value, date)
        case CustomType.CHOICES | CustomType.PERSON | CustomType.TASKS | CustomType.PEERS:
            return isinstance(value, tuple)
        case CustomType.CHOICE | CustomType.SPRINT:
            return value is None or isinstance(value, str)
        case CustomType.TEXT | CustomType.URL:
            return isinstance(value, str)


def chosen(field: CustomField, value: Value) -> tuple[str, ...]:
    """The options that a value names."""
    match field.type, value:
        case ((CustomType.CHOICE | CustomType.SPRINT), str()):
            return (value,)
        case CustomType.CHOICES, tuple():
            return value
        case _:
            return ()
