"""Lists: which issues and comments a query selects, in which order, and the pages with their Link header."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from syncer.sandbox.github.model import Comment, Issue, Repository
from syncer.sandbox.github.problems import invalid
from syncer.sandbox.github.requestfields import point_in_time

T = TypeVar("T")
Query = Mapping[str, str]

_DEFAULT_PER_PAGE = 30
_MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for: `per_page` 1 to 100, `number` from 1."""

    per_page: int
    number: int

    @classmethod
    def of(cls, query: Query) -> Page:
        """Return the page a query asks for; values that are no numbers mean the defaults, too large ones the most."""
        per_page = _whole(query.get("per_page"), _DEFAULT_PER_PAGE)
        return cls(min(per_page, _MOST_PER_PAGE), _whole(query.get("page"), 1))

    def cut(self, rows: Sequence[T]) -> Sequence[T]:
        """Return the rows of this page."""
        start = (self.number - 1) * self.per_page
        return rows[start : start + self.per_page]

    def link(self, url: str, query_string: str, total: int) -> str | None:
        """Return the Link header of this page of `total` rows, None when everything fits on one page."""
        last = max(1, -(-total // self.per_page))
        if last == 1 and self.number == 1:
            return None
        kept = [(name, value) for name, value in parse_qsl(query_string, keep_blank_values=True) if name != "page"]
        targets: list[tuple[str, int]] = []
        if self.number > 1:
            targets.append(("prev", min(self.number - 1, last)))
        if self.number < last:
            targets += [("next", self.number + 1), ("last", last)]
        if self.number > 1:
            targets.append(("first", 1))
        return ", ".join(f'<{url}?{urlencode([*kept, ("page", str(page))])}>; rel="{rel}"' for rel, page in targets)


def _whole(text: str | None, default: int) -> int:
    """Return a positive whole number, `default` for anything else."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and int(text) > 0 else default


def choice(query: Query, name: str, default: str, allowed: Sequence[str], resource: str) -> str:
    """Return a query value that must be one of `allowed`; raise 422 for another."""
    value = query.get(name) or default
    if value not in allowed:
        raise invalid(resource, name, "invalid", value=value)
    return value


def since_of(query: Query, resource: str) -> datetime | None:
    """Return the `since` of a query at second granularity, None when absent; raise 422 when it is no time."""
    return point_in_time(query["since"], resource, "since") if query.get("since") else None


def issues(repository: Repository, query: Query) -> list[Issue]:
    """Return the issues and pull requests a list query selects, in its order; raise 422 for impossible values.

    `since` is inclusive. Equal times are ordered by number.
    """
    sort = choice(query, "sort", "created", ("created", "updated", "comments"), "Issue")
    direction = choice(query, "direction", "desc", ("asc", "desc"), "Issue")
    since = since_of(query, "Issue")
    if sort == "updated":
        chosen = [repository.issues[number] for number in repository.issues_by_update.numbers(since)]
        since = None
    else:
        # Numbers grow with creation.
        chosen = [repository.issues[number] for number in sorted(repository.issues)]
        if sort == "comments":
            chosen.sort(key=lambda issue: len(issue.comments))
    for test in _tests(repository, query, since):
        chosen = [issue for issue in chosen if test(issue)]
    if direction == "desc":
        chosen.reverse()
    return chosen


_Test = Callable[[Issue], bool]


def _tests(repository: Repository, query: Query, since: datetime | None) -> list[_Test]:
    """Return one test per filter of the query."""
    tests: list[_Test] = []
    state = choice(query, "state", "open", ("open", "closed", "all"), "Issue")
    if state != "all":
        tests.append(lambda issue: issue.state == state)
    if since is not None:
        tests.append(lambda issue: issue.updated_at >= since)
    if query.get("labels"):
        wanted = [repository.label(name.strip()) for name in query["labels"].split(",") if name.strip()]
        tests.append(lambda issue: all(label in issue.labels for label in wanted))
    if query.get("milestone"):
        tests.append(_milestone_test(query["milestone"]))
    if query.get("assignee"):
        tests.append(_assignee_test(query["assignee"].casefold()))
    if query.get("type"):
        tests.append(_type_test(query["type"].casefold()))
    if query.get("creator"):
        creator = query["creator"].casefold()
        tests.append(lambda issue: issue.author.login.casefold() == creator)
    if query.get("mentioned"):
        mention = re.compile(rf"(?<![\w@/-])@{re.escape(query['mentioned'])}(?![\w-])", re.IGNORECASE)
        tests.append(lambda issue: _mentions(issue, mention))
    return tests


def _milestone_test(wanted: str) -> _Test:
    """Return the test of a milestone filter: a number, `none` or `*`."""
    if wanted == "none":
        return lambda issue: issue.milestone is None
    if wanted == "*":
        return lambda issue: issue.milestone is not None
    if not wanted.isdigit():
        raise invalid("Issue", "milestone", "invalid", value=wanted)
    number = int(wanted)
    return lambda issue: issue.milestone is not None and issue.milestone.number == number


def _assignee_test(wanted: str) -> _Test:
    """Return the test of an assignee filter: a login in lower case, `none` or `*`."""
    if wanted == "none":
        return lambda issue: not issue.assignees
    if wanted == "*":
        return lambda issue: bool(issue.assignees)
    return lambda issue: any(account.login.casefold() == wanted for account in issue.assignees)


def _type_test(wanted: str) -> _Test:
    """Return the test of a type filter: a type's name in lower case, `none` or `*`."""
    if wanted == "none":
        return lambda issue: issue.type is None
    if wanted == "*":
        return lambda issue: issue.type is not None
    return lambda issue: issue.type is not None and issue.type.name.casefold() == wanted


def _mentions(issue: Issue, mention: re.Pattern[str]) -> bool:
    """True when the issue's body or one of its comments mentions someone."""
    return any(mention.search(text) for text in (issue.body or "", *(comment.body for comment in issue.comments)))


def comments(repository: Repository, query: Query) -> list[Comment]:
    """Return a repository's comments in the order of a query; by id upwards when it names no `sort`.

    As documented, `direction` counts only together with `sort`.
    """
    since = since_of(query, "IssueComment")
    if not query.get("sort"):
        found = [repository.comments[number] for number in sorted(repository.comments)]
        return found if since is None else [comment for comment in found if comment.updated_at >= since]
    sort = choice(query, "sort", "created", ("created", "updated"), "IssueComment")
    direction = choice(query, "direction", "desc", ("asc", "desc"), "IssueComment")
    chosen = [repository.comments[number] for number in repository.comments_by_update.numbers(since)]
    if sort == "created":
        chosen.sort(key=lambda comment: (comment.created_at, comment.id))
    if direction == "desc":
        chosen.reverse()
    return chosen
