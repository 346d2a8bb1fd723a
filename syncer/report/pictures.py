"""Draws charts as PNG for mail, where no SVG is shown. Slow to import what it needs, so that happens when one is drawn.

A PNG carries its letters as dots, so the machine that draws needs a font for them. Without one for Chinese a drawing
with Chinese words would be a row of boxes: it is not made, and the mail shows its table alone. A single sign that no
font has (a rare hanzi, an emoji) becomes one box among letters.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING
from unicodedata import category

from syncer.report.render import Content, GraphId
from syncer.report.render.drawing import TEXT, Bar, Drawing, Label, Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LATIN = "DejaVu Sans"
"""Comes with matplotlib, so it is everywhere."""

CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Noto Sans CJK JP", "Noto Serif CJK SC", "AR PL UMing CN",
)  # fmt: skip
"""Families with simplified hanzi, the most readable first."""

INSTALL = "apt-get install fonts-noto-cjk"

BOX = "□"

_COLOURS = {
    "ink": "#1d2530", "soft": "#5b6675", "axis": "#c6cdd6", "today": "#8fa3b8", "due": "#1d2530",
    "created": "#8fa3b8", "finished": "#2f7d4f", "late": "#b3261e", "tight": "#d08a1d", "safe": "#2f7d4f",
}  # fmt: skip
_WIDTHS = {"due": 2.4, "today": 1.2, "axis": 1.0}
_SCALE = 2
"""Dots for each CSS pixel, so that it is sharp on a phone."""


def pictures(content: Content) -> Mapping[GraphId, bytes]:
    """The charts of a report as PNG; without those that this machine has no font for."""
    drawn = {graph.id: png(graph.drawing, chinese_font()) for graph in content.graphs}
    return {name: picture for name, picture in drawn.items() if picture is not None}


def png(drawing: Drawing, chinese: str | None) -> bytes | None:
    """The drawing as PNG, twice as many dots as CSS pixels; None when it has Chinese words and no font for them.

    `chinese` is what `chinese_font` found. The same drawing gives the same bytes.
    """
    if chinese is None and any(_is_hanzi(sign) for text in drawing.texts for sign in text):
        return None
    from matplotlib.figure import Figure

    families = [LATIN] if chinese is None else [LATIN, chinese]
    figure = Figure(figsize=(drawing.width / 100, drawing.height / 100), dpi=100 * _SCALE, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.top + drawing.height, drawing.top)
    axes.set_axis_off()
    _paint(axes, drawing, families)
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


@cache
def chinese_font() -> str | None:
    """The family that Chinese charts are drawn in; None when this machine has none."""
    installed = _installed()
    return next((family for family in CHINESE if family in installed), None)


def _paint(axes: Axes, drawing: Drawing, families: list[str]) -> None:
    from matplotlib.patches import Rectangle

    for shape in drawing.shapes:
        match shape:
            case Bar():
                colour = _COLOURS[shape.style]
                axes.add_patch(Rectangle((shape.x, shape.y), shape.width, shape.height, facecolor=colour, linewidth=0))
            case Line():
                ends = ((shape.x1, shape.x2), (shape.y1, shape.y2))
                axes.plot(*ends, color=_COLOURS[shape.style], linewidth=_points(_WIDTHS[shape.style]))
            case Label():
                axes.text(
                    shape.x, shape.y, _drawable(shape.text, families), color=_COLOURS[shape.style],
                    fontsize=_points(TEXT), fontfamily=families, ha=_ALIGNED[shape.anchor], va="baseline",
                    parse_math=False,
                )  # fmt: skip


_ALIGNED = {"start": "left", "middle": "center", "end": "right"}


def _points(pixels: float) -> float:
    """Pixels of the drawing, a hundred to the inch, in points."""
    return pixels * 72 / 100


def _is_hanzi(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff"


def _drawable(text: str, families: Iterable[str]) -> str:
    """The text with a box for each sign that none of the fonts has, without what is only a hint on how to show it."""
    known = [_signs(family) for family in families]
    visible = (sign for sign in text if category(sign) not in _HINTS)
    return "".join(sign if any(ord(sign) in signs for signs in known) else BOX for sign in visible)


_HINTS = frozenset({"Cc", "Cf", "Mn"})
"""Controls, directions and joiners, variation selectors."""


@cache
def _signs(family: str) -> frozenset[int]:
    """The code points that a font of the family has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family=[family]))).get_charmap())


def _installed() -> frozenset[str]:
    # Without a home directory it warns about a temporary cache: under cron that would be mail every week.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from matplotlib.font_manager import fontManager

    return frozenset(font.name for font in fontManager.ttflist)
