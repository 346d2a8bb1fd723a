"""Turns refusals into Jira's error answers.

`JiraError` is raised anywhere below a route and becomes `{"errorMessages": [...], "errors": {...}}` with its status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class JiraError(Exception):
    """A request that Jira refuses, with the status and the words it answers."""

    def __init__(
        self,
        status: int,
        messages: Sequence[str] = (),
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        page: bytes | None = None,
    ) -> None:
        super().__init__(status, list(messages), dict(errors or {}))
        self.status = status
        self.messages = list(messages)
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})
        self.page = page
        """An HTML page that is answered instead, by what stands before the REST interface."""

    def body(self) -> dict[str, Any]:
        """Returns the JSON body of the answer."""
        return {"errorMessages": self.messages, "errors": self.errors}


class FieldError(Exception):
    """One value that a field refuses; collected per field into one 400."""


def invalid(*messages: str, errors: Mapping[str, str] | None = None) -> JiraError:
    """Returns a 400 with general messages and messages by field."""
    return JiraError(400, messages, errors)


def not_found(message: str) -> JiraError:
    """Returns a 404 with one message."""
    return JiraError(404, [message])


def forbidden(message: str) -> JiraError:
    """Returns a 403 with one message."""
    return JiraError(403, [message])


def no_issue() -> JiraError:
    """Returns the 404 for an issue that is absent or may not be seen: Jira does not tell these apart."""
    return not_found("Issue does not exist or you do not have permission to see it.")
