"""Cron expressions mean what crontab(5) says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncer.app.scheduler import trigger
from syncer.settings.cron import Cron

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 8 * * 1", datetime(2026, 11, 23, 8, 0, tzinfo=UTC)),
        ("0 8 * * mon", datetime(2026, 11, 23, 8, 0, tzinfo=UTC)),
        ("0 8 * * 0", datetime(2026, 11, 29, 8, 0, tzinfo=UTC)),
        ("0 8 * * 7", datetime(2026, 11, 29, 8, 0, tzinfo=UTC)),
        ("0 8 * * 5-7", datetime(2026, 11, 27, 8, 0, tzinfo=UTC)),
        ("*/5 * * * *", datetime(2026, 11, 23, 7, 30, tzinfo=UTC)),
        ("5/20 * * * *", datetime(2026, 11, 23, 7, 45, tzinfo=UTC)),
        ("0 0 1 jan *", datetime(2027, 1, 1, 0, 0, tzinfo=UTC)),
        ("0 9 1 * 3", datetime(2026, 11, 25, 9, 0, tzinfo=UTC)),
        ("0 9 24 * 3", datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
        ("@weekly", datetime(2026, 11, 29, 0, 0, tzinfo=UTC)),
    ],
)
def test_the_next_time(text: str, expected: datetime) -> None:
    assert trigger(Cron.parse(text), UTC).get_next_fire_time(None, MONDAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "x * * * *",
        "* * * * 8",
        "*-3 * * * *",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cron"):
        Cron.parse(text)
