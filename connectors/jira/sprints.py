"""Sprints as an issue shows them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

_NAME: Final = re.compile(r"[\[,]name=(.*?),(?:goal|startDate|state|endDate|sequence|id|rapidViewId)=")
_STATE: Final = re.compile(r"[\[,]state=(\w+)")
_ID: Final = re.compile(r"[\[,]id=(\d+)")
_ORDER: Final = ("active", "future")
"""The states of sprints that an issue is in at present, the nearer first."""


@dataclass(frozen=True, slots=True)
class SprintName:
    """A sprint."""

    id: str
    """Empty where it is not told."""
    name: str
    state: str
    """`active`, `future` or `closed`, as far as it is told."""

    @property
    def open(self) -> bool:
        """Whether issues can be put into it."""
        return self.state in _ORDER


def sprints_of(value: object) -> list[SprintName]:
    """The sprints in an issue's field, as far as they tell their names."""
    entries = value if isinstance(value, list) else []
    return [sprint for entry in entries if (sprint := _read(entry)) is not None]


def sprint_of(value: object) -> SprintName | None:
    """The sprint that an issue is in: the active one, else a coming one, else the last that it was in."""
    sprints = sprints_of(value)
    for state in _ORDER:
        if found := [sprint for sprint in sprints if sprint.state == state]:
            return found[-1]
    return sprints[-1] if sprints else None


def _read(entry: Any) -> SprintName | None:
    """A sprint in its JSON; older Data Center versions print a Java object instead."""
    if isinstance(entry, dict) and isinstance(name := entry.get("name"), str):
        return SprintName(str(entry.get("id") or ""), name, str(entry.get("state")).lower())
    if isinstance(entry, str) and (found := _NAME.search(entry)):
        native, state = _ID.search(entry), _STATE.search(entry)
        return SprintName(native[1] if native else "", found[1], state[1].lower() if state else "")
    return None
