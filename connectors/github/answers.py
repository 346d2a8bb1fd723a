"""What an answer of GitHub means for the engine: the one place where answers are judged. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from connectors.transport import LONGEST_WAIT, beginning, inert, moment_of, read_json, whole_number
from connectors.transport import retry_after as wait_asked_for
from syncer.contract.errors import Ambiguous, Denied, Gone, ReadOnly, Rejected, Retryable, TrackerError

_RENEW: Final = "Set a token that is valid; this one is wrong, expired or revoked."
ISSUES_OFF: Final = "Switch issues on in the repository's settings."
_SECONDARY_WAIT: Final = timedelta(seconds=60)
"""What GitHub's documentation asks for when a secondary limit names no time."""


class TransientError(Exception):
    """A read failed in a way that may pass: it may be tried again, `after` some time when GitHub said so."""

    def __init__(self, message: str, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


_TOKEN_SECONDS: Final = 3600.0
"""How long the token of an App's installation is valid."""


@dataclass(frozen=True, slots=True)
class GitHubAnswer:
    """One answer, as it came. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str
    request: str = ""
    """Verb and path, for messages; never a query."""

    @property
    def date(self) -> datetime | None:
        """GitHub's time when it answered; None when it did not say."""
        return moment_of(self.headers.get("date", ""))

    @property
    def token_ends(self) -> datetime | None:
        """When the token that was used ends, as GitHub tells of fine-grained ones and of classic ones with an end."""
        told = self.headers.get("github-authentication-token-expiration", "").replace(" UTC", " +0000")
        try:
            return datetime.strptime(told, "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def has_next(self) -> bool:
        """A further page follows this one."""
        return 'rel="next"' in self.headers.get("link", "")

    @property
    def is_json(self) -> bool:
        """GitHub itself answered, and not some gateway with a page."""
        return "json" in self.headers.get("content-type", "")

    def json(self) -> Any:
        """The parsed body. Raises ValueError, which says why, for anything but complete JSON within limits."""
        if not self.is_json:
            raise ValueError("the answer is not JSON")
        return read_json(self.text)

    def message(self) -> str:
        """What GitHub said went wrong, on one line of bounded length.

        Where a reader needs it, with the request: for what is not found, and for what came without a message.
        """
        try:
            body = self.json()
        except ValueError:
            body = None
        said = body.get("message") if isinstance(body, dict) else None
        where = f"{self.request} was answered with {self.status}" if self.request else f"status {self.status}"
        if not said:
            return f"{where}{beginning(self.text) or ', without a message'}"
        line = inert(str(said))[:300]
        return f"{line} ({where})" if self.status == 404 else line


def judge(answer: GitHubAnswer, doing: str, *, write: bool, item: bool) -> Any:
    """The parsed body of an answer that says success; everything else is raised.

    `doing` opens each message (`list the issues of acme/pay`), `write` is true when the request could change something,
    `item` when its address names one item rather than the repository. Raises a TrackerError, or TransientError for
    reads that may be tried again.
    """
    if 200 <= answer.status < 300:
        return _body(answer, doing, write=write)
    if answer.status >= 500 or answer.status == 408 or (write and answer.status == 429 and not answer.is_json):
        raise _unclear(f"cannot {doing}: {answer.message()}", write=write, after=retry_after(answer))
    raise _refusal(answer, f"cannot {doing}: {answer.message()}", item=item)


def retry_after(answer: GitHubAnswer) -> timedelta | None:
    """The time GitHub asks to wait, in seconds or until a date; None when it asks for none."""
    return wait_asked_for(answer.headers)


def reset_after(answer: GitHubAnswer) -> timedelta | None:
    """How long after this answer the hourly limit is filled again; None when unknown."""
    epoch, now = whole_number(answer.headers.get("x-ratelimit-reset", "")), answer.date
    if now is None or epoch is None:
        return None
    seconds = min(max(epoch - now.timestamp(), 1), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=seconds)


def lifetime(expires_at: object, answer: GitHubAnswer) -> float:
    """For how many seconds a token of an App may be used: somewhat less than GitHub says, by its own clock."""
    try:
        ends = datetime.fromisoformat(expires_at) if isinstance(expires_at, str) else None
        told = (ends - answer.date).total_seconds() if ends is not None and answer.date is not None else _TOKEN_SECONDS
    except (ValueError, TypeError, OverflowError):
        told = _TOKEN_SECONDS
    return min(max(told, 0.0), _TOKEN_SECONDS) * 0.9


def unclear(message: str, *, write: bool) -> Exception:
    """The error for a request whose answer was lost: a write may have happened, a read may be tried again."""
    return _unclear(message, write=write, after=None)


def _unclear(message: str, *, write: bool, after: timedelta | None) -> Exception:
    return Ambiguous(message) if write else TransientError(message, after)


def _body(answer: GitHubAnswer, doing: str, *, write: bool) -> Any:
    if answer.status in (204, 205):
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise unclear(f"cannot {doing}: {error}", write=write) from None


def _refusal(answer: GitHubAnswer, message: str, *, item: bool) -> TrackerError:
    limited = _limited(answer, message)
    if limited is not None:
        return limited
    error: TrackerError
    match answer.status:
        case 401:
            error = Denied(message, remedy=_RENEW, credentials=True)
        case 403:
            error = _forbidden(answer, message)
        case 404 | 451 if item:
            error = Gone(message, uncertain=True)
        case 404 | 451:
            error = Denied(message, remedy=_unseen(answer.request))
        case 410 if item and "disabled" not in message.lower():
            error = Gone(message)
        case 410:  # also of one issue, which is not deleted
            error = Denied(message, remedy=ISSUES_OFF)
        case 409:
            error = Retryable(message)
        case _:
            error = Rejected(f"{message}{_field_errors(answer)}")
    return error


def _unseen(request: str) -> str:
    """What to do about an address that is not found: the repository's own, or one below it."""
    owner, name, *below = [*request.partition("/repos/")[2].split("/"), ""][:3]
    if name and any(below):
        return f"See that the token may read {owner}/{name}, and that this GitHub has this address."
    return "Check the repository's name, and that the token may read it."


def _limited(answer: GitHubAnswer, message: str) -> Retryable | None:
    """The error of a rate limit, where this answer is one."""
    said = message.lower()
    if answer.status == 422 and "too quickly" in said:
        return Retryable(message, after=retry_after(answer) or _SECONDARY_WAIT, budget=True)
    if answer.status not in (403, 429):
        return None
    if answer.headers.get("x-ratelimit-remaining") == "0" or "api rate limit exceeded" in said:
        return Retryable(message, after=retry_after(answer) or reset_after(answer) or _SECONDARY_WAIT, budget=True)
    if answer.status == 429 or "retry-after" in answer.headers or "secondary rate limit" in said or "abuse" in said:
        return Retryable(message, after=retry_after(answer) or _SECONDARY_WAIT, budget=True)
    return None


def _forbidden(answer: GitHubAnswer, message: str) -> TrackerError:
    said = message.lower()
    if "locked" in said:
        return Rejected(message)
    if "archived" in said or "read-only" in said:
        return ReadOnly(message, remedy="The repository is archived: take it out of the pair, or unarchive it.")
    if "x-github-sso" in answer.headers:
        return Denied(message, remedy="Authorise the token for the organisation's single sign-on.")
    accepted = answer.headers.get("x-accepted-github-permissions") or answer.headers.get("x-accepted-oauth-scopes")
    return Denied(message, remedy=f"Give the token the permission {accepted}." if accepted else _PERMISSIONS)


_PERMISSIONS: Final = "Give the token read and write access to the repository's issues."


def _field_errors(answer: GitHubAnswer) -> str:
    """` (title is too long; label: invalid)` from the list of errors of a 422."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    errors = body.get("errors") if isinstance(body, dict) else None
    if isinstance(errors, str):
        errors = [errors]
    said = [_field_error(error) for error in errors] if isinstance(errors, list) else []
    return f" ({'; '.join(said)[:500]})" if said else ""


def _field_error(error: object) -> str:
    if not isinstance(error, dict):
        return inert(str(error))
    field, code, message = (inert(str(error.get(key) or "")) for key in ("field", "code", "message"))
    return f"{field}: {message or code.replace('_', ' ')}" if field else message or code
