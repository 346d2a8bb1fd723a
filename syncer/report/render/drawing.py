"""A chart as shapes on a plane, measured in CSS pixels, y downwards, and as the SVG of a page.

The SVG follows the dark mode of its page through CSS classes. Its words stay text: the fonts are the reader's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

TEXT = 12
"""Height of letters in pixels."""


class Anchor(StrEnum):
    """Which point of a text its coordinates name."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    style: str
    """Name of its colour: a CSS class of the page."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    style: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text on one line; `y` is its base line."""

    x: float
    y: float
    text: str
    style: str = "ink"
    anchor: Anchor = Anchor.MIDDLE


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    style: str


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line through several points."""

    points: tuple[tuple[float, float], ...]
    style: str


Shape = Rectangle | Stroke | Label | Polygon | Polyline


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: its shapes, its size, and what it shows in one sentence."""

    style: str
    width: float
    height: float
    shapes: Sequence[Shape]
    finding: str
    top: float = 0
    """The least y that is seen: marks may stand out above a bar."""

    @property
    def texts(self) -> list[str]:
        """What is written in it."""
        return [shape.text for shape in self.shapes if isinstance(shape, Label)]


def svg(drawing: Drawing) -> Markup:
    """The drawing as inline SVG: to assistive technology one image whose title is the finding."""
    view = f"0 {drawing.top:g} {drawing.width:g} {drawing.height:g}"
    opening = (
        f'<svg class="{drawing.style}" xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{drawing.width:g}"'
        f' height="{drawing.height:g}" role="img" aria-label="{escape(drawing.finding)}">'
        f"<title>{escape(drawing.finding)}</title>"
    )
    shapes = "".join(_element(shape) for shape in drawing.shapes)
    return Markup(opening + shapes + "</svg>")  # noqa: S704  # numbers of ours, and every text is escaped


def _element(shape: Shape) -> str:
    match shape:
        case Rectangle():
            size = f'width="{shape.width:g}" height="{shape.height:g}" rx="2"'
            return f'<rect class="{shape.style}" x="{shape.x:g}" y="{shape.y:g}" {size}/>'
        case Stroke():
            ends = f'x1="{shape.x1:g}" y1="{shape.y1:g}" x2="{shape.x2:g}" y2="{shape.y2:g}"'
            return f'<line class="{shape.style}" {ends}/>'
        case Polygon():
            return f'<polygon class="{shape.style}" points="{_points(shape.points)}"/>'
        case Polyline():
            return f'<polyline class="{shape.style}" points="{_points(shape.points)}"/>'
        case Label():
            place = f'x="{shape.x:g}" y="{shape.y:g}" text-anchor="{shape.anchor.value}"'
            return f'<text class="{shape.style}" {place}>{escape(shape.text)}</text>'


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
