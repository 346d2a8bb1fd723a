"""What an answer of Jira means: one place that turns status, headers and content into a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.jira.pacing import Limited, is_refusal, reason_of, wait_told
from connectors.transport import beginning, inert, moment_of, read_json, retry_after
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Stale, TrackerError

_LONGEST_MESSAGE = 300
_NO_SCOPE = "scope does not match"
_RENEW = "Renew the token of this tracker."


class Forbidden(Denied):
    """A 403: stops the side, unless the caller knows that only one item or one parameter was refused."""


class Unscoped(Forbidden):
    """A 401 to a token that is good and lacks the scope of one operation: it is refused nothing else for that."""


class UntakenRead(Retryable):
    """A read whose answer was too large or too slow to be taken: it would be the same again, so it is not repeated."""


class Invalid(Rejected):
    """A 400: what the server says about each field, by field id, and what it says in general.

    `content` is the JSON of the answer, None when it is none: a bulk create says there what became of each element.
    """

    def __init__(
        self, message: str, fields: Mapping[str, str], messages: tuple[str, ...] = (), content: Any = None
    ) -> None:
        super().__init__(message)
        self.fields = fields
        self.messages = messages
        self.content = content


@dataclass(frozen=True, slots=True)
class JiraAnswer:
    """What came back for one request. Header names are lower case."""

    request: str
    """Verb and path, for messages; never a query, which may hold what people wrote."""
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def date(self) -> datetime | None:
        """The server's clock when it answered."""
        return moment_of(self.headers.get("date", ""))


def payload(answer: JiraAnswer, *, writing: bool) -> Any:
    """The JSON of a good answer (None for an empty one to a write). Raises the TrackerError that anything else means.

    `writing` decides what an unclear answer means: of a read that it can be repeated, of a write that it may have
    taken effect.
    """
    if (denied := _not_signed_in(answer)) is not None:
        raise denied
    if not 200 <= answer.status < 300:
        raise error_of(answer, writing=writing)
    if not answer.body.strip():
        if writing:
            return None
        raise Retryable(f"{answer.request}: empty answer")
    if "json" not in answer.headers.get("content-type", "").lower():
        raise _unclear(answer, "the answer is not JSON (a proxy's or a login page?)", writing=writing)
    try:
        return read_json(answer.body)
    except ValueError as error:
        raise _unclear(answer, str(error), writing=writing) from None


def _not_signed_in(answer: JiraAnswer) -> Denied | None:
    """The error of a server that took us for a stranger or wants a captcha solved, whatever its status.

    Jira may answer a stranger with 200 and an empty list, which would look as if everything had been deleted.
    """
    if "authentication_denied" in answer.headers.get("x-seraph-loginreason", "").lower() or (
        "captcha" in answer.headers.get("x-authentication-denied-reason", "").lower()
    ):
        remedy = "Sign in once with a browser as this account, and solve the captcha."
        return Denied(f"{answer.request}: Jira wants a captcha solved", remedy=remedy)
    failed = "authenticated_failed" in answer.headers.get("x-seraph-loginreason", "").lower()
    if failed or answer.headers.get("x-ausername") == "anonymous":
        return Denied("token not accepted: Jira treats it as anonymous", remedy=_RENEW, credentials=True)
    return None


def error_of(answer: JiraAnswer, *, writing: bool) -> TrackerError:
    """The error that an answer with a status other than 2xx means."""
    status, request, content = answer.status, answer.request, _content(answer)
    line = described(*complaints(content))
    said = f" ({status}): {line}" if line else f" ({status}){beginning(answer.body.decode('utf-8', 'replace'))}"
    if is_refusal(status, answer.headers):
        reason = answer.headers.get("ratelimit-reason", "")
        named = f" ({reason})" if reason else ""
        message = f"{request}: too many requests{named}{said}"
        return Limited(message, reason_of(answer.headers), wait_told(answer.headers))
    if status == 408 or status >= 500:
        return _unclear(answer, f"the server failed{said}", writing=writing)
    return _refusal(status, request, said, content)


def _refusal(status: int, request: str, said: str, content: Any) -> TrackerError:
    """The error of a server that understood the request and did not do it."""
    match status:
        case 401:
            return _unauthorized(request, said, content)
        case 403:
            return Forbidden(f"{request}: not permitted{said}", remedy="Give the account this permission.")
        case 404 | 410:
            return Gone(f"{request}: not found{said}", uncertain=status == 404)
        case 409 | 412:
            return Stale(f"{request}: changed meanwhile{said}")
        case _ if status < 400:
            remedy = "Set `url` to the address Jira answers at."
            return Denied(f"{request}: the server points elsewhere{said}", remedy=remedy)
        case _:
            return Invalid(f"{request}: refused{said}{_hint(said)}", *complaints(content), content)


def _hint(said: str) -> str:
    """What helps where a site counts the length of a text otherwise than we do."""
    too_long = any(words in said for words in ("exceeds the allowed limit", "CONTENT_LIMIT_EXCEEDED"))
    return " (a lower `body-limit` of this tracker cuts texts before they are sent)" if too_long else ""


def _unauthorized(request: str, said: str, content: Any) -> Denied:
    """The error of a token that is refused, or that is good and lacks the scope of this operation."""
    if isinstance(content, dict) and _NO_SCOPE in str(content.get("message", "")):
        remedy = "Make a token with the scopes of this operation: read:jira-work, write:jira-work, read:jira-user."
        return Unscoped(f"{request}: the token lacks a scope for it{said}", remedy=remedy)
    return Denied(f"token refused{said}", remedy=_RENEW, credentials=True)


def _unclear(answer: JiraAnswer, what: str, *, writing: bool) -> TrackerError:
    message = f"{answer.request}: {what}"
    if writing:
        return Ambiguous(message)
    # A 5xx with Retry-After is maintenance, not a rate limit: those are told by 429 (RFC 9110 10.2.3, RFC 6585 4).
    return Retryable(message, after=retry_after(answer.headers))


def _content(answer: JiraAnswer) -> Any:
    """The JSON of an error's body, None when it is none."""
    try:
        return read_json(answer.body)
    except ValueError:
        return None


def complaints(found: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    """Field errors and general messages of an error collection `{"errorMessages": [], "errors": {}}`, else nothing."""
    if not isinstance(found, dict):
        return {}, ()
    errors, messages = found.get("errors"), found.get("errorMessages")
    fields = {str(key): str(value) for key, value in errors.items()} if isinstance(errors, dict) else {}
    general = tuple(str(message) for message in messages) if isinstance(messages, list) else ()
    return fields, general


def described(fields: Mapping[str, str], messages: tuple[str, ...]) -> str:
    """Complaints as one line: `summary: must be less than 255 characters`."""
    line = inert("; ".join([*messages, *(f"{key}: {text}" for key, text in fields.items())]))
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"
