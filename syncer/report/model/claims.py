"""What each source says of who is responsible for what: data. One claim is one value for one person in one scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from syncer.contract.model import Side
from syncer.contract.roster import Permission
from syncer.core.responsibility import Authority, Raci, Scope


class ClaimSource(StrEnum):
    """How sure a value is, the surest first."""

    DECLARED = "declared"
    """People wrote it down."""
    DERIVED = "derived"
    """A tracker says so in as many words."""
    INFERRED = "inferred"
    """Read off something else a tracker shows."""


class Source(StrEnum):
    """Where a value comes from."""

    FILE = "file"
    PROJECT_LEAD = "project-lead"
    COMPONENT_LEAD = "component-lead"
    GOAL_OWNER = "goal-owner"
    ASSIGNEE = "assignee"
    CODE_OWNERS = "code-owners"
    PROJECT_ROLE = "project-role"
    TEAM = "team"
    PERMISSION = "permission"
    REPOSITORY_OWNER = "repository-owner"
    OPEN_TASKS = "open-tasks"
    """Of who owns open tasks in a scope."""
    SCOPE_ABOVE = "scope-above"
    """Of who answers for what it is a part of."""


@dataclass(frozen=True, slots=True)
class Ground:
    """From what a value is known."""

    origin: ClaimSource
    source: Source
    detail: str = ""
    """`responsibilities.toml:14`, `.github/CODEOWNERS:3`, the name of a role or team, a permission."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One of letter, role and authority, for one person in one scope."""

    scope: Scope
    person: str
    ground: Ground
    letter: Raci | None = None
    role: str | None = None
    authority: Authority | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of who is who that could not be read, and why."""

    pair: str
    side: Side
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimedRoster:
    """What one side of a pair says of who is who, from a time on."""

    pair: str
    side: Side
    since: datetime
    claims: tuple[Claim, ...] = ()
    components: tuple[str, ...] = ()
    permissions: tuple[tuple[str, Permission], ...] | None = None
    """By person; None where the tracker has none or they could not be read."""
    accounts: frozenset[str] = frozenset()
    """Persons who are known to have an account on this side."""
    strangers: tuple[tuple[str, str], ...] = ()
    """Owners in CODEOWNERS whom nobody knows, each with the place of the line."""
    unread: tuple[Unknown, ...] = field(default=())
