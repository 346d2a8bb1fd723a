"""Jira's changelog as the past of tasks: read for up to a thousand issues at once, or issue by issue.

A status and its resolution are two items of one entry and one value here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias

from connectors.jira import jql
from connectors.jira.accounts import account_of
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.changelog import NAMES, RESOLUTION, ChangelogEntry, ChangelogItem, entry_of
from connectors.jira.custom import KINDS
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need, need_id
from connectors.jira.mapping import named_status
from connectors.jira.project import Project, understood
from connectors.jira.search import window
from connectors.jira.site import Site
from syncer.contract.custom import CustomType
from syncer.contract.errors import Denied, Gone, Rejected, Retryable
from syncer.contract.history import RAISED, Aspect, HistoryPage, PastChange, Trait
from syncer.contract.model import Category, Field, Observed, Ref, Status, Value

UNKNOWN_STATUS: Final = Category.DOING
"""What a status means that the site does not have any more: work was under way, as far as anybody can tell."""

_USUAL: Final = {
    "open": Category.TODO, "reopened": Category.TODO, "backlog": Category.TODO, "inbox": Category.TODO,
    "resolved": Category.DONE, "closed": Category.DONE,
}  # fmt: skip
"""Statuses of the workflows that Jira itself came with, and their like, by name without case."""

_BLOCKED_BY: Final = re.compile(r"is blocked by", re.IGNORECASE)


def past_changes(
    ref: Ref,
    entries: Iterable[ChangelogEntry],
    categories: Mapping[str, Category],
    account_id: Callable[[str], str],
    site: Site,
) -> list[PastChange]:
    """The changes of one issue, oldest first. `categories` gives the meaning of statuses by id and by name.

    `account_id` turns what a changelog calls a person into the id by which the API addresses them.
    """
    ordered = sorted(entries, key=lambda entry: (entry.at, int(entry.id)))
    changes: list[PastChange] = []
    resolution = _first_resolution(ordered)
    for entry in ordered:
        status, resolution = _status_change(ref, entry, resolution, categories)
        changes += status
        changes += _sets(ref, entry)
        for item in entry.items:
            for aspect, old, new in _told_by(item, account_id, site):
                changes.append(PastChange(ref, entry.id, aspect, entry.at, entry.actor, old, new))
    return changes


def _told_by(
    item: ChangelogItem, account_id: Callable[[str], str], site: Site
) -> Iterator[tuple[Aspect, Value, Value]]:
    """Aspects and values of an item: of a field that every pair knows, and of the declared one that it may be, too."""
    found = _scalar(item, account_id)
    if found is not None and found[0] not in site.elsewhere:
        yield found
    if item.declared is not None:
        held = site.held[item.declared]
        person = KINDS[held.kind].type is CustomType.PERSON
        ends = ((item.old or "", item.old_text or ""), (item.new or "", item.new_text or ""))
        old, new = (
            KINDS[held.kind].past(account_id(native) if person and native else native, words) for native, words in ends
        )
        yield item.declared, old, new


def _first_resolution(entries: Sequence[ChangelogEntry]) -> str | None:
    """The resolution before the first entry that changes it."""
    return next((item.old_text for entry in entries for item in entry.items if item.name == RESOLUTION), None) or None


def _status_change(
    ref: Ref, entry: ChangelogEntry, before: str | None, categories: Mapping[str, Category]
) -> tuple[list[PastChange], str | None]:
    """The change of status in an entry, with the resolution before and after it; and the resolution from then on."""
    resolved = [item for item in entry.items if item.name == RESOLUTION]
    after = (resolved[-1].new_text or None) if resolved else before
    moved = [item for item in entry.items if item.name == "status"]
    if not moved:
        return [], after

    def status(native: str | None, name: str | None, reason: str | None) -> Status:
        category = categories.get(native or "") or categories.get(name or "") or _gone(name or "", reason)
        return Status(name or "", category, reason)

    old = status(moved[0].old, moved[0].old_text, before)
    new = status(moved[-1].new, moved[-1].new_text, after)
    return [PastChange(ref, entry.id, Field.STATUS, entry.at, entry.actor, old, new)], after


def _gone(name: str, resolution: str | None) -> Category:
    """What a status meant that the site does not have any more: workflows are replaced, and their history stays."""
    usual = _USUAL.get(name.casefold())
    return usual or (Category.DONE if resolution is not None else UNKNOWN_STATUS)


_SETS: Final[Mapping[str, Aspect]] = {
    "fixVersions": Field.MILESTONES, "components": Field.COMPONENTS, "link": Field.BLOCKED_BY,
}  # fmt: skip


def _sets(ref: Ref, entry: ChangelogEntry) -> list[PastChange]:
    """Elements that were taken out of a set or put into it, all of one set in one change."""
    changes = []
    for name, aspect in _SETS.items():
        items = [item for item in entry.items if item.name == name and _concerns(item)]
        gone = tuple(value for item in items if (value := _element(item, old=True)))
        come = tuple(value for item in items if (value := _element(item, old=False)))
        if gone or come:
            changes.append(PastChange(ref, entry.id, aspect, entry.at, entry.actor, gone, come, partial=True))
    return changes


def _concerns(item: ChangelogItem) -> bool:
    """Of links only those by which the issue waits for another one are read."""
    return item.name != "link" or bool(_BLOCKED_BY.search(item.new_text or item.old_text or ""))


def _element(item: ChangelogItem, *, old: bool) -> str | None:
    native, text = (item.old, item.old_text) if old else (item.new, item.new_text)
    return (text if item.name == "components" else native) or None


_Reader: TypeAlias = Callable[[str, str], Value]
"""A value from one end of a change: from its id and its words in the changelog, both empty where there is none."""

_SCALARS: Final[Mapping[str, tuple[Aspect, _Reader]]] = {
    "labels": (Field.LABELS, lambda _native, words: _labels(words)),
    "duedate": (Field.DUE, lambda native, words: _day(native or words)),
    "start": (Field.START, lambda native, _words: _day(native)),
    "priority": (Field.PRIORITY, lambda _native, words: words or None),
    "issuetype": (Field.TYPE, lambda _native, words: words or None),
    "summary": (Field.TITLE, lambda _native, words: words),
    "description": (Field.BODY, lambda _native, words: words),
    "flagged": (Trait.FLAGGED, lambda _native, words: RAISED if words else None),
    "sprint": (Trait.SPRINT, lambda _native, words: _last(words)),
    "parent": (Field.PARENT, lambda native, _words: native or None),
}
"""What holds its whole value in one item. People are told apart: their ids need `account_id`."""

TOLD: Final = frozenset(
    {Field.STATUS, Field.ASSIGNEES, *_SETS.values()}
    | {aspect for name, (aspect, _) in _SCALARS.items() if name in {*NAMES.values(), "start"}}
)
"""What a changelog tells of: what is read of it, and understood. The start is known by its id alone."""


def _scalar(item: ChangelogItem, account_id: Callable[[str], str]) -> tuple[Aspect, Value, Value] | None:
    """Aspect and values of an item that holds the whole value; None for one that does not."""
    if item.name == "assignee":
        old, new = (((account_id(native),) if native else ()) for native in (item.old, item.new))
        return Field.ASSIGNEES, old, new
    if item.name not in _SCALARS:
        return None
    aspect, read = _SCALARS[item.name]
    return aspect, read(item.old or "", item.old_text or ""), read(item.new or "", item.new_text or "")


def _labels(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(text.split())))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _last(text: str) -> str | None:
    """The last of several sprints, in the order in which the issue was put into them."""
    return text.rpartition(", ")[2] or None


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
        for change in past_changes(item.ref, entries.get(item.ref.id, ()), categories, project.account_id, project.site)
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
