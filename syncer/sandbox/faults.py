"""Faults that a sandbox can be told to commit, by request index, verb and path.

A fault happens either *before* the tracker's handler has run (nothing was changed) or *after* it (the change is
committed, the answer is not what the client hoped for). Each kind has a natural default; `Fault.after_commit`
overrides it, so that every kind can be tried on both sides of the commit.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from syncer.sandbox.errors import SandboxError

FaultKind = Literal[
    "close-before-commit",
    "commit-then-close",
    "commit-then-502",
    "html-200",
    "truncated-json",
    "truncated-body",
    "401",
    "403-secondary",
    "404",
    "429",
    "slow",
    "500",
    "502",
    "503",
]
FAULT_KINDS: frozenset[str] = frozenset(get_args(FaultKind))

_AFTER_COMMIT_BY_DEFAULT = frozenset(
    {"commit-then-close", "commit-then-502", "truncated-json", "truncated-body", "slow"}
)
# Their names say on which side of the commit they fall, or there is no answer to cut short without a commit.
_ONE_SIDED = frozenset(
    {"close-before-commit", "commit-then-close", "commit-then-502", "truncated-json", "truncated-body"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of failure and the requests it strikes; a condition left None matches every request.

    `index` counts the tracker requests since the last reset from 0, `path` is a regular expression searched in the
    whole request path, `times` is how many matching requests are struck, `seconds` is the delay of `slow`,
    `retry_after` the seconds (or HTTP date) of a Retry-After header on 403, 429 and 503; None sends no such header.
    """

    kind: FaultKind
    index: int | None = None
    verb: str | None = None
    path: str | None = None
    times: int = 1
    seconds: float = 1.0
    retry_after: str | None = "1"
    after_commit: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist or a path that is no regular expression."""
        if self.kind not in FAULT_KINDS:
            raise SandboxError(f"unknown fault kind {self.kind!r}: expected one of {', '.join(sorted(FAULT_KINDS))}")
        if self.after_commit is not None and self.kind in _ONE_SIDED:
            raise SandboxError(f"fault kind {self.kind!r} has only one side of the commit: leave after_commit out")
        if self.path is not None:
            try:
                re.compile(self.path)
            except re.error as error:
                raise SandboxError(f"fault path {self.path!r} is not a regular expression: {error}") from error

    @property
    def commits(self) -> bool:
        """True when the tracker's handler runs before this fault shows."""
        return self.kind in _AFTER_COMMIT_BY_DEFAULT if self.after_commit is None else self.after_commit

    def strikes(self, index: int, verb: str, path: str) -> bool:
        """True when the request with this index, verb and path meets every condition."""
        return (
            (self.index is None or self.index == index)
            and (self.verb is None or self.verb.upper() == verb.upper())
            and (self.path is None or re.search(self.path, path) is not None)
        )


class FaultPlan:
    """The faults still to come, in the order they were added; safe to use from several threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        """Start with `faults`."""
        self.rewriting: Callable[[str, bytes], bytes] | None = None
        """Makes another body of each that is answered, from the path that was asked for and the true one."""
        self._lock = threading.Lock()
        self._poison: list[tuple[bytes, Fault]] = []
        self._pending: list[tuple[Fault, int]] = [(fault, fault.times) for fault in faults]
        self._held: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        """The requests that are slow just now."""

    def poison(self, words: str, fault: Fault) -> None:
        """Let `fault` strike every request it matches whose body holds `words`, as often as it comes."""
        with self._lock:
            self._poison.append((json.dumps(words)[1:-1].encode(), fault))

    def poisoned(self, index: int, verb: str, path: str, body: bytes) -> Fault | None:
        """Return the fault that the words in a request's body bring about, or None."""
        with self._lock:
            there = (fault for words, fault in self._poison if words in body)
            return next((fault for fault in there if fault.strikes(index, verb, path)), None)

    def add(self, fault: Fault) -> None:
        """Append `fault` to the plan."""
        with self._lock:
            self._pending.append((fault, fault.times))

    def clear(self) -> None:
        """Forget every fault that has not struck yet."""
        with self._lock:
            self._pending.clear()
            self._poison.clear()

    async def hold(self, seconds: float) -> None:
        """Hold a request up for so long, or until `release`."""
        one = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._held.add(one)
        try:
            await asyncio.wait_for(one[1].wait(), seconds)
        except TimeoutError:
            return
        finally:
            with self._lock:
                self._held.discard(one)

    def release(self) -> None:
        """Let every request go on that is slow just now."""
        with self._lock:
            for loop, event in self._held:
                loop.call_soon_threadsafe(event.set)

    def pending(self) -> list[tuple[Fault, int]]:
        """Return the faults still to come, each with how often it may still strike."""
        with self._lock:
            return list(self._pending)

    def take(self, index: int, verb: str, path: str) -> Fault | None:
        """Return the first fault that strikes this request and use up one of its times, or None."""
        with self._lock:
            for position, (fault, times) in enumerate(self._pending):
                if fault.strikes(index, verb, path):
                    if times > 1:
                        self._pending[position] = (fault, times - 1)
                    else:
                        del self._pending[position]
                    return fault
            return None


@dataclass(frozen=True, slots=True)
class FaultAnswer:
    """The answer a client gets in place of the tracker's own."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


_GATEWAY_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Gateway</title></head>"
    b"<body><h1>We'll be right back</h1><p>The service is being upgraded.</p></body></html>\n"
)
_HTML = ("content-type", "text/html; charset=utf-8")
_JSON = ("content-type", "application/json; charset=utf-8")

_GITHUB_BODIES = {
    401: b'{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}',
    403: (
        b'{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",'
        b'"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api'
        b'#about-secondary-rate-limits","status":"403"}'
    ),
    404: b'{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}',
    429: (
        b'{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",'
        b'"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api'
        b'#about-secondary-rate-limits","status":"429"}'
    ),
    500: b'{"message":"Server Error","documentation_url":"https://docs.github.com/rest","status":"500"}',
    503: b'{"message":"Service Unavailable","documentation_url":"https://docs.github.com/rest","code":"503"}',
}
_JIRA_BODIES = {
    401: b'{"errorMessages":["Client must be authenticated to access this resource."],"errors":{}}',
    403: b'{"errorMessages":["You do not have the permission to see the specified issue."],"errors":{}}',
    404: b'{"errorMessages":["Issue does not exist or you do not have permission to see it."],"errors":{}}',
    429: b'{"errorMessages":["Rate limit exceeded."],"errors":{}}',
    500: b'{"errorMessages":["Internal server error"],"errors":{}}',
    503: b'{"errorMessages":["Service unavailable"],"errors":{}}',
}


def fault_answer(fault: Fault, tracker: str) -> FaultAnswer | None:
    """Return what `fault` answers in place of `tracker` ("github" or "jira"); None for faults that cut or delay."""
    match fault.kind:
        case "close-before-commit" | "commit-then-close" | "truncated-json" | "truncated-body" | "slow":
            return None
        case "html-200":
            return FaultAnswer(200, (_HTML,), _GATEWAY_PAGE)
        case "commit-then-502" | "502":
            return FaultAnswer(502, (_HTML,), _GATEWAY_PAGE)
        case "401" | "404" | "500":
            return _tracker_error(int(fault.kind), tracker, None)
        case "403-secondary":
            return _tracker_error(403, tracker, fault.retry_after)
        case "429" | "503":
            return _tracker_error(int(fault.kind), tracker, fault.retry_after)
        case _:
            assert_never(fault.kind)


def _tracker_error(status: int, tracker: str, retry_after: str | None) -> FaultAnswer:
    """Return an error in the shape of `tracker`, with a Retry-After header when one is given."""
    bodies = _JIRA_BODIES if tracker == "jira" else _GITHUB_BODIES
    headers = (_JSON,) if retry_after is None else (_JSON, ("retry-after", retry_after))
    return FaultAnswer(status, headers, bodies[status])
