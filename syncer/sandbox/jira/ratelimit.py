"""Counts requests against a token bucket and says what the rate headers hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from syncer.sandbox.jira.problems import JiraError


@dataclass(slots=True)
class RateLimit:
    """A bucket per account of `capacity` requests, refilled by `fill_rate` requests every `interval` seconds.

    Capacity 0 means no limit.
    """

    capacity: int = 0
    fill_rate: int = 1
    interval: int = 1
    _buckets: dict[str, tuple[float, datetime]] = field(default_factory=dict)

    def take(self, account: str, now: datetime) -> dict[str, str]:
        """Takes one request from the account's bucket and returns the headers to send.

        Raises a 429 with `Retry-After` when it is empty.
        """
        if self.capacity == 0:
            return {}
        level, since = self._buckets.get(account, (float(self.capacity), now))
        level = min(float(self.capacity), level + (now - since).total_seconds() * self.fill_rate / self.interval)
        if level < 1:
            self._buckets[account] = (level, now)
            wait = max(1, math.ceil((1 - level) * self.interval / self.fill_rate))
            headers = {**self._headers(0), "Retry-After": str(wait), "RateLimit-Reason": "jira-burst-based"}
            raise JiraError(429, ["Rate limit exceeded."], headers=headers)
        self._buckets[account] = (level - 1, now)
        return self._headers(int(level - 1))

    def _headers(self, remaining: int) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.capacity),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Interval-Seconds": str(self.interval),
            "X-RateLimit-FillRate": str(self.fill_rate),
        }
