"""One session with GitHub: who signs in, and a connection that does nothing of its own accord.

A GitHub App signs in by web tokens signed with its key, and by one of them gets the token of an installation. Source:
docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App". A web token must not be issued in the future nor
expire more than ten minutes ahead, both by GitHub's clock. Ours may be wrong: where GitHub refuses a web token and its
clock shows another time, the next one is signed by that clock.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import requests

from connectors.github.answers import GitHubAnswer, lifetime
from connectors.github.settings import GitHubTracker
from connectors.session import mount, require_bundle, why_unanswered
from connectors.transport import BoundedAdapter, StopWatch
from syncer.contract.errors import Denied, Retryable

if TYPE_CHECKING:
    from github.Auth import AppAuth

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
        self._auth = app_auth()(app_id, sign_func=self._signed)

    @property
    def authorization(self) -> str:
        """The header that signs a request as the App, anew for each."""
        return f"Bearer {self._auth.token}"

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


def app_auth() -> type[AppAuth]:
    """What PyGithub makes web tokens with; imported only where an App signs in."""
    from github.Auth import AppAuth

    # At DEBUG the library logs whole bodies, among them that of an App's token.
    logging.getLogger("github.Requester").setLevel(logging.INFO)
    return AppAuth


def _signer(path: Path) -> Callable[[Claims], str | bytes]:
    try:
        sign = app_auth().create_jwt_sign(_private_key(path), "RS256")
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

Answer = tuple[int, Mapping[str, str], str]
"""Status, headers by their name in lower case, and content."""


class Redirected(Exception):
    """GitHub pointed to another address, which is not followed."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Pending(requests.exceptions.RequestException):
    """GitHub accepted a request and has no answer yet."""


class Connection:
    """Sends each request once, by whose right its `authorization` says. Raises Denied for a `ca-bundle` that is none.

    It is no session of PyGithub: importing one loads a class for each of GitHub's objects, and that takes longer than
    a run with nothing to do.
    """

    def __init__(self, settings: GitHubTracker, watch: StopWatch) -> None:
        require_bundle(settings, settings.name)
        self._settings = settings
        self._session = requests.Session()
        self._session.auth = as_given  # or `requests` takes credentials out of a `.netrc`
        mount(self._session, BoundedAdapter(watch))

    def send(
        self, verb: str, path: str, query: Mapping[str, str | int], headers: Mapping[str, str], body: Any | None,
        authorization: str,
    ) -> Answer:  # fmt: skip
        """The answer, whatever its status. Raises Redirected, Pending and what `requests` raises where none came."""
        sent = {**headers, "Authorization": authorization, "User-Agent": "tracker-syncer"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        response = self._session.request(
            verb, self._settings.url + path, params=sorted(query.items()), headers=sent,
            data=None if body is None else json.dumps(body), timeout=self._settings.timeouts, allow_redirects=False,
            verify=self._settings.verification,
        )  # fmt: skip
        if response.status_code == 202:
            raise Pending
        if response.status_code in _REDIRECTS:
            raise Redirected(response.headers.get("location", ""))
        response.encoding = "utf-8"  # whatever a proxy makes of the header
        found = {name.lower(): value for name, value in response.headers.items()}
        return response.status_code, found, response.text

    def close(self) -> None:
        """Ends the session."""
        self._session.close()


def as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The request with the credentials that it has."""
    return request


def by_token(token: str) -> str:
    """The header of whoever signs in by a token."""
    return f"token {token}"


def reason(error: requests.exceptions.RequestException) -> str:
    """Why there is no answer, in our own words."""
    return "GitHub is still working on it" if isinstance(error, Pending) else why_unanswered(error)
