"""The JSON of accounts, repositories, labels, milestones, issue types and apps, as GitHub shows it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.model import (
    Account,
    App,
    IssueType,
    Label,
    Milestone,
    Repository,
    Role,
)

Json = dict[str, object]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(content: object) -> bytes:
    """Return compact UTF-8 JSON."""
    return _ENCODER.encode(content).encode()


def timestamp(when: datetime) -> str:
    """Return a time as GitHub writes it: UTC, whole seconds, `Z`."""
    return f"{when.astimezone(UTC).isoformat()[:19]}Z"


def optional_timestamp(when: datetime | None) -> str | None:
    """Return a time as GitHub writes it, None for none."""
    return None if when is None else timestamp(when)


def role_name(role: Role) -> str:
    """Return GitHub's name of a role, "none" for no access."""
    return role.name.lower()


def account_json(github: GitHubHost, account: Account) -> Json:
    """Return the short form of an account that stands wherever one is mentioned."""
    login = quote(account.login)
    api = f"{github.api_url}/users/{login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id({"User": "U", "Organization": "O", "Bot": "BOT"}[account.kind], account.id),
        "avatar_url": f"{github.base_url}/avatars/u/{account.id}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{github.base_url}/{login}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_account_json(github: GitHubHost, account: Account) -> Json:
    """Return the public profile of an account."""
    owned = sum(1 for repository in github.repositories_of(account) if repository.visibility == "public")
    return {
        **account_json(github, account),
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": account.email,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": owned,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": timestamp(account.created_at),
        "updated_at": timestamp(account.created_at),
    }


def own_account_json(github: GitHubHost, account: Account) -> Json:
    """Return the profile of an account as its owner sees it."""
    private = sum(1 for repository in github.repositories_of(account) if repository.visibility != "public")
    return {
        **public_account_json(github, account),
        "private_gists": 0,
        "total_private_repos": private,
        "owned_private_repos": private,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }


def api_url_of(github: GitHubHost, repository: Repository) -> str:
    """Return the REST address of a repository by its current name."""
    return f"{github.api_url}/repos/{repository.full_name}"


def html_url_of(github: GitHubHost, repository: Repository) -> str:
    """Return the page of a repository."""
    return f"{github.base_url}/{repository.full_name}"


_URL_TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def simple_repository_json(github: GitHubHost, repository: Repository) -> Json:
    """Return the short form of a repository that stands wherever one is mentioned."""
    api = api_url_of(github, repository)
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": account_json(github, repository.owner),
        "private": repository.visibility != "public",
        "html_url": html_url_of(github, repository),
        "description": repository.description,
        "fork": False,
        "url": api,
        **{name: f"{api}{template}" for name, template in _URL_TEMPLATES.items()},
    }


def permissions_json(role: Role) -> Json:
    """Return the `permissions` block of a role."""
    return {
        "admin": role >= Role.ADMIN,
        "maintain": role >= Role.MAINTAIN,
        "push": role >= Role.WRITE,
        "triage": role >= Role.TRIAGE,
        "pull": role >= Role.READ,
    }


def repository_json(github: GitHubHost, repository: Repository, role: Role | None) -> Json:
    """Return a repository in full, with the `permissions` of `role` (None: nobody is signed in)."""
    html = html_url_of(github, repository)
    open_issues = sum(1 for issue in repository.issues.values() if issue.state == "open")
    full: Json = {
        **simple_repository_json(github, repository),
        "created_at": timestamp(repository.created_at),
        "updated_at": timestamp(repository.updated_at),
        "pushed_at": timestamp(repository.created_at),
        "git_url": f"git:{html.partition(':')[2]}.git",
        "ssh_url": f"git@127.0.0.1:{repository.full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "size": 0,
        "default_branch": "main",
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "forks_count": 0,
        "forks": 0,
        "network_count": 0,
        "subscribers_count": 0,
        "open_issues_count": open_issues,
        "open_issues": open_issues,
        "has_issues": repository.has_issues,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "archived": repository.archived,
        "disabled": False,
        "visibility": repository.visibility,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
    }
    if role is not None:
        full["permissions"] = permissions_json(role)
    if repository.owner.kind == "Organization":
        full["organization"] = account_json(github, repository.owner)
    return full


def label_json(github: GitHubHost, repository: Repository, label: Label) -> Json:
    """Return a label."""
    return {
        "id": label.id,
        "node_id": node_id("LA", label.id),
        "url": f"{api_url_of(github, repository)}/labels/{quote(label.name, safe='')}",
        "name": label.name,
        "color": label.color,
        "default": label.default,
        "description": label.description,
    }


def milestone_json(github: GitHubHost, repository: Repository, milestone: Milestone) -> Json:
    """Return a milestone."""
    api = f"{api_url_of(github, repository)}/milestones/{milestone.number}"
    return {
        "url": api,
        "html_url": f"{html_url_of(github, repository)}/milestone/{milestone.number}",
        "labels_url": f"{api}/labels",
        "id": milestone.id,
        "node_id": node_id("MI", milestone.id),
        "number": milestone.number,
        "title": milestone.title,
        "description": milestone.description,
        "creator": account_json(github, milestone.creator),
        "open_issues": milestone.open_issues,
        "closed_issues": milestone.closed_issues,
        "state": milestone.state,
        "created_at": timestamp(milestone.created_at),
        "updated_at": timestamp(milestone.updated_at),
        "due_on": optional_timestamp(milestone.due_on),
        "closed_at": optional_timestamp(milestone.closed_at),
    }


def issue_type_json(kind: IssueType) -> Json:
    """Return an issue type of an organisation."""
    return {
        "id": kind.id,
        "node_id": node_id("IT", kind.id),
        "name": kind.name,
        "description": kind.description,
        "color": kind.color,
        "created_at": timestamp(kind.created_at),
        "updated_at": timestamp(kind.updated_at),
        "is_enabled": kind.is_enabled,
    }


def app_json(github: GitHubHost, app: App | None) -> Json | None:
    """Return the app something was done through, None for people."""
    if app is None:
        return None
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "owner": account_json(github, app.owner),
        "name": app.name,
        "description": None,
        "external_url": f"{github.base_url}/apps/{app.slug}",
        "html_url": f"{github.base_url}/apps/{app.slug}",
        "created_at": timestamp(app.created_at),
        "updated_at": timestamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": [],
    }
