"""The only door to Jira: authentication by the `jira` library, one adapter for raw requests, one retry policy.

Why raw requests. The library repeats a POST whose connection broke (a second issue), waits for minutes inside, crashes
on a Retry-After date and trusts any 200. Its session gives authentication and pooling; everything above is ours:
reads are repeated here, bounded in tries and time; writes are sent once, and again only where a rate limit refused
them: Jira rejects such a request before it does anything.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, TypeVar

import requests
from jira import JIRA
from requests import Response, Session

from connectors.asking import Asking, nobody
from connectors.jira.answers import JiraAnswer, UntakenRead, payload
from connectors.jira.pacing import Call, Limited, Pacing, is_of_the_limiter, is_refusal
from connectors.jira.settings import JiraTracker
from connectors.session import mount, never_sent, redacted, repeated, require_bundle, why_unanswered
from connectors.transport import BoundedAdapter, StopWatch, Unfit, below, read_json
from connectors.transport import ReadStopped as StoppedWaiting
from syncer.contract.errors import Ambiguous, Denied, Retryable, Stopped, TrackerError
from syncer.contract.line import TrackerLine
from syncer.contract.recording import Exchange

Query = Mapping[str, str | int]
T = TypeVar("T")


_OF_ADMINISTRATORS: Final = re.compile(r"/version(/\d+)?")
"""What only administrators of a project may write: a 401 to it need not be about the token."""


class Client:
    """One session with one Jira site. Paths are relative to the REST API of the deployment (`/issue/10001`).

    Those of boards begin with `/agile/1.0`.
    """

    def __init__(
        self,
        settings: JiraTracker,
        *,
        sleep: Callable[[float], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._pacing = Pacing(monotonic, settings.dialect.issue_writes)
        self._base = settings.api + settings.dialect.api
        self.watch = StopWatch(settings.answer_limits)
        """Bounds every answer, and ends reads and waits when the run is asked to stop."""
        self._asking = Asking(settings, settings.name, self._base + "/serverInfo", self.watch)
        self._adapter = BoundedAdapter(self.watch)
        self._sleep = sleep or self.watch.pause
        self._jira: JIRA | None = None
        self._refused: Denied | None = None
        self._closed = False
        self._limited: Counter[str] = Counter()
        self._sent = 0
        self._lock = Lock()
        self.clock: datetime | None = None
        """The server's clock at its last answer."""

    @property
    def requests(self) -> int:
        """Requests sent, repetitions included."""
        return self._sent + self._asking.probes

    def share(self, line: TrackerLine) -> None:
        """Keeps, with all sessions of the account, what was told of limits, and whether anybody answers."""
        self._asking.share(line)
        self._pacing = line.common(lambda: Pacing(self._monotonic, self._settings.dialect.issue_writes))

    @property
    def rate_limited(self) -> Mapping[str, int]:
        """How often a rate limit refused a request or was said to be near, by the reason Jira gave."""
        return self._limited

    def get(self, path: str, query: Query | None = None) -> Any:
        """The JSON at `path`. Repeated while the server fails; raises Retryable when it keeps failing."""
        return self._asking.once(lambda: self._repeated(lambda: self._once("GET", path, query, None, writing=False)))

    def ask(self, path: str, body: Mapping[str, Any], query: Query | None = None) -> Any:
        """The JSON answer to a POST that only reads (a search), with the policy of `get`."""
        return self._asking.once(lambda: self._repeated(lambda: self._once("POST", path, query, body, writing=False)))

    def write(self, verb: str, path: str, body: Mapping[str, Any] | None = None, query: Query | None = None) -> Any:
        """The JSON answer to a change, None when it is empty. Sent once; raises Ambiguous when the answer is lost."""
        return self._asking.once(lambda: self._once(verb, path, query, body, writing=True))

    def upload(self, path: str, name: str, media_type: str, content: bytes) -> Any:
        """The JSON answer to a POST of one file. Sent once; raises Ambiguous when the answer is lost."""
        file = (name, content, media_type)
        return self._asking.once(lambda: self._once("POST", path, None, None, writing=True, file=file))

    def location(self, path: str) -> str:
        """The address that a GET is redirected to, which is not followed; empty when it is not redirected."""
        self._ensure_open()
        return self._send("GET", path, None, None, writing=False).headers.get("location", "")

    def readable_by_anybody(self, path: str) -> bool | None:
        """Whether `path` can be read without credentials; None when that cannot be told."""
        self._ensure_open()
        # Where people open it: the gateway for scoped tokens answers no stranger, however public a project is.
        answer = self._as_a_stranger(self._settings.dialect.api + path)
        if answer is None:
            return None
        if answer.status_code in {401, 403, 404}:
            return False
        if answer.status_code == 200 and "json" in answer.headers.get("content-type", ""):
            return True
        return None

    def cloud_id(self) -> str:
        """The id of a site of Cloud, which it tells everybody; empty where it does not."""
        answer = self._as_a_stranger("/_edge/tenant_info")
        try:
            told = read_json(answer.content) if answer is not None and answer.status_code == 200 else None
        except ValueError:
            return ""
        found = told.get("cloudId") if isinstance(told, dict) else None
        return found if isinstance(found, str) and re.fullmatch(r"[0-9A-Za-z-]{1,100}", found) else ""

    def _as_a_stranger(self, path: str) -> Response | None:
        """The answer to a GET below the address of the site without credentials; None where there is none."""
        self._count()
        self.watch.declare(reading=True)
        try:
            with requests.Session() as stranger:
                stranger.auth = nobody
                mount(stranger, BoundedAdapter(self.watch))
                return stranger.get(
                    self._settings.url + path,
                    timeout=self._settings.timeouts,
                    allow_redirects=False,
                    verify=self._settings.verification,
                    headers={"Accept": "application/json"},
                )
        except StoppedWaiting:
            raise Stopped(f"stopped while waiting for {path}") from None
        except requests.RequestException:
            return None

    def hear(self, listener: Callable[[Exchange], None]) -> None:
        """Tells `listener` of each exchange, with the path below the address that people or requests use."""
        addresses = (self._settings.api, self._settings.url)
        self.watch.listener = lambda exchange: listener(below(exchange, *addresses))

    def close(self) -> None:
        """Ends the session."""
        self._closed = True
        if self._jira is not None:
            self._jira._session.close()
            self._jira = None

    def _repeated(self, read: Callable[[], T]) -> T:
        return repeated(read, self._settings, self._sleep, self._passes, "Jira")

    def _passes(self, error: BaseException) -> bool:
        passing = isinstance(error, Retryable) and not isinstance(error, UntakenRead | Stopped | Limited)
        return passing and not self._asking.down

    def _once(
        self,
        verb: str,
        path: str,
        query: Query | None,
        body: Mapping[str, Any] | None,
        *,
        writing: bool,
        file: tuple[str, bytes, str] | None = None,
    ) -> Any:
        self._ensure_open()
        try:
            return payload(self._send(verb, path, query, body, writing=writing, file=file), writing=writing)
        except Denied as error:
            if error.credentials and writing and _OF_ADMINISTRATORS.fullmatch(path):
                raise  # said of this request, maybe: whoever sent it asks for something else next
            if error.credentials:
                settings = self._settings
                self._refused = Denied(f"{settings.name}: {error}", remedy=settings.new_token, credentials=True)
                raise self._refused from None
            # A server that refused the credentials once must not be asked again: it may lock the account.
            if type(error) is Denied:
                self._refused = error
            raise

    def _send(
        self,
        verb: str,
        path: str,
        query: Query | None,
        body: Mapping[str, Any] | None,
        *,
        writing: bool,
        file: tuple[str, bytes, str] | None = None,
    ) -> JiraAnswer:
        """The answer to a request, which is sent again while a rate limit refuses it and the wait is short."""
        call = Call(verb, path, writing, _ends(body) if writing and path == "/issueLink" else ())
        began, tries = self._monotonic(), 0
        while True:
            tries += 1
            self._await_turn(call)
            answer = self._exchange(call, query, body, file)
            self._limited.update(self._pacing.told(call, answer.status, answer.headers))
            if not is_refusal(answer.status, answer.headers) or tries >= self._settings.read_tries:
                return answer
            wait = self._pacing.wait(call)[0]
            too_long = wait > self._settings.longest_wait or (
                self._monotonic() + wait - began > self._settings.read_seconds
            )
            # Not every refusal is of Jira: what stands before it may have passed a write on and refused the answer.
            if too_long or (writing and not is_of_the_limiter(answer.status, answer.headers)):
                return answer

    def _await_turn(self, call: Call) -> None:
        """Waits until no limit is known that would refuse a request. Raises Limited where that takes too long."""
        wait, reason = self._pacing.book(call, self._settings.longest_wait)
        if wait <= 0:
            return
        request = f"{call.verb} {self._address(call.path).removeprefix(self._settings.api)}"
        if wait > self._settings.longest_wait:
            message = f"{request}: not sent, a rate limit ({reason}) ends in {wait:.0f} s"
            raise Limited(message, reason, timedelta(seconds=wait))
        try:
            self._sleep(wait)
        except StoppedWaiting:
            raise Stopped(f"{request}: stopped while waiting for a rate limit") from None

    def _exchange(
        self, call: Call, query: Query | None, body: Mapping[str, Any] | None, file: tuple[str, bytes, str] | None
    ) -> JiraAnswer:
        """One request, through the library's session but below its own retrying `request`.

        `file` (name, content, media type) is sent as a form, with the header that tells Jira it is no forged one.
        """
        # None takes back what the library's session sends with everything, so that the form's own boundary is named.
        kind: dict[str, str | None] = {"Content-Type": None if file else "application/json"}
        if file:
            kind["X-Atlassian-Token"] = "no-check"
        request = f"{call.verb} {self._address(call.path).removeprefix(self._settings.api)}"
        session = self._session()
        self.watch.declare(reading=not call.writing)
        self._count()
        try:
            response = requests.Session.request(
                session,
                call.verb,
                self._address(call.path),
                params=dict(query) if query else None,
                data=None if body is None else json.dumps(body).encode(),
                files={"file": file} if file else None,
                headers={"Accept": "application/json", **kind},
                timeout=self._settings.timeouts,
                allow_redirects=False,
                verify=self._settings.verification,
            )
        except StoppedWaiting:
            raise Stopped(f"{request}: stopped while waiting for the answer") from None
        except requests.RequestException as error:
            raise _unanswered(f"{self._settings.name}: {request}", error, writing=call.writing) from None
        status, content = response.status_code, response.content
        headers = {name.lower(): value for name, value in response.headers.items()}
        answer = JiraAnswer(request, status, headers, self._redacted(content) if status >= 400 else content)
        self.clock = answer.date or self.clock
        return answer

    def _address(self, path: str) -> str:
        """Where a path leads: boards and sprints have an interface of their own beside that of issues."""
        return f"{self._settings.api}/rest{path}" if path.startswith("/agile/") else self._base + path

    def _count(self) -> None:
        with self._lock:
            self._sent += 1

    def _redacted(self, content: bytes) -> bytes:
        """An error's content without our credentials, which a proxy may repeat and a message would show."""
        token = self._settings.token.get_secret_value()
        basic = base64.b64encode(f"{self._settings.user}:{token}".encode()).rstrip(b"=") if token else b""
        return redacted(content, basic, token.encode())

    def _session(self) -> Session:
        if self._jira is None:
            self._jira = _signed_in(self._settings)
            mount(self._jira._session, self._adapter)
        return self._jira._session

    def _ensure_open(self) -> None:
        if self._closed:
            raise RuntimeError("this connector was closed")
        if self._refused is not None:
            raise Denied(str(self._refused), remedy=self._refused.remedy, credentials=self._refused.credentials)


def _signed_in(settings: JiraTracker) -> JIRA:
    """The library's client with credentials set; sends nothing."""
    require_bundle(settings, settings.name)
    token = settings.token.get_secret_value()
    cloud = settings.deployment == "cloud"
    credentials: dict[str, Any] = {"basic_auth": (settings.user, token)} if cloud else {"token_auth": token}
    jira = JIRA(
        server=settings.api,
        get_server_info=False,
        max_retries=0,
        timeout=settings.timeouts,
        logging=False,
        **credentials,
    )
    # At DEBUG the library writes headers, credentials included, and bodies.
    for name in ("jira", "jira.client", "jira.resilientsession", "jira.resources"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return jira


def _ends(link: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The issues that a new link joins."""
    ends = ((link or {}).get(name) for name in ("inwardIssue", "outwardIssue"))
    return tuple(str(end["id"]) for end in ends if isinstance(end, dict) and "id" in end)


def _unanswered(request: str, error: requests.RequestException, *, writing: bool) -> TrackerError:
    """What a missing answer means. Only a connection that was never made proves that a write had no effect."""
    if isinstance(error, Unfit):
        return (Ambiguous if writing else UntakenRead)(f"{request}: {error}")
    message = f"{request}: {why_unanswered(error)}"
    return Ambiguous(message) if writing and not never_sent(error) else Retryable(message)
