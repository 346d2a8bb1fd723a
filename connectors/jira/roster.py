"""Who is who in a Jira project: its lead, the leads of its components, and its roles with their members.

Four requests and one for each role. Groups in a role are named and not opened: that would need more than a sync may.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from connectors.jira.accounts import account_of, profile
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need, want
from connectors.jira.project import Project, understood
from syncer.contract.errors import Gone
from syncer.contract.model import Account
from syncer.contract.roster import ComponentLead, Group, Roster, Unread

MOST_ROLES = 30
"""A project has about five; more are not asked for."""

T = TypeVar("T")


def roster(project: Project) -> Roster:
    """Who is who. Raises Denied when the project itself cannot be seen."""
    details = project.details()
    unread: list[Unread] = []
    with understood("project"):
        lead = account_of(want(details, "lead", dict, "project"), project.site)
    components = _optional(partial(_components, project), "components", unread)
    roles = _optional(partial(_roles, project, unread), "roles", unread)
    reader = _optional(partial(_reader, project), "own account", unread)
    return Roster(
        lead=lead, components=components or (), roles=roles or (), reader=reader, unread=tuple(dict.fromkeys(unread))
    )


def _optional(read: Callable[[], T], part: str, unread: list[Unread]) -> T | None:
    """What `read` returns; None, with the reason noted, where the account may not read it."""
    try:
        return read()
    except (Forbidden, Gone, Invalid) as error:
        unread.append(Unread(part, str(error)))
        return None


def _components(project: Project) -> tuple[ComponentLead, ...]:
    with understood("components"):
        found = as_objects(project.client.get(f"/project/{project.scope.project}/components"), "components")
        return tuple(
            ComponentLead(
                need(one, "name", str, "component"),
                account_of(want(one, "lead", dict, "component"), project.site),
            )
            for one in found
        )


def _roles(project: Project, unread: list[Unread]) -> tuple[Group, ...]:
    """The roles that have members, in the order of their names. Jira names each by the address of its page."""
    with understood("roles"):
        links = as_object(project.client.get(f"/project/{project.scope.project}/role"), "roles")
    groups = []
    for name in sorted(links)[:MOST_ROLES]:
        identifier = str(links[name]).rstrip("/").rpartition("/")[2]
        if not identifier.isdecimal():
            continue
        found = _optional(partial(_role, project, identifier, unread), f'role "{name}"', unread)
        if found is not None and found.members:
            groups.append(found)
    return tuple(groups)


def _role(project: Project, identifier: str, unread: list[Unread]) -> Group:
    answer = project.client.get(f"/project/{project.scope.project}/role/{identifier}")
    with understood(f"role {identifier}"):
        role = as_object(answer, "role")
        name = need(role, "name", str, "role")
        members = []
        for actor in as_objects(role.get("actors", []), "role.actors"):
            member = _member(actor, project)
            if member is not None:
                members.append(member)
            elif actor.get("type") == "atlassian-group-role-actor":
                unread.append(Unread(f'role "{name}"', f'the group "{actor.get("displayName", "")}" is not opened'))
        return Group(name, tuple(members))


def _member(actor: Json, project: Project) -> Account | None:
    """The account behind a member of a role; None for a group. Cloud nests its id, Data Center names it."""
    user = want(actor, "actorUser", dict, "actor")
    native = user.get("accountId") if user is not None else actor.get("name")
    if actor.get("type") == "atlassian-group-role-actor" or not isinstance(native, str):
        return None
    return Account(native, str(actor.get("displayName") or native), profile(native, project.site))


def _reader(project: Project) -> Account:
    """The account that reads, asked once: it is nobody of the team."""
    with understood("myself"):
        me = account_of(as_object(project.client.get("/myself"), "myself"), project.site)
        if me is None:
            raise Malformed("the account has no id")
        return me
