"""Takes issues through their workflow: what is available, what a screen asks for, and the resolution that results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira import bodies, comments, permissions, values
from syncer.sandbox.jira.problems import FieldError, JiraError, forbidden, invalid
from syncer.sandbox.jira.records import Issue, IssueType, Project, User
from syncer.sandbox.jira.values import Target
from syncer.sandbox.jira.workflow import Transition

if TYPE_CHECKING:
    from syncer.sandbox.jira.state import Jira


def available(jira: Jira, account: User | None, issue: Issue) -> list[Transition]:
    """Returns the transitions `account` can take now; none without the permission."""
    if not permissions.allows(jira, account, "TRANSITION_ISSUES", issue.project):
        return []
    return jira.workflow(issue.project, issue.content["issuetype"]).available(issue.content["status"])


def take(
    jira: Jira, account: User | None, issue: Issue, transition_id: str, body: Mapping[str, Any], *, rich: bool
) -> None:
    """Takes one transition with the fields and comments of its body.

    Raises JiraError and changes nothing when it is refused.
    """
    permissions.require_issue_permission(jira, account, "BROWSE_PROJECTS", issue.content, "see this issue")
    if not permissions.allows(jira, account, "TRANSITION_ISSUES", issue.project):
        raise forbidden("You do not have permission to transition this issue.")
    step = next((each for each in available(jira, account, issue) if each.id == transition_id), None)
    if step is None:
        raise _not_available(jira, issue, transition_id)
    target = Target(jira, account, issue.project, issue.content["issuetype"], rich, issue)
    changed = _screen_values(target, step, body)
    added = _comments(target, body)
    changed["status"] = step.target
    if step.target.category == "done":
        default = step.resolution or issue.content["resolution"] or jira.resolutions["Done"]
        changed["resolution"] = changed.get("resolution") or default
        if issue.content["resolution"] is not changed["resolution"]:
            changed["resolutiondate"] = jira.clock.now()
    else:
        changed["resolution"] = changed["resolutiondate"] = None
    jira.commit(issue, account, changed)
    for raw in added:
        comments.add(target, raw)


def require_initial(jira: Jira, account: User | None, project: Project, kind: IssueType, transition_id: str) -> None:
    """Raises a 400 unless a new issue of this type could take the transition without filling in a screen."""
    workflow = jira.workflow(project, kind)
    steps = (
        workflow.available(workflow.initial) if permissions.allows(jira, account, "TRANSITION_ISSUES", project) else []
    )
    if not any(step.id == transition_id and not any(step.screen.values()) for step in steps):
        raise invalid(f"Transition id '{transition_id}' is not valid for this issue.")


def _not_available(jira: Jira, issue: Issue, transition_id: str) -> JiraError:
    if jira.is_cloud:
        return invalid(f"Transition id '{transition_id}' is not valid for this issue.")
    return invalid(
        "It seems that you have tried to perform a workflow operation that is not valid for the current state of this "
        f"issue ({issue.key}). The likely cause is that somebody has changed the issue recently, please look at the "
        "issue history for details."
    )


def _screen_values(target: Target, step: Transition, body: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    errors: dict[str, str] = {}
    given = dict(bodies.member(body, "fields"))
    for identifier, operations in bodies.operations(body, "update").items():
        if identifier != "comment":
            given[identifier] = next((operation["set"] for operation in operations if "set" in operation), None)
    for identifier, raw in given.items():
        if identifier not in step.screen:
            errors[identifier] = f"Field '{identifier}' cannot be set. It is not on the appropriate screen, or unknown."
            continue
        try:
            changed[identifier] = values.parse(target, target.jira.fields[identifier], raw)
        except FieldError as problem:
            errors[identifier] = str(problem)
    for identifier, required in step.screen.items():
        if required and identifier not in errors and not changed.get(identifier):
            errors[identifier] = f"{target.jira.fields[identifier].name} is required."
    if errors:
        raise invalid(errors=errors)
    return changed


def _comments(target: Target, body: Mapping[str, Any]) -> list[Any]:
    operations = bodies.operations(body, "update").get("comment", [])
    added = [operation["add"] for operation in operations if "add" in operation]
    try:
        for raw in added:
            comments.understand(target, raw)
    except FieldError as problem:
        raise invalid(errors={"comment": str(problem)}) from None
    return added
