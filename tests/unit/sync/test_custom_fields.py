"""Fields of people's own making between two trackers in memory: each type, both ways, and what does not go."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from syncer.contract.custom import CustomField, CustomType
from syncer.contract.model import Audience, Field, Side, Value
from syncer.core.change import Create, Tally
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import CustomRule, Direction, FieldRule, Policy
from syncer.core.waiting import Why
from syncer.sync.ledger import waiting
from syncer.sync.preview import preview_pair
from syncer.sync.verify import UNCARRIED, verify_pair
from tests.truth import silent_differences
from tests.worlds import World

TYPES: list[tuple[CustomType, tuple[str, ...], Value, Value, Value]] = [
    (CustomType.TEXT, (), "Acme 退款", "Acme, Berlin", ""),
    (CustomType.URL, (), "https://acme.example/1", "https://acme.example/2", ""),
    (CustomType.NUMBER, (), 3.0, 0.1, None),
    (CustomType.DATE, (), date(2026, 5, 1), date(2026, 6, 30), None),
    (CustomType.CHOICE, ("High", "Low"), "High", "Low", None),
    (CustomType.CHOICES, ("API", "Docs", "Web"), ("API", "Web"), ("Docs",), ()),
    (CustomType.SPRINT, ("Sprint 1", "Sprint 2"), "Sprint 1", "Sprint 2", None),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def settle(world: World) -> Tally:
    """Three runs, the last a complete reading; after them nothing is written, and nothing differs in silence."""
    for sweep in (False, False, True):
        world.sync(sweep=sweep)
    last = world.sync()
    assert last.writes == 0
    with world.context() as context:
        assert silent_differences(context) == []
    return last


def reasons(world: World, name: Field) -> list[str]:
    """What is said of a field that waits."""
    with world.context() as context:
        return [one.reason for one in waiting(context.store, context.name) if one.field is name]


def same(type_: CustomType, *options: str) -> tuple[CustomField, CustomField]:
    return CustomField(type_, "There", options=options), CustomField(type_, "Here", options=options)


@pytest.mark.parametrize(("type_", "options", "first", "second", "empty"), TYPES, ids=lambda value: str(value)[:12])
def test_each_type_is_carried_both_ways_and_emptied(
    world: World, type_: CustomType, options: tuple[str, ...], first: Value, second: Value, empty: Value
) -> None:
    field = world.declare("extra", *same(type_, *options))
    world.left.create("Card is refused", fields={Field.declared("There"): first})
    settle(world)
    assert world.shown(field) == (first, first)
    world.fill(Side.RIGHT, field, second)
    settle(world)
    assert world.shown(field) == (second, second)
    world.fill(Side.LEFT, field, empty)
    settle(world)
    assert world.shown(field) == (empty, empty)


def test_a_person_is_carried_by_the_people_map(world: World) -> None:
    field = world.declare("tester", *same(CustomType.PERSON))
    world.left.create("Card is refused", fields={Field.declared("There"): ("li.wei",)})
    settle(world)
    assert world.shown(field) == (("li.wei",), ("liwei",))
    world.fill(Side.RIGHT, field, ("miab",))
    settle(world)
    assert world.shown(field) == (("mia.braun",), ("miab",))


def test_choices_are_merged_element_by_element(world: World) -> None:
    field = world.declare("areas", *same(CustomType.CHOICES, "API", "Docs", "Web"))
    world.left.create("Card is refused", fields={Field.declared("There"): ("API",)})
    settle(world)
    world.fill(Side.LEFT, field, ("API", "Web"))
    world.fill(Side.RIGHT, field, ("Docs",))
    settle(world)
    assert world.shown(field) == (("Docs", "Web"), ("Docs", "Web"))


def test_options_of_other_names_are_carried_by_the_map(world: World) -> None:
    rows = (MapRow(MapCell("High"), MapCell("P1")), MapRow(MapCell("Highest"), MapCell("P1")))
    left = CustomField(CustomType.CHOICE, "Urgency", options=("Highest", "High", "Same"))
    right = CustomField(CustomType.CHOICE, "Level", options=("P1", "same"))
    field = world.declare("urgency", left, right, rule=CustomRule(Relation(rows)))
    world.left.create("Card is refused", fields={Field.declared("Urgency"): "Highest"})
    settle(world)
    assert world.shown(field) == ("Highest", "P1")
    world.fill(Side.LEFT, field, "Same")
    settle(world)
    assert world.shown(field) == ("Same", "same")
    world.fill(Side.RIGHT, field, "P1")
    settle(world)
    assert world.shown(field) == ("High", "P1")


def test_an_option_that_the_other_side_lacks_waits_with_its_reason_and_empties_nothing(world: World) -> None:
    left = CustomField(CustomType.CHOICE, "Urgency", options=("High", "Low"))
    field = world.declare("urgency", left, CustomField(CustomType.CHOICE, "Level", options=("High",)))
    world.left.create("Card is refused", fields={Field.declared("Urgency"): "High"})
    settle(world)
    world.fill(Side.LEFT, field, "Low")
    settle(world)
    assert world.shown(field) == ("Low", "High")
    assert reasons(world, field) == [
        '"Low" is no option of urgency on the right side: add it there, or a row to its map'
    ]
    world.right.custom["Level"] = replace(world.right.custom["Level"], options=("High", "Low"))
    settle(world)
    assert world.shown(field) == ("Low", "Low")


ROWS = Relation((MapRow(MapCell("High"), MapCell("p1")), MapRow(MapCell("High"), MapCell("P2"))))


@pytest.mark.parametrize("made", [True, False])
def test_an_option_that_the_map_names_and_the_other_side_lacks_is_promised_by_nobody(world: World, made: bool) -> None:
    left = CustomField(CustomType.CHOICE, "Urgency", options=("High", "Low"))
    field = world.declare(
        "urgency", left, CustomField(CustomType.CHOICE, "Level", options=("Low",)), rule=CustomRule(ROWS)
    )
    world.left.create("Card is refused", fields={Field.declared("Urgency"): "High" if made else "Low"})
    if not made:
        settle(world)
        world.fill(Side.LEFT, field, "High")
    with world.context() as context:
        writes = [one.fields if isinstance(one, Create) else one.patch for one in preview_pair(context).writes()]
    assert not any(field in fields for fields in writes)
    settle(world)
    said = '"p1" is no option of urgency on the right side: add it there, or correct the row of its map'
    assert reasons(world, field) == [said]
    with world.context() as context:
        assert [(one.field, one.why, one.reason) for one in verify_pair(context).differences] == [
            (field, Why.UNMAPPED, said)
        ]
    assert world.shown(field) == ("High", None if made else "Low")
    world.right.custom["Level"] = replace(world.right.custom["Level"], options=("Low", "P2"))
    settle(world)
    assert world.shown(field) == ("High", "P2")
    assert reasons(world, field) == []


def test_an_option_is_spelt_as_its_tracker_spells_it_whatever_the_map_says(world: World) -> None:
    left = CustomField(CustomType.CHOICES, "Areas", options=("High", "Low"))
    field = world.declare(
        "areas", left, CustomField(CustomType.CHOICES, "There", options=("P1", "P2")), rule=CustomRule(ROWS)
    )
    world.left.create("Card is refused", fields={Field.declared("Areas"): ("High",)})
    settle(world)
    assert world.shown(field) == (("High",), ("P1",))


def test_one_of_several_options_that_the_other_side_lacks_is_listed_and_the_rest_is_carried(world: World) -> None:
    left, right = same(CustomType.CHOICES, "API", "Docs", "Web")
    field = world.declare("areas", left, replace(right, options=("api", "Web")))
    world.left.create("Card is refused", fields={Field.declared("There"): ("API", "Docs")})
    settle(world)
    assert world.shown(field) == (("API", "Docs"), ("api",))
    assert reasons(world, field) == ["“Docs” of areas is no option on ACME-1: add it there, or a row to the map"]
    world.fill(Side.RIGHT, field, ("Web", "api"))
    settle(world)
    assert world.shown(field) == (("API", "Docs", "Web"), ("Web", "api"))


def test_both_sides_changed_is_a_conflict_like_any_other(world: World) -> None:
    field = world.declare("points", *same(CustomType.NUMBER))
    world.rules = replace(world.rules, fields={**world.rules.fields, field: FieldRule(on_conflict=Policy.ASK)})
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    world.fill(Side.LEFT, field, 5.0)
    world.fill(Side.RIGHT, field, 8.0)
    settle(world)
    assert world.shown(field) == (5.0, 8.0)
    with world.context() as context:
        (conflict,) = context.store.conflicts.of_pair("pay")
    assert (conflict.field, conflict.left, conflict.right) == (field, 5.0, 8.0)


def test_of_changes_that_a_side_does_not_date_none_is_the_newest(world: World) -> None:
    left, right = same(CustomType.NUMBER)
    field = world.declare("points", left, replace(right, undated=True))
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    world.fill(Side.LEFT, field, 5.0)
    world.fill(Side.RIGHT, field, 8.0)
    settle(world)
    assert world.shown(field) == (5.0, 8.0)
    with world.context() as context:
        assert [conflict.field for conflict in context.store.conflicts.of_pair("pay")] == [field]


def test_a_number_that_a_tracker_prints_with_fewer_digits_is_the_same(world: World) -> None:
    field = world.declare("points", *same(CustomType.NUMBER))
    world.left.create("Card is refused", fields={Field.declared("There"): 0.1 + 0.2})
    settle(world)
    world.fill(Side.RIGHT, field, 0.3)
    settle(world)
    assert world.shown(field) == (0.1 + 0.2, 0.3)


def test_an_existing_state_fills_where_one_side_is_empty_and_lists_what_differs(world: World) -> None:
    for title in ("One", "Two"):
        world.left.create(title)
    settle(world)
    field = world.declare("points", *same(CustomType.NUMBER))
    (left_one, left_two), (_, right_two) = (
        sorted(world.tracker(side).items(), key=lambda item: str(item.showing[Field.TITLE])) for side in Side
    )
    world.fill(Side.LEFT, field, 1.0, left_one.ref)
    world.fill(Side.LEFT, field, 2.0, left_two.ref)
    world.fill(Side.RIGHT, field, 3.0, right_two.ref)
    settle(world)
    shown = {str(item.showing[Field.TITLE]): item.showing.get(Field.declared("Here")) for item in world.right.items()}
    assert shown == {"One": 1.0, "Two": 3.0}
    assert len(reasons(world, field)) == 1


@pytest.mark.parametrize("wrong", [math.nan, math.inf, "three", ("API",)])
def test_a_value_that_makes_no_sense_empties_nothing_and_stops_nothing(world: World, wrong: Value) -> None:
    field = world.declare("points", *same(CustomType.NUMBER))
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    world.left.edit(world.only(Side.LEFT).ref, {Field.declared("There"): wrong, Field.TITLE: "Card is refused again"})
    settle(world)
    assert world.shown(field)[1] == 3.0
    assert world.only(Side.RIGHT).showing[Field.TITLE] == "Card is refused again"
    assert len(reasons(world, field)) == 1


@pytest.mark.parametrize("side", Side)
def test_a_value_that_cannot_be_carried_is_listed_beside_an_empty_partner(world: World, side: Side) -> None:
    field = world.declare("points", *same(CustomType.NUMBER))
    world.left.create("Card is refused")
    settle(world)
    world.fill(side, field, 1e300)
    settle(world)
    key = world.only(side).key
    assert reasons(world, field) == [f"points of {key} holds what cannot be carried"]
    with world.context() as context:
        (differs,) = verify_pair(context).differences
    assert dict(differs.said) == {side: UNCARRIED}  # and not that both are empty
    world.fill(side, field, 5.0)
    settle(world)
    assert (world.shown(field), reasons(world, field)) == ((5.0, 5.0), [])


def test_a_person_whom_nobody_stands_for_is_listed_as_long_as_they_stand_there(world: World) -> None:
    field = world.declare("tester", *same(CustomType.PERSON))
    world.left.create("Card is refused", fields={Field.declared("There"): ("li.wei",)})
    settle(world)
    world.fill(Side.LEFT, field, ("someone",))
    for _ in range(2):
        settle(world)
        assert reasons(world, field) == ["tester someone: add the person to [[people]]"]
        assert world.shown(field) == (("someone",), ())
    world.fill(Side.LEFT, field, ("mia.braun",))
    settle(world)
    assert (world.shown(field), reasons(world, field)) == ((("mia.braun",), ("miab",)), [])


def test_a_field_that_is_gone_says_so_and_empties_nothing(world: World) -> None:
    field = world.declare("points", *same(CustomType.NUMBER))
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    del world.left.custom["There"]
    world.fill(Side.RIGHT, field, 5.0)
    assert settle(world).unheld == ['points: left has no field "There"']
    assert world.shown(field) == (3.0, 5.0)
    world.left.custom["There"] = CustomField(CustomType.NUMBER, "There")
    settle(world)
    assert world.shown(field) == (5.0, 5.0)


@pytest.mark.parametrize("found", [None, 8.0])
def test_a_field_that_was_made_anew_empties_and_overwrites_nothing(world: World, found: Value) -> None:
    left, right = same(CustomType.NUMBER)
    field = world.declare("points", replace(left, id="1"), replace(right, id="7"))
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    world.left.custom["There"] = replace(left, id="2")
    world.fill(Side.LEFT, field, found)
    settle(world)
    assert world.shown(field) == ((3.0, 3.0) if found is None else (8.0, 3.0))
    assert len(reasons(world, field)) == (found is not None)


def test_another_field_in_the_file_has_no_base_of_the_former_one(world: World) -> None:
    left, right = same(CustomType.NUMBER)
    field = world.declare("points", replace(left, id="1"), replace(right, id="7"))
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    world.left.custom["Elsewhere"] = replace(left, name="Elsewhere", id="2")
    world.places[Side.LEFT][field] = "Elsewhere"
    world.fingerprint += " elsewhere"
    settle(world)
    assert world.shown(field) == (3.0, 3.0)


def test_a_field_that_one_side_computes_is_carried_from_there_alone(world: World) -> None:
    left, right = same(CustomType.NUMBER)
    field = world.declare("points", replace(left, read_only=True), right)
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    assert world.shown(field) == (3.0, 3.0)
    world.fill(Side.RIGHT, field, 5.0)
    settle(world)
    assert world.shown(field) == (3.0, 5.0)
    assert reasons(world, field) == ["points of PAY-1 cannot be written: its tracker only shows it"]


def test_types_that_do_not_fit_are_carried_nowhere_and_said_once(world: World) -> None:
    left, right = CustomField(CustomType.NUMBER, "Points"), CustomField(CustomType.DATE, "Ready on")
    field = world.declare("points", left, right)
    world.left.create("Card is refused", fields={Field.declared("Points"): 3.0})
    assert settle(world).unheld == ['points: "Points" holds a number on the left, and "Ready on" a day on the right']
    assert world.shown(field) == (3.0, None)


def test_direction_is_kept(world: World) -> None:
    field = world.declare("points", *same(CustomType.NUMBER))
    rule = FieldRule(direction=Direction.LEFT_TO_RIGHT)
    world.rules = replace(world.rules, fields={**world.rules.fields, field: rule})
    world.right.create("Card is refused", fields={Field.declared("Here"): 3.0})
    settle(world)
    assert world.shown(field) == (None, 3.0)
    world.fill(Side.LEFT, field, 5.0)
    settle(world)
    assert world.shown(field)[0] == 5.0


def test_nothing_of_a_field_reaches_a_wider_audience_unless_it_is_published_by_name(world: World) -> None:
    world.right.audience = Audience.PUBLIC
    field = world.declare("points", *same(CustomType.NUMBER))
    world.rules = replace(world.rules, publish=frozenset({"title", "status"}))
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    assert world.shown(field) == (3.0, None)
    assert reasons(world, field) == ["points is not published to the wider audience of ACME-1"]
    world.rules = replace(world.rules, publish=frozenset({"title", "status", "points"}))
    world.fingerprint += " published"
    settle(world)
    assert world.shown(field) == (3.0, 3.0)


def test_a_side_without_a_due_day_of_its_own_shows_it_at_a_declared_place(world: World) -> None:
    world.right.custom["Target date"] = CustomField(CustomType.DATE, "Target date")
    world.places[Side.RIGHT][Field.DUE] = "Target date"
    world.left.create("Card is refused", fields={Field.DUE: date(2026, 5, 31)})
    settle(world)
    assert world.only(Side.RIGHT).showing.get(Field.declared("Target date")) == date(2026, 5, 31)
    world.right.edit(world.only(Side.RIGHT).ref, {Field.declared("Target date"): date(2026, 6, 30)})
    settle(world)
    assert world.only(Side.LEFT).showing[Field.DUE] == date(2026, 6, 30)


def test_what_a_lost_field_showed_before_is_not_believed(world: World) -> None:
    field = world.declare("points", *same(CustomType.NUMBER))
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    del world.left.custom["There"]
    world.fill(Side.RIGHT, field, 5.0)
    for _ in range(2):
        assert world.sync().outcome == "clean"
    assert world.shown(field) == (3.0, 5.0)


def test_a_field_that_fewer_can_read_than_its_task_reaches_no_wider_audience_unless_it_is_published(
    world: World,
) -> None:
    world.left.audience = world.right.audience = Audience.PUBLIC
    left, right = same(CustomType.NUMBER)
    field = world.declare("points", replace(left, audience=Audience.ORGANIZATION), right)
    world.left.create("Card is refused", fields={Field.declared("There"): 3.0})
    settle(world)
    assert world.shown(field) == (3.0, None)
    assert reasons(world, field) == ["points is not published to the wider audience of ACME-1"]
    world.fill(Side.RIGHT, field, 5.0)
    world.fill(Side.LEFT, field, None)
    settle(world)
    assert world.shown(field) == (5.0, 5.0)
    world.rules = replace(world.rules, publish=frozenset({"points"}))
    world.fingerprint += " published"
    world.fill(Side.LEFT, field, 8.0)
    settle(world)
    assert world.shown(field) == (8.0, 8.0)


def lose(world: World, side: Side, option: str) -> None:
    """Somebody deletes an option of a field: its tracker takes it from the tasks that had it."""
    tracker, name = world.tracker(side), "There" if side is Side.LEFT else "Here"
    held = tracker.custom[name]
    tracker.custom[name] = replace(held, options=tuple(one for one in held.options if one != option))


@pytest.mark.parametrize("side", list(Side))
def test_an_option_that_is_deleted_empties_nothing_on_the_other_side_and_comes_back_with_its_name(
    world: World, side: Side
) -> None:
    field = world.declare("risk", *same(CustomType.CHOICE, "High", "Low"))
    world.left.create("Card is refused", fields={Field.declared("There"): "High"})
    settle(world)
    lose(world, side, "High")
    world.fill(side, field, None)
    settle(world)
    assert world.shown(field) == ((None, "High") if side is Side.LEFT else ("High", None))
    assert reasons(world, field) == [
        f'"High" is no option of risk on the {side} side: add it there, or a row to its map'
    ]
    name = "There" if side is Side.LEFT else "Here"
    world.tracker(side).custom[name] = replace(world.tracker(side).custom[name], options=("High", "Low"))
    settle(world)
    assert world.shown(field) == ("High", "High")


@pytest.mark.parametrize("type_", [CustomType.CHOICE, CustomType.CHOICES])
@pytest.mark.parametrize("side", list(Side))
def test_a_field_of_which_all_options_are_deleted_empties_nothing_and_is_listed(
    world: World, side: Side, type_: CustomType
) -> None:
    several = type_ is CustomType.CHOICES
    field = world.declare("risk", *(replace(one, tells_options=True) for one in same(type_, "High")))
    world.left.create("Card is refused", fields={Field.declared("There"): ("High",) if several else "High"})
    settle(world)
    lose(world, side, "High")
    world.fill(side, field, () if several else None)
    settle(world)
    assert world.shown(field)[side is Side.LEFT] == (("High",) if several else "High")
    assert len(reasons(world, field)) == 1


@pytest.mark.parametrize("side", list(Side))
def test_of_several_options_one_that_is_deleted_is_not_taken_from_the_other_side(world: World, side: Side) -> None:
    field = world.declare("areas", *same(CustomType.CHOICES, "API", "Docs", "Web"))
    world.left.create("Card is refused", fields={Field.declared("There"): ("API", "Docs")})
    settle(world)
    lose(world, side, "Docs")
    world.fill(side, field, ("Web",))  # and API is taken away by somebody, for Web
    settle(world)
    assert world.shown(field) == ((("Web",), ("Docs", "Web")) if side is Side.LEFT else (("Docs", "Web"), ("Web",)))
    assert len(reasons(world, field)) == 1


def test_a_person_who_empties_a_choice_and_an_option_that_others_lose_are_told_apart(world: World) -> None:
    field = world.declare("risk", *same(CustomType.CHOICE, "High", "Low"))
    world.left.create("Card is refused", fields={Field.declared("There"): "Low"})
    settle(world)
    lose(world, Side.RIGHT, "High")
    world.fill(Side.RIGHT, field, None)
    settle(world)
    assert world.shown(field) == (None, None)
