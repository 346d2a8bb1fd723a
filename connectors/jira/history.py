"""Jira's changelog as the past of tasks: read for up to a thousand issues at once, or issue by issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.jira import jql
from connectors.jira.accounts import account_of
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.changelog import ChangelogEntry, entry_of, past_changes
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need, need_id
from connectors.jira.mapping import named_status
from connectors.jira.project import Project, understood
from connectors.jira.search import window
from syncer.contract.errors import Denied, Gone, Rejected, Retryable
from syncer.contract.history import HistoryPage
from syncer.contract.model import Category, Observed

BULK = 1_000
"""How many issues one bulk fetch of changelogs takes."""
ENTRIES = 5_000
"""Entries of one answer; Jira allows twice as many, which would be some 15 MB."""
SEARCHED = 50
"""How many issues with their whole changelogs a search of Data Center is asked for."""
PAGE = 100


def history(project: Project, items: Sequence[Observed]) -> Iterator[HistoryPage]:
    """See `Historian.history`. Every step tells all of its issues; no place to go on from is needed."""
    if not items:
        return
    categories = _categories(project)
    bulk = project.site.dialect.fetches_in_bulk
    size = BULK if bulk else SEARCHED
    for start in range(0, len(items), size):
        chunk = items[start : start + size]
        if not bulk:
            yield _told(project, chunk, _searched(project, chunk), categories)
            continue
        try:
            found = _fetched(project, chunk)
        except (Gone, Invalid, Rejected):
            # A site without the bulk operation, or one id that it refuses.
            for item in chunk:
                yield _told(project, [item], {item.ref.id: _paged(project, item)}, categories)
        else:
            yield _told(project, chunk, found, categories)


def _told(
    project: Project,
    items: Sequence[Observed],
    entries: Mapping[str, Sequence[ChangelogEntry]],
    categories: Mapping[str, Category],
) -> HistoryPage:
    changes = [
        change
        for item in items
        for change in past_changes(item.ref, entries.get(item.ref.id, ()), categories, project.account_id)
    ]
    return HistoryPage(tuple(changes), frozenset(item.ref for item in items))


def _categories(project: Project) -> dict[str, Category]:
    """What each status of the site means, by id and by name."""
    found: dict[str, Category] = {}
    with understood("status"):
        for status in as_objects(project.client.get("/status"), "status"):
            name, category = named_status(status, "status")
            found[name] = category
            found[need_id(status, "status")] = category
    return found


def _fetched(project: Project, items: Sequence[Observed]) -> dict[str, list[ChangelogEntry]]:
    """Cloud: the changelogs of up to `BULK` issues, by issue id."""
    found: dict[str, list[ChangelogEntry]] = {}
    body: dict[str, object] = {"issueIdsOrKeys": [item.ref.id for item in items], "maxResults": ENTRIES}
    used: set[str] = set()
    while True:
        with understood("changelog/bulkfetch"):
            answer = as_object(project.client.ask("/changelog/bulkfetch", body), "answer")
            for log in as_objects(answer.get("issueChangeLogs") or [], "issueChangeLogs"):
                entries = found.setdefault(str(log.get("issueId")), [])
                entries += _entries(project, log.get("changeHistories"))
        token = answer.get("nextPageToken")
        if token is None:
            return found
        if str(token) in used:
            raise Retryable("changelog/bulkfetch: the server repeats a page token")
        used.add(str(token))
        body = {**body, "nextPageToken": str(token)}


def _paged(project: Project, item: Observed) -> list[ChangelogEntry]:
    """Cloud: the changelog of one issue, page by page; nothing of one that cannot be seen."""
    entries: list[ChangelogEntry] = []
    start = 0
    while True:
        try:
            answer = project.client.get(f"/issue/{item.ref.id}/changelog", {"startAt": start, "maxResults": PAGE})
        except (Gone, Forbidden):
            return []
        with understood(f"changelog of {item.key}"):
            page = as_object(answer, "answer")
            values = as_objects(page.get("values"), "values")
            entries += _entries(project, values)
            start += len(values)
            if not values or start >= need(page, "total", int, "answer"):
                return entries


def _searched(project: Project, items: Sequence[Observed]) -> dict[str, list[ChangelogEntry]]:
    """Data Center: the changelogs of a few issues by one search that expands them; one by one where it is refused."""
    query = jql.all_of([jql.ids_in([item.ref.id for item in items])], "key ASC")
    try:
        issues = window(project, query, 0, ["summary"], ["changelog"])[0]
    except Denied as refusal:
        if not isinstance(refusal.__cause__, Invalid):
            raise
        # One id that does not exist any more makes the whole query invalid.
        asked = (project.issue(item.ref.id, ["summary"], expand="changelog", properties=False) for item in items)
        issues = [issue for issue in asked if issue is not None]
    with understood("changelog"):
        return {need_id(issue, "issue"): embedded(project, issue) for issue in issues}


def embedded(project: Project, issue: Json) -> list[ChangelogEntry]:
    """The entries of a changelog that came with an issue."""
    log = issue.get("changelog")
    return _entries(project, log.get("histories") if isinstance(log, dict) else None)


def _entries(project: Project, histories: object) -> list[ChangelogEntry]:
    found = []
    for history in histories if isinstance(histories, list) else ():
        if not isinstance(history, dict):
            continue
        author = history.get("author")
        account = account_of(author, project.site) if isinstance(author, dict) else None
        try:
            entry = entry_of(history, account, project.site)
        except Malformed:
            continue  # the past is completed as far as it can be read; nothing is decided by it
        if entry is not None:
            found.append(entry)
    return found
