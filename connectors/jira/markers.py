"""Our marker among the properties of an issue or a comment, where nobody sees it."""

from __future__ import annotations

import json
import re
from typing import Any

from connectors.jira.json_fields import Json
from syncer.contract.model import Marker

PROPERTY = "syncer"
"""Key of the issue and comment property that holds our marker."""

_MARKER = re.compile(r"[A-Za-z0-9._:-]{1,200}")


def properties_of(comment: Json) -> dict[str, Any]:
    """The properties in a comment, by key; none when they were not asked for."""
    found = comment.get("properties")
    if not isinstance(found, list):
        return {}
    return {str(entry.get("key")): entry.get("value") for entry in found if isinstance(entry, dict)}


def marker_of(issue: Json) -> Marker | None:
    """Our marker among the properties of an issue, None when it has none or they were not asked for."""
    properties = issue.get("properties")
    if not isinstance(properties, dict):
        return None
    # Data Center wraps the map once more: {"properties": {"properties": {...}}}.
    inner = properties.get("properties")
    return _marker_in((inner if isinstance(inner, dict) else properties).get(PROPERTY))


def marker_in_comment(comment: Json) -> Marker | None:
    """Our marker among the properties of a comment."""
    return _marker_in(properties_of(comment).get(PROPERTY))


def _marker_in(value: object) -> Marker | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    marker = value.get("marker") if isinstance(value, dict) else None
    return Marker(marker) if isinstance(marker, str) and _MARKER.fullmatch(marker) else None
