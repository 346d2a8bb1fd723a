"""Decides who may see and do what: permissions per project, global permissions, security levels, comment visibility."""

from __future__ import annotations

from typing import Protocol

from syncer.sandbox.jira.problems import JiraError, forbidden, no_issue
from syncer.sandbox.jira.records import Comment, Content, Project, User


class Grants(Protocol):
    """What a site grants and denies beside its projects."""

    read_only: str
    global_grants: dict[str, set[str]]
    global_denials: set[tuple[str, str]]


ANYONE = "anyone"
LOGGED_IN = "logged-in"
ADMINISTRATORS = "site-admins"

ORDINARY = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "TRANSITION_ISSUES",
    "ASSIGN_ISSUES",
    "ASSIGNABLE_USER",
    "RESOLVE_ISSUES",
    "CLOSE_ISSUES",
    "SCHEDULE_ISSUES",
    "LINK_ISSUES",
    "ADD_COMMENTS",
    "EDIT_OWN_COMMENTS",
    "DELETE_OWN_COMMENTS",
    "CREATE_ATTACHMENTS",
    "DELETE_OWN_ATTACHMENTS",
    "WORK_ON_ISSUES",
    "EDIT_OWN_WORKLOGS",
    "DELETE_OWN_WORKLOGS",
    "VIEW_VOTERS_AND_WATCHERS",
    "MANAGE_SPRINTS_PERMISSION",
    "SET_ISSUE_SECURITY",
)
RESERVED = (
    "ADMINISTER_PROJECTS",
    "DELETE_ISSUES",
    "MOVE_ISSUES",
    "MODIFY_REPORTER",
    "MANAGE_WATCHERS",
    "EDIT_ALL_COMMENTS",
    "DELETE_ALL_COMMENTS",
    "DELETE_ALL_ATTACHMENTS",
    "EDIT_ALL_WORKLOGS",
    "DELETE_ALL_WORKLOGS",
)
WRITING = frozenset({*ORDINARY, *RESERVED}) - {"BROWSE_PROJECTS", "ASSIGNABLE_USER", "VIEW_VOTERS_AND_WATCHERS"}
"""What nobody may do in an archived project, nor anybody but a system administrator while Jira is read-only."""
GLOBAL = ("ADMINISTER", "SYSTEM_ADMIN", "USER_PICKER", "BULK_CHANGE", "CREATE_PROJECT")


def allows(site: Grants, account: User | None, permission: str, project: Project | None = None) -> bool:
    """Tells whether `account` (None: anonymous) holds a global permission, or a permission in `project`."""
    if account is not None and not account.active:
        return False
    if project is None:
        return account is not None and _allows_globally(site, account, permission)
    if permission in WRITING and (project.archived or (site.read_only and not _administers(account))):
        return False
    if account is None:
        return ANYONE in project.grants.get(permission, set())
    if permission != "BROWSE_PROJECTS" and not _allows_in(account, "BROWSE_PROJECTS", project):
        return False
    return _allows_in(account, permission, project)


def _administers(account: User | None) -> bool:
    return account is not None and ADMINISTRATORS in account.groups


def _allows_globally(site: Grants, account: User, permission: str) -> bool:
    if (account.identifier, permission) in site.global_denials:
        return False
    granted = site.global_grants.get(permission, set())
    return ADMINISTRATORS in account.groups or permission == "USER_PICKER" or not granted.isdisjoint(_names(account))


def _allows_in(account: User, permission: str, project: Project) -> bool:
    if (account.identifier, permission) in project.denials:
        return False
    granted = project.grants.get(permission, set())
    everybody = ANYONE in granted or LOGGED_IN in granted
    return (
        everybody
        or ADMINISTRATORS in account.groups
        or project.lead is account
        or not granted.isdisjoint(_names(account))
    )


def _names(account: User) -> set[str]:
    return {f"user:{account.identifier}", *(f"group:{group}" for group in account.groups)}


def can_see(site: Grants, account: User | None, content: Content) -> bool:
    """Tells whether `account` may see an issue: it may browse the project and is in the issue's security level."""
    if not allows(site, account, "BROWSE_PROJECTS", content["project"]):
        return False
    level, roles = content["security"], content.get("issuerestriction")
    if level is None and not roles:
        return True
    if account is None or (level is not None and account.identifier not in level.members):
        return False
    return not roles or any(is_member(account, content["project"], "role", role) for role in roles)


def require_issue_permission(site: Grants, account: User | None, permission: str, content: Content, doing: str) -> None:
    """Raises 404 when the issue may not be seen, 403 (401 for nobody) when it may but `doing` is not allowed."""
    if not can_see(site, account, content):
        raise no_issue()
    require(site, account, permission, content["project"], doing)


def require(site: Grants, account: User | None, permission: str, project: Project | None, doing: str) -> None:
    """Raises 403 (401 for nobody) when `account` lacks a permission; `doing` completes Jira's sentence."""
    if not allows(site, account, permission, project):
        message = f"You do not have permission to {doing}."
        raise forbidden(message) if account is not None else JiraError(401, [message])


def sees_comment(account: User | None, project: Project, comment: Comment) -> bool:
    """Tells whether `account` is in the role or group a comment is limited to.

    An unlimited comment is for everybody.
    """
    if comment.visibility is None:
        return True
    return account is not None and is_member(account, project, comment.visibility.kind, comment.visibility.value)


def is_member(account: User, project: Project, kind: str, value: str) -> bool:
    """Tells whether `account` belongs to a project role or a group."""
    if kind == "group":
        return value in account.groups
    return account.identifier in project.roles.get(value, set())
