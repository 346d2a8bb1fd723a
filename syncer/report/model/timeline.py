"""What the history tells of a task, change by change: its standing, owners, dates, goals, and what was in its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Standing(StrEnum):
    """How far a task is, the same for every tracker."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    CANCELLED = "cancelled"
    """Closed without being done: not planned, duplicate, declined. Left out of every population."""

    @property
    def open(self) -> bool:
        """Whether work remains."""
        return self is Standing.TODO or self is Standing.DOING


class Cause(StrEnum):
    """How an impediment shows itself."""

    FLAG = "flag"
    LABEL = "label"
    STATUS = "status"
    """It stands in a status in which work waits."""
    DEPENDENCY = "dependency"


@dataclass(frozen=True, slots=True)
class StandingChange:
    """A task came to a standing at a moment, by a person's doing (our own echoes are left out)."""

    at: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task got these owners at a moment; none when `owners` is empty."""

    at: datetime
    owners: tuple[str, ...]
    by: str | None = None
    """Who did it, as far as the tracker tells."""


@dataclass(frozen=True, slots=True)
class DueChange:
    """The due date of a task was set at a moment; None takes it away."""

    at: datetime
    due: date | None
    by: str | None = None
    """As of `Assignment`."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A task was part of these goals from a moment on."""

    at: datetime
    goals: tuple[str, ...]
    by: str | None = None
    """As of `Assignment`."""


@dataclass(frozen=True, slots=True)
class SprintChange:
    """A task was in a sprint from a moment on; in none where `sprint` is None."""

    at: datetime
    sprint: str | None


@dataclass(frozen=True, slots=True)
class StatusVisit:
    """A task came to a native status at a moment."""

    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Touch:
    """Somebody changed a task for the first time."""

    at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class Blockage:
    """Something was in a task's way, from a moment to another; `end` is None while it still is."""

    start: datetime
    end: datetime | None
    kind: str | None = None
    cause: Cause = Cause.LABEL
    blocker: str = ""
    """Id of the task it waited for."""
    key: str = ""
    """What people call that task; empty where it must not be named."""
