"""Sprints and iterations: the spans of time into which teams divide their work, as a tracker tells of them.

An item shows the ones that it is in, or was in, as `Facts.sprints`; `Facts.iteration`, `Trait.SPRINT` and declared
fields of the type `CustomType.SPRINT` name one of them. They are read for the evaluation and never written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class SprintState(StrEnum):
    """How far a sprint is, where its tracker has people say so."""

    FUTURE = "future"
    """Nobody has started it, whatever its days say."""
    ACTIVE = "active"
    CLOSED = "closed"


Moment = datetime | date
"""An aware time of day; a day where the tracker tells no more."""


@dataclass(frozen=True, slots=True)
class Sprint:
    """A sprint or iteration, as an item showed it when it was last read. What its tracker does not tell is None."""

    name: str
    """As every field and every change names it."""
    id: str = ""
    """The tracker's own id: two sprints may have one name."""
    state: SprintState | None = None
    """None where its tracker keeps none: then its days tell."""
    start: Moment | None = None
    end: Moment | None = None
    """When it is to end; of days, the last one of it."""
    completed: datetime | None = None
    """When somebody closed it."""
    goal: str = ""
