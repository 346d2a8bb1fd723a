"""Versions and components of projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncer.sandbox.jira import permissions, values
from syncer.sandbox.jira.problems import FieldError, invalid, not_found
from syncer.sandbox.jira.records import Component, Project, User, Version
from syncer.sandbox.jira.web import Answer, Call, Registry, page

AREA = Registry()

_NAME_LIMIT = 255


def _project_sent(call: Call, body: Mapping[str, Any]) -> Project:
    wanted = str(body.get("projectId") or body.get("project") or "")
    if not wanted:
        raise invalid(errors={"project": "Project must be specified."})
    return _administered(call, call.visible_project(wanted))


def _administered(call: Call, project: Project) -> Project:
    permissions.require(call.jira, call.account, "ADMINISTER_PROJECTS", project, "administer this project")
    return project


def _check_name(name: Any, taken: bool) -> str:
    if not isinstance(name, str) or not name.strip():
        raise invalid(errors={"name": "You must specify a valid name"})
    if len(name) > _NAME_LIMIT:
        raise invalid(errors={"name": f"The name must not exceed {_NAME_LIMIT} characters in length."})
    if taken:
        raise invalid(errors={"name": "A version with this name already exists in this project."})
    return name.strip()


# --- versions --------------------------------------------------------------------------------------------------------


def _version(call: Call) -> tuple[Project, Version]:
    for project in call.jira.projects.values():
        version = project.versions.get(call.path["version"])
        if version is not None and permissions.allows(call.jira, call.account, "BROWSE_PROJECTS", project):
            return project, version
    raise not_found(f"Could not find version for id '{call.path['version']}'")


def _apply(call: Call, project: Project, version: Version, body: Mapping[str, Any]) -> None:
    """Changes the parts of a version its body names; refuses all or none."""
    if "name" in body:
        taken = any(each is not version and each.name == body["name"] for each in project.versions.values())
        name = _check_name(body["name"], taken)
    else:
        name = version.name
    try:
        start = values.day(body["startDate"]) if "startDate" in body else version.start_date
        release = values.day(body["releaseDate"]) if "releaseDate" in body else version.release_date
    except FieldError as problem:
        raise invalid(errors={"releaseDate": str(problem)}) from None
    if start is not None and release is not None and start > release:
        raise invalid(errors={"startDate": "The start date must be before the release date."})
    version.name, version.start_date, version.release_date = name, start, release
    version.description = str(body.get("description", version.description) or "")
    version.released = bool(body.get("released", version.released))
    version.archived = bool(body.get("archived", version.archived))
    call.jira.metadata_generation += 1


@AREA.on("POST", "/version")
def create_version(call: Call) -> Any:
    """Creates a version."""
    body = call.body()
    project = _project_sent(call, body)
    version = Version("", "", project.id)
    _apply(call, project, version, {"name": None, **body})
    version.id = str(call.jira.next_id("version"))
    project.versions[version.id] = version
    return Answer(201, call.render.version_record(version))


@AREA.on("GET", "/version/{version}")
def read_version(call: Call) -> Any:
    """Answers a version."""
    _, version = _version(call)
    return call.render.version_record(version)


@AREA.on("PUT", "/version/{version}")
def edit_version(call: Call) -> Any:
    """Edits a version and answers it."""
    project, version = _version(call)
    _administered(call, project)
    _apply(call, project, version, call.body())
    return call.render.version_record(version)


@AREA.on("DELETE", "/version/{version}")
@AREA.on("POST", "/version/{version}/removeAndSwap")
def delete_version(call: Call) -> Any:
    """Deletes a version; issues lose it or get the one named instead."""
    project, version = _version(call)
    _administered(call, project)
    body = call.body() if call.raw else {}
    for identifier, parameter in (("fixVersions", "moveFixIssuesTo"), ("versions", "moveAffectedIssuesTo")):
        other = project.versions.get(str(body.get(parameter) or call.text(parameter)))
        _replace(call, project, identifier, version, other)
    del project.versions[version.id]
    return Answer(204)


def _replace(call: Call, project: Project, identifier: str, old: Any, new: Any) -> None:
    for issue in list(call.jira.issues.values()):
        held = issue.content[identifier]
        if issue.project is project and old in held:
            rest = tuple(each for each in held if each is not old and each is not new)
            call.jira.commit(issue, call.account, {identifier: rest if new is None else (*rest, new)})
    call.jira.metadata_generation += 1


@AREA.on("GET", "/project/{project}/versions")
def list_versions(call: Call) -> Any:
    """Lists a project's versions."""
    return [call.render.version_record(each) for each in call.project().versions.values()]


@AREA.on("GET", "/project/{project}/version")
def page_versions(call: Call) -> Any:
    """Pages through a project's versions."""
    found = [call.render.version_record(each) for each in call.project().versions.values()]
    return _paged(call, f"project/{call.path['project']}/version", found)


def _paged(call: Call, link: str, found: list[Any]) -> dict[str, Any]:
    start, size = call.number("startAt", 0), call.number("maxResults", 50)
    chosen, last = page(found, start, size)
    address = f"{call.render.root}/{link}?startAt={start}&maxResults={size}"
    return {
        "self": address,
        "startAt": start,
        "maxResults": size,
        "total": len(found),
        "isLast": last,
        "values": chosen,
    }


# --- components ------------------------------------------------------------------------------------------------------


def _component(call: Call) -> tuple[Project, Component]:
    for project in call.jira.projects.values():
        component = project.components.get(call.path["component"])
        if component is not None and permissions.allows(call.jira, call.account, "BROWSE_PROJECTS", project):
            return project, component
    raise not_found(f"The component with id {call.path['component']} does not exist.")


def _lead(call: Call, body: Mapping[str, Any]) -> User | None:
    wanted = body.get("leadAccountId") if call.jira.is_cloud else body.get("leadUserName")
    if not wanted:
        return None
    user = call.jira.users.get(str(wanted))
    if user is None:
        raise invalid(errors={"leadUserName": f'The user "{wanted}" does not exist.'})
    return user


def _component_name(project: Project, component: Component | None, name: Any) -> str:
    taken = any(
        each is not component and each.name.casefold() == str(name).casefold() for each in project.components.values()
    )
    if taken:
        raise invalid(errors={"name": f"A component with the name {name} already exists in this project."})
    return _check_name(name, False)


@AREA.on("POST", "/component")
def create_component(call: Call) -> Any:
    """Creates a component."""
    body = call.body()
    project = _project_sent(call, body)
    name, lead = _component_name(project, None, body.get("name")), _lead(call, body)
    component = call.jira.add_component(project.key, name, description=str(body.get("description") or ""), lead=lead)
    return Answer(201, call.render.component(component))


@AREA.on("GET", "/component/{component}")
def read_component(call: Call) -> Any:
    """Answers a component."""
    _, component = _component(call)
    return call.render.component(component)


@AREA.on("PUT", "/component/{component}")
def edit_component(call: Call) -> Any:
    """Edits a component and answers it."""
    project, component = _component(call)
    _administered(call, project)
    body = call.body()
    name = _component_name(project, component, body["name"]) if "name" in body else component.name
    lead = _lead(call, body) if {"leadAccountId", "leadUserName"} & set(body) else component.lead
    component.name, component.lead = name, lead
    call.jira.metadata_generation += 1
    component.description = str(body.get("description", component.description) or "")
    return call.render.component(component)


@AREA.on("DELETE", "/component/{component}")
def delete_component(call: Call) -> Any:
    """Deletes a component; issues lose it or get the one named by `moveIssuesTo`."""
    project, component = _component(call)
    _administered(call, project)
    _replace(call, project, "components", component, project.components.get(call.text("moveIssuesTo")))
    del project.components[component.id]
    return Answer(204)


@AREA.on("GET", "/project/{project}/components")
def list_components(call: Call) -> Any:
    """Lists a project's components."""
    return [call.render.component(each) for each in call.project().components.values()]


@AREA.on("GET", "/project/{project}/component", "cloud")
def page_components(call: Call) -> Any:
    """Pages through a project's components."""
    found = [{**call.render.component(each), "issueCount": 0} for each in call.project().components.values()]
    return _paged(call, f"project/{call.path['project']}/component", found)
