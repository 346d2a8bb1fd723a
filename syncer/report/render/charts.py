"""Charts as SVG text, drawn without a library: bars only, in the colours of the page, sharp in print.

Why not matplotlib here: these are rectangles. Drawn by hand they cost nothing to import, follow the page's dark mode
through CSS classes, carry no font of their own (no Chinese glyph can be missing), and come out byte for byte the same.

Every chart is one image to assistive technology: its title is the finding in a sentence. Numbers stand beside the bars
in the page's own text, never only in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup, escape

from syncer.report.evaluation import WeekFlow

BAR_WIDTH = 240
BAR_HEIGHT = 14


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a stacked bar: `style` is a CSS class of the page."""

    amount: int
    style: str


def progress_bar(share_done: float | None, share_elapsed: float | None, finding: str) -> Markup:
    """A bar filled to the share done, with a tick where the calendar stands."""
    done = round((share_done or 0.0) * BAR_WIDTH, 1)
    shapes = [_rectangle(0, 0, BAR_WIDTH, BAR_HEIGHT, "track"), _rectangle(0, 0, done, BAR_HEIGHT, "done")]
    if share_elapsed is not None:
        at = min(max(round(share_elapsed * BAR_WIDTH, 1), 1), BAR_WIDTH - 1)
        shapes.append(f'<line class="tick" x1="{at}" y1="-3" x2="{at}" y2="{BAR_HEIGHT + 3}"/>')
    return _image("progress", f"0 -4 {BAR_WIDTH} {BAR_HEIGHT + 8}", shapes, finding)


def stacked_bar(parts: Sequence[Part], scale: int, finding: str, *, width: int = BAR_WIDTH) -> Markup:
    """A bar of several stretches; `scale` is the amount that fills the whole width."""
    shapes = [_rectangle(0, 0, width, BAR_HEIGHT, "track")]
    at = 0.0
    for part in parts:
        length = width * part.amount / max(scale, 1)
        if part.amount:
            shapes.append(_rectangle(round(at, 1), 0, round(max(length - 1, 1), 1), BAR_HEIGHT, part.style))
        at += length
    return _image("stack", f"0 0 {width} {BAR_HEIGHT}", shapes, finding)


def columns(weeks: Sequence[WeekFlow], finding: str) -> Markup:
    """Two columns for each week, added and finished, with their numbers above and the week's number below."""
    slot, height, gap = 58, 96, 20
    most = max((max(week.created, week.finished) for week in weeks), default=0)
    unit = height / max(ceil(most / 5) * 5, 5)
    shapes = [f'<line class="axis" x1="0" y1="{height + gap}" x2="{slot * len(weeks)}" y2="{height + gap}"/>']
    for position, week in enumerate(weeks):
        left = position * slot + 9
        for offset, amount, style in ((0, week.created, "created"), (21, week.finished, "finished")):
            tall = round(amount * unit, 1)
            top = round(height + gap - tall, 1)
            if amount:
                shapes.append(_rectangle(left + offset, top, 19, tall, style))
            shapes.append(f'<text x="{left + offset + 9.5}" y="{top - 4}">{amount}</text>')
        shapes.append(f'<text class="label" x="{left + 20}" y="{height + gap + 16}">{week.label[5:]}</text>')
    return _image("columns", f"0 0 {slot * len(weeks)} {height + gap + 22}", shapes, finding)


def _rectangle(x: float, y: float, width: float, height: float, style: str) -> str:
    return f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2"/>'


def _image(style: str, view: str, shapes: Sequence[str], finding: str) -> Markup:
    width, height = view.split()[2:]
    opening = (
        f'<svg class="{style}" xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{width}" height="{height}"'
        f' role="img" aria-label="{escape(finding)}"><title>{escape(finding)}</title>'
    )
    return Markup(opening + "".join(shapes) + "</svg>")  # noqa: S704  # numbers of ours, and the finding is escaped
