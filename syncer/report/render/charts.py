"""The charts of the report: what is drawn, not with what. Numbers stand in the text too, never only in the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from syncer.report.render.columns import cut
from syncer.report.render.drawing import TEXT, Anchor, Drawing, Label, Polygon, Polyline, Rectangle, Shape, Stroke

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


WIDE, NARROW = 900, 330
"""Pixels of a chart on a page and on a phone: letters keep their size, so each is drawn for itself."""


def columns(weeks: Sequence[Week], finding: str, width: float = WIDE) -> Drawing:
    """Two columns for each week, added and finished, with their numbers above and the week's name below."""
    slot, height, gap = width / max(len(weeks), 1), 96, 20
    thick = min(slot / 2 - 5, 34)
    most = max((max(week.created, week.finished) for week in weeks), default=0)
    unit = height / max(ceil(most / 5) * 5, 5)
    floor = height + gap
    shapes: list[Shape] = [Stroke(0, floor, width, floor, "axis")]
    for position, week in enumerate(weeks):
        middle = (position + 0.5) * slot
        for side, amount, style in ((-1, week.created, "created"), (1, week.finished, "finished")):
            tall = round(amount * unit, 1)
            top = round(floor - tall, 1)
            left = round(middle - thick - 1 if side < 0 else middle + 1, 1)
            if amount:
                shapes.append(Rectangle(left, top, round(thick, 1), tall, style))
            shapes.append(Label(round(left + thick / 2, 1), top - 4, str(amount)))
        shapes.append(Label(round(middle, 1), floor + 17, week.name, "soft"))
    return Drawing("columns", width, floor + 24, shapes, finding)


def timeline(
    spans: Sequence[GoalSpan],
    today: date,
    today_name: str,
    day: Callable[[date], str],
    finding: str,
    width: float = WIDE,
) -> Drawing:
    """One row for each goal: a bar from even odds to 85 in 100, a mark at its due date, and a line at today."""
    left, right, row, top = round(width * 0.36), width - 30, 26, 22
    bottom = top + row * len(spans)
    days = [today, *(moment for span in spans for moment in (span.due, span.even, span.safe))]
    first, length = min(days), max((max(days) - min(days)).days, 1)

    def at(moment: date) -> float:
        return round(left + (right - left) * (moment - first).days / length, 1)

    shapes: list[Shape] = [Stroke(left, bottom, right, bottom, "axis")]
    ticks = 3 if width > NARROW else 1
    for tick in range(ticks + 1):
        moment = first + timedelta(days=round(length * tick / ticks))
        shapes.append(Label(_inside(at(moment), width), bottom + 17, day(moment), "soft"))
    shapes += [Stroke(at(today), top - 4, at(today), bottom, "today"), Label(at(today), top - 8, today_name, "soft")]
    for position, span in enumerate(spans):
        middle = top + row * position + row / 2
        shapes.append(Label(0, middle + TEXT / 3, cut(span.title, _columns(left)), anchor=Anchor.START))
        shapes.append(Rectangle(at(span.even), middle - 5, max(at(span.safe) - at(span.even), 4), 10, span.style))
        shapes.append(Stroke(at(span.due), middle - 9, at(span.due), middle + 9, "due"))
    return Drawing("timeline", width, bottom + 24, shapes, finding)


def _columns(pixels: float) -> int:
    """Columns of letters that fit into so many pixels."""
    return max(4, int(pixels / 6.6) - 1)


@dataclass(frozen=True, slots=True)
class Band:
    """The amounts of one week, from the bottom up, and what it is called."""

    name: str
    amounts: tuple[int, ...]


def cumulative(bands: Sequence[Band], styles: Sequence[str], finding: str, width: float = WIDE) -> Drawing:
    """A cumulative flow: how many tasks stand where at the end of each week, one layer above the other."""
    height, top, right = 150.0, 16.0, width - 34
    most = max((sum(band.amounts) for band in bands), default=0) or 1
    step = right / max(len(bands) - 1, 1)

    def point(position: int, amount: int) -> tuple[float, float]:
        return round(position * step, 1), round(top + height * (1 - amount / most), 1)

    shapes: list[Shape] = []
    for layer, style in enumerate(styles):
        lower = [point(position, sum(band.amounts[:layer])) for position, band in enumerate(bands)]
        upper = [point(position, sum(band.amounts[: layer + 1])) for position, band in enumerate(bands)]
        shapes.append(Polygon((*lower, *reversed(upper)), style))
        if bands and bands[-1].amounts[layer]:
            middle = (lower[-1][1] + upper[-1][1]) / 2 + TEXT / 3
            shapes.append(Label(right + 6, round(middle, 1), str(bands[-1].amounts[layer]), anchor=Anchor.START))
    every = 1 if width > NARROW else 2
    for position, band in enumerate(bands):
        if (len(bands) - 1 - position) % every == 0:
            anchor = Anchor.START if position == 0 else Anchor.END if position == len(bands) - 1 else Anchor.MIDDLE
            shapes.append(Label(point(position, 0)[0], top + height + 17, band.name, "soft", anchor))
    return Drawing("cumulative", width, top + height + 24, shapes, finding)


def ageing(
    tasks: Sequence[tuple[str, float]], usual: float | None, usual_name: str, finding: str, width: float = WIDE
) -> Drawing:
    """One bar for each task in progress, as long as its age, and a line at the age that few tasks reach."""
    left, right, row, top = round(width * 0.42), width - 40, 22, 20 if usual is not None else 4
    most = max([days for _, days in tasks] + ([usual] if usual is not None else []), default=0.0) or 1.0
    bottom = top + row * len(tasks)

    def at(days: float) -> float:
        return round(left + (right - left) * days / most, 1)

    shapes: list[Shape] = [Stroke(left, top, left, bottom, "axis")]
    for position, (name, days) in enumerate(tasks):
        middle = top + row * position + row / 2
        style = "late" if usual is not None and days > usual else "doing"
        shapes.append(Label(0, middle + TEXT / 3, cut(name, _columns(left)), anchor=Anchor.START))
        shapes.append(Rectangle(left, middle - 6, max(at(days) - left, 2), 12, style))
        shapes.append(Label(at(days) + 5, middle + TEXT / 3, str(round(days)), anchor=Anchor.START))
    if usual is not None:
        shapes += [Stroke(at(usual), top - 2, at(usual), bottom, "due"), Label(at(usual), top - 7, usual_name, "soft")]
    return Drawing("ageing", width, bottom + 4, shapes, finding)


@dataclass(frozen=True, slots=True)
class BurnUp:
    """A goal over time, and when it may be reached."""

    points: tuple[tuple[date, int, int], ...]
    """Day, tasks done, tasks in all."""
    due: date | None
    even: date
    likely: date
    latest: date
    """By 50, 85 and 95 in 100."""


def burn_up(goal: BurnUp, day: Callable[[date], str], finding: str, width: float = WIDE) -> Drawing:
    """Tasks in all and tasks done, week by week, and a cone from today to when all of them may be done."""
    height, top = 120.0, 18.0
    today, done, scope = goal.points[-1]
    first = goal.points[0][0]
    # A date years ahead would press the past into one line.
    last = min(max(goal.latest, goal.due or goal.latest), max(goal.likely, goal.due or today) + timedelta(days=60))
    length = max((last - first).days, 1)
    most = max(*(all_tasks for _, _, all_tasks in goal.points), 1)

    def at(moment: date, amount: float) -> tuple[float, float]:
        x = min(max((moment - first).days / length, 0.0), 1.0) * (width - 2) + 1
        return round(x, 1), round(top + height * (1 - amount / most), 1)

    cone = (at(today, done), at(goal.even, scope), at(min(goal.latest, last), scope))
    shapes: list[Shape] = [
        Stroke(0, top + height, width, top + height, "axis"),
        Polygon(cone, "cone"),
        Polyline((at(today, done), at(goal.likely, scope)), "likely"),
        Polyline(tuple(at(moment, amount) for moment, _, amount in goal.points), "scope"),
        Polyline((at(today, scope), at(min(goal.latest, last), scope)), "scope"),
        Polyline(tuple(at(moment, amount) for moment, amount, _ in goal.points), "burnt"),
    ]
    if goal.due is not None and first <= goal.due <= last:
        x, _ = at(goal.due, 0)
        shapes.append(Stroke(x, top - 6, x, top + height, "due"))
        shapes.append(Label(_inside(x, width), top - 8, day(goal.due)))
    taken: list[float] = []
    for moment in (first, goal.likely, today):
        x = _inside(at(moment, 0)[0], width)
        if all(abs(x - other) > MARK for other in taken):
            taken.append(x)
            shapes.append(Label(x, top + height + 17, day(moment), "soft"))
    return Drawing("burnup", width, top + height + 24, shapes, finding)


MARK = 84
"""Pixels that the name of a day takes."""


def _inside(x: float, width: float) -> float:
    """Where a name of a day stands so that all of it is seen."""
    return round(min(max(x, MARK / 2), width - MARK / 2), 1)
