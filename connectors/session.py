"""What a session with any tracker does alike: which reads are repeated, what a missing answer means, what is hidden.

A write is never repeated here. What is sent and how an answer is judged is each connector's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import requests
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from connectors.settings import SessionTable
from connectors.transport import BoundedAdapter, ReadStopped, Unfit
from syncer.contract.errors import Denied, Stopped

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")
_SHORTEST_SECRET = 8
"""A shorter one is no token of any tracker, and stands in many a word."""


def require_bundle(settings: SessionTable, name: str) -> None:
    """Raises Denied for a `ca-bundle` that is no file; `name` is the tracker's in the configuration."""
    if settings.ca_bundle is not None and not settings.ca_bundle.is_file():
        raise Denied(f"{name}: there is no file {settings.ca_bundle}", remedy="Correct `ca-bundle`.")


def mount(session: requests.Session, adapter: BoundedAdapter) -> None:
    """Has a session send everything through an adapter."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)


def repeated(
    read: Callable[[], T],
    settings: SessionTable,
    sleep: Callable[[float], None],
    passes: Callable[[BaseException], bool],
    tracker: str,
) -> T:
    """What a read gives, tried again, bounded in tries and time, while its failure `passes`.

    The failure may tell in `after` when to try again; a wait longer than the settings allow is not begun. Raises the
    last failure, or Stopped when the run is asked to end while it waits for `tracker`.
    """
    began = time.monotonic()
    try:
        return read()
    except ReadStopped:
        raise Stopped(f"stopped while waiting for {tracker}") from None
    except Exception as error:  # noqa: BLE001 - `passes` judges it, as it does the next ones
        failed = [error]
    # Most reads succeed, and the library is loaded by none of them.
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay
    from tenacity.wait import wait_random_exponential

    left = max(settings.read_seconds - (time.monotonic() - began), 0.0)

    def asked(error: BaseException | None) -> timedelta | None:
        after: timedelta | None = getattr(error, "after", None)
        return after

    def worthwhile(error: BaseException) -> bool:
        after = asked(error)
        return passes(error) and (after is None or after.total_seconds() <= settings.longest_wait)

    def wait(state: RetryCallState) -> float:
        after = asked(state.outcome.exception() if state.outcome else None)
        return backoff(state) if after is None else after.total_seconds()

    backoff = wait_random_exponential(multiplier=0.5, max=settings.read_seconds / 4)
    policy = Retrying(
        stop=stop_after_attempt(settings.read_tries) | stop_before_delay(left),
        wait=wait,
        retry=retry_if_exception(worthwhile),
        sleep=sleep,
        reraise=True,
    )

    def attempt() -> T:
        if failed:
            raise failed.pop()
        return read()

    try:
        return policy(attempt)
    except ReadStopped:
        raise Stopped(f"stopped while waiting for {tracker}") from None


def never_sent(error: requests.RequestException) -> bool:
    """Whether a request certainly did not reach the tracker: there was no connection to send it over."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    return isinstance(_cause(error), NewConnectionError | ConnectTimeoutError)


def why_unanswered(error: requests.RequestException) -> str:
    """Why there is no answer, in our own words: the library's may name a proxy with its password."""
    said = str(error)
    if isinstance(error, Unfit):
        return said
    if isinstance(_cause(error), NameResolutionError):
        return "no connection: the name of the host is not known"
    by_words = (words for sign, words in _BY_SIGN.items() if sign in said)
    by_kind = (words for kind, words in _BY_KIND if isinstance(error, kind))
    return next(by_words, None) or next(by_kind, "no connection" if never_sent(error) else "the connection broke")


_BY_SIGN = {
    "Name or service not known": "no connection: the name of the host is not known",
    "Connection refused": "no connection: refused",
    "CERTIFICATE_VERIFY_FAILED": "the certificate of the server is not trusted; `ca-bundle` names the authority that"
    " signed it",
}
_BY_KIND = (
    (requests.ConnectTimeout, "no connection in time"),
    (requests.Timeout, "no answer in time"),
    (requests.exceptions.SSLError, "no secure connection"),
)


def redacted(content: bytes, *secrets: bytes) -> bytes:
    """Content without secrets, which a proxy may repeat and a message would show."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            content = content.replace(secret, b"***")
    return content


def _cause(error: requests.RequestException) -> object:
    return getattr(error.args[0], "reason", None) if error.args else None
