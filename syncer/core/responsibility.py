"""Who is responsible for what as people wrote it down: the file that goes before everything the trackers tell.

A row of it is one person in one scope, with letters, role, duties and authority, and who agreed to it when. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WORKING_DAYS = 5


class Raci(StrEnum):
    """What somebody is to a piece of work."""

    RESPONSIBLE = "R"
    """Does it."""
    ACCOUNTABLE = "A"
    """Answers for it: exactly one in each scope."""
    CONSULTED = "C"
    INFORMED = "I"


class Authority(StrEnum):
    """What somebody may decide."""

    DECIDE_SCOPE = "decide_scope"
    DECIDE_DATE = "decide_date"
    ACCEPT = "accept"
    ASSIGN = "assign"
    CLOSE = "close"
    SPEND = "spend"
    MERGE = "merge"


class Party(StrEnum):
    """Whose people somebody belongs to."""

    DELIVERY = "delivery"
    CLIENT = "client"
    SUPPLIER = "supplier"


class ScopeKind(StrEnum):
    """What a responsibility is for, the widest first."""

    PROJECT = "project"
    COMPONENT = "component"
    PATH = "path"
    GOAL = "goal"
    PLAN = "plan"
    TASK = "task"


MANAGER, MEMBER, CLIENT = "project-manager", "member", "client"
"""The roles with a meaning of their own; any other word is a role of the team's."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """A project, or something in it by the name people use."""

    kind: ScopeKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}" if self.name else self.kind.value

    @classmethod
    def parse(cls, text: str) -> Scope:
        """The scope that `project`, `component: API`, `goal: Beta` name. Raises ValueError with the expected form."""
        word, _, name = text.partition(":")
        kinds = {kind.value: kind for kind in ScopeKind}
        kind = kinds.get(word.strip().casefold())
        name = name.strip()
        if kind is None or (kind is ScopeKind.PROJECT) != (not name):
            forms = ", ".join(f"{one}: NAME" for one in kinds if one != ScopeKind.PROJECT)
            raise ValueError(f'"{text}" is not a scope; write project, or {forms}')
        return cls(kind, name)


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Profile:
    """What is written down of one person: whose people they belong to, and how much they can take on."""

    name: str
    """As in the people map, else an account of a tracker."""
    party: Party = Party.DELIVERY
    timezone: str | None = None
    wip_limit: float | None = None
    """Tasks in progress at a time."""
    hours_per_week: float | None = None
    leaves: tuple[Days, ...] = ()

    def presence(self, first: date) -> float:
        """The share of the five working days among the seven days from `first` on that they are there."""
        days = [day for ahead in range(7) if (day := first + timedelta(days=ahead)).isoweekday() <= WORKING_DAYS]
        away = sum(any(leave.first <= day <= leave.last for leave in self.leaves) for day in days)
        return 1 - away / WORKING_DAYS

    def capacity(self, first: date) -> float | None:
        """How many tasks they can have in progress in these days; None where it is not written down."""
        return None if self.wip_limit is None else self.wip_limit * self.presence(first)


@dataclass(frozen=True, slots=True)
class ResponsibilityEntry:
    """One person in one scope."""

    scope: Scope
    person: str
    letters: tuple[Raci, ...]
    place: str
    """Where it is written: `responsibilities.toml:14`."""
    role: str | None = None
    duties: tuple[str, ...] = ()
    authority: tuple[Authority, ...] = ()
    pair: str | None = None
    """The pair it is for; None for all."""
    agreed_by: tuple[str, ...] = ()
    agreed_at: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def valid(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def agreed(self, day: date) -> bool:
        """Whether its person, and whoever else was asked, had agreed by a day."""
        return self.agreed_at is not None and self.agreed_at <= day and self.person in self.agreed_by


@dataclass(frozen=True, slots=True)
class Declarations:
    """Everything that is written down."""

    people: tuple[Profile, ...] = ()
    rows: tuple[ResponsibilityEntry, ...] = ()
    pools: tuple[tuple[str, ...], ...] = ()
    """Groups of people who take each other's tasks."""
    file: str = ""
    """Its name as people know it; empty when there is none."""

    def profile(self, name: str) -> Profile | None:
        """What is written of a person."""
        return next((person for person in self.people if person.name == name), None)


NOTHING_DECLARED = Declarations()
"""Where there is no such file."""
