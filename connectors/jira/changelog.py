"""Entries of Jira's changelog, as their JSON tells them.

In an entry, `from` and `to` hold ids, `fromString` and `toString` what people read; which of them an item has depends
on the field. Items of fields that nobody evaluates are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from connectors.jira.json_fields import Json, Malformed, as_objects, need_id, need_time
from connectors.jira.site import Site
from syncer.contract.model import Account, Field

LATEST: Final = 250_000_000_000_000
"""Milliseconds since 1970, in the year 9892."""
RESOLUTION: Final = "resolution"
_ENDS: Final = frozenset({"fromString", "toString"})
"""What every item has, null where it was or became empty: one that lacks either does not tell what was changed."""
NAMES: Final = {
    "status": "status", "resolution": RESOLUTION, "assignee": "assignee", "labels": "labels", "duedate": "duedate",
    "Fix Version": "fixVersions", "fixVersions": "fixVersions", "Component": "components", "components": "components",
    "priority": "priority", "issuetype": "issuetype", "summary": "summary", "Flagged": "flagged", "Sprint": "sprint",
    "Parent": "parent", "IssueParentAssociation": "parent", "Epic Link": "parent", "Link": "link",
    "description": "description",
}  # fmt: skip
"""What is read, by the name the changelog has for it; Data Center tells no `fieldId`."""


@dataclass(frozen=True, slots=True)
class ChangelogItem:
    """One field's change in an entry."""

    name: str
    """Which of the fields that every pair knows; empty for another one."""
    old: str | None
    old_text: str | None
    new: str | None
    new_text: str | None
    declared: Field | None = None
    """Which of the declared fields."""


@dataclass(frozen=True, slots=True)
class ChangelogEntry:
    """One entry: what somebody changed in one go."""

    id: str
    at: datetime
    actor: Account | None
    items: tuple[ChangelogItem, ...]


def entry_of(history: Json, actor: Account | None, site: Site) -> ChangelogEntry | None:
    """The entry in its JSON, with the items that are read; None when it has none. Raises Malformed."""
    read = (_item(item, site) for item in as_objects(history.get("items") or [], "items") if item.keys() >= _ENDS)
    items = tuple(item for item in read if item.name or item.declared is not None)
    return ChangelogEntry(need_id(history, "history"), _moment(history), actor, items) if items else None


def _item(item: Json, site: Site) -> ChangelogItem:
    old, old_text, new, new_text = (_text(item.get(key)) for key in ("from", "fromString", "to", "toString"))
    return ChangelogItem(_name(item, site) or "", old, old_text, new, new_text, _declared(item, site))


def _moment(history: Json) -> datetime:
    """When it happened: an ISO time, or milliseconds since 1970 as the bulk operation gives them."""
    created = history.get("created")
    if isinstance(created, int) and not isinstance(created, bool):
        if not 0 <= created < LATEST:
            raise Malformed("history.created is not a time")
        return datetime.fromtimestamp(created / 1000, UTC)
    return need_time(history, "created", "history")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _name(item: Json, site: Site) -> str | None:
    """Which of the fields that are read an item is about."""
    custom = site.custom
    chosen = {
        custom.flagged: "flagged",
        custom.sprint: "sprint",
        custom.epic_link: "parent",
        custom.start_date: "start",
    }
    identifier = item.get("fieldId")
    if isinstance(identifier, str) and identifier in chosen:
        return chosen[identifier]
    return NAMES.get(str(item.get("field")))


def _declared(item: Json, site: Site) -> Field | None:
    """Which of the declared fields an item is about: Data Center tells its name and no id."""
    identifier, name = item.get("fieldId"), item.get("field")
    for field, held in site.held.items():
        same = identifier == held.id if isinstance(identifier, str) else name in {held.name, held.id}
        if same:
            return field
    return None
