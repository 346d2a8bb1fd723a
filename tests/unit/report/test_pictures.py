"""Charts as PNG: drawn from the same shapes as the SVG, never with signs that no font has."""

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from syncer.report import pictures
from syncer.report.pictures import chinese_font, png
from syncer.report.render.charts import Span, Week, columns, timeline
from syncer.report.render.drawing import Anchor, Bar, Drawing, Label, svg

TODAY = date(2026, 11, 20)
CHINESE = pytest.mark.skipif(chinese_font() is None, reason=f"no font for Chinese here: {pictures.INSTALL}")


def written(*texts: str) -> Drawing:
    return Drawing("x", 240, 40, [Label(4, 20, text, anchor=Anchor.START) for text in texts], "x")


def dots(drawing: Drawing, chinese: str | None = None) -> bytes:
    picture = png(drawing, chinese)
    assert picture is not None
    return Image.open(io.BytesIO(picture)).convert("L").tobytes()


def spans(titles: Sequence[str]) -> list[Span]:
    return [Span(title, date(2026, 12, 1), date(2026, 12, 4), date(2026, 12, 9)) for title in titles]


def test_the_picture_has_two_dots_for_each_pixel_and_the_same_bytes_again() -> None:
    drawing = columns((Week("W46", 4, 9), Week("W47", 12, 3)), "Throughput fell from 9 to 3 tasks a week.")
    picture = png(drawing, None)
    assert picture is not None
    assert Image.open(io.BytesIO(picture)).size == (2 * drawing.width, 2 * drawing.height)
    assert picture == png(drawing, None)


def test_a_bar_is_where_the_drawing_says() -> None:
    picture = png(Drawing("x", 100, 50, [Bar(20, 10, 30, 20, "late")], "x"), None)
    assert picture is not None
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    inside, outside = image.getpixel((60, 40)), image.getpixel((160, 40))
    assert (inside, outside) == ((0xB3, 0x26, 0x1E), (255, 255, 255))


def test_chinese_words_without_a_font_make_no_picture() -> None:
    assert png(written("任务 12"), None) is None
    assert png(written("12 tasks"), None) is not None


@CHINESE
def test_chinese_words_are_drawn_and_not_boxes() -> None:
    """Two different signs look different from each other and from the box, which a missing glyph would not."""
    looks = {dots(written(sign), chinese_font()) for sign in ("国", "周", pictures.BOX)}
    assert len(looks) == 3


@CHINESE
@pytest.mark.parametrize("sign", ["\U0001f389", "\U0001f44d\ufe0f", "\U00032000", "\ue000"])
def test_a_sign_that_no_font_has_is_one_box(sign: str) -> None:
    assert dots(written(f"A{sign}国"), chinese_font()) == dots(written(f"A{pictures.BOX}国"), chinese_font())


@pytest.mark.parametrize("sign", ["\u202e", "\x00", "\u2060"])
def test_a_sign_that_shows_nothing_is_left_out(sign: str) -> None:
    assert dots(written(f"A{sign}B")) == dots(written("AB"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=3))
def test_no_title_keeps_a_chart_from_being_drawn(titles: list[str]) -> None:
    drawing = timeline(spans(titles), TODAY, "today", str, "x")
    assert png(drawing, chinese_font()) is not None or chinese_font() is None
    assert "<script" not in svg(drawing)


def test_dollars_in_a_title_are_no_formula() -> None:
    assert png(timeline(spans(["Pay $\\frac{1}{0}$"]), TODAY, "today", str, "x"), None) is not None


def test_what_draws_is_imported_when_something_is_drawn() -> None:
    program = (
        "import json, sys, syncer.report; print(json.dumps([name for name in sys.modules if 'matplotlib' in name]))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout) == []


# --- the timeline


@pytest.mark.parametrize(
    ("even", "safe", "style"),
    [(date(2026, 12, 2), date(2026, 12, 9), "late"), (date(2026, 12, 1), date(2026, 12, 2), "tight"),
     (date(2026, 11, 25), date(2026, 12, 1), "safe")],
)  # fmt: skip
def test_a_goal_is_late_tight_or_safe_by_its_odds(even: date, safe: date, style: str) -> None:
    assert Span("x", date(2026, 12, 1), even, safe).style == style


@given(st.lists(st.tuples(*[st.dates(date(2020, 1, 1), date(2030, 1, 1))] * 3), min_size=1, max_size=10))
def test_nothing_stands_outside_the_drawing(days: list[tuple[date, date, date]]) -> None:
    made = [Span("x", due, min(first, second), max(first, second)) for due, first, second in days]
    drawing = timeline(made, TODAY, "today", lambda day: f"{day:%d %b}", "x")
    for shape in drawing.shapes:
        if isinstance(shape, Bar):
            assert shape.x >= 0
            assert shape.x + shape.width <= drawing.width
            assert shape.y + shape.height <= drawing.height
