from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from syncer.report.model.window import Window

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_week_runs_from_monday_to_monday_in_its_zone() -> None:
    window = Window.parse("2026-W47", BERLIN)
    assert (window.first_day, window.last_day) == (date(2026, 11, 16), date(2026, 11, 22))
    assert window.start == datetime(2026, 11, 15, 23, tzinfo=UTC)
    assert window.end == datetime(2026, 11, 22, 23, tzinfo=UTC)


def test_a_moment_belongs_to_the_week_of_its_zone() -> None:
    late_on_sunday_in_london = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert Window.containing(late_on_sunday_in_london, UTC).label == "2026-W47"
    assert Window.containing(late_on_sunday_in_london, BERLIN).label == "2026-W48"


@pytest.mark.parametrize(("week", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W47", 168)])
def test_a_week_is_shorter_or_longer_where_clocks_change(week: str, hours: int) -> None:
    window = Window.parse(week, BERLIN)
    elapsed = window.end.astimezone(UTC) - window.start.astimezone(UTC)
    assert elapsed == timedelta(hours=hours)


def test_the_last_days_of_a_year_can_belong_to_week_53() -> None:
    assert Window.containing(datetime(2026, 12, 31, 12, tzinfo=UTC), UTC).label == "2026-W53"
    assert Window.containing(datetime(2027, 1, 4, 12, tzinfo=UTC), UTC).earlier(1).label == "2026-W53"


@pytest.mark.parametrize("text", ["", "47", "2026-47", "2026-W54", "2026-W0", "26-W07", "2026-Wxx", "2025-W53"])
def test_what_is_not_a_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a week"):
        Window.parse(text, UTC)


@pytest.mark.parametrize("text", ["0001-W01", "1989-W52"])
def test_a_week_before_any_tracker_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="before anything a tracker knows"):
        Window.parse(text, UTC)
