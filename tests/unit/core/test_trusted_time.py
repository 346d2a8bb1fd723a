"""Which stored times are believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncer.core.trusted_time import LONGEST_BACKOFF, believed, due, elapsed

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("minutes", [-525_600, -1, 0, 5])
def test_what_lies_no_further_ahead_than_a_clock_may_err_is_believed(minutes: int) -> None:
    moment = NOW + timedelta(minutes=minutes)
    assert believed(moment, NOW) == moment


def test_what_lies_further_ahead_was_never() -> None:
    assert believed(NOW + timedelta(minutes=5, seconds=1), NOW) is None
    assert elapsed(NOW + timedelta(days=365), NOW, DAY)


def test_waiting_is_over_after_its_time_and_not_before() -> None:
    assert elapsed(NOW - DAY, NOW, DAY)
    assert not elapsed(NOW - DAY + timedelta(seconds=1), NOW, DAY)
    assert elapsed(None, NOW, DAY)


def test_a_next_attempt_may_lie_ahead_as_far_as_any_is_put_off() -> None:
    assert not due(NOW + LONGEST_BACKOFF, NOW)
    assert due(NOW, NOW)
    assert due(None, NOW)
    assert due(NOW + timedelta(days=365), NOW)
