"""The charts of the report: what is drawn, not with what. Numbers stand in the text too, never only in the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from syncer.report.render.columns import cut
from syncer.report.render.drawing import TEXT, Anchor, Drawing, Label, Rectangle, Shape, Stroke

BAR_WIDTH = 240
BAR_HEIGHT = 14


@dataclass(frozen=True, slots=True)
class BarSegment:
    """One stretch of a stacked bar."""

    amount: int
    style: str


@dataclass(frozen=True, slots=True)
class Week:
    """Two amounts of one week, and what it is called."""

    name: str
    created: int
    finished: int


@dataclass(frozen=True, slots=True)
class GoalSpan:
    """When a goal is due, and the days by which it is reached with 50 and with 85 %."""

    title: str
    due: date
    even: date
    safe: date
    style: str = "tight"
    """`late`, `tight` or `safe`, by the verdict on the goal."""


def progress_bar(share_done: float | None, share_elapsed: float | None, finding: str) -> Drawing:
    """A bar filled to the share done, with a tick where the calendar stands."""
    done = round((share_done or 0.0) * BAR_WIDTH, 1)
    shapes: list[Shape] = [Rectangle(0, 0, BAR_WIDTH, BAR_HEIGHT, "track"), Rectangle(0, 0, done, BAR_HEIGHT, "done")]
    if share_elapsed is not None:
        at = min(max(round(share_elapsed * BAR_WIDTH, 1), 1), BAR_WIDTH - 1)
        shapes.append(Stroke(at, -3, at, BAR_HEIGHT + 3, "tick"))
    return Drawing("progress", BAR_WIDTH, BAR_HEIGHT + 8, shapes, finding, top=-4)


def stacked_bar(parts: Sequence[BarSegment], scale: int, finding: str, *, width: int = BAR_WIDTH) -> Drawing:
    """A bar of several stretches; `scale` is the amount that fills the whole width."""
    shapes = [Rectangle(0, 0, width, BAR_HEIGHT, "track")]
    at = 0.0
    for part in parts:
        length = width * part.amount / max(scale, 1)
        if part.amount:
            shapes.append(Rectangle(round(at, 1), 0, round(max(length - 1, 1), 1), BAR_HEIGHT, part.style))
        at += length
    return Drawing("stack", width, BAR_HEIGHT, shapes, finding)


SPARK_SLOT, SPARK_HEIGHT = 14, 26


def spark(values: Sequence[float | None], finding: str) -> Drawing:
    """A small column for each week, the newest marked; a week of which nothing is known has none, zero has a line."""
    most = max((value for value in values if value is not None), default=0) or 1
    floor = SPARK_HEIGHT - 1
    shapes: list[Shape] = []
    for position, value in enumerate(values):
        if value is not None:
            tall = round(max(value / most * (SPARK_HEIGHT - 4), 1.5), 1)
            style = "now" if position == len(values) - 1 else "past"
            shapes.append(Rectangle(position * SPARK_SLOT, round(floor - tall, 1), SPARK_SLOT - 4, tall, style))
    return Drawing("spark", SPARK_SLOT * len(values), SPARK_HEIGHT, shapes, finding)


def columns(weeks: Sequence[Week], finding: str) -> Drawing:
    """Two columns for each week, added and finished, with their numbers above and the week's name below."""
    slot, height, gap = 60, 96, 20
    most = max((max(week.created, week.finished) for week in weeks), default=0)
    unit = height / max(ceil(most / 5) * 5, 5)
    floor = height + gap
    shapes: list[Shape] = [Stroke(0, floor, slot * len(weeks), floor, "axis")]
    for position, week in enumerate(weeks):
        left = position * slot + 9
        for offset, amount, style in ((0, week.created, "created"), (22, week.finished, "finished")):
            tall = round(amount * unit, 1)
            top = round(floor - tall, 1)
            if amount:
                shapes.append(Rectangle(left + offset, top, 20, tall, style))
            shapes.append(Label(left + offset + 10, top - 4, str(amount)))
        shapes.append(Label(left + 21, floor + 17, week.name, "soft"))
    return Drawing("columns", slot * len(weeks), floor + 24, shapes, finding)


def timeline(
    spans: Sequence[GoalSpan], today: date, today_name: str, day: Callable[[date], str], finding: str
) -> Drawing:
    """One row for each goal: a bar from even odds to 85 in 100, a mark at its due day, and a line at today."""
    width, left, right, row, top = 480, 182, 452, 26, 22
    bottom = top + row * len(spans)
    days = [today, *(moment for span in spans for moment in (span.due, span.even, span.safe))]
    first, length = min(days), max((max(days) - min(days)).days, 1)

    def at(moment: date) -> float:
        return round(left + (right - left) * (moment - first).days / length, 1)

    shapes: list[Shape] = [Stroke(left, bottom, right, bottom, "axis")]
    for tick in range(4):
        moment = first + timedelta(days=round(length * tick / 3))
        shapes.append(Label(at(moment), bottom + 17, day(moment), "soft"))
    shapes += [Stroke(at(today), top - 4, at(today), bottom, "today"), Label(at(today), top - 8, today_name, "soft")]
    for position, span in enumerate(spans):
        middle = top + row * position + row / 2
        shapes.append(Label(0, middle + TEXT / 3, cut(span.title, 28), anchor=Anchor.START))
        shapes.append(Rectangle(at(span.even), middle - 5, max(at(span.safe) - at(span.even), 4), 10, span.style))
        shapes.append(Stroke(at(span.due), middle - 9, at(span.due), middle + 9, "due"))
    return Drawing("timeline", width, bottom + 24, shapes, finding)
