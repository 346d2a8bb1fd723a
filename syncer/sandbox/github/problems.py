"""What goes wrong with a request, in GitHub's words and with its status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Problem(Exception):  # GitHub's answers are problems of the caller, not errors of this program
    """An answer with an error status: `message`, and for 422 the `errors` list of GitHub's validation shape."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Sequence[Mapping[str, object] | str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        documentation_url: str = "https://docs.github.com/rest",
        url: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})
        self.documentation_url = documentation_url
        self.url = url

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of the answer's body."""
        body: dict[str, object] = {"message": self.message}
        if self.url is not None:
            body["url"] = self.url
        if self.errors is not None:
            body["errors"] = list(self.errors)
        body["documentation_url"] = self.documentation_url
        body["status"] = str(self.status)
        return body


def not_found() -> Problem:
    """Return the answer for what does not exist or may not be known to exist."""
    return Problem(404, "Not Found")


def forbidden(message: str, headers: Mapping[str, str] | None = None) -> Problem:
    """Return the answer for what is visible but not allowed."""
    return Problem(403, message, headers=headers)


def invalid(resource: str, field: str, code: str, message: str | None = None, value: object = None) -> Problem:
    """Return a validation failure of one field: `code` is missing_field, invalid, already_exists, custom, ..."""
    error: dict[str, object] = {"resource": resource, "field": field, "code": code}
    if message is not None:
        error["message"] = message
    if value is not None:
        error["value"] = value
    return Problem(422, "Validation Failed", [error])


def invalid_simply(field: str, said: str) -> Problem:
    """Return a validation failure as the settings of an organisation tell it: in words alone."""
    return Problem(422, "Validation Failed", [f"{field} {said}"])


def wrong_type(field: str, value: object, expected: str) -> Problem:
    """Return the answer for a body whose property has the wrong JSON type."""
    shown = "nil" if value is None else repr(value)
    return Problem(422, f"Invalid request.\n\nFor 'properties/{field}', {shown} is not {expected}.")
