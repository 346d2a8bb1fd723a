"""Primary and secondary rate limits.

Primary: a number of requests in an hour that starts with the first one, per user, installation or (anonymous)
address. Secondary: how much content an account may create in any 60 seconds and in any hour.
Sources: docs.github.com, "Rate limits for the REST API".
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncer.sandbox.github.behaviour import Behaviour
from syncer.sandbox.github.problems import Problem

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_ABOUT = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"


@dataclass(slots=True)
class _Window:
    """One hour of one account: when it ends and how many requests it has used."""

    reset: datetime
    used: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands against the primary limit; `reset` in whole seconds since the epoch."""

    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """Requests left in this window."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """Return the rate limit headers every answer carries."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(self.reset),
            "x-ratelimit-resource": "core",
        }

    def as_json(self) -> dict[str, int]:
        """Return the object `/rate_limit` shows."""
        return {"limit": self.limit, "used": self.used, "remaining": self.remaining, "reset": self.reset}


@dataclass(slots=True)
class Limits:
    """The counters behind both limits, by whoever is counted (`user:7`, `installation:3`, `anonymous`)."""

    behaviour: Behaviour
    _windows: dict[str, _Window] = field(default_factory=dict)
    _creations: dict[str, deque[datetime]] = field(default_factory=dict)

    def standing(self, who: str, now: datetime) -> Standing | None:
        """Return how `who` stands, None when there is no primary limit."""
        limit = self.behaviour.anonymous_limit if who == "anonymous" else self.behaviour.primary_limit
        if self.behaviour.primary_limit is None or limit is None:
            return None
        window = self._window(who, now)
        return Standing(limit, window.used, int(window.reset.timestamp()))

    def spend(self, who: str, now: datetime) -> None:
        """Count one request of `who`; raise the 403 of an exhausted primary limit."""
        standing = self.standing(who, now)
        if standing is None:
            return
        if standing.remaining == 0:
            whom = f"for {who.replace(':', ' ID ')}" if ":" in who else "for 127.0.0.1"
            raise Problem(403, f"API rate limit exceeded {whom}.", documentation_url=_ABOUT)
        self._window(who, now).used += 1

    def give_back(self, who: str, now: datetime) -> None:
        """Uncount one request of `who`: a 304 is free."""
        window = self._window(who, now)
        window.used = max(0, window.used - 1)

    def create_content(self, who: str, now: datetime) -> None:
        """Count one content creation of `who`; raise the 403 of the secondary limit, with Retry-After in seconds."""
        recent = self._creations.setdefault(who, deque())
        while recent and recent[0] <= now - _HOUR:
            recent.popleft()
        waits = (
            _wait(recent, self.behaviour.content_per_minute, _MINUTE, now),
            _wait(recent, self.behaviour.content_per_hour, _HOUR, now),
        )
        if any(waits):
            raise Problem(
                403,
                "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
                "Please retry your request again later.",
                headers={"retry-after": str(max(waits))},
                documentation_url=f"{_ABOUT}#about-secondary-rate-limits",
            )
        recent.append(now)

    def _window(self, who: str, now: datetime) -> _Window:
        """Return the current window of `who`, a fresh one when the last is over."""
        window = self._windows.get(who)
        if window is None or window.reset <= now:
            window = self._windows[who] = _Window(now + _HOUR)
        return window


def _wait(recent: deque[datetime], limit: int | None, span: timedelta, now: datetime) -> int:
    """Return the seconds until one more creation fits into `span`, 0 when it fits now."""
    if limit is None:
        return 0
    inside = [when for when in recent if when > now - span]
    if len(inside) < limit:
        return 0
    return max(1, math.ceil((inside[len(inside) - limit] + span - now).total_seconds()))
