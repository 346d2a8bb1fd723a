"""The charts of the mail: table cells with a width and a colour, and words that say every number beside them.

Mail programs show no SVG, many show no picture before somebody asks for it, and Outlook lays out with Word. All of them
show a cell with a background, and whoever sees no colours reads the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from syncer.report.model.goal import GoalFigures, Health

SPAN_WIDTH = 300
"""Pixels of a row of dates: what a phone of 360 shows beside the margins."""

COLOURS = {
    "due": "#1d2530", "late": "#b3261e", "tight": "#b0700f", "safe": "#2f7d4f", "past": "#76899e", "now": "#1d2530",
}  # fmt: skip
"""What each style looks like; all of them stand out from a light and from a dark page."""


@dataclass(frozen=True, slots=True)
class BarCell:
    """A stretch of a bar, or a column: how long it is, in pixels."""

    width: int
    style: str
    """One of `COLOURS`; empty where nothing is shown."""

    @property
    def colour(self) -> str:
        """Its colour; empty where nothing is shown."""
        return COLOURS.get(self.style, "")


def goal_bars(goals: Sequence[GoalFigures]) -> dict[str, tuple[BarCell, ...]]:
    """By the id of each goal with a date and a forecast: from the even to the likely day, its due date marked."""
    dated = [
        (goal.id, goal.due, goal.forecast.q50, goal.forecast.q85, STYLES.get(goal.health, "safe"))
        for goal in goals
        if goal.forecast is not None and goal.due is not None
    ]
    days = [day for _, *three, _ in dated for day in three]
    if not days:
        return {}
    first, length = min(days), max((max(days) - min(days)).days, 1)
    mark, least = 3, 4
    scale = (SPAN_WIDTH - least) / length

    def cells(due: date, even: date, safe: date, style: str) -> tuple[BarCell, ...]:
        begin, end, at = (round((day - first).days * scale) for day in (even, safe, due))
        return painted(SPAN_WIDTH, ((begin, max(end - begin, least), style), (at, mark, "due")))

    return {name: cells(due, even, safe, style) for name, due, even, safe, style in dated}


STYLES = {Health.OFF_TRACK: "late", Health.AT_RISK: "tight"}
"""How a goal is drawn by its verdict; the others are safe."""

SPARK_HEIGHT = 22
"""Pixels of the longest column of a week."""


def spark(values: Sequence[float | None]) -> tuple[BarCell, ...]:
    """A column for each week, as cells that are as high as `width` says; a week without a value has no height."""
    most = max((value for value in values if value is not None), default=0) or 1
    last = len(values) - 1
    return tuple(
        BarCell(0, "") if value is None
        else BarCell(max(round(value / most * SPARK_HEIGHT), 2), "now" if position == last else "past")
        for position, value in enumerate(values)
    )  # fmt: skip


def painted(width: int, strokes: Iterable[tuple[int, int, str]]) -> tuple[BarCell, ...]:
    """The cells of a row `width` wide: each stroke is (left, length, style), and a later one covers an earlier."""
    pixels = [""] * width
    for left, length, style in strokes:
        pixels[left : left + length] = [style] * (min(left + length, width) - left)
    return tuple(BarCell(len(list(run)), style) for style, run in groupby(pixels))
