"""Charts are pictures with a finding, proportional, and the same bytes every time."""

from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.report.render.charts import (
    BAR_WIDTH,
    BarSegment,
    GoalSpan,
    Week,
    columns,
    progress_bar,
    stacked_bar,
    timeline,
)
from syncer.report.render.drawing import Drawing, Rectangle, svg

TODAY = date(2026, 11, 20)

NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(drawing: Drawing) -> ElementTree.Element:
    return ElementTree.fromstring(svg(drawing))  # noqa: S314 -- what is parsed was made here


def bars(drawing: Drawing) -> dict[str, float]:
    root = drawn(drawing)
    return {str(shape.get("class")): float(str(shape.get("width"))) for shape in root.iter(f"{NAMESPACE}rect")}


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_progress_bar_is_as_long_as_the_share(share: float) -> None:
    assert bars(progress_bar(share, None, "x"))["done"] == pytest.approx(share * BAR_WIDTH)


def test_the_tick_stands_where_the_calendar_is_and_never_outside() -> None:
    for share, at in ((0.0, 1.0), (0.5, BAR_WIDTH / 2), (1.0, BAR_WIDTH - 1)):
        (line,) = drawn(progress_bar(0.1, share, "x")).iter(f"{NAMESPACE}line")
        assert float(str(line.get("x1"))) == at


def test_a_goal_without_dates_has_no_tick() -> None:
    assert "<line" not in svg(progress_bar(0.5, None, "x"))


def test_a_stacked_bar_leaves_out_what_is_zero_and_never_overflows() -> None:
    found = bars(stacked_bar((BarSegment(3, "doing"), BarSegment(0, "todo"), BarSegment(1, "done")), 8, "x"))
    assert set(found) == {"track", "doing", "done"}
    assert found["doing"] == pytest.approx(3 / 8 * BAR_WIDTH, abs=1)
    assert found["doing"] + found["done"] <= BAR_WIDTH


def test_columns_show_every_number_and_survive_a_week_without_any() -> None:
    assert columns((Week("W46", 0, 0), Week("W47", 12, 3)), "x").texts == ["0", "0", "W46", "12", "3", "W47"]
    assert drawn(columns((), "nothing")).get("role") == "img"


def test_the_finding_is_the_alternative_and_cannot_break_out() -> None:
    drawing = progress_bar(0.5, 0.5, '"><script>alert(1)</script>')
    assert drawn(drawing).get("aria-label") == '"><script>alert(1)</script>'
    assert "<script>" not in svg(drawing)


def test_words_in_a_chart_stay_words_whatever_fonts_there_are() -> None:
    drawing = columns((Week("第 46 周", 4, 9),), "x")
    assert "第 46 周" in [text.text for text in drawn(drawing).iter(f"{NAMESPACE}text")]


# --- the timeline


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30), min_size=1, max_size=3))
def test_no_title_keeps_a_chart_from_being_drawn(titles: list[str]) -> None:
    spans = [GoalSpan(title, date(2026, 12, 1), date(2026, 12, 4), date(2026, 12, 9)) for title in titles]
    assert "<script" not in svg(timeline(spans, TODAY, "today", str, "x"))


@given(st.lists(st.tuples(*[st.dates(date(2020, 1, 1), date(2030, 1, 1))] * 3), min_size=1, max_size=10))
def test_nothing_stands_outside_the_drawing(days: list[tuple[date, date, date]]) -> None:
    made = [GoalSpan("x", due, min(first, second), max(first, second)) for due, first, second in days]
    drawing = timeline(made, TODAY, "today", lambda day: f"{day:%d %b}", "x")
    for shape in drawing.shapes:
        if isinstance(shape, Rectangle):
            assert shape.x >= 0
            assert shape.x + shape.width <= drawing.width
            assert shape.y + shape.height <= drawing.height
