"""The points of tasks, beside their number where a team estimates in points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from syncer.report.model.metric import Portion

MOST_WITH_POINTS = 0.8
"""Points count when at least so many of the tasks have them."""


class Sized(Protocol):
    """A task in any shape."""

    @property
    def points(self) -> float | None:
        """None where nobody estimated it."""
        ...


def in_points(tasks: Sequence[Sized]) -> bool:
    """Whether the points of tasks tell of all of them."""
    sized = sum(task.points is not None for task in tasks)
    return sized > 0 and sized >= MOST_WITH_POINTS * len(tasks)


def points_of(tasks: Sequence[Sized], whole: Sequence[Sized]) -> int | float | None:
    """The points of tasks that are part of a whole; None where too few of that have points."""
    return whole_number(sum((task.points or 0.0 for task in tasks), 0.0)) if in_points(whole) else None


def whole_number(points: float) -> int | float:
    """Points as people say them: most are whole."""
    return int(points) if points.is_integer() else points


def points_portion(tasks: Sequence[Sized], whole: Sequence[Sized]) -> tuple[Portion, ...]:
    """The same as a portion of a figure that counts the tasks."""
    points = points_of(tasks, whole)
    return () if points is None else (Portion("points", points, sum(task.points is not None for task in tasks)),)
