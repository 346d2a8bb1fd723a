"""The servers that have a name: Jira sites and GitHub's products, as their sources tell them.

Sources are documentation, specifications of each product, recordings and reports. An operation that an Enterprise
Server does not have is one that the specification of github.com has and that of the server lacks. Only those are listed
that concern an issue or what an organisation says of issues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from syncer.sandbox.profiles.model import Difference, Missing, Profile, Setting, Shown

_NO_LEVEL: Final = Shown("issue.fields", "security", "absent", "jira.security.absent-without-level")

# Counted in 5,499 issues, 17,003 comments and 3,268 versions that one Jira Server answered, and two issues of another.
# What a project hides (there the priority, the fix versions, the description) is no property of a server: it is varied.
_AS_RECORDED: Final = (
    Shown("issue.fields", "description", "empty", "jira.fields.absent-where-empty"),
    Shown("issue.fields", "parent", "absent", "jira.fields.absent-where-empty"),
    Shown("version", "description", "absent", "jira.fields.absent-where-empty"),
    Shown("version", "releaseDate", "absent", "jira.fields.absent-where-empty"),
    Shown("comment", "body", "absent", "jira.comment.absent-where-empty"),
    Shown("user", "emailAddress", "absent", "jira.user.email-hidden", always=True),
    Shown("project", "projectTypeKey", "absent", "jira.project.type-key-untold", always=True),
)

JIRA: Final = (
    Profile(
        "jira-cloud",
        "Jira Cloud",
        "jira",
        "cloud",
        (Shown("user", "emailAddress", "absent", "jira.user.email-hidden", always=True),),
    ),
    Profile(
        "jira-cloud-gateway",
        "Jira Cloud behind the API gateway, for a service account",
        "jira",
        "cloud",
        (
            Shown("user", "emailAddress", "absent", "jira.user.email-hidden", always=True),
            Setting("gateway", True, "jira.gateway.scoped-tokens"),
        ),
    ),
    Profile("jira-server", "Jira Server as recorded", "jira", "datacenter", (_NO_LEVEL, *_AS_RECORDED)),
    Profile(
        "jira-data-center",
        "Jira Data Center 11",
        "jira",
        "datacenter",
        (_NO_LEVEL, Setting("result-window", 10_000, "jira.search.window-limited")),
    ),
)


_ISSUE: Final = "/repos/{owner}/{repo}/issues/{issue_number}"
_SUB_ISSUES: Final = "github.sub-issues.absent-on-server"
_DEPENDENCIES: Final = "github.dependencies.absent-on-server"
_TYPES: Final = "github.types.absent-on-server"
_FIELDS: Final = "github.issue-fields.absent-on-server"
_BOARDS: Final = "github.boards.absent-on-server"
_OTHERS: Final = "github.operations.absent-on-server"
_VERSION: Final = "github.api-version.negotiated"

OLDER: Final = "2022-11-28"
NEWER: Final = "2026-03-10"

_NO_SUB_ISSUES: Final[tuple[Difference, ...]] = (
    Missing("GET", f"{_ISSUE}/parent", _SUB_ISSUES),
    Missing("DELETE", f"{_ISSUE}/sub_issue", _SUB_ISSUES),
    Missing("GET", f"{_ISSUE}/sub_issues", _SUB_ISSUES),
    Missing("POST", f"{_ISSUE}/sub_issues", _SUB_ISSUES),
    Missing("PATCH", f"{_ISSUE}/sub_issues/priority", _SUB_ISSUES),
    Shown("issue", "sub_issues_summary", "absent", _SUB_ISSUES, always=True),
    Shown("issue", "parent_issue_url", "absent", _SUB_ISSUES, always=True),
)
_NO_DEPENDENCIES: Final[tuple[Difference, ...]] = (
    Missing("GET", f"{_ISSUE}/dependencies/blocked_by", _DEPENDENCIES),
    Missing("POST", f"{_ISSUE}/dependencies/blocked_by", _DEPENDENCIES),
    Missing("DELETE", f"{_ISSUE}/dependencies/blocked_by/{{issue_id}}", _DEPENDENCIES),
    Missing("GET", f"{_ISSUE}/dependencies/blocking", _DEPENDENCIES),
    Shown("issue", "issue_dependencies_summary", "absent", _DEPENDENCIES, always=True),
)
_NO_TYPES: Final[tuple[Difference, ...]] = (
    Missing("GET", "/orgs/{org}/issue-types", _TYPES),
    Missing("POST", "/orgs/{org}/issue-types", _TYPES),
    Missing("PUT", "/orgs/{org}/issue-types/{issue_type_id}", _TYPES),
    Missing("DELETE", "/orgs/{org}/issue-types/{issue_type_id}", _TYPES),
    Shown("issue", "type", "absent", _TYPES, always=True),
)
_NO_FIELDS: Final[tuple[Difference, ...]] = (
    Missing("GET", "/orgs/{org}/issue-fields", _FIELDS),
    Missing("POST", "/orgs/{org}/issue-fields", _FIELDS),
    Missing("DELETE", "/orgs/{org}/issue-fields/{issue_field_id}", _FIELDS),
    Missing("PATCH", "/orgs/{org}/issue-fields/{issue_field_id}", _FIELDS),
    Missing("POST", f"{_ISSUE}/issue-field-values", _FIELDS),
    Missing("PUT", f"{_ISSUE}/issue-field-values", _FIELDS),
    Missing("DELETE", f"{_ISSUE}/issue-field-values/{{issue_field_id}}", _FIELDS),
    Shown("issue", "issue_field_values", "absent", _FIELDS, always=True),
)
_BOARD_OPERATIONS: Final = (
    ("GET", ""),
    ("GET", "/{project_number}"),
    ("GET", "/{project_number}/fields"),
    ("POST", "/{project_number}/fields"),
    ("GET", "/{project_number}/fields/{field_id}"),
    ("GET", "/{project_number}/items"),
    ("POST", "/{project_number}/items"),
    ("GET", "/{project_number}/items/{item_id}"),
    ("PATCH", "/{project_number}/items/{item_id}"),
    ("DELETE", "/{project_number}/items/{item_id}"),
    ("GET", "/{project_number}/views/{view_number}/items"),
)
_NO_BOARDS: Final[tuple[Difference, ...]] = (
    *(
        Missing(verb, f"{owner}/projectsV2{path}", _BOARDS)
        for owner in ("/orgs/{org}", "/users/{username}")
        for verb, path in _BOARD_OPERATIONS
    ),
    Missing("POST", "/orgs/{org}/projectsV2/{project_number}/drafts", _BOARDS),
    Missing("POST", "/orgs/{org}/projectsV2/{project_number}/views", _BOARDS),
    Missing("POST", "/users/{user_id}/projectsV2/{project_number}/views", _BOARDS),
)
_NO_OTHERS: Final[tuple[Difference, ...]] = (
    Missing("PUT", "/repos/{owner}/{repo}/issues/comments/{comment_id}/pin", _OTHERS),
    Missing("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}/pin", _OTHERS),
    Missing("GET", f"{_ISSUE}/suggestions", _OTHERS),
    Missing("POST", f"{_ISSUE}/suggestions/{{suggestion_id}}/approve", _OTHERS),
    Missing("POST", f"{_ISSUE}/suggestions/{{suggestion_id}}/dismiss", _OTHERS),
    Missing("GET", "/versions", _OTHERS),
)

# What the page "Breaking changes" lists of version 2026-03-10 for what the sandbox serves.
_NEWER_SHAPES: Final[tuple[Difference, ...]] = (
    Shown("issue", "assignee", "absent", _VERSION, always=True, version=NEWER),
    Shown("repository", "has_downloads", "absent", _VERSION, always=True, version=NEWER),
    Shown("repository", "use_squash_pr_title_as_default", "absent", _VERSION, always=True, version=NEWER),
    Shown("rate limit", "rate", "absent", _VERSION, always=True, version=NEWER),
)
_BOTH_VERSIONS: Final[tuple[Difference, ...]] = (Setting("api-versions", (OLDER, NEWER), _VERSION), *_NEWER_SHAPES)
_ONE_VERSION: Final = Setting("api-versions", (OLDER,), _VERSION)


def _server(version: str, *lacking: tuple[Difference, ...]) -> Profile:
    """An Enterprise Server, which knows the first version of the interface only."""
    differences = (
        Setting("enterprise-version", f"{version}.0", "github.enterprise-version.told"),
        _ONE_VERSION,
        *(each for group in lacking for each in group),
    )
    return Profile(f"ghes-{version}", f"GitHub Enterprise Server {version}", "github", differences=differences)


GITHUB_COM: Final = Profile(
    "github-2026-03-10", "github.com with version 2026-03-10 of its interface", "github", differences=_BOTH_VERSIONS
)
"""As github.com is since March 2026: a request chooses the version."""

GITHUB: Final = (
    GITHUB_COM,
    Profile("github-2022-11-28", "github.com with version 2022-11-28 alone", "github", differences=(_ONE_VERSION,)),
    _server("3.17", _NO_SUB_ISSUES, _NO_DEPENDENCIES, _NO_TYPES, _NO_FIELDS, _NO_BOARDS, _NO_OTHERS),
    _server("3.19", _NO_SUB_ISSUES, _NO_TYPES, _NO_FIELDS, _NO_BOARDS, _NO_OTHERS),
    Profile(
        "ghe.com",
        "GitHub Enterprise Cloud with data residency",
        "github",
        differences=(*_BOTH_VERSIONS, Setting("data-residency", "acme", "github.data-residency.hosts")),
    ),
)


NAMED: Final[Mapping[str, Profile]] = {profile.name: profile for profile in (*JIRA, *GITHUB)}
"""By what `syncer sandbox --profile` calls them."""
