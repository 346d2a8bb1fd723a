"""Runs that had nothing to do are one row a day; the report counts them all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from syncer.report.metrics.sync import pair_report
from syncer.report.model.collaboration import PairHealth
from syncer.report.model.sync_run import SyncRun
from syncer.report.model.window import Window

WEEK = Window(2026, 47, ZoneInfo("Europe/Berlin"))
"""It begins at 23:00 UTC of the day before."""
EVERY = timedelta(minutes=5)


def day(first: datetime) -> SyncRun:
    """288 runs, one every five minutes, as the state keeps them."""
    last = first + 287 * EVERY
    return SyncRun(last, last, "clean", 0, count=288, since=first)


def health(*runs: SyncRun) -> PairHealth:
    return PairHealth("payments", ("PAY", "acme/pay"), tuple(reversed(runs)), 3, 0)


SUNDAY = datetime(2026, 11, 15, tzinfo=UTC)
DAYS = [day(SUNDAY + timedelta(days=number)) for number in range(9)]


def test_each_run_counts_for_the_week_in_which_it_began() -> None:
    found = pair_report(health(*DAYS), WEEK, WEEK.end + timedelta(days=1))
    assert abs(found.runs - 7 * 288) <= 2
    assert found.runs_failed == 0


def test_a_report_of_the_past_knows_what_had_begun_by_then() -> None:
    found = pair_report(health(*DAYS), WEEK, WEEK.end)
    assert found.complete_to == WEEK.end
    assert found.last_run == WEEK.end
    assert abs(found.runs - 7 * 288) <= 2
    assert pair_report(health(*DAYS), WEEK, SUNDAY - EVERY).last_run is None


def test_what_stands_for_itself_is_one_run() -> None:
    failed = SyncRun(WEEK.start + EVERY, None, "denied", 0)
    found = pair_report(health(failed), WEEK, WEEK.end)
    assert (found.runs, found.runs_failed, found.healthy) == (1, 1, False)
