"""Readers of one field of a request body each: right type or GitHub's 422, limits, and characters it cannot store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from syncer.sandbox.github.behaviour import Behaviour
from syncer.sandbox.github.problems import invalid, wrong_type

Request = Mapping[str, object]


def optional_text(request: Request, field: str) -> str | None:
    """Return a string field, None when it is absent or null; raise 422 for another type."""
    value = request.get(field)
    if value is None or isinstance(value, str):
        return value
    raise wrong_type(field, value, "a string")


def stored_text(behaviour: Behaviour, text: str, resource: str, field: str, limit: int) -> str:
    """Return `text` as it is stored: NUL stripped or refused, over-long text refused with GitHub's message.

    The limit counts characters; the message is the one clients look for ("body is too long (maximum is ...)").
    """
    if "\0" in text:
        if behaviour.nul == "reject":
            raise invalid(resource, field, "custom", f"{field} contains null bytes")
        text = text.replace("\0", "")
    if len(text) > limit:
        raise invalid(resource, field, "custom", f"{field} is too long (maximum is {limit} characters)")
    return text


def title_text(behaviour: Behaviour, request: Request) -> str:
    """Return the title of an issue request, without surrounding space; raise 422 when it is missing or blank."""
    value = request.get("title")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise wrong_type("title", value, "a string")
    title = stored_text(behaviour, (value or "").strip(), "Issue", "title", behaviour.title_limit)
    if not title:
        raise invalid("Issue", "title", "missing_field")
    return title


def names(request: Request, field: str, key: str = "name") -> list[str]:
    """Return a list field of strings, or of objects with `key`, as strings; raise 422 for another type."""
    value = request.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_type(field, value, "an array")
    found = []
    for entry in value:
        name = entry.get(key) if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            raise wrong_type(f"{field}/0", entry, "a string")
        found.append(name)
    return found


def integer(request: Request, field: str) -> int:
    """Return a required integer field; raise 422 when it is missing or of another type."""
    value = request.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise wrong_type(field, value, "an integer")


def point_in_time(value: str, resource: str, field: str) -> datetime:
    """Return an ISO 8601 time in UTC and whole seconds (no zone means UTC); raise 422 for anything else.

    A space stands for the plus sign of an offset that was not percent-encoded.
    """
    try:
        when = datetime.fromisoformat(value.strip().replace(" ", "+"))
    except ValueError as error:
        raise invalid(resource, field, "invalid", value=value) from error
    aware = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return aware.replace(microsecond=0)
