"""Comments and their properties."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.jira import comments, permissions
from syncer.sandbox.jira.bodies import strings
from syncer.sandbox.jira.problems import invalid, not_found
from syncer.sandbox.jira.records import Comment, Issue
from syncer.sandbox.jira.web import Answer, Call, Registry, page

AREA = Registry()

_CLOUD_PAGE = 100
_MOST_LISTED = 1000


@AREA.on("GET", "/issue/{issue}/comment")
def read_all(call: Call) -> Any:
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
def add(call: Call) -> Any:
    """Adds a comment and answers it."""
    issue = call.issue()
    comment = comments.add(call.target(issue), call.body())
    return Answer(201, _shown(call, issue, comment))


def _shown(call: Call, issue: Issue, comment: Comment) -> dict[str, Any]:
    return call.render.comment(issue.id, comment, properties="properties" in call.words("expand"))


@AREA.on("GET", "/issue/{issue}/comment/{comment}")
def read(call: Call) -> Any:
    """Answers one comment."""
    issue = call.issue()
    return _shown(call, issue, comments.find(call.target(issue), call.path["comment"]))


@AREA.on("PUT", "/issue/{issue}/comment/{comment}")
def edit(call: Call) -> Any:
    """Edits a comment and answers it."""
    issue = call.issue()
    return _shown(call, issue, comments.edit(call.target(issue), call.path["comment"], call.body()))


@AREA.on("DELETE", "/issue/{issue}/comment/{comment}")
def delete(call: Call) -> Any:
    """Deletes a comment."""
    comments.remove(call.target(call.issue()), call.path["comment"])
    return Answer(204)


@AREA.on("POST", "/comment/list", "cloud")
def list_by_ids(call: Call) -> Any:
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
