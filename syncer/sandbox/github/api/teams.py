"""Routes of teams: those that have access to a repository, and who is in one."""

from __future__ import annotations

from syncer.sandbox.github.access import require_permission, require_read
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, Repository, Role, Team
from syncer.sandbox.github.problems import forbidden, not_found
from syncer.sandbox.github.rendering import Json, account_json, permissions_json

_LEGACY = {
    Role.READ: "pull",
    Role.TRIAGE: "triage",
    Role.WRITE: "push",
    Role.MAINTAIN: "maintain",
    Role.ADMIN: "admin",
}


def list_of_repository(call: Call, repository: Repository) -> Answer:
    """Answer a page of the teams with access to a repository that the caller can see."""
    require_read(call.github, call.caller, repository)
    call.caller.required_account()
    require_permission(call.caller, "administration")
    owner = repository.owner
    teams = [team for team in owner.teams if repository.id in team.repositories and _visible(call, owner, team)]
    page = Page.of(call.query)
    rows = [_team_json(call, owner, team, team.repositories[repository.id]) for team in page.cut(teams)]
    return list_answer(call, repository, len(teams), rows, page)


def list_members(call: Call) -> Answer:
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
