"""Where GitHub keeps a field of people's own making: in an issue field of the organisation, or in one of a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.github.mapping import MOST

_NEEDED: Final = frozenset({"project", "field"})
_ALLOWED: Final = _NEEDED | {"owner", "add"}


@dataclass(frozen=True, slots=True)
class IssueFieldLocator:
    """An issue field of the organisation that owns the repository."""

    field: str | int
    """Its name, or its id."""


@dataclass(frozen=True, slots=True)
class ProjectFieldLocator:
    """A field of a project, for the issues that are on it."""

    project: int
    field: str
    owner: str = ""
    """The organisation or user whose project it is; empty: the owner of the repository."""
    add: bool = False
    """An issue that is to have a value and is not on the project is put there."""


Locator = IssueFieldLocator | ProjectFieldLocator


def custom_locator(value: Any) -> Locator:
    """The locator that a table of the configuration names. Raises ValueError with what to write instead."""
    if isinstance(value, IssueFieldLocator | ProjectFieldLocator):
        return value
    keys = frozenset(value) if isinstance(value, Mapping) else frozenset()
    if not (keys == {"issue-field"} or _NEEDED <= keys <= _ALLOWED):
        raise ValueError(f"GitHub has two kinds of fields: {_shapes(value)}")
    if "issue-field" in value:
        field = value["issue-field"]
        return IssueFieldLocator(_number(field) if isinstance(field, int) else _name(field))
    owner = _name(value["owner"]) if "owner" in value else ""
    add = value.get("add", False)
    if add is not True and add is not False:
        raise ValueError(f'add = "{add}" is not true or false: {_shapes(None)}')
    return ProjectFieldLocator(_number(value["project"]), _name(value["field"]), owner, add)


def _shapes(value: object) -> str:
    """What to write, with the name that was written where there is one."""
    name = value if isinstance(value, str) and value.isprintable() and '"' not in value else ""
    return f'write {{ issue-field = "{name or "Effort"}" }} or {{ project = 3, field = "{name or "Estimate"}" }}'


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < MOST:
        raise ValueError(f'"{value}" is not a number that GitHub gives: {_shapes(None)}')
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'"{value}" is not a name: {_shapes(None)}')
    return value.strip()
