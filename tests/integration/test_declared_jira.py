"""Fields of people's own making between Jira and any tracker: all types both ways, and what Jira does to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryConnector, MemoryTracker
from syncer.contract.connector import Connector
from syncer.contract.custom import CustomField, CustomType, DeclaredField
from syncer.contract.model import Audience, Field, Side, Value
from syncer.core.change import Tally
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import CustomRule, FieldRule, MappedPerson, PairRules
from syncer.sandbox.jira.fields import SPRINT
from syncer.sync.context import PairContext
from syncer.sync.run import run_pair
from tests.kept import KeptStates
from tests.unit.connectors.jira_world import Office, office
from tests.worlds import JIRA_LIKE, JIRA_STATUSES

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

PEOPLE = tuple(MappedPerson(name, dict.fromkeys(Side, name)) for name in ("mia", "liwei"))
SAME = Relation(tuple(MapRow(MapCell(status.name), MapCell(status.name)) for status in JIRA_STATUSES))
OPTIONS = ("High", "Low, or so")


@dataclass(frozen=True, slots=True)
class Row:
    """A sort of field of Jira's, what it is elsewhere, and two values of it."""

    kind: str
    type: CustomType
    first: Value
    second: Value
    empty: Value = None

    @property
    def field(self) -> Field:
        """What the pair calls it."""
        return Field.declared(f"my {self.kind}")

    @property
    def options(self) -> tuple[str, ...]:
        """What may be chosen."""
        return OPTIONS if self.type in {CustomType.CHOICE, CustomType.CHOICES} and self.kind != "labels" else ()


ROWS = {
    row.kind: row
    for row in (
        Row("string", CustomType.TEXT, "Ada – 退款", "Bob", ""),
        Row("text", CustomType.TEXT, "One line", "Another line", ""),
        Row("url", CustomType.URL, "https://acme.example/a?b=c", "https://acme.example/", ""),
        Row("number", CustomType.NUMBER, 2.5, 0.0),
        Row("points", CustomType.NUMBER, 13.0, 0.5),
        Row("date", CustomType.DATE, date(2026, 6, 30), date(2024, 2, 29)),
        Row("option", CustomType.CHOICE, "High", "Low, or so"),
        Row("radio", CustomType.CHOICE, "High", "Low, or so"),
        Row("options", CustomType.CHOICES, ("High", "Low, or so"), ("High",), ()),
        Row("multiselect", CustomType.CHOICES, ("High", "Low, or so"), ("Low, or so",), ()),
        Row("labels", CustomType.CHOICES, ("High", "low"), ("low",), ()),
        Row("user", CustomType.PERSON, ("liwei",), ("mia",), ()),
        Row("sprint", CustomType.SPRINT, "Sprint 1", "Sprint 2"),
    )
}

Values = Mapping[str, Value]
"""By kind of field."""


class MemorySide:
    """A tracker in memory with fields of some kinds."""

    def __init__(self, place: Office, rows: Mapping[str, Row]) -> None:
        self.rows = rows
        self.tracker = MemoryTracker(
            place.box.clock.now, capabilities=JIRA_LIKE, statuses=JIRA_STATUSES, audience=Audience.MEMBERS
        )
        for row in rows.values():
            self.tracker.custom[row.kind] = CustomField(row.type, row.kind, options=row.options)
        for person in ("mia", "liwei"):
            self.tracker.person(person)

    def open(self) -> Connector:
        connector = MemoryConnector(self.tracker)
        connector.declare([DeclaredField(row.field, row.kind) for row in self.rows.values()])
        return connector

    def create(self, values: Values) -> None:
        fields = {Field.declared(kind): value for kind, value in values.items()}
        self.tracker.create("Only", by="mia", fields=fields)

    def fill(self, values: Values) -> None:
        (item,) = self.tracker.items()
        self.tracker.edit(item.ref, {Field.declared(kind): value for kind, value in values.items()})

    def shown(self) -> dict[str, Value]:
        (item,) = self.tracker.items()
        return {kind: item.showing.get(Field.declared(kind)) for kind in self.rows}


class JiraSide:
    """A project of Jira with fields of some kinds, in which people act over HTTP."""

    def __init__(self, place: Office, rows: Mapping[str, Row], project: str) -> None:
        self.office, self.rows, self.project = place, rows, project
        self.fields: dict[str, str] = {}
        """Ids by kind."""
        self.sprints: dict[str, int] = {}
        for row in rows.values():
            if row.kind == "sprint":
                self.fields[row.kind] = SPRINT
                self.sprints = {name: place.jira.add_sprint(project, name).id for name in ("Sprint 1", "Sprint 2")}
            else:
                made = place.jira.add_custom_field(f"{row.kind} of {project}", row.kind, row.options)
                self.fields[row.kind] = made.id
        self.names = {kind: place.jira.fields[native].name for kind, native in self.fields.items()}

    def open(self) -> Connector:
        connector = self.office.open(self.project, reread_after=0)
        connector.declare([DeclaredField(row.field, self.names[row.kind]) for row in self.rows.values()])
        return connector

    def create(self, values: Values) -> None:
        self.office.issue("Only", project=self.project, **self._json(values))

    def fill(self, values: Values) -> None:
        self.office.edit(self.issue, **self._json(values))

    def retitle(self, title: str) -> None:
        self.office.edit(self.issue, summary=title)

    def shown(self) -> dict[str, Value]:
        """What a connector of its own reads there."""
        (item,) = [item for page in self.open().changes(None, Nothing()) for item in page.observed]
        return {kind: item.showing.get(row.field) for kind, row in self.rows.items()}

    @property
    def issue(self) -> str:
        """The id of the only issue."""
        (native,) = [each.id for each in self.office.jira.issues.values() if each.project.key == self.project]
        return native

    def _json(self, values: Values) -> dict[str, Any]:
        return {self.fields[kind]: self._said(self.rows[kind], value) for kind, value in values.items()}

    def _said(self, row: Row, value: Value) -> Any:
        match row.type, value:
            case CustomType.TEXT, str() if row.kind == "text":
                return self.office.body(value)
            case CustomType.SPRINT, str():
                return self.sprints[value]
            case CustomType.CHOICE, str():
                return {"value": value}
            case CustomType.CHOICES, tuple():
                return list(value) if row.kind == "labels" else [{"value": name} for name in value]
            case CustomType.PERSON, tuple():
                return {self.office.dialect.account_key: value[0]} if value else None
            case _, date():
                return value.isoformat()
            case _:
                return value if value != "" else None


class Nothing:
    """A store that holds nothing."""

    def observed(self, _ref: object) -> None: ...

    def comments(self, _task: object) -> int:
        return 0

    def marker(self, _ref: object) -> None: ...

    def follows(self, _ref: object) -> bool:
        return False


@dataclass
class Pair:
    """Two sides with fields, and a state."""

    office: Office
    directory: Path
    left: MemorySide | JiraSide
    right: JiraSide
    ids: Iterator[int] = field(default_factory=lambda: count(1))
    states: KeptStates | None = None

    def context(self) -> PairContext:
        clock = self.office.box.clock.now
        fields = [row.field for row in self.right.rows.values()]
        rules = PairRules(
            "both", status=SAME, people=PEOPLE, custom={name: CustomRule() for name in fields},
            fields={**PairRules("both").fields, **{name: FieldRule() for name in fields}},
        )  # fmt: skip
        self.states = self.states or KeptStates(clock)
        return PairContext(
            rules=rules, connectors={Side.LEFT: self.left.open(), Side.RIGHT: self.right.open()},
            store=self.states.at(self.directory / "state"), fingerprint="1",
            credentials={side: side.value for side in Side}, addresses={side: side.value for side in Side},
            clock=clock, identity=lambda: f"id{next(self.ids):08d}", sleep=self.office.later,
        )  # fmt: skip

    def sync(self, *, sweep: bool = False) -> Tally:
        self.office.later(60)
        tally = run_pair(self.context(), sweep=sweep)
        self.office.later(60)
        return tally

    def settle(self) -> Tally:
        """Runs until there is nothing to do."""
        for _ in range(6):
            tally = self.sync()
            if not tally.writes:
                return tally
        raise AssertionError(f"there is always something to do: {tally}")

    def both(self) -> tuple[dict[str, Value], dict[str, Value]]:
        return self.left.shown(), self.right.shown()


@contextmanager
def paired(directory: Path, left: str, deployment: Any, kinds: Mapping[str, Row]) -> Iterator[Pair]:
    """A tracker in memory or a project of Jira on the left, and another project of Jira on the right."""
    with ExitStack() as opened:
        place = opened.enter_context(office(deployment))
        place.add_project("OPS")
        side = MemorySide(place, kinds) if left == "memory" else JiraSide(place, kinds, "OPS")
        yield Pair(place, directory, side, JiraSide(place, kinds, "PAY"))


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize("left", ["memory", "jira"])
def test_fields_of_each_type_go_both_ways(tmp_path: Path, left: str, deployment: str) -> None:
    first, second, empty = (
        {kind: getattr(row, values) for kind, row in ROWS.items()} for values in ("first", "second", "empty")
    )
    with paired(tmp_path, left, deployment, ROWS) as pair:
        pair.left.create(first)
        assert pair.settle().outcome == "clean"
        assert pair.both() == (first, first)
        pair.right.fill(second)
        assert pair.settle().outcome == "clean"
        assert pair.both() == (second, second)
        pair.left.fill(empty)
        assert pair.settle().outcome == "clean"
        assert pair.both() == (empty, empty)
        pair.left.fill(second)
        assert pair.settle().outcome == "clean"
        assert pair.both() == (second, second)
        assert pair.sync(sweep=True).writes == 0


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize("kind", ["string", "text", "number", "date", "option", "multiselect", "user", "sprint"])
def test_one_changed_field_costs_jira_at_most_six_requests_and_rest_costs_one(
    tmp_path: Path, kind: str, deployment: str
) -> None:
    row = ROWS[kind]
    with paired(tmp_path, "memory", deployment, {kind: row}) as pair:
        pair.left.create({kind: row.first})
        pair.settle()
        pair.office.later(3600)
        assert pair.sync().requests["right"] == 1
        pair.left.fill({kind: row.second})
        assert pair.sync().requests["right"] <= 6
        assert pair.right.shown() == {kind: row.second}


@dataclass(frozen=True, slots=True)
class Harm:
    """Something that happens to a field of Jira while it is in use, and what is said of it."""

    kind: str
    happens: Callable[[Any, str], object]
    """Given the site and the id of the field."""
    told: str = ""
    """What a complete reading says of the field; empty where it is held as before."""


def _into(value: object) -> Callable[[Any, str], object]:
    """Has an app put a value into the issue past every check."""

    def happens(jira: Any, native: str) -> object:
        (issue,) = jira.issues.values()
        return jira.commit(issue, jira.users["mia"], {native: value})

    return happens


GONE = 'has no field "number of PAY"'
HARMS = {
    "renamed": Harm("number", lambda jira, native: jira.rename_field(native, "Size"), GONE),
    "deleted": Harm("number", lambda jira, native: jira.delete_field(native), GONE),
    "computed": Harm("number", lambda jira, native: jira.retype_field(native, "computed number")),
    "computed as another": Harm("number", lambda jira, native: jira.retype_field(native, "table"), "cannot be carried"),
    "of another context": Harm("number", lambda jira, native: jira.limit_field(native, "OPS"), "no issue of PAY has"),
    "option removed": Harm("option", lambda jira, native: jira.remove_option(native, "High")),
    "one of two removed": Harm("multiselect", lambda jira, native: jira.remove_option(native, "High")),
    "option disabled": Harm("option", lambda jira, native: jira.disable_option(native, "High")),
    "a number as text": Harm("number", _into("8")),
    "a number beyond all": Harm("number", _into(1e300)),
}


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize("harm", HARMS.values(), ids=list(HARMS))
def test_what_happens_to_a_field_empties_nothing_on_the_other_side(tmp_path: Path, harm: Harm, deployment: str) -> None:
    row = ROWS[harm.kind]
    with paired(tmp_path, "memory", deployment, {harm.kind: row}) as pair:
        pair.left.create({harm.kind: row.first})
        pair.settle()
        harm.happens(pair.office.jira, pair.right.fields[harm.kind])
        for title, sweep in (("Second", False), ("Third", True), ("Fourth", True)):
            pair.right.retitle(title)
            tally = pair.sync(sweep=sweep)
            (task,) = pair.left.tracker.items() if isinstance(pair.left, MemorySide) else ()
            assert (task.showing[Field.TITLE], tally.complete) == (title, True)
            assert pair.left.shown() == {harm.kind: row.first}
        assert [harm.told in said for said in tally.unheld] == ([True] if harm.told else [])


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_an_option_that_jira_does_not_have_is_held_by_the_name_of_its_field(tmp_path: Path, deployment: str) -> None:
    with paired(tmp_path, "memory", deployment, {"option": ROWS["option"]}) as pair:
        pair.left.create({"option": "High"})
        pair.settle()
        pair.office.jira.remove_option(pair.right.fields["option"], "Low, or so")
        pair.left.fill({"option": "Low, or so"})
        tally = pair.sync()
        assert (tally.outcome, tally.held) == ("held", 1), tally
        assert pair.both() == ({"option": "Low, or so"}, {"option": "High"})
        pair.office.jira.add_option(pair.right.fields["option"], "Low, or so")
        pair.left.fill({"option": None})
        pair.settle()
        pair.left.fill({"option": "Low, or so"})
        pair.settle()
        assert pair.both() == ({"option": "Low, or so"}, {"option": "Low, or so"})
