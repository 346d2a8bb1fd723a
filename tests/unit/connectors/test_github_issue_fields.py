"""Issue fields of an organisation as declared fields: resolved, read, written, and what becomes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.github.connector import GitHubConnector
from connectors.github.locators import IssueFieldLocator
from syncer.contract.checking import Severity
from syncer.contract.conformance.world import Remembered, task_draft
from syncer.contract.connector import Page
from syncer.contract.custom import CustomField, CustomType, DeclaredField
from syncer.contract.errors import Rejected
from syncer.contract.model import Audience, Cursor, Draft, Field, Kind, Observed, Ref, Value
from syncer.sandbox.faults import Fault
from syncer.sandbox.github.issuefields import IssueField
from syncer.sandbox.profiles import NAMED
from tests.conformance.github_world import BOT_TOKEN, REPOSITORY, GitHubWorld

POINTS, NOTE, EFFORT, TEAMS, TARGET = (
    Field.declared(name) for name in ("points", "note", "effort", "teams", "target date")
)
PLACES: Mapping[Field, str] = {
    NOTE: "The text",
    POINTS: "The number",
    TARGET: "The date",
    EFFORT: "The choice",
    TEAMS: "The choices",
}


class Fields:
    """A repository of an organisation with issue fields, one of each type."""

    def __init__(self, world: GitHubWorld) -> None:
        self.world = world
        self.at: dict[str, IssueField] = {field.name: field for field in world.add_fields().values()}

    def holder(
        self, *names: Field, places: Mapping[Field, str | int] | None = None, **settings: Any
    ) -> GitHubConnector:
        """A connector to which fields are declared: all, where none is named."""
        connector = self.world.connector(**settings)
        chosen = places or {name: PLACES[name] for name in names or PLACES}
        connector.declare([DeclaredField(name, IssueFieldLocator(place)) for name, place in chosen.items()])
        return connector

    def opens(self, **values: object) -> Ref:
        """A person opens an issue that holds values, by the names of the fields' types."""
        made = self.world.act("POST", "/issues", {"title": "Refund", "issue_field_values": self.sent(values)})
        return Ref(Kind.TASK, str(made["id"]))

    def fills(self, **values: object) -> None:
        """A person gives the first issue values."""
        self.world.act("POST", "/issues/1/issue-field-values", {"issue_field_values": self.sent(values)})

    def empties(self, type_: str) -> None:
        """A person takes a value from the first issue."""
        self.world.act("DELETE", f"/issues/1/issue-field-values/{self.at[f'The {type_}'].id}")

    def held(self) -> dict[str, object]:
        """What the first issue holds, by the names of the fields' types."""
        (issue,) = self.world.github.repository(REPOSITORY).issues.values()
        return {
            field.name.removeprefix("The "): tuple(option.name for option in value)
            if isinstance(value, tuple)
            else value
            for field, value in issue.field_values.items()
        }

    def sent(self, values: Mapping[str, object]) -> list[dict[str, object]]:
        return [{"field_id": self.at[f"The {name}"].id, "value": value} for name, value in values.items()]


@pytest.fixture
def fields() -> Iterator[Fields]:
    world = GitHubWorld().start()
    yield Fields(world)
    world.stop()


class Following:
    """A store that goes on from the cursor of the page before."""

    def __init__(self, connector: GitHubConnector) -> None:
        self.store = Remembered()
        self.cursor: Cursor | None = None
        self.connector = connector

    def run(self, connector: GitHubConnector | None = None) -> dict[str, Value]:
        """What the one issue shows after a run by a connector, under the fields' names; counts its requests."""
        self.connector = connector or self.connector
        before = self.connector.requests
        self.store.follow(self.connector)
        self.spent = self.connector.requests - before
        (item,) = (one for one in self.store.items.values() if one.ref.kind is Kind.TASK)
        return {str(name): value for name, value in item.showing.items() if name.custom}

    @property
    def item(self) -> Observed:
        (item,) = (one for one in self.store.items.values() if one.ref.kind is Kind.TASK)
        return item


FULL = {"text": "see below", "number": 2.5, "date": "2026-04-01", "choice": "High", "choices": ["Web", "API"]}
SHOWN = {
    "note": "see below",
    "points": 2.5,
    "target date": date(2026, 4, 1),
    "effort": "High",
    "teams": ("API", "Web"),
}


def test_values_are_shown_by_the_names_that_the_pair_gives_the_fields(fields: Fields) -> None:
    fields.opens(**FULL)
    assert Following(fields.holder()).run() == SHOWN


def test_a_field_is_named_by_its_id_and_without_regard_to_case(fields: Fields) -> None:
    fields.opens(number=3)
    by_id = fields.holder(places={POINTS: fields.at["The number"].id, EFFORT: "the CHOICE"})
    assert Following(by_id).run() == {"points": 3.0, "effort": None}


def test_fields_are_resolved_by_one_request_of_a_complete_reading_and_none_after_it(fields: Fields) -> None:
    fields.opens(**FULL)
    plain, held = Following(fields.world.connector()), Following(fields.holder())
    plain.run()
    held.run()
    assert held.spent == plain.spent + 1
    for _ in range(2):
        fields.world.advance(120)
        plain.run(fields.world.connector())
        assert held.run(fields.holder()) == SHOWN
        assert held.spent == plain.spent == 1


def test_other_fields_declared_than_before_are_resolved_anew(fields: Fields) -> None:
    fields.opens(**FULL)
    store = Following(fields.holder(POINTS))
    store.run()
    fields.world.advance(120)
    fields.world.act("PATCH", "/issues/1", {"title": "Other"})
    assert store.run(fields.holder(POINTS, NOTE)) == {"points": 2.5, "note": "see below"}
    assert store.run(fields.holder(places={POINTS: "The text"})) == {"points": "see below"}


@pytest.mark.parametrize("told", ['{"custom:points": 3}', '{"custom:points": [1, "a", "person", []]}', "[]", "7"])
def test_a_cursor_of_another_version_is_no_hindrance(fields: Fields, told: str) -> None:
    fields.opens(number=3)
    store = Remembered()
    first = fields.holder(POINTS)
    *_, last = first.changes(None, store)
    broken = Cursor(last.cursor[:-1].rpartition('"fields"')[0] + f'"fields": {told}}}')
    page: Page
    *_, page = fields.holder(POINTS).changes(broken, store)
    assert [item.showing[POINTS] for item in page.observed] == [3.0]


# --- writing


def test_one_request_writes_fields_and_what_else_changed_and_keeps_what_no_pair_declares(fields: Fields) -> None:
    fields.opens(**FULL)
    store = Following(fields.holder(POINTS))
    store.run()
    before = store.connector.requests
    shown = store.connector.update(store.item, {POINTS: 5.0, Field.TITLE: "Card is declined"})
    assert (shown.showing[POINTS], shown.showing[Field.TITLE]) == (5.0, "Card is declined")
    assert store.connector.requests - before == 2  # what is there is read, then one update
    assert fields.held() == {**FULL, "number": 5.0, "choice": ("High",), "choices": ("Web", "API")}


def test_what_somebody_entered_a_moment_ago_is_not_taken_away_by_a_write_to_another_field(fields: Fields) -> None:
    fields.opens(number=3)
    store = Following(fields.holder(POINTS, reread_after=30))
    store.run()
    fields.fills(text="mine")
    store.connector.update(store.item, {POINTS: 5.0})
    assert fields.held() == {"number": 5.0, "text": "mine"}


def test_a_value_is_emptied_where_an_update_takes_nothing_away_by_itself(fields: Fields) -> None:
    fields.world.github.behaviour.patch_sets_all_fields = False
    fields.opens(**FULL)
    store = Following(fields.holder())
    store.run()
    shown = store.connector.update(store.item, {POINTS: None, TEAMS: (), NOTE: "", TARGET: date(2026, 5, 1)})
    assert (shown.showing[POINTS], shown.showing[TEAMS], shown.showing[NOTE]) == (None, (), "")
    assert fields.held() == {"date": "2026-05-01", "choice": ("High",)}


def test_the_last_value_of_an_issue_is_emptied(fields: Fields) -> None:
    fields.opens(number=3)
    store = Following(fields.holder(POINTS))
    store.run()
    assert store.connector.update(store.item, {POINTS: None}).showing[POINTS] is None
    assert fields.held() == {}


def test_a_field_of_somebody_else_that_cannot_be_sent_along_keeps_no_other_from_being_written(fields: Fields) -> None:
    fields.world.github.behaviour.removed_option = "kept"
    fields.opens(number=3, choice="High")
    fields.world.github.set_field_options("acme", fields.at["The choice"], ["Low"])
    store = Following(fields.holder(POINTS, NOTE))
    store.run()
    shown = store.connector.update(store.item, {POINTS: None, NOTE: "new"})
    assert (shown.showing[POINTS], shown.showing[NOTE]) == (None, "new")
    assert fields.held() == {"choice": ("High",), "text": "new"}


def test_a_lost_answer_to_a_write_is_settled_by_what_the_issue_shows(fields: Fields) -> None:
    fields.opens(number=3)
    store = Following(fields.holder(POINTS))
    store.run()
    fields.world.fail_next_write("commit-then-close")
    assert store.connector.update(store.item, {POINTS: 5.0}).showing[POINTS] == 5.0


def test_a_create_has_its_values_in_the_one_request(fields: Fields) -> None:
    connector = fields.holder()
    (made,) = connector.create([drafted(connector, {POINTS: 8.0, EFFORT: "Low", NOTE: ""})])
    assert isinstance(made, Observed)
    assert {str(name): value for name, value in made.showing.items() if name.custom} == {
        **dict.fromkeys(SHOWN),
        "points": 8.0,
        "effort": "Low",
        "note": "",
        "teams": (),
    }


def test_a_value_that_was_dropped_without_a_word_is_not_believed(fields: Fields) -> None:
    fields.world.github.add_collaborator(REPOSITORY, "sync-bot", "read")
    connector = fields.holder(POINTS)
    (made,) = connector.create([drafted(connector, {POINTS: 8.0})])
    assert isinstance(made, Observed)
    assert made.showing[POINTS] is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (EFFORT, "Huge", 'effort: the issue field The choice has no option "Huge"; add it there'),
        (TEAMS, ("API", "Ops"), 'teams: the issue field The choices has no option "Ops"'),
        (POINTS, "8", "points: the issue field The number cannot hold '8'"),
        (POINTS, float("nan"), "points: the issue field The number cannot hold nan"),
        (POINTS, 1e300, "points: the issue field The number cannot hold 1e+300"),
        (TARGET, "2026-01-01", "target date: the issue field The date cannot hold"),
    ],
)
def test_a_value_that_a_field_cannot_hold_is_refused_by_name(
    fields: Fields, name: Field, value: Value, said: str
) -> None:
    fields.opens()
    store = Following(fields.holder())
    store.run()
    with pytest.raises(Rejected, match="^" + re.escape(said)):
        store.connector.update(store.item, {name: value})
    connector = fields.holder()
    (refused,) = connector.create([drafted(connector, {name: value})])
    assert isinstance(refused, Rejected)


def test_an_option_that_was_added_since_is_found_by_the_write_that_needs_it(fields: Fields) -> None:
    fields.opens()
    store = Following(fields.holder(EFFORT))
    store.run()
    fields.world.github.set_field_options("acme", fields.at["The choice"], ["High", "Low", "Huge"])
    fields.world.advance(120)
    store.run(fields.holder(EFFORT))
    assert store.connector.update(store.item, {EFFORT: "Huge"}).showing[EFFORT] == "Huge"


def drafted(connector: GitHubConnector, values: Mapping[Field, Value]) -> Draft:
    """A draft of a task with values."""
    draft = task_draft(connector, "Refund")
    return replace(draft, fields={**draft.fields, **values})


# --- what becomes of a field


def test_a_value_that_somebody_takes_away_is_shown_empty(fields: Fields) -> None:
    fields.opens(**FULL)
    store = Following(fields.holder())
    store.run()
    fields.world.advance(120)
    for type_ in FULL:
        fields.empties(type_)
    empty = {"note": "", "points": None, "target date": None, "effort": None, "teams": ()}
    assert store.run(fields.holder()) == empty
    assert store.spent == 2  # the organisation was asked whether these are its fields still
    fields.world.advance(120)
    assert (store.run(fields.holder()), store.spent) == (empty, 1)


@pytest.mark.parametrize("whole", [False, True], ids=["the next run", "a complete reading"])
def test_a_deleted_field_is_named_and_empties_nothing(fields: Fields, whole: bool) -> None:
    fields.opens(**FULL)
    store = Following(fields.holder())
    store.run()
    fields.world.github.remove_issue_field("acme", fields.at["The number"])
    left = changed(fields, store, whole)
    assert left == {name: value for name, value in SHOWN.items() if name != "points"}
    able = store.connector.capabilities
    assert able.unheld == {POINTS: 'has no issue field "The number"'}
    assert POINTS not in able.fields[Kind.TASK]
    assert POINTS not in able.custom


def test_a_renamed_field_is_named_with_what_to_write(fields: Fields) -> None:
    fields.opens(**FULL)
    store = Following(fields.holder())
    store.run()
    fields.world.github.rename_issue_field("acme", fields.at["The number"], "Size")
    assert "points" not in changed(fields, store, whole=False)
    assert store.connector.capabilities.unheld == {
        POINTS: 'calls the issue field "The number" "Size" now: write issue-field = "Size"'
    }


@pytest.mark.parametrize("whole", [False, True], ids=["the next run", "a complete reading"])
def test_a_field_that_was_made_anew_with_another_type_is_of_that_type(fields: Fields, whole: bool) -> None:
    fields.opens(**FULL)
    store = Following(fields.holder())
    store.run()
    fields.world.github.remove_issue_field("acme", fields.at["The number"])
    fields.world.github.add_issue_field("acme", "The number", "text")
    assert changed(fields, store, whole)["points"] == ""
    assert store.connector.capabilities.custom[POINTS].type is CustomType.TEXT


@pytest.mark.parametrize("fate", ["taken away", "kept"])
def test_an_option_that_is_removed_while_in_use_is_shown_as_github_shows_it_and_is_no_option_any_more(
    fields: Fields, fate: Any
) -> None:
    fields.world.github.behaviour.removed_option = fate
    left: dict[str, Any] = SHOWN if fate == "kept" else {**SHOWN, "effort": None, "teams": ("Web",)}
    fields.opens(**FULL)
    store = Following(fields.holder())
    store.run()
    fields.world.github.set_field_options("acme", fields.at["The choice"], ["Low"])
    fields.world.github.set_field_options("acme", fields.at["The choices"], ["Web"])
    for whole in (False, True, False):
        assert changed(fields, store, whole) == left
    assert store.connector.capabilities.custom[EFFORT].options == ("Low",)
    shown = store.connector.update(store.item, {Field.TITLE: "Ours"})
    assert (shown.showing[EFFORT], shown.showing[TEAMS]) == (left["effort"], left["teams"])
    fields.fills(choice="Low", choices=["Web"])
    shown_now = changed(fields, store, whole=False)
    assert shown_now["effort"] == "Low"
    assert store.connector.update(store.item, {TEAMS: ("Web",), EFFORT: None}).showing[EFFORT] is None
    assert fields.held()["choices"] == ("Web",)


def changed(fields: Fields, store: Following, whole: bool) -> dict[str, Value]:
    """What is shown after somebody changed the title."""
    fields.world.advance(120)
    fields.world.act("PATCH", "/issues/1", {"title": f"Title at {fields.world.clock.now()}"})
    if whole:
        store.store.cursor = None
    return store.run(fields.holder())


def test_a_change_that_does_not_move_the_time_of_its_issue_is_found_by_a_complete_reading(fields: Fields) -> None:
    fields.world.github.behaviour.field_changes_bump = False
    fields.opens(number=3)
    store = Following(fields.holder(POINTS))
    store.run()
    fields.world.advance(3_600)
    fields.world.act("POST", "/issues", {"title": "Later"})
    store.store.follow(fields.holder(POINTS))
    fields.world.advance(3_600)
    fields.fills(number=5)
    store.store.follow(fields.holder(POINTS))
    task = min(store.store.items, key=lambda ref: int(ref.id))
    assert store.store.items[task].showing[POINTS] == 3.0
    store.store.cursor = None
    store.store.follow(fields.holder(POINTS))
    assert store.store.items[task].showing[POINTS] == 5.0


def test_a_write_to_a_field_that_is_gone_says_so_and_the_next_listing_has_it_no_more(fields: Fields) -> None:
    fields.opens(number=3, text="a")
    store = Following(fields.holder(POINTS, NOTE))
    store.run()
    fields.world.github.remove_issue_field("acme", fields.at["The number"])
    fields.world.advance(120)
    connector = fields.holder(POINTS, NOTE)
    store.run(connector)
    with pytest.raises(Rejected, match='points: acme has no issue field "The number"'):
        connector.update(store.item, {POINTS: 5.0})
    assert connector.update(store.item, {NOTE: "b"}).showing[NOTE] == "b"


@pytest.mark.parametrize("value", ["3", "many", 1e300, 10**300, 2**60, "NaN", True, [3], {"a": 1}, None])
def test_a_value_that_makes_no_sense_is_left_out_and_the_rest_is_shown(fields: Fields, value: object) -> None:
    fields.opens(**FULL)

    def garbled(body: Any) -> Any:
        for issue in body if isinstance(body, list) else ():
            for one in issue.get("issue_field_values", ()):
                one["value"] = value if one["data_type"] == "number" else one["value"]
        return body

    fields.world.faults.rewriting = rewriting(garbled)
    store = Following(fields.holder())
    assert store.run() == {name: shown for name, shown in SHOWN.items() if name != "points"}
    fields.world.box.log.reset()  # no document describes what was varied


def test_an_issue_that_does_not_tell_its_fields_is_shown_without_them(fields: Fields) -> None:
    fields.opens(**FULL)

    def untold(body: Any) -> Any:
        for one in body if isinstance(body, list) else ():
            one.pop("issue_field_values", None)
        return body

    fields.world.faults.rewriting = rewriting(untold)
    assert Following(fields.holder()).run() == {}


def rewriting(change: Callable[[Any], Any]) -> Callable[[str, bytes], bytes]:
    """Changes each JSON answer."""

    def rewrite(_path: str, body: bytes) -> bytes:
        return json.dumps(change(json.loads(body))).encode() if body else body

    return rewrite


# --- what cannot be resolved


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("The numbers", 'has no issue field "The numbers": did you mean "The number"?'),
        ("Story size", 'has no issue field "Story size"'),
        (77, 'has no issue field "77"'),
    ],
)
def test_a_name_that_is_none_is_told_with_the_nearest(fields: Fields, place: str | int, why: str) -> None:
    assert fields.holder(places={POINTS: place}).declared() == {POINTS: why}


def test_check_names_the_fields_that_could_be_carried_as_well_and_asks_for_them_once(fields: Fields) -> None:
    connector = fields.holder(POINTS, NOTE)
    (found,) = [one for one in connector.check() if one.about == "issue fields"]
    assert (found.severity, found.message) == (
        Severity.INFO,
        "the organisation also has The date, The choice, The choices",
    )
    assert found.fix == 'Carry one with [[pairs.custom]]: right = { issue-field = "The date" }.'
    before = connector.requests
    assert set(connector.declared()) == {POINTS, NOTE}
    assert connector.requests == before


def test_check_says_nothing_of_fields_that_are_not_told(fields: Fields) -> None:
    fields.world.github.add_token("sync-bot", BOT_TOKEN, scopes=("repo",))
    assert [one for one in fields.world.connector().check() if one.about == "issue fields"] == []


def test_a_field_for_a_day_or_a_priority_has_the_type_for_it(fields: Fields) -> None:
    told = fields.holder(places={Field.DUE: "The number", Field.PRIORITY: "The date", Field.START: "The date"})
    assert told.declared() == {
        Field.DUE: 'has an issue field "The number" of the type number, and due is a day',
        Field.PRIORITY: 'has an issue field "The date" of the type date, and priority is one of several options',
        Field.START: CustomField(
            CustomType.DATE, "The date", str(fields.at["The date"].id), audience=Audience.ORGANIZATION
        ),
    }


def test_two_declared_fields_at_one_place_are_told_apart(fields: Fields) -> None:
    told = fields.holder(places={POINTS: "The number", NOTE: "the number"}).declared()
    assert isinstance(told[POINTS], CustomField)
    assert told[NOTE] == "has one such issue field, and points is kept there"


def test_a_field_that_strangers_do_not_see_is_told_to_be_of_the_organisation(fields: Fields) -> None:
    fields.at["The text"].visibility = "all"
    store = Following(fields.holder(NOTE, POINTS))
    fields.opens(number=3)
    store.run()
    fields.world.advance(120)
    connector = fields.holder(NOTE, POINTS)
    store.run(connector)
    told = {name: one.audience for name, one in connector.capabilities.custom.items()}
    assert told == {NOTE: Audience.PUBLIC, POINTS: Audience.ORGANIZATION}


@pytest.mark.parametrize(
    "lock_out",
    [
        lambda world: world.github.add_token("sync-bot", BOT_TOKEN, scopes=("repo",)),
        lambda world: world.github.account("acme").members.pop("sync-bot"),
        lambda world: world.faults.add(Fault("404", path="/orgs/acme/issue-fields$", times=10_000)),
    ],
    ids=["scope", "member", "404"],
)
def test_a_token_that_may_not_read_the_fields_holds_none_and_is_told_what_it_needs(
    fields: Fields, lock_out: Any
) -> None:
    fields.opens(**FULL)
    store = Following(fields.holder())
    store.run()
    lock_out(fields.world)
    store.store.cursor = None
    assert store.run(fields.holder()) == {}
    (why,) = set(store.connector.capabilities.unheld.values())
    assert why.startswith("does not tell this token the issue fields of acme: give it the organisation permission")
    assert "read:org" in why


def test_a_person_has_no_issue_fields(fields: Fields) -> None:
    fields.world.github.add_repository("sync-bot/notes")
    connector = fields.holder(POINTS, scope={"repository": "sync-bot/notes"})
    assert connector.declared() == {
        POINTS: "has no issue fields: sync-bot is a person, and only organisations have them"
    }


def test_an_enterprise_server_without_issue_fields_is_named() -> None:
    world = GitHubWorld(profiles=(NAMED["ghes-3.19"],)).start()
    try:
        fields = Fields(world)
        fields.opens()
        store = Following(fields.holder(POINTS))
        assert store.run() == {}
        assert store.connector.capabilities.unheld == {
            POINTS: "is on GitHub Enterprise Server 3.19.0, which has no issue fields"
        }
    finally:
        world.stop()


# --- fields that every pair knows


def test_due_start_and_priority_are_kept_in_issue_fields_and_a_milestone_keeps_its_own_day(fields: Fields) -> None:
    fields.world.github.add_issue_field("acme", "Start", "date")
    places = {Field.DUE: "The date", Field.START: "Start", Field.PRIORITY: "The choice"}
    fields.world.act("POST", "/milestones", {"title": "Spring", "due_on": "2026-06-01T12:00:00Z"})
    fields.opens(date="2026-04-01", choice="High")
    connector = fields.holder(places=places)
    store = Remembered()
    store.follow(connector)
    task, milestone = (
        next(one for one in store.items.values() if one.ref.kind is kind) for kind in (Kind.TASK, Kind.MILESTONE)
    )
    assert [task.showing[name] for name in places] == [date(2026, 4, 1), None, "High"]
    assert milestone.showing[Field.DUE] == date(2026, 6, 1)
    shown = connector.update(task, {Field.DUE: None, Field.START: date(2026, 3, 9), Field.PRIORITY: "Low"})
    assert [shown.showing[name] for name in places] == [None, date(2026, 3, 9), "Low"]
    moved = connector.update(milestone, {Field.DUE: date(2026, 6, 2)})
    assert moved.showing[Field.DUE] == date(2026, 6, 2)
    assert Field.DUE in connector.capabilities.fields[Kind.TASK]
