"""Searching issues page by page, in the order of their last change, on both deployments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.jira import jql
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, milliseconds, need, need_id, need_time
from connectors.jira.markers import PROPERTY
from connectors.jira.project import Project, understood
from syncer.contract.errors import Retryable

PAGE = 100
RECONCILED = 50
"""How many issues one search of Cloud can be made consistent for."""
EXPANDED = 10
"""Up to so many issues that are about to be written, a search shows transitions as well: Jira computes them slowly."""
FARTHEST = 9_000
"""Data Center's search engine refuses a window past 10,000 results."""


def changed_issues(
    project: Project, fields: Sequence[str], since: int | None, before: int | None = None
) -> Iterator[list[Json]]:
    """Pages of the scope's issues, oldest change first, from `since` on and before `before` (epoch milliseconds)."""
    bounds = ["" if before is None else jql.updated_before(before)]
    if project.site.dialect.fetches_in_bulk:
        query = _scope(project, since, bounds, "updated ASC, key ASC")
        yield from _by_token(project, _token_body(query, fields))
    else:
        yield from _by_window(project, fields, since, bounds)


def changed_and_named(
    project: Project, fields: Sequence[str], since: int, named: Sequence[str]
) -> Iterator[list[Json]]:
    """Cloud: as `changed_issues`, with the `named` issues of the scope whether they changed or not.

    The named (numeric ids, at most `RECONCILED`) are shown as the database holds them, not as the index does. One that
    is missing left the scope. Raises Denied, caused by `Invalid`, when one of them does not exist any more.
    """
    either = jql.any_of([jql.updated_since(since), jql.ids_in(named)])
    body = _token_body(_scope(project, None, [either], "updated ASC, key ASC"), fields)
    body["reconcileIssues"] = [int(native) for native in named]
    if len(named) <= EXPANDED:
        # Whether a status will be written is not known yet; asking for its transitions later would be a request.
        body["expand"] = "transitions,transitions.fields"
    yield from _by_token(project, body)


def first_issues(
    project: Project, conditions: Sequence[str], order: str, fields: Sequence[str], amount: int
) -> list[Json]:
    """At most `amount` (up to a page) issues of the whole project, its filter aside: a hint, for the index lags."""
    query = jql.all_of([jql.in_project(project.id or project.scope.project), *conditions], order)
    body: dict[str, Any] = {"jql": query, "maxResults": min(amount, PAGE), "fields": list(fields)}
    path = "/search/jql" if project.site.dialect.fetches_in_bulk else "/search"
    with project.searchable(), understood("search"):
        return as_objects(as_object(project.client.ask(path, body), "answer").get("issues"), "issues")


def _scope(project: Project, since: int | None, bounds: Sequence[str], order: str) -> str:
    return jql.all_of(
        [
            jql.in_project(project.id or project.scope.project),
            "" if since is None else jql.updated_since(since),
            *bounds,
            jql.within(project.scope.filter),
        ],
        order,
    )


def found_of(project: Project, query: str, ids: Sequence[str]) -> Iterator[Json]:
    """All issues that a query finds among those with these ids, at most `RECONCILED` on Cloud.

    Raises Denied, caused by `Invalid`, where Jira refuses the query.
    """
    if project.site.dialect.fetches_in_bulk:
        body = {**_token_body(query, ["summary"]), "reconcileIssues": [int(native) for native in ids]}
        for issues in _by_token(project, body):
            yield from issues
        return
    offset, total = 0, 1
    while offset < total:
        # A site may give fewer in a page than were asked for.
        issues, total = window(project, query, offset, ["summary"])
        if not issues and offset < total:
            raise Retryable(f"search: {total} issues were announced and {offset} shown")
        yield from issues
        offset += len(issues)


def _token_body(query: str, fields: Sequence[str]) -> dict[str, Any]:
    return {"jql": query, "maxResults": PAGE, "fields": list(fields), "properties": [PROPERTY]}


def _by_token(project: Project, body: dict[str, Any]) -> Iterator[list[Json]]:
    """Cloud: pages chained by `nextPageToken`. A token that comes back would loop for ever and is an error."""
    used: set[str] = set()
    while True:
        with project.searchable(), understood("search"):
            answer = as_object(project.client.ask("/search/jql", body), "answer")
            issues = as_objects(answer.get("issues"), "issues")
            token = answer.get("nextPageToken")
            if token is None and answer.get("isLast") is False:
                raise Malformed("there is a next page without a token")
        yield issues
        if token is None or answer.get("isLast") is True:
            return
        if str(token) in used:
            raise Retryable("search: the server repeats a page token")
        used.add(str(token))
        body = {**body, "nextPageToken": str(token)}


def _by_window(
    project: Project, fields: Sequence[str], since: int | None, bounds: Sequence[str]
) -> Iterator[list[Json]]:
    """Data Center: every page begins at the newest change of the page before.

    Counting offsets through the whole list would skip an issue whenever one before it changes and moves to the end, and
    fails past 10,000. An offset is used only inside one moment that more issues share than fit a page, and where even
    that grows too far the rest of the moment is read by key.
    """
    start, offset, after = since, 0, ""
    delivered: dict[str, int] = {}
    while True:
        rest = [jql.key_after(after), jql.updated_until(start or 0)] if after else []
        query = _scope(project, start, [*bounds, *rest], "updated ASC, key ASC")
        issues, total = window(project, query, offset, fields)
        moments = dict(named for issue in issues if (named := _moment(issue)) is not None)
        fresh = [issue for issue in issues if _is_fresh(issue, delivered, moments)]
        yield fresh
        newest = max(moments.values(), default=0)
        if offset + len(issues) >= total or not issues:
            if not after:
                return
            # The moment is done; what changed since follows it.
            start, offset, after = (start or 0) + 1, 0, ""
        elif not after and fresh and (start is None or newest > start):
            # The index may be coarser than a millisecond: only a page that brought something new moves the window.
            start, offset, delivered = newest, 0, moments
        else:
            offset += len(issues)
            delivered |= moments
        if offset > FARTHEST:
            if not fresh:
                raise Retryable("search: too many issues share one moment of change")
            after, offset = str(issues[-1].get("key")), 0


def window(
    project: Project, query: str, offset: int, fields: Sequence[str], expand: Sequence[str] = ()
) -> tuple[list[Json], int]:
    """One page of Data Center's search, and how many issues match in all."""
    body: dict[str, Any] = {"jql": query, "startAt": offset, "maxResults": PAGE, "fields": list(fields)}
    if expand:
        body["expand"] = list(expand)
    with project.searchable(), understood("search"):
        answer = as_object(project.client.ask("/search", body), "answer")
        return as_objects(answer.get("issues"), "issues"), need(answer, "total", int, "answer")


def _moment(issue: Json) -> tuple[str, int] | None:
    """An issue's id, and when it changed; None where it does not tell both, and cannot be read either."""
    try:
        fields = as_object(issue.get("fields"), "issue.fields")
        return need_id(issue, "issue"), milliseconds(need_time(fields, "updated", "issue"))
    except Malformed:
        return None


def _is_fresh(issue: Json, delivered: Mapping[str, int], moments: Mapping[str, int]) -> bool:
    native = str(issue.get("id"))
    return native not in moments or delivered.get(native) != moments[native]
