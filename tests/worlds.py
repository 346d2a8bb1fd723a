"""Two trackers in memory and the engine between them, for tests of everything that decides and writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from connectors.memory import EVERYTHING, MemoryConnector, MemoryTracker
from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.custom import CustomField, DeclaredField
from syncer.contract.model import Audience, Category, Field, Kind, Ref, Side, Status, Value
from syncer.core.change import Tally
from syncer.core.relation import MapCell, MapRow, Relation
from syncer.core.rules import CustomRule, FieldRule, MappedPerson, PairRules
from syncer.sync.context import PairContext
from syncer.sync.run import run_pair
from tests.kept import KeptStates

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)

JIRA_STATUSES = (
    Status("To Do", Category.TODO),
    Status("In Progress", Category.DOING),
    Status("In Review", Category.DOING),
    Status("Done", Category.DONE),
    Status("Won't Do", Category.DONE),
)
GITHUB_STATUSES = (
    Status("open", Category.TODO),
    Status("closed", Category.DONE, "completed"),
    Status("closed", Category.DONE, "not_planned"),
)
JIRA_LIKE = replace(EVERYTHING, label_spaces=False, max_assignees=1, title_limit=255)
GITHUB_LIKE = Capabilities(
    fields={
        Kind.TASK: dict.fromkeys(
            (
                *(Field.TITLE, Field.BODY, Field.STATUS, Field.LABELS, Field.ASSIGNEES, Field.MILESTONES),
                *(Field.PARENT, Field.BLOCKED_BY),
            ),
            Fidelity.EXACT,
        ),
        Kind.COMMENT: {Field.BODY: Fidelity.EXACT},
        Kind.MILESTONE: dict.fromkeys((Field.TITLE, Field.BODY, Field.STATUS, Field.DUE), Fidelity.EXACT),
    },
    labels_fold_case=True,
    native_types=False,
    parts_have_parents=True,
    max_assignees=10,
    max_milestones=1,
    title_limit=256,
    body_limit=65_536,
)

STATUSES = (
    MapRow(MapCell("To Do"), MapCell("open")),
    MapRow(MapCell("In Progress"), MapCell("open", None, "status: in progress")),
    MapRow(MapCell("In Review"), MapCell("open", None, "status: in progress")),
    MapRow(MapCell("Done"), MapCell("closed", "completed")),
    MapRow(MapCell("Won't Do"), MapCell("closed", "not_planned")),
)
STATUS_MAP = Relation(STATUSES)
PRIORITIES = ("High", "Medium", "Low")
PRIORITY_MAP = Relation(tuple(MapRow(MapCell(name), MapCell(label=f"priority: {name.lower()}")) for name in PRIORITIES))
TYPE_MAP = Relation((MapRow(MapCell("Bug"), MapCell(label="bug")), MapRow(MapCell("Task"), MapCell())))
PEOPLE = (
    MappedPerson("Li Wei", {Side.LEFT: "li.wei", Side.RIGHT: "liwei"}),
    MappedPerson("Mia Braun", {Side.LEFT: "mia.braun", Side.RIGHT: "miab"}),
)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float = 60) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class World:
    """A Jira-like tracker on the left, a GitHub-like one on the right, and one state."""

    directory: Path
    clock: Clock = field(default_factory=Clock)
    rules: PairRules = field(
        default_factory=lambda: PairRules("pay", status=STATUS_MAP, priority=PRIORITY_MAP, people=PEOPLE)
    )
    left_capabilities: Capabilities = JIRA_LIKE
    right_capabilities: Capabilities = GITHUB_LIKE

    def __post_init__(self) -> None:
        members = Audience.MEMBERS
        left, right = self.left_capabilities, self.right_capabilities
        self.left = MemoryTracker(self.clock, name="pay", capabilities=left, statuses=JIRA_STATUSES, audience=members)
        self.right = MemoryTracker(
            self.clock, name="acme", capabilities=right, statuses=GITHUB_STATUSES, audience=members
        )
        for person in PEOPLE:
            for side in Side:
                self.tracker(side).person(person.accounts[side], person.name)
        self._ids = count(1)
        self.fingerprint = "1"
        self.without_people: str | None = None
        """Of the rules but the people; None: a change of people counts as one of all rules."""
        self.stop_after: int | None = None
        self.states = KeptStates(self.our_clock)
        self.skew = timedelta(0)
        """How far our own clock is ahead of the trackers'."""
        self.places: dict[Side, dict[Field, str]] = {side: {} for side in Side}
        """By side, where the declared fields of the rules are."""
        self.formerly: tuple[str, ...] = ()
        """What the configuration says the pair was called before."""

    def declare(self, name: str, left: CustomField, right: CustomField, *, rule: CustomRule | None = None) -> Field:
        """Adds a field to both trackers, by its names there, and lets the pair carry it."""
        field, found = Field.declared(name), {Side.LEFT: left, Side.RIGHT: right}
        for side, told in found.items():
            self.tracker(side).custom[told.name] = told
            self.places[side][field] = told.name
        self.rules = replace(
            self.rules,
            fields={**self.rules.fields, field: FieldRule()},
            custom={**self.rules.custom, field: rule or CustomRule()},
        )
        self.fingerprint += f" {name}"
        return field

    def fill(self, side: Side, name: Field, value: Value, task: Ref | None = None) -> None:
        """A person gives a declared field of the only task, or of one, a value."""
        ref = task or self.only(side).ref
        self.tracker(side).edit(ref, {Field.declared(self.places[side][name]): value})

    def shown(self, name: Field) -> tuple[Value, Value]:
        """What the only tasks show of a declared field, left and right; None where it was never filled."""
        left, right = (self.only(side).showing.get(Field.declared(self.places[side][name])) for side in Side)
        return left, right

    def our_clock(self) -> datetime:
        """The time as the engine's machine has it."""
        return self.clock() + self.skew

    def tracker(self, side: Side) -> MemoryTracker:
        return self.left if side is Side.LEFT else self.right

    @contextmanager
    def context(self, **overrides: Any) -> Iterator[PairContext]:
        """A context on the state."""
        connectors = {side: MemoryConnector(self.tracker(side)) for side in Side}
        for side, connector in connectors.items():
            connector.declare([DeclaredField(name, place) for name, place in self.places[side].items()])
        store = self.states.at(overrides.pop("location", self.directory / "state"))
        yield replace(
            PairContext(
                rules=self.rules, connectors=connectors, store=store, fingerprint=self.fingerprint,
                without_people=self.without_people,
                credentials={side: side.value for side in Side}, addresses={side: side.value for side in Side},
                clock=self.our_clock, formerly=self.formerly,
                identity=lambda: f"id{next(self._ids):08d}", sleep=self.clock.tick,
            ),
            **overrides,
        )  # fmt: skip

    def sync(
        self, *, approve: str | None = None, sweep: bool = False, approve_creates: int | None = None, **overrides: Any
    ) -> Tally:
        """One run, a minute after whatever happened before."""
        self.clock.tick()
        with self.context(**overrides) as context:
            tally = run_pair(context, approve=approve, sweep=sweep, approve_creates=approve_creates)
        self.clock.tick()
        return tally

    def only(self, side: Side, kind: Kind = Kind.TASK) -> Any:
        """The single item of a kind on a side."""
        (item,) = self.tracker(side).items(kind)
        return item
