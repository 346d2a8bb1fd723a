"""Declared fields of Jira: found by name or id, remembered, read and written by type, and held where they cannot be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.jira import KIND
from syncer.contract.capabilities import Fidelity
from syncer.contract.conformance.world import Remembered, only, task_draft
from syncer.contract.custom import CustomField, CustomType
from syncer.contract.errors import Rejected, Retryable
from syncer.contract.history import PastChange
from syncer.contract.model import Cursor, Field, Kind, Observed, Ref, Value
from syncer.contract.sprint import Sprint, SprintState
from syncer.sandbox.faults import Fault
from syncer.sandbox.jira.fields import SPRINT, STORY_POINTS
from tests.unit.connectors.declared_fields import (
    EXTRA,
    OTHER,
    drafted,
    followed,
    listed,
    opened,
    stored,
    told,
    with_field,
)
from tests.unit.connectors.jira_world import START, Office, office

# ---------------------------------------------------------------------------------------------------- what is there


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("string", CustomType.TEXT), ("text", CustomType.TEXT), ("url", CustomType.URL), ("number", CustomType.NUMBER),
        ("points", CustomType.NUMBER), ("date", CustomType.DATE), ("option", CustomType.CHOICE),
        ("radio", CustomType.CHOICE), ("options", CustomType.CHOICES), ("multiselect", CustomType.CHOICES),
        ("labels", CustomType.CHOICES), ("user", CustomType.PERSON),
    ],
)  # fmt: skip
def test_a_field_is_found_by_name_and_by_id(place: Office, kind: str, type_: CustomType) -> None:
    made = place.jira.add_custom_field("Extra field", kind, ["High"])
    for where in ("Extra field", "extra FIELD", made.id):
        found = told(place, where)
        assert isinstance(found, CustomField), found
        assert (found.type, found.name, found.read_only) == (type_, "Extra field", False)


def test_fields_of_every_jira_may_be_declared_where_people_estimate_in_them(place: Office) -> None:
    for where, read_only in (("Original estimate", False), ("timeestimate", False), ("Time Spent", True)):
        found = told(place, where)
        assert isinstance(found, CustomField), found
        assert (found.type, found.read_only) == (CustomType.NUMBER, read_only)


@pytest.mark.parametrize(
    ("kind", "type_"), [("computed number", CustomType.NUMBER), ("computed text", CustomType.TEXT)]
)
def test_a_field_that_is_computed_is_only_read(place: Office, kind: str, type_: CustomType) -> None:
    place.jira.add_custom_field("Extra", kind)
    connector = opened(place, {EXTRA: "Extra"})
    found = connector.declared()[EXTRA]
    assert isinstance(found, CustomField), found
    assert (found.type, found.read_only) == (type_, True)
    assert connector.capabilities.fields[Kind.TASK][EXTRA] is Fidelity.READ_ONLY


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("rank", "holds the rank"), ("instant", "holds a time of day"), ("epic", "carried as the parent"),
        ("table", "com.example.formulas:table"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_carried_says_why(place: Office, kind: str, words: str) -> None:
    place.jira.add_custom_field("Extra", kind)
    assert words in str(told(place, "Extra"))


def test_a_name_that_no_field_has_is_told_with_the_nearest_one(place: Office) -> None:
    place.jira.add_custom_field("Risk level", "option")
    assert told(place, "Risk levle") == 'has no field "Risk levle": did you mean "Risk level"?'
    assert told(place, "customfield_99") == 'has no field "customfield_99"'
    assert "`fields`" in str(told(place, "Summary"))


def test_a_name_of_several_fields_is_told_with_their_ids(place: Office) -> None:
    ids = [place.jira.add_custom_field("Team", "string").id for _ in range(2)]
    assert told(place, "Team") == f'has several fields called "Team": write the id of one of them ({", ".join(ids)})'
    assert isinstance(told(place, ids[1]), CustomField)


def test_a_team_managed_project_has_fields_of_its_own() -> None:
    with office("cloud") as place:
        for key in ("TEAM", "OTHER"):
            place.jira.add_project(key, team_managed=True, lead="mia")
            place.jira.add_custom_field("Effort", "number", team=key)
        place.jira.add_custom_field("Effort", "string")
        fields = {project: told(place, "Effort", project=project) for project in ("TEAM", "PAY")}
        assert [one.type for one in fields.values() if isinstance(one, CustomField)] == [
            CustomType.NUMBER, CustomType.TEXT,
        ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong", ["", "  ", 3, None, ["Effort"], {"field": "Effort"}, {"field": "Sprint", "create": 1}]
)
def test_a_place_that_is_none_is_told_with_what_to_write(wrong: object) -> None:
    with pytest.raises(ValueError, match='"Story points", "customfield_10016"'):
        KIND.custom_locator(wrong)  # type: ignore[attr-defined]  # optional in the protocol


def test_options_are_told_in_their_order_and_disabled_ones_are_not(place: Office) -> None:
    made = place.jira.add_custom_field("Team", "option", ["Red", "Blue", "Green"])
    place.jira.disable_option(made.id, "Blue")
    found = told(place, "Team")
    assert isinstance(found, CustomField)
    assert found.options == ("Red", "Green")


# ------------------------------------------------------------------------------------------------- what it costs


def test_a_run_with_nothing_to_do_asks_for_changes_alone(place: Office) -> None:
    place.jira.add_custom_field("Extra", "number")
    place.issue("Only")
    store = followed(opened(place, {EXTRA: "Extra"}))
    place.later(3600)
    connector = opened(place, {EXTRA: "Extra"})
    followed(connector, store)
    connector.declared()
    assert connector.requests == 1
    assert connector.capabilities.custom[EXTRA].type is CustomType.NUMBER


def test_a_cursor_of_other_declarations_has_the_fields_found_anew(place: Office) -> None:
    for name in ("Extra", "Other"):
        place.jira.add_custom_field(name, "number")
    store = followed(opened(place, {EXTRA: "Extra"}))
    connector = opened(place, {EXTRA: "Other"})
    followed(connector, store)
    assert connector.requests == 2
    assert connector.capabilities.custom[EXTRA].name == "Other"


def test_a_cursor_of_a_former_version_is_a_place_to_go_on_from(place: Office) -> None:
    store = followed(place.open())
    former = json.loads(str(store.cursor))
    del former["declared"]
    store.cursor = Cursor(json.dumps(former))
    connector = place.open()
    followed(connector, store)
    assert connector.requests == 1


@pytest.mark.parametrize("kind", ["number", "option", "multiselect", "user", "sprint"])
def test_one_changed_field_costs_at_most_six_requests(place: Office, kind: str) -> None:
    values: dict[str, Value] = {"number": 3.0, "option": "Red", "multiselect": ("Blue", "Red"), "user": ("liwei",)}
    value = values.get(kind, "One")
    place.jira.add_sprint("PAY", "One")
    made = None if kind == "sprint" else place.jira.add_custom_field("Extra", kind, ["Red", "Blue"])
    place.issue("Only")
    fields = {EXTRA: "Sprint" if made is None else "Extra"}
    store = followed(opened(place, fields))
    place.later(3600)
    connector = opened(place, fields)
    followed(connector, store)
    (item,) = store.items.values()
    connector.update(item, {EXTRA: value})
    assert connector.requests <= 6
    assert listed(opened(place, fields)).showing[EXTRA] == value


def test_a_complete_reading_of_a_thousand_issues_with_ten_fields_costs_less_than_eighty_requests(place: Office) -> None:
    kinds = ("string", "text", "url", "number", "points", "date", "option", "multiselect", "labels", "user")
    fields = {Field.declared(kind): place.jira.add_custom_field(f"My {kind}", kind, ["Red"]).name for kind in kinds}
    place.jira.users["bot"].active = False  # of an issue of ours Data Center is asked for its marker, one by one
    place.jira.seed_issues("PAY", 1_000)
    place.jira.users["bot"].active = True
    connector = opened(place, fields)
    store = followed(connector)
    assert len(store.items) == 1_000
    assert connector.requests < 80
    assert all(fields.keys() <= item.showing.keys() for item in store.items.values())


# ------------------------------------------------------------------------------------------------- what is written


def test_estimates_are_hours(place: Office) -> None:
    native = place.issue("Only")
    connector = opened(place, {EXTRA: "Original estimate", OTHER: "Remaining Estimate"})
    connector.update(listed(connector), {EXTRA: 2.5, OTHER: 0.5})
    content = place.jira.issues[native].content
    assert (content["timeoriginalestimate"], content["timeestimate"]) == (9_000, 1_800)
    shown = listed(connector).showing
    assert (shown[EXTRA], shown[OTHER]) == (2.5, 0.5)
    with pytest.raises(Rejected, match="extra of PAY-1: no document"):
        connector.update(listed(connector), {EXTRA: None})


def test_a_due_day_is_kept_where_the_pair_says(place: Office) -> None:
    made = place.jira.add_custom_field("Target date", "date")
    native = place.issue("Only", duedate="2026-01-01")
    connector = opened(place, {Field.DUE: "Target date"})
    assert listed(connector).showing[Field.DUE] is None
    connector.update(listed(connector), {Field.DUE: date(2026, 5, 31)})
    content = place.jira.issues[native].content
    assert (content[made.id], content["duedate"]) == (date(2026, 5, 31), date(2026, 1, 1))
    created = only(connector.create([task_draft(connector, "New", due=date(2026, 6, 1))]))
    content = place.jira.issues[created.ref.id].content
    assert (content[made.id], content["duedate"]) == (date(2026, 6, 1), None)


def test_nothing_of_a_due_day_is_known_where_its_place_is_empty(place: Office) -> None:
    place.issue("Only", duedate="2026-01-01")
    connector = opened(place, {Field.DUE: "Nowhere"})
    assert Field.DUE not in listed(connector).showing
    assert Field.DUE not in connector.capabilities.fields[Kind.TASK]


def test_zero_is_a_number(place: Office) -> None:
    connector = opened(place, {EXTRA: STORY_POINTS})
    item = drafted(connector, extra=0.0)
    assert item.showing[EXTRA] == listed(connector).showing[EXTRA] == 0.0


def test_a_plain_line_of_a_large_field_is_carried_and_more_than_that_is_left_alone(place: Office) -> None:
    made = place.jira.add_custom_field("Notes", "text")
    native = with_field(place, made.id, place.body("One line"))
    connector = opened(place, {EXTRA: "Notes"})
    assert listed(connector).showing[EXTRA] == "One line"
    connector.update(listed(connector), {EXTRA: "Another line"})
    assert listed(connector).showing[EXTRA] == "Another line"
    place.edit(native, **{made.id: place.body("Two\nlines")})
    place.later(60)
    item = listed(connector)
    assert EXTRA not in item.showing
    with pytest.raises(Rejected, match="extra of PAY-1"):
        connector.update(item, {EXTRA: "Third"})


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("string", "x" * 256, "256 characters is too long"), ("number", 1e300, "is too large"),
        ("number", float("nan"), "is not a number"), ("option", "Rde", 'did you mean "Red"'),
        ("multiselect", ("Green", "Red"), '"Green" is no option of "Extra"'), ("url", "no address", "Not a valid URL"),
        ("sprint", "Sprint 9", 'no active or coming sprint is called "Sprint 9"'),
    ],
)  # fmt: skip
def test_what_a_field_cannot_hold_is_refused_by_its_name(place: Office, kind: str, value: Any, words: str) -> None:
    where = "Sprint" if kind == "sprint" else place.jira.add_custom_field("Extra", kind, ["Red"]).name
    place.issue("Only")
    connector = opened(place, {EXTRA: where})
    before = listed(connector)
    with pytest.raises(Rejected, match="extra of PAY-1") as refusal:
        connector.update(before, {EXTRA: value})
    assert words in str(refusal.value)
    assert listed(connector).showing == before.showing


def test_a_new_issue_is_made_without_what_a_field_cannot_hold(place: Office) -> None:
    place.jira.add_custom_field("Extra", "option", ["Red"])
    connector = opened(place, {EXTRA: "Extra", OTHER: STORY_POINTS})
    item = drafted(connector, extra="Green", other=3.0)
    assert (item.showing[EXTRA], item.showing[OTHER]) == (None, 3.0)


def test_a_field_that_is_on_no_create_screen_is_left_out_and_takes_an_edit(place: Office) -> None:
    made = place.jira.add_custom_field("Extra", "number")
    place.jira.project("PAY").hidden_on_create.add(made.id)
    connector = opened(place, {EXTRA: "Extra"})
    item = drafted(connector, extra=3.0)
    assert item.showing[EXTRA] is None
    assert connector.update(item, {EXTRA: 3.0}).showing[EXTRA] == 3.0
    assert [one.about for one in connector.check() if one.about == f"field {made.id}"]


def test_a_field_that_is_on_no_edit_screen_is_refused_by_its_name(place: Office) -> None:
    made = place.jira.add_custom_field("Extra", "number")
    place.jira.project("PAY").hidden_on_edit.add(made.id)
    place.issue("Only")
    connector = opened(place, {EXTRA: "Extra"})
    with pytest.raises(Rejected, match=r"extra of PAY-1: .*not on the appropriate screen"):
        connector.update(listed(connector), {EXTRA: 3.0})


def test_a_person_in_a_field_is_known_by_what_never_changes() -> None:
    with office("datacenter") as place:
        made = place.jira.add_custom_field("Tester", "user")
        with_field(place, made.id, {"name": "liwei"})
        (person,) = listed(opened(place, {EXTRA: "Tester"})).people
        assert (person.id, person.native) == ("liwei", place.jira.users["liwei"].key)


# -------------------------------------------------------------------------------------------------------- sprints


def test_an_issue_is_put_into_a_sprint_and_taken_out_of_it(place: Office) -> None:
    place.jira.add_sprint("PAY", "Sprint 1", "active")
    place.jira.project("PAY").hidden_on_edit.add(SPRINT)
    place.issue("Only")
    connector = opened(place, {EXTRA: "Sprint"})
    assert connector.update(listed(connector), {EXTRA: "Sprint 1"}).showing[EXTRA] == "Sprint 1"
    assert listed(connector).showing[EXTRA] == "Sprint 1"
    assert connector.update(listed(connector), {EXTRA: None}).showing[EXTRA] is None
    assert listed(connector).showing[EXTRA] is None


def test_a_closed_sprint_is_shown_and_neither_reopened_nor_left(place: Office) -> None:
    closing = place.jira.add_sprint("PAY", "Sprint 1", "active")
    native = with_field(place, SPRINT, closing.id)
    closing.state = "closed"
    connector = opened(place, {EXTRA: "Sprint"})
    assert listed(connector).showing[EXTRA] == "Sprint 1"
    with pytest.raises(Rejected, match='extra of PAY-1: it was in "Sprint 1", which is closed'):
        connector.update(listed(connector), {EXTRA: None})
    other = place.issue("Other")
    item = followed(connector).items[Ref(Kind.TASK, other)]
    with pytest.raises(Rejected, match="closed ones stay closed, none is made"):
        connector.update(item, {EXTRA: "Sprint 1"})
    assert [each.state for each in place.jira.sprints.values()] == ["closed"]
    assert place.jira.issues[native].content[SPRINT] == (closing,)


def test_a_sprint_is_told_with_its_days_goal_and_state(place: Office) -> None:
    days = {"start": START, "end": START + timedelta(days=14), "goal": "Refunds, at last"}
    coming = place.jira.add_sprint("PAY", "Sprint 2, maybe", "future", **days)
    with_field(place, SPRINT, coming.id)
    expected = Sprint(
        "Sprint 2, maybe", id=str(coming.id), state=SprintState.FUTURE, start=START, end=START + timedelta(days=14),
        goal="Refunds, at last",
    )  # fmt: skip
    for connector in (opened(place, {EXTRA: "Sprint"}), place.open(sprint=SPRINT)):
        facts = listed(connector).facts
        assert facts.sprints == (expected,)
    assert facts.iteration == "Sprint 2, maybe"


SPRINTS_MADE = {"field": "Sprint", "create": True}


def moved_into(place: Office, sprint: str, where: object) -> Observed:
    """A new issue after it was put into a sprint."""
    native = place.issue("New")
    connector = opened(place, {EXTRA: KIND.custom_locator(where)})  # type: ignore[attr-defined]  # optional
    return connector.update(followed(connector).items[Ref(Kind.TASK, native)], {EXTRA: sprint})


def test_a_sprint_that_is_not_there_is_made_only_where_that_is_allowed(place: Office) -> None:
    with pytest.raises(Rejected, match="closed ones stay closed, none is made"):
        moved_into(place, "Sprint 7", "Sprint")
    assert place.jira.sprints == {}
    assert moved_into(place, "Sprint 7", SPRINTS_MADE).showing[EXTRA] == "Sprint 7"
    (made,) = place.jira.sprints.values()
    assert (made.name, made.state, made.start) == ("Sprint 7", "future", None)
    moved_into(place, "Sprint 7", SPRINTS_MADE)
    assert len(place.jira.sprints) == 1


def test_a_closed_sprint_is_not_reopened_and_no_other_of_its_name_is_made(place: Office) -> None:
    closed = place.jira.add_sprint("PAY", "Sprint 6", "closed")
    with pytest.raises(Rejected, match='the sprint "Sprint 6" is closed: it stays closed, and no other of its name'):
        moved_into(place, "Sprint 6", SPRINTS_MADE)
    assert list(place.jira.sprints.values()) == [closed]
    assert closed.state == "closed"


@pytest.mark.parametrize("kind", ["close-before-commit", "commit-then-close"])
def test_a_sprint_whose_making_was_not_answered_is_made_once(place: Office, kind: Any) -> None:
    native = place.issue("New")
    connector = opened(place, {EXTRA: KIND.custom_locator(SPRINTS_MADE)})  # type: ignore[attr-defined]  # optional
    item = followed(connector).items[Ref(Kind.TASK, native)]
    place.box.faults.add(Fault(kind, verb="POST", path="/agile/1.0/sprint$"))
    with pytest.raises(Retryable):
        connector.update(item, {EXTRA: "Sprint 7"})
    assert connector.update(item, {EXTRA: "Sprint 7"}).showing[EXTRA] == "Sprint 7"
    assert [each.name for each in place.jira.sprints.values()] == ["Sprint 7"]


def test_of_several_boards_the_place_names_the_one_on_which_sprints_are_made(place: Office) -> None:
    first = next(iter(place.jira.boards.values()))
    place.jira.boards[99] = replace(first, id=99, name="Second")
    with pytest.raises(Rejected, match=r"name its board, the project has .*Second \(99\)"):
        moved_into(place, "Sprint 7", SPRINTS_MADE)
    moved_into(place, "Sprint 7", {**SPRINTS_MADE, "board": "Second"})
    assert [each.board_id for each in place.jira.sprints.values()] == [99]


def test_a_name_of_two_open_sprints_is_refused(place: Office) -> None:
    for _ in range(2):
        place.jira.add_sprint("PAY", "Next")
    place.issue("Only")
    connector = opened(place, {EXTRA: "Sprint"})
    with pytest.raises(Rejected, match='2 open sprints are called "Next"'):
        connector.update(listed(connector), {EXTRA: "Next"})


# ----------------------------------------------------------------------------------------------------- its past


def test_the_past_of_each_field_is_told(place: Office) -> None:
    place.jira.add_sprint("PAY", "One", "active")
    kinds: dict[str, tuple[Any, Value, Value]] = {
        "string": ("a, b", "", "a, b"),
        "number": (2.5, None, 2.5),
        "date": ("2026-05-31", None, date(2026, 5, 31)),
        "option": ({"value": "A, B"}, None, "A, B"),
        "multiselect": ([{"value": "Red"}, {"value": "Blue"}], (), ("Blue", "Red")),
        "labels": (["b", "a"], (), ("a", "b")),
        "user": ({place.dialect.account_key: "liwei"}, (), ("liwei",)),
    }
    fields = {
        Field.declared(kind): place.jira.add_custom_field(f"My {kind}", kind, ["A, B", "Red", "Blue"]).id
        for kind in kinds
    } | {Field.declared("sprint"): SPRINT}
    native = place.issue("Only")
    for kind, (sent, _, _) in kinds.items():
        place.edit(native, **{fields[Field.declared(kind)]: sent})
    sprint = next(iter(place.jira.sprints.values()))
    place.edit(native, **{SPRINT: sprint.id})
    connector = opened(place, fields)
    changes = [change for page in connector.history([listed(connector)]) for change in page.changes]
    assert {str(one.aspect): (one.old, one.new) for one in changes if _is_declared(one)} == {
        **{kind: (old, new) for kind, (_, old, new) in kinds.items()},
        "sprint": (None, "One"),
    }


def _is_declared(change: PastChange) -> bool:
    return isinstance(change.aspect, Field) and change.aspect.custom


@pytest.mark.parametrize(
    ("value", "rank"), [("0|i000db:", "0|i000db:"), ("0|vmis7l:hl4", "0|vmis7l:hl4"), (7, ""), ("?", "")]
)
def test_the_rank_is_read_for_the_plan_by_no_request_of_its_own(place: Office, value: Any, rank: str) -> None:
    made = place.jira.add_custom_field("Rank", "rank")
    native = place.issue("Only")
    stored(place, native, made.id, value)
    connector = place.open(rank=made.id)
    assert listed(connector).facts.rank == rank
    assert listed(place.open()).facts.rank == ""


def test_the_rank_is_found_by_its_name_once_for_all_runs(place: Office) -> None:
    made = place.jira.add_custom_field("Rank", "rank")
    stored(place, place.issue("Only"), made.id, "0|i000db:")
    connector = place.open(rank="Rank")
    store = Remembered()
    store.follow(connector)
    assert [item.facts.rank for item in store.items.values()] == ["0|i000db:"]
    spent = {}
    for name in ("Rank", "rank", made.id):
        later = place.open(rank=name)
        list(later.changes(store.cursor, store))
        spent[name] = later.requests
    assert spent["Rank"] == spent[made.id] == spent["rank"] - 1  # what the cursor remembers is not asked for


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"rank": "Ranc"}, 'no field "Ranc": did you mean "Rank"?'),
        ({"rank": "customfield_99999"}, 'no field "customfield_99999"'),
        ({"rank": "Points"}, "is no rank but of the type"),
        ({"sprint": "customfield_99999"}, 'no field "customfield_99999"'),
        ({"rank": "Rank"}, ""),
    ],
)
def test_check_names_a_configured_field_that_is_not_there(place: Office, keys: dict[str, str], said: str) -> None:
    place.jira.add_custom_field("Rank", "rank")
    place.jira.add_custom_field("Points", "number")
    (key,) = keys
    found = [finding.message for finding in place.open(**keys).check() if finding.about == key]
    assert [said in message for message in found] == ([True] if said else [])
