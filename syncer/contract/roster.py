"""Who is who in a scope, as its tracker tells: leads, roles, teams, permissions, owners of code.

Reading it is optional (`Rostered`) and rare. What a token may not read is no error: it is missing, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from syncer.contract.model import Account


class Permission(StrEnum):
    """What an account may do in a scope, each including the ones before it."""

    READ = "read"
    TRIAGE = "triage"
    """Sorts, assigns and closes tasks."""
    WRITE = "write"
    """Also changes and merges code."""
    MAINTAIN = "maintain"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ComponentLead:
    """A component, and who leads it where somebody does."""

    name: str
    lead: Account | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts under one name: a project role, a team."""

    name: str
    members: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class Collaborator:
    """An account with its permission in the scope."""

    account: Account
    permission: Permission


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that could not be read, and why."""

    part: str
    """`roles`, `teams`, `collaborators`, `code owners`."""
    reason: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is who. A part the tracker has not is empty; one that could not be read is also in `unread`."""

    lead: Account | None = None
    """Of the project."""
    owner: Account | None = None
    """The person a repository belongs to; None where an organisation owns it."""
    components: tuple[ComponentLead, ...] = ()
    roles: tuple[Group, ...] = ()
    teams: tuple[Group, ...] = ()
    """Named as code owners are: `acme/backend`."""
    collaborators: tuple[Collaborator, ...] = ()
    code_owners: str | None = None
    """The text of the file; None where there is none."""
    code_owners_path: str = ""
    reader: Account | None = None
    """The account that read it, which is nobody of the team."""
    unread: tuple[Unread, ...] = ()


def names_in(roster: Roster) -> Iterator[str]:
    """What the accounts and teams of a roster are called in its tracker."""
    several = (group for groups in (roster.roles, roster.teams) for group in groups)
    led = (component.lead for component in roster.components)
    members = (account for group in several for account in group.members)
    worked = (each.account for each in roster.collaborators)
    accounts = (roster.lead, roster.owner, roster.reader, *led, *members, *worked)
    yield from (account.id for account in accounts if account is not None)
    yield from (team.name for team in roster.teams)


@runtime_checkable
class Rostered(Protocol):
    """A connector that can tell who is who."""

    def roster(self) -> Roster:
        """Who is who in the scope, read now. Raises a TrackerError only when the tracker or the scope itself fails."""
        ...
