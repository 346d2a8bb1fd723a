"""Issue events as the past of tasks: of a few issues by the list of each, of many by that of the whole repository.

Why the repository's list, newest first: a hundred events for each request, whatever issues they belong to. A place in
it is a page number, and new events push older ones to later pages: whoever goes on at a page sees some again and
misses none. Events of kinds that nobody evaluates, or that are not known, are left out. An event names what it is about
by its name as it was then: a label that was renamed has its former name, a milestone is told by its title only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from connectors.github.client import GitHubClient
from connectors.github.mapping import OPEN, Json, MalformedError, account, instant, moment, number_of, part
from connectors.github.paging import PAGE, pages, rows, stamp
from syncer.contract.errors import Gone, Rejected
from syncer.contract.history import Aspect, FoundById, HistoryPage, PastChange
from syncer.contract.model import Category, Cursor, Field, Observed, Ref, Status, Value

Reading = Callable[[Json, str], tuple[Aspect, Value, Value]]
"""Aspect, old and new value of an event; of sets the elements taken away and added. Takes the repository's name."""


def past_change(event: Json, ref: Ref, repository: str) -> PastChange | None:
    """The change of a task that an event records; None for an event that records none, or not in a known form."""
    kind = event.get("event")
    read = _KINDS.get(kind) if isinstance(kind, str) else None
    if read is None:
        return None
    try:
        aspect, old, new = read(event, repository)
        actor, at, native = account(event.get("actor")), moment(event, "created_at"), part(event, "id", int)
    except MalformedError:
        return None  # the past is completed as far as it can be read; nothing is decided by it
    if old == new:
        return None
    return PastChange(ref, str(native), aspect, at, actor, old, new, partial=isinstance(old, tuple))


def _closed(event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    reason = event.get("state_reason")
    # As with issues: before reasons existed everything was completed.
    return Field.STATUS, OPEN, Status("closed", Category.DONE, reason if isinstance(reason, str) else "completed")


def _reopened(_event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    return Field.STATUS, Status("closed", Category.DONE), OPEN


def _renamed(event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    rename = part(event, "rename", dict)
    return Field.TITLE, part(rename, "from", str), part(rename, "to", str)


def _type(event: Json, _repository: str) -> tuple[Aspect, Value, Value]:
    return Field.TYPE, _name(event.get("prev_issue_type")), _name(event.get("issue_type"))


def _name(kind: object) -> str | None:
    return part(kind, "name", str) if kind is not None else None


def _parent(event: Json, repository: str) -> tuple[Aspect, Value, Value]:
    above = _key(event.get("parent_issue"), repository)
    return (Field.PARENT, None, above) if event["event"] == "parent_issue_added" else (Field.PARENT, above, None)


def _added(aspect: Aspect, element: Callable[[Json, str], str | None]) -> Reading:
    def read(event: Json, repository: str) -> tuple[Aspect, Value, Value]:
        return aspect, (), _tuple(element(event, repository))

    return read


def _removed(aspect: Aspect, element: Callable[[Json, str], str | None]) -> Reading:
    def read(event: Json, repository: str) -> tuple[Aspect, Value, Value]:
        return aspect, _tuple(element(event, repository)), ()

    return read


def _tuple(element: str | None) -> tuple[str, ...]:
    return () if element is None else (element,)


def _label(event: Json, _repository: str) -> str:
    return part(part(event, "label", dict), "name", str)


def _assignee(event: Json, _repository: str) -> str | None:
    person = account(event.get("assignee"))
    return None if person is None else person.id


def _milestone(event: Json, _repository: str) -> str:
    return part(part(event, "milestone", dict), "title", str)


def _blocker(event: Json, repository: str) -> str | None:
    return _key(event.get("blocked_by"), repository)


def _key(issue: object, repository: str) -> str | None:
    """The key of another issue that an event mentions; None where it does not say which."""
    number = issue.get("number") if isinstance(issue, Mapping) else None
    if not isinstance(issue, Mapping) or not isinstance(number, int):
        return None
    home = issue.get("repository")
    name = home.get("full_name") if isinstance(home, Mapping) else None
    return f"{name if isinstance(name, str) else repository}#{number}"


_KINDS: Final[Mapping[str, Reading]] = {
    "closed": _closed,
    "reopened": _reopened,
    "renamed": _renamed,
    "labeled": _added(Field.LABELS, _label),
    "unlabeled": _removed(Field.LABELS, _label),
    "assigned": _added(Field.ASSIGNEES, _assignee),
    "unassigned": _removed(Field.ASSIGNEES, _assignee),
    "milestoned": _added(Field.MILESTONES, _milestone),
    "demilestoned": _removed(Field.MILESTONES, _milestone),
    "issue_type_added": _type,
    "issue_type_removed": _type,
    "issue_type_changed": _type,
    "parent_issue_added": _parent,
    "parent_issue_removed": _parent,
    "blocked_by_added": _added(Field.BLOCKED_BY, _blocker),
    "blocked_by_removed": _removed(Field.BLOCKED_BY, _blocker),
}


FEW = 3
"""Up to so many issues, and all of which only the latest events are wanted, are asked for their own events each."""


def history(
    client: GitHubClient, repository: str, items: Sequence[Observed], cursor: Cursor | None, *, lately: bool
) -> Iterator[HistoryPage]:
    """See `Historian.history`."""
    if lately or len(items) <= FEW:
        for item in items:
            yield HistoryPage(tuple(_events_of(client, repository, item)), frozenset({item.ref}), cursor)
        return
    yield from _Listing(client, repository, items, cursor).steps()


def _events_of(client: GitHubClient, repository: str, item: Observed) -> Iterator[PastChange]:
    path = f"/repos/{repository}/issues/{number_of(item)}/events"
    try:
        for listed in pages(client, path, f"list the events of {item.key}", item=True):
            yield from (change for row in listed if (change := past_change(row, item.ref, repository)) is not None)
    except Gone:
        return  # deleted a moment ago, which reading the issue will tell


class _ById(list[Observed]):
    """Tasks that all are at hand, the latest made first."""

    def __init__(self, items: Sequence[Observed]) -> None:
        super().__init__(sorted(items, key=lambda item: item.created, reverse=True))
        self._by_id = {item.ref.id: item for item in self}

    def with_ids(self, ids: Collection[str]) -> Mapping[str, Observed]:
        """See `FoundById`."""
        return {native: self._by_id[native] for native in ids if native in self._by_id}


class _Listing:
    """One pass over the events of a repository, the newest first, begun now or by an earlier call."""

    def __init__(self, client: GitHubClient, repository: str, items: Sequence[Observed], cursor: Cursor | None) -> None:
        self._client, self._repository = client, repository
        self._items = items if isinstance(items, FoundById) else _ById(items)
        self._reached, self._left = 0, False
        """How many of the items were looked at, the latest made first, and whether any of them is left for later."""
        self._page, self._began = _position(cursor)

    def steps(self) -> Iterator[HistoryPage]:
        """A step for each page. An issue is complete once the list has come to what is older than it."""
        path, doing = f"/repos/{self._repository}/issues/events", f"list the events of {self._repository}"
        while True:
            try:
                body, answer = self._client.get(path, doing, {"per_page": PAGE, "page": self._page})
            except Rejected:
                # GitHub ends a very long list early; what is older is not told.
                yield HistoryPage((), self._completed(None))
                return
            listed = rows(body, doing)
            self._began = self._began or answer.date or datetime.now(UTC)
            oldest = _oldest(listed) if listed and answer.has_next else None
            complete = self._completed(oldest)
            done = oldest is None or (self._reached == len(self._items) and not self._left)
            self._page += 1
            yield HistoryPage(tuple(self._changes(listed)), complete, None if done else self._cursor())
            if done:
                return

    def _changes(self, listed: Sequence[Json]) -> Iterator[PastChange]:
        natives = [str(issue.get("id")) if isinstance(issue := row.get("issue"), dict) else "" for row in listed]
        asked = self._items.with_ids(frozenset(natives))
        for row, native in zip(listed, natives, strict=True):
            if native in asked:
                change = past_change(row, asked[native].ref, self._repository)
                if change is not None:
                    yield change

    def _completed(self, oldest: datetime | None) -> frozenset[Ref]:
        """The issues whose events were all seen, with a page that reaches back to `oldest`; None: to the beginning.

        One that changed after the pass began has newer events on pages that are behind: it is left for another call.
        """
        complete = set()
        while self._reached < len(self._items):
            item = self._items[self._reached]
            if oldest is not None and item.created <= oldest:
                break
            self._reached += 1
            if self._began is None or item.updated <= self._began:
                complete.add(item.ref)
            else:
                self._left = True
        return frozenset(complete)

    def _cursor(self) -> Cursor:
        began = self._began
        return Cursor(json.dumps({"page": self._page, "began": None if began is None else stamp(began)}))


def _oldest(listed: Sequence[Json]) -> datetime:
    """The time of the last event of a page that tells one. Raises MalformedError where none does."""
    for row in reversed(listed[1:]):
        with suppress(MalformedError):
            return moment(row, "created_at")
    return moment(listed[0], "created_at")


def _position(cursor: Cursor | None) -> tuple[int, datetime | None]:
    """The page to go on at, and when its pass began; the first page when there is no place to go on from."""
    try:
        data = json.loads(cursor or "")
        return max(1, int(data["page"])), instant(data["began"], "began")
    except (ValueError, KeyError, TypeError):
        return 1, None
