"""What each source says of who is responsible for what. One claim is one value for one person in one scope. Pure.

CODEOWNERS files are read by GitHub's rules (docs.github.com, "About code owners"): one pattern a line and its owners,
the last pattern that matches decides, a pattern without owners means that nobody owns it. Patterns are those of
`.gitignore`, except that `!`, `[ ]` and an escaped `#` mean nothing and such a line is skipped, as is a line whose
owners are not ones. Case matters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from syncer.contract.model import Account, Side
from syncer.contract.roster import Group, Permission, Roster
from syncer.core.responsibility import CLIENT, MANAGER, MEMBER, Authority, Raci, Scope, ScopeKind
from syncer.report.model.claims import Claim, ClaimedRoster, ClaimSource, Ground, Source, Unknown

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
    """Roles by project roles and teams; a client by role is consulted and informed."""
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


# --- CODEOWNERS

LARGEST = 3 * 1024 * 1024
"""Bytes: GitHub does not load a larger file."""

_OWNER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:/[A-Za-z0-9._-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Ownership:
    """One line: a pattern and those who own what it matches."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    """`@login`, `@org/team`, an e-mail address; empty where the line takes ownership away."""

    def matches(self, path: str) -> bool:
        """Whether a path of the repository, `src/ledger/book.py`, is matched."""
        return _expression(self.pattern).match(path.lstrip("/")) is not None


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """What a file says."""

    lines: tuple[Ownership, ...]
    skipped: tuple[int, ...]
    """Numbers of the lines that mean nothing to GitHub."""

    def of(self, path: str) -> Ownership | None:
        """The line that decides who owns a path: the last that matches; None where none does."""
        return next((line for line in reversed(self.lines) if line.matches(path)), None)

    @property
    def deciding(self) -> tuple[Ownership, ...]:
        """The lines in their order, without those whose very pattern stands again further down."""
        last = {line.pattern: line for line in self.lines}
        return tuple(line for line in self.lines if last[line.pattern] is line)


def parse(text: str) -> CodeOwners:
    """What the text of a file says. Any text is taken: what is no line of such a file is skipped and named."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        return CodeOwners((), ())
    lines: list[Ownership] = []
    skipped: list[int] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        words = list(_words(line))
        if not words:
            continue
        pattern, owners = words[0], tuple(words[1:])
        if _meaningless(pattern) or not all(_OWNER.fullmatch(owner) for owner in owners):
            skipped.append(number)
        else:
            lines.append(Ownership(number, pattern, owners))
    return CodeOwners(tuple(lines), tuple(skipped))


def _words(line: str) -> Iterator[str]:
    """The words of a line up to its comment: a `#` at the beginning of a word begins one."""
    for word in re.findall(r"(?:\\.|[^\s\\])+|\\$", line):
        if word.startswith("#"):
            return
        yield word


def _meaningless(pattern: str) -> bool:
    """Whether GitHub says that such a pattern does not work, or no text has it."""
    no_text = "\x00" in pattern or "\ufffd" in pattern
    nothing = not pattern.strip("/") and pattern != "/"
    return no_text or nothing or pattern.startswith(("!", "\\#")) or "[" in pattern or "]" in pattern


@lru_cache(maxsize=10_000)
def _expression(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern, over paths without a leading slash.

    A slash at its beginning or inside ties it to the root, else it may begin in any folder. A folder matches all below
    it; `dir/*` only what is right inside, as GitHub's own example says.
    """
    folder = pattern.endswith("/")
    body = pattern.strip("/")
    rooted = "/" in pattern.rstrip("/")
    parts = body.split("/") if body else []
    expression = "" if rooted else "(?:.*/)?"
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        if part == "**":
            expression += ".*" if last else "(?:.*/)?"
        else:
            expression += _part(part) + ("" if last else "/")
    if not parts:
        return re.compile(".*", re.DOTALL)
    if folder:
        expression += "/.*"
    elif parts[-1] != "**" and not (parts[-1] == "*" and len(parts) > 1):
        expression += "(?:/.*)?"
    return re.compile(expression + r"\Z", re.DOTALL)


def _part(part: str) -> str:
    """One name of a pattern: `*` is any text within it, `?` one character, a backslash takes the next as it is.

    What stands between two stars is taken where it is first found and never looked for again, which no name can tell
    from trying everything: so a pattern of many stars costs no more than its length.
    """
    pieces = [""]
    for sign in re.findall(r"\\.|\*+|.", part, re.DOTALL):
        if sign.startswith("*"):
            pieces.append("")
        elif sign == "?":
            pieces[-1] += "[^/]"
        else:
            pieces[-1] += re.escape(sign[-1])
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle) + f"[^/]*{last}"
