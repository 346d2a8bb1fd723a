"""Shows people and metadata as Jira's JSON, in the shapes of Cloud or Data Center.

Jira writes instants with the offset of the account that asks (`2026-11-23T22:00:00.000+0800`), so equal instants differ
between readers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira.adf import plain_text
from syncer.sandbox.jira.records import (
    Component,
    FieldDefinition,
    IssueType,
    LinkType,
    Priority,
    Project,
    Resolution,
    SecurityLevel,
    Status,
    User,
    Version,
)

if TYPE_CHECKING:
    from syncer.sandbox.jira.state import Jira

_CATEGORIES = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}


class RecordRenderer:
    """Renders people and metadata for one reader (None: anonymous) and one REST version.

    `rich` is True where text is ADF.
    """

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
        shown = value.astimezone(self._zone).isoformat(timespec="milliseconds")
        return shown[:-3] + shown[-2:]

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
        return self._cached(
            project, lambda: shown | ({"simplified": project.team_managed} if self.jira.is_cloud else {})
        )

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
        scope = {"scope": {"type": "PROJECT", "project": {"id": definition.scope}}} if definition.scope else {}
        return {
            "id": definition.id,
            **key,
            **scope,
            "name": definition.name,
            "custom": definition.custom,
            "orderable": definition.on_screen,
            "navigable": definition.navigable,
            "searchable": bool(definition.clauses),
            "clauseNames": list(definition.clauses),
            "schema": dict(definition.schema or {}),
        }


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
