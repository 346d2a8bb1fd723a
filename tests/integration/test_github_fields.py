"""Issue fields of GitHub against a tracker in memory: both ways over real sockets, and what becomes of a field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from connectors.github.locators import IssueFieldLocator
from connectors.memory import MemoryConnector, MemoryTracker
from syncer.contract.conformance.world import Remembered
from syncer.contract.connector import Connector
from syncer.contract.custom import CustomField, CustomType, DeclaredField
from syncer.contract.model import Audience, Field, Observed, Side, Value
from syncer.core.change import Tally
from syncer.core.rules import CustomRule, FieldRule, PairRules
from syncer.sandbox.github.issuefields import IssueField
from syncer.sync.context import PairContext
from syncer.sync.ledger import waiting
from syncer.sync.run import run_pair
from tests.conformance.github_world import BOT_TOKEN, FIELDS, REPOSITORY, GitHubWorld
from tests.kept import KeptStates
from tests.truth import silent_differences
from tests.worlds import JIRA_LIKE, JIRA_STATUSES, STATUS_MAP

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

TYPES: list[tuple[CustomType, Value, Value, Value]] = [
    (CustomType.TEXT, "Acme 退款", "Acme, Berlin", ""),
    (CustomType.NUMBER, 3.0, 0.1, None),
    (CustomType.DATE, date(2026, 5, 1), date(2026, 6, 30), None),
    (CustomType.CHOICE, "High", "Low", None),
    (CustomType.CHOICES, ("API", "Web"), ("Docs",), ()),
]


class Mixed:
    """A tracker in memory on the left, a repository in the sandbox's GitHub on the right, and one state."""

    def __init__(self, directory: Path) -> None:
        self.world = GitHubWorld().start()
        self.fields = self.world.add_fields()
        self.left = MemoryTracker(
            self.world.clock.now,
            name="pay",
            capabilities=JIRA_LIKE,
            statuses=JIRA_STATUSES,
            audience=Audience.MEMBERS,
        )
        self.directory = directory
        self.rules = PairRules("pay", status=STATUS_MAP)
        self.places: dict[Side, dict[Field, Any]] = {side: {} for side in Side}
        self.states = KeptStates(self.world.clock.now)
        self._ids = count(1)
        self.spent: dict[Side, int] = {}

    def close(self) -> None:
        self.states.close()
        self.world.stop()

    def declare(self, type_: CustomType) -> Field:
        """Lets the pair carry a field of a type, which both sides have."""
        field, right = Field.declared(f"a {type_}"), self.fields[type_]
        self.left.custom[right.name] = CustomField(type_, right.name, options=FIELDS[type_][1])
        self.places[Side.LEFT][field] = right.name
        self.places[Side.RIGHT][field] = IssueFieldLocator(right.name)
        self.rules = replace(
            self.rules,
            fields={**self.rules.fields, field: FieldRule()},
            custom={**self.rules.custom, field: CustomRule()},
        )
        return field

    @contextmanager
    def context(self) -> Iterator[PairContext]:
        left, right = MemoryConnector(self.left), self.world.connector()
        connectors: dict[Side, Connector] = {Side.LEFT: left, Side.RIGHT: right}
        for side, connector in ((Side.LEFT, left), (Side.RIGHT, right)):
            connector.declare([DeclaredField(field, place) for field, place in self.places[side].items()])
        yield PairContext(
            rules=self.rules,
            connectors=connectors,
            store=self.states.at(self.directory / "state"),
            fingerprint=" ".join(map(str, self.places[Side.LEFT])),
            credentials={side: side.value for side in Side},
            addresses={Side.LEFT: "memory pay", Side.RIGHT: f"github.com {REPOSITORY}"},
            clock=self.world.clock.now,
            identity=lambda: f"id{next(self._ids):08d}",
            sleep=self.world.advance,
        )
        right.close()

    def sync(self, *, sweep: bool = False) -> Tally:
        """One run, a minute after whatever happened before; counts the requests to GitHub."""
        self.world.advance(60)
        with self.context() as context:
            tally = run_pair(context, sweep=sweep)
            self.spent = {side: connector.requests for side, connector in context.connectors.items()}
        self.world.advance(60)
        return tally

    def settle(self) -> Tally:
        """Three runs, the last a complete reading; after them nothing is written, and nothing differs in silence."""
        for sweep in (False, False, True):
            self.sync(sweep=sweep)
        self.world.advance(60)
        with self.context() as context:
            last = run_pair(context)
            assert last.writes == 0
            assert silent_differences(context) == []
        return last

    def create(self, values: Mapping[Field, Value]) -> None:
        """A person makes a task on the left."""
        own = {Field.declared(self.places[Side.LEFT][field]): value for field, value in values.items()}
        self.left.create("Card is refused", fields=own)

    def fill(self, side: Side, type_: CustomType, value: Value, title: str = "") -> None:
        """A person gives the field of a type a value, and the task perhaps another title."""
        more = {Field.TITLE: title} if title else {}
        if side is Side.LEFT:
            place = Field.declared(self.fields[type_].name)
            self.left.edit(self.task().ref, {place: value, **more})
            return
        path = f"/issues/1/issue-field-values{f'/{self.fields[type_].id}' if not value else ''}"
        sent = value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        given = {"issue_field_values": [{"field_id": self.fields[type_].id, "value": sent}]}
        self.world.act("POST" if value else "DELETE", path, given)
        if title:
            self.retitle(title)

    def retitle(self, title: str) -> None:
        """A person changes the title on GitHub."""
        self.world.act("PATCH", "/issues/1", {"title": title})

    def task(self) -> Observed:
        (task,) = self.left.items()
        return task

    def shown(self, type_: CustomType) -> tuple[Value, Value]:
        """What both sides hold in the field of a type."""
        field = self.fields[type_]
        (issue,) = self.world.github.repository(REPOSITORY).issues.values()
        right: Any = issue.field_values.get(field, {CustomType.TEXT: "", CustomType.CHOICES: ()}.get(type_))
        if isinstance(right, tuple):
            names = tuple(sorted(option.name for option in right))
            right = names if type_ is CustomType.CHOICES else names[0]
        if type_ is CustomType.DATE and right is not None:
            right = date.fromisoformat(right)
        return self.task().showing.get(Field.declared(f"The {type_}")), right

    def titles(self) -> tuple[object, object]:
        (issue,) = self.world.github.repository(REPOSITORY).issues.values()
        return self.task().showing[Field.TITLE], issue.title


@pytest.fixture
def mixed(tmp_path: Path) -> Iterator[Mixed]:
    opened = Mixed(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize(("type_", "first", "second", "empty"), TYPES, ids=lambda value: str(value)[:12])
def test_each_type_is_carried_both_ways_and_emptied(
    mixed: Mixed, type_: CustomType, first: Value, second: Value, empty: Value
) -> None:
    field = mixed.declare(type_)
    mixed.create({field: first})
    mixed.settle()
    assert mixed.shown(type_) == (first, first)
    mixed.fill(Side.RIGHT, type_, second)
    mixed.settle()
    assert mixed.shown(type_) == (second, second)
    mixed.fill(Side.LEFT, type_, first)
    mixed.settle()
    assert mixed.shown(type_) == (first, first)
    mixed.fill(Side.RIGHT, type_, empty)
    mixed.settle()
    assert mixed.shown(type_) == (empty, empty)
    mixed.fill(Side.RIGHT, type_, second)
    mixed.settle()
    mixed.fill(Side.LEFT, type_, empty)
    mixed.settle()
    assert mixed.shown(type_) == (empty, empty)


def test_all_types_at_once_are_carried_by_a_create_and_an_update_of_one_request_each(mixed: Mixed) -> None:
    fields = {mixed.declare(type_): (first, second) for type_, first, second, _ in TYPES}
    mixed.create({field: first for field, (first, _) in fields.items()})
    mixed.sync()
    posts = [one for one in mixed.world.box.log.entries if one.verb == "POST" and one.path.endswith("/issues")]
    assert len(posts) == 1
    mixed.settle()
    for type_, _, second, _ in TYPES:
        mixed.fill(Side.LEFT, type_, second)
    before = len(mixed.world.box.log.entries)
    mixed.sync()
    sent = [one.verb for one in mixed.world.box.log.entries[before:]]
    assert sent.count("PATCH") == 1
    assert not {"POST", "PUT", "DELETE"} & set(sent)
    assert [mixed.shown(type_) for type_, *_ in TYPES] == [(second, second) for _, _, second, _ in TYPES]


# --- what becomes of a field


def reasons(mixed: Mixed) -> list[str]:
    """What is said of what waits."""
    with mixed.context() as context:
        return [one.reason for one in waiting(context.store, context.name)]


def deleted(mixed: Mixed, field: IssueField) -> str:
    mixed.world.github.remove_issue_field("acme", field)
    return f'has no issue field "{field.name}"'


def renamed(mixed: Mixed, field: IssueField) -> str:
    mixed.world.github.rename_issue_field("acme", field, "Something else")
    return "issue field"


def locked_out(mixed: Mixed, _field: IssueField) -> str:
    mixed.world.github.add_token("sync-bot", BOT_TOKEN, scopes=("repo",))
    return "does not tell this token the issue fields of acme"


def made_anew(mixed: Mixed, field: IssueField) -> str:
    mixed.world.github.remove_issue_field("acme", field)
    mixed.world.github.add_issue_field("acme", field.name, "text" if field.data_type != "text" else "number")
    return "holds"


FATES = (deleted, renamed, locked_out, made_anew)


@pytest.mark.parametrize(
    ("type_", "first", "fate", "sweep"),
    [
        *((CustomType.NUMBER, 3.0, fate, sweep) for fate in FATES for sweep in (False, True)),
        *((type_, first, deleted, False) for type_, first, _, _ in TYPES if type_ is not CustomType.NUMBER),
    ],
)
def test_a_field_that_is_gone_empties_nothing_is_named_and_stops_nothing(
    mixed: Mixed, type_: CustomType, first: Value, fate: Callable[[Mixed, IssueField], str], sweep: bool
) -> None:
    field = mixed.declare(type_)
    mixed.create({field: first})
    mixed.settle()
    said = fate(mixed, mixed.fields[type_])
    mixed.retitle("Card is declined")
    mixed.sync(sweep=sweep)
    tally = mixed.settle()
    assert (mixed.shown(type_)[0], mixed.titles()) == (first, ("Card is declined",) * 2)
    (told,) = tally.unheld
    assert told.startswith(f"{field}: ")
    assert said in told
    mixed.left.edit(mixed.task().ref, {Field.TITLE: "Card is refused again"})
    assert mixed.settle().unheld == [told]
    assert mixed.titles() == ("Card is refused again",) * 2


def test_a_permission_that_comes_back_lets_the_field_be_carried_again(mixed: Mixed) -> None:
    field = mixed.declare(CustomType.NUMBER)
    mixed.create({field: 3.0})
    mixed.settle()
    locked_out(mixed, mixed.fields[CustomType.NUMBER])
    mixed.settle()
    mixed.fill(Side.RIGHT, CustomType.NUMBER, 5.0)
    mixed.settle()
    assert mixed.shown(CustomType.NUMBER) == (3.0, 5.0)
    mixed.world.github.add_token("sync-bot", BOT_TOKEN, scopes=("repo", "read:org"))
    assert mixed.settle().unheld == []
    assert mixed.shown(CustomType.NUMBER) == (5.0, 5.0)


@pytest.mark.parametrize("fate", ["taken away", "kept"])
@pytest.mark.parametrize(
    ("type_", "first", "left", "second"),
    [(CustomType.CHOICE, "High", ["Low"], "Low"), (CustomType.CHOICES, ("API", "Web"), ["Docs", "Web"], ("Docs",))],
)
def test_an_option_that_is_removed_while_in_use_empties_nothing_on_the_other_side(
    mixed: Mixed, type_: CustomType, first: Value, left: list[str], second: Value, fate: Any
) -> None:
    mixed.world.github.behaviour.removed_option = fate
    field = mixed.declare(type_)
    mixed.create({field: first})
    mixed.settle()
    mixed.world.github.set_field_options("acme", mixed.fields[type_], left)
    mixed.retitle("Card is declined")
    mixed.settle()
    assert (mixed.shown(type_)[0], mixed.titles()) == (first, ("Card is declined",) * 2)
    mixed.fill(Side.RIGHT, type_, second)
    mixed.settle()
    held = mixed.shown(type_)[0]
    assert held in (second, ("API", "Docs"))


def test_an_option_that_github_lacks_waits_with_its_reason(mixed: Mixed) -> None:
    field = mixed.declare(CustomType.CHOICE)
    mixed.create({field: "High"})
    mixed.settle()
    name = mixed.fields[CustomType.CHOICE].name
    mixed.left.custom[name] = replace(mixed.left.custom[name], options=("High", "Low", "Huge"))
    mixed.fill(Side.LEFT, CustomType.CHOICE, "Huge", title="Card is declined")
    mixed.settle()
    assert (mixed.shown(CustomType.CHOICE), mixed.titles()) == (("Huge", "High"), ("Card is declined",) * 2)
    assert [reason.partition(":")[0] for reason in reasons(mixed)] == [
        '"Huge" is no option of a choice on the right side'
    ]
    mixed.world.github.set_field_options("acme", mixed.fields[CustomType.CHOICE], ["High", "Low", "Huge"])
    mixed.settle()
    assert mixed.shown(CustomType.CHOICE) == ("Huge", "Huge")


@pytest.mark.parametrize("value", ["3", "many", 1e300, True, [3]])
def test_a_number_that_makes_no_sense_empties_nothing_and_stops_nothing(mixed: Mixed, value: object) -> None:
    field = mixed.declare(CustomType.NUMBER)
    mixed.create({field: 3.0})
    mixed.settle()

    def garbled(_path: str, body: bytes) -> bytes:
        answer = json.loads(body) if body else None
        for issue in answer if isinstance(answer, list) else [answer]:
            for one in issue.get("issue_field_values", ()) if isinstance(issue, dict) else ():
                one["value"] = value
        return json.dumps(answer).encode() if body else body

    mixed.world.faults.rewriting = garbled
    mixed.retitle("Card is declined")
    mixed.settle()
    assert (mixed.shown(CustomType.NUMBER), mixed.titles()) == ((3.0, 3.0), ("Card is declined",) * 2)
    mixed.world.faults.rewriting = None
    mixed.fill(Side.RIGHT, CustomType.NUMBER, 8.0)
    mixed.settle()
    assert mixed.shown(CustomType.NUMBER) == (8.0, 8.0)
    mixed.world.box.log.reset()  # no document describes what was varied


# --- what it costs


def test_a_run_with_nothing_to_do_costs_no_more_and_one_changed_field_at_most_six_requests(mixed: Mixed) -> None:
    field = mixed.declare(CustomType.NUMBER)
    mixed.create({field: 3.0})
    mixed.settle()
    mixed.sync()
    assert mixed.spent[Side.RIGHT] == 1
    spent = []
    for side, value in ((Side.RIGHT, 5.0), (Side.LEFT, 8.0), (Side.LEFT, None), (Side.RIGHT, 3.0), (Side.RIGHT, None)):
        mixed.fill(side, CustomType.NUMBER, value)
        mixed.sync()
        spent.append(mixed.spent[Side.RIGHT])
        mixed.sync()
    assert mixed.shown(CustomType.NUMBER) == (None, None)
    assert spent == [2, 4, 4, 1, 2]


def test_a_complete_reading_of_a_thousand_issues_with_ten_fields_costs_one_request_more(mixed: Mixed) -> None:
    mixed.world.github.seed_issues(REPOSITORY, 1_000)
    for number in range(5):
        mixed.world.github.add_issue_field("acme", f"Number {number}", "number")
    declared = [field.name for field in mixed.world.github.account("acme").issue_fields]
    assert len(declared) == 10
    for issue in mixed.world.github.repository(REPOSITORY).issues.values():
        issue.field_values = {mixed.fields[CustomType.NUMBER]: float(issue.number)}
    spent = []
    for names in ([], declared):
        connector = mixed.world.connector()
        connector.declare([DeclaredField(Field.declared(name), IssueFieldLocator(name)) for name in names])
        store = Remembered()
        store.follow(connector)
        spent.append(connector.requests)
        assert len(store.items) == 1_000
    assert spent[1] == spent[0] + 1
    assert spent[1] <= 80
