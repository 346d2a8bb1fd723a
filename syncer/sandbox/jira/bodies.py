"""Reads the parts of JSON bodies, refusing other shapes with a 400 as Jira's deserialiser does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from syncer.sandbox.jira.problems import FieldError, invalid

PROPERTY_LIMIT = 32_768
_KEY_LIMIT = 255


def member(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Returns an object inside a body, an empty one when it is absent or null; raises a 400 for another shape."""
    found = body.get(name) or {}
    if not isinstance(found, Mapping):
        raise invalid(f"Can not deserialize value of '{name}': an object was expected.")
    return found


def strings(body: Mapping[str, Any], name: str, most: int | None = None) -> list[str]:
    """Returns a list of texts or numbers inside a body as texts; raises a 400 for another shape or too many."""
    found = body.get(name) or []
    if not isinstance(found, list):
        raise invalid(f"Can not deserialize value of '{name}': a list was expected.")
    if most is not None and len(found) > most:
        raise invalid(f"The '{name}' list must have at most {most} elements.")
    return [str(each) for each in found]


def operations(body: Mapping[str, Any], name: str) -> dict[str, list[Mapping[str, Any]]]:
    """Returns the update operations by field: each a list of objects; raises a 400 by field for another shape."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for identifier, given in member(body, name).items():
        if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
            raise invalid(errors={identifier: "data was not an array"})
        found[identifier] = given
    return found


def properties(body: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the entity properties inside a create or edit body; raises FieldError for another shape."""
    found: dict[str, Any] = {}
    given = body.get("properties") or []
    if not isinstance(given, list):
        raise FieldError("data was not an array")
    for each in given:
        key = each.get("key") if isinstance(each, Mapping) else None
        if not isinstance(key, str) or not 0 < len(key) <= _KEY_LIMIT or "value" not in each:
            raise FieldError(f"A property needs a key of at most {_KEY_LIMIT} characters and a value.")
        if len(json.dumps(each["value"])) > PROPERTY_LIMIT:
            raise FieldError(f"The property value is too long: at most {PROPERTY_LIMIT} characters.")
        found[key] = each["value"]
    return found
