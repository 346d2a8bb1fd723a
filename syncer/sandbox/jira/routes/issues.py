"""Issues: create (one and many), read, edit, delete, assign, transitions and changelogs; comments; properties.

Properties are JSON that applications keep beside the fields.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from syncer.sandbox.jira import comments, editing, permissions, transitions
from syncer.sandbox.jira.bodies import PROPERTY_LIMIT, strings
from syncer.sandbox.jira.fields import select_fields
from syncer.sandbox.jira.metadata import expanded_transitions, transition_json
from syncer.sandbox.jira.problems import JiraError, forbidden, invalid, not_found
from syncer.sandbox.jira.records import Comment, History, Issue
from syncer.sandbox.jira.web import Answer, Call, Registry, as_number, page

AREA = Registry()

_MOST_CREATED = 50
_MOST_CHANGELOG_ISSUES = 1000
_MOST_CHANGELOG_FIELDS = 10


@AREA.on("POST", "/issue")
def create_issue(call: Call) -> Any:
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
def create_issues(call: Call) -> Any:
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
def read_issue(call: Call) -> Any:
    """Answers an issue from the database, by id, key or former key."""
    issue = call.issue()
    fields = select_fields(call.jira.fields, call.query.get("fields", []), "*all")
    expand = call.words("expand")
    shown = call.render.issue(issue, fields, properties=call.words("properties"), expand=expand)
    shown |= expanded_transitions(call.render, issue, expand)
    return shown


@AREA.on("PUT", "/issue/{issue}")
def edit_issue(call: Call) -> Any:
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
def delete_issue(call: Call) -> Any:
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
def assign_issue(call: Call) -> Any:
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


_CLOUD_PAGE = 100
_MOST_LISTED = 1000


@AREA.on("GET", "/issue/{issue}/comment")
def read_comments(call: Call) -> Any:
    """Pages through the comments the caller may read: at most 100 a page on Cloud, all by default on Data Center."""
    issue, render = call.issue(), call.render
    readable = comments.readable(call.account, issue.content)
    order = call.text("orderBy")
    if order and order.lstrip("+-") != "created":
        raise invalid(f"The orderBy value '{order}' is not supported.")
    if order.startswith("-"):
        readable.reverse()
    start = call.number("startAt", 0)
    largest = _CLOUD_PAGE if call.jira.is_cloud else 1_048_576
    size = min(call.number("maxResults", largest), largest)
    chosen, _ = page(readable, start, size)
    expanded = "properties" in call.words("expand")
    shown = [render.comment(issue.id, comment, properties=expanded) for comment in chosen]
    return {"startAt": start, "maxResults": size, "total": len(readable), "comments": shown}


@AREA.on("POST", "/issue/{issue}/comment")
def add_comment(call: Call) -> Any:
    """Adds a comment and answers it."""
    issue = call.issue()
    comment = comments.add(call.target(issue), call.body())
    return Answer(201, _shown(call, issue, comment))


def _shown(call: Call, issue: Issue, comment: Comment) -> dict[str, Any]:
    return call.render.comment(issue.id, comment, properties="properties" in call.words("expand"))


@AREA.on("GET", "/issue/{issue}/comment/{comment}")
def read_comment(call: Call) -> Any:
    """Answers one comment."""
    issue = call.issue()
    return _shown(call, issue, comments.find(call.target(issue), call.path["comment"]))


@AREA.on("PUT", "/issue/{issue}/comment/{comment}")
def edit_comment(call: Call) -> Any:
    """Edits a comment and answers it."""
    issue = call.issue()
    return _shown(call, issue, comments.edit(call.target(issue), call.path["comment"], call.body()))


@AREA.on("DELETE", "/issue/{issue}/comment/{comment}")
def delete_comment(call: Call) -> Any:
    """Deletes a comment."""
    comments.remove(call.target(call.issue()), call.path["comment"])
    return Answer(204)


@AREA.on("POST", "/comment/list", "cloud")
def list_comments_by_ids(call: Call) -> Any:
    """Answers up to 1,000 comments by id, leaving out those the caller may not read."""
    wanted = set(strings(call.body(), "ids", _MOST_LISTED))
    expanded = "properties" in call.words("expand")
    render = call.render
    shown = [
        render.comment(issue.id, comment, properties=expanded)
        for issue, comment in _everywhere(call)
        if comment.id in wanted
    ]
    return {"startAt": 0, "maxResults": _MOST_LISTED, "total": len(shown), "isLast": True, "values": shown}


def _everywhere(call: Call) -> list[tuple[Issue, Comment]]:
    visible = (
        issue for issue in call.jira.issues.values() if permissions.can_see(call.jira, call.account, issue.content)
    )
    return [(issue, comment) for issue in visible for comment in comments.readable(call.account, issue.content)]


# --- properties ------------------------------------------------------------------------------------------------------


def _found(call: Call) -> tuple[Issue, Comment]:
    for issue, comment in _everywhere(call):
        if comment.id == call.path["comment"]:
            return issue, comment
    raise not_found(f"Can not find a comment for the id: {call.path['comment']}.")


@AREA.on("GET", "/comment/{comment}/properties")
def property_keys(call: Call) -> Any:
    """Lists the keys of a comment's properties."""
    _, comment = _found(call)
    link = f"{call.render.root}/comment/{comment.id}/properties"
    return {"keys": [{"self": f"{link}/{key}", "key": key} for key in comment.properties]}


@AREA.on("GET", "/comment/{comment}/properties/{property}")
def read_property(call: Call) -> Any:
    """Answers one property of a comment."""
    _, comment = _found(call)
    key = call.path["property"]
    if key not in comment.properties:
        raise not_found(f"The property '{key}' does not exist.")
    return {"key": key, "value": comment.properties[key]}


@AREA.on("PUT", "/comment/{comment}/properties/{property}")
def write_property(call: Call) -> Any:
    """Sets a property of a comment: 201 when it is new, 200 when it was there."""
    issue, comment = _found(call)
    key = call.path["property"]
    comments.set_properties(call.target(issue), comment, {**comment.properties, key: call.json()})
    return Answer(200 if key in comment.properties else 201, {})


@AREA.on("DELETE", "/comment/{comment}/properties/{property}")
def delete_property(call: Call) -> Any:
    """Deletes a property of a comment."""
    issue, comment = _found(call)
    key = call.path["property"]
    if key not in comment.properties:
        raise not_found(f"The property '{key}' does not exist.")
    comments.set_properties(
        call.target(issue), comment, {name: value for name, value in comment.properties.items() if name != key}
    )
    return Answer(204)


def _write_issue_properties(call: Call, issue: Issue, properties: dict[str, Any]) -> None:
    permissions.require(call.jira, call.account, "EDIT_ISSUES", issue.project, "edit issues in this project")
    # A property is no field: neither `updated` nor the changelog moves.
    call.jira.commit(issue, call.account, {"properties": properties}, touch=False)


@AREA.on("GET", "/issue/{issue}/properties")
def issue_property_keys(call: Call) -> Any:
    """Lists the keys of an issue's properties."""
    issue = call.issue()
    link = f"{call.render.root}/issue/{issue.key}/properties"
    return {"keys": [{"self": f"{link}/{key}", "key": key} for key in issue.content["properties"]]}


@AREA.on("GET", "/issue/{issue}/properties/{property}")
def read_issue_property(call: Call) -> Any:
    """Answers one property of an issue."""
    issue, key = call.issue(), call.path["property"]
    if key not in issue.content["properties"]:
        raise not_found(f"The property '{key}' does not exist.")
    return {"key": key, "value": issue.content["properties"][key]}


@AREA.on("PUT", "/issue/{issue}/properties/{property}")
def write_issue_property(call: Call) -> Any:
    """Sets a property of an issue: 201 when it is new, 200 when it was there."""
    issue, key, value = call.issue(), call.path["property"], call.json()
    if len(key) > 255 or len(json.dumps(value)) > PROPERTY_LIMIT:
        raise invalid(f"A property has a key of at most 255 and a value of at most {PROPERTY_LIMIT} characters.")
    present = key in issue.content["properties"]
    _write_issue_properties(call, issue, {**issue.content["properties"], key: value})
    return Answer(200 if present else 201, {})


@AREA.on("DELETE", "/issue/{issue}/properties/{property}")
def delete_issue_property(call: Call) -> Any:
    """Deletes a property of an issue."""
    issue, key = call.issue(), call.path["property"]
    if key not in issue.content["properties"]:
        raise not_found(f"The property '{key}' does not exist.")
    _write_issue_properties(
        call, issue, {name: value for name, value in issue.content["properties"].items() if name != key}
    )
    return Answer(204)
