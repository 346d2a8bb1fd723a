"""The one layer between the network and both trackers: counts, records, and commits faults."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncer.sandbox.clock import Clock
from syncer.sandbox.faults import Fault, FaultPlan, fault_answer
from syncer.sandbox.requestlog import Exchange, RequestLog
from syncer.sandbox.transport import cut_connection

ACTING_USER = "sandbox.user"
"""Key in `scope["state"]` under which a tracker's handler leaves the login or account that acts, for the log."""

_PREFIXES = (
    ("/api/v3/", "github"),
    ("/user-attachments/", "github"),
    ("/storage/", "github"),
    ("/private-user-images/", "github"),
    ("/jira/", "jira"),
    ("/ex/jira/", "jira"),
)


@dataclass(slots=True)
class _Answer:
    """A handler's answer, held back until it is known whether the client may see it."""

    status: int | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    rewritten: bool = False
    """It is not what the handler gave: no document describes it."""

    async def collect(self, message: Message) -> None:
        """Take in one ASGI message of the answer (the `send` given to the handler)."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def content_type(self) -> str:
        """Return the media type without parameters, "" when there is none."""
        for name, value in self.headers:
            if name.lower() == b"content-type":
                return value.decode("latin-1").partition(";")[0].strip()
        return ""

    def put_date(self, now: datetime) -> None:
        """Say when this was answered, to the second, as every real server and gateway does."""
        stamp = format_datetime(now, usegmt=True).encode()
        self.headers = [*((name, value) for name, value in self.headers if name.lower() != b"date"), (b"date", stamp)]

    async def give(self, send: Send, content_length: int | None = None) -> None:
        """Send this answer; `content_length` overrides the declared length (to cut a body short)."""
        length = len(self.body) if content_length is None else content_length
        headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        if self.status not in (204, 304):
            headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": length > len(self.body)})


@dataclass(frozen=True, slots=True)
class Change:
    """A request that a tracker carried out."""

    tracker: str
    verb: str
    path: str
    """Decoded."""
    request: bytes
    answer: bytes
    user: str | None


class Interception:
    """ASGI middleware around both trackers; requests of the control interface pass it unseen."""

    def __init__(self, application: ASGIApp, log: RequestLog, faults: FaultPlan, clock: Clock) -> None:
        """Wrap `application`, recording into `log` at the times of `clock` and taking faults from `faults`."""
        self._application = application
        self._log = log
        self._faults = faults
        self._clock = clock
        self.changed: Callable[[Change], None] | None = None
        """Takes what the trackers carried out, to tell others of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, through a fault when one strikes it."""
        tracker = _tracker_of(scope["path"]) if scope["type"] == "http" else None
        if tracker is None:
            await self._application(scope, receive, send)
            return
        try:
            await self._exchange(tracker, scope, receive, send)
        except asyncio.CancelledError:
            # The server is stopping and has cut the connection: a request that was held back has nobody to answer.
            return

    async def _exchange(self, tracker: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of a tracker.

        The exchange is recorded before its answer leaves, so that a client which has the answer finds it in the log. A
        request that is slow before its commit is committed even when its client has left meanwhile.
        """
        arrived = self._clock.now()
        index = self._log.next_index()
        body = await _read_body(receive)
        struck = (index, scope["method"], scope["path"])
        fault = self._faults.take(*struck) or self._faults.poisoned(*struck, body)
        answer = _Answer()
        if fault is not None and fault.kind == "slow" and not fault.commits:
            await self._faults.hold(fault.seconds)
        if fault is None or fault.commits or fault.kind == "slow":
            await self._application(scope, _replay(body, receive), answer.collect)
            self._tell(tracker, scope, body, answer)
            if self._faults.rewriting is not None:
                given, answer.body = answer.body, self._faults.rewriting(scope["path"], answer.body)
                answer.rewritten = answer.body != given
        delivery = _Delivery(answer) if fault is None else _spoil(answer, fault, tracker)
        if delivery.answer is not None:
            delivery.answer.put_date(self._clock.now())
        self._log.append(self._record(_Arrival(index, arrived, tracker, body, fault), scope, delivery))
        await delivery.give(self._faults, scope, receive, send)

    def _tell(self, tracker: str, scope: Scope, body: bytes, answer: _Answer) -> None:
        """Let webhooks tell of what was carried out, whether its client hears of it or not."""
        if self.changed is not None and scope["method"] not in {"GET", "HEAD"} and (answer.status or 500) < 300:
            user = scope["state"].get(ACTING_USER) or _basic_user(scope)
            self.changed(Change(tracker, scope["method"], scope["path"], body, answer.body, user))

    def _record(self, arrival: _Arrival, scope: Scope, delivery: _Delivery) -> Exchange:
        """Return the record of this request and of what its client is about to get."""
        answer = delivery.answer
        recording = self._log.record_bodies
        return Exchange(
            index=arrival.index,
            tracker=arrival.tracker,
            verb=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            status=None if answer is None else answer.status,
            request_body=arrival.body if recording else b"",
            response_body=answer.body if recording and answer is not None else b"",
            user=scope["state"].get(ACTING_USER) or _basic_user(scope),
            content_type="" if answer is None else answer.content_type(),
            fault=_told(arrival.fault, answer),
            at=arrival.at,
        )


def _told(fault: Fault | None, answer: _Answer | None) -> str | None:
    """What is noted of an answer that is not the tracker's own."""
    if fault is not None:
        return fault.kind
    return "rewritten" if answer is not None and answer.rewritten else None


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A request as it came in, and the fault that strikes it."""

    index: int
    at: datetime
    tracker: str
    body: bytes
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What the client gets: an answer (None: nothing), its declared length, a delay in seconds, and a cut or not."""

    answer: _Answer | None
    declared_length: int | None = None
    delay: float = 0.0
    cut: bool = False

    async def give(self, faults: FaultPlan, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer after the delay, or once the plan lets it go, then cut the connection if that is the fault.

        Only this request waits: the event loop goes on serving the others.
        """
        if self.delay:
            await faults.hold(self.delay)
        if self.answer is not None:
            await self.answer.give(send, self.declared_length)
        if self.cut:
            await cut_connection(scope, receive)


def _spoil(answer: _Answer, fault: Fault, tracker: str) -> _Delivery:
    """Return what `fault` makes of the handler's answer."""
    replacement = fault_answer(fault, tracker)
    if replacement is not None:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in replacement.headers]
        return _Delivery(_Answer(replacement.status, headers, replacement.body))
    half = _Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
    match fault.kind:
        case "slow":
            return _Delivery(answer, delay=fault.seconds if fault.commits else 0.0)
        case "truncated-json":
            return _Delivery(half)
        case "truncated-body":
            return _Delivery(half, declared_length=len(answer.body), cut=True)
        case _:
            return _Delivery(None, cut=True)


def _tracker_of(path: str) -> str | None:
    """Return the tracker a path belongs to, None for the control interface and pages for people."""
    return next((tracker for prefix, tracker in _PREFIXES if path.startswith(prefix)), None)


async def _read_body(receive: Receive) -> bytes:
    """Return the whole request body."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body` once and then listens to the connection again."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _basic_user(scope: Scope) -> str | None:
    """Return the user name of HTTP basic credentials, None when there are none."""
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:6].lower() == b"basic ":
            try:
                decoded = base64.b64decode(value[6:], validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                return None
            return str(decoded).partition(":")[0] or None
    return None
