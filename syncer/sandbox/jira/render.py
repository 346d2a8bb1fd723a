"""Shows records as Jira's JSON, in the shapes of Cloud or Data Center and in the reading account's time zone.

Jira writes instants with the offset of the account that asks (`2026-11-23T22:00:00.000+0800`), so equal instants
differ between readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira import comments, permissions
from syncer.sandbox.jira.adf import plain_text
from syncer.sandbox.jira.records import (
    Attachment,
    ChangeItem,
    Comment,
    Component,
    Content,
    FieldDefinition,
    History,
    Issue,
    IssueLink,
    IssueType,
    LinkType,
    Priority,
    Project,
    RemoteLink,
    Resolution,
    SecurityLevel,
    Sprint,
    Status,
    User,
    Version,
    Worklog,
)

if TYPE_CHECKING:
    from syncer.sandbox.jira.state import Jira

_CATEGORIES = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}


class Renderer:
    """Renders for one reader (None: anonymous) and one REST version; `rich` is True where text is ADF."""

    def __init__(self, jira: Jira, account: User | None, version: str) -> None:
        self.jira = jira
        self.account = account
        self.version = version
        self.rich = version == "3"
        self.root = f"{jira.base_url}/rest/api/{version}"
        self._zone = account.zone if account is not None else UTC
        self._small: dict[int, dict[str, Any]] = {}

    def instant(self, value: datetime | None) -> str | None:
        """Returns `2026-11-23T14:00:00.000+0000` in the reader's time zone."""
        if value is None:
            return None
        local = value.astimezone(self._zone)
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    def text(self, value: Any) -> Any:
        """Returns text as this REST version shows it: a document, or its plain text."""
        return value if self.rich or value is None else plain_text(value)

    def _cached(self, record: Any, build: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        found = self._small.get(id(record))
        if found is None:
            found = self._small[id(record)] = build()
        return found

    # --- people and metadata -------------------------------------------------------------------------------------

    def user(self, user: User | None) -> dict[str, Any] | None:
        """Returns a user as issues embed it."""
        return None if user is None else self._cached(user, lambda: self._user(user))

    def _user(self, user: User) -> dict[str, Any]:
        avatars = {f"{size}x{size}": f"{self.jira.base_url}/secure/useravatar?size={size}" for size in (48, 24, 16, 32)}
        common = {
            "displayName": user.display_name,
            "active": user.active,
            "timeZone": user.time_zone,
            "avatarUrls": avatars,
        }
        if self.jira.is_cloud:
            email = {"emailAddress": user.email} if user.email_visible or user is self.account else {}
            link = f"{self.root}/user?accountId={user.identifier}"
            return {"self": link, "accountId": user.identifier, **email, **common, "accountType": user.account_type}
        link = f"{self.root}/user?username={user.identifier}"
        return {"self": link, "name": user.identifier, "key": user.key, "emailAddress": user.email, **common}

    def category(self, key: str) -> dict[str, Any]:
        """Returns a status category."""
        number, name, colour = _CATEGORIES[key]
        return {
            "self": f"{self.root}/statuscategory/{number}",
            "id": number,
            "key": key,
            "colorName": colour,
            "name": name,
        }

    def status(self, status: Status) -> dict[str, Any]:
        """Returns a status with its category."""
        return self._cached(
            status,
            lambda: {
                "self": f"{self.root}/status/{status.id}",
                "description": "",
                "iconUrl": f"{self.jira.base_url}/images/icons/statuses/generic.png",
                "name": status.name,
                "id": status.id,
                "statusCategory": self.category(status.category),
            },
        )

    def priority(self, priority: Priority | None) -> dict[str, Any] | None:
        """Returns a priority."""
        if priority is None:
            return None
        icon = f"{self.jira.base_url}/images/icons/priorities/{priority.name.lower()}.svg"
        return self._cached(
            priority,
            lambda: {
                "self": f"{self.root}/priority/{priority.id}",
                "iconUrl": icon,
                "name": priority.name,
                "id": priority.id,
            },
        )

    def resolution(self, resolution: Resolution | None) -> dict[str, Any] | None:
        """Returns a resolution."""
        if resolution is None:
            return None
        link = f"{self.root}/resolution/{resolution.id}"
        return {"self": link, "id": resolution.id, "description": resolution.description, "name": resolution.name}

    def issue_type(self, kind: IssueType) -> dict[str, Any]:
        """Returns an issue type; Data Center does not know hierarchy levels."""
        shown = {
            "self": f"{self.root}/issuetype/{kind.id}",
            "id": kind.id,
            "description": kind.description,
            "iconUrl": f"{self.jira.base_url}/images/icons/issuetypes/{kind.id}.svg",
            "name": kind.name,
            "subtask": kind.subtask,
            "avatarId": 10300,
        }
        return self._cached(kind, lambda: shown | ({"hierarchyLevel": kind.level} if self.jira.is_cloud else {}))

    def project_short(self, project: Project) -> dict[str, Any]:
        """Returns a project as issues embed it."""
        avatars = {
            f"{size}x{size}": f"{self.root}/universal_avatar/view/type/project/avatar/10400"
            for size in (48, 24, 16, 32)
        }
        shown = {
            "self": f"{self.root}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "avatarUrls": avatars,
        }
        return self._cached(project, lambda: shown | ({"simplified": False} if self.jira.is_cloud else {}))

    def version_record(self, version: Version) -> dict[str, Any]:
        """Returns a project's version; a version of no description has none."""
        shown: dict[str, Any] = {"self": f"{self.root}/version/{version.id}", "id": version.id}
        if version.description:
            shown["description"] = version.description
        shown |= {"name": version.name, "archived": version.archived, "released": version.released}
        if version.start_date:
            shown["startDate"] = version.start_date.isoformat()
        if version.release_date:
            shown["releaseDate"] = version.release_date.isoformat()
            today = self.jira.clock.now().astimezone(self._zone).date()
            if not version.released:
                shown["overdue"] = version.release_date < today
        return shown | {"projectId": int(version.project_id)}

    def component(self, component: Component) -> dict[str, Any]:
        """Returns a project's component."""
        project = self.jira.projects[component.project_id]
        shown: dict[str, Any] = {
            "self": f"{self.root}/component/{component.id}",
            "id": component.id,
            "name": component.name,
        }
        if component.description:
            shown["description"] = component.description
        if component.lead is not None:
            shown["lead"] = self.user(component.lead)
        assignee = {
            "assigneeType": "PROJECT_DEFAULT",
            "realAssigneeType": "PROJECT_DEFAULT",
            "isAssigneeTypeValid": False,
        }
        return shown | assignee | {"project": project.key, "projectId": int(project.id)}

    def security_level(self, level: SecurityLevel | None) -> dict[str, Any] | None:
        """Returns a security level."""
        if level is None:
            return None
        return {
            "self": f"{self.root}/securitylevel/{level.id}",
            "id": level.id,
            "description": level.description,
            "name": level.name,
        }

    def link_type(self, kind: LinkType) -> dict[str, Any]:
        """Returns a link type."""
        link = f"{self.root}/issueLinkType/{kind.id}"
        return {"id": kind.id, "name": kind.name, "inward": kind.inward, "outward": kind.outward, "self": link}

    def field(self, definition: FieldDefinition) -> dict[str, Any]:
        """Returns a field definition."""
        key = {"key": definition.id} if self.jira.is_cloud else {}
        return {
            "id": definition.id,
            **key,
            "name": definition.name,
            "custom": definition.custom,
            "orderable": definition.on_screen,
            "navigable": definition.navigable,
            "searchable": bool(definition.clauses),
            "clauseNames": list(definition.clauses),
            "schema": dict(definition.schema or {}),
        }

    # --- records inside issues -----------------------------------------------------------------------------------

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
            "size": len(attachment.data),
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
            shown["fields"] = {identifier: self.value(issue, seen, identifier) for identifier in chosen}
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

    def value(self, issue: Issue, content: Content, identifier: str) -> Any:
        """Returns one field's value as JSON."""
        from syncer.sandbox.jira.fieldrender import field_value

        return field_value(self, issue, content, identifier)

    def readable_comments(self, content: Content) -> list[Comment]:
        """Returns the comments the reader may see, oldest first."""
        return comments.readable(self.account, content)

    def sees(self, issue: Issue | None) -> bool:
        """Tells whether the reader may see an issue."""
        return issue is not None and permissions.can_see(self.jira, self.account, issue.content)


def duration_text(seconds: int | None) -> str | None:
    """Returns Jira's words for a duration, `1w 2d 3h 4m`, with weeks of five days of eight hours."""
    if seconds is None:
        return None
    parts, rest = [], seconds
    for unit, size in (("w", 144_000), ("d", 28_800), ("h", 3600), ("m", 60)):
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return " ".join(parts) or "0m"


def day_text(value: date | None) -> str | None:
    """Returns a calendar day as `2026-11-23`."""
    return None if value is None else value.isoformat()


def _utc(value: datetime | None) -> str | None:
    return None if value is None else f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
