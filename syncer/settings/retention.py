"""How long the state keeps what nothing is decided by any more, as it is configured."""

from __future__ import annotations

from datetime import timedelta

from pydantic import field_validator

from syncer.core.retention import Retention
from syncer.settings.table import ConfigTable, Duration

SHORTEST = timedelta(days=35)
"""A report compares a week with the four before it."""


class RetentionSettings(ConfigTable):
    """`[retention]`: how long the state keeps what nothing is decided by any more."""

    runs: Duration = timedelta(days=90)
    """For how long each run stands on record. Those that had nothing to do are one row a day from the start."""
    writes: Duration = timedelta(days=90)
    """For how long each update is known with what was sent, and old texts in full. Markers are kept for good."""
    history: Duration | None = None
    """For how long it is known who changed which field. Without it: for good; the report looks back as far."""

    @field_validator("runs", "writes", "history")
    @classmethod
    def _long_enough(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < SHORTEST:
            raise ValueError(f"at least {SHORTEST.days}d: a report compares a week with the four before it")
        return value

    @property
    def kept(self) -> Retention:
        """The same for the store."""
        return Retention(self.runs, self.writes, self.history)
