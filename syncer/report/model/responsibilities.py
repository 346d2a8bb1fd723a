"""The table of responsibilities and its gaps as the evaluation shows them: data without any language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncer.core.responsibility import Scope
from syncer.report.model.claims import Ground, Unknown
from syncer.report.model.collaboration import Place


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value, and from what it is known."""

    value: str
    ground: Ground


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One person in one scope of one pair."""

    pair: str
    scope: Scope
    person: str
    """Name."""
    letters: tuple[KnownValue, ...]
    """R, A, C, I, in this order."""
    role: KnownValue | None
    authority: tuple[KnownValue, ...]
    duties: tuple[str, ...]
    """As written down."""
    agreed: bool | None
    """Whether its person agreed to what is written down; None where nothing is."""

    @property
    def declared(self) -> bool:
        """Whether the file says anything of it."""
        return self.agreed is not None


class GapKind(StrEnum):
    """What is wrong with a scope."""

    NO_ACCOUNTABLE = "no-accountable"
    TWO_ACCOUNTABLE = "two-accountable"
    NOBODY_RESPONSIBLE = "nobody-responsible"
    ALL_IN_ONE_HAND = "all-in-one-hand"
    """One person answers for everything and does everything: nobody else looks."""
    AUTHORITY_WITHOUT_DUTY = "authority-without-duty"
    PERMISSION_AGAINST_ROLE = "permission-against-role"
    """A tracker allows somebody more, or less, than what they are here."""
    CLIENT_MISSING = "client-missing"
    """A client is named who is in no scope."""
    NOT_AGREED = "not-agreed"
    UNKNOWN_PERSON = "unknown-person"
    UNKNOWN_SCOPE = "unknown-scope"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to settle."""

    kind: GapKind
    pair: str
    """Empty where it is about all."""
    scope: Scope
    people: tuple[str, ...]
    """Names of those it is about."""
    detail: str
    """Where it is written, or what the tracker allows: `responsibilities.toml:14`, `write`."""
    count: int
    """How many tasks it is about, else 1."""
    places: tuple[Place, ...]
    """Of the first of these tasks."""
    fix: tuple[str, ...]
    """The lines for the responsibilities file that would settle it; empty where something else must be changed."""


@dataclass(frozen=True, slots=True)
class ResponsibilityTable:
    """Who is responsible for what, what is missing, and what could not be read."""

    rows: tuple[Responsibility, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unread: tuple[Unknown, ...] = ()
    scopes: int = 0
    """Scopes that were looked at."""
