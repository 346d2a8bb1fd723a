"""Declared fields of Jira that somebody renamed, deleted, had computed or moved, and values that make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.contract.capabilities import Fidelity
from syncer.contract.conformance.world import only
from syncer.contract.errors import Rejected, TrackerError
from syncer.contract.model import Field, Kind, Value
from tests.unit.connectors.declared_fields import (
    EXTRA,
    OTHER,
    followed,
    listed,
    opened,
    stored,
    with_field,
)
from tests.unit.connectors.jira_world import Office


@pytest.mark.parametrize("value", ["5", 1e300, True, {"value": 5}, [5]])
def test_a_number_that_is_none_is_not_shown_and_stops_nothing(place: Office, value: Any) -> None:
    made = place.jira.add_custom_field("Extra", "number")
    native = with_field(place, made.id, 5)
    connector = opened(place, {EXTRA: "Extra"})
    store = followed(connector)
    stored(place, native, made.id, value)
    followed(opened(place, {EXTRA: "Extra"}), store)
    (item,) = store.items.values()
    assert EXTRA not in item.showing
    assert item.facts.uncarried == (EXTRA,)
    assert item.showing[Field.TITLE] == "Only"
    with pytest.raises(Rejected, match=r"extra of PAY-1: .*cannot be carried"):
        connector.update(item, {EXTRA: 3.0})
    assert connector.update(item, {Field.TITLE: "New"}).showing[Field.TITLE] == "New"


def test_a_renamed_field_is_held_by_its_new_name_until_it_is_looked_for(place: Office) -> None:
    made = place.jira.add_custom_field("Effort", "number")
    native = with_field(place, made.id, 5)
    store = followed(opened(place, {EXTRA: "Effort"}))
    place.jira.rename_field(made.id, "Size")
    place.later(60)
    place.edit(native, **{made.id: 8})
    place.later(60)
    followed(opened(place, {EXTRA: "Effort"}), store)
    assert [item.showing[EXTRA] for item in store.items.values()] == [8.0]
    connector = opened(place, {EXTRA: "Effort"})
    assert EXTRA not in listed(connector).showing
    assert connector.capabilities.unheld[EXTRA] == 'has no field "Effort"'
    by_id = opened(place, {EXTRA: made.id})
    assert listed(by_id).showing[EXTRA] == 8.0
    assert by_id.capabilities.custom[EXTRA].name == "Size"


def test_a_deleted_field_is_shown_no_more_and_refused_by_its_name(place: Office) -> None:
    made = place.jira.add_custom_field("Effort", "number")
    native = with_field(place, made.id, 5)
    store = followed(opened(place, {EXTRA: "Effort"}))
    (before,) = store.items.values()
    place.jira.delete_field(made.id)
    place.later(60)
    place.edit(native, summary="Other")
    place.later(60)
    connector = opened(place, {EXTRA: "Effort"})
    followed(connector, store)
    (item,) = store.items.values()
    assert (EXTRA in item.showing, item.showing[Field.TITLE]) == (False, "Other")
    assert connector.capabilities.unheld[EXTRA] == 'has no field "Effort"'
    with pytest.raises(TrackerError):
        connector.update(before, {EXTRA: 8.0})
    with pytest.raises(Rejected, match="extra of PAY-1"):
        connector.update(item, {EXTRA: 8.0})


def test_an_edit_that_is_not_permitted_is_refused_by_the_name_that_people_gave_the_field(place: Office) -> None:
    made = place.jira.add_custom_field("Effort", "number")
    with_field(place, made.id, 5)
    connector = opened(place, {EXTRA: "Effort"})
    item = listed(connector)
    place.jira.revoke("bot", "EDIT_ISSUES", "PAY")
    with pytest.raises(Rejected, match=r"^extra of PAY-1"):
        connector.update(item, {EXTRA: 8.0})


def test_a_field_that_is_computed_now_is_refused_as_such(place: Office) -> None:
    made = place.jira.add_custom_field("Effort", "number")
    with_field(place, made.id, 5)
    fields = {EXTRA: "Effort"}
    store = followed(opened(place, fields))
    place.jira.retype_field(made.id, "computed number")
    connector = opened(place, fields)
    followed(connector, store)
    (item,) = store.items.values()
    with pytest.raises(Rejected, match='extra of PAY-1: "Effort" is computed now'):
        connector.update(item, {EXTRA: 8.0})
    again = opened(place, fields)
    assert listed(again).showing[EXTRA] == 5.0
    assert again.capabilities.fields[Kind.TASK][EXTRA] is Fidelity.READ_ONLY


def test_a_field_of_another_context_is_told_and_empties_nothing(place: Office) -> None:
    place.add_project("OPS")
    made = place.jira.add_custom_field("Effort", "number")
    native = with_field(place, made.id, 5)
    fields = {EXTRA: "Effort"}
    store = followed(opened(place, fields))
    place.jira.limit_field(made.id, "OPS")
    place.later(60)
    place.edit(native, summary="Other")
    place.later(60)
    followed(opened(place, fields), store)
    (item,) = store.items.values()
    assert (EXTRA in item.showing, item.showing[Field.TITLE]) == (False, "Other")
    connector = opened(place, fields)
    listed(connector)
    assert "that no issue of PAY has: add PAY to its contexts" in connector.capabilities.unheld[EXTRA]


def test_a_field_that_shows_nothing_for_want_of_a_screen_is_shown_as_it_was(place: Office) -> None:
    made = place.jira.add_custom_field("Effort", "number")
    native = with_field(place, made.id, 5)
    fields = {EXTRA: "Effort"}
    store = followed(opened(place, fields))
    place.jira.project("PAY").hidden_on_edit.add(made.id)
    stored(place, native, made.id, None)
    connector = opened(place, fields)
    followed(connector, store)
    (item,) = store.items.values()
    assert item.showing[EXTRA] == 5.0
    assert only(connector.read([item])).showing[EXTRA] == 5.0


@pytest.mark.parametrize(
    ("kind", "chosen", "value"), [("option", {"value": "Red"}, "Red"), ("multiselect", [{"value": "Red"}], ("Red",))]
)
def test_a_removed_option_empties_nothing_until_somebody_chooses_another(
    place: Office, kind: str, chosen: Any, value: Value
) -> None:
    made = place.jira.add_custom_field("Team", kind, ["Red", "Blue"])
    with_field(place, made.id, chosen)
    fields = {EXTRA: "Team"}
    store = followed(opened(place, fields))
    place.jira.remove_option(made.id, "Red")
    place.later(60)
    for _ in range(2):
        store.cursor = None
        connector = opened(place, fields)
        followed(connector, store)
        (item,) = store.items.values()
        assert item.showing[EXTRA] == only(connector.read([item])).showing[EXTRA] == value
    assert connector.update(item, {Field.TITLE: "New"}).showing[EXTRA] == value
    item = only(connector.read([item]))
    other: Value = "Blue" if kind == "option" else ("Blue",)
    assert connector.update(item, {EXTRA: other}).showing[EXTRA] == other
    assert listed(connector).showing[EXTRA] == other


def test_what_a_person_takes_out_of_a_field_is_gone(place: Office) -> None:
    number = place.jira.add_custom_field("Effort", "number")
    team = place.jira.add_custom_field("Team", "multiselect", ["Red", "Blue"])
    native = with_field(place, number.id, 5)
    place.edit(native, **{team.id: [{"value": "Red"}, {"value": "Blue"}]})
    fields = {EXTRA: "Effort", OTHER: "Team"}
    store = followed(opened(place, fields))
    place.later(60)
    place.edit(native, **{number.id: None, team.id: [{"value": "Blue"}]})
    place.later(60)
    followed(opened(place, fields), store)
    (item,) = store.items.values()
    assert (item.showing[EXTRA], item.showing[OTHER]) == (None, ("Blue",))


def test_a_renamed_option_shows_its_new_name_and_a_disabled_one_stays(place: Office) -> None:
    made = place.jira.add_custom_field("Team", "option", ["Red", "Blue"])
    native = with_field(place, made.id, {"value": "Red"})
    connector = opened(place, {EXTRA: "Team"})
    place.jira.disable_option(made.id, "Red")
    assert listed(connector).showing[EXTRA] == "Red"
    place.jira.rename_option(made.id, "Red", "Crimson")
    place.later(60)
    place.edit(native, summary="Other")
    assert listed(connector).showing[EXTRA] == "Crimson"
