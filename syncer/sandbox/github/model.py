"""The objects a GitHub holds, as plain mutable records: no HTTP, no JSON, no rules beyond their own indexes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Literal
from urllib.parse import quote

from syncer.sandbox.github.issuefields import FieldValue, IssueField

Visibility = Literal["public", "internal", "private"]
StateReason = Literal["completed", "not_planned", "reopened", "duplicate"]
AccountKind = Literal["User", "Organization", "Bot"]
TokenKind = Literal["classic", "fine-grained", "installation"]


class Role(IntEnum):
    """What an account may do in a repository; each role includes the ones below it."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(slots=True, eq=False)
class IssueType:
    """A type that issues of an organisation's repositories can have."""

    id: int
    name: str
    description: str | None
    color: str | None
    created_at: datetime
    updated_at: datetime
    is_enabled: bool = True


@dataclass(slots=True, eq=False)
class Team:
    """A team of an organisation: logins of its members, folded, and its role in repositories by their id."""

    id: int
    name: str
    slug: str
    members: list[str] = field(default_factory=list)
    repositories: dict[int, Role] = field(default_factory=dict)
    secret: bool = False
    """Visible to its members and the organisation's owners only."""


@dataclass(slots=True, eq=False)
class Account:
    """A user, an organisation or an app's bot; members, teams, issue types and fields are of organisations only."""

    id: int
    login: str
    kind: AccountKind
    created_at: datetime
    name: str | None = None
    email: str | None = None
    members: dict[str, Role] = field(default_factory=dict)
    issue_types: list[IssueType] = field(default_factory=list)
    issue_fields: list[IssueField] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Token:
    """A credential; `repositories` None means every repository its account reaches, `expires_at` None means never.

    Classic tokens are limited by `scopes`, the other kinds by `permissions` (`{"issues": "write", ...}`).
    """

    value: str
    account: Account
    kind: TokenKind
    scopes: tuple[str, ...] = ()
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: frozenset[int] | None = None
    expires_at: datetime | None = None
    installation_id: int | None = None
    revoked: bool = False


@dataclass(slots=True, eq=False)
class App:
    """A GitHub App; `public_key` (PEM) None accepts any well-formed JWT that names it."""

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    created_at: datetime
    public_key: str | None
    permissions: dict[str, str]


@dataclass(slots=True, eq=False)
class Installation:
    """An app installed on an account; `repositories` None means all of the account's."""

    id: int
    app: App
    account: Account
    created_at: datetime
    repositories: frozenset[int] | None


@dataclass(slots=True, eq=False)
class Label:
    """A label of a repository; names are unique without regard to case."""

    id: int
    name: str
    color: str
    description: str | None
    default: bool = False


@dataclass(slots=True, eq=False)
class Milestone:
    """A milestone of a repository and how many of its issues are open and closed."""

    id: int
    number: int
    title: str
    description: str | None
    creator: Account
    created_at: datetime
    updated_at: datetime
    due_on: datetime | None = None
    state: Literal["open", "closed"] = "open"
    closed_at: datetime | None = None
    open_issues: int = 0
    closed_issues: int = 0


@dataclass(slots=True, eq=False)
class Event:
    """Something that happened to an issue; `detail` holds the keys that only this kind of event has."""

    id: int
    kind: str
    actor: Account
    created_at: datetime
    issue: Issue
    detail: dict[str, object]
    app: App | None = None


@dataclass(slots=True, eq=False)
class Comment:
    """A comment on an issue."""

    id: int
    issue: Issue
    author: Account
    body: str
    created_at: datetime
    updated_at: datetime
    app: App | None = None
    minimized: bool = False
    """It is folded away on its page."""
    minimized_reason: str | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One account's sign below a comment."""

    id: int
    author: Account
    content: str
    created_at: datetime


@dataclass(slots=True, eq=False)
class PullRequest:
    """What makes an issue a pull request: its branch, who was asked to look at it, and what they said."""

    merged_at: datetime | None = None
    draft: bool = False
    branch: str = "change"
    requested: list[Account] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Review:
    """What one account said of a pull request."""

    id: int
    author: Account
    state: Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]
    body: str
    submitted_at: datetime


@dataclass(slots=True, eq=False)
class Release:
    """A release of a repository; a draft has no tag of its own and is published to nobody."""

    id: int
    tag: str
    name: str | None
    author: Account
    created_at: datetime
    published_at: datetime | None
    prerelease: bool = False
    body: str | None = None

    @property
    def draft(self) -> bool:
        """True until it is published."""
        return self.published_at is None


@dataclass(slots=True, eq=False)
class Issue:
    """An issue or, with `pull_request`, a pull request. `rendered` caches its JSON for `rendered_epoch`."""

    id: int
    number: int
    repository: Repository
    title: str
    body: str | None
    author: Account
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    state_reason: StateReason | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    labels: list[Label] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    milestone: Milestone | None = None
    type: IssueType | None = None
    locked: bool = False
    lock_reason: str | None = None
    comments: list[Comment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    parent: Issue | None = None
    children: list[Issue] = field(default_factory=list)
    blocked_by: list[Issue] = field(default_factory=list)
    blocking: list[Issue] = field(default_factory=list)
    pull_request: PullRequest | None = None
    app: App | None = None
    field_values: dict[IssueField, FieldValue] = field(default_factory=dict)
    rendered: bytes | None = None
    rendered_epoch: int = -1


class TimeIndex:
    """Ids in the order of a time that changes: insertion and removal by bisection, no sort per request."""

    def __init__(self) -> None:
        self._rows: list[tuple[datetime, int]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, when: datetime, number: int) -> None:
        """Insert `number` at `when`."""
        insort(self._rows, (when, number))

    def remove(self, when: datetime, number: int) -> None:
        """Remove `number`, which was inserted at `when`."""
        del self._rows[bisect_left(self._rows, (when, number))]

    def numbers(self, since: datetime | None = None) -> list[int]:
        """Return the ids at or after `since`, oldest first, ties by id."""
        start = 0 if since is None else bisect_left(self._rows, (since, 0))
        return [number for _, number in self._rows[start:]]


@dataclass(slots=True, eq=False)
class Repository:
    """A repository and everything in it. `epoch` grows when many issues' JSON changes at once (a label's colour)."""

    id: int
    owner: Account
    name: str
    visibility: Visibility
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    archived: bool = False
    has_issues: bool = True
    collaborators: dict[str, Role] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """By path, of the default branch."""
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    moved: dict[int, Issue] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    last_number: int = 0
    last_milestone: int = 0
    issues_by_update: TimeIndex = field(default_factory=TimeIndex)
    comments_by_update: TimeIndex = field(default_factory=TimeIndex)
    epoch: int = 0

    @property
    def full_name(self) -> str:
        """`owner/name` as it is now."""
        return f"{self.owner.login}/{self.name}"

    def place(self, issue: Issue) -> None:
        """Take a new issue in, under its number."""
        self.issues[issue.number] = issue
        self.last_number = max(self.last_number, issue.number)
        self.issues_by_update.add(issue.updated_at, issue.number)

    def displace(self, issue: Issue) -> None:
        """Let an issue and its comments go, after a deletion or a transfer."""
        del self.issues[issue.number]
        self.issues_by_update.remove(issue.updated_at, issue.number)
        for comment in issue.comments:
            self.displace_comment(comment)

    def touch(self, issue: Issue, now: datetime) -> None:
        """Set the issue's update time to `now` and forget its cached JSON."""
        issue.rendered = None
        if issue.updated_at != now:
            self.issues_by_update.remove(issue.updated_at, issue.number)
            issue.updated_at = now
            self.issues_by_update.add(now, issue.number)

    def place_comment(self, comment: Comment) -> None:
        """Take a comment of one of the issues into the repository-wide index."""
        self.comments[comment.id] = comment
        self.comments_by_update.add(comment.updated_at, comment.id)

    def displace_comment(self, comment: Comment) -> None:
        """Remove a comment from the repository-wide index."""
        del self.comments[comment.id]
        self.comments_by_update.remove(comment.updated_at, comment.id)

    def touch_comment(self, comment: Comment, now: datetime) -> None:
        """Set the comment's update time to `now`."""
        self.comments_by_update.remove(comment.updated_at, comment.id)
        comment.updated_at = now
        self.comments_by_update.add(now, comment.id)

    def label(self, name: str) -> Label | None:
        """Return the label of that name in any case, or None."""
        return self.labels.get(name.casefold())


@dataclass(slots=True)
class Upload:
    """One file that was dropped into a text. `leads_to` sends whoever opens it to another address instead."""

    id: int
    repository: Repository
    name: str
    media_type: str
    data: bytes
    leads_to: str = ""

    @property
    def uuid(self) -> str:
        """The name of a picture in its address."""
        digest = hashlib.sha256(f"{self.repository.id}:{self.id}".encode()).hexdigest()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))

    @property
    def is_picture(self) -> bool:
        """True for what GitHub shows in place rather than as a link."""
        return self.media_type.startswith(("image/", "video/"))

    @property
    def address(self) -> str:
        """The path of the stable address."""
        if self.is_picture:
            return f"/user-attachments/assets/{self.uuid}"
        return f"/user-attachments/files/{self.id}/{quote(self.name)}"
