"""The REST interface of the sandbox's GitHub: which address leads to which function."""

from __future__ import annotations

from starlette.routing import BaseRoute

from syncer.sandbox.github.api import comments, issues, people, planning
from syncer.sandbox.github.api.http import Function, IssueFunction, RepositoryFunction
from syncer.sandbox.github.api.http import catch_all, host_route, issue_route, repository_route
from syncer.sandbox.github.state import GitHub

_HOST: tuple[tuple[str, str, Function], ...] = (
    ("GET", "/user", people.read_self),
    ("GET", "/users/{login}", people.read_user),
    ("GET", "/rate_limit", people.rate_limit),
    ("GET", "/meta", people.meta),
)

_REPOSITORY: tuple[tuple[str, str, RepositoryFunction], ...] = (
    ("GET", "", people.read_repository),
    ("GET", "/issues", issues.list_issues),
    ("POST", "/issues", issues.create),
    ("GET", "/issues/comments", comments.list_of_repository),
    ("GET", "/issues/comments/{comment_id:int}", comments.read),
    ("PATCH", "/issues/comments/{comment_id:int}", comments.edit),
    ("DELETE", "/issues/comments/{comment_id:int}", comments.delete),
    ("GET", "/issues/events", issues.list_repository_events),
    ("GET", "/issues/events/{event_id:int}", issues.read_event),
    ("GET", "/labels", planning.list_labels),
    ("POST", "/labels", planning.create_label),
    ("GET", "/labels/{name:path}", planning.read_label),
    ("PATCH", "/labels/{name:path}", planning.edit_label),
    ("DELETE", "/labels/{name:path}", planning.delete_label),
)

_ISSUE: tuple[tuple[str, str, IssueFunction], ...] = (
    ("GET", "", issues.read),
    ("PATCH", "", issues.edit),
    ("GET", "/comments", comments.list_of_issue),
    ("POST", "/comments", comments.create),
    ("GET", "/labels", issues.list_labels),
    ("POST", "/labels", issues.add_labels),
    ("PUT", "/labels", issues.set_labels),
    ("DELETE", "/labels", issues.clear_labels),
    ("DELETE", "/labels/{name:path}", issues.remove_label),
    ("POST", "/assignees", issues.add_assignees),
    ("DELETE", "/assignees", issues.remove_assignees),
    ("GET", "/assignees/{login}", issues.check_assignee),
    ("PUT", "/lock", issues.lock),
    ("DELETE", "/lock", issues.unlock),
    ("GET", "/events", issues.list_events),
    ("GET", "/timeline", issues.timeline),
)


def routes(github: GitHub) -> list[BaseRoute]:
    """Return every route of the interface, relative to `/api/v3`; unknown addresses answer GitHub's 404."""
    found: list[BaseRoute] = []
    for verb, path, function in _HOST:
        found += host_route(github, verb, path, function)
    for verb, path, repository_function in _REPOSITORY:
        found += repository_route(github, verb, path, repository_function)
    for verb, path, issue_function in _ISSUE:
        found += issue_route(github, verb, path, issue_function)
    return [*found, catch_all(github)]
