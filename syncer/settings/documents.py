"""A document of nested tables and lists, looked at and changed by path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from syncer.settings.places import Path


def at(document: Any, path: Path) -> Any:
    """The value at a path; None where there is none."""
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def put(document: Any, path: Path, value: object) -> None:
    """Puts a value where one stands already."""
    at(document, path[:-1])[path[-1]] = value


def leaves(document: Any, path: Path = ()) -> Any:
    """Every value that is no table or list, with its path."""
    match document:
        case dict():
            for key, value in document.items():
                yield from leaves(value, (*path, key))
        case list():
            for index, value in enumerate(document):
                yield from leaves(value, (*path, index))
        case _:
            yield path, document


def nested(values: Mapping[Path, str]) -> dict[str, Any]:
    """A document of values by their path."""
    document: dict[str, Any] = {}
    for path, value in values.items():
        table = document
        for part in path[:-1]:
            table = table.setdefault(str(part), {})
        table[str(path[-1])] = value
    return document


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with the values of `above`, tables merged key by key."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old if isinstance(old, dict) else {}, value) if isinstance(value, dict) else value
    return result


def without(document: dict[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """The document without the values at those paths; what a list at the top of it holds stays."""
    for path in paths:
        keys = [place for place, part in enumerate(path) if isinstance(part, str)]
        if keys and len(path) - keys[-1] <= 2 and len(keys) > 1:
            document = _without(document, path[: keys[-1] + 1])
        elif len(path) == 1:
            document = {key: value for key, value in document.items() if key != path[0]}
    return document


def _without(value: Any, path: Path) -> Any:
    first, rest = path[0], path[1:]
    match value:
        case dict() if first in value:
            return {key: _without(inner, rest) if key == first else inner for key, inner in value.items()
                    if key != first or rest}  # fmt: skip
        case list() if isinstance(first, int) and first < len(value):
            return [_without(inner, rest) if index == first else inner for index, inner in enumerate(value)]
        case _:
            return value


def is_beside(path: Path, told: Path) -> bool:
    """Whether something was told of a value, of one in it, or of what it stands in."""
    length = min(len(path), len(told))
    return path[:length] == told[:length]
