"""Signing in as a GitHub App: web tokens signed with its key, and by one of them the token of an installation.

Source: docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App". A web token must not be issued in the
future nor expire more than ten minutes ahead, both by GitHub's clock. Ours may be wrong: where GitHub refuses a web
token and its clock shows another time, the next one is signed by that clock.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from github import Auth

from connectors.github.answers import GitHubAnswer, lifetime
from connectors.github.settings import GitHubTracker
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
