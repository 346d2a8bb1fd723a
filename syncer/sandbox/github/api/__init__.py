"""The REST interface of the sandbox's GitHub: which address leads to which function."""

from __future__ import annotations

from starlette.routing import BaseRoute

from syncer.sandbox.github.api import apps, boards, fields, issues, people, pulls, releases, repositories
from syncer.sandbox.github.api.http import (
    Function,
    IssueFunction,
    RepositoryFunction,
    catch_all,
    host_route,
    issue_route,
    repository_route,
)
from syncer.sandbox.github.state import GitHub

_HOST: tuple[tuple[str, str, Function], ...] = (
    ("GET", "/user", people.read_self),
    ("GET", "/user/repos", repositories.list_own_repositories),
    ("GET", "/user/{account_id:int}", people.read_user_by_id),
    ("GET", "/users/{login}", people.read_user),
    ("GET", "/rate_limit", people.rate_limit),
    ("GET", "/meta", people.meta),
    ("GET", "/versions", people.versions),
    ("GET", "/orgs/{org}/members", people.list_members),
    ("GET", "/orgs/{org}/members/{login}", people.check_member),
    ("GET", "/orgs/{org}/teams/{slug}/members", people.list_team_members),
    ("GET", "/orgs/{org}/issue-types", people.list_issue_types),
    ("POST", "/orgs/{org}/issue-types", people.create_issue_type),
    ("PUT", "/orgs/{org}/issue-types/{issue_type_id:int}", people.edit_issue_type),
    ("DELETE", "/orgs/{org}/issue-types/{issue_type_id:int}", people.delete_issue_type),
    ("GET", "/orgs/{org}/issue-fields", fields.list_fields),
    ("POST", "/orgs/{org}/issue-fields", fields.create_field),
    ("PATCH", "/orgs/{org}/issue-fields/{issue_field_id:int}", fields.edit_field),
    ("DELETE", "/orgs/{org}/issue-fields/{issue_field_id:int}", fields.delete_field),
    ("GET", "/app", apps.read_app),
    ("GET", "/app/installations", apps.list_installations),
    ("GET", "/app/installations/{installation_id:int}", apps.read_installation),
    ("POST", "/app/installations/{installation_id:int}/access_tokens", apps.create_token),
    ("GET", "/orgs/{login}/installation", apps.installation_of_account),
    ("GET", "/users/{login}/installation", apps.installation_of_account),
    ("GET", "/installation/repositories", apps.installation_repositories),
)
_BOARD: tuple[tuple[str, str, Function], ...] = (
    ("GET", "", boards.list_boards),
    ("GET", "/{project_number:int}", boards.read_board),
    ("GET", "/{project_number:int}/fields", boards.list_fields),
    ("GET", "/{project_number:int}/fields/{field_id:int}", boards.read_field),
    ("GET", "/{project_number:int}/items", boards.list_items),
    ("POST", "/{project_number:int}/items", boards.add_item),
    ("GET", "/{project_number:int}/items/{item_id:int}", boards.read_item),
    ("PATCH", "/{project_number:int}/items/{item_id:int}", boards.edit_item),
    ("DELETE", "/{project_number:int}/items/{item_id:int}", boards.delete_item),
)
"""Below `/orgs/OWNER/projectsV2` and `/users/OWNER/projectsV2`."""

_REPOSITORY: tuple[tuple[str, str, RepositoryFunction], ...] = (
    ("GET", "", repositories.read_repository),
    ("PATCH", "", repositories.edit_repository),
    ("GET", "/installation", apps.installation_of_repository),
    ("GET", "/assignees", repositories.list_assignees),
    ("GET", "/assignees/{login}", repositories.check_assignee),
    ("GET", "/collaborators", repositories.list_collaborators),
    ("GET", "/collaborators/{login}", repositories.check_collaborator),
    ("GET", "/collaborators/{login}/permission", repositories.read_permission),
    ("GET", "/teams", people.list_repository_teams),
    ("GET", "/contents/{path:path}", repositories.read_file),
    ("GET", "/issues", issues.list_issues),
    ("POST", "/issues", issues.create_issue),
    ("GET", "/issues/comments", issues.list_repository_comments),
    ("GET", "/issues/comments/{comment_id:int}", issues.read_comment),
    ("PATCH", "/issues/comments/{comment_id:int}", issues.edit_comment),
    ("DELETE", "/issues/comments/{comment_id:int}", issues.delete_comment),
    ("GET", "/issues/comments/{comment_id:int}/reactions", issues.list_reactions),
    ("POST", "/issues/comments/{comment_id:int}/reactions", issues.react),
    ("GET", "/issues/events", issues.list_repository_events),
    ("GET", "/issues/events/{event_id:int}", issues.read_event),
    ("GET", "/pulls", pulls.list_pulls),
    ("GET", "/pulls/{number:int}", pulls.read_pull),
    ("GET", "/pulls/{number:int}/reviews", pulls.list_reviews),
    ("GET", "/releases", releases.list_releases),
    ("GET", "/releases/latest", releases.read_latest),
    ("GET", "/releases/{release_id:int}", releases.read_release),
    ("GET", "/tags", releases.list_tags),
    ("GET", "/labels", repositories.list_labels),
    ("POST", "/labels", repositories.create_label),
    ("GET", "/labels/{name:path}", repositories.read_label),
    ("PATCH", "/labels/{name:path}", repositories.edit_label),
    ("DELETE", "/labels/{name:path}", repositories.delete_label),
    ("GET", "/milestones", repositories.list_milestones),
    ("POST", "/milestones", repositories.create_milestone),
    ("GET", "/milestones/{milestone_number:int}", repositories.read_milestone),
    ("PATCH", "/milestones/{milestone_number:int}", repositories.edit_milestone),
    ("DELETE", "/milestones/{milestone_number:int}", repositories.delete_milestone),
    ("GET", "/milestones/{milestone_number:int}/labels", repositories.milestone_labels),
)

_ISSUE: tuple[tuple[str, str, IssueFunction], ...] = (
    ("GET", "", issues.read_issue),
    ("PATCH", "", issues.edit_issue),
    ("GET", "/comments", issues.list_issue_comments),
    ("POST", "/comments", issues.create_comment),
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
    ("GET", "/sub_issues", issues.list_sub_issues),
    ("POST", "/sub_issues", issues.add_sub_issue),
    ("DELETE", "/sub_issue", issues.remove_sub_issue),
    ("PATCH", "/sub_issues/priority", issues.prioritise),
    ("GET", "/parent", issues.parent),
    ("GET", "/dependencies/blocked_by", issues.list_blocked_by),
    ("POST", "/dependencies/blocked_by", issues.add_blocker),
    ("DELETE", "/dependencies/blocked_by/{issue_id:int}", issues.remove_blocker),
    ("GET", "/dependencies/blocking", issues.list_blocking),
    ("GET", "/issue-field-values", fields.list_values),
    ("POST", "/issue-field-values", fields.add_values),
    ("PUT", "/issue-field-values", fields.set_values),
    ("DELETE", "/issue-field-values/{issue_field_id:int}", fields.delete_value),
)


def routes(github: GitHub) -> list[BaseRoute]:
    """Return every route of the interface, relative to `/api/v3`; unknown addresses answer GitHub's 404."""
    found: list[BaseRoute] = []
    for verb, path, function in _HOST:
        found += host_route(github, verb, path, function)
    for verb, path, function in _BOARD:
        for owners in ("orgs", "users"):
            found += host_route(github, verb, f"/{owners}/{{owner}}/projectsV2{path}", function)
    for verb, path, repository_function in _REPOSITORY:
        found += repository_route(github, verb, path, repository_function)
    for verb, path, issue_function in _ISSUE:
        found += issue_route(github, verb, path, issue_function)
    return [*found, catch_all(github)]
