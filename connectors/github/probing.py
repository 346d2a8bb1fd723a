"""Questions of `syncer check` that try on the live GitHub what no source tells of it. They read only.

Each is named in the register (`connectors.github.assumptions`), and each says what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, issue_number, moment, on_pull_request, part
from connectors.github.paging import PAGE, rows
from syncer.contract.connector import Finding, Severity

_NAMED: Final = 3
"""How many of a kind a message names."""


@dataclass(frozen=True, slots=True)
class ProbedRepository:
    """What was read of a repository before the questions."""

    repository: str
    """`owner/name`."""
    shown: Json
    """As GitHub describes it."""
    changed: Sequence[Json]
    """Its issues and pull requests that changed last, up to a page of them."""

    def may_write(self) -> bool:
        """Whether the account may write to the repository, as far as GitHub says."""
        granted = self.shown.get("permissions")
        return isinstance(granted, dict) and any(granted.get(name) for name in ("push", "maintain", "admin"))


Probe = Callable[[GitHubClient, ProbedRepository], Iterator[Finding]]
"""A question. Raises MalformedError and what a read raises."""


def hidden_issues(_client: GitHubClient, place: ProbedRepository) -> Iterator[Finding]:
    """Where no issue is listed: whether the repository has none, or hides all of them from the token."""
    about, there = f"repository {place.repository}", place.shown.get("open_issues_count")
    if place.changed:
        return
    if isinstance(there, int) and there > 0:
        counted = "1 open issue or pull request" if there == 1 else f"{there} open issues and pull requests"
        fix = "Give the token read access to issues and to pull requests."
        message = f"it has {counted}, and this token is shown none of them"
        yield Finding(Severity.ERROR, about, message, fix)
    else:
        yield Finding(Severity.INFO, about, "the repository has no issue yet")


def edited_comments(client: GitHubClient, place: ProbedRepository) -> Iterator[Finding]:
    """Whether editing a comment moves the time of change of its issue, by which an edit is found at once."""
    repository = place.repository
    doing = f"list the comments of {repository}"
    query: dict[str, str | int] = {"sort": "updated", "direction": "desc", "per_page": PAGE}
    body, _ = client.get(f"/repos/{repository}/issues/comments", doing, query)
    edited = [
        each
        for each in rows(body, doing)
        if moment(each, "updated_at") > moment(each, "created_at") and not on_pull_request(each)
    ]
    if not edited:
        yield Finding(Severity.INFO, "edited comments", "none to try whether they move the time of their issue")
        return
    number = issue_number(edited[0])
    issue, _ = client.get(f"/repos/{repository}/issues/{number}", f"read {repository}#{number}", item=True)
    if moment(issue, "updated_at") >= moment(edited[0], "updated_at"):
        message = f"editing one moves the time of its issue ({repository}#{number}): edits are carried at once"
    else:
        message = f"editing one does not move the time of its issue ({repository}#{number}): edits are carried by the"
        message += " daily complete reading, unless the issue changes as well (sweep-every)"
    yield Finding(Severity.INFO, "edited comments", message)


def hidden_comments(client: GitHubClient, place: ProbedRepository) -> Iterator[Finding]:
    """Whether this server tells which comments are hidden: one of any kind is enough to see it."""
    doing = f"list the comments of {place.repository}"
    query: dict[str, str | int] = {"sort": "updated", "direction": "desc", "per_page": 1}
    body, _ = client.get(f"/repos/{place.repository}/issues/comments", doing, query)
    for each in rows(body, doing):
        if "minimized" not in each:
            message = "this server does not tell which comments are hidden (spam, off-topic): they are carried as well"
            yield Finding(Severity.INFO, "hidden comments", message)


def locked_conversations(_client: GitHubClient, place: ProbedRepository) -> Iterator[Finding]:
    """Which of the issues are locked: only who may write to the repository comments there."""
    locked = [f"{place.repository}#{part(row, 'number', int)}" for row in place.changed if row.get("locked") is True]
    if not locked:
        return
    named = ", ".join(locked[:_NAMED]) + (", …" if len(locked) > _NAMED else "")
    some = f"{len(locked)} of the {len(place.changed)} that changed last ({named})"
    able = place.may_write()
    yield Finding(
        Severity.INFO if able else Severity.WARNING,
        "locked conversations",
        f"{some}: comments need write access there, which the token {'has' if able else 'lacks'}",
        "" if able else "Unlock them, or give the account the role Write; else comments on them are held.",
    )


PROBES: Final[Mapping[str, Probe]] = {
    "hidden issues": hidden_issues,
    "locked conversations": locked_conversations,
    "edited comments": edited_comments,
    "hidden comments": hidden_comments,
}
"""By the names that the register gives them."""
