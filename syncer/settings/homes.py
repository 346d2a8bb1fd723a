"""Where a key belongs that stands in a wrong table: told as the header of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from syncer.settings.kinds import Kinds
from syncer.settings.model import Settings
from syncer.settings.places import Path
from syncer.settings.problems import model_in

MOST_NAMED = 3
"""A key that more tables have is too common for a hint."""
_NAMED_LISTS = frozenset({"channels"})
"""Tables by name that are written as a list."""


def hint(key: str, here: Path, kinds: Kinds) -> str:
    """The end of a message for an unknown key that other tables have; empty where none has, or too many."""
    own = _header(here)
    homes = [header for header in dict.fromkeys(_homes(key, kinds)) if header != own]
    return f": it stands in {' or '.join(homes)}" if 0 < len(homes) <= MOST_NAMED else ""


def _homes(key: str, kinds: Kinds) -> Iterator[str]:
    """The headers of the tables that have a key."""
    yield from _tables().get(key, ())
    scopes = [name for name in kinds if key in _keys(kinds[name].scope_settings)]
    trackers = [name for name in kinds if key in _keys(kinds[name].tracker_settings)]
    if scopes:
        yield f"left or right of [[pairs]], for a tracker of kind {' or '.join(scopes)}"
    if trackers:
        yield f"[trackers.NAME] of kind {' or '.join(trackers)}"


@cache
def _tables() -> Mapping[str, tuple[str, ...]]:
    """For each key of the configuration, the headers of the tables that have it."""
    found: dict[str, list[str]] = {}
    for key, header in _walk(Settings, ()):
        found.setdefault(key, []).append(header)
    return {key: tuple(dict.fromkeys(headers)) for key, headers in found.items()}


def _walk(model: type[BaseModel], path: Path) -> Iterator[tuple[str, str]]:
    """Each key of a model and of those inside it, with the header of its table."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield key, _header(path)
        inner = model_in(field.annotation)
        if inner is not None and inner is not model:
            yield from _walk(inner, (*path, key, *_between(key, field.annotation)))


def _between(key: str, annotation: Any) -> Path:
    """What stands between a key and the tables it holds: a number in a list, a name where they have names."""
    text = str(annotation)
    if key in _NAMED_LISTS or "tuple[" in text:
        return (0,)
    return ("NAME",) if "dict[" in text else ()


def _keys(model: Any) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _header(path: Path) -> str:
    """How the header of a table is written."""
    if not path:
        return "the top of the file"
    names = ".".join(part for part in path if isinstance(part, str))
    return f"[[{names}]]" if isinstance(path[-1], int) else f"[{names}]"
