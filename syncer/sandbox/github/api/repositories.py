"""Routes of a repository: itself, its people, its labels and milestones, and its files one by one."""

from __future__ import annotations

from base64 import encodebytes
from hashlib import sha1

from syncer.sandbox.github import planning, requestfields
from syncer.sandbox.github.access import assignable, effective_role, require, require_permission, require_read, role_of
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, Label, Milestone, Repository, Role
from syncer.sandbox.github.problems import forbidden, invalid, not_found
from syncer.sandbox.github.rendering import (
    Json,
    account_json,
    api_url_of,
    html_url_of,
    label_json,
    milestone_json,
    permissions_json,
    repository_json,
    role_name,
)

_LEGACY_PERMISSIONS = {Role.MAINTAIN: "write", Role.TRIAGE: "read"}


def read_repository(call: Call, repository: Repository) -> Answer:
    """Answer a repository with the caller's permissions in it."""
    role = None if call.caller.token is None else effective_role(call.github, call.caller, repository)
    return Answer(200, repository_json(call.github, repository, role))


def edit_repository(call: Call, repository: Repository) -> Answer:
    """Rename, describe, archive, open or close a repository: its administrators."""
    given = call.fields()
    if given.get("archived") is False:
        repository.archived = False
    require(call.github, call.caller, repository, Role.ADMIN)
    name = requestfields.optional_text(given, "name")
    if name is not None and name != repository.name:
        taken = call.github.find_repository(f"{repository.owner.login}/{name}")
        if taken is not None and taken is not repository:
            raise invalid("Repository", "name", "custom", "name already exists on this account")
        call.github.rename_repository(repository.full_name, name)
    if "description" in given:
        repository.description = requestfields.optional_text(given, "description")
    if isinstance(given.get("private"), bool):
        repository.visibility = "private" if given["private"] else "public"
    visibility = requestfields.optional_text(given, "visibility")
    if visibility is not None:
        match visibility:
            case "public" | "private" | "internal":
                repository.visibility = visibility
            case _:
                raise invalid("Repository", "visibility", "invalid", value=visibility)
    if isinstance(given.get("has_issues"), bool):
        repository.has_issues = given["has_issues"] is True
    repository.archived = repository.archived or given.get("archived") is True
    repository.updated_at = call.github.now()
    return read_repository(call, repository)


def list_assignees(call: Call, repository: Repository) -> Answer:
    """Answer a page of the people issues can be assigned to."""
    require_read(call.github, call.caller, repository)
    return _people(call, repository, _insiders(call, repository))


def check_assignee(call: Call, repository: Repository) -> Answer:
    """Answer 204 when issues can be assigned to someone, 404 when not."""
    require_read(call.github, call.caller, repository)
    account = call.github.accounts.get(call.params["login"].casefold())
    if account is None or not assignable(repository, account):
        raise not_found()
    return Answer(204)


def list_collaborators(call: Call, repository: Repository) -> Answer:
    """Answer a page of the people with access, each with role and permissions; only for those who may push."""
    _require_push(call, repository)
    page = Page.of(call.query)
    insiders = _insiders(call, repository)
    rows = [_collaborator_json(call, repository, account) for account in page.cut(insiders)]
    return list_answer(call, repository, len(insiders), rows, page)


def check_collaborator(call: Call, repository: Repository) -> Answer:
    """Answer 204 when someone is a collaborator, 404 when not."""
    _require_push(call, repository)
    account = call.github.accounts.get(call.params["login"].casefold())
    if account is None or account not in _insiders(call, repository):
        raise not_found()
    return Answer(204)


def read_permission(call: Call, repository: Repository) -> Answer:
    """Answer what someone may do in the repository."""
    require_read(call.github, call.caller, repository)
    account = call.github.accounts.get(call.params["login"].casefold())
    if account is None:
        raise not_found()
    role = role_of(account, repository)
    return Answer(
        200,
        {
            "permission": _LEGACY_PERMISSIONS.get(role, role_name(role)),
            "user": _collaborator_json(call, repository, account),
            "role_name": role_name(role),
        },
    )


def _insiders(call: Call, repository: Repository) -> list[Account]:
    """Return the accounts that issues can be assigned to, by login."""
    found = [account for account in call.github.accounts.values() if assignable(repository, account)]
    return sorted(found, key=lambda account: account.login.casefold())


def _people(call: Call, repository: Repository, accounts: list[Account]) -> Answer:
    """Answer a page of accounts."""
    page = Page.of(call.query)
    rows = [account_json(call.github, account) for account in page.cut(accounts)]
    return list_answer(call, repository, len(accounts), rows, page)


def _collaborator_json(call: Call, repository: Repository, account: Account) -> Json:
    """Return an account with its role in the repository."""
    role = role_of(account, repository)
    return {
        **account_json(call.github, account),
        "permissions": permissions_json(role),
        "role_name": role_name(role),
    }


def _require_push(call: Call, repository: Repository) -> None:
    """Raise 403 when the caller may see the repository but not push to it, as GitHub does for its list of people."""
    require_read(call.github, call.caller, repository)
    call.caller.required_account()
    if effective_role(call.github, call.caller, repository) < Role.WRITE:
        raise forbidden("Must have push access to view repository collaborators.")


_LARGEST_ENCODED = 1024 * 1024
"""Of a larger file GitHub tells everything but its content."""


def read_file(call: Call, repository: Repository) -> Answer:
    """Answer a file of the default branch with its content in base64."""
    require_read(call.github, call.caller, repository)
    require_permission(call.caller, "contents")
    path = call.params["path"]
    content = repository.files.get(path)
    if content is None:
        raise not_found()
    digest = sha1(b"blob %d\x00" % len(content) + content, usedforsecurity=False).hexdigest()
    whole = len(content) <= _LARGEST_ENCODED
    url = f"{api_url_of(call.github, repository)}/contents/{path}?ref=main"
    html = f"{html_url_of(call.github, repository)}/blob/main/{path}"
    git = f"{api_url_of(call.github, repository)}/git/blobs/{digest}"
    return Answer(
        200,
        {
            "type": "file",
            "encoding": "base64" if whole else "none",
            "size": len(content),
            "name": path.rpartition("/")[2],
            "path": path,
            "content": encodebytes(content).decode("ascii") if whole else "",
            "sha": digest,
            "url": url,
            "git_url": git,
            "html_url": html,
            "download_url": None,
            "_links": {"self": url, "git": git, "html": html},
        },
    )


def list_labels(call: Call, repository: Repository) -> Answer:
    """Answer a page of the repository's labels."""
    require_read(call.github, call.caller, repository)
    page = Page.of(call.query)
    found = list(repository.labels.values())
    rows = [label_json(call.github, repository, label) for label in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def create_label(call: Call, repository: Repository) -> Answer:
    """Make a label."""
    require(call.github, call.caller, repository, Role.WRITE)
    label = planning.create_label(call.github, repository, call.fields())
    shown = label_json(call.github, repository, label)
    return Answer(201, shown, {"location": str(shown["url"])})


def read_label(call: Call, repository: Repository) -> Answer:
    """Answer one label."""
    require_read(call.github, call.caller, repository)
    return Answer(200, label_json(call.github, repository, _label(call, repository)))


def edit_label(call: Call, repository: Repository) -> Answer:
    """Rename, recolour or describe a label."""
    require(call.github, call.caller, repository, Role.WRITE)
    label = _label(call, repository)
    planning.edit_label(call.github, repository, label, call.fields())
    return Answer(200, label_json(call.github, repository, label))


def delete_label(call: Call, repository: Repository) -> Answer:
    """Remove a label, from its issues too."""
    require(call.github, call.caller, repository, Role.WRITE)
    planning.delete_label(repository, _label(call, repository))
    return Answer(204)


def _label(call: Call, repository: Repository) -> Label:
    """Return the label a path names, or raise 404."""
    label = repository.label(call.params["name"])
    if label is None:
        raise not_found()
    return label


def list_milestones(call: Call, repository: Repository) -> Answer:
    """Answer a page of the repository's milestones."""
    require_read(call.github, call.caller, repository)
    page = Page.of(call.query)
    found = planning.list_milestones(repository, call.query)
    rows = [milestone_json(call.github, repository, milestone) for milestone in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def create_milestone(call: Call, repository: Repository) -> Answer:
    """Make a milestone."""
    creator = require(call.github, call.caller, repository, Role.WRITE)
    milestone = planning.create_milestone(call.github, repository, creator, call.fields())
    shown = milestone_json(call.github, repository, milestone)
    return Answer(201, shown, {"location": str(shown["url"])})


def read_milestone(call: Call, repository: Repository) -> Answer:
    """Answer one milestone."""
    require_read(call.github, call.caller, repository)
    return Answer(200, milestone_json(call.github, repository, _milestone(call, repository)))


def edit_milestone(call: Call, repository: Repository) -> Answer:
    """Change a milestone."""
    require(call.github, call.caller, repository, Role.WRITE)
    milestone = _milestone(call, repository)
    planning.edit_milestone(call.github, repository, milestone, call.fields())
    return Answer(200, milestone_json(call.github, repository, milestone))


def delete_milestone(call: Call, repository: Repository) -> Answer:
    """Remove a milestone."""
    require(call.github, call.caller, repository, Role.WRITE)
    planning.delete_milestone(repository, _milestone(call, repository))
    return Answer(204)


def milestone_labels(call: Call, repository: Repository) -> Answer:
    """Answer a page of the labels that a milestone's issues have."""
    require_read(call.github, call.caller, repository)
    milestone = _milestone(call, repository)
    found = list(
        dict.fromkeys(
            label for issue in repository.issues.values() if issue.milestone is milestone for label in issue.labels
        )
    )
    page = Page.of(call.query)
    rows = [label_json(call.github, repository, label) for label in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def _milestone(call: Call, repository: Repository) -> Milestone:
    """Return the milestone a path names, or raise 404."""
    milestone = repository.milestones.get(call.params["milestone_number"])
    if milestone is None:
        raise not_found()
    return milestone


def list_own_repositories(call: Call) -> Answer:
    """Answer a page of the repositories in which the caller has a role, and not only reads what anybody may."""
    call.caller.required_account()
    reached = [
        (repository, role)
        for repository in call.github.repositories.values()
        if (role := effective_role(call.github, call.caller, repository)) > _open_to_all(repository)
    ]
    page = Page.of(call.query)
    content = [repository_json(call.github, repository, role) for repository, role in page.cut(reached)]
    return list_answer(call, None, len(reached), content, page)


def _open_to_all(repository: Repository) -> Role:
    """What anybody may do in a repository."""
    return Role.READ if repository.visibility == "public" else Role.NONE
