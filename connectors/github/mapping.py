"""GitHub's JSON to items. Pure; the way back is `connectors.github.bodies`.

Nothing enters an `Observed` unchecked: a part that is missing or of the wrong type raises `MalformedError` naming it,
so that half an answer is never mistaken for an emptied title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from connectors.github.marker import MARKER_ROOM, has_marker, readable, without_linked, without_marker
from syncer.contract.capabilities import Fidelity
from syncer.contract.connector import UnreadableItem
from syncer.contract.model import (
    MISPLACED,
    Account,
    Audience,
    Category,
    Facts,
    Field,
    Kind,
    Marker,
    Observed,
    Ref,
    Showing,
    Status,
    Value,
    Version,
)

Json = Mapping[str, Any]
Linked = Callable[[], Marker | None]
"""Tells the marker by which an item is linked, if it is: that counts whoever the author of the item is."""
_T = TypeVar("_T")

OPEN: Final = Status("open", Category.TODO)
TITLE_LIMIT: Final = 256
LABEL_LIMIT: Final = 50
BODY_LIMIT: Final = 65_536 - MARKER_ROOM
FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Between them every time can be moved by a day and shown in any zone."""

_REASON: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
MISSING: Final = object()
MOST: Final = 2**63
"""No id or number is larger."""


class MalformedError(ValueError):
    """An answer lacks a part that every item has."""


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What the mapping must know about a repository."""

    repository: str
    audience: Audience
    issue_types: bool = False
    ours: Callable[[object], bool] = lambda _user: False
    """Whether the user in an answer is an account of ours: on what that created our marker counts."""
    declared: Callable[[Json], Showing] = lambda _issue: {}
    """What an issue's JSON shows of the fields that the pair declares."""

    def fields(self) -> Mapping[Kind, Mapping[Field, Fidelity]]:
        """The fields a repository can hold, all of them exactly."""
        task = (Field.TITLE, Field.BODY, Field.STATUS, Field.LABELS, Field.ASSIGNEES, Field.MILESTONES)
        return {
            Kind.TASK: {
                **dict.fromkeys((*task, Field.TYPE) if self.issue_types else task, Fidelity.EXACT),
                Field.PARENT: Fidelity.EXACT,
                Field.BLOCKED_BY: Fidelity.EXACT,
            },
            Kind.COMMENT: {Field.BODY: Fidelity.EXACT},
            Kind.MILESTONE: dict.fromkeys((Field.TITLE, Field.BODY, Field.STATUS, Field.DUE), Fidelity.EXACT),
        }


# Reading


def entry(data: object) -> Json:
    """The JSON of one item. Raises MalformedError for any other JSON."""
    if not isinstance(data, dict):
        raise MalformedError("the item is missing")
    return data


def part(data: object, key: str, kind: type[_T]) -> _T:
    """The value under `key`, which must be of `kind`. Raises MalformedError."""
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise MalformedError(f"{key} is {'missing' if value is None else 'of the wrong type'}")
    return value


def moment(data: object, key: str) -> datetime:
    """The time under `key`, in UTC. Raises MalformedError."""
    return instant(part(data, key, str), key)


def instant(text: str, key: str) -> datetime:
    """A time as GitHub writes it, in UTC. Raises MalformedError naming `key`."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedError(f"{key} is not a time") from None
    if parsed.tzinfo is None:
        raise MalformedError(f"{key} has no time zone")
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise MalformedError(f"{key} is in the year {parsed.year}")
    return parsed.astimezone(UTC)


def is_pull_request(data: Json) -> bool:
    """The entry of an issue list is a pull request, which the API also calls an issue."""
    return data.get("pull_request") not in (None, "")


def unreadable(
    data: object, kind: Kind, scope: RepositoryFacts, error: MalformedError, parent: Ref | None
) -> UnreadableItem:
    """What can still be said of an item whose JSON makes no sense; a reference only where the API takes it."""
    native, number = (_whole(data, key) for key in ("id", "number"))
    key = {
        Kind.TASK: None if number is None else f"{scope.repository}#{number}",
        Kind.MILESTONE: None if number is None else str(number),
        Kind.COMMENT: None if native is None else str(native),
    }[kind]
    ref = Ref(kind, str(native)) if native is not None and key is not None else None
    named = key or (f"{kind} {native} without a number" if native is not None else f"{kind} without an id")
    return UnreadableItem(kind, named, str(error), ref, parent)


def _whole(data: object, key: str) -> int | None:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST else None


def label_names(data: Json) -> tuple[str, ...]:
    """The names of an issue's labels, sorted. Raises MalformedError."""
    labels = part(data, "labels", list)
    return tuple(sorted({label if isinstance(label, str) else part(label, "name", str) for label in labels}))


def type_name(data: Json) -> str | None:
    """The name of an issue's type, None when it has none. Raises MalformedError."""
    kind = data.get("type")
    return part(kind, "name", str) if kind is not None else None


def tells_parent(data: Json) -> bool:
    """Whether this version of GitHub knows of sub-issues: then an issue without a parent names none."""
    return "sub_issues_summary" in data or "parent_issue_url" in data


def parent_of(data: Json, repository: str) -> int | str | None:
    """The number of an issue's parent, or its key where it is in another repository; None when it has none."""
    address = data.get("parent_issue_url")
    match = re.search(r"/repos/([^/]+/[^/]+)/issues/(\d+)$", address) if isinstance(address, str) else None
    if match is None:
        return None
    return int(match[2]) if match[1].casefold() == repository.casefold() else f"{match[1]}#{match[2]}"


@dataclass(frozen=True, slots=True)
class Blockers:
    """How many issues block one."""

    open: int
    total: int | None
    """None where this version of GitHub does not tell."""


def blockers_of(data: Json) -> Blockers:
    """How many issues block one."""
    summary = data.get("issue_dependencies_summary")
    told = summary if isinstance(summary, Mapping) else {}
    waiting, total = told.get("blocked_by"), told.get("total_blocked_by")
    return Blockers(waiting if isinstance(waiting, int) else 0, total if isinstance(total, int) else None)


def task(data: Json, scope: RepositoryFacts, found: Showing | None = None, linked: Linked = lambda: None) -> Observed:
    """The task that an issue's JSON shows, with the edges and declared fields found for it. Raises MalformedError."""
    body, marker = _body(data, "body", data.get("user"), scope, linked)
    showing: dict[Field, Value] = {
        Field.TITLE: part(data, "title", str),
        Field.BODY: body,
        Field.STATUS: _status(data),
        Field.LABELS: label_names(data),
        Field.ASSIGNEES: tuple(part(person, "login", str) for person in part(data, "assignees", list)),
        **({Field.MILESTONES: _milestones(data)} if "milestone" in data else {}),
        **(found or {}),
    }
    if scope.issue_types and "type" in data:  # one that is not told is not none
        showing[Field.TYPE] = type_name(data)
    return _item(
        data,
        Kind.TASK,
        scope,
        key=f"{scope.repository}#{_number(data)}",
        showing=showing,
        marker=marker,
        facts=Facts(
            open_blockers=blockers_of(data).open,
            closed=moment(data, "closed_at") if data.get("closed_at") is not None else None,
        ),
        people=tuple(
            Account(part(person, "login", str), native=str(person["id"]))
            for person in part(data, "assignees", list)
            if isinstance(person.get("id"), int)
        ),
    )


def with_edges(item: Observed, edges: Showing) -> Observed:
    """A task that shows other edges than before; whether that moves its time of change is not documented."""
    showing = {**item.showing, **edges}
    return replace(item, showing=showing, version=_version(item.updated, showing))


def comment(data: Json, scope: RepositoryFacts, parent: Ref, linked: Linked = lambda: None) -> Observed:
    """The comment that its JSON shows, on the task `parent`. Raises MalformedError."""
    body, marker = _body(data, "body", data.get("user"), scope, linked)
    key = str(part(data, "id", int))
    item = _item(data, Kind.COMMENT, scope, key=key, showing={Field.BODY: body}, marker=marker, parent=parent)
    note = hidden_note(data)
    return replace(item, hidden=note, version=_version(item.updated, {Field.BODY: note + body})) if note else item


def hidden_note(data: Json) -> str:
    """What is read in place of a comment that is minimised; empty for one that is shown, or does not tell.

    No document says that minimising moves the time of change: a complete reading sees it at the latest.
    """
    minimized = data.get("minimized")
    if minimized is None or minimized is False:
        return ""
    reason = minimized.get("reason") if isinstance(minimized, Mapping) else None
    word = reason.lower().replace("_", "-") if isinstance(reason, str) else ""
    return f"*This comment is hidden on GitHub{f' ({word})' if _REASON.fullmatch(word) else ''}.*"


def milestone(data: Json, scope: RepositoryFacts, linked: Linked = lambda: None) -> Observed:
    """The milestone that its JSON shows; its key is its number. Raises MalformedError."""
    body, marker = _body(data, "description", data.get("creator"), scope, linked)
    state = part(data, "state", str)
    showing: dict[Field, Value] = {
        Field.TITLE: part(data, "title", str),
        Field.BODY: body,
        Field.STATUS: Status(state, Category.DONE if state == "closed" else Category.TODO),
        **({Field.DUE: _day(data, "due_on")} if "due_on" in data else {}),
    }
    key = str(_number(data))
    return _item(data, Kind.MILESTONE, scope, key=key, showing=showing, marker=marker, author="creator")


def account(data: object) -> Account | None:
    """The account that a user's JSON shows; None for a deleted user."""
    if data is None:
        return None
    login = part(data, "login", str)
    name = data.get("name") if isinstance(data, Mapping) else None
    bot = isinstance(data, Mapping) and data.get("type") == "Bot"
    number = data.get("id") if isinstance(data, Mapping) else None
    native = str(number) if isinstance(number, int) and not isinstance(number, bool) else ""
    shown = name if isinstance(name, str) and name else login
    return Account(login, shown, part(data, "html_url", str), bot, native)


def audience(data: Json) -> Audience:
    """Who can read a repository. What its JSON does not say is `RESTRICTED`."""
    private = data.get("private")
    known = {"public": Audience.PUBLIC, "internal": Audience.ORGANIZATION, "private": Audience.MEMBERS}
    match data.get("visibility"):
        case None if isinstance(private, bool):  # Enterprise Server before 3.0
            return Audience.MEMBERS if private else Audience.PUBLIC
        case str(visibility):
            return known.get(visibility, Audience.RESTRICTED)
        case _:
            return Audience.RESTRICTED


def number_of(item: Observed) -> int:
    """The number that addresses a task or milestone in the API."""
    return int(item.key.rpartition("#")[2])


def issue_number(data: Json) -> int:
    """The number of the issue that a comment belongs to. Raises MalformedError."""
    number = part(data, "issue_url", str).rpartition("/")[2]
    if not number.isdecimal():
        raise MalformedError("issue_url has no number")
    return int(number)


def on_pull_request(data: Json) -> bool:
    """A comment of the repository-wide list belongs to a pull request."""
    return "/pull/" in urlsplit(str(data.get("html_url"))).path


def _item(
    data: Json,
    kind: Kind,
    scope: RepositoryFacts,
    *,
    key: str,
    showing: Showing,
    marker: Marker | None,
    parent: Ref | None = None,
    facts: Facts | None = None,
    author: str = "user",
    people: tuple[Account, ...] = (),
) -> Observed:
    updated = moment(data, "updated_at")
    return Observed(
        ref=Ref(kind, str(part(data, "id", int))),
        key=key,
        url=part(data, "html_url", str),
        version=_version(updated, showing),
        created=moment(data, "created_at"),
        updated=updated,
        showing=showing,
        audience=scope.audience,
        author=account(data.get(author)),
        marker=marker,
        parent=parent,
        facts=facts or Facts(),
        people=people,
    )


def _version(updated: datetime, showing: Showing) -> Version:
    """The time of change, which every edit moves, and what tells apart two showings of one second."""
    text = "\x1f".join(f"{field}={showing[field]!r}" for field in sorted(showing))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return Version(f"{updated:%Y%m%dT%H%M%SZ}.{digest}")


def _number(data: Json) -> int:
    """The number by which the API addresses an issue or milestone. Raises MalformedError."""
    number = part(data, "number", int)
    if not 0 < number < MOST:
        raise MalformedError("number is none that an item has")
    return number


def _day(data: Json, key: str) -> date | None:
    """The day of a time, whatever its year; None where there is none. Raises MalformedError."""
    if data.get(key) is None:
        return None
    try:
        return date.fromisoformat(part(data, key, str)[:10])
    except ValueError:
        raise MalformedError(f"{key} is not a day") from None


def _body(data: Json, key: str, author: object, scope: RepositoryFacts, linked: Linked) -> tuple[str, Marker | None]:
    """A body as people see it, and the marker in it where that counts; on anybody else's item it is text."""
    text = _text(data, key)
    if not has_marker(text):
        return readable(text), None
    body, marker = without_marker(text) if scope.ours(author) else (readable(text), None)
    if marker is None or marker.startswith(MISPLACED):
        known = linked()
        if known is not None and (without := without_linked(text, known)) is not None:
            return without, known
    return body, marker


def _text(data: Json, key: str) -> str:
    """A text that may be null. An answer that lacks it is not taken for an empty one."""
    return part(data, key, str) if data.get(key, MISSING) is not None else ""


def _status(data: Json) -> Status:
    match part(data, "state", str):
        case "open":
            return OPEN  # `reopened` is how it came to be open, not another status
        case "closed":
            reason = data.get("state_reason")
            # Issues closed before reasons existed have none; GitHub shows them as completed.
            return Status("closed", Category.DONE, reason if isinstance(reason, str) else "completed")
        case other:
            raise MalformedError(f"state is {other!r}")


def _milestones(data: Json) -> tuple[str, ...]:
    found = data.get("milestone")
    return (str(part(found, "id", int)),) if found is not None else ()
