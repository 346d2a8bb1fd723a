"""The record of every request a sandbox answered: what tests, benchmarks and the specification checks read."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One tracker request and its answer; `status` is None when the connection was cut without one.

    `at` is the sandbox's time of arrival, `path` the decoded path from the server's root (`/api/v3/...`, `/jira/...`),
    `query` the raw query string, `user` the login or account that the credentials stood for (None for anonymous or
    rejected ones), `fault` the kind of the injected fault. Bodies are empty when their recording is switched off.
    """

    index: int
    tracker: str
    verb: str
    path: str
    query: str
    status: int | None
    request_body: bytes
    response_body: bytes
    user: str | None
    content_type: str
    fault: str | None
    at: datetime

    @property
    def request_json(self) -> Any:
        """The request body parsed as JSON, None when it is empty; raises ValueError when it is not JSON."""
        return json.loads(self.request_body) if self.request_body else None

    @property
    def response_json(self) -> Any:
        """The response body parsed as JSON, None when it is empty; raises ValueError when it is not JSON."""
        return json.loads(self.response_body) if self.response_body else None

    def as_json(self) -> dict[str, object]:
        """Return the exchange as the JSON object `/_sandbox/requests` serves."""
        return {
            "index": self.index,
            "at": self.at.isoformat(),
            "tracker": self.tracker,
            "verb": self.verb,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "user": self.user,
            "fault": self.fault,
            "request_body": self.request_body.decode("utf-8", "replace"),
            "response_body": self.response_body.decode("utf-8", "replace"),
        }


class RequestLog:
    """The exchanges since the last reset in the order they ended; safe to read while requests arrive."""

    def __init__(self) -> None:
        """Start empty, with bodies recorded."""
        self.record_bodies = True
        self._lock = threading.Lock()
        self._arrival = threading.Condition(self._lock)
        self._entries: list[Exchange] = []
        self._next_index = 0

    @property
    def entries(self) -> Sequence[Exchange]:
        """A snapshot of every recorded exchange."""
        with self._lock:
            return tuple(self._entries)

    def next_index(self) -> int:
        """Return the index of the tracker request that just arrived, counted from 0 since the last reset."""
        with self._lock:
            index = self._next_index
            self._next_index += 1
            self._arrival.notify_all()
            return index

    def wait_for_arrival(self, index: int, timeout: float) -> bool:
        """Block until the request of that index has arrived, answered or not; False after `timeout` seconds."""
        with self._lock:
            return self._arrival.wait_for(lambda: self._next_index > index, timeout)

    def append(self, exchange: Exchange) -> None:
        """Record a finished exchange."""
        with self._lock:
            self._entries.append(exchange)

    def reset(self) -> None:
        """Forget every exchange and count requests from 0 again."""
        with self._lock:
            self._entries.clear()
            self._next_index = 0

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many requests each tracker got, by verb: `{"github": {"GET": 2}, "jira": {"POST": 1}}`."""
        found: dict[str, Counter[str]] = {}
        for entry in self.entries:
            found.setdefault(entry.tracker, Counter())[entry.verb] += 1
        return found

    def count(self, tracker: str | None = None, *verbs: str) -> int:
        """Return how many requests `tracker` (None: both) got, of `verbs` when any are given."""
        return sum(
            1
            for entry in self.entries
            if (tracker is None or entry.tracker == tracker) and (not verbs or entry.verb in verbs)
        )

    def writes(self, tracker: str | None = None) -> Sequence[Exchange]:
        """Return the exchanges that could have changed `tracker` (None: either), which a search by POST cannot."""
        return tuple(
            entry
            for entry in self.entries
            if (tracker is None or entry.tracker == tracker)
            and entry.verb not in ("GET", "HEAD", "OPTIONS")
            and not _reads_by_post(entry)
        )


_READING_POSTS = (
    "/search",
    "/search/jql",
    "/search/approximate-count",
    "/issue/bulkfetch",
    "/changelog/bulkfetch",
    "/comment/list",
    "/permissions/check",
    "/jql/parse",
)


def _reads_by_post(entry: Exchange) -> bool:
    """True for Jira's reading endpoints that take their question in a POST body, and GitHub's token exchange."""
    if entry.tracker == "jira":
        return entry.verb == "POST" and entry.path.endswith(_READING_POSTS)
    return entry.path.endswith("/access_tokens")
