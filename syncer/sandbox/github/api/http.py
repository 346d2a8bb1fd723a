"""From an HTTP request to a plain function over the state and back: the only place that knows both.

Every route is a verb, a path and a function. Functions of a repository's routes get the repository too; the same
function then serves `/repos/OWNER/NAME/...` and `/repositories/ID/...`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncer.sandbox.github.access import Caller, authenticate, require_read, visible
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Issue, Repository
from syncer.sandbox.github.problems import Problem, not_found
from syncer.sandbox.github.rendering import encode
from syncer.sandbox.github.state import GitHub
from syncer.sandbox.interception import ACTING_USER
from syncer.sandbox.routing import SiteRoute

RELEASED = ("2022-11-28", "2026-03-10")
"""The versions of the interface that there have been."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, understood: who calls, what is asked, the parsed body (`{}` when there is none).

    `rest` is the path below the repository (below the interface for other routes), `query` the last value of each
    name, `query_string` the query as sent, `accept` the media types asked for.
    """

    github: GitHub
    caller: Caller
    verb: str
    params: Mapping[str, Any]
    rest: str
    query: Mapping[str, str]
    query_string: str
    body: Any
    accept: str = ""

    @property
    def wants_html(self) -> bool:
        """True when texts are to be answered as HTML too."""
        return "full+json" in self.accept

    def fields(self) -> Mapping[str, object]:
        """Return the body as an object; raise 422 when it is another JSON value."""
        if not isinstance(self.body, dict):
            raise Problem(422, "Invalid request.\n\nFor 'links/0/schema', the body is not an object.")
        return self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answers: a status, JSON content (or JSON text as bytes), and headers."""

    status: int = 200
    content: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the content as bytes; empty for None."""
        if self.content is None:
            return b""
        return self.content if isinstance(self.content, bytes) else encode(self.content)


Function = Callable[[Call], Answer]
RepositoryFunction = Callable[[Call, Repository], Answer]
IssueFunction = Callable[[Call, Issue], Answer]


def host_route(github: GitHub, verb: str, path: str, function: Function) -> list[Route]:
    """Return the route of a function that needs no repository."""
    return [SiteRoute(path, _endpoint(github, function, ""), [verb])]


def repository_route(github: GitHub, verb: str, path: str, function: RepositoryFunction) -> list[Route]:
    """Return both routes of a function of a repository; `path` is relative to it."""

    def resolved(call: Call) -> Answer:
        return function(call, _repository_of(call))

    return [
        SiteRoute("/repos/{owner}/{repo}" + path, _endpoint(github, resolved, "repos"), [verb]),
        SiteRoute("/repositories/{repository_id:int}" + path, _endpoint(github, resolved, "repositories"), [verb]),
    ]


def issue_route(github: GitHub, verb: str, path: str, function: IssueFunction) -> list[Route]:
    """Return both routes of a function of an issue; `path` is relative to it."""

    def resolved(call: Call, repository: Repository) -> Answer:
        require_read(github, call.caller, repository)
        return function(call, issue_of(call, repository, int(call.params["number"])))

    return repository_route(github, verb, "/issues/{number:int}" + path, resolved)


def catch_all(github: GitHub) -> Route:
    """Return the route that answers 404 for every address and verb no other route has."""

    def missing(call: Call) -> Answer:
        raise not_found()

    verbs = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return SiteRoute("/{rest:path}", _endpoint(github, missing, ""), verbs)


def list_answer(call: Call, repository: Repository | None, total: int, content: object, page: Page) -> Answer:
    """Return one page of a list with its Link header, which names the repository by id as GitHub's does."""
    root = call.github.api_url if repository is None else f"{call.github.api_url}/repositories/{repository.id}"
    link = page.link(f"{root}{call.rest}", call.query_string, total)
    return Answer(200, content, {} if link is None else {"link": link})


def _repository_of(call: Call) -> Repository:
    """Return the repository a path names; raise the redirect of a former name, or 404."""
    github = call.github
    if "repository_id" in call.params:
        found = github.repositories.get(call.params["repository_id"])
    else:
        name = f"{call.params['owner']}/{call.params['repo']}"
        found = github.find_repository(name)
        renamed = None if found is not None else github.find_renamed(name)
        if renamed is not None and visible(github, call.caller, renamed):
            reading = call.verb in ("GET", "HEAD")
            raise _moved(call, 301 if reading else 307, f"{github.api_url}/repositories/{renamed.id}{call.rest}")
    if found is None or not visible(github, call.caller, found):
        raise not_found()
    return found


def issue_of(call: Call, repository: Repository, number: int) -> Issue:
    """Return an issue by number; raise 301 when it was transferred, 410 when deleted or issues are off, or 404."""
    github = call.github
    issue = repository.issues.get(number)
    if issue is not None:
        if not repository.has_issues and issue.pull_request is None:
            raise Problem(410, "Issues are disabled for this repo")
        return issue
    moved = repository.moved.get(number)
    if moved is not None and visible(github, call.caller, moved.repository):
        below = call.rest.partition(f"/issues/{number}")[2]
        raise _moved(call, 301, f"{github.api_url}/repositories/{moved.repository.id}/issues/{moved.number}{below}")
    if number in repository.deleted:
        raise Problem(410, "This issue was deleted")
    raise not_found()


def _moved(call: Call, status: Literal[301, 307], target: str) -> Problem:
    """Return the redirect to a new address.

    A renamed repository redirects reads with 301 and writes with 307, a transferred issue both with 301, as the
    vendor's document lists them.
    """
    full = f"{target}?{call.query_string}" if call.query_string else target
    return Problem(
        status,
        "Moved Permanently" if status == 301 else "Temporary Redirect",
        headers={"location": full},
        url=full,
        documentation_url="https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    )


def _endpoint(github: GitHub, function: Function, root: str) -> Callable[[Request], Awaitable[Response]]:
    """Return the Starlette endpoint of a function; `root` says how the path names a repository, "" if not at all."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        with github.lock:
            return _respond(github, function, request, body, root)

    return endpoint


def _respond(github: GitHub, function: Function, request: Request, body: bytes, root: str) -> Response:
    """Return the response of a function: limits counted, problems in GitHub's shape, headers as GitHub sets them."""
    caller = Caller()
    now = github.clock.now()
    counted = not request.url.path.endswith("/rate_limit")
    spent = False
    try:
        _check_version(github, request)
        caller = authenticate(github, request.headers.get("authorization"))
        if caller.account is not None:
            request.scope["state"][ACTING_USER] = caller.account.login
        if counted:
            github.limits.spend(caller.counted_as, now)
            spent = True
        answer = function(_call(github, caller, request, body, root))
    except Problem as problem:
        answer = Answer(problem.status, problem.as_json(), problem.headers)
    content = answer.encoded()
    headers = {**_common_headers(github, caller, request), **answer.headers}
    if request.method == "GET" and answer.status == 200:
        etag = _etag(caller, content)
        headers.update({"etag": etag, "cache-control": "private, max-age=60, s-maxage=60"})
        if _matches(request.headers.get("if-none-match"), etag):
            if spent:
                github.limits.give_back(caller.counted_as, now)
            answer, content = Answer(304), b""
    standing = github.limits.standing(caller.counted_as, now)
    if standing is not None:
        headers.update(standing.headers())
    if content:
        headers["content-type"] = "application/json; charset=utf-8"
    return Response(content, answer.status, headers)


def _call(github: GitHub, caller: Caller, request: Request, body: bytes, root: str) -> Call:
    """Return the request as functions see it; raise 400 for a body that is not JSON."""
    path = request.scope["path"].removeprefix("/api/v3")
    parts = {"repos": 4, "repositories": 3}.get(root, 0)
    rest = "".join(f"/{part}" for part in path.split("/")[parts:]) if parts else path
    return Call(
        github,
        caller,
        request.method,
        request.path_params,
        rest,
        dict(request.query_params),
        request.scope["query_string"].decode("latin-1"),
        _parsed(body),
        request.headers.get("accept", ""),
    )


def _parsed(body: bytes) -> Any:
    """Return the JSON value of a request body, `{}` for none; raise 400 when it is not JSON or not Unicode."""
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is an escape JSON allows and UTF-8 does not
    except (ValueError, RecursionError) as error:
        raise Problem(400, "Problems parsing JSON") from error
    return value


def _check_version(github: GitHub, request: Request) -> None:
    """Raise 410 for a version of the interface that has ended, 400 for one that does not exist, as GitHub does."""
    supported = github.behaviour.api_versions
    version = request.headers.get("x-github-api-version", supported[0])
    if version not in supported:
        status = 410 if version in RELEASED and version < supported[0] else 400
        raise Problem(status, f"{version} is not a supported version. Supported versions: {', '.join(supported)}.")


def _selected_version(github: GitHub, request: Request) -> str:
    """Return the version of the interface that answers a request."""
    supported = github.behaviour.api_versions
    version = request.headers.get("x-github-api-version", supported[0])
    return version if version in supported else supported[0]


def _common_headers(github: GitHub, caller: Caller, request: Request) -> dict[str, str]:
    """Return the headers of every answer: date, versions, and what the token is."""
    headers = {
        "date": format_datetime(github.clock.now(), usegmt=True),
        "server": "github.com",
        "x-github-media-type": "github.v3; format=json",
        "x-github-api-version-selected": _selected_version(github, request),
        "x-github-request-id": f"SANDBOX:{github.sequences.request.take():06X}",
        "vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
    }
    if github.behaviour.enterprise_version:
        headers["x-github-enterprise-version"] = f"enterprise-server@{github.behaviour.enterprise_version}"
    token = caller.token
    if token is not None and token.kind == "classic":
        headers["x-oauth-scopes"] = ", ".join(token.scopes)
        headers["x-accepted-oauth-scopes"] = "repo"
    if token is not None and token.kind != "classic" and "/issues" in request.url.path:
        headers["x-accepted-github-permissions"] = "issues=read" if request.method == "GET" else "issues=write"
    if token is not None and token.expires_at is not None and token.kind != "installation":
        headers["github-authentication-token-expiration"] = token.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return headers


def _etag(caller: Caller, content: bytes) -> str:
    """Return the entity tag of an answer. Tags differ by token, as GitHub's do: a new token loses them all."""
    token = b"" if caller.token is None else caller.token.value.encode()
    return f'W/"{hashlib.blake2b(content, key=hashlib.sha256(token).digest(), digest_size=32).hexdigest()}"'


def _matches(if_none_match: str | None, etag: str) -> bool:
    """True when an If-None-Match header names the tag, weakly compared."""
    if if_none_match is None:
        return False
    strong = etag.removeprefix("W/")
    return any(given.strip().removeprefix("W/") in (strong, "*") for given in if_none_match.split(","))
