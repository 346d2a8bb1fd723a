"""Charts are pictures with a finding, proportional, and the same bytes every time."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.report.render.charts import (
    BAR_WIDTH,
    NARROW,
    WIDE,
    Band,
    BarSegment,
    BurnUp,
    GoalSpan,
    Week,
    ageing,
    burn_up,
    columns,
    cumulative,
    progress_bar,
    stacked_bar,
    timeline,
)
from syncer.report.render.drawing import Drawing, Rectangle, svg
from syncer.report.render.jinja import kept_together, unbroken
from tests.unit.report.sample import NOW, WINDOW, collaboration

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


# --- pictures people know

BANDS = (Band("W1", (1, 2, 5)), Band("W2", (3, 2, 4)), Band("W3", (6, 0, 2)))
WIDTHS = (WIDE, NARROW)


def polygons(drawing: Drawing) -> dict[str, list[tuple[float, float]]]:
    return {
        str(shape.get("class")): [
            (float(x), float(y)) for x, y in (point.split(",") for point in str(shape.get("points")).split())
        ]
        for shape in drawn(drawing).iter(f"{NAMESPACE}polygon")
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_layers_of_a_cumulative_flow_lie_one_on_the_other_and_are_as_high_as_their_amounts(width: float) -> None:
    found = polygons(cumulative(BANDS, ("done", "doing", "todo"), "x", width))
    for lower, upper in (("done", "doing"), ("doing", "todo")):
        assert found[lower][3:] == list(reversed(found[upper][:3]))
    ends = {name: points[2][1] - points[3][1] for name, points in found.items()}
    assert ends["doing"] == 0
    assert ends["done"] == pytest.approx(3 * ends["todo"], abs=0.3)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_task_older_than_usual_is_marked_and_a_bar_is_as_long_as_its_age(width: float) -> None:
    drawing = ageing([("old", 20.0), ("young", 5.0)], 10.0, "usual", "x", width)
    found = bars(drawing)
    assert set(found) == {"late", "doing"}
    assert found["late"] == pytest.approx(4 * found["doing"], abs=0.5)
    assert {"20", "5", "usual"} <= set(drawing.texts)
    assert set(bars(ageing([("old", 20.0)], None, "", "x", width))) == {"doing"}


def burnt(due: date | None, even: int, likely: int, latest: int) -> BurnUp:
    points = tuple((TODAY - timedelta(weeks=weeks), 4 - weeks, 6) for weeks in (3, 2, 1, 0))
    days = (TODAY + timedelta(days=ahead) for ahead in (even, likely, latest))
    return BurnUp(points, due, *days)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_cone_begins_today_at_what_is_done_and_ends_where_all_is_done(width: float) -> None:
    drawing = burn_up(burnt(TODAY + timedelta(days=10), 7, 14, 21), str, "x", width)
    (cone,) = polygons(drawing).values()
    lines = {
        str(line.get("class")): str(line.get("points")).split() for line in drawn(drawing).iter(f"{NAMESPACE}polyline")
    }
    assert lines["burnt"][-1] == f"{cone[0][0]:g},{cone[0][1]:g}" == lines["likely"][0]
    assert cone[1][1] == cone[2][1] == min(y for _, y in cone)
    assert cone[0][0] < cone[1][0] < cone[2][0] <= width


@given(
    st.lists(st.integers(0, 4_000), min_size=3, max_size=3),
    st.one_of(st.none(), st.integers(-400, 4_000)),
    st.sampled_from(WIDTHS),
)
def test_nothing_of_a_burn_up_stands_outside_its_drawing(days: list[int], due: int | None, width: float) -> None:
    goal = burnt(None if due is None else TODAY + timedelta(days=due), *sorted(days))
    drawing = burn_up(goal, lambda day: f"{day:%d %b %Y}", "x", width)
    for shape in drawing.shapes:
        points = getattr(shape, "points", ())
        assert all(0 <= x <= width and 0 <= y <= drawing.height for x, y in points)


def test_every_chart_of_the_page_is_drawn_for_both_widths() -> None:
    graphs = build_report(evaluate(collaboration(), WINDOW, NOW)).content.graphs
    assert graphs
    for graph in graphs:
        assert (graph.drawing.width, graph.narrow.width) == (WIDE, NARROW)


def test_no_line_ends_within_a_chinese_day() -> None:
    assert unbroken("决策人：林梅，11月27日前；2026年1月5日") == (
        "决策人：林梅，11\u2060月\u206027\u2060日\u2060前；2026\u2060年\u20601\u2060月\u20605\u2060日"
    )
    assert unbroken(Markup("<b>11月27日</b>")) == "<b>11月27日</b>"
    assert unbroken("目前 11 项，3 月") == "目前 11 项，3 月"
    assert "11\u2060月\u206020\u2060日" in build_report(evaluate(collaboration(), WINDOW, NOW), language="zh").html


def test_no_line_ends_within_a_key_a_day_or_a_chinese_count() -> None:
    span = '<span class="kept">{}</span>'.format
    assert kept_together("PAY-29, by 28 Nov & 17 Mar 2027") == (
        f"{span('PAY-29')}, {span('by 28 Nov')} &amp; {span('17 Mar 2027')}"
    )
    assert kept_together("11月27日前，逾期 5 项") == f"{span('11月27日前')}，逾期 {span('5 项')}"
    assert kept_together("<b>UTF-8-like</b>, 4 Maybe") == "&lt;b&gt;UTF-8-like&lt;/b&gt;, 4 Maybe"
    for code, day in (("en", "by 27 Nov"), ("zh", "11月27日前")):
        report = build_report(evaluate(collaboration(), WINDOW, NOW), language=code)
        assert span(day) in report.html
        assert re.search(f'<span class="kept" style="[^"]*nowrap[^"]*">(?:[^<]*){day}</span>', report.mail_html)


def test_only_a_week_that_still_runs_is_told_so_far() -> None:
    running, over = (build_report(evaluate(collaboration(), WINDOW, at)) for at in (NOW, WINDOW.end))
    assert "3 tasks finished so far this week" in running.text
    assert "so far" not in over.text
    assert "Throughput rose from 1 to 3 tasks a week." in over.text
