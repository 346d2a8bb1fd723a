"""One pass over one pair, or several of a day that had nothing to do, as the report counts them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from syncer.report.model.window import Window


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One pass over one pair."""

    started_at: datetime
    finished_at: datetime | None
    outcome: str
    writes: int
    message: str = ""
    watches: bool = False
    """It only read both sides, as the configuration wants it."""
    count: int = 1
    """How many runs it stands for: others of its day and outcome that had nothing to do are not kept one by one."""
    since: datetime | None = None
    """When the first of them began; they are taken to have been evenly spread."""

    def until(self, moment: datetime) -> SyncRun | None:
        """What had begun of it by a moment; None where nothing had."""
        if self.started_at <= moment:
            return self
        if self.since is None or self.since > moment:
            return None
        share = (moment - self.since) / (self.started_at - self.since)
        return replace(self, started_at=moment, finished_at=moment, count=1 + round((self.count - 1) * share))

    def begun_in(self, window: Window) -> int:
        """How many of the runs it stands for began in a window."""
        if self.since is None or self.since == self.started_at:
            return self.count if self.started_at in window else 0
        overlap = min(self.started_at, window.end) - max(self.since, window.start)
        return round(self.count * max(overlap / (self.started_at - self.since), 0.0))

    @property
    def complete(self) -> bool:
        """Whether both sides were read to the end. A run that retries single items has; one that stopped says why."""
        return self.outcome in {"clean", "held"} or (self.outcome == "partial" and not self.message)
