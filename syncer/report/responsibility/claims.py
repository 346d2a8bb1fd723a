"""What each source says of who is responsible for what. One claim is one value for one person in one scope. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from syncer.contract.model import Account, Side
from syncer.contract.roster import Group, Permission, Roster
from syncer.core.responsibility import CLIENT, MANAGER, MEMBER, Authority, Raci, Scope, ScopeKind
from syncer.report.responsibility.codeowners import parse


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
    """What one side of a pair told of who is who, from a moment on."""

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


GRANTS = {
    Permission.TRIAGE: (Authority.ASSIGN, Authority.CLOSE),
    Permission.WRITE: (Authority.ASSIGN, Authority.CLOSE, Authority.MERGE),
    Permission.MAINTAIN: (Authority.ASSIGN, Authority.CLOSE, Authority.MERGE),
    Permission.ADMIN: (Authority.ASSIGN, Authority.CLOSE, Authority.MERGE),
}
"""What a permission lets somebody do, in the words of authority."""

_ROLE_WORDS = (
    (CLIENT, ("client", "customer", "stakeholder", "客户")),
    (MANAGER, ("manager", "lead", "admin", "owner", "经理", "管理", "负责")),
    (MEMBER, ("developer", "member", "engineer", "team", "开发", "成员")),
)
_PROJECT = Scope(ScopeKind.PROJECT)
_ADDONS = "addons-project-access"
"""Part of the name of the role that Jira gives to apps."""


def role_of(name: str) -> tuple[str, ClaimSource]:
    """What a role or team of a tracker is here. A name that says nothing we know is a role of the team's own."""
    folded = name.casefold()
    known = next((role for role, words in _ROLE_WORDS if any(word in folded for word in words)), None)
    return (name, ClaimSource.DERIVED) if known is None else (known, ClaimSource.INFERRED)


def known_roster(
    pair: str, side: Side, roster: Roster, since: datetime, person: Callable[[Account], str],
    known: Callable[[str], str | None], accounts: frozenset[str],
) -> ClaimedRoster:  # fmt: skip
    """What a roster claims. `person` is the id of whom an account belongs to, `known` that of an account's name."""
    ours = roster.reader.id if roster.reader is not None else None

    def met(account: Account | None) -> str | None:
        return None if account is None or account.bot or account.id == ours else person(account)

    unread = {part.part for part in roster.unread}
    permissions = [(who, one.permission) for one in roster.collaborators if (who := met(one.account)) is not None]
    owned, strangers = _code_owners(roster, met, known)
    return ClaimedRoster(
        pair=pair,
        side=side,
        since=since,
        claims=(*_leads(roster, met), *_groups(roster, met), *_granted(permissions), *owned),
        components=tuple(one.name for one in roster.components),
        permissions=tuple(permissions) if permissions and "collaborators" not in unread else None,
        accounts=accounts,
        strangers=strangers if not unread & {"collaborators", "teams"} else (),
        unread=tuple(Unknown(pair, side, one.part, one.reason) for one in roster.unread),
    )


Met = Callable[[Account | None], str | None]


def _leads(roster: Roster, met: Met) -> Iterator[Claim]:
    if (lead := met(roster.lead)) is not None:
        ground = Ground(ClaimSource.DERIVED, Source.PROJECT_LEAD)
        yield Claim(_PROJECT, lead, ground, letter=Raci.ACCOUNTABLE)
        yield Claim(_PROJECT, lead, Ground(ClaimSource.INFERRED, Source.PROJECT_LEAD), role=MANAGER)
    if (owner := met(roster.owner)) is not None:
        ground = Ground(ClaimSource.INFERRED, Source.REPOSITORY_OWNER)
        yield Claim(_PROJECT, owner, ground, letter=Raci.ACCOUNTABLE)
    for component in roster.components:
        if (lead := met(component.lead)) is not None:
            ground = Ground(ClaimSource.DERIVED, Source.COMPONENT_LEAD)
            yield Claim(Scope(ScopeKind.COMPONENT, component.name), lead, ground, letter=Raci.ACCOUNTABLE)


def _groups(roster: Roster, met: Met) -> Iterator[Claim]:
    """Roles by project roles and teams; a client by role is asked and told."""
    for source, groups in ((Source.PROJECT_ROLE, roster.roles), (Source.TEAM, roster.teams)):
        for group in groups:
            if _ADDONS not in group.name:
                yield from _members(group, source, met)


def _members(group: Group, source: Source, met: Met) -> Iterator[Claim]:
    role, origin = role_of(group.name)
    for account in group.members:
        if (who := met(account)) is None:
            continue
        yield Claim(_PROJECT, who, Ground(origin, source, group.name), role=role)
        if role == CLIENT:
            for letter in (Raci.CONSULTED, Raci.INFORMED):
                yield Claim(_PROJECT, who, Ground(ClaimSource.INFERRED, source, group.name), letter=letter)


def _granted(permissions: list[tuple[str, Permission]]) -> Iterator[Claim]:
    for who, permission in permissions:
        ground = Ground(ClaimSource.DERIVED, Source.PERMISSION, permission.value)
        for authority in GRANTS.get(permission, ()):
            yield Claim(_PROJECT, who, ground, authority=authority)


def _code_owners(
    roster: Roster, met: Met, known: Callable[[str], str | None]
) -> tuple[list[Claim], tuple[tuple[str, str], ...]]:
    """Who does the work under a path, and the owners nobody knows. A team stands for its members."""
    teams = {f"@{team.name}".casefold(): team for team in roster.teams}
    logins = [one.account for one in roster.collaborators] + [one for team in roster.teams for one in team.members]
    accounts = {f"@{account.id}".casefold(): account for account in logins}
    claims: list[Claim] = []
    strangers: list[tuple[str, str]] = []
    for line in parse(roster.code_owners or "").deciding:
        scope, place = Scope(ScopeKind.PATH, line.pattern), f"{roster.code_owners_path}:{line.line}"
        for owner in line.owners:
            ground = Ground(ClaimSource.DERIVED, Source.CODE_OWNERS, place)
            folded = owner.casefold()
            if folded in teams:
                people = {who for account in teams[folded].members if (who := met(account)) is not None}
            elif folded in accounts:
                people = {who} if (who := met(accounts[folded])) is not None else set()
            elif (one := known(owner.removeprefix("@"))) is not None:
                people = {one}
            else:
                people = {owner}
                strangers.append((owner, place))
            claims += [Claim(scope, who, ground, letter=Raci.RESPONSIBLE) for who in sorted(people)]
    return claims, tuple(dict.fromkeys(strangers))
