"""Holds the records a Jira keeps: people, projects, metadata and issues.

An issue's whole content is one mapping that is replaced, never changed in place, on every edit. That makes a copy for
the lagging search index free, and lets a reader keep what it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Literal
from uuid import NAMESPACE_OID, uuid5

Deployment = Literal["cloud", "datacenter"]
Category = Literal["new", "indeterminate", "done"]
Content = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class User:
    """One account; `identifier` is the accountId on Cloud and the user name on Data Center."""

    identifier: str
    key: str
    display_name: str
    email: str
    token: str
    time_zone: str
    zone: tzinfo
    groups: set[str]
    active: bool = True
    email_visible: bool = True
    account_type: str = "atlassian"


@dataclass(frozen=True, slots=True, eq=False)
class Status:
    """One workflow status and the category that says whether work is done."""

    id: str
    name: str
    category: Category


@dataclass(frozen=True, slots=True, eq=False)
class Priority:
    """One priority; a lower rank is more urgent."""

    id: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True, eq=False)
class Resolution:
    """One resolution: why an issue is finished."""

    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True, eq=False)
class IssueType:
    """One issue type; `level` is Jira's hierarchy level: 1 epic, 0 standard, -1 sub-task."""

    id: str
    name: str
    level: int
    description: str = ""

    @property
    def subtask(self) -> bool:
        """Tells whether issues of this type live below another issue."""
        return self.level < 0


@dataclass(frozen=True, slots=True, eq=False)
class LinkType:
    """One kind of issue link with the words for either direction."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(slots=True, eq=False)
class SecurityLevel:
    """One level of a project's issue security; only its members see issues in it."""

    id: str
    name: str
    description: str
    members: set[str]


@dataclass(slots=True, eq=False)
class Version:
    """One version of a project; dates are calendar days."""

    id: str
    name: str
    project_id: str
    description: str = ""
    start_date: date | None = None
    release_date: date | None = None
    released: bool = False
    archived: bool = False


@dataclass(slots=True, eq=False)
class Component:
    """One component of a project."""

    id: str
    name: str
    project_id: str
    description: str = ""
    lead: User | None = None


@dataclass(slots=True, eq=False)
class Board:
    """One agile board over one project."""

    id: int
    name: str
    kind: str
    project_id: str


@dataclass(slots=True, eq=False)
class Sprint:
    """One sprint; `state` is future, active or closed."""

    id: int
    name: str
    state: str
    board_id: int
    goal: str = ""
    start: datetime | None = None
    end: datetime | None = None
    complete: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visibility:
    """Limits a comment to the members of one role or one group."""

    kind: Literal["role", "group"]
    value: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment as it stands; an edit replaces the record."""

    id: str
    author: User
    body: Any
    created: datetime
    updated: datetime
    update_author: User
    visibility: Visibility | None = None
    public: bool = True
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worklog:
    """One record of time spent, in seconds."""

    id: str
    author: User
    comment: Any
    created: datetime
    updated: datetime
    started: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file with its bytes."""

    id: str
    author: User
    filename: str
    created: datetime
    media_type: str
    data: bytes
    recorded_size: int | None = None
    """How large a file was of which only the description was recorded, and not the bytes."""

    @property
    def size(self) -> int:
        """The size that Jira tells."""
        return len(self.data) if self.recorded_size is None else self.recorded_size

    @property
    def media(self) -> str:
        """The id under which Cloud's media service keeps the bytes, and by which ADF names them."""
        return str(uuid5(NAMESPACE_OID, f"attachment {self.id}"))


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """One link from an issue to a page elsewhere; `body` is the stored JSON without id and self."""

    id: int
    global_id: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IssueLink:
    """One link between two issues, by issue id: `source` blocks `target` for the type Blocks."""

    id: str
    kind: LinkType
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One field's change inside a changelog entry, in Jira's own words."""

    name: str
    kind: str
    field_id: str | None
    old: str | None
    old_text: str | None
    new: str | None
    new_text: str | None


@dataclass(frozen=True, slots=True)
class History:
    """One changelog entry: who changed what, when."""

    id: str
    author: User | None
    created: datetime
    items: tuple[ChangeItem, ...]


@dataclass(slots=True, eq=False)
class Project:
    """One project with its metadata, screens and permissions."""

    id: str
    key: str
    name: str
    lead: User | None
    types: list[IssueType]
    workflows: dict[str, Any]
    description: str = ""
    former_keys: list[str] = field(default_factory=list)
    next_number: int = 1
    versions: dict[str, Version] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    security_levels: dict[str, SecurityLevel] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)
    hidden_on_create: set[str] = field(default_factory=set)
    hidden_on_edit: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    grants: dict[str, set[str]] = field(default_factory=dict)
    denials: set[tuple[str, str]] = field(default_factory=set)
    team_managed: bool = False
    """Cloud: its people keep its fields and types for themselves."""
    archived: bool = False
    """It is still found by its key; its issues are found by theirs, are in no search, and nothing in it changes."""


@dataclass(slots=True, eq=False)
class Issue:
    """One issue: an id for life, its present content, and its changelog."""

    id: str
    content: Content
    histories: list[History] = field(default_factory=list)
    archived: bool = False
    """As of a project."""

    @property
    def key(self) -> str:
        """Returns the present key, `PAY-7`; it changes with a move and with the project's key."""
        return f"{self.content['project'].key}-{self.content['number']}"

    @property
    def project(self) -> Project:
        """Returns the project the issue is in now."""
        project: Project = self.content["project"]
        return project


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """Describes one field of issues: its REST id, its name, what JQL calls it and the shape of its values."""

    id: str
    name: str
    kind: str
    clauses: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    operations: tuple[str, ...] = ()
    on_screen: bool = False
    navigable: bool = True
    projects: frozenset[str] | None = None
    """Ids of the projects that its contexts name; None where one of them is of all projects."""
    scope: str = ""
    """Id of the team-managed project that alone has it; empty for a field of the site."""

    @property
    def custom(self) -> bool:
        """Tells whether the field was added to the site, as `customfield_NNNNN`."""
        return self.id.startswith("customfield_")

    def applies_to(self, project: Project) -> bool:
        """Tells whether issues of a project have the field."""
        return self.projects is None or project.id in self.projects
