"""Pull requests of a repository, read for the evaluation: when each was opened, first reviewed, merged, and its tasks.

A list tells of all but the reviews; these cost a request for each pull request until the first one was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, MalformedError, entry, moment, part
from connectors.github.paging import PAGE, rows
from syncer.contract.code import MOST_NAMED, PullRequest
from syncer.contract.roster import Unread

MOST_REVIEWS: Final = 100
"""Pull requests whose reviews are asked for in one reading."""
_MOST_PAGES: Final = 10

_CLOSING: Final = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+"
    r"(?:https?://[^\s/]+/(?P<page>[\w.-]+/[\w.-]+)/issues/|(?P<repository>[\w.-]+/[\w.-]+)?#)(?P<number>\d{1,18})\b",
    re.IGNORECASE,
)
"""Source: GitHub Docs, Linking a pull request to an issue: nine keywords before a number, a reference or an address."""
_KEY: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]+-[1-9]\d{0,17}(?![0-9])")
"""The key of a Jira issue, as branches have it: `PAY-7-refunds`."""
_ISSUE_BRANCH: Final = re.compile(r"(?P<number>[1-9]\d{0,17})-[^/]+")
"""The branch that GitHub makes for an issue: its number before its title."""


def changed_pulls(client: GitHubClient, repository: str, since: datetime) -> list[Json]:
    """The pull requests that changed since a time, as the list shows them; the oldest change first.

    Of very many only the latest: what is older than these was there when somebody first looked.
    """
    doing, found = f"list the pull requests of {repository}", list[Json]()
    query: dict[str, str | int] = {"state": "all", "sort": "updated", "direction": "desc", "per_page": PAGE}
    for page in range(1, _MOST_PAGES + 1):
        body, answer = client.get(f"/repos/{repository}/pulls", doing, {**query, "page": page})
        listed = [row for row in rows(body, doing) if _changed(row)]
        found += [row for row in listed if moment(row, "updated_at") >= since]
        if not answer.has_next or any(moment(row, "updated_at") < since for row in listed):
            break
    return sorted(found, key=lambda row: (moment(row, "updated_at"), str(row.get("id"))))


def _changed(row: Json) -> bool:
    """Whether an entry tells when it changed; without that nothing can be said of it."""
    try:
        moment(row, "updated_at")
    except MalformedError:
        return False
    return True


def pull_requests(
    client: GitHubClient, repository: str, listed: list[Json], known: Mapping[str, PullRequest]
) -> Iterator[tuple[datetime, PullRequest | Unread]]:
    """Each with the time of its change, in the order given, as far as the reviews of one reading go."""
    asked = 0
    for row in listed:
        changed = moment(row, "updated_at")
        if _is_bot(row.get("user")):
            continue  # what programs propose nobody waits for
        try:
            before = known.get(str(part(row, "id", int)))
            reviewed = before.reviewed if before is not None else None
            if reviewed is None and not row.get("draft"):
                if asked == MOST_REVIEWS:
                    return
                asked += 1
                reviewed = _first_review(client, repository, row)
            told = _pull(row, repository, reviewed)
            tasks = named(row, repository)
        except MalformedError as error:
            yield changed, Unread(f"pull request {row.get('number')}", str(error))
            continue
        if len(tasks) > MOST_NAMED:
            why = f"it names {len(tasks)} tasks, and is counted as the work on none of them"
            yield changed, Unread(told.key, why)
            tasks = ()
        yield changed, replace(told, tasks=tasks)


def _pull(row: Json, repository: str, reviewed: datetime | None) -> PullRequest:
    author = row.get("user")
    return PullRequest(
        native=str(part(row, "id", int)),
        key=f"{repository}#{part(row, 'number', int)}",
        opened=moment(row, "created_at"),
        author=part(author, "login", str) if author is not None else None,
        draft=row.get("draft") is True,
        reviewed=reviewed,
        merged=_optional(row, "merged_at"),
        closed=_optional(row, "closed_at"),
        title=_text(row, "title"),
        url=_text(row, "html_url"),
    )


def _text(row: Json, key: str) -> str:
    found = row.get(key)
    return found if isinstance(found, str) else ""


def _optional(row: Json, key: str) -> datetime | None:
    return moment(row, key) if row.get(key) is not None else None


def named(row: Json, repository: str) -> tuple[str, ...]:
    """Keys of the tasks that a pull request says it closes, and of those that its branch is named after."""
    text, head = row.get("body"), row.get("head")
    found = [
        f"{match['page'] or match['repository'] or repository}#{int(match['number'])}"
        for match in _CLOSING.finditer(text if isinstance(text, str) else "")
    ]
    branch = head.get("ref") if isinstance(head, Mapping) else None
    if isinstance(branch, str):
        last = branch.rpartition("/")[2]
        found += _KEY.findall(branch)
        if (match := _ISSUE_BRANCH.fullmatch(last)) is not None:
            found.append(f"{repository}#{match['number']}")
    return tuple(dict.fromkeys(found))


def _first_review(client: GitHubClient, repository: str, row: Json) -> datetime | None:
    """When somebody else than the author first reviewed a pull request, and was no bot; None where nobody did."""
    number, author = part(row, "number", int), row.get("user")
    path = f"/repos/{repository}/pulls/{number}/reviews"
    doing = f"list the reviews of {repository}#{number}"
    body, _ = client.get(path, doing, {"per_page": PAGE}, item=True)
    mine = author.get("id") if isinstance(author, Mapping) else None
    times = [
        moment(review, "submitted_at")
        for review in rows(body, doing)
        if review.get("submitted_at") is not None and _by_another(review, mine)
    ]
    return min(times, default=None)


def _by_another(review: Json, author: object) -> bool:
    user = review.get("user")
    return user is not None and entry(user).get("id") != author and not _is_bot(user)


def _is_bot(user: object) -> bool:
    return isinstance(user, Mapping) and user.get("type") == "Bot"
