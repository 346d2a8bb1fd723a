"""Counts requests against the rate limits of a site, and says what its headers hold.

Data Center gives every account one bucket of tokens. Cloud has three limiters at once, each with a scope of its own:
requests a second to one endpoint, writes to one issue, and points an hour. Sources: developer.atlassian.com, "Rate
limiting" (Jira Cloud); confluence.atlassian.com, "Improving instance stability with rate limiting" (Data Center).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from syncer.sandbox.errors import SandboxError
from syncer.sandbox.jira.problems import JiraError
from syncer.sandbox.jira.records import Deployment

HOUR: Final = timedelta(hours=1)
NEAR: Final = 0.2
"""Below this part of the quota an answer says that the limit is near."""
ISSUE_WRITES: Final = ((20, 2), (100, 30))
"""Writes to one issue, and the seconds within which no more are taken, as documented."""
TOO_MANY: Final = (
    b"<!doctype html><html lang='en'><head><title>HTTP Status 429 - Too Many Requests</title></head><body>"
    b"<h1>HTTP Status 429 - Too Many Requests</h1><p><b>Message</b> Rate limit exceeded.</p></body></html>"
)
"""The page that Data Center's web server answers, for it refuses before the REST interface is reached."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request counts against."""

    account: str
    verb: str
    endpoint: str
    """The path of the operation, as the documentation writes it: `/issue/{issue}/comment`."""
    issue: str = ""
    """The issue a write is below; empty for a read."""

    @property
    def reads(self) -> bool:
        """A GET. Cloud counts a POST that searches as what it is to the limiter of bursts: a POST."""
        return self.verb == "GET"


class Limiter(Protocol):
    """The rate limits of a site."""

    def take(self, operation: Operation, now: datetime) -> dict[str, str]:
        """Counts one request and returns the headers to send. Raises a 429 where it is one too many."""
        ...


@dataclass(slots=True)
class RateLimit:
    """Data Center: a bucket an account of `capacity` tokens, refilled by `fill_rate` tokens every `interval` seconds.

    Capacity 0 means no limit. Every answer says how many tokens are left, and in how many seconds there are new ones:
    0 while there are some.
    """

    capacity: int = 0
    fill_rate: int = 1
    interval: int = 1
    _buckets: dict[str, tuple[float, datetime]] = field(default_factory=dict)

    def take(self, operation: Operation, now: datetime) -> dict[str, str]:
        """Takes one token from the account's bucket. Raises a 429 when it is empty."""
        if self.capacity == 0:
            return {}
        level, since = self._buckets.get(operation.account, (float(self.capacity), now))
        level = min(float(self.capacity), level + (now - since).total_seconds() * self.fill_rate / self.interval)
        if level < 1:
            self._buckets[operation.account] = (level, now)
            raise JiraError(429, headers=self._headers(level), page=TOO_MANY)
        self._buckets[operation.account] = (level - 1, now)
        return self._headers(level - 1)

    def _headers(self, level: float) -> dict[str, str]:
        wait = 0 if level >= 1 else max(1, math.ceil((1 - level) * self.interval / self.fill_rate))
        return {
            "X-RateLimit-Limit": str(self.capacity),
            "X-RateLimit-Remaining": str(int(level)),
            "X-RateLimit-Interval-Seconds": str(self.interval),
            "X-RateLimit-FillRate": str(self.fill_rate),
            "Retry-After": str(wait),
        }


@dataclass(slots=True)
class CloudLimits:
    """The three limiters of Cloud; what is 0 or empty does not limit."""

    burst: int = 0
    """Requests that an endpoint takes at once, by verb."""
    rate: int = 10
    """Requests a second that are taken again once it took too many."""
    endpoints: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """`burst` of single endpoints, by verb and path."""
    issue_writes: tuple[tuple[int, int], ...] = ()
    """Writes to one issue, and the seconds within which no more are taken: `ISSUE_WRITES`."""
    quota: int = 0
    """Points that the requests of the site may cost in one hour of the clock; every request costs one."""
    _tokens: dict[tuple[str, str], tuple[float, datetime]] = field(default_factory=dict)
    _writes: dict[str, deque[datetime]] = field(default_factory=dict)
    _spent: dict[datetime, int] = field(default_factory=dict)

    def take(self, operation: Operation, now: datetime) -> dict[str, str]:
        """Counts one request against all three. Raises a 429 that names the limiter which refuses it."""
        near = self._take_points(now)
        headers = self._take_token(operation, now)
        self._take_write(operation, now)
        return {**headers, **near}

    def _take_points(self, now: datetime) -> dict[str, str]:
        if not self.quota:
            return {}
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        left = self.quota - self._spent.get(hour, 0)
        if left <= 0:
            raise _refused("jira-quota-tenant-based", now, hour + HOUR - now, self.quota)
        self._spent[hour] = self._spent.get(hour, 0) + 1
        near = {"X-RateLimit-NearLimit": "true"} if left - 1 < NEAR * self.quota else {}
        return {"X-RateLimit-Limit": str(self.quota), "X-RateLimit-Remaining": str(left - 1), **near}

    def _take_token(self, operation: Operation, now: datetime) -> dict[str, str]:
        place = operation.verb, operation.endpoint
        size = self.endpoints.get(place, self.burst)
        if not size:
            return {}
        level, since = self._tokens.get(place, (float(size), now))
        level = min(float(size), level + (now - since).total_seconds() * self.rate)
        if level < 1:
            raise _refused("jira-burst-based", now, timedelta(seconds=(1 - level) / self.rate), self.rate)
        self._tokens[place] = (level - 1, now)
        return {"X-RateLimit-Limit": str(self.rate), "X-RateLimit-Remaining": str(int(level - 1))}

    def _take_write(self, operation: Operation, now: datetime) -> None:
        if not self.issue_writes or not operation.issue:
            return
        written = self._writes.setdefault(operation.issue, deque())
        longest = max(seconds for _, seconds in self.issue_writes)
        while written and now - written[0] >= timedelta(seconds=longest):
            written.popleft()
        for amount, seconds in self.issue_writes:
            window = [moment for moment in written if now - moment < timedelta(seconds=seconds)]
            if len(window) >= amount:
                free = window[len(window) - amount] + timedelta(seconds=seconds)
                raise _refused("jira-per-issue-on-write", now, free - now, amount)
        written.append(now)


def limiter(deployment: Deployment, given: Mapping[str, Any]) -> Limiter:
    """The rate limits of a deployment by their numbers, with `"issue_writes": true` for those that are documented.

    Raises SandboxError for a name that it does not have, and for what is no whole number.
    """
    cloud = deployment == "cloud"
    known = {"burst": 0, "rate": 10, "quota": 0} if cloud else {"capacity": 0, "fill_rate": 1, "interval": 1}
    numbers = {name: value for name, value in given.items() if not (cloud and name == "issue_writes")}
    wrong = sorted(name for name, value in numbers.items() if name not in known or type(value) is not int or value < 0)
    if wrong:
        raise SandboxError(f"limits are whole numbers: {', '.join(known)}; got {', '.join(wrong)}")
    chosen = {**known, **numbers}
    if not cloud:
        return RateLimit(chosen["capacity"], chosen["fill_rate"], chosen["interval"])
    writes = ISSUE_WRITES if given.get("issue_writes") is True else ()
    return CloudLimits(chosen["burst"], chosen["rate"], issue_writes=writes, quota=chosen["quota"])


def _refused(reason: str, now: datetime, wait: timedelta, limit: int) -> JiraError:
    """The 429 of one limiter, with the headers that only a 429 has."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    reset = (now + timedelta(seconds=seconds)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset,
        "RateLimit-Reason": reason,
        "Retry-After": str(seconds),
    }
    return JiraError(429, ["Rate limit exceeded."], headers=headers)
