"""Charts are pictures with a finding, proportional, and the same bytes every time."""

from xml.etree import ElementTree

import pytest

from syncer.report.render.charts import BAR_WIDTH, Part, Week, columns, progress_bar, stacked_bar
from syncer.report.render.drawing import Drawing, svg

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
    found = bars(stacked_bar((Part(3, "doing"), Part(0, "todo"), Part(1, "done")), 8, "x"))
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
