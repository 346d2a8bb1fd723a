"""Describes fields for forms: what a create, edit or transition screen takes, with allowed values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from syncer.sandbox.jira import transitions
from syncer.sandbox.jira.records import FieldDefinition, Issue, IssueType, Project
from syncer.sandbox.jira.render import Renderer
from syncer.sandbox.jira.workflow import Transition


def transition_json(render: Renderer, issue: Issue, step: Transition, *, fields: bool) -> dict[str, Any]:
    """Returns a transition, with the fields of its screen where asked for."""
    shown: dict[str, Any] = {"id": step.id, "name": step.name, "to": render.status(step.target)}
    if render.jira.is_cloud:
        shown |= {
            "hasScreen": bool(step.screen),
            "isGlobal": not step.sources,
            "isInitial": False,
            "isAvailable": True,
            "isConditional": False,
            "isLooped": False,
        }
    if fields:
        shown["fields"] = {
            identifier: field_metadata(render, issue.project, render.jira.fields[identifier], required=required)
            for identifier, required in step.screen.items()
        }
    return shown


def expanded_transitions(render: Renderer, issue: Issue, expand: Iterable[str]) -> dict[str, Any]:
    """Returns the transitions the reader can take now, as part of an issue, where `expand` asks for them."""
    wanted = set(expand) & {"transitions", "transitions.fields"}
    if not wanted:
        return {}
    steps = transitions.available(render.jira, render.account, issue)
    fields = "transitions.fields" in wanted
    return {"transitions": [transition_json(render, issue, step, fields=fields) for step in steps]}


def field_metadata(
    render: Renderer, project: Project, definition: FieldDefinition, *, required: bool
) -> dict[str, Any]:
    """Returns what a form needs to know about a field."""
    shown: dict[str, Any] = {
        "required": required,
        "schema": dict(definition.schema or {}),
        "name": definition.name,
        "hasDefaultValue": definition.id in {"priority", "reporter"},
        "operations": list(definition.operations) or ["set"],
    }
    shown |= {"key": definition.id} if render.jira.is_cloud else {"fieldId": definition.id}
    allowed = _allowed_values(render, project, definition)
    return shown if allowed is None else shown | {"allowedValues": allowed}


def _allowed_values(render: Renderer, project: Project, definition: FieldDefinition) -> list[Any] | None:
    jira = render.jira
    if definition.kind in {"option", "options"}:
        return [
            {"self": f"{render.root}/customFieldOption/{each['id']}", **each}
            for each in jira.options[definition.id].values()
            if each["id"] not in jira.disabled_options
        ]
    tables: dict[str, tuple[Iterable[Any], Callable[[Any], Any]]] = {
        "priority": (jira.priorities, render.priority),
        "resolution": (jira.resolutions.values(), render.resolution),
        "components": (project.components.values(), render.component),
        "versions": ((each for each in project.versions.values() if not each.archived), render.version_record),
        "issuetype": (project.types, render.issue_type),
        "project": ((project,), render.project_short),
        "security": (project.security_levels.values(), render.security_level),
    }
    if definition.kind not in tables:
        return None
    records, show = tables[definition.kind]
    return [show(each) for each in records]


def create_fields(render: Renderer, project: Project, issue_type: IssueType) -> list[tuple[FieldDefinition, bool]]:
    """Returns the fields of a create screen, each with whether it is required."""
    hidden = project.hidden_on_create
    required = project.required | {"summary", "issuetype", "project"} | ({"parent"} if issue_type.subtask else set())
    return [
        (each, each.id in required)
        for each in render.jira.fields.values()
        if each.on_screen and each.applies_to(project) and each.id not in hidden | {"comment", "worklog"}
    ]


def edit_fields(render: Renderer, project: Project) -> dict[str, Any]:
    """Returns the `fields` of an edit screen's description."""
    hidden = project.hidden_on_edit | {"project", "worklog"}
    chosen = [
        each
        for each in render.jira.fields.values()
        if each.on_screen and each.applies_to(project) and each.id not in hidden
    ]
    return {
        each.id: field_metadata(render, project, each, required=each.id in project.required | {"summary", "issuetype"})
        for each in chosen
    }
