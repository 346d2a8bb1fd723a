"""Requests to GitHub over the connection of `session`.

A library for it would retry creates, wait for hours, follow renames and complete objects one request at a time. None of
that happens here: every request is sent as given, once, and its answer is judged by `answers.judge`. Only reads are
tried again, a bounded number of times within a bounded time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import urlsplit

import requests
from requests.exceptions import RequestException

from connectors.asking import Asking
from connectors.github.answers import GitHubAnswer, TransientError, judge, reset_after, unclear
from connectors.github.session import SIGN_IN, App, Connection, Redirected, app_of, by_token, installation_token, reason
from connectors.github.settings import GitHubTracker
from connectors.session import never_sent, redacted, repeated
from connectors.transport import ReadStopped as StoppedWaiting
from connectors.transport import StopWatch, Unfit, below, whole_number
from syncer.contract.errors import Denied, Gone, Retryable, Stopped, TrackerError
from syncer.contract.line import TrackerLine
from syncer.contract.recording import Exchange, Product

_HEADERS: Final = {"Accept": "application/vnd.github+json"}
VERSIONS: Final = ("2026-03-10", "2022-11-28")
"""The versions of the interface that are understood, newest first: nothing that is read or sent differs in them."""
_REFUSED_VERSION: Final = (400, 410)
"""How a version is refused that a server does not know, or that has ended."""
_TOKEN: Final = re.compile(r"\b(?:gh[a-z]_|github_pat_)\w{8,}")

_T = TypeVar("_T")


HOURLY_LIMIT: Final = "the hourly limit of requests is used up"


@dataclass(slots=True)
class _Limit:
    """How long the limit of an account is used up."""

    resume_at: float | None = None
    """When requests may be sent again, by the clock that only goes forward."""
    why: str = HOURLY_LIMIT


_THE_APP: Final = "/app"
"""Answers to nobody but the App itself, by its key."""


class GitHubClient:
    """One authenticated session that serves one repository; not safe for use by several threads.

    Paths are relative to the API's root (`/repos/acme/pay/issues`). `doing` completes "cannot ..." in messages. `item`
    is true where the path names one item, whose absence says nothing about the repository.
    """

    def __init__(
        self,
        settings: GitHubTracker,
        repository: str,
        *,
        sleep: Callable[[float], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._repository = repository
        self.watch = StopWatch(settings.answer_limits)
        """Bounds every answer, and ends reads and waits when the run is asked to stop."""
        self._sleep = sleep or self.watch.pause
        self._monotonic = monotonic
        self._signed_in_until = float("-inf")
        self._authorization = ""
        """The header of whoever writes and reads: the token's, or the installation's once it is signed in."""
        self._app: App | None = None
        self._connection: Connection | None = None
        self._asking = Asking(settings, settings.name, f"{settings.url}/rate_limit", self.watch)
        self._limit = _Limit()
        self._closed = False
        self._versions = list(VERSIONS)
        self._version_accepted = False
        self._sent = 0
        self.clock: datetime | None = None
        """GitHub's clock at its last answer."""
        self.token_ends: datetime | None = None
        """When the token ends, as far as an answer told."""
        self.product: Product | None = None
        """Which of GitHub's products answers, as its last answer told."""

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self._sent + self._asking.probes

    def share(self, line: TrackerLine) -> None:
        """Keeps, with all sessions of the account, how long its limit is used up, and whether anybody answers."""
        self._asking.share(line)
        self._limit = line.common(_Limit)

    def get(
        self,
        path: str,
        doing: str,
        query: Mapping[str, str | int] | None = None,
        *,
        item: bool = False,
        accept: str = "",
    ) -> tuple[Any, GitHubAnswer]:
        """The parsed body and the answer of a read, tried again while that may help.

        `accept` asks for another form of the answer than the usual.
        """

        def attempt() -> tuple[Any, GitHubAnswer]:
            answer = self._send("GET", path, doing, query or {}, None, item=item, accept=accept)
            return self._judged(answer, doing, write=False, item=item), answer

        return self._asking.once(lambda: self._persistently(attempt))

    def write(self, verb: str, path: str, body: Mapping[str, Any], doing: str, *, item: bool = False) -> Any:
        """The parsed body of a write, sent once, and while no other session of the account writes.

        GitHub asks for that: requests that write at the same time trigger its secondary limits.
        """

        def write() -> Any:
            answer = self._send(verb, path, doing, {}, body, item=item)
            return self._judged(answer, doing, write=True, item=item)

        with self._asking.turn():
            return self._asking.once(write)

    def _judged(self, answer: GitHubAnswer, doing: str, *, write: bool, item: bool) -> Any:
        """See `judge`. A refusal of the token names the tracker and the variable."""
        try:
            return judge(answer, doing, write=write, item=item)
        except Retryable as error:
            if error.budget and error.after is not None and self._asking.line is not None:  # it holds for all sessions
                self._limit.resume_at = self._monotonic() + error.after.total_seconds()
                self._limit.why = str(error)
            raise
        except Denied as error:
            if not error.credentials:
                raise
            settings = self._settings
            message = f"{settings.name}: token refused ({answer.status}): {error}"
            raise Denied(message, remedy=settings.new_token, credentials=True) from None

    @property
    def is_app(self) -> bool:
        """Whether an App speaks, and not the user of a token."""
        return self._settings.token is None

    @property
    def version(self) -> str:
        """The version of the interface that is asked for."""
        return self._versions[0]

    def prefer(self, version: str) -> None:
        """Asks first for a version that this server was known to serve."""
        if version in self._versions and not self._version_accepted:
            self._versions.sort(key=lambda each: each != version)

    def app_slug(self) -> str:
        """The name of the App in addresses, from which that of its bot is made."""
        body, _ = self.get(_THE_APP, "read which App this is")
        slug = body.get("slug") if isinstance(body, dict) else None
        if not isinstance(slug, str) or not slug:
            raise Retryable("cannot read which App this is: slug is missing in GitHub's answer")
        return slug

    def pause(self, seconds: float) -> None:
        """Waits. Raises Stopped when the run is asked to end meanwhile."""
        try:
            self._sleep(seconds)
        except StoppedWaiting:
            raise Stopped("stopped while waiting for GitHub") from None

    def hear(self, listener: Callable[[Exchange], None]) -> None:
        """Tells `listener` of each exchange, with the path below the address of the interface."""
        self.watch.listener = lambda exchange: listener(below(exchange, self._settings.url))

    def close(self) -> None:
        """Ends the session."""
        self._closed = True
        if self._connection is not None:
            self._connection.close()

    def _persistently(self, attempt: Callable[[], _T]) -> _T:
        try:
            return repeated(attempt, self._settings, self._sleep, self._passes, "GitHub")
        except TransientError as error:
            raise Retryable(self._redacted(str(error)), after=error.after) from error

    def _passes(self, error: BaseException) -> bool:
        return isinstance(error, TransientError) and not self._asking.down

    def _send(
        self,
        verb: str,
        path: str,
        doing: str,
        query: Mapping[str, str | int],
        body: Mapping[str, Any] | None,
        *,
        item: bool,
        accept: str = "",
    ) -> GitHubAnswer:
        """The answer to one request, whatever its status. Raises where none came, or a redirect did."""
        try:
            return self._negotiated(verb, path, query, body, accept)
        except Redirected as redirect:
            self._explain(redirect.location, doing, path, item=item)
        except StoppedWaiting:
            raise Stopped(f"stopped while waiting to {doing}") from None
        except requests.exceptions.RequestException as error:
            raise self._unanswered(error, doing, write=verb != "GET") from None  # it holds the token

    def _negotiated(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str | int],
        body: Mapping[str, Any] | None,
        accept: str = "",
    ) -> GitHubAnswer:
        """The answer, in a version of the interface that this server knows.

        A refused version is told from a refused request by asking in the other one: neither was carried out.
        """
        answer = self._exchange(verb, path, query, body, accept)
        if answer.status in _REFUSED_VERSION and not self._version_accepted and len(self._versions) > 1:
            self._versions.reverse()
            other = self._exchange(verb, path, query, body, accept)
            if other.status in _REFUSED_VERSION:
                self._versions.reverse()
                return answer
            answer = other
        self._version_accepted = self._version_accepted or answer.status not in _REFUSED_VERSION
        return answer

    def _exchange(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str | int],
        body: Mapping[str, Any] | None,
        accept: str = "",
    ) -> GitHubAnswer:
        if self._closed:
            raise RuntimeError("the connector is closed")
        self._mind_the_limit()
        answer, renewable = self._once(verb, path, query, body, accept)
        if renewable and answer.status == 401:  # it had no effect
            answer, _ = self._once(verb, path, query, body, accept)
        return answer

    def _once(
        self, verb: str, path: str, query: Mapping[str, str | int], body: Mapping[str, Any] | None, accept: str
    ) -> tuple[GitHubAnswer, bool]:
        """The answer to one request, and whether a refusal of the credentials may be over with the next ones.

        That is so of an installation's token that was used before, and of a web token that our clock spoilt.
        """
        connection = self._open()
        app, used_before = self._app, True
        authorization = self._authorization
        if app is not None and path == _THE_APP:
            authorization = app.authorization
        elif app is not None:
            authorization, used_before = self._signed_in(app, connection)
        self._sent += 1
        sent = {**_HEADERS, **({"Accept": accept} if accept else {}), "X-GitHub-Api-Version": self.version}
        status, headers, text = connection.send(verb, path, query, sent, body, authorization)
        answer = GitHubAnswer(status, headers, self._redacted(text) if status >= 400 else text, f"{verb} {path}")
        self.clock = answer.date or self.clock
        self.token_ends = answer.token_ends or self.token_ends
        self.product = self._settings.product(answer.headers)
        self._note_the_limit(answer)
        if app is None or status != 401:
            return answer, False
        if path == _THE_APP:
            return answer, app.learns_the_time(answer)
        self._signed_in_until = float("-inf")
        return answer, used_before

    def _open(self) -> Connection:
        if self._connection is None:
            self._app = app_of(self._settings)
            self._connection = Connection(self._settings, self.watch)
            if self._settings.token is not None:
                self._authorization = by_token(self._settings.token.get_secret_value())
        return self._connection

    def _mind_the_limit(self) -> None:
        """Stops before the hourly limit is used up: going on would be counted against the account."""
        until = self._limit.resume_at
        if until is None:
            return
        left = until - self._monotonic()
        if left > 0:
            raise Retryable(self._limit.why, after=timedelta(seconds=left), budget=True)
        self._limit.resume_at = None

    def _note_the_limit(self, answer: GitHubAnswer) -> None:
        told = (answer.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit"))
        remaining, limit = (whole_number(text) for text in told)
        reset = reset_after(answer)
        if remaining is not None and limit is not None and reset is not None:
            # A tenth, where the limit itself is small.
            reserve = min(self._settings.rate_reserve, limit // 10)
            used_up = remaining <= reserve
            self._limit.resume_at = self._monotonic() + reset.total_seconds() if used_up else None
            self._limit.why = HOURLY_LIMIT

    def _explain(self, location: str, doing: str, path: str, *, item: bool) -> NoReturn:
        """Tells a renamed repository from a transferred issue: GitHub redirects both."""
        base = f"/repos/{self._repository}"
        if path != base and item:
            try:
                judge(self._exchange("GET", base, {}, None), "read the repository", write=False, item=False)
            except Redirected as redirect:
                location = redirect.location
            except (requests.exceptions.RequestException, TransientError):
                raise Retryable(f"cannot {doing}: it moved, and where to is unknown") from None
            else:
                raise Gone(f"cannot {doing}: it was moved", moved_to=location)
        name = self._name_at(location)
        raise Denied(
            f"cannot {doing}: the repository {self._repository} was renamed{f' to {name}' if name else ''}",
            remedy=f'Set repository = "{name}".' if name else "Set the repository's new name.",
        )

    def _name_at(self, location: str) -> str:
        """The full name of the repository whose address begins a redirect's, when it can be read; else nothing."""
        prefix = urlsplit(self._settings.url).path
        parts = urlsplit(location).path.removeprefix(prefix).split("/")
        path = "/".join(parts[: 3 if parts[1:2] == ["repositories"] else 4])
        if urlsplit(location).hostname not in (None, urlsplit(self._settings.url).hostname):
            return ""  # the token goes to no other host
        try:
            answer = self._exchange("GET", path, {}, None)
            name = judge(answer, "follow the redirect", write=False, item=True).get("full_name")
        except (Redirected, requests.exceptions.RequestException, TrackerError, TransientError, AttributeError):
            return ""
        return name if isinstance(name, str) else ""

    def _unanswered(self, error: RequestException, doing: str, *, write: bool) -> Exception:
        message = self._redacted(f"{self._settings.name}: cannot {doing}: {reason(error)}")
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return Denied(message, remedy="Name the certificate of the authority behind the server's in `ca-bundle`.")
        if write and never_sent(error):
            return Retryable(message)
        if isinstance(error, Unfit) and not write:
            return Retryable(message)  # it would be the same again
        return unclear(message, write=write)

    def _signed_in(self, app: App, connection: Connection) -> tuple[str, bool]:
        """The header with the token of the installation, asked for where that is due; whether it was used before.

        A failure here says nothing about the request that needs it: it was never sent.
        """
        if self._monotonic() < self._signed_in_until:
            return self._authorization, True
        asked_at = self._monotonic()
        answer = self._ask_for_token(app, connection)
        if app.learns_the_time(answer):
            answer = self._ask_for_token(app, connection)
        token, seconds = installation_token(answer)
        self._signed_in_until = asked_at + seconds
        self._authorization = by_token(token)
        return self._authorization, False

    def _ask_for_token(self, app: App, connection: Connection) -> GitHubAnswer:
        path = f"/app/installations/{self._settings.installation_id}/access_tokens"
        try:
            status, headers, text = connection.send("POST", path, {}, _HEADERS, {}, app.authorization)
        except Redirected:
            raise Denied(f"{SIGN_IN}: GitHub answers elsewhere", remedy="Check `url`.") from None
        except requests.exceptions.RequestException as error:
            raise Retryable(self._redacted(f"{SIGN_IN}: {reason(error)}")) from None
        return GitHubAnswer(status, headers, self._redacted(text) if status >= 400 else text)

    def _redacted(self, text: str) -> str:
        token = self._settings.token.get_secret_value() if self._settings.token is not None else ""
        known = redacted(text.encode("utf-8", "surrogatepass"), token.encode()).decode("utf-8", "surrogatepass")
        return _TOKEN.sub("***", known)
