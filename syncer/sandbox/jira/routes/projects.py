"""Projects: read, list, statuses, roles, security levels, and what create and edit screens take."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.metadata import create_fields, edit_fields, field_metadata
from syncer.sandbox.jira.problems import JiraError, invalid, not_found
from syncer.sandbox.jira.records import IssueType, Project
from syncer.sandbox.jira.render import Renderer
from syncer.sandbox.jira.web import Answer, Call, Registry, page

AREA = Registry()


def _project(call: Call, project: Project) -> dict[str, Any]:
    """Returns a project with its lead, types, versions and components."""
    render = call.render
    shown = {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        **render.project_short(project),
        "description": project.description,
        "components": [render.component(each) for each in project.components.values()],
        "issueTypes": [render.issue_type(each) for each in project.types],
        "versions": [render.version_record(each) for each in project.versions.values()],
        "roles": _role_links(render, project),
        "assigneeType": "UNASSIGNED",
        "archived": project.archived,
    }
    if project.lead is not None:
        shown["lead"] = render.user(project.lead)
    if "projectKeys" in call.words("expand"):
        shown["projectKeys"] = [project.key, *project.former_keys]
    if call.jira.is_cloud and "insight" in call.words("expand"):
        issues = [each for each in call.jira.issues.values() if each.project is project]
        shown["insight"] = {"totalIssueCount": len(issues)}
    if call.jira.is_cloud:
        shown |= {
            "isPrivate": permissions.ANYONE not in project.grants["BROWSE_PROJECTS"],
            "style": "next-gen" if project.team_managed else "classic",
            "properties": {},
        }
    return shown


def _role_links(render: Renderer, project: Project) -> dict[str, str]:
    roles = render.jira.role_ids
    return {name: f"{render.root}/project/{project.id}/role/{roles[name]}" for name in project.roles}


def _visible(call: Call) -> list[Project]:
    found = [
        each
        for each in call.jira.projects.values()
        if permissions.allows(call.jira, call.account, "BROWSE_PROJECTS", each) and not each.archived
    ]
    return sorted(found, key=lambda project: project.key)


@AREA.on("GET", "/project")
def list_projects(call: Call) -> Any:
    """Lists the projects the caller may browse, by key."""
    render = call.render
    return [
        {
            **render.project_short(each),
            **({"lead": render.user(each.lead)} if "lead" in call.words("expand") and each.lead else {}),
        }
        for each in _visible(call)
    ]


@AREA.on("GET", "/project/search", "cloud")
def search_projects(call: Call) -> Any:
    """Pages through the projects the caller may browse."""
    query, keys = call.text("query").casefold(), set(call.words("keys"))
    matching = [
        each
        for each in _visible(call)
        if query in f"{each.key} {each.name}".casefold() and (not keys or each.key in keys)
    ]
    start, size = call.number("startAt", 0), call.number("maxResults", 50)
    chosen, last = page(matching, start, size)
    return {
        "self": f"{call.render.root}/project/search?maxResults={size}&startAt={start}",
        "maxResults": size,
        "startAt": start,
        "total": len(matching),
        "isLast": last,
        "values": [_project(call, each) for each in chosen],
    }


@AREA.on("GET", "/project/{project}")
def read_project(call: Call) -> Any:
    """Answers a project by id, key or former key."""
    return _project(call, call.project())


@AREA.on("GET", "/project/{project}/statuses")
def project_statuses(call: Call) -> Any:
    """Lists the statuses of each issue type's workflow."""
    project, render = call.project(), call.render
    return [
        {
            "self": f"{render.root}/issuetype/{kind.id}",
            "id": kind.id,
            "name": kind.name,
            "subtask": kind.subtask,
            "statuses": [render.status(each) for each in call.jira.workflow(project, kind).statuses()],
        }
        for kind in project.types
    ]


@AREA.on("GET", "/project/{project}/role")
def project_roles(call: Call) -> Any:
    """Lists the project's roles with their links: its administrators."""
    project = call.project()
    permissions.require(call.jira, call.account, "ADMINISTER_PROJECTS", project, "see the roles of this project")
    return _role_links(call.render, project)


@AREA.on("GET", "/project/{project}/role/{role}")
def project_role(call: Call) -> Any:
    """Answers one role with its members: to the project's administrators."""
    project, render = call.project(), call.render
    permissions.require(call.jira, call.account, "ADMINISTER_PROJECTS", project, "see the roles of this project")
    name = next((name for name, identifier in call.jira.role_ids.items() if identifier == call.path["role"]), None)
    if name is None or name not in project.roles:
        raise not_found("Can not retrieve a role actor for a null project role.")
    members = [call.jira.users[each] for each in sorted(project.roles[name])]
    actors = []
    for number, user in enumerate(members, 1):
        actor: dict[str, Any] = {"id": number, "displayName": user.display_name, "type": "atlassian-user-role-actor"}
        actor |= {"actorUser": {"accountId": user.identifier}} if call.jira.is_cloud else {"name": user.identifier}
        actors.append(actor)
    link = f"{render.root}/project/{project.id}/role/{call.path['role']}"
    return {"self": link, "name": name, "id": int(call.path["role"]), "description": "", "actors": actors}


@AREA.on("GET", "/project/{project}/securitylevel")
def security_levels(call: Call) -> Any:
    """Lists the security levels the caller may set: those it is a member of."""
    project, account = call.project(), call.account
    mine = [
        each for each in project.security_levels.values() if account is not None and account.identifier in each.members
    ]
    return {"levels": [call.render.security_level(each) for each in mine]}


@AREA.on("GET", "/project/{project}/issuesecuritylevelscheme")
def security_scheme(call: Call) -> Any:
    """Returns the security scheme of a project to those who administer it; 404 where it has none."""
    project = call.project()
    permissions.require(call.jira, call.account, "ADMINISTER_PROJECTS", project, "see the scheme of this project")
    if not project.security_levels:
        raise JiraError(404, [f"Project '{project.key}' has no issue security scheme."])
    levels = [call.render.security_level(each) for each in project.security_levels.values()]
    root = call.render.root
    return {"self": f"{root}/issuesecurityschemes/1", "id": 1, "name": "Scheme", "description": "", "levels": levels}


# --- what screens take -----------------------------------------------------------------------------------------------


def _creatable(call: Call) -> Project:
    project = call.project()
    if not permissions.allows(call.jira, call.account, "CREATE_ISSUES", project):
        raise invalid("You do not have permission to create issues in this project.")
    return project


@AREA.on("GET", "/issue/createmeta", "cloud")
def create_metadata(call: Call) -> Any:
    """Answers the older description of create screens: projects with their types, and fields where `expand` asks."""
    keys, ids = set(call.words("projectKeys")), set(call.words("projectIds"))
    type_ids, type_names = set(call.words("issuetypeIds")), set(call.query.get("issuetypeNames", []))
    render = call.render
    with_fields = "projects.issuetypes.fields" in call.words("expand")
    projects: list[Any] = []
    for project in _visible(call):
        if (keys or ids) and project.key not in keys and project.id not in ids:
            continue
        if not permissions.allows(call.jira, call.account, "CREATE_ISSUES", project):
            continue
        kinds = [
            each
            for each in project.types
            if (not type_ids or each.id in type_ids) and (not type_names or each.name in type_names)
        ]
        short = render.project_short(project)
        shown = {name: short[name] for name in ("self", "id", "key", "name", "avatarUrls")}
        projects.append(
            {**shown, "issuetypes": [_creatable_type(render, project, kind, with_fields=with_fields) for kind in kinds]}
        )
    return {"expand": "projects", "projects": projects}


def _creatable_type(render: Renderer, project: Project, kind: IssueType, *, with_fields: bool) -> dict[str, Any]:
    shown = dict(render.issue_type(kind))
    if with_fields:
        shown["fields"] = {
            definition.id: field_metadata(render, project, definition, required=required)
            for definition, required in create_fields(render, project, kind)
        }
        shown["expand"] = "fields"
    return shown


@AREA.on("GET", "/issue/createmeta/{project}/issuetypes")
def create_types(call: Call) -> Any:
    """Pages through the issue types that can be created in a project."""
    project = _creatable(call)
    start, size = call.number("startAt", 0), call.number("maxResults", 50)
    chosen, last = page(project.types, start, size)
    shown = [call.render.issue_type(each) for each in chosen]
    common = {"maxResults": size, "startAt": start, "total": len(project.types)}
    return {**common, "issueTypes": shown} if call.jira.is_cloud else {**common, "isLast": last, "values": shown}


@AREA.on("GET", "/issue/createmeta/{project}/issuetypes/{type}")
def create_type_fields(call: Call) -> Any:
    """Pages through the fields of a create screen."""
    project, render = _creatable(call), call.render
    kind = next((each for each in project.types if each.id == call.path["type"]), None)
    if kind is None:
        raise invalid("Invalid Issue Type id")
    start, size = call.number("startAt", 0), call.number("maxResults", 50)
    everything = create_fields(render, project, kind)
    chosen, last = page(everything, start, size)
    shown = [
        {**field_metadata(render, project, definition, required=required), "fieldId": definition.id}
        for definition, required in chosen
    ]
    common = {"maxResults": size, "startAt": start, "total": len(everything)}
    return {**common, "fields": shown} if call.jira.is_cloud else {**common, "isLast": last, "values": shown}


@AREA.on("GET", "/issue/{issue}/editmeta")
def edit_metadata(call: Call) -> Any:
    """Describes an issue's edit screen; nothing is on it without the permission to edit."""
    issue = call.issue()
    workflow = call.jira.workflow(issue.project, issue.content["issuetype"])
    editable = issue.content["status"].name not in workflow.uneditable and not issue.archived
    if not editable or not permissions.allows(call.jira, call.account, "EDIT_ISSUES", issue.project):
        return {"fields": {}}
    return {"fields": edit_fields(call.render, issue.project)}


# --- properties ------------------------------------------------------------------------------------------------------


@AREA.on("GET", "/project/{project}/properties")
def property_keys(call: Call) -> Any:
    """Lists the keys of a project's properties."""
    project = call.project()
    link = f"{call.render.root}/project/{project.key}/properties"
    return {"keys": [{"self": f"{link}/{key}", "key": key} for key in project.properties]}


@AREA.on("GET", "/project/{project}/properties/{property}")
def read_property(call: Call) -> Any:
    """Answers one property of a project."""
    project, key = call.project(), call.path["property"]
    if key not in project.properties:
        raise not_found(f"The property '{key}' does not exist.")
    return {"key": key, "value": project.properties[key]}


@AREA.on("PUT", "/project/{project}/properties/{property}")
def write_property(call: Call) -> Any:
    """Sets a property of a project: 201 when it is new, 200 when it was there."""
    project, key = call.project(), call.path["property"]
    permissions.require(call.jira, call.account, "ADMINISTER_PROJECTS", project, "administer this project")
    present = key in project.properties
    project.properties[key] = call.json()
    return Answer(200 if present else 201, {})


@AREA.on("DELETE", "/project/{project}/properties/{property}")
def delete_property(call: Call) -> Any:
    """Deletes a property of a project."""
    project, key = call.project(), call.path["property"]
    permissions.require(call.jira, call.account, "ADMINISTER_PROJECTS", project, "administer this project")
    if key not in project.properties:
        raise not_found(f"The property '{key}' does not exist.")
    del project.properties[key]
    return Answer(204)
