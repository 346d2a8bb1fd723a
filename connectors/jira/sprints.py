"""Sprints as an issue shows them. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from connectors.jira.json_fields import Malformed, want_time
from syncer.contract.sprint import Sprint, SprintState

_PRINTED: Final = re.compile(
    r"[\[,](name|id|state|startDate|endDate|completeDate|goal)="
    r"(.*?)(?=,(?:name|id|rapidViewId|state|startDate|endDate|completeDate|activatedDate|sequence|goal|autoStartStop|synced)=|\]$)"
)
"""The members of a Java object that older Data Center versions print in place of JSON."""
_NEAREST: Final = (SprintState.ACTIVE, SprintState.FUTURE)
"""The states of sprints that an issue is in at present, the nearer first."""


def sprints_of(value: object) -> tuple[Sprint, ...]:
    """The sprints in an issue's field, as far as they tell their names."""
    entries = value if isinstance(value, list) else []
    return tuple(sprint for entry in entries if (sprint := _read(entry)) is not None)


def sprint_of(value: object) -> Sprint | None:
    """The sprint that an issue is in: the active one, else a coming one, else the last that it was in."""
    sprints = sprints_of(value)
    for state in _NEAREST:
        if found := [sprint for sprint in sprints if sprint.state is state]:
            return found[-1]
    return sprints[-1] if sprints else None


def _read(entry: Any) -> Sprint | None:
    told = dict(_PRINTED.findall(entry)) if isinstance(entry, str) else entry
    if not isinstance(told, dict) or not isinstance(name := told.get("name"), str):
        return None
    goal = told.get("goal")
    return Sprint(
        name,
        id=str(told.get("id") or ""),
        state=_state(told.get("state")),
        start=_time(told, "startDate"),
        end=_time(told, "endDate"),
        completed=_time(told, "completeDate"),
        goal=goal if isinstance(goal, str) and goal != "<null>" else "",
    )


def _state(told: object) -> SprintState | None:
    try:
        return SprintState(str(told).lower())
    except ValueError:
        return None


def _time(told: dict[str, Any], key: str) -> datetime | None:
    """A time of a sprint; None where there is none, or where it makes no sense: nothing is decided by it."""
    try:
        return want_time(told, key, "sprint")
    except Malformed:
        return None
