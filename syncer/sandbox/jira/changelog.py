"""Writes the changelog: what one edit changed, in the words and ids Jira uses for each kind of field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from syncer.sandbox.jira.adf import plain_text
from syncer.sandbox.jira.records import ChangeItem, Content, FieldDefinition

# What the changelog calls a field where that is not its REST id.
_NAMES = {
    "components": "Component",
    "fixVersions": "Fix Version",
    "versions": "Version",
    "security": "Security",
    "duedate": "duedate",
}
_SILENT = frozenset(
    {
        "created",
        "updated",
        "resolutiondate",
        "statuscategorychangedate",
        "lastViewed",
        "comment",
        "worklog",
        "attachment",
        "issuelinks",
        "watches",
        "votes",
    }
)


def changes(definitions: Mapping[str, FieldDefinition], old: Content, new: Content) -> list[ChangeItem]:
    """Returns one item per changed field, or per added and removed element where Jira records those singly."""
    items: list[ChangeItem] = []
    for identifier, definition in definitions.items():
        before, after = old.get(identifier), new.get(identifier)
        if before is after or before == after or identifier in _SILENT:
            continue
        items.extend(_items(definition, before, after))
    return items


def _items(definition: FieldDefinition, before: Any, after: Any) -> Iterator[ChangeItem]:
    match definition.kind:
        case "components" | "versions":
            yield from _elements(definition, before or [], after or [])
        case "labels" | "restriction":
            yield item(definition, None, " ".join(before or []), None, " ".join(after or []))
        case "sprint" | "options":
            yield item(definition, _ids(before), _titles(before), _ids(after), _titles(after))
        case _:
            yield item(definition, identity(before), wording(before), identity(after), wording(after))


def item(
    definition: FieldDefinition, old: str | None, old_text: str | None, new: str | None, new_text: str | None
) -> ChangeItem:
    """Returns one item for a catalogued field."""
    name = definition.name if definition.custom else _NAMES.get(definition.id, definition.id)
    return ChangeItem(name, "custom" if definition.custom else "jira", definition.id, old, old_text, new, new_text)


def _elements(definition: FieldDefinition, before: Iterable[Any], after: Iterable[Any]) -> Iterator[ChangeItem]:
    before, after = list(before), list(after)
    for element in before:
        if element not in after:
            yield item(definition, element.id, element.name, None, None)
    for element in after:
        if element not in before:
            yield item(definition, None, None, element.id, element.name)


def _ids(value: Any) -> str:
    return ", ".join(str(identity(element)) for element in value or [])


def _titles(value: Any) -> str:
    return ", ".join(str(wording(element)) for element in value or [])


def identity(value: Any) -> str | None:
    """Returns what a changelog puts in `from` and `to`: the id of a record or a day, nothing for text and numbers."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict) and "id" in value and "value" in value:
        return str(value["id"])
    for name in ("identifier", "id"):
        found = getattr(value, name, None)
        if found is not None:
            return str(found)
    return None


def wording(value: Any) -> str | None:
    """Returns what a changelog puts in `fromString` and `toString`."""
    if value is None:
        return None
    if isinstance(value, dict):
        return str(value["value"]) if "value" in value else plain_text(value)
    for name in ("display_name", "key", "name"):
        found = getattr(value, name, None)
        if found is not None:
            return str(found)
    if isinstance(value, float):
        return format(value, "g")
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return str(value)
