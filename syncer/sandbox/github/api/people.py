"""Routes of users, of the host, and of organisations: members, teams and issue types."""

from __future__ import annotations

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.access import Caller, require_permission, require_read
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.limits import Standing
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, IssueType, Repository, Role, Team
from syncer.sandbox.github.problems import Problem, forbidden, invalid, not_found
from syncer.sandbox.github.rendering import (
    Json,
    account_json,
    issue_type_json,
    own_account_json,
    permissions_json,
    public_account_json,
)

_MOST_TYPES = 25
COLORS = ("gray", "blue", "green", "yellow", "orange", "red", "pink", "purple")


def list_members(call: Call) -> Answer:
    """Answer a page of the organisation's members; membership is public here."""
    organization = organization_of(call)
    accounts = [call.github.accounts[login] for login in sorted(organization.members)]
    page = Page.of(call.query)
    rows = [account_json(call.github, account) for account in page.cut(accounts)]
    return list_answer(call, None, len(accounts), rows, page)


def check_member(call: Call) -> Answer:
    """Answer 204 when someone is a member, 404 when not."""
    if call.params["login"].casefold() not in organization_of(call).members:
        raise not_found()
    return Answer(204)


def list_issue_types(call: Call) -> Answer:
    """Answer the organisation's issue types; its members and installations."""
    organization = organization_of(call)
    require_member(call.caller, organization)
    return Answer(200, [issue_type_json(kind) for kind in organization.issue_types])


def create_issue_type(call: Call) -> Answer:
    """Add an issue type: the organisation's owners."""
    organization = owned_organization(call)
    name, description, color, enabled = _fields(call, organization, None)
    if len(organization.issue_types) >= _MOST_TYPES:
        raise invalid("IssueType", "base", "custom", f"An organization may not have more than {_MOST_TYPES} types")
    kind = call.github.add_issue_type(organization.login, name, description, color)
    kind.is_enabled = enabled
    return Answer(200, issue_type_json(kind))


def edit_issue_type(call: Call) -> Answer:
    """Change an issue type: the organisation's owners."""
    organization = owned_organization(call)
    kind = _issue_type(call, organization)
    kind.name, kind.description, kind.color, kind.is_enabled = _fields(call, organization, kind)
    kind.updated_at = call.github.now()
    _refresh(call, organization)
    return Answer(200, issue_type_json(kind))


def delete_issue_type(call: Call) -> Answer:
    """Remove an issue type, from its issues too: the organisation's owners."""
    organization = owned_organization(call)
    kind = _issue_type(call, organization)
    organization.issue_types.remove(kind)
    for repository in call.github.repositories_of(organization):
        for issue in repository.issues.values():
            if issue.type is kind:
                issue.type = None
    _refresh(call, organization)
    return Answer(204)


def organization_of(call: Call) -> Account:
    """Return the organisation a path names, or raise 404."""
    account = call.github.accounts.get(call.params["org"].casefold())
    if account is None or account.kind != "Organization":
        raise not_found()
    return account


def require_member(caller: Caller, organization: Account) -> None:
    """Raise 404 when the caller is neither a member nor an installation."""
    account = caller.required_account()
    if account.kind != "Bot" and account.login.casefold() not in organization.members:
        raise not_found()


def owned_organization(call: Call) -> Account:
    """Return the organisation a path names; raise when the caller is not one of its owners."""
    organization = organization_of(call)
    require_member(call.caller, organization)
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
    if color is not None and color not in COLORS:
        raise invalid("IssueType", "color", "invalid", value=color)
    return name, requestfields.optional_text(given, "description"), color, given.get("is_enabled") is True


def _refresh(call: Call, organization: Account) -> None:
    """Let every issue of the organisation show its type anew."""
    for repository in call.github.repositories_of(organization):
        repository.epoch += 1


def read_self(call: Call) -> Answer:
    """Answer the caller's own profile; an installation has none."""
    account = call.caller.required_account()
    if account.kind == "Bot":
        raise Problem(403, "Resource not accessible by integration")
    return Answer(200, own_account_json(call.github, account))


def read_user(call: Call) -> Answer:
    """Answer someone's public profile."""
    account = call.github.accounts.get(call.params["login"].casefold())
    if account is None:
        raise not_found()
    return Answer(200, public_account_json(call.github, account))


def read_user_by_id(call: Call) -> Answer:
    """Answer the public profile of the account with a numeric id, whatever its login is now."""
    wanted = call.params["account_id"]
    account = next((each for each in call.github.accounts.values() if each.id == wanted), None)
    if account is None:
        raise not_found()
    return Answer(200, public_account_json(call.github, account))


def rate_limit(call: Call) -> Answer:
    """Answer how the caller stands against the primary limit; asking is free. 404 when there is no limit."""
    now = call.github.clock.now()
    standing = call.github.limits.standing(call.caller.counted_as, now)
    if standing is None:
        raise Problem(404, "Rate limiting is not enabled.")
    core = standing.as_json()
    search = Standing(30, 0, standing.reset).as_json()
    return Answer(200, {"resources": {"core": core, "search": search, "graphql": core}, "rate": core})


def meta(call: Call) -> Answer:
    """Answer what is known about the host; an Enterprise Server tells which version it is."""
    installed = call.github.behaviour.enterprise_version
    return Answer(
        200, {"verifiable_password_authentication": False, **({"installed_version": installed} if installed else {})}
    )


def versions(call: Call) -> Answer:
    """Answer the versions of the interface that are served."""
    return Answer(200, list(call.github.behaviour.api_versions))


_LEGACY = {
    Role.READ: "pull",
    Role.TRIAGE: "triage",
    Role.WRITE: "push",
    Role.MAINTAIN: "maintain",
    Role.ADMIN: "admin",
}


def list_repository_teams(call: Call, repository: Repository) -> Answer:
    """Answer a page of the teams with access to a repository that the caller can see."""
    require_read(call.github, call.caller, repository)
    call.caller.required_account()
    require_permission(call.caller, "administration")
    owner = repository.owner
    teams = [team for team in owner.teams if repository.id in team.repositories and _visible(call, owner, team)]
    page = Page.of(call.query)
    rows = [_team_json(call, owner, team, team.repositories[repository.id]) for team in page.cut(teams)]
    return list_answer(call, repository, len(teams), rows, page)


def list_team_members(call: Call) -> Answer:
    """Answer a page of a team's members; only to those who may see the organisation's teams."""
    account = call.caller.required_account()
    organization = call.github.accounts.get(call.params["org"].casefold())
    if organization is None or organization.kind != "Organization":
        raise not_found()
    if account.kind != "Bot" and account.login.casefold() not in organization.members:
        raise not_found()
    require_permission(call.caller, "members")
    token = call.caller.token
    if token is not None and token.kind == "classic" and not {"read:org", "admin:org"} & set(token.scopes):
        raise forbidden("Must have read:org scope.", {"x-accepted-oauth-scopes": "read:org"})
    slug = call.params["slug"].casefold()
    team = next((team for team in organization.teams if team.slug == slug), None)
    if team is None or not _visible(call, organization, team):
        raise not_found()
    members = [call.github.accounts[login] for login in sorted(team.members)]
    page = Page.of(call.query)
    return list_answer(call, None, len(members), [account_json(call.github, each) for each in page.cut(members)], page)


def _visible(call: Call, organization: Account, team: Team) -> bool:
    """True for a team that is not secret, and to its own members and the organisation's owners."""
    login = call.caller.required_account().login.casefold()
    return not team.secret or login in team.members or organization.members.get(login) is Role.ADMIN


def _team_json(call: Call, organization: Account, team: Team, role: Role) -> Json:
    """Return a team as the list of a repository's teams shows it."""
    url = f"{call.github.api_url}/organizations/{organization.id}/team/{team.id}"
    return {
        "id": team.id,
        "node_id": node_id("T", team.id),
        "name": team.name,
        "slug": team.slug,
        "description": None,
        "privacy": "secret" if team.secret else "closed",
        "notification_setting": "notifications_enabled",
        "permission": _LEGACY[role],
        "permissions": permissions_json(role),
        "url": url,
        "html_url": f"{call.github.base_url}/orgs/{organization.login}/teams/{team.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": organization.id,
        "parent": None,
    }
