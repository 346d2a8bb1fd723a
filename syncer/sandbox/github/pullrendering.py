"""The JSON of pull requests, their reviews, and of releases and tags."""

from __future__ import annotations

import hashlib

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.issuerendering import association, issue_api_url
from syncer.sandbox.github.model import Issue, PullRequest, Release, Repository, Review
from syncer.sandbox.github.rendering import (
    Json,
    account_json,
    api_url_of,
    html_url_of,
    label_json,
    milestone_json,
    optional_timestamp,
    repository_json,
    timestamp,
)


def commit(text: str) -> str:
    """Return the id of a commit: the sandbox keeps none, so that of its name."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def pull_json(github: GitHubHost, issue: Issue, pull: PullRequest) -> Json:
    """Return a pull request as lists show it."""
    repository = issue.repository
    api = f"{api_url_of(github, repository)}/pulls/{issue.number}"
    html = f"{html_url_of(github, repository)}/pull/{issue.number}"
    assignees = [account_json(github, account) for account in issue.assignees]
    milestone = issue.milestone
    head = commit(f"{repository.full_name}:{pull.branch}")
    return {
        **_addresses(github, issue, api, head),
        "id": issue.id,
        "node_id": node_id("PR", issue.id),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "number": issue.number,
        "state": issue.state,
        "locked": issue.locked,
        "title": issue.title,
        "user": account_json(github, issue.author),
        "body": issue.body,
        "labels": [label_json(github, repository, label) for label in issue.labels],
        "milestone": None if milestone is None else milestone_json(github, repository, milestone),
        "active_lock_reason": issue.lock_reason,
        "created_at": timestamp(issue.created_at),
        "updated_at": timestamp(issue.updated_at),
        "closed_at": optional_timestamp(issue.closed_at),
        "merged_at": optional_timestamp(pull.merged_at),
        "merge_commit_sha": None if pull.merged_at is None else commit(f"{api}:merged"),
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "requested_reviewers": [account_json(github, account) for account in pull.requested],
        "requested_teams": [],
        "head": _end(github, repository, pull.branch, head),
        "base": _end(github, repository, "main", commit(f"{repository.full_name}:main")),
        "author_association": association(repository, issue.author),
        "auto_merge": None,
        "draft": pull.draft,
    }


def whole_pull_json(github: GitHubHost, issue: Issue, pull: PullRequest) -> Json:
    """Return a pull request by itself, with what a list does not count. The sandbox keeps no commits."""
    merged = pull.merged_at is not None
    return {
        **pull_json(github, issue, pull),
        "merged": merged,
        "mergeable": None,
        "mergeable_state": "unknown",
        "merged_by": account_json(github, issue.closed_by) if merged and issue.closed_by is not None else None,
        "comments": len(issue.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1,
        "additions": 1,
        "deletions": 0,
        "changed_files": 1,
    }


def _addresses(github: GitHubHost, issue: Issue, api: str, head: str) -> Json:
    """Return the addresses of a pull request, by themselves and as links."""
    repository = api_url_of(github, issue.repository)
    found = {
        "issue": issue_api_url(github, issue),
        "comments": f"{issue_api_url(github, issue)}/comments",
        "review_comments": f"{api}/comments",
        "review_comment": f"{repository}/pulls/comments{{/number}}",
        "commits": f"{api}/commits",
        "statuses": f"{repository}/statuses/{head}",
    }
    html = f"{html_url_of(github, issue.repository)}/pull/{issue.number}"
    return {
        "url": api,
        **{f"{name}_url": address for name, address in found.items()},
        "_links": {name: {"href": address} for name, address in {"self": api, "html": html, **found}.items()},
    }


def _end(github: GitHubHost, repository: Repository, branch: str, sha: str) -> Json:
    return {
        "label": f"{repository.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": account_json(github, repository.owner),
        "repo": repository_json(github, repository, None),
    }


def review_json(github: GitHubHost, issue: Issue, review: Review) -> Json:
    """Return a review of a pull request."""
    api = f"{api_url_of(github, issue.repository)}/pulls/{issue.number}"
    html = f"{html_url_of(github, issue.repository)}/pull/{issue.number}#pullrequestreview-{review.id}"
    return {
        "id": review.id,
        "node_id": node_id("PRR", review.id),
        "user": account_json(github, review.author),
        "body": review.body,
        "state": review.state,
        "html_url": html,
        "pull_request_url": api,
        "author_association": association(issue.repository, review.author),
        "_links": {"html": {"href": html}, "pull_request": {"href": api}},
        "submitted_at": timestamp(review.submitted_at),
        "commit_id": commit(f"{issue.repository.full_name}:{issue.number}"),
    }


def release_json(github: GitHubHost, repository: Repository, release: Release) -> Json:
    """Return a release."""
    api = f"{api_url_of(github, repository)}/releases/{release.id}"
    tagged = not release.draft
    return {
        "url": api,
        "assets_url": f"{api}/assets",
        "upload_url": f"{api}/assets{{?name,label}}",
        "html_url": f"{html_url_of(github, repository)}/releases/tag/{release.tag or 'untagged'}",
        "id": release.id,
        "node_id": node_id("RE", release.id),
        "author": account_json(github, release.author),
        "tag_name": release.tag,
        "target_commitish": "main",
        "name": release.name,
        "draft": release.draft,
        "prerelease": release.prerelease,
        "created_at": timestamp(release.created_at),
        "published_at": optional_timestamp(release.published_at),
        "assets": [],
        "tarball_url": f"{api_url_of(github, repository)}/tarball/{release.tag}" if tagged else None,
        "zipball_url": f"{api_url_of(github, repository)}/zipball/{release.tag}" if tagged else None,
        "body": release.body,
    }


def tag_json(github: GitHubHost, repository: Repository, name: str) -> Json:
    """Return a tag."""
    sha = commit(f"{repository.full_name}:{name}")
    api = api_url_of(github, repository)
    return {
        "name": name,
        "zipball_url": f"{api}/zipball/refs/tags/{name}",
        "tarball_url": f"{api}/tarball/refs/tags/{name}",
        "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
        "node_id": node_id("REF", int(sha[:12], 16)),
    }
