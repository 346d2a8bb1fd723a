"""Connects plain functions to HTTP.

Authentication, JSON in and out, errors in Jira's shape, one lock around every request.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.problems import JiraError, forbidden, invalid, no_issue, not_found
from syncer.sandbox.jira.ratelimit import Operation
from syncer.sandbox.jira.records import Issue, Project, User
from syncer.sandbox.jira.render import Renderer
from syncer.sandbox.jira.state import Jira
from syncer.sandbox.jira.values import Target
from syncer.sandbox.routing import SiteRoute


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not simply 200 with JSON; `body` None means no content, bytes are sent as they are."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a handler sees it; `version` is the REST version in its path, None below `/rest/agile`."""

    jira: Jira
    account: User | None
    method: str
    version: str
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    raw: bytes

    @property
    def render(self) -> Renderer:
        """Returns a renderer for the caller."""
        return Renderer(self.jira, self.account, self.version)

    @property
    def rich(self) -> bool:
        """Tells whether text is ADF in this REST version."""
        return self.version == "3"

    def body(self) -> dict[str, Any]:
        """Returns the JSON object sent; raises a 400 for anything else."""
        value = self.json()
        if not isinstance(value, dict):
            raise invalid("Invalid request payload. Refer to the REST API documentation and try again.")
        return value

    def json(self) -> Any:
        """Returns the JSON value sent; raises a 400 when it is none."""
        try:
            value = json.loads(self.raw)
            return _whole(value) if b"\\ud" in self.raw.lower() else value
        except ValueError:
            raise invalid("There was an error parsing JSON. Check that your request body is valid.") from None

    def text(self, name: str, default: str = "") -> str:
        """Returns the first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def words(self, name: str) -> list[str]:
        """Returns a list parameter, repeated or separated by commas."""
        return [word.strip() for value in self.query.get(name, []) for word in value.split(",") if word.strip()]

    def number(self, name: str, default: int) -> int:
        """Returns a whole number of the query; raises a 400 for another text."""
        return as_number(name, self.text(name) or default)

    def flag(self, name: str) -> bool:
        """Tells whether a query parameter says true."""
        return self.text(name).lower() == "true"

    def require_account(self) -> User:
        """Returns the caller's account; raises a 401 for a visitor."""
        if self.account is None:
            raise JiraError(401, ["Client must be authenticated to access this resource."])
        return self.account

    def issue(self, name: str = "issue") -> Issue:
        """Returns the issue the path names; raises the 404 that does not tell absent from hidden."""
        return self.visible_issue(self.path[name])

    def visible_issue(self, key_or_id: str) -> Issue:
        """Returns an issue the caller may see; raises a 404."""
        found = self.jira.find_issue(key_or_id)
        if found is None or not permissions.can_see(self.jira, self.account, found.content):
            raise no_issue()
        return found

    def project(self, name: str = "project") -> Project:
        """Returns the project the path names, if the caller may browse it; raises a 404."""
        return self.visible_project(self.path[name])

    def visible_project(self, key_or_id: str) -> Project:
        """Returns a project the caller may browse; raises a 404."""
        found = self.jira.find_project(key_or_id)
        if found is None or not permissions.allows(self.jira, self.account, "BROWSE_PROJECTS", found):
            raise not_found(f"No project could be found with key '{key_or_id}'.")
        return found

    def target(self, issue: Issue) -> Target:
        """Returns where values sent by the caller for an issue are going."""
        return Target(self.jira, self.account, issue.project, issue.content["issuetype"], self.rich, issue)


def _whole(value: Any) -> Any:
    """Returns JSON without halves of surrogate pairs, which Java encodes as question marks."""
    match value:
        case str():
            return "".join("?" if "\ud800" <= character <= "\udfff" else character for character in value)
        case list():
            return [_whole(each) for each in value]
        case dict():
            return {_whole(name): _whole(each) for name, each in value.items()}
        case _:
            return value


def as_number(name: str, value: Any) -> int:
    """Returns a whole number from JSON or text; raises a 400 naming the parameter."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return int(value)
    except (TypeError, ValueError):
        raise invalid(f"The value '{value}' of '{name}' is not a number.") from None


def page(items: list[Any], start: int, size: int) -> tuple[list[Any], bool]:
    """Returns one slice of `items` and whether it is the last."""
    chosen = items[start : start + size]
    return chosen, start + len(chosen) >= len(items)


Handler = Callable[[Call], Any]
_F = TypeVar("_F", bound=Handler)


@dataclass(frozen=True, slots=True)
class Registration:
    """One operation: verbs and path below the REST root, and the deployment it exists on (None: both)."""

    verbs: tuple[str, ...]
    path: str
    handler: Handler
    deployment: str | None


class Registry:
    """Collects the operations of one area; `agile` areas live below `/rest/agile/1.0`."""

    def __init__(self, *, agile: bool = False) -> None:
        self.agile = agile
        self.registrations: list[Registration] = []

    def on(self, verbs: str, path: str, deployment: str | None = None) -> Callable[[_F], _F]:
        """Registers a function for verbs such as `GET POST` on a path."""

        def register(handler: _F) -> _F:
            self.registrations.append(Registration(tuple(verbs.split()), path, handler, deployment))
            return handler

        return register


def mount(jira: Jira, registries: Iterable[Registry]) -> list[Route]:
    """Returns the Starlette routes of all areas for the site's deployment.

    Cloud serves versions 3 and 2, Data Center serves 2; `latest` is 2 on both.
    """
    versions = {"3": "3", "2": "2", "latest": "2"} if jira.is_cloud else {"2": "2", "latest": "2"}
    found: list[Route] = []
    for registry in registries:
        roots = (
            {"/rest/agile/1.0": "2"}
            if registry.agile
            else {f"/rest/api/{name}": version for name, version in versions.items()}
        )
        for root, version in roots.items():
            found.extend(
                SiteRoute(root + each.path, _endpoint(jira, each.handler, version, each.path), each.verbs)
                for each in registry.registrations
                if each.deployment in {None, jira.deployment}
            )
    return found


def plain_route(jira: Jira, path: str, handler: Handler) -> Route:
    """Returns a GET route outside the REST roots."""
    return SiteRoute(path, _endpoint(jira, handler, "2", path), ["GET"])


def _endpoint(jira: Jira, handler: Handler, version: str, path: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        with jira.lock:
            return answer(jira, handler, version, request, raw, path)

    return endpoint


def answer(  # one parameter more than usual: the route a request came by is known to the routing alone
    jira: Jira, handler: Handler, version: str, request: Request, raw: bytes, path: str = ""
) -> Response:
    """Returns what the handler answers, or the problem it raised, as an HTTP response."""
    headers: dict[str, str] = {}
    if (request.method, path) in jira.unscoped:
        return Response(NO_SCOPE, 401, {"Content-Type": "application/json"})
    try:
        account = authenticate(jira, request)
        operation = _operation(jira, account, request, path)
        headers = jira.rate_limit.take(operation, jira.clock.now())
        if operation.issue and jira.issues[operation.issue].archived:
            raise forbidden("The issue is archived and cannot be changed.")
        query: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            query.setdefault(name, []).append(value)
        result = handler(Call(jira, account, request.method, version, request.path_params, query, request.headers, raw))
    except JiraError as problem:
        result = Answer(problem.status, problem.page or problem.body(), problem.headers)
        if problem.page is not None:
            headers = {"Content-Type": "text/html;charset=utf-8"}
    if not isinstance(result, Answer):
        result = Answer(200, result)
    return _response(result, headers)


NO_SCOPE = b'{"code":401,"message":"Unauthorized; scope does not match"}'
"""What the gateway answers before Jira is reached (raycast/extensions issue 11212)."""


def _operation(jira: Jira, account: User | None, request: Request, path: str) -> Operation:
    """What a request counts against; the issue is that of its path."""
    named = request.path_params.get("issue", "") if request.method != "GET" else ""
    issue = jira.find_issue(named) if named else None
    return Operation(account.identifier if account else "", request.method, path, issue.id if issue else "")


def _response(result: Answer, headers: dict[str, str]) -> Response:
    sent = {**headers, **result.headers}
    if isinstance(result.body, bytes):
        return Response(result.body, result.status, sent)
    if result.body is None:
        return Response(b"", result.status, sent)
    content = json.dumps(result.body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, result.status, {**sent, "Content-Type": "application/json;charset=UTF-8"})


GATEWAY = "/ex/jira/"
"""What an address of the gateway has before the id of the site."""


def authenticate(jira: Jira, request: Request) -> User | None:
    """Returns the caller's account, None for a visitor without credentials; raises a 401 for wrong ones.

    Cloud takes Basic e-mail and token, Data Center a Bearer token.
    """
    sent = request.headers.get("authorization", "")
    if not sent:
        return None
    scheme, _, credentials = sent.partition(" ")
    account: User | None = None
    if jira.is_cloud and scheme.lower() == "basic":
        email, token = _basic(credentials)
        scoped = token in jira.scoped_tokens and GATEWAY not in str(request.url)
        owner = None if scoped else jira.user_of_token(token)
        account = owner if owner is not None and owner.email.casefold() == email.casefold() else None
    elif not jira.is_cloud and scheme.lower() == "bearer":
        account = jira.user_of_token(credentials.strip())
    if account is None:
        reason = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        challenge = {"WWW-Authenticate": 'OAuth realm="jira"'} if jira.is_cloud else {"WWW-Authenticate": "Bearer"}
        raise JiraError(401, ["Client must be authenticated to access this resource."], headers={**challenge, **reason})
    return account


def _basic(credentials: str) -> tuple[str, str]:
    try:
        email, _, token = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return email, token
