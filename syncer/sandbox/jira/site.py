"""Keeps what a Jira has before its first issue: people, permissions, metadata and projects."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from syncer.sandbox.clock import Clock
from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.fields import FLAGGED, initial_fields
from syncer.sandbox.jira.ratelimit import CloudLimits, Limiter, RateLimit
from syncer.sandbox.jira.records import (
    Board,
    Category,
    Component,
    Deployment,
    FieldDefinition,
    IssueType,
    LinkType,
    Priority,
    Project,
    Resolution,
    SecurityLevel,
    Sprint,
    Status,
    User,
    Version,
)
from syncer.sandbox.jira.workflow import Workflow, defect_workflow, simple_workflow

_Self = TypeVar("_Self", bound="Site")
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def locked(
    method: Callable[Concatenate[_Self, _Arguments], _Result],
) -> Callable[Concatenate[_Self, _Arguments], _Result]:
    """Returns the method run under the site's lock, so that tests can change a Jira while it is being served."""

    @wraps(method)
    def guarded(self: _Self, /, *arguments: _Arguments.args, **named: _Arguments.kwargs) -> _Result:
        with self.lock:
            return method(self, *arguments, **named)

    return guarded


class Site:
    """One Jira without its issues.

    `metadata_generation` changes whenever something changes that the meaning of a query can depend on.
    """

    def __init__(self, clock: Clock, deployment: Deployment, seed: int, base_url: str) -> None:
        self.clock = clock
        self.deployment: Deployment = deployment
        self.seed = seed
        self.base_url = base_url
        self.lock = threading.RLock()
        self.rate_limit: Limiter = CloudLimits() if deployment == "cloud" else RateLimit()
        self.users: dict[str, User] = {}
        self.projects: dict[str, Project] = {}
        self.boards: dict[int, Board] = {}
        self.sprints: dict[int, Sprint] = {}
        self.fields: dict[str, FieldDefinition] = initial_fields(deployment)
        self.options: dict[str, dict[str, dict[str, str]]] = {}
        self.disabled_options: set[str] = set()
        """Ids of options that nobody can choose."""
        self.global_grants: dict[str, set[str]] = {}
        self.global_denials: set[tuple[str, str]] = set()
        self.drops_properties = False
        """Creates lose the properties they bring, as where an app or a proxy rewrites them."""
        self.read_only = ""
        """Data Center: the message of its read-only mode, while it is on."""
        self.unknown_when_archived = True
        """A search in an archived project is refused; else it finds nothing. Which of the two is not documented."""
        self.unscoped: set[tuple[str, str]] = set()
        """Verbs and paths (as the documentation writes them) for which no token of the site has the scope."""
        self.scoped_tokens: set[str] = set()
        """Tokens that Cloud takes at its gateway alone: those of service accounts, and those with scopes."""
        self.role_ids: dict[str, str] = {}
        self.metadata_generation = 0
        self._tokens: dict[str, User] = {}
        self._projects_by_key: dict[str, Project] = {}
        self._ids: dict[str, int] = {}
        self._add_metadata()

    @property
    def is_cloud(self) -> bool:
        """Tells whether this site behaves like Jira Cloud."""
        return self.deployment == "cloud"

    @locked
    def next_id(self, kind: str, start: int = 10000) -> int:
        """Returns the next id of a kind of record; the seed shifts where each kind begins."""
        self._ids[kind] = self._ids.get(kind, start - 1 + self.seed % 1000 * 10) + 1
        return self._ids[kind]

    @locked
    def reserve_id(self, kind: str, used: int) -> None:
        """Keeps `next_id` above an id that came from outside."""
        self._ids[kind] = max(self._ids.get(kind, 9999), used)

    # --- site metadata -------------------------------------------------------------------------------------------

    def _add_metadata(self) -> None:
        self.statuses: dict[str, Status] = {}
        for name, category in _STATUSES:
            self.add_status(name, category)
        self.priorities = [
            Priority(str(rank), name, rank)
            for rank, name in enumerate(("Highest", "High", "Medium", "Low", "Lowest"), 1)
        ]
        self.resolutions = {name: Resolution(str(10000 + n), name, text) for n, (name, text) in enumerate(_RESOLUTIONS)}
        types = (
            ("Epic", 1),
            ("Story", 0),
            ("Task", 0),
            ("Bug", 0),
            ("Sub-task" if not self.is_cloud else "Subtask", -1),
        )
        self.types = {name: IssueType(str(10000 + n), name, level) for n, (name, level) in enumerate(types)}
        self.link_types = [LinkType(str(10000 + n), *words) for n, words in enumerate(_LINK_TYPES)]
        self.options[FLAGGED] = {"Impediment": {"id": "10019", "value": "Impediment"}}
        for name in ("Administrators", "Developers"):
            self.role_ids[name] = str(self.next_id("role", 10002))

    @locked
    def add_status(self, name: str, category: Category) -> Status:
        """Adds a status, or returns the one of that name."""
        if name not in self.statuses:
            self.statuses[name] = Status(str(self.next_id("status")), name, category)
            self.metadata_generation += 1
        return self.statuses[name]

    @locked
    def add_issue_type(self, name: str, level: int = 0) -> IssueType:
        """Adds an issue type to the site, or returns the one of that name."""
        if name not in self.types:
            self.types[name] = IssueType(str(self.next_id("issuetype", 10100)), name, level)
            self.metadata_generation += 1
        return self.types[name]

    # --- people and permissions ----------------------------------------------------------------------------------

    @locked
    def add_user(
        self,
        identifier: str,
        display_name: str = "",
        *,
        email: str = "",
        token: str = "",
        time_zone: str = "UTC",
        groups: Iterable[str] = (),
    ) -> User:
        """Adds a person; `identifier` is the accountId on Cloud and the user name on Data Center.

        The token defaults to `token-IDENTIFIER`.
        """
        user = User(
            identifier=identifier,
            key=f"JIRAUSER{self.next_id('user')}",
            display_name=display_name or identifier,
            email=email or f"{identifier}@example.com",
            token=token or f"token-{identifier}",
            time_zone=time_zone,
            zone=ZoneInfo(time_zone),
            groups=set(groups),
        )
        self.users[identifier] = user
        self._tokens[user.token] = user
        self.metadata_generation += 1
        return user

    def user_of_token(self, token: str) -> User | None:
        """Returns the active owner of a token, or None."""
        user = self._tokens.get(token)
        return user if user is not None and user.active else None

    @locked
    def revoke_token(self, identifier: str) -> None:
        """Makes a person's token worthless, as when it expires."""
        self._tokens.pop(self.users[identifier].token, None)

    def find_user(self, text: str) -> User | None:
        """Returns the user with this accountId, user name or user key."""
        return self.users.get(text) or next(
            (user for user in self.users.values() if text in {user.key, user.email}), None
        )

    @locked
    def rename_user(self, identifier: str, new: str) -> None:
        """Gives a user of Data Center another name; the key stays, and whatever shows the user shows the new name."""
        user = self.users.pop(identifier)
        user.identifier = new
        self.users[new] = user
        self.metadata_generation += 1

    @locked
    def deactivate_user(self, identifier: str) -> None:
        """Deactivates an account: it cannot log in or be assigned, what it wrote keeps its name."""
        self.users[identifier].active = False
        self.metadata_generation += 1

    @locked
    def grant(self, identifier: str, permission: str, project_key: str | None = None) -> None:
        """Gives one person one permission, in a project or globally."""
        project = self.project(project_key) if project_key else None
        (project.denials if project else self.global_denials).discard((identifier, permission))
        grants = project.grants if project else self.global_grants
        grants.setdefault(permission, set()).add(f"user:{identifier}")
        self.metadata_generation += 1

    @locked
    def revoke(self, identifier: str, permission: str, project_key: str | None = None) -> None:
        """Takes one permission from one person, however it was granted."""
        project = self.project(project_key) if project_key else None
        (project.denials if project else self.global_denials).add((identifier, permission))
        self.metadata_generation += 1

    # --- projects ------------------------------------------------------------------------------------------------

    @locked
    def add_project(
        self,
        key: str,
        name: str = "",
        *,
        public: bool = False,
        restricted: bool = False,
        lead: str | None = None,
        types: Iterable[str] | None = None,
        team_managed: bool = False,
    ) -> Project:
        """Adds a project of all issue types with a board.

        Everybody logged in works in it; `public` lets anonymous visitors browse, `restricted` lets in only whom
        `grant` names (and the lead).
        """
        chosen = [self.types[each] for each in types] if types is not None else list(self.types.values())
        simple = simple_workflow(self.statuses, self.resolutions)
        workflows: dict[str, Workflow] = {"*": simple, "Bug": defect_workflow(self.statuses, self.resolutions)}
        person = self.users[lead] if lead else None
        project = Project(str(self.next_id("project")), key, name or key, person, chosen, workflows)
        everybody = set() if restricted else {permissions.LOGGED_IN}
        project.grants = {permission: set(everybody) for permission in permissions.ORDINARY}
        if public:
            project.grants["BROWSE_PROJECTS"].add(permissions.ANYONE)
        project.roles = {role: set() for role in self.role_ids}
        project.team_managed = team_managed
        if lead:
            project.roles["Administrators"].add(lead)
        self.projects[project.id] = project
        self._projects_by_key[key] = project
        board = Board(self.next_id("board", 1), f"{key} board", "scrum", project.id)
        self.boards[board.id] = board
        self.metadata_generation += 1
        return project

    def project(self, key_or_id: str) -> Project:
        """Returns a project by id, key or former key; raises KeyError."""
        return self.projects.get(key_or_id) or self._projects_by_key[key_or_id.upper()]

    def find_project(self, key_or_id: str) -> Project | None:
        """Returns a project by id, key or former key, or None."""
        return self.projects.get(key_or_id) or self._projects_by_key.get(key_or_id.upper())

    @locked
    def archive_project(self, key: str, *, archived: bool = True) -> None:
        """Archives a project, or restores it."""
        self.project(key).archived = archived
        self.metadata_generation += 1

    @locked
    def forbid_edits(self, key: str, *statuses: str) -> None:
        """Sets `jira.issue.editable=false` on these statuses of every workflow of a project, and on no other."""
        project = self.project(key)
        project.workflows = {
            name: replace(workflow, uneditable=frozenset(statuses)) for name, workflow in project.workflows.items()
        }

    @locked
    def add_security_level(self, project_key: str, name: str, members: Iterable[str] = ()) -> SecurityLevel:
        """Adds a level to a project's issue security; `members` are user identifiers."""
        level = SecurityLevel(str(self.next_id("securitylevel")), name, "", set(members))
        self.project(project_key).security_levels[level.id] = level
        self.metadata_generation += 1
        return level

    @locked
    def add_version(self, /, project_key: str, name: str, **details: Any) -> Version:
        """Adds a version to a project; `details` are the fields of `Version`."""
        project = self.project(project_key)
        version = Version(str(self.next_id("version")), name, project.id, **details)
        project.versions[version.id] = version
        self.metadata_generation += 1
        return version

    @locked
    def add_component(self, /, project_key: str, name: str, **details: Any) -> Component:
        """Adds a component to a project; `details` are the fields of `Component`."""
        project = self.project(project_key)
        component = Component(str(self.next_id("component")), name, project.id, **details)
        project.components[component.id] = component
        self.metadata_generation += 1
        return component

    @locked
    def add_sprint(self, /, project_key: str, name: str, state: str = "future", **details: Any) -> Sprint:
        """Adds a sprint to a project's first board; `details` are the fields of `Sprint`."""
        project = self.project(project_key)
        board = next(board for board in self.boards.values() if board.project_id == project.id)
        sprint = Sprint(self.next_id("sprint", 1), name, state, board.id, **details)
        self.sprints[sprint.id] = sprint
        self.metadata_generation += 1
        return sprint

    def workflow(self, project: Project, issue_type: IssueType) -> Workflow:
        """Returns the workflow of an issue type in a project."""
        found: Workflow = project.workflows.get(issue_type.name, project.workflows["*"])
        return found


_STATUSES: tuple[tuple[str, Category], ...] = (
    ("To Do", "new"),
    ("In Progress", "indeterminate"),
    ("In Review", "indeterminate"),
    ("Done", "done"),
    ("Won't Do", "done"),
)
_RESOLUTIONS = (
    ("Done", "Work has been completed on this issue."),
    ("Won't Do", "This issue won't be actioned."),
    ("Duplicate", "The problem is a duplicate of an existing issue."),
    ("Cannot Reproduce", "All attempts at reproducing this issue failed."),
)
_LINK_TYPES = (
    ("Blocks", "is blocked by", "blocks"),
    ("Cloners", "is cloned by", "clones"),
    ("Duplicate", "is duplicated by", "duplicates"),
    ("Relates", "relates to", "relates to"),
)
