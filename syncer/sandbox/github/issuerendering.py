"""The JSON of issues and comments, as GitHub shows it.

Issues are the bulk of what is served, so each keeps its rendered JSON until it changes; a list page is joined from
those pieces without rendering anything twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncer.sandbox.github.access import role_of
from syncer.sandbox.github.fieldrendering import field_values_json
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.model import Account, Comment, Issue, Reaction, Repository, Role
from syncer.sandbox.github.rendering import (
    Json,
    account_json,
    api_url_of,
    app_json,
    encode,
    html_url_of,
    issue_type_json,
    label_json,
    milestone_json,
    optional_timestamp,
    timestamp,
)

_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def association(repository: Repository, account: Account) -> str:
    """Return how an author stands to the repository: OWNER, MEMBER, COLLABORATOR or NONE."""
    if account is repository.owner:
        return "OWNER"
    if account.login.casefold() in repository.owner.members:
        return "MEMBER"
    return "COLLABORATOR" if role_of(account, repository) > Role.READ else "NONE"


def issue_api_url(github: GitHubHost, issue: Issue) -> str:
    """Return the REST address of an issue."""
    return f"{api_url_of(github, issue.repository)}/issues/{issue.number}"


def issue_html_url(github: GitHubHost, issue: Issue) -> str:
    """Return the page of an issue or pull request."""
    kind = "issues" if issue.pull_request is None else "pull"
    return f"{html_url_of(github, issue.repository)}/{kind}/{issue.number}"


def issue_bytes(github: GitHubHost, issue: Issue) -> bytes:
    """Return an issue as JSON text, rendered again only when it or its repository's epoch has changed."""
    if issue.rendered is None or issue.rendered_epoch != issue.repository.epoch:
        issue.rendered = encode(issue_json(github, issue))
        issue.rendered_epoch = issue.repository.epoch
    return issue.rendered


def issue_list_bytes(github: GitHubHost, issues: Iterable[Issue], *, everything: bool = True) -> bytes:
    """Return issues as a JSON array, as `everything` of their fields or what anybody may see is shown."""
    show = issue_bytes if everything else _issue_bytes_for_anybody
    return b"[" + b",".join(show(github, issue) for issue in issues) + b"]"


def _issue_bytes_for_anybody(github: GitHubHost, issue: Issue) -> bytes:
    return encode({**issue_json(github, issue), "issue_field_values": field_values_json(issue, everything=False)})


def issue_json(github: GitHubHost, issue: Issue) -> Json:
    """Return an issue in full."""
    repository = issue.repository
    api = issue_api_url(github, issue)
    kind = "I" if issue.pull_request is None else "PR"
    assignees = [account_json(github, account) for account in issue.assignees]
    milestone = issue.milestone
    full: Json = {
        "url": api,
        "repository_url": api_url_of(github, repository),
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "html_url": issue_html_url(github, issue),
        "id": issue.id,
        "node_id": node_id(kind, issue.id),
        "number": issue.number,
        "title": issue.title,
        "user": account_json(github, issue.author),
        "labels": [label_json(github, repository, label) for label in issue.labels],
        "state": issue.state,
        "locked": issue.locked,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None if milestone is None else milestone_json(github, repository, milestone),
        "comments": len(issue.comments),
        "created_at": timestamp(issue.created_at),
        "updated_at": timestamp(issue.updated_at),
        "closed_at": optional_timestamp(issue.closed_at),
        "author_association": association(repository, issue.author),
        "type": None if issue.type is None else issue_type_json(issue.type),
        "active_lock_reason": issue.lock_reason,
        "sub_issues_summary": sub_issues_summary(issue),
        "issue_dependencies_summary": dependencies_summary(issue),
        "issue_field_values": field_values_json(issue),
        "body": issue.body,
        "closed_by": None if issue.closed_by is None else account_json(github, issue.closed_by),
        "reactions": reactions_json(api),
        "timeline_url": f"{api}/timeline",
        "performed_via_github_app": app_json(github, issue.app),
        "state_reason": issue.state_reason,
    }
    if issue.parent is not None:
        full["parent_issue_url"] = issue_api_url(github, issue.parent)
    if issue.pull_request is not None:
        pull = f"{html_url_of(github, repository)}/pull/{issue.number}"
        full["draft"] = issue.pull_request.draft
        full["pull_request"] = {
            "url": f"{api_url_of(github, repository)}/pulls/{issue.number}",
            "html_url": pull,
            "diff_url": f"{pull}.diff",
            "patch_url": f"{pull}.patch",
            "merged_at": optional_timestamp(issue.pull_request.merged_at),
        }
    return full


def sub_issues_summary(issue: Issue) -> Json:
    """Return how many sub-issues an issue has and how many are closed."""
    total = len(issue.children)
    completed = sum(1 for child in issue.children if child.state == "closed")
    return {"total": total, "completed": completed, "percent_completed": completed * 100 // total if total else 0}


def dependencies_summary(issue: Issue) -> Json:
    """Return how many issues block this one or are blocked by it: the open ones, and all."""
    return {
        "blocked_by": sum(1 for blocker in issue.blocked_by if blocker.state == "open"),
        "total_blocked_by": len(issue.blocked_by),
        "blocking": sum(1 for blocked in issue.blocking if blocked.state == "open"),
        "total_blocking": len(issue.blocking),
    }


def reactions_json(api: str, contents: Sequence[str] = ()) -> Json:
    """Return the block of reactions; issues of the sandbox have none."""
    counted = {content: contents.count(content) for content in _REACTIONS}
    return {"url": f"{api}/reactions", "total_count": len(contents), **counted}


def reaction_json(github: GitHubHost, reaction: Reaction) -> Json:
    """Return one reaction."""
    return {
        "id": reaction.id,
        "node_id": node_id("REA", reaction.id),
        "user": account_json(github, reaction.author),
        "content": reaction.content,
        "created_at": timestamp(reaction.created_at),
    }


def comment_json(github: GitHubHost, comment: Comment) -> Json:
    """Return a comment."""
    issue = comment.issue
    api = f"{api_url_of(github, issue.repository)}/issues/comments/{comment.id}"
    return {
        "url": api,
        "html_url": f"{issue_html_url(github, issue)}#issuecomment-{comment.id}",
        "issue_url": issue_api_url(github, issue),
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "user": account_json(github, comment.author),
        "created_at": timestamp(comment.created_at),
        "updated_at": timestamp(comment.updated_at),
        "author_association": association(issue.repository, comment.author),
        "body": comment.body,
        "reactions": reactions_json(api, [one.content for one in comment.reactions]),
        "performed_via_github_app": app_json(github, comment.app),
        "minimized": {"reason": comment.minimized_reason} if comment.minimized else None,
    }
