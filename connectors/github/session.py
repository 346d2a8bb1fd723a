"""One session with GitHub as PyGithub opens it: who signs in, and connections that do nothing of their own accord.

A GitHub App signs in by web tokens signed with its key, and by one of them gets the token of an installation. Source:
docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App". A web token must not be issued in the future nor
expire more than ten minutes ahead, both by GitHub's clock. Ours may be wrong: where GitHub refuses a web token and its
clock shows another time, the next one is signed by that clock.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester, RequestsResponse

from connectors.github.answers import GitHubAnswer, lifetime
from connectors.github.settings import GitHubTracker
from connectors.session import mount, require_bundle, why_unanswered
from connectors.transport import BoundedAdapter, Watch
from syncer.contract.errors import Denied, Retryable

SIGN_IN: Final = "cannot sign in as the GitHub App"
_NOTICEABLE: Final = 30.0
"""Seconds by which the clocks must differ to be the reason for a refusal: half of what is allowed for anyway."""

Claims = dict[str, Any]


class App:
    """An App by its own key, which speaks for no installation. Raises Denied for a key that cannot sign."""

    def __init__(self, app_id: int, key: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ahead = 0.0
        """Seconds by which GitHub's clock is ahead of ours, as far as that mattered."""
        self._sign = _signer(key)
        self.auth = Auth.AppAuth(app_id, sign_func=self._signed)
        """What signs a request as the App."""

    def learns_the_time(self, refusal: GitHubAnswer) -> bool:
        """Whether a web token may have been refused for our clock's sake; the next is then signed by GitHub's."""
        if refusal.status != 401 or refusal.date is None:
            return False
        ahead = refusal.date.timestamp() - self._clock()
        if abs(ahead - self._ahead) < _NOTICEABLE:
            return False
        self._ahead = ahead
        return True

    def _signed(self, claims: Claims) -> str | bytes:
        moved = {name: int(claims[name] + self._ahead) for name in ("iat", "exp")}
        return self._sign({**claims, **moved})


def app_of(settings: GitHubTracker) -> App | None:
    """The App that the settings name; None where a token is used."""
    if settings.app_id is None or settings.private_key_file is None:
        return None
    return App(settings.app_id, settings.private_key_file)


def installation_token(answer: GitHubAnswer) -> tuple[str, float]:
    """The token in an answer, and for how many seconds to use it. Raises Denied, Retryable."""
    if answer.status >= 500 or answer.status in (408, 429):
        raise Retryable(f"{SIGN_IN}: status {answer.status}")
    if not 200 <= answer.status < 300:
        remedy = "Check app-id, installation-id and the private key; the App may be uninstalled."
        raise Denied(f"{SIGN_IN}: {answer.message()} (status {answer.status})", remedy=remedy, credentials=True)
    try:
        body = answer.json()
    except ValueError as error:
        raise Retryable(f"{SIGN_IN}: {error}") from None
    token = body.get("token") if isinstance(body, Mapping) else None
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise Retryable(f"{SIGN_IN}: the answer holds no token")
    return token, lifetime(body.get("expires_at"), answer)


def _signer(path: Path) -> Callable[[Claims], str | bytes]:
    try:
        sign = Auth.AppAuth.create_jwt_sign(_private_key(path), "RS256")
        sign({"iat": 0, "exp": 0, "iss": "0"})
    except Denied:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the library says, the key cannot sign
        message = f"{path} holds no private key ({type(error).__name__})"
        raise Denied(message, remedy="Use the PEM file that GitHub gave for the App.") from None
    return sign


def _private_key(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Denied(f"cannot read the App's private key {path}", remedy="Check private-key-file.") from error


_REDIRECTS: Final = (301, 302, 303, 307, 308)

# At DEBUG the library logs whole bodies, among them that of an App's token.
logging.getLogger(Requester.__module__).setLevel(logging.INFO)


class Redirected(Exception):
    """GitHub pointed to another address, which the library would have followed silently."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Pending(requests.exceptions.RequestException):
    """GitHub accepted a request and has no answer yet, for which the library would wait without end."""


def _as_sent(response: RequestsResponse) -> RequestsResponse:
    """The response, unless it is a redirect or none yet. It is UTF-8, whatever a proxy makes of the header."""
    if response.status == 202:
        raise Pending
    if response.status in _REDIRECTS:
        raise Redirected(response.headers.get("location", ""))
    response.response.encoding = "utf-8"
    return response


class PlainConnection(HTTPRequestsConnectionClass):
    """A connection over HTTP that hands every answer over as it came."""

    def bounded_by(self, watch: Watch) -> None:
        """Takes answers within the limits of a watch alone."""
        mount(self.session, BoundedAdapter(watch))

    def getresponse(self) -> RequestsResponse:
        """The answer, once."""
        return _as_sent(super().getresponse())


class SecureConnection(HTTPSRequestsConnectionClass):
    """As `PlainConnection`, over TLS."""

    def bounded_by(self, watch: Watch) -> None:
        """Takes answers within the limits of a watch alone."""
        mount(self.session, BoundedAdapter(watch))

    def getresponse(self) -> RequestsResponse:
        """The answer, once."""
        return _as_sent(super().getresponse())


Connection = PlainConnection | SecureConnection


def opened(settings: GitHubTracker, app: App | None, watch: Watch) -> tuple[Requester, Connection]:
    """What sends requests, and over which connection; nothing is sent. Raises Denied for a `ca-bundle` that is none."""
    require_bundle(settings, settings.name)
    library = Github(
        auth=_credentials(settings, app),
        base_url=settings.url,
        timeout=int(settings.silence) or 1,
        user_agent="tracker-syncer",
        per_page=100,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
        lazy=True,
    )
    parts = urlsplit(settings.url)
    kind = SecureConnection if parts.scheme == "https" else PlainConnection
    # The library declares one number; what is below it takes both.
    timeout: Any = settings.timeouts
    connection = kind(str(parts.hostname), parts.port, timeout=timeout, retry=None, verify=settings.verification)
    connection.bounded_by(watch)
    return library.requester, connection


def _credentials(settings: GitHubTracker, app: App | None) -> Auth.Auth:
    if settings.token is not None:
        return Auth.Token(settings.token.get_secret_value())
    if app is None or settings.installation_id is None:
        raise ValueError("no credentials")  # the settings are validated
    return app.auth  # until its installation is signed in


def reason(error: requests.exceptions.RequestException) -> str:
    """Why there is no answer, in our own words."""
    return "GitHub is still working on it" if isinstance(error, Pending) else why_unanswered(error)
