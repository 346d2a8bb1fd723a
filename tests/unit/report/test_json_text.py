"""The JSON text of a report is the one that Python's own encoder makes, indented by two."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncer.report.metrics import DEFINITIONS
from syncer.report.model.window import Window
from syncer.report.render.json_text import indented, jsonable


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Nothing:
    pass


@dataclass(frozen=True)
class Holder:
    one: Any
    other: Any = field(default=())


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.sampled_from(
        (Colour.RED, Nothing(), DEFINITIONS[0], Window.containing(datetime(2026, 12, 1, tzinfo=UTC), UTC))
    )
    | st.dictionaries(st.text(), st.integers() | st.lists(st.text()))
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner).map(tuple) | st.builds(Holder, inner, inner))


@given(VALUES, st.sampled_from(("\n", "\n    ")))
def test_the_text_of_any_value_is_that_of_pythons_encoder(value: object, line: str) -> None:
    expected = json.dumps(jsonable(value), ensure_ascii=False, indent=2).replace("\n", line)
    assert indented(value, line) == expected


def test_a_day_is_told_as_a_day_and_a_figure_to_six_places() -> None:
    assert indented(Holder(date(2026, 12, 1), 1 / 3)) == '{\n  "one": "2026-12-01",\n  "other": 0.333333\n}'
