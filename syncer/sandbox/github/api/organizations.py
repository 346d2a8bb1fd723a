"""Routes of organisations: members and issue types."""

from __future__ import annotations

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.access import Caller
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, IssueType, Role
from syncer.sandbox.github.problems import forbidden, invalid, not_found
from syncer.sandbox.github.rendering import account_json, issue_type_json

_MOST_TYPES = 25
_COLORS = ("gray", "blue", "green", "yellow", "orange", "red", "pink", "purple")


def list_members(call: Call) -> Answer:
    """Answer a page of the organisation's members; membership is public here."""
    organization = _organization(call)
    accounts = [call.github.accounts[login] for login in sorted(organization.members)]
    page = Page.of(call.query)
    rows = [account_json(call.github, account) for account in page.cut(accounts)]
    return list_answer(call, None, len(accounts), rows, page)


def check_member(call: Call) -> Answer:
    """Answer 204 when someone is a member, 404 when not."""
    if call.params["login"].casefold() not in _organization(call).members:
        raise not_found()
    return Answer(204)


def list_issue_types(call: Call) -> Answer:
    """Answer the organisation's issue types; its members and installations."""
    organization = _organization(call)
    _require_member(call.caller, organization)
    return Answer(200, [issue_type_json(kind) for kind in organization.issue_types])


def create_issue_type(call: Call) -> Answer:
    """Add an issue type: the organisation's owners."""
    organization = _owned(call)
    name, description, color, enabled = _fields(call, organization, None)
    if len(organization.issue_types) >= _MOST_TYPES:
        raise invalid("IssueType", "base", "custom", f"An organization may not have more than {_MOST_TYPES} types")
    kind = call.github.add_issue_type(organization.login, name, description, color)
    kind.is_enabled = enabled
    return Answer(200, issue_type_json(kind))


def edit_issue_type(call: Call) -> Answer:
    """Change an issue type: the organisation's owners."""
    organization = _owned(call)
    kind = _issue_type(call, organization)
    kind.name, kind.description, kind.color, kind.is_enabled = _fields(call, organization, kind)
    kind.updated_at = call.github.now()
    _refresh(call, organization)
    return Answer(200, issue_type_json(kind))


def delete_issue_type(call: Call) -> Answer:
    """Remove an issue type, from its issues too: the organisation's owners."""
    organization = _owned(call)
    kind = _issue_type(call, organization)
    organization.issue_types.remove(kind)
    for repository in call.github.repositories_of(organization):
        for issue in repository.issues.values():
            if issue.type is kind:
                issue.type = None
    _refresh(call, organization)
    return Answer(204)


def _organization(call: Call) -> Account:
    """Return the organisation a path names, or raise 404."""
    account = call.github.accounts.get(call.params["org"].casefold())
    if account is None or account.kind != "Organization":
        raise not_found()
    return account


def _require_member(caller: Caller, organization: Account) -> None:
    """Raise 404 when the caller is neither a member nor an installation."""
    account = caller.required_account()
    if account.kind != "Bot" and account.login.casefold() not in organization.members:
        raise not_found()


def _owned(call: Call) -> Account:
    """Return the organisation a path names; raise when the caller is not one of its owners."""
    organization = _organization(call)
    _require_member(call.caller, organization)
    if organization.members.get(call.caller.required_account().login.casefold()) is not Role.ADMIN:
        raise forbidden("Must have admin rights to Organization.")
    return organization


def _issue_type(call: Call, organization: Account) -> IssueType:
    """Return the issue type a path names, or raise 404."""
    for kind in organization.issue_types:
        if kind.id == call.params["issue_type_id"]:
            return kind
    raise not_found()


def _fields(call: Call, organization: Account, kind: IssueType | None) -> tuple[str, str | None, str | None, bool]:
    """Return name, description, colour and whether enabled; raise 422 when one is wrong."""
    given = call.fields()
    name = (requestfields.optional_text(given, "name") or "").strip()
    color = requestfields.optional_text(given, "color")
    if not name:
        raise invalid("IssueType", "name", "missing_field")
    if any(other.name.casefold() == name.casefold() for other in organization.issue_types if other is not kind):
        raise invalid("IssueType", "name", "already_exists")
    if color is not None and color not in _COLORS:
        raise invalid("IssueType", "color", "invalid", value=color)
    return name, requestfields.optional_text(given, "description"), color, given.get("is_enabled") is True


def _refresh(call: Call, organization: Account) -> None:
    """Let every issue of the organisation show its type anew."""
    for repository in call.github.repositories_of(organization):
        repository.epoch += 1
