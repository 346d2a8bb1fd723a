"""What `syncer check` asks of a repository before anything is written.

The last part tries on the live GitHub what no source tells of it. Each question is named in the register
(`connectors.github.assumptions`), and says what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from connectors.github.answers import GitHubAnswer
from connectors.github.bodies import REASONS
from connectors.github.client import GitHubClient
from connectors.github.edges import Edges
from connectors.github.issue_fields import IssueFields
from connectors.github.mapping import Json, MalformedError, is_pull_request, issue_number, moment, on_pull_request, part
from connectors.github.paging import PAGE, pages, rows
from syncer.contract.checking import Finding, Severity, Vocabulary
from syncer.contract.errors import Denied, Gone, TrackerError

_NEEDED: Final = ("repo", "public_repo")
_HARMLESS: Final = frozenset(
    {"repo", "public_repo", "repo:status", "read:org", "read:user", "user:email", "read:project"}
)
_SCARCE: Final = 500
_SKEW: Final = timedelta(seconds=60)


def findings(
    client: GitHubClient,
    repository: str,
    edges: Edges,
    fields: IssueFields,
    *,
    issue_types: bool,
    boards: bool,
    now: Callable[[], datetime],
) -> list[Finding]:
    """What is missing, and what is more than needed. `edges` and `fields` learn what this server has of them.

    `boards`: fields of projects are carried.
    """
    try:
        body, answer = client.get(f"/repos/{repository}", f"read the repository {repository}")
    except TrackerError as error:
        return [Finding.of_failure("credentials" if isinstance(error, Denied) else "access", error)]
    if not isinstance(body, dict):
        return [Finding(Severity.ERROR, f"repository {repository}", "the answer is not a repository")]
    return [
        *_of_the_repository(body, repository),
        *_of_the_token(answer, private=bool(body.get("private", True)), boards=boards),
        *_of_the_limit(answer),
        *_of_the_clock(answer, now()),
        *_of_the_types(client, body, repository, issue_types=issue_types),
        *(_tried("issue fields", partial(_of_the_fields, fields)) if _of_an_organisation(body) else ()),
        *(_of_the_issues(client, body, answer, repository, edges) if body.get("has_issues") is not False else ()),
    ]


def _of_the_issues(
    client: GitHubClient, body: dict[str, Any], shown: GitHubAnswer, repository: str, edges: Edges
) -> Iterator[Finding]:
    """What the lists of a repository that can be read say, each on its own."""
    base, changed = f"/repos/{repository}", list[Json]()

    def listed() -> Iterator[Finding]:
        doing = f"list the issues of {repository}"
        query: dict[str, str | int] = {"state": "all", "sort": "updated", "direction": "desc", "per_page": PAGE}
        answer, _ = client.get(f"{base}/issues", doing, query)
        changed.extend(rows(answer, doing))
        yield from ()

    failed = list(_tried("issues", listed))
    yield from failed
    for name, probe in PROBES.items() if not failed else ():
        yield from _tried(name, partial(probe, client, ProbedRepository(repository, body, changed)))
    if not failed:
        yield from _tried("parent and blocked-by", partial(_of_the_edges, shown, changed, edges))
    yield from _tried("labels", partial(_answers, client, f"{base}/labels", f"list the labels of {repository}"))
    yield from _tried("assignees", partial(_answers, client, f"{base}/assignees", f"list the people of {repository}"))


def _answers(client: GitHubClient, path: str, doing: str) -> Iterator[Finding]:
    """Asks for one entry of a list that `vocabulary` reads. Finds nothing."""
    client.get(path, doing, {"per_page": 1})
    yield from ()


def _tried(about: str, step: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a step finds, its own failure included."""
    try:
        yield from step()
    except (TrackerError, MalformedError) as error:
        yield Finding.of_failure(about, error)


def vocabulary(client: GitHubClient, repository: str, *, issue_types: bool) -> Vocabulary:
    """The labels, people and types that the repository knows."""
    base = f"/repos/{repository}"
    labels = _each(client, f"{base}/labels", f"list the labels of {repository}", "name")
    types = _types(client, repository) if issue_types else ()
    people = _each(client, f"{base}/assignees", f"list the people of {repository}", "login")
    return Vocabulary(
        statuses=("open", "closed"),
        reasons=REASONS,
        types=types if isinstance(types, tuple) else (),
        labels=tuple(sorted(labels)),
        accounts=tuple(sorted(people, key=str.casefold)),
    )


def _each(client: GitHubClient, path: str, doing: str, key: str) -> list[str]:
    return [part(row, key, str) for page in pages(client, path, doing) for row in page]


def _types(client: GitHubClient, repository: str) -> tuple[str, ...] | TrackerError:
    """The issue types of the repository's organisation, or why they are not told."""
    owner = repository.partition("/")[0]
    doing = f"list the issue types of {owner}"
    try:
        body, _ = client.get(f"/orgs/{quote(owner)}/issue-types", doing, item=True)
    except (Gone, Denied) as error:
        return error
    return tuple(part(row, "name", str) for row in rows(body, doing) if row.get("is_enabled", True))


def _of_the_repository(body: dict[str, Any], repository: str) -> Iterator[Finding]:
    about = f"repository {repository}"
    full_name = str(body.get("full_name", repository))
    if full_name.casefold() != repository.casefold():
        yield Finding(Severity.ERROR, about, f"it was renamed to {full_name}", f'Set repository = "{full_name}".')
    if body.get("archived"):
        fix = "Unarchive it, or end the pair."
        yield Finding(Severity.ERROR, about, "it is archived: nothing can be written", fix, writing=True)
    if body.get("has_issues") is False:
        yield Finding(Severity.ERROR, about, "issues are switched off", "Switch issues on in its settings.")
    permissions = body.get("permissions")
    if not isinstance(permissions, dict):
        yield Finding(Severity.INFO, about, "GitHub does not say what the token may do here")
    elif not any(permissions.get(name) for name in ("push", "triage", "maintain", "admin")):
        fix = "Give the account the role Triage or Write."
        yield Finding(Severity.ERROR, about, "the token may read but not set labels and assignees", fix, writing=True)
    elif not any(permissions.get(name) for name in ("push", "maintain", "admin")):
        fix = "Give the account the role Write if milestones are kept in step."
        yield Finding(Severity.WARNING, about, "the token may not create milestones or new labels", fix, writing=True)


def _of_the_token(answer: GitHubAnswer, *, private: bool, boards: bool) -> Iterator[Finding]:
    """Classic tokens name their scopes; Apps and fine-grained tokens send no such header."""
    yield from _of_the_expiry(answer, "Renew it before that day.")
    header = answer.headers.get("x-oauth-scopes")
    if header is None:
        yield Finding(Severity.INFO, "credentials", "the token's permissions are fine-grained")
        return
    scopes = {scope.strip() for scope in header.split(",") if scope.strip()}
    needed = _NEEDED[:1] if private else _NEEDED
    if not scopes.intersection(needed):
        yield Finding(Severity.ERROR, "credentials", f"the token lacks the scope {needed[-1]}", "Add it to the token.")
    excessive = sorted(scopes - _HARMLESS - ({"project"} if boards else set()))
    if excessive:
        yield Finding(
            Severity.WARNING,
            "credentials",
            f"the token can do more than is needed: {', '.join(excessive)}",
            "Use a fine-grained token or a GitHub App with Issues (read and write) and Metadata (read) only.",
        )


def _of_the_expiry(answer: GitHubAnswer, fix: str) -> Iterator[Finding]:
    ends = answer.token_ends
    if ends is not None and answer.date is not None and ends - answer.date < timedelta(days=14):
        yield Finding(Severity.WARNING, "credentials", f"the token expires on {ends:%Y-%m-%d}", fix)


def _of_the_limit(answer: GitHubAnswer) -> Iterator[Finding]:
    remaining, limit = (answer.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit"))
    if remaining.isdecimal() and limit.isdecimal():
        severity = Severity.WARNING if int(remaining) < min(_SCARCE, int(limit)) else Severity.INFO
        yield Finding(severity, "rate limit", f"{remaining} of {limit} requests are left in this hour")


def _of_the_clock(answer: GitHubAnswer, now: datetime) -> Iterator[Finding]:
    if answer.date is not None and abs(answer.date - now) > _SKEW:
        seconds = round((now - answer.date).total_seconds())
        yield Finding(
            Severity.WARNING, "clock", f"our clock is {seconds} s ahead of GitHub's", "Synchronise the clock."
        )


def _of_the_types(
    client: GitHubClient, body: dict[str, Any], repository: str, *, issue_types: bool
) -> Iterator[Finding]:
    found = _types(client, repository) if _of_an_organisation(body) else ()
    if isinstance(found, TrackerError):
        severity = Severity.WARNING if issue_types else Severity.INFO
        fix = "Let the token read the organisation's issue types, or remove issue-types." if issue_types else ""
        message = f"{found}: this server has none, or the token may not see them. Types are not carried"
        yield Finding(severity, "issue types", message, fix)
    elif issue_types and not found:
        yield Finding(Severity.ERROR, "issue types", "the repository's owner has none", "Remove issue-types.")
    elif found and not issue_types:
        fix = "Set issue-types = true to keep them in step."
        yield Finding(Severity.INFO, "issue types", f"the organisation has {', '.join(found)}", fix)


def _of_an_organisation(body: dict[str, Any]) -> bool:
    owner = body.get("owner")
    return isinstance(owner, dict) and owner.get("type") == "Organization"


def _of_the_fields(fields: IssueFields) -> Iterator[Finding]:
    """What could be carried as well; what is declared is looked at along with the other side."""
    if offered := fields.offered():
        example = next((name for name in offered if '"' not in name), "Effort")
        fix = f'Carry one with [[pairs.custom]]: right = {{ issue-field = "{example}" }}.'
        yield Finding(Severity.INFO, "issue fields", f"the organisation also has {', '.join(offered)}", fix)


def without_order(*, wanted: bool) -> Iterator[Finding]:
    """That no order of a plan is read although it is `wanted`: no field of a project is carried."""
    if wanted:
        fix = 'Carry a field of it, [[pairs.custom]] right = { project = 3, field = "Estimate" }, or leave rank out.'
        yield Finding(Severity.WARNING, "rank", "the pair carries no field of a project, so none tells an order", fix)


def _of_the_edges(answer: GitHubAnswer, changed: Sequence[Json], edges: Edges) -> Iterator[Finding]:
    """Nothing but where it cannot be asked: what this server lacks is among the capabilities then."""
    issue = next((row for row in changed if not is_pull_request(row)), None)
    server = answer.headers.get("x-github-enterprise-version", "")
    if issue is not None:
        edges.ask(issue)
    elif server:
        message = f"{server} may have no sub-issues or no dependencies, which an empty repository does not tell"
        yield Finding(Severity.INFO, "parent and blocked-by", message, "Check again when it has an issue.")


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
        writing=not able,
    )


PROBES: Final[Mapping[str, Probe]] = {
    "hidden issues": hidden_issues,
    "locked conversations": locked_conversations,
    "edited comments": edited_comments,
    "hidden comments": hidden_comments,
}
"""By the names that the register gives them."""
