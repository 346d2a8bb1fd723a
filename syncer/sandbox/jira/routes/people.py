"""People: read, find, and who can be assigned."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.problems import forbidden, invalid, not_found
from syncer.sandbox.jira.records import User
from syncer.sandbox.jira.web import Call, Registry, page

AREA = Registry()


def _require_picker(call: Call) -> None:
    call.require_account()
    if not permissions.allows(call.jira, call.account, "USER_PICKER"):
        raise forbidden("You are not authorized to perform this operation.")


@AREA.on("GET", "/user")
def read(call: Call) -> Any:
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
def read_many(call: Call) -> Any:
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
def search(call: Call) -> Any:
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
def assignable(call: Call) -> Any:
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
