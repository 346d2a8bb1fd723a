"""Declared fields: fields of people's own making, found by the locators that a pair names."""
# ruff: noqa: S101  (a suite is made of assertions)

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from syncer.contract.capabilities import Fidelity
from syncer.contract.conformance.world import Remembered, Suite, task_draft
from syncer.contract.connector import Connector
from syncer.contract.custom import CustomField, CustomHolder, CustomType, DeclaredField, Foreseer
from syncer.contract.errors import Rejected
from syncer.contract.model import Field, Kind, Observed, Value

EMPTY: dict[CustomType, Value] = {
    CustomType.TEXT: "",
    CustomType.URL: "",
    CustomType.CHOICES: (),
    CustomType.PERSON: (),
}
"""What a field shows that nobody filled; None where its type is not listed."""
NOWHERE = Field.declared("nowhere")


class DeclaringSuite(Suite):
    """A declared field is shown, written and emptied like any other, and what cannot be held is said."""

    def test_declared_field_is_resolved_with_its_type(self) -> None:
        """Each locator tells what is there, with its options."""
        connector = self.holder()
        resolved = connector.declared()
        for type_ in self.custom_locators():
            told = resolved[field_of(type_)]
            assert isinstance(told, CustomField), told
            assert told.type is type_
            assert told.name
            if type_ in {CustomType.CHOICE, CustomType.CHOICES}:
                assert told.options

    def test_declared_field_is_among_the_capabilities_once_something_was_read(self) -> None:
        """What a scope can hold is known before anything is decided."""
        connector = self.holder()
        Remembered().follow(connector)
        able = connector.capabilities
        for type_ in self.custom_locators():
            assert able.fields[Kind.TASK][field_of(type_)] is Fidelity.EXACT
            assert able.custom[field_of(type_)].type is type_

    def test_new_task_shows_declared_fields_empty(self) -> None:
        """What nobody filled is empty, and not absent."""
        connector = self.holder()
        item = self.create_one(connector, task_draft(connector, "Plain"))
        shown = self.read_one(connector, item).showing
        assert {type_: shown[field_of(type_)] for type_ in self.custom_locators()} == {
            type_: EMPTY.get(type_) for type_ in self.custom_locators()
        }

    def test_create_fills_declared_fields(self) -> None:
        """A draft may have them."""
        connector = self.holder()
        Remembered().follow(connector)
        values = {field_of(type_): self.custom_value(type_) for type_ in self.custom_locators()}
        draft = task_draft(connector, "Full")
        item = self.create_one(connector, replace(draft, fields={**draft.fields, **values}))
        shown = self.read_one(connector, item).showing
        assert {name: shown[name] for name in values} == values

    def test_update_fills_and_empties_each_declared_field(self) -> None:
        """A patch reaches its field and no other; the answer, a reading and the listing say the same."""
        connector = self.holder()
        item = self.create_one(connector, task_draft(connector, "Before"))
        for type_ in self.custom_locators():
            field, before = field_of(type_), item
            answered = connector.update(item, {field: self.custom_value(type_)})
            item = self.read_one(connector, item)
            assert answered.showing[field] == item.showing[field] == self.custom_value(type_)
            assert _others(item, field) == _others(before, field)
            answered = connector.update(item, {field: EMPTY.get(type_)})
            item = self.read_one(connector, item)
            assert answered.showing[field] == item.showing[field] == EMPTY.get(type_)
        self.time_passes(120)
        assert self.listed(item) == item.showing

    def test_change_of_a_declared_field_is_listed(self) -> None:
        """What a person changes there is a change of the task."""
        connector = self.holder()
        store = Remembered()
        task = self.person_creates("Watched")
        store.follow(connector)
        for type_ in self.custom_locators():
            self.time_passes(120)
            self.person_fills(task, type_, self.custom_value(type_))
            self.time_passes(120)
            store.follow(self.holder())
            assert store.items[task].showing[field_of(type_)] == self.custom_value(type_)

    def test_option_that_does_not_exist_is_refused_by_name(self) -> None:
        """No tracker is made to have an option that nobody made."""
        connector = self.holder()
        if CustomType.CHOICE not in self.custom_locators():
            pytest.skip("this tracker has no choices")
        item = self.create_one(connector, task_draft(connector, "Before"))
        if isinstance(connector, Foreseer):
            for task in (item, None):
                wanted = {field_of(CustomType.CHOICE): "Nothing of the sort"}
                assert connector.unsendable(task, wanted).keys() == wanted.keys()
        with pytest.raises(Rejected, match="choice"):
            connector.update(item, {field_of(CustomType.CHOICE): "Nothing of the sort"})
        assert self.read_one(connector, item).showing[field_of(CustomType.CHOICE)] is None

    def test_number_that_is_none_is_refused_by_name(self) -> None:
        """What cannot be a number is written nowhere."""
        connector = self.holder()
        if CustomType.NUMBER not in self.custom_locators():
            pytest.skip("this tracker has no numbers")
        item = self.create_one(connector, task_draft(connector, "Before"))
        for wrong in (math.nan, math.inf):
            with pytest.raises(Rejected, match="number"):
                connector.update(item, {field_of(CustomType.NUMBER): wrong})

    def test_locator_of_nothing_says_so_and_stops_nothing(self) -> None:
        """The reason is told; every other field is shown."""
        connector = self.holder(nowhere=True)
        task = self.person_creates("Whole")
        store = Remembered()
        store.follow(connector)
        told = connector.declared()[NOWHERE]
        assert isinstance(told, str)
        assert told
        assert NOWHERE not in connector.capabilities.fields[Kind.TASK]
        assert connector.capabilities.unheld[NOWHERE] == told
        assert NOWHERE not in store.items[task].showing
        assert store.items[task].showing[Field.TITLE] == "Whole"

    def test_connector_that_goes_on_from_a_cursor_asks_no_more_for_declared_fields(self) -> None:
        """They are resolved by complete readings: a run with nothing to do costs what it did without them."""
        plain, plain_store = self.open_connector(), Remembered()
        plain_store.follow(plain)
        store = Remembered()
        store.follow(self.holder())
        for _ in range(2):
            self.time_passes(120)
            before, after = self.open_connector(), self.holder()
            plain_store.follow(before)
            store.follow(after)
            after.declared()
        assert after.requests <= before.requests

    # --- shared

    def holder(self, *, nowhere: bool = False) -> Any:
        """A connector to which a field of each type is declared; the test is skipped where there is none."""
        locators = self.custom_locators()
        if not locators:
            pytest.skip("this tracker has no fields of people's own making")
        connector: Connector = self.open_connector()
        assert isinstance(connector, CustomHolder)
        declared = [DeclaredField(field_of(type_), locator) for type_, locator in locators.items()]
        connector.declare([*declared, DeclaredField(NOWHERE, self.custom_nowhere())] if nowhere else declared)
        return connector

    def listed(self, item: Observed) -> object:
        """What the complete listing of a new connector shows of an item."""
        store = Remembered()
        store.follow(self.holder())
        return store.items[item.ref].showing


def field_of(type_: CustomType) -> Field:
    """The name that the suite gives a field of a type."""
    return Field.declared(f"a {type_}")


def _others(item: Observed, field: Field) -> dict[Field, Value]:
    return {name: value for name, value in item.showing.items() if name is not field}
