"""Charts of the mail are rows of cells that fill their width, in the order and the length of what they say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.report.render.bars import COLOURS, COUNT_WIDTH, SPAN_WIDTH, BarCell, counts, dates, painted
from syncer.report.render.charts import GoalSpan, Week

DUE = date(2026, 12, 1)


def span(even: int, safe: int) -> GoalSpan:
    """A goal by the days of its odds after its due day."""
    return GoalSpan("x", DUE, DUE + timedelta(days=even), DUE + timedelta(days=safe))


def styles(made: GoalSpan) -> list[str]:
    (row,) = dates([made], ["words"])
    return [cell.style for cell in row.bars[0].cells if cell.style]


@pytest.mark.parametrize(
    ("even", "safe", "style", "shown"),
    [(3, 8, "late", ["due", "late"]), (-4, -2, "safe", ["safe", "due"]), (-3, 5, "tight", ["tight", "due", "tight"])],
)  # fmt: skip
def test_the_due_day_stands_before_within_or_after_the_odds(even: int, safe: int, style: str, shown: list[str]) -> None:
    assert styles(replace(span(even, safe), style=style)) == shown


@given(st.lists(st.tuples(*[st.integers(-900, 900)] * 2), min_size=1, max_size=10))
def test_every_row_of_dates_is_as_wide_as_the_others_and_shows_odds_and_due_day(days: list[tuple[int, int]]) -> None:
    rows = dates([span(min(pair), max(pair)) for pair in days], ["words"] * len(days))
    for row in rows:
        (bar,) = row.bars
        assert sum(cell.width for cell in bar.cells) == SPAN_WIDTH
        assert all(cell.width > 0 for cell in bar.cells)
        assert {cell.style for cell in bar.cells} & {"late", "tight", "safe"}
        assert "due" in {cell.style for cell in bar.cells}


def test_a_later_stroke_covers_an_earlier_one() -> None:
    assert painted(10, [(2, 6, "safe"), (4, 2, "due")]) == (
        BarCell(2, ""), BarCell(2, "safe"), BarCell(2, "due"), BarCell(2, "safe"), BarCell(2, ""),
    )  # fmt: skip


def test_bars_of_a_week_are_as_long_as_their_numbers_and_none_for_nothing() -> None:
    words = [("12 added", "3 finished"), ("0 added", "0 finished")]
    first, second = counts((Week("W46", 12, 3), Week("W47", 0, 0)), words)
    assert [sum(cell.width for cell in bar.cells) for bar in first.bars] == [COUNT_WIDTH, round(COUNT_WIDTH / 4)]
    assert [(bar.cells, bar.words) for bar in second.bars] == [((), "0 added"), ((), "0 finished")]


def test_weeks_in_which_nothing_happened_are_no_division_by_nothing() -> None:
    (only,) = counts((Week("W46", 0, 0),), [("0 added", "0 finished")])
    assert [bar.cells for bar in only.bars] == [(), ()]


def test_every_style_has_a_colour() -> None:
    shown = {
        cell.style
        for even, safe in ((3, 8), (-4, -2), (-3, 5))
        for cell in dates([span(even, safe)], [""])[0].bars[0].cells
    }
    assert shown - {""} <= set(COLOURS)
