"""Charts of the mail are rows of cells that fill their width, in the order and the length of what they say."""

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.report.evaluate import evaluate
from syncer.report.model.goal import Basis, Forecast, GoalFigures, Health
from syncer.report.render.bars import COLOURS, SPAN_WIDTH, SPARK_HEIGHT, BarCell, goal_bars, painted, spark
from tests.unit.report.sample import NOW, WINDOW, collaboration

DUE = date(2026, 12, 1)


@cache
def some_goal() -> GoalFigures:
    return evaluate(collaboration(), WINDOW, NOW).goals[0]


def goal(even: int, safe: int, health: Health = Health.ON_TRACK, name: str = "g") -> GoalFigures:
    """A goal by the days of its odds after its due date."""
    found = Forecast(0.5, DUE + timedelta(days=even), DUE + timedelta(days=safe), DUE, (), Basis.CYCLE, 30, 2_000)
    return replace(some_goal(), id=name, due=DUE, forecast=found, health=health)


def styles(made: GoalFigures) -> list[str]:
    return [cell.style for cell in goal_bars([made])["g"] if cell.style]


@pytest.mark.parametrize(
    ("even", "safe", "health", "shown"),
    [
        (3, 8, Health.OFF_TRACK, ["due", "late"]),
        (-4, -2, Health.ON_TRACK, ["safe", "due"]),
        (-3, 5, Health.AT_RISK, ["tight", "due", "tight"]),
    ],
)
def test_the_due_day_stands_before_within_or_after_the_odds(
    even: int, safe: int, health: Health, shown: list[str]
) -> None:
    assert styles(goal(even, safe, health)) == shown


@given(st.lists(st.tuples(*[st.integers(-900, 900)] * 2), min_size=1, max_size=10))
def test_every_row_of_dates_is_as_wide_as_the_others_and_shows_odds_and_due_day(days: list[tuple[int, int]]) -> None:
    rows = goal_bars([goal(min(pair), max(pair), name=f"g{number}") for number, pair in enumerate(days)])
    assert len(rows) == len(days)
    for cells in rows.values():
        assert sum(cell.width for cell in cells) == SPAN_WIDTH
        assert all(cell.width > 0 for cell in cells)
        assert {cell.style for cell in cells} & {"late", "tight", "safe"}
        assert "due" in {cell.style for cell in cells}


def test_a_goal_without_a_date_or_a_forecast_has_no_bar() -> None:
    assert goal_bars([replace(goal(1, 2), due=None)]) == goal_bars([replace(goal(1, 2), forecast=None)]) == {}


def test_a_later_stroke_covers_an_earlier_one() -> None:
    assert painted(10, [(2, 6, "safe"), (4, 2, "due")]) == (
        BarCell(2, ""), BarCell(2, "safe"), BarCell(2, "due"), BarCell(2, "safe"), BarCell(2, ""),
    )  # fmt: skip


def test_the_columns_of_eight_weeks_are_as_high_as_their_values() -> None:
    cells = spark([None, 0, 1, 2, 4])
    assert [cell.width for cell in cells] == [0, 2, round(SPARK_HEIGHT / 4), round(SPARK_HEIGHT / 2), SPARK_HEIGHT]
    assert [cell.style for cell in cells] == ["", "past", "past", "past", "now"]


def test_weeks_in_which_nothing_happened_are_no_division_by_nothing() -> None:
    assert [cell.width for cell in spark([0, 0])] == [2, 2]
    assert [cell.width for cell in spark([None])] == [0]


@pytest.mark.parametrize("style", sorted(COLOURS))
def test_every_bar_stands_out_from_a_white_page(style: str) -> None:
    """WCAG 1.4.11: 3 to 1 for what is drawn."""
    assert contrast(COLOURS[style], "#ffffff") >= 3


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2])
def test_every_bar_of_the_page_stands_out_in_light_dark_and_print(scheme: int) -> None:
    style = files("syncer.report.render").joinpath("templates", "page.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#\w{6}|#\w{3});", style.split(":root {")[scheme + 1].split("}")[0]))
    paper = "#ffffff" if colours["paper"] == "#fff" else colours["paper"]
    for name in ("done", "doing", "todo", "bad", "warn", "good"):
        assert contrast(colours[name], paper) >= 3, name


def test_every_style_has_a_colour() -> None:
    days = ((3, 8), (-4, -2), (-3, 5))
    shown = {cell.style for even, safe in days for cell in goal_bars([goal(even, safe)])["g"]}
    shown |= {cell.style for cell in spark([1, 2])}
    assert shown - {""} <= set(COLOURS)
