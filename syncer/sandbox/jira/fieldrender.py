"""Shows the value of each kind of field as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira.recordrender import day_text, duration_text
from syncer.sandbox.jira.records import Content, Issue

if TYPE_CHECKING:
    from syncer.sandbox.jira.render import Renderer

_Show = Callable[["Renderer", Issue, Content, Any], Any]


def field_value(render: Renderer, issue: Issue, content: Content, identifier: str) -> Any:
    """Returns one field of an issue, as `content` has it, for the renderer's reader."""
    show = _SHOW.get(render.jira.fields[identifier].kind)
    value = content.get(identifier)
    return value if show is None else show(render, issue, content, value)


def _comment_field(render: Renderer, issue: Issue, content: Content, value: Any) -> dict[str, Any]:
    readable = render.readable_comments(content)
    if content is not issue.content:
        # What the index remembers must not show a comment that was restricted since.
        present = {comment.id for comment in issue.content["comment"]}
        allowed = {comment.id for comment in render.readable_comments(issue.content)}
        readable = [comment for comment in readable if comment.id in allowed or comment.id not in present]
    shown = readable[: render.jira.embedded_comments]
    link = {"self": f"{render.root}/issue/{issue.id}/comment"} if render.jira.is_cloud else {}
    return {
        "comments": [render.comment(issue.id, comment) for comment in shown],
        **link,
        "maxResults": len(shown) if render.jira.embedded_comments is None else max(len(shown), len(readable)),
        "total": len(readable),
        "startAt": 0,
    }


def _worklog_field(render: Renderer, issue: Issue, content: Content, value: Any) -> dict[str, Any]:
    shown = [render.worklog(issue.id, worklog) for worklog in value[:20]]
    return {"startAt": 0, "maxResults": 20, "total": len(value), "worklogs": shown}


def _parent(render: Renderer, issue: Issue, content: Content, value: Any) -> Any:
    return render.short_issue(value) if render.sees(value) else None


def _epic(render: Renderer, issue: Issue, content: Content, value: Any) -> Any:
    return value.key if value is not None else None


def _children(render: Renderer, issue: Issue, content: Content, value: Any) -> list[Any]:
    below = render.jira.children(issue.id)
    return [render.short_issue(child) for child in below if child.content["issuetype"].subtask and render.sees(child)]


def _links(render: Renderer, issue: Issue, content: Content, value: Any) -> list[Any]:
    present = [link for link in value if link.id in render.jira.links]
    return [
        render.link(link, issue.id)
        for link in present
        if render.sees(render.jira.issues.get(link.target if link.source == issue.id else link.source))
    ]


def _time_tracking(render: Renderer, issue: Issue, content: Content, value: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, field in (
        ("originalEstimate", "timeoriginalestimate"),
        ("remainingEstimate", "timeestimate"),
        ("timeSpent", "timespent"),
    ):
        seconds = content[field]
        if seconds is not None:
            shown |= {name: duration_text(seconds), f"{name}Seconds": seconds}
    return shown


def _progress(render: Renderer, issue: Issue, content: Content, value: Any) -> dict[str, Any]:
    spent = content["timespent"] or 0
    total = spent + (content["timeestimate"] or 0)
    return {"progress": spent, "total": total} | ({"percent": 100 * spent // total} if total else {})


def _watches(render: Renderer, issue: Issue, content: Content, value: Any) -> dict[str, Any]:
    return {
        "self": f"{render.root}/issue/{issue.key}/watchers",
        "watchCount": len(value),
        "isWatching": render.account in value,
    }


def _votes(render: Renderer, issue: Issue, content: Content, value: Any) -> dict[str, Any]:
    return {"self": f"{render.root}/issue/{issue.key}/votes", "votes": len(value), "hasVoted": render.account in value}


def _options(render: Renderer, issue: Issue, content: Content, value: Any) -> Any:
    return [_option(render, each) for each in value] if value else None


def _option(render: Renderer, value: Any) -> Any:
    return None if value is None else {"self": f"{render.root}/customFieldOption/{value['id']}", **value}


def _restriction(render: Renderer, issue: Issue, content: Content, value: Any) -> dict[str, Any]:
    roles = [{"id": render.jira.role_ids.get(name, ""), "name": name} for name in value or ()]
    return {"issuerestrictions": {"projectrole": roles} if roles else {}, "shouldDisplay": bool(roles)}


def _labels(render: Renderer, issue: Issue, content: Content, value: Any) -> Any:
    return list(value) if value is not None else None


_SHOW: dict[str, _Show] = {
    "text": lambda render, issue, content, value: render.text(value),
    "user": lambda render, issue, content, value: render.user(value),
    "status": lambda render, issue, content, value: render.status(value),
    "priority": lambda render, issue, content, value: render.priority(value),
    "resolution": lambda render, issue, content, value: render.resolution(value),
    "issuetype": lambda render, issue, content, value: render.issue_type(value),
    "project": lambda render, issue, content, value: render.project_short(value),
    "instant": lambda render, issue, content, value: render.instant(value),
    "date": lambda render, issue, content, value: day_text(value),
    "components": lambda render, issue, content, value: [render.component(each) for each in value],
    "versions": lambda render, issue, content, value: [render.version_record(each) for each in value],
    "security": lambda render, issue, content, value: render.security_level(value),
    "attachment": lambda render, issue, content, value: [render.attachment(each) for each in value],
    "sprint": lambda render, issue, content, value: [render.sprint(each) for each in value] if value else None,
    "option": lambda render, issue, content, value: _option(render, value),
    "workratio": lambda render, issue, content, value: -1,
    "labels": _labels,
    "restriction": _restriction,
    "options": _options,
    "parent": _parent,
    "epic": _epic,
    "subtasks": _children,
    "issuelinks": _links,
    "timetracking": _time_tracking,
    "progress": _progress,
    "comment": _comment_field,
    "worklog": _worklog_field,
    "watches": _watches,
    "votes": _votes,
}
