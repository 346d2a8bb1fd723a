"""Shows issues, what is in them, and the value of each kind of field as Jira's JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from syncer.sandbox.jira import comments, permissions
from syncer.sandbox.jira.recordrender import RecordRenderer, day_text, duration_text
from syncer.sandbox.jira.records import (
    Attachment,
    ChangeItem,
    Comment,
    Content,
    History,
    Issue,
    IssueLink,
    RemoteLink,
    Sprint,
    Worklog,
)

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


class Renderer(RecordRenderer):
    """Renders issues for one reader (None: anonymous) and one REST version."""

    def comment(self, issue_id: str, comment: Comment, *, properties: bool = False) -> dict[str, Any]:
        """Returns a comment; its properties only where an expansion asks for them."""
        shown: dict[str, Any] = {
            "self": f"{self.root}/issue/{issue_id}/comment/{comment.id}",
            "id": comment.id,
            "author": self.user(comment.author),
            "body": self.text(comment.body),
            "updateAuthor": self.user(comment.update_author),
            "created": self.instant(comment.created),
            "updated": self.instant(comment.updated),
        }
        if comment.visibility is not None:
            shown["visibility"] = {"type": comment.visibility.kind, "value": comment.visibility.value}
            if self.jira.is_cloud:
                shown["visibility"]["identifier"] = comment.visibility.identifier
        if self.jira.is_cloud:
            shown["jsdPublic"] = comment.public
        if properties:
            shown["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
        return shown

    def worklog(self, issue_id: str, worklog: Worklog) -> dict[str, Any]:
        """Returns a worklog."""
        shown: dict[str, Any] = {
            "self": f"{self.root}/issue/{issue_id}/worklog/{worklog.id}",
            "author": self.user(worklog.author),
            "updateAuthor": self.user(worklog.author),
            "created": self.instant(worklog.created),
            "updated": self.instant(worklog.updated),
            "started": self.instant(worklog.started),
            "timeSpent": duration_text(worklog.seconds),
            "timeSpentSeconds": worklog.seconds,
            "id": worklog.id,
            "issueId": issue_id,
        }
        if worklog.comment is not None or not self.rich:
            shown["comment"] = self.text(worklog.comment) or ""
        return shown

    def attachment(self, attachment: Attachment) -> dict[str, Any]:
        """Returns an attachment's description."""
        content = (
            f"{self.root}/attachment/content/{attachment.id}"
            if self.jira.is_cloud
            else f"{self.jira.base_url}/secure/attachment/{attachment.id}/{attachment.filename}"
        )
        return {
            "self": f"{self.root}/attachment/{attachment.id}",
            "id": attachment.id,
            "filename": attachment.filename,
            "author": self.user(attachment.author),
            "created": self.instant(attachment.created),
            "size": attachment.size,
            "mimeType": attachment.media_type,
            "content": content,
        }

    def remote_link(self, key: str, link: RemoteLink) -> dict[str, Any]:
        """Returns a remote link."""
        shown: dict[str, Any] = {"id": link.id, "self": f"{self.root}/issue/{key}/remotelink/{link.id}"}
        if link.global_id is not None:
            shown["globalId"] = link.global_id
        return shown | dict(link.body)

    def short_issue(self, issue: Issue) -> dict[str, Any]:
        """Returns an issue as links and parents embed it."""
        content = issue.content
        return {
            "id": issue.id,
            "key": issue.key,
            "self": f"{self.root}/issue/{issue.id}",
            "fields": {
                "summary": content["summary"],
                "status": self.status(content["status"]),
                "priority": self.priority(content["priority"]),
                "issuetype": self.issue_type(content["issuetype"]),
            },
        }

    def link(self, link: IssueLink, seen_from: str | None = None) -> dict[str, Any]:
        """Returns an issue link with both ends, or with only the other end as an issue embeds it."""
        shown: dict[str, Any] = {
            "id": link.id,
            "self": f"{self.root}/issueLink/{link.id}",
            "type": self.link_type(link.kind),
        }
        if seen_from != link.source:
            shown["inwardIssue"] = self.short_issue(self.jira.issues[link.source])
        if seen_from != link.target:
            shown["outwardIssue"] = self.short_issue(self.jira.issues[link.target])
        return shown

    def sprint(self, sprint: Sprint) -> Any:
        """Returns a sprint as an issue's Sprint field holds it.

        An object on Cloud, Data Center's dump of a Java object elsewhere.
        """
        times = [_utc(each) for each in (sprint.start, sprint.end, sprint.complete)]
        if not self.jira.is_cloud:
            start, end, complete = (each or "<null>" for each in times)
            return (
                f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id:x}[id={sprint.id},rapidViewId={sprint.board_id},"
                f"state={sprint.state.upper()},name={sprint.name},startDate={start},endDate={end},completeDate={complete},"
                f"activatedDate={start},sequence={sprint.id},goal={sprint.goal},autoStartStop=false,synced=false]"
            )
        shown: dict[str, Any] = {
            "id": sprint.id,
            "name": sprint.name,
            "state": sprint.state,
            "boardId": sprint.board_id,
            "goal": sprint.goal,
        }
        return shown | {
            name: value for name, value in zip(("startDate", "endDate", "completeDate"), times, strict=True) if value
        }

    # --- changelog -----------------------------------------------------------------------------------------------

    def history(self, history: History) -> dict[str, Any]:
        """Returns one changelog entry."""
        shown: dict[str, Any] = {"id": history.id}
        if history.author is not None:
            shown["author"] = self.user(history.author)
        return shown | {
            "created": self.instant(history.created),
            "items": [self._change(item) for item in history.items],
        }

    def _change(self, item: ChangeItem) -> dict[str, Any]:
        shown: dict[str, Any] = {"field": item.name, "fieldtype": item.kind}
        if item.field_id is not None and self.jira.is_cloud:
            shown["fieldId"] = item.field_id
        return shown | {"from": item.old, "fromString": item.old_text, "to": item.new, "toString": item.new_text}

    def changelog(self, issue: Issue) -> dict[str, Any]:
        """Returns the `changelog` expansion.

        Newest first and capped on Cloud, complete and oldest first on Data Center.
        """
        entries = issue.histories[::-1][: self.jira.embedded_histories] if self.jira.is_cloud else issue.histories
        return {
            "startAt": 0,
            "maxResults": len(entries),
            "total": len(issue.histories),
            "histories": [self.history(each) for each in entries],
        }

    # --- issues --------------------------------------------------------------------------------------------------

    def issue(
        self,
        issue: Issue,
        fields: Iterable[str],
        *,
        content: Content | None = None,
        properties: Iterable[str] = (),
        expand: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Returns an issue with the chosen fields; `content` is what a search saw, else the issue as it stands."""
        seen = issue.content if content is None else content
        key = f"{seen['project'].key}-{seen['number']}"
        shown: dict[str, Any] = {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": issue.id,
            "self": f"{self.root}/issue/{issue.id}",
            "key": key,
        }
        chosen = list(fields)
        wanted = list(properties)
        if chosen:
            has = (each for each in chosen if self.jira.fields[each].applies_to(issue.project))
            present = (each for each in has if seen.get(each) is not None or not self._leaves_out(each))
            shown["fields"] = {identifier: self.value(issue, seen, identifier) for identifier in present}
        if wanted:
            held = seen["properties"]
            shown["properties"] = {name: held[name] for name in (held if "*all" in wanted else wanted) if name in held}
        for expansion in expand:
            match expansion:
                case "changelog":
                    shown["changelog"] = self.changelog(issue)
                case "names":
                    shown["names"] = {identifier: self.jira.fields[identifier].name for identifier in chosen}
                case "schema":
                    shown["schema"] = {
                        identifier: dict(self.jira.fields[identifier].schema or {}) for identifier in chosen
                    }
        return shown

    def _leaves_out(self, identifier: str) -> bool:
        """Tells whether an issue that has nothing in a field does not have the field at all.

        Data Center shows no security level where none is set; Cloud shows null.
        """
        return identifier == "parent" or (identifier == "security" and not self.jira.is_cloud)

    def value(self, issue: Issue, content: Content, identifier: str) -> Any:
        """Returns one field's value as JSON."""
        return field_value(self, issue, content, identifier)

    def readable_comments(self, content: Content) -> list[Comment]:
        """Returns the comments the reader may see, oldest first."""
        return comments.readable(self.account, content)

    def sees(self, issue: Issue | None) -> bool:
        """Tells whether the reader may see an issue."""
        return issue is not None and permissions.can_see(self.jira, self.account, issue.content)


def _utc(value: datetime | None) -> str | None:
    return None if value is None else f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
