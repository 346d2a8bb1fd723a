"""The stored form of JSON and of moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.store.columns import Unpacking, from_microseconds, pack, printable, to_microseconds, unpack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_json_comes_back(value: object) -> None:
    assert unpack(pack(value)) == value


def test_long_text_is_compressed_and_short_text_is_left() -> None:
    text = "the refund webhook fails after a timeout, " * 40
    assert len(pack({"body": text})) < len(text) / 5
    assert pack("x") == b'\x00"x"'


def test_the_stored_form_of_an_earlier_version_is_read() -> None:
    assert unpack(bytes.fromhex(KEPT)) == {"fields": {"title": "Refund 退款", "labels": ["a"]}, "marker": None}


KEPT = "01ab4652014f604a894a4015b0500f4a4d2bcd4b5178d9d0f06ccd3e90cdc841550b00"
"""Written by the first version: the dictionary behind it may never change."""


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown form"):
        unpack(b"\x07{}")


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_come_back(moment: datetime) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment


def test_moments_of_other_zones_are_the_same_moments() -> None:
    there = datetime(2026, 3, 29, 3, 0, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert from_microseconds(to_microseconds(there)) == there


@given(st.text(st.characters(codec=None)))
def test_printable_text_is_accepted_by_every_database(text: str) -> None:
    shown = printable(text)
    assert "\x00" not in shown
    shown.encode("utf-8")
    assert printable(shown) == shown


@given(st.lists(JSON, max_size=8))
def test_many_values_are_unpacked_as_each_by_itself(values: list[object]) -> None:
    value = Unpacking()
    assert [value(pack(one)) for one in (*values, *values)] == [*values, *values]


def test_equal_short_values_are_unpacked_once_and_long_ones_are_not_kept() -> None:
    value, short, text = Unpacking(), pack(["api", "web"]), pack({"body": "".join(map(str, range(2_000)))})
    assert value(short) is value(bytes(short))
    assert value(text) is not value(text)
