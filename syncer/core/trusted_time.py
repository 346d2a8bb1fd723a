"""Which of the stored times may be believed: a clock that was wrong once must not stop anything for a year."""

from __future__ import annotations

from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""How far clocks may be apart and still be right."""

LONGEST_BACKOFF = timedelta(hours=24)
"""What failed again and again is put off no longer than this."""


def believed(moment: datetime | None, now: datetime, ahead: timedelta = timedelta(0)) -> datetime | None:
    """A stored time; None, as if it had never been stored, where it lies further in the future than a clock may err.

    `ahead` is how far in the future it may lie by its nature, as the time of the next attempt does.
    """
    if moment is None or moment > now + ahead + TOLERANCE:
        return None
    return moment


def elapsed(moment: datetime | None, now: datetime, wait: timedelta) -> bool:
    """Whether at least `wait` has passed since a stored time, or there is none to believe."""
    since = believed(moment, now)
    return since is None or now - since >= wait


def due(retry_at: datetime | None, now: datetime) -> bool:
    """Whether the time of a next attempt has come, or it lies further ahead than any attempt is put off."""
    at = believed(retry_at, now, LONGEST_BACKOFF)
    return at is None or at <= now
