"""The site itself: who am I, what may I do, what is this server, its metadata, and its people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.problems import JiraError, forbidden, invalid, not_found
from syncer.sandbox.jira.records import Priority, User
from syncer.sandbox.jira.web import Call, Registry, page

AREA = Registry()


@AREA.on("GET", "/serverInfo")
def server_info(call: Call) -> Any:
    """Describes the server, to anybody."""
    cloud = call.jira.is_cloud
    shown: dict[str, Any] = {
        "baseUrl": call.jira.base_url,
        "version": "1001.0.0-SNAPSHOT" if cloud else "10.3.4",
        "versionNumbers": [1001, 0, 0] if cloud else [10, 3, 4],
        "deploymentType": "Cloud" if cloud else "Server",
        "buildNumber": 100250 if cloud else 10030004,
        "buildDate": "2026-01-05T00:00:00.000+0000",
        "serverTime": call.render.instant(call.jira.clock.now()),
        "scmInfo": "0" * 40,
        "serverTitle": "Sandbox Jira",
    }
    return shown | ({"displayUrl": call.jira.base_url, "serverTimeZone": "Etc/UTC"} if cloud else {})


@AREA.on("GET", "/readonly-mode", "datacenter")
def read_only_mode(call: Call) -> Any:
    """Tells whether the site is in read-only mode (Data Center 11.3 and 10.3 LTS)."""
    call.require_account()
    message = call.jira.read_only
    return (
        {"enabled": True, "message": message, "endTime": "2026-03-03T06:00", "timeZone": "UTC"}
        if message
        else {"enabled": False}
    )


@AREA.on("GET", "/myself")
def myself(call: Call) -> Any:
    """Answers the caller's account."""
    account = call.require_account()
    groups = {"size": len(account.groups), "items": [{"name": name} for name in sorted(account.groups)]}
    roles = {"size": 1, "items": []}
    return {
        **(call.render.user(account) or {}),
        "locale": "en_US",
        "groups": groups,
        "applicationRoles": roles,
        "expand": "groups,applicationRoles",
    }


@AREA.on("GET", "/permissions")
def all_permissions(call: Call) -> Any:
    """Lists every permission there is."""
    call.require_account()
    return {"permissions": {key: _permission(key) for key in _ALL}}


@AREA.on("GET", "/mypermissions")
def my_permissions(call: Call) -> Any:
    """Says which permissions the caller has, in a project, on an issue, or globally."""
    project = None
    if call.text("issueKey") or call.text("issueId"):
        project = call.visible_issue(call.text("issueKey") or call.text("issueId")).project
    elif call.text("projectKey") or call.text("projectId"):
        project = call.visible_project(call.text("projectKey") or call.text("projectId"))
    wanted = call.words("permissions")
    if call.jira.is_cloud and not wanted:
        raise invalid("The 'permissions' query parameter is required.")
    unknown = [key for key in wanted if key not in _ALL]
    if unknown:
        raise JiraError(400, [f"Unrecognized permission: {', '.join(unknown)}"])
    found: dict[str, Any] = {}
    for key in wanted or _ALL:
        held = permissions.allows(call.jira, call.account, key, None if key in permissions.GLOBAL else project)
        if key not in permissions.GLOBAL and project is None:
            held = any(permissions.allows(call.jira, call.account, key, each) for each in call.jira.projects.values())
        found[key] = {**_permission(key), "havePermission": held}
    return {"permissions": found}


_ALL = (*permissions.ORDINARY, *permissions.RESERVED, *permissions.GLOBAL)


def _permission(key: str) -> dict[str, Any]:
    kind = "GLOBAL" if key in permissions.GLOBAL else "PROJECT"
    name = key.replace("_", " ").capitalize()
    return {"id": str(_ALL.index(key) + 1), "key": key, "name": name, "type": kind, "description": ""}


@AREA.on("GET", "/field")
def fields(call: Call) -> Any:
    """Lists the fields."""
    return [call.render.field(each) for each in call.jira.fields.values()]


@AREA.on("GET", "/priority")
def priorities(call: Call) -> Any:
    """Lists the priorities, most urgent first."""
    return [_priority(call, each) for each in call.jira.priorities]


@AREA.on("GET", "/resolution")
def resolutions(call: Call) -> Any:
    """Lists the resolutions."""
    return [call.render.resolution(each) for each in call.jira.resolutions.values()]


@AREA.on("GET", "/status")
def statuses(call: Call) -> Any:
    """Lists the statuses of every workflow."""
    return [call.render.status(each) for each in call.jira.statuses.values()]


@AREA.on("GET", "/issuetype")
def issue_types(call: Call) -> Any:
    """Lists the issue types."""
    return [call.render.issue_type(each) for each in call.jira.types.values()]


@AREA.on("GET", "/issueLinkType")
def link_types(call: Call) -> Any:
    """Lists the issue link types."""
    return {"issueLinkTypes": [call.render.link_type(each) for each in call.jira.link_types]}


# --- single records of the metadata ----------------------------------------------------------------------------------


def _one(records: Iterable[Any], wanted: str, kind: str) -> Any:
    for each in records:
        if wanted in {each.id, each.name}:
            return each
    raise not_found(f"The {kind} with id '{wanted}' does not exist.")


@AREA.on("GET", "/status/{status}")
def status(call: Call) -> Any:
    """Answers a status by id or name."""
    return call.render.status(_one(call.jira.statuses.values(), call.path["status"], "status"))


@AREA.on("GET", "/priority/search", "cloud")
def search_priorities(call: Call) -> Any:
    """Pages through the priorities."""
    return _paged(
        call, [{**_priority(call, each), "isDefault": each.name == "Medium"} for each in call.jira.priorities]
    )


@AREA.on("GET", "/priority/{priority}")
def priority(call: Call) -> Any:
    """Answers a priority."""
    return _priority(call, _one(call.jira.priorities, call.path["priority"], "priority"))


def _priority(call: Call, record: Priority) -> dict[str, Any]:
    return {**(call.render.priority(record) or {}), "description": "", "statusColor": "#ffab00"}


@AREA.on("GET", "/resolution/{resolution}")
def resolution(call: Call) -> Any:
    """Answers a resolution."""
    return call.render.resolution(_one(call.jira.resolutions.values(), call.path["resolution"], "resolution"))


@AREA.on("GET", "/issuetype/{type}")
def issue_type(call: Call) -> Any:
    """Answers an issue type."""
    return call.render.issue_type(_one(call.jira.types.values(), call.path["type"], "issue type"))


@AREA.on("GET", "/role")
def roles(call: Call) -> Any:
    """Lists the roles projects have."""
    root = call.render.root
    return [
        {"self": f"{root}/role/{number}", "name": name, "id": int(number), "description": ""}
        for name, number in call.jira.role_ids.items()
    ]


@AREA.on("GET", "/statuscategory", "datacenter")
def status_categories(call: Call) -> Any:
    """Lists the categories of statuses."""
    return [call.render.category(each) for each in ("new", "indeterminate", "done")]


@AREA.on("GET", "/label", "cloud")
def labels(call: Call) -> Any:
    """Pages through the labels on issues the caller may see."""
    visible = (
        each.content for each in call.jira.issues.values() if permissions.can_see(call.jira, call.account, each.content)
    )
    return _paged(call, sorted({label for content in visible for label in content["labels"]}), 1000)


@AREA.on("GET", "/field/search", "cloud")
def search_fields(call: Call) -> Any:
    """Pages through the fields."""
    shown = [
        {"id": each.id, "name": each.name, "schema": dict(each.schema or {}), "description": ""}
        for each in call.jira.fields.values()
        if call.text("query").casefold() in each.name.casefold()
    ]
    return _paged(call, shown)


def _paged(call: Call, found: list[Any], largest: int = 50) -> dict[str, Any]:
    start, size = call.number("startAt", 0), call.number("maxResults", largest)
    chosen, last = page(found, start, size)
    return {"maxResults": size, "startAt": start, "total": len(found), "isLast": last, "values": chosen}


def _require_picker(call: Call) -> None:
    call.require_account()
    if not permissions.allows(call.jira, call.account, "USER_PICKER"):
        raise forbidden("You are not authorized to perform this operation.")


@AREA.on("GET", "/user")
def read_user(call: Call) -> Any:
    """Answers a user by accountId (Cloud), or by user name or key (Data Center)."""
    call.require_account()
    if call.jira.is_cloud:
        wanted = call.text("accountId")
        if not wanted:
            raise invalid("The query parameter 'accountId' is required.")
        user = call.jira.users.get(wanted)
    else:
        wanted = call.text("username") or call.text("key")
        user = call.jira.users.get(wanted) or next(
            (each for each in call.jira.users.values() if each.key == call.text("key")), None
        )
    if user is None:
        raise not_found("Specified user does not exist or you do not have required permissions")
    groups = (
        {"size": len(user.groups), "items": [{"name": name} for name in sorted(user.groups)]}
        if "groups" in call.words("expand")
        else {"size": 0, "items": []}
    )
    return {
        **(call.render.user(user) or {}),
        "groups": groups,
        "applicationRoles": {"size": 1, "items": []},
        "expand": "groups,applicationRoles",
    }


@AREA.on("GET", "/user/bulk", "cloud")
def read_users(call: Call) -> Any:
    """Pages through users by accountId; unknown ids are left out."""
    call.require_account()
    wanted = call.query.get("accountId", [])
    if not wanted:
        raise invalid("The query parameter 'accountId' is required.")
    found = [call.jira.users[each] for each in wanted if each in call.jira.users]
    start, size = call.number("startAt", 0), call.number("maxResults", 10)
    chosen, last = page(found, start, size)
    link = f"{call.render.root}/user/bulk?startAt={start}&maxResults={size}"
    shown = [call.render.user(each) for each in chosen]
    return {"self": link, "maxResults": size, "startAt": start, "total": len(found), "isLast": last, "values": shown}


def _matching(call: Call, *, inactive: bool = False) -> list[User]:
    query = (call.text("query") or call.text("username")).casefold()
    exact = call.text("accountId")
    people = [each for each in call.jira.users.values() if each.active or inactive]
    if exact:
        return [each for each in people if each.identifier == exact]
    # Data Center's "." finds everybody.
    every = query == "." and not call.jira.is_cloud
    return [each for each in people if every or _fits(call, each, query)]


def _fits(call: Call, user: User, query: str) -> bool:
    email = user.email if user.email_visible or not call.jira.is_cloud else ""
    texts = (*user.display_name.split(), user.display_name, email, user.identifier)
    return any(each.casefold().startswith(query) for each in texts)


def _answer(call: Call, people: list[User]) -> list[Any]:
    start, size = call.number("startAt", 0), min(call.number("maxResults", 50), 1000)
    render = call.render
    return [render.user(each) for each in people[start : start + size]]


@AREA.on("GET", "/user/search")
def search_users(call: Call) -> Any:
    """Finds users by the beginning of a name or e-mail address."""
    _require_picker(call)
    if not any(call.text(name) for name in ("query", "username", "accountId", "property")):
        raise invalid(
            "The query parameter is required."
            if call.jira.is_cloud
            else "The username query parameter was not provided"
        )
    return _answer(call, _matching(call, inactive=call.flag("includeInactive")))


@AREA.on("GET", "/user/assignable/search")
def assignable_users(call: Call) -> Any:
    """Finds users who can be assigned issues of a project, or one issue."""
    call.require_account()
    if call.text("issueKey"):
        project = call.visible_issue(call.text("issueKey")).project
    elif call.text("project"):
        project = call.visible_project(call.text("project"))
    else:
        raise invalid("Either the 'project' or the 'issueKey' query parameter is required.")
    people = [each for each in _matching(call) if permissions.allows(call.jira, each, "ASSIGNABLE_USER", project)]
    return _answer(call, people)
