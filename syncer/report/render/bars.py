"""The charts of the mail: table cells with a width and a colour, and words that say every number beside them.

Mail programs show no SVG, many show no picture before somebody asks for it, and Outlook lays out with Word. All of them
show a cell with a background, and whoever sees no colours reads the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from syncer.report.render.charts import GoalSpan, Week

SPAN_WIDTH = 300
"""Pixels of a row of dates: what a phone of 360 shows beside the margins."""

COUNT_WIDTH = 170
"""Pixels of the longest bar of a count; the rest of the row is for its words."""

COLOURS = {
    "due": "#5b6675", "late": "#b3261e", "tight": "#c98a1b", "safe": "#2f7d4f",
    "created": "#8fa3b8", "finished": "#2f7d4f",
}  # fmt: skip
"""What each style looks like; all of them stand out from a light and from a dark page."""


@dataclass(frozen=True, slots=True)
class BarCell:
    """A stretch of a bar."""

    width: int
    style: str
    """One of `COLOURS`; empty where nothing is shown."""

    @property
    def colour(self) -> str:
        """Its colour; empty where nothing is shown."""
        return COLOURS.get(self.style, "")


@dataclass(frozen=True, slots=True)
class TableBar:
    """One bar and what it says."""

    cells: tuple[BarCell, ...]
    words: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """What is called by one name, and its bars."""

    name: str
    bars: tuple[TableBar, ...]


def dates(spans: Sequence[GoalSpan], words: Sequence[str]) -> tuple[BarRow, ...]:
    """One row for each goal: a bar from even odds to 85 in 100, and a mark at its due day."""
    days = [moment for span in spans for moment in (span.due, span.even, span.safe)]
    first, length = min(days), max((max(days) - min(days)).days, 1)
    mark, least = 3, 4
    scale = (SPAN_WIDTH - least) / length

    def row(span: GoalSpan, words: str) -> BarRow:
        even, safe, due = (round((moment - first).days * scale) for moment in (span.even, span.safe, span.due))
        strokes = ((even, max(safe - even, least), span.style), (due, mark, "due"))
        return BarRow(span.title, (TableBar(painted(SPAN_WIDTH, strokes), words),))

    return tuple(row(span, said) for span, said in zip(spans, words, strict=True))


def counts(weeks: Sequence[Week], words: Sequence[tuple[str, str]]) -> tuple[BarRow, ...]:
    """One row for each week: a bar for what was added, one for what was finished, in `words` each."""
    most = max((max(week.created, week.finished) for week in weeks), default=0)

    def bar(amount: int, style: str, words: str) -> TableBar:
        width = max(round(COUNT_WIDTH * amount / max(most, 1)), 2)
        return TableBar((BarCell(width, style),) if amount else (), words)

    return tuple(
        BarRow(week.name, (bar(week.created, "created", added), bar(week.finished, "finished", finished)))
        for week, (added, finished) in zip(weeks, words, strict=True)
    )


def painted(width: int, strokes: Iterable[tuple[int, int, str]]) -> tuple[BarCell, ...]:
    """The cells of a row `width` wide: each stroke is (left, length, style), and a later one covers an earlier."""
    pixels = [""] * width
    for left, length, style in strokes:
        pixels[left : left + length] = [style] * (min(left + length, width) - left)
    return tuple(BarCell(len(list(run)), style) for style, run in groupby(pixels))
