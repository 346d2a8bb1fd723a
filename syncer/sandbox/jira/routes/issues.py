"""Issues: create (one and many), read, edit, delete, assign, transitions and changelogs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncer.sandbox.jira import editing, permissions, transitions
from syncer.sandbox.jira.bodies import strings
from syncer.sandbox.jira.fields import select_fields
from syncer.sandbox.jira.metadata import expanded_transitions, transition_json
from syncer.sandbox.jira.problems import JiraError, forbidden, invalid
from syncer.sandbox.jira.records import History, Issue
from syncer.sandbox.jira.web import Answer, Call, Registry, as_number, page

AREA = Registry()

_MOST_CREATED = 50
_MOST_CHANGELOG_ISSUES = 1000
_MOST_CHANGELOG_FIELDS = 10


@AREA.on("POST", "/issue")
def create(call: Call) -> Any:
    """Creates one issue and answers its id and key."""
    _require_known_caller(call)
    issue = editing.create_issue(call.jira, call.account, call.body(), rich=call.rich)
    return Answer(201, _created(call, issue))


def _require_known_caller(call: Call) -> None:
    # A visitor creates only where some project lets anybody create.
    if call.account is None and not any(
        "anyone" in each.grants.get("CREATE_ISSUES", ()) for each in call.jira.projects.values()
    ):
        raise JiraError(401, ["You are not authenticated. Authentication required to perform this operation."])


def _created(call: Call, issue: Issue) -> dict[str, Any]:
    return {"id": issue.id, "key": issue.key, "self": f"{call.render.root}/issue/{issue.id}"}


@AREA.on("POST", "/issue/bulk")
def create_many(call: Call) -> Any:
    """Creates up to 50 issues, each on its own: 201 when any was created, 400 when none was."""
    _require_known_caller(call)
    updates = call.body().get("issueUpdates")
    if not isinstance(updates, list) or not updates:
        raise invalid("There are no issues in the request.")
    if call.jira.is_cloud and len(updates) > _MOST_CREATED:
        raise invalid(f"The request has more than {_MOST_CREATED} issues.")
    issues: list[Any] = []
    errors: list[Any] = []
    for number, update in enumerate(updates):
        try:
            if not isinstance(update, Mapping):
                raise invalid("Each issue must be an object.")
            issue = editing.create_issue(call.jira, call.account, update, rich=call.rich)
            issues.append(_created(call, issue))
        except JiraError as problem:
            errors.append({"status": problem.status, "elementErrors": problem.body(), "failedElementNumber": number})
    return Answer(201 if issues else 400, {"issues": issues, "errors": errors})


@AREA.on("GET", "/issue/{issue}")
def read(call: Call) -> Any:
    """Answers an issue from the database, by id, key or former key."""
    issue = call.issue()
    fields = select_fields(call.jira.fields, call.query.get("fields", []), "*all")
    expand = call.words("expand")
    shown = call.render.issue(issue, fields, properties=call.words("properties"), expand=expand)
    shown |= expanded_transitions(call.render, issue, expand)
    return shown


@AREA.on("PUT", "/issue/{issue}")
def edit(call: Call) -> Any:
    """Edits an issue: 204, or on Cloud with `returnIssue=true` 200 with the issue."""
    issue = call.issue()
    if call.text("notifyUsers", "true").lower() == "false" and not permissions.allows(
        call.jira, call.account, "ADMINISTER_PROJECTS", issue.project
    ):
        raise forbidden("To discard the user notification either admin or project admin permissions are required.")
    editing.edit_issue(call.jira, call.account, issue, call.body(), rich=call.rich)
    if call.jira.is_cloud and call.flag("returnIssue"):
        return call.render.issue(issue, select_fields(call.jira.fields, [], "*all"), expand=call.words("expand"))
    return Answer(204)


@AREA.on("DELETE", "/issue/{issue}")
def delete(call: Call) -> Any:
    """Deletes an issue; one with sub-tasks only with `deleteSubtasks=true`."""
    issue = call.issue()
    permissions.require(call.jira, call.account, "DELETE_ISSUES", issue.project, "delete issues in this project")
    if any(child.content["issuetype"].subtask for child in call.jira.children(issue.id)) and not call.flag(
        "deleteSubtasks"
    ):
        raise invalid(
            f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter "
            "to delete this issue and all its subtasks."
        )
    call.jira.delete_issue(issue.id)
    return Answer(204)


@AREA.on("PUT", "/issue/{issue}/assignee")
def assign(call: Call) -> Any:
    """Assigns an issue to one person, to nobody, or to the project's default."""
    body = call.body()
    sent = {name: body[name] for name in ("accountId", "name", "key") if name in body}
    nobody = not sent or all(value is None for value in sent.values())
    fields = {"fields": {"assignee": None if nobody else sent}}
    editing.edit_issue(call.jira, call.account, call.issue(), fields, rich=call.rich)
    return Answer(204)


@AREA.on("GET", "/issue/{issue}/transitions")
def list_transitions(call: Call) -> Any:
    """Lists the transitions the caller can take now."""
    issue, render = call.issue(), call.render
    steps = transitions.available(call.jira, call.account, issue)
    wanted = call.text("transitionId")
    chosen = [step for step in steps if wanted in {"", step.id}]
    with_fields = "transitions.fields" in call.words("expand")
    return {
        "expand": "transitions",
        "transitions": [transition_json(render, issue, step, fields=with_fields) for step in chosen],
    }


@AREA.on("POST", "/issue/{issue}/transitions")
def take_transition(call: Call) -> Any:
    """Takes a transition."""
    body = call.body()
    wanted = body.get("transition")
    if not isinstance(wanted, Mapping) or not wanted.get("id"):
        raise invalid("Missing 'transition' identifier")
    transitions.take(call.jira, call.account, call.issue(), str(wanted["id"]), body, rich=call.rich)
    return Answer(204)


# --- changelogs ------------------------------------------------------------------------------------------------------


@AREA.on("GET", "/issue/{issue}/changelog", "cloud")
def changelog(call: Call) -> Any:
    """Pages through an issue's changelog, oldest first."""
    issue, render = call.issue(), call.render
    start, size = call.number("startAt", 0), min(call.number("maxResults", 100), 100)
    chosen, last = page(issue.histories, start, size)
    link = f"{render.root}/issue/{issue.id}/changelog"
    following = {} if last else {"nextPage": f"{link}?maxResults={size}&startAt={start + size}"}
    return {
        "self": f"{link}?maxResults={size}&startAt={start}",
        **following,
        "maxResults": size,
        "startAt": start,
        "total": len(issue.histories),
        "isLast": last,
        "values": [render.history(each) for each in chosen],
    }


@AREA.on("POST", "/issue/{issue}/changelog/list", "cloud")
def changelog_by_ids(call: Call) -> Any:
    """Answers chosen entries of an issue's changelog."""
    issue, render = call.issue(), call.render
    wanted = set(strings(call.body(), "changelogIds"))
    chosen = [render.history(each) for each in issue.histories if each.id in wanted]
    return {"maxResults": len(chosen), "startAt": 0, "total": len(chosen), "histories": chosen}


@AREA.on("POST", "/changelog/bulkfetch", "cloud")
def bulk_changelogs(call: Call) -> Any:
    """Answers the changelogs of up to 1,000 issues, limited to up to 10 fields, in pages of entries by token."""
    body, render = call.body(), call.render
    wanted, field_ids = strings(body, "issueIdsOrKeys"), set(strings(body, "fieldIds"))
    if not wanted or len(wanted) > _MOST_CHANGELOG_ISSUES:
        raise invalid(f"Between 1 and {_MOST_CHANGELOG_ISSUES} issue ids or keys must be provided.")
    if len(field_ids) > _MOST_CHANGELOG_FIELDS:
        raise invalid(f"At most {_MOST_CHANGELOG_FIELDS} field ids can be given.")
    entries: list[tuple[Issue, History]] = []
    seen: set[str] = set()
    for each in wanted:
        issue = call.jira.find_issue(each)
        if issue is None or issue.id in seen or not permissions.can_see(call.jira, call.account, issue.content):
            continue
        seen.add(issue.id)
        entries += [(issue, history) for history in issue.histories if _touches(history, field_ids)]
    start = as_number("nextPageToken", body.get("nextPageToken") or 0)
    size = min(as_number("maxResults", body.get("maxResults", 1000)), 10_000)
    chosen, last = page(entries, start, size)
    grouped: dict[str, list[Any]] = {}
    for issue, history in chosen:
        # Bulk changelogs write `created` as epoch milliseconds' ISO form like every other changelog.
        grouped.setdefault(issue.id, []).append(render.history(history))
    answer: dict[str, Any] = {
        "issueChangeLogs": [{"issueId": key, "changeHistories": value} for key, value in grouped.items()]
    }
    return answer if last else answer | {"nextPageToken": str(start + size)}


def _touches(history: History, field_ids: set[str]) -> bool:
    return not field_ids or any(item.field_id in field_ids for item in history.items)
