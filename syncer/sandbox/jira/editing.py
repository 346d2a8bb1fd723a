"""Creates and edits issues.

Screens, required fields, `fields` and `update` verbs, all refused together or applied together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira import bodies, comments, links, permissions, transitions, values, worklogs
from syncer.sandbox.jira.problems import FieldError, JiraError, forbidden, invalid
from syncer.sandbox.jira.records import FieldDefinition, Issue, Project, User
from syncer.sandbox.jira.values import Target

if TYPE_CHECKING:
    from syncer.sandbox.jira.state import Jira

_ALWAYS_REQUIRED = ("summary", "issuetype", "project")
_SIDE_EFFECTS = frozenset({"comment", "worklog", "issuelinks"})


@dataclass(slots=True)
class Edit:
    """What one body asks for, once every value was understood: new values, and operations that create other records."""

    values: dict[str, Any] = field(default_factory=dict)
    effects: list[tuple[str, str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)


def create_issue(jira: Jira, account: User | None, body: Mapping[str, Any], *, rich: bool) -> Issue:
    """Creates one issue from a create body; raises JiraError and creates nothing when anything in it is refused."""
    given = bodies.member(body, "fields")
    project = _project_of(jira, account, given)
    try:
        issue_type = values.issue_type(jira, project, given.get("issuetype"))
    except FieldError as problem:
        raise invalid(errors={"issuetype": str(problem)}) from None
    target = Target(jira, account, project, issue_type, rich)
    edit = _understand(target, body, project.hidden_on_create, creating=True)
    step = str(bodies.member(body, "transition").get("id") or "")
    if step:
        transitions.require_initial(jira, account, project, issue_type, step)
    now = jira.clock.now()
    content = jira.blank(project, issue_type, account, now) | _settled(edit.values, {})
    content["properties"] = {} if jira.drops_properties else edit.properties
    issue = jira.insert(content)
    jira.index.write(now, issue.id, issue.content)
    _carry_out(target, issue, edit)
    if step:
        transitions.take(jira, account, issue, step, {}, rich=rich)
    return issue


def edit_issue(jira: Jira, account: User | None, issue: Issue, body: Mapping[str, Any], *, rich: bool) -> None:
    """Applies an edit body to an issue; raises JiraError and changes nothing when anything in it is refused."""
    permissions.require_issue_permission(jira, account, "BROWSE_PROJECTS", issue.content, "see this issue")
    words = {*bodies.member(body, "fields"), *bodies.member(body, "update")}
    if (words - {"comment", "worklog"} or body.get("properties")) and not permissions.allows(
        jira, account, "EDIT_ISSUES", issue.project
    ):
        raise forbidden("You do not have permission to edit issues in this project.")
    _require_editable(jira, issue, words)
    target = Target(jira, account, issue.project, issue.content["issuetype"], rich, issue)
    edit = _understand(target, body, issue.project.hidden_on_edit, creating=False)
    changed = _settled(edit.values, issue.content)
    if edit.properties:
        changed["properties"] = {**issue.content["properties"], **edit.properties}
    if changed:
        jira.commit(issue, account, changed)
    _carry_out(target, issue, edit)


def _require_editable(jira: Jira, issue: Issue, words: set[str]) -> None:
    """Raises for fields while the workflow forbids to edit: they are on no edit screen then."""
    workflow = jira.workflow(issue.project, issue.content["issuetype"])
    refused = words - {"comment", "worklog", "issuelinks"}
    if refused and issue.content["status"].name in workflow.uneditable:
        message = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
        raise invalid(errors={name: message.format(name) for name in sorted(refused)})


def _project_of(jira: Jira, account: User | None, given: Mapping[str, Any]) -> Project:
    raw = given.get("project")
    try:
        wanted = values.reference(raw, "id", "key") if raw is not None else None
    except FieldError as problem:
        raise invalid(errors={"project": str(problem)}) from None
    project = jira.find_project(wanted) if wanted else None
    if project is None or not permissions.allows(jira, account, "BROWSE_PROJECTS", project):
        raise invalid(
            errors={"project": "valid project is required" if jira.is_cloud or wanted else "project is required"}
        )
    if not permissions.allows(jira, account, "CREATE_ISSUES", project):
        if account is None:
            raise JiraError(401, ["You are not authenticated. Authentication required to perform this operation."])
        raise invalid("You do not have permission to create issues in this project.")
    return project


def _understand(target: Target, body: Mapping[str, Any], hidden: set[str], *, creating: bool) -> Edit:
    edit, errors = Edit(), {}
    fields, update = bodies.member(body, "fields"), bodies.member(body, "update")
    for identifier, raw in fields.items():
        if identifier in {"project", "issuetype"} and creating:
            continue
        try:
            definition = _on_screen(target, identifier, hidden)
            edit.values[identifier] = values.parse(target, definition, raw)
        except FieldError as problem:
            errors[identifier] = str(problem)
    for identifier, operations in update.items():
        if identifier in fields:
            errors[identifier] = f"Field '{identifier}' cannot be set by both fields and update."
            continue
        try:
            _operate(target, edit, _on_screen(target, identifier, hidden), operations)
        except FieldError as problem:
            errors[identifier] = str(problem)
    errors |= _missing(target, edit, errors, creating=creating)
    try:
        edit.properties = bodies.properties(body)
    except FieldError as problem:
        errors["properties"] = str(problem)
    if errors:
        raise invalid(errors=errors)
    return edit


def _on_screen(target: Target, identifier: str, hidden: set[str]) -> FieldDefinition:
    definition = target.jira.fields.get(identifier)
    refused = (
        definition is None
        or not definition.on_screen
        or not definition.applies_to(target.project)
        or identifier in hidden
        or (identifier == "project" and target.issue is not None)
        or (
            identifier == "reporter"
            and not permissions.allows(target.jira, target.account, "MODIFY_REPORTER", target.project)
        )
        or (
            identifier == "assignee"
            and not permissions.allows(target.jira, target.account, "ASSIGN_ISSUES", target.project)
        )
        or (
            identifier == "security"
            and not permissions.allows(target.jira, target.account, "SET_ISSUE_SECURITY", target.project)
        )
    )
    if definition is None or refused:
        raise FieldError(f"Field '{identifier}' cannot be set. It is not on the appropriate screen, or unknown.")
    return definition


def _operate(target: Target, edit: Edit, definition: FieldDefinition, operations: Any) -> None:
    if not isinstance(operations, list):
        raise FieldError("data was not an array")
    for operation in operations:
        if not isinstance(operation, Mapping) or len(operation) != 1:
            raise FieldError("Only one operation is allowed per object.")
        verb, raw = next(iter(operation.items()))
        if verb not in definition.operations:
            raise FieldError(f"Field '{definition.id}' does not support operation '{verb}'")
        if definition.id in _SIDE_EFFECTS:
            _check_effect(target, definition.id, verb, raw)
            edit.effects.append((definition.id, verb, raw))
        elif verb in {"set", "edit"}:
            edit.values[definition.id] = values.parse(target, definition, raw)
        else:
            held = target.issue.content[definition.id] if target.issue is not None else None
            present = edit.values.get(definition.id, held) or ()
            (element,) = values.parse(target, definition, [raw])
            rest = tuple(each for each in present if each != element)
            combined = (*rest, element) if verb == "add" else rest
            edit.values[definition.id] = tuple(sorted(combined)) if definition.kind == "labels" else combined


def _check_effect(target: Target, identifier: str, verb: str, raw: Any) -> None:
    """Raises for an effect that would be refused later, when the fields beside it had already been changed."""
    if identifier == "comment" and verb == "add":
        permissions.require(target.jira, target.account, "ADD_COMMENTS", target.project, "comment on this issue")
        comments.understand(target, raw)
    elif identifier == "comment":
        comments.require_change(target, str(values.reference(raw, "id")), verb)
        if verb == "edit":
            comments.understand(target, raw)
    elif identifier == "worklog":
        permissions.require(target.jira, target.account, "WORK_ON_ISSUES", target.project, "log work on this issue")
        worklogs.understand(target, raw)
    elif identifier == "issuelinks":
        permissions.require(target.jira, target.account, "LINK_ISSUES", target.project, "link issues in this project")
        links.understand(target, raw)


def _missing(target: Target, edit: Edit, errors: Mapping[str, str], *, creating: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    required = target.project.required | ({"summary"} if creating else set())
    for identifier in required - set(errors):
        absent = identifier not in edit.values if creating else False
        emptied = identifier in edit.values and edit.values[identifier] in (None, (), "")
        if absent or emptied:
            name = target.jira.fields[identifier].name
            found[identifier] = (
                "You must specify a summary of the issue." if identifier == "summary" else f"{name} is required."
            )
    if creating and target.issue_type.subtask and "parent" not in errors and edit.values.get("parent") is None:
        found["parent"] = "Issue type is a sub-task but parent issue key or id not specified."
    return found


def _settled(changed: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Returns values as an issue holds them: time tracking is kept as its two numbers of seconds."""
    settled = dict(changed)
    estimates = settled.pop("timetracking", None)
    if estimates:
        if "originalEstimate" in estimates:
            settled["timeoriginalestimate"] = estimates["originalEstimate"]
            if content.get("timeestimate") is None:
                settled["timeestimate"] = estimates["originalEstimate"]
        if "remainingEstimate" in estimates:
            settled["timeestimate"] = estimates["remainingEstimate"]
    return settled


def _carry_out(target: Target, issue: Issue, edit: Edit) -> None:
    here = replace(target, issue=issue)
    for identifier, verb, raw in edit.effects:
        match identifier, verb:
            case "comment", "add":
                comments.add(here, raw)
            case "comment", "edit":
                comments.edit(here, str(raw.get("id")), raw)
            case "comment", "remove":
                comments.remove(here, str(raw.get("id")))
            case "worklog", "add":
                worklogs.add(here, raw)
            case "issuelinks", _:
                links.add_from_issue(here, raw)
