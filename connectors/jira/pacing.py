"""What Jira says of its rate limits, and from when on the next request may be sent. Sends nothing, waits for nothing.

Why. A limit has a scope, and only what is in it needs to wait. Cloud has three limiters at once: writes to one issue,
requests a second to one endpoint, points an hour for all; a 429 names the one that refused. Data Center gives an
account one bucket of tokens, and every answer says how full it is.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final

from connectors.transport import LONGEST_WAIT, moment_of, retry_after, whole_number
from syncer.contract.capabilities import RateLimit
from syncer.contract.errors import Retryable

NEAR: Final = "near-limit"
"""Under which answers are counted that warn of a limit."""
NEAR_GAP: Final = 1.0
"""Seconds between two requests while Jira warns that its quota is nearly used up."""
FIRST_WAIT: Final = 2.0
"""Seconds to wait where a refusal names no time, doubled with each that follows."""
LONGEST_UNTOLD: Final = 30.0
FIRST_GAP: Final = 0.05
"""Seconds between two requests to an endpoint that refused one, at least; doubled with each that follows."""
LONGEST_GAP: Final = 5.0
CALM: Final = 30
"""After so many requests that were taken the gap of an endpoint is halved."""

_QUOTA: Final = "jira-quota-"
_ID: Final = re.compile(r"/(?:\d+|[A-Z][A-Z0-9_]*-\d+)(?=/|$)")
_ISSUE: Final = re.compile(r"/issue/(\d+|[A-Z][A-Z0-9_]*-\d+)(?=/|$)")
_MANY: Final = 1_000
"""So many scopes are remembered before those are forgotten that no limit concerns any more."""


class Reason(StrEnum):
    """Which limiter refused a request, as Cloud names it."""

    ISSUE = "jira-per-issue-on-write"
    BURST = "jira-burst-based"
    QUOTA = "jira-quota"
    UNNAMED = "unnamed"
    """Data Center, a gateway, or a limiter that is not documented: everything waits."""


class Limited(Retryable):
    """A rate limit refused the request, which had no effect."""

    def __init__(self, message: str, reason: Reason, after: timedelta | None) -> None:
        super().__init__(message, after=after, budget=reason is not Reason.ISSUE, item=reason is Reason.ISSUE)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as limits count it."""

    verb: str
    path: str
    """Below the REST API: `/issue/10001/comment`."""
    writing: bool
    ends: tuple[str, ...] = ()
    """Ids of the issues that a new link joins: its body names them, not its path."""

    @property
    def endpoint(self) -> str:
        """The operation without the ids in its path."""
        return f"{self.verb} {_ID.sub('/*', self.path)}"

    @property
    def issues(self) -> tuple[str, ...]:
        """The issues it writes to; none for anything else, and for what does not name them."""
        found = _ISSUE.match(self.path) if self.writing else None
        return tuple(f"issue {native}" for native in ((found[1],) if found else self.ends))


@dataclass(frozen=True, slots=True)
class _Closed:
    """A scope to which nothing is sent for a while."""

    until: float
    reason: Reason


@dataclass(slots=True)
class _Gap:
    """How far apart the requests to one endpoint are kept."""

    seconds: float
    free: float = 0.0
    """From when on the next one may be sent."""
    taken: int = 0
    """Requests that were taken since it last changed."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many requests at once, and so many a second after that. Size 0 means no limit."""

    size: float = 0.0
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class _Level:
    """How many requests a bucket had left at a moment."""

    left: float
    at: float


_EVERYTHING: Final = ""


class Pacing:
    """The limits of one account, as far as Jira told them, and the documented ones of writes to one issue.

    The sessions of an account share it, each in its own thread.
    """

    def __init__(self, monotonic: Callable[[], float], issue_writes: Sequence[RateLimit] = ()) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._issue_bucket = bucket_within(issue_writes)
        self._closed: dict[str, _Closed] = {}
        self._refusals: Counter[str] = Counter()
        """Refusals of a scope one after the other."""
        self._gaps: dict[str, _Gap] = {}
        self._writes: dict[str, _Level] = {}
        """How full the bucket of each issue is that was written lately."""
        self._near = False
        self._last = float("-inf")
        self.counted: Counter[str] = Counter()
        """Refusals by the reason that was given for them, and answers that warned."""

    def book(self, call: Call, most: float) -> tuple[float, Reason]:
        """Seconds until a request may be sent (0 for now), and the limiter it waits for.

        It counts as sent then: who asks next waits behind it. Not where it would wait for more than `most` seconds.
        """
        with self._lock:
            wait, reason = self.wait(call)
            if wait <= most:
                self._sent(call, self._monotonic() + wait)
            return wait, reason

    def wait(self, call: Call) -> tuple[float, Reason]:
        """Seconds until a request may be sent (0 for now), and the limiter it waits for."""
        now = self._monotonic()
        found = [(closed.until - now, closed.reason) for scope in _scopes(call) if (closed := self._closed.get(scope))]
        if (gap := self._gaps.get(call.endpoint)) is not None:
            found.append((gap.free - now, Reason.BURST))
        if self._near:
            found.append((self._last + NEAR_GAP - now, Reason.QUOTA))
        found += [(self._until_written(issue, now), Reason.ISSUE) for issue in call.issues]
        longest = max(found, key=lambda each: each[0], default=(0.0, Reason.UNNAMED))
        return max(longest[0], 0.0), longest[1]

    def _until_written(self, issue: str, now: float) -> float:
        """Seconds until a write to an issue keeps the limits of such writes."""
        level = self._level(issue, now)
        return 0.0 if level is None or level >= 1 else (1 - level) / self._issue_bucket.rate

    def _level(self, issue: str, now: float) -> float | None:
        """The writes an issue takes now; None where nothing limits them."""
        bucket = self._issue_bucket
        if not bucket.size:
            return None
        known = self._writes.get(issue)
        return bucket.size if known is None else min(bucket.size, known.left + (now - known.at) * bucket.rate)

    def sent(self, call: Call) -> None:
        """Notes that a request is sent now."""
        with self._lock:
            self._sent(call, self._monotonic())

    def _sent(self, call: Call, now: float) -> None:
        self._last = max(self._last, now)
        if (gap := self._gaps.get(call.endpoint)) is not None:
            gap.free = now + gap.seconds
        for issue in call.issues:
            if (level := self._level(issue, now)) is not None:
                self._note_write(issue, _Level(level - 1, now))

    def _note_write(self, issue: str, level: _Level) -> None:
        if len(self._writes) >= _MANY:
            full = level.at - self._issue_bucket.size / self._issue_bucket.rate
            self._writes = {each: left for each, left in self._writes.items() if left.at > full}
        self._writes[issue] = level

    def told(self, call: Call, status: int, headers: Mapping[str, str]) -> Counter[str]:
        """Notes what an answer says, and counts it as `counted` does. Header names are lower case."""
        with self._lock:
            before = self.counted.copy()
            self._told(call, status, headers)
            return self.counted - before

    def _told(self, call: Call, status: int, headers: Mapping[str, str]) -> None:
        self._near = headers.get("x-ratelimit-nearlimit", "").lower() == "true"
        if self._near:
            self.counted[NEAR] += 1
        if is_refusal(status, headers):
            self._refused(call, headers)
            return
        for scope in _scopes(call):
            self._refusals.pop(scope, None)
        self._calm_down(call.endpoint)
        if "x-ratelimit-fillrate" in headers and headers.get("x-ratelimit-remaining") == "0":
            # Data Center: this answer took the last token, and the next request would be refused.
            wait = wait_told(headers)
            self._close(_EVERYTHING, Reason.UNNAMED, wait.total_seconds() if wait else 0.0)

    def _refused(self, call: Call, headers: Mapping[str, str]) -> None:
        reason = reason_of(headers)
        self.counted[headers.get("ratelimit-reason") or Reason.UNNAMED.value] += 1
        if reason is Reason.BURST:
            self._widen(call.endpoint, headers)
        told = wait_told(headers)
        for scope in _closed_by(reason, call):
            untold = min(FIRST_WAIT * 2 ** self._refusals[scope], LONGEST_UNTOLD)
            self._refusals[scope] += 1
            self._close(scope, reason, untold if told is None else told.total_seconds())

    def _close(self, scope: str, reason: Reason, seconds: float) -> None:
        now = self._monotonic()
        if len(self._closed) >= _MANY:
            self._closed = {each: closed for each, closed in self._closed.items() if closed.until > now}
        self._closed[scope] = _Closed(now + seconds, reason)

    def _widen(self, endpoint: str, headers: Mapping[str, str]) -> None:
        """Keeps the requests to an endpoint further apart: as far as its limit says at first, then twice as far."""
        limit = whole_number(headers.get("x-ratelimit-limit", ""), 100_000)
        gap = self._gaps.get(endpoint)
        seconds = max(1 / limit if limit else 0.0, FIRST_GAP) if gap is None else gap.seconds * 2
        self._gaps[endpoint] = _Gap(min(seconds, LONGEST_GAP))

    def _calm_down(self, endpoint: str) -> None:
        gap = self._gaps.get(endpoint)
        if gap is None:
            return
        gap.taken += 1
        if gap.taken >= CALM:
            gap.seconds, gap.taken = gap.seconds / 2, 0
            if gap.seconds < FIRST_GAP:
                del self._gaps[endpoint]


def bucket_within(limits: Sequence[RateLimit]) -> Bucket:
    """The largest bucket that keeps a short and a long window: waits stay short, where counting both would end in one.

    Within `seconds` a bucket gives at most `size + rate * seconds`, which is the amount of either window.
    """
    if not limits:
        return Bucket()
    short, long = sorted(limits, key=lambda limit: limit.seconds)
    rate = (long.amount - short.amount) / (long.seconds - short.seconds)
    return Bucket(math.floor(short.amount - rate * short.seconds), rate)


def _scopes(call: Call) -> tuple[str, ...]:
    return _EVERYTHING, call.endpoint, *call.issues


def _closed_by(reason: Reason, call: Call) -> tuple[str, ...]:
    """The scopes of a limiter that refused a request."""
    match reason:
        case Reason.ISSUE:
            return call.issues or (call.endpoint,)
        case Reason.BURST:
            return (call.endpoint,)
        case _:
            return (_EVERYTHING,)


def is_refusal(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer is that of a rate limit: 429, or 403 with a time to wait, as gateways answer.

    Data Center with rate limits says in every answer when there are new tokens, also in that to a forbidden request.
    """
    return status == 429 or (status == 403 and bool(retry_after(headers)) and not counts_tokens(headers))


def reason_of(headers: Mapping[str, str]) -> Reason:
    """Which limiter a 429 is of."""
    named = headers.get("ratelimit-reason", "").strip().lower()
    if named.startswith(_QUOTA):
        return Reason.QUOTA
    return next((reason for reason in (Reason.ISSUE, Reason.BURST) if reason.value == named), Reason.UNNAMED)


def wait_told(headers: Mapping[str, str]) -> timedelta | None:
    """How long the headers of a refusal, or of an answer that took the last token, ask to wait; None where they do not.

    `Retry-After`; else `X-RateLimit-Reset` by the server's own clock (Cloud, ISO 8601); else the time in which Data
    Center hands out new tokens.
    """
    after = retry_after(headers)
    if after:
        return after
    reset, now = _moment(headers.get("x-ratelimit-reset", "")), moment_of(headers.get("date", ""))
    if reset is not None and now is not None:
        return min(max(reset - now, timedelta(0)), LONGEST_WAIT)
    interval = whole_number(headers.get("x-ratelimit-interval-seconds", ""), int(LONGEST_WAIT.total_seconds()))
    return after if interval is None else timedelta(seconds=interval)


def is_of_the_limiter(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer shows that Jira itself refused a request before it did anything, so that it may be repeated."""
    return status == 429 and (wait_told(headers) is not None or reason_of(headers) is not Reason.UNNAMED)


def counts_tokens(headers: Mapping[str, str]) -> bool:
    """Whether an answer is of a Data Center with rate limits, which says `Retry-After` whatever its status is."""
    return "x-ratelimit-fillrate" in headers


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
