"""Shows issues and what is in them as Jira's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira import comments, permissions
from syncer.sandbox.jira.fieldrender import field_value
from syncer.sandbox.jira.recordrender import RecordRenderer, duration_text
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

if TYPE_CHECKING:
    pass


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
            present = (each for each in chosen if seen.get(each) is not None or not self._leaves_out(each))
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
