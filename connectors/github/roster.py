"""Who is who in a repository: collaborators with their permission, teams with their members, the file CODEOWNERS.

Most of it needs more than the sync's own work does (administration, members and contents to read): what a token may not
read is missing, with GitHub's reason. About six requests, and one for each team.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote

from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, MalformedError, account, entry, part
from connectors.github.paging import pages
from syncer.contract.errors import Denied, Gone, Rejected
from syncer.contract.model import Account
from syncer.contract.roster import Collaborator, Group, Permission, Roster, Unread

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file, in its order."""
MOST_TEAMS: Final = 50
_LEVELS: Final = (
    ("admin", Permission.ADMIN),
    ("maintain", Permission.MAINTAIN),
    ("push", Permission.WRITE),
    ("triage", Permission.TRIAGE),
)
_T = TypeVar("_T")


def roster(client: GitHubClient, repository: str) -> Roster:
    """Who is who. Raises Denied when the repository itself cannot be read, MalformedError for half an answer."""
    body, _ = client.get(f"/repos/{repository}", f"read the repository {repository}")
    owner = entry(entry(body).get("owner"))
    unread: list[Unread] = []
    collaborators = _optional(partial(_collaborators, client, repository), "collaborators", unread) or ()
    organization = owner.get("type") == "Organization"
    teams = _optional(partial(_teams, client, repository, unread), "teams", unread) if organization else ()
    path, text = _code_owners(client, repository, unread)
    return Roster(
        owner=None if organization else account(owner),
        teams=teams or (),
        collaborators=collaborators,
        code_owners=text,
        code_owners_path=path,
        reader=_optional(partial(_reader, client), "own account", unread),
        unread=tuple(unread),
    )


def _optional(read: Callable[[], _T], name: str, unread: list[Unread]) -> _T | None:
    """What `read` returns; None, with the reason noted, where the token may not read it."""
    try:
        return read()
    except (Denied, Gone, Rejected, MalformedError) as error:
        unread.append(Unread(name, " ".join(word for word in (str(error), getattr(error, "remedy", "")) if word)))
        return None


def _collaborators(client: GitHubClient, repository: str) -> tuple[Collaborator, ...]:
    doing = f"list the collaborators of {repository}"
    found = []
    for page in pages(client, f"/repos/{repository}/collaborators", doing, item=True):
        for row in page:
            who = account(row)
            if who is not None:
                found.append(Collaborator(who, _permission(row)))
    return tuple(found)


def _permission(row: Json) -> Permission:
    granted = row.get("permissions")
    granted = granted if isinstance(granted, Mapping) else {}
    return next((level for name, level in _LEVELS if granted.get(name)), Permission.READ)


def _teams(client: GitHubClient, repository: str, unread: list[Unread]) -> tuple[Group, ...]:
    owner = repository.partition("/")[0]
    doing = f"list the teams of {repository}"
    slugs = [
        part(row, "slug", str) for page in pages(client, f"/repos/{repository}/teams", doing, item=True) for row in page
    ]
    groups = []
    for slug in slugs[:MOST_TEAMS]:
        name = f"{owner}/{slug}"
        members = _optional(partial(_members, client, owner, slug), f"team {name}", unread)
        groups.append(Group(name, members or ()))
    return tuple(groups)


def _members(client: GitHubClient, owner: str, slug: str) -> tuple[Account, ...]:
    path = f"/orgs/{quote(owner)}/teams/{quote(slug)}/members"
    listed = pages(client, path, f"list the members of {owner}/{slug}", item=True)
    return tuple(who for page in listed for row in page if (who := account(row)) is not None)


def _code_owners(client: GitHubClient, repository: str, unread: list[Unread]) -> tuple[str, str | None]:
    """Path and text of the first file that GitHub would take. A file that is not there is no gap in reading."""
    for place in PLACES:
        try:
            body, _ = client.get(f"/repos/{repository}/contents/{place}", f"read {place}", item=True)
        except Gone:
            continue
        except (Denied, Rejected) as error:
            unread.append(Unread("code owners", " ".join((str(error), getattr(error, "remedy", ""))).strip()))
            return "", None
        text = _text(body)
        if text is None:
            unread.append(Unread("code owners", f"{place} is not a file of text, or larger than GitHub sends"))
        return place, text
    return "", None


def _text(body: Any) -> str | None:
    """The text of a file; what is no UTF-8 in it is replaced. None where the answer holds none."""
    if not isinstance(body, Mapping) or body.get("type") != "file" or body.get("encoding") != "base64":
        return None
    try:
        return b64decode(part(body, "content", str)).decode("utf-8", "replace")
    except NotBase64 as error:
        raise MalformedError("the content of a file") from error


def _reader(client: GitHubClient) -> Account | None:
    body, _ = client.get("/user", "ask who we are", item=True)
    return account(entry(body))
