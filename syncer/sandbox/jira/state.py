"""Keeps one Jira site: its people, projects, metadata and issues, and the one way an issue's content changes.

Holds no HTTP: the routes call it as people, tests and the demo call it directly.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syncer.sandbox.clock import Clock
from syncer.sandbox.jira import permissions, recorded, seeding
from syncer.sandbox.jira.changelog import changes
from syncer.sandbox.jira.fields import custom_field, initial_fields
from syncer.sandbox.jira.index import SearchIndex
from syncer.sandbox.jira.ratelimit import RateLimit
from syncer.sandbox.jira.records import (
    Board,
    Category,
    ChangeItem,
    Component,
    Content,
    Deployment,
    FieldDefinition,
    History,
    Issue,
    IssueLink,
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
from syncer.sandbox.jira.search import Searcher
from syncer.sandbox.jira.workflow import Workflow, defect_workflow, simple_workflow

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)-([1-9][0-9]*)")


class Jira:
    """One stateful Jira, Cloud or Data Center; every mutation happens under `lock`.

    `embedded_comments` caps the `comment` field inside an issue (None: complete), `embedded_histories` the
    `changelog` expansion.
    """

    def __init__(self, clock: Clock, deployment: Deployment, seed: int = 0, base_url: str = "") -> None:
        self.clock = clock
        self.deployment: Deployment = deployment
        self.seed = seed
        self.base_url = base_url
        self.lock = threading.RLock()
        self.index = SearchIndex()
        self.searcher = Searcher(self)
        self.rate_limit = RateLimit()
        self.embedded_comments: int | None = 20 if deployment == "cloud" else None
        self.embedded_histories: int | None = 40
        self.users: dict[str, User] = {}
        self.projects: dict[str, Project] = {}
        self.issues: dict[str, Issue] = {}
        self.links: dict[str, IssueLink] = {}
        self.boards: dict[int, Board] = {}
        self.sprints: dict[int, Sprint] = {}
        self.fields: dict[str, FieldDefinition] = initial_fields(deployment)
        self.options: dict[str, dict[str, dict[str, str]]] = {}
        self.global_grants: dict[str, set[str]] = {}
        self.global_denials: set[tuple[str, str]] = set()
        self.role_ids: dict[str, str] = {}
        self.metadata_generation = 0
        self.commits = 0
        self._tokens: dict[str, User] = {}
        self._projects_by_key: dict[str, Project] = {}
        self._issues_by_number: dict[tuple[str, int], str] = {}
        self._children: dict[str, set[str]] = {}
        self._ids: dict[str, int] = {}
        self._add_metadata()

    @property
    def is_cloud(self) -> bool:
        """Tells whether this site behaves like Jira Cloud."""
        return self.deployment == "cloud"

    @property
    def index_lag(self) -> timedelta:
        """Returns how far searching is behind writing."""
        return self.index.lag

    @index_lag.setter
    def index_lag(self, lag: timedelta) -> None:
        self.index.lag = lag

    def next_id(self, kind: str, start: int = 10000) -> int:
        """Returns the next id of a kind of record; the seed shifts where each kind begins."""
        self._ids[kind] = self._ids.get(kind, start - 1 + self.seed % 1000 * 10) + 1
        return self._ids[kind]

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
        self.options["customfield_10021"] = {"Impediment": {"id": "10019", "value": "Impediment"}}
        for name in ("Administrators", "Developers"):
            self.role_ids[name] = str(self.next_id("role", 10002))

    def add_status(self, name: str, category: Category) -> Status:
        """Adds a status, or returns the one of that name."""
        if name not in self.statuses:
            self.statuses[name] = Status(str(self.next_id("status")), name, category)
            self.metadata_generation += 1
        return self.statuses[name]

    def add_issue_type(self, name: str, level: int = 0) -> IssueType:
        """Adds an issue type to the site, or returns the one of that name."""
        if name not in self.types:
            self.types[name] = IssueType(str(self.next_id("issuetype", 10100)), name, level)
            self.metadata_generation += 1
        return self.types[name]

    def add_custom_field(self, name: str, kind: str, options: Iterable[str] = ()) -> FieldDefinition:
        """Adds a custom field on every screen; kinds are those of `fields.custom_field`."""
        definition = custom_field(f"customfield_{self.next_id('customfield', 10100)}", name, kind)
        self.fields[definition.id] = definition
        self.options[definition.id] = {value: {"id": str(self.next_id("option")), "value": value} for value in options}
        for issue in self.issues.values():
            issue.content = {**issue.content, definition.id: None}
            self.index.write(self.clock.now(), issue.id, issue.content)
        self.metadata_generation += 1
        return definition

    # --- people and permissions ----------------------------------------------------------------------------------

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

    def revoke_token(self, identifier: str) -> None:
        """Makes a person's token worthless, as when it expires."""
        self._tokens.pop(self.users[identifier].token, None)

    def find_user(self, text: str) -> User | None:
        """Returns the user with this accountId, user name or user key."""
        return self.users.get(text) or next(
            (user for user in self.users.values() if text in {user.key, user.email}), None
        )

    def deactivate_user(self, identifier: str) -> None:
        """Deactivates an account: it cannot log in or be assigned, what it wrote keeps its name."""
        self.users[identifier].active = False
        self.metadata_generation += 1

    def grant(self, identifier: str, permission: str, project_key: str | None = None) -> None:
        """Gives one person one permission, in a project or globally."""
        project = self.project(project_key) if project_key else None
        (project.denials if project else self.global_denials).discard((identifier, permission))
        grants = project.grants if project else self.global_grants
        grants.setdefault(permission, set()).add(f"user:{identifier}")
        self.metadata_generation += 1

    def revoke(self, identifier: str, permission: str, project_key: str | None = None) -> None:
        """Takes one permission from one person, however it was granted."""
        project = self.project(project_key) if project_key else None
        (project.denials if project else self.global_denials).add((identifier, permission))
        self.metadata_generation += 1

    # --- projects ------------------------------------------------------------------------------------------------

    def add_project(
        self,
        key: str,
        name: str = "",
        *,
        public: bool = False,
        restricted: bool = False,
        lead: str | None = None,
        types: Iterable[str] | None = None,
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

    def rename_project(self, key: str, new_key: str) -> None:
        """Changes a project's key; issue keys follow, former keys keep leading to the same issues."""
        project = self.project(key)
        project.former_keys.append(project.key)
        project.key = new_key
        self._projects_by_key[new_key] = project
        self.metadata_generation += 1
        self.index.generation += 1

    def add_security_level(self, project_key: str, name: str, members: Iterable[str] = ()) -> SecurityLevel:
        """Adds a level to a project's issue security; `members` are user identifiers."""
        level = SecurityLevel(str(self.next_id("securitylevel")), name, "", set(members))
        self.project(project_key).security_levels[level.id] = level
        self.metadata_generation += 1
        return level

    def add_version(self, project_key: str, name: str, **details: Any) -> Version:
        """Adds a version to a project; `details` are the fields of `Version`."""
        project = self.project(project_key)
        version = Version(str(self.next_id("version")), name, project.id, **details)
        project.versions[version.id] = version
        return version

    def add_component(self, project_key: str, name: str, **details: Any) -> Component:
        """Adds a component to a project; `details` are the fields of `Component`."""
        project = self.project(project_key)
        component = Component(str(self.next_id("component")), name, project.id, **details)
        project.components[component.id] = component
        return component

    def add_sprint(self, project_key: str, name: str, state: str = "future", **details: Any) -> Sprint:
        """Adds a sprint to a project's first board; `details` are the fields of `Sprint`."""
        project = self.project(project_key)
        board = next(board for board in self.boards.values() if board.project_id == project.id)
        sprint = Sprint(self.next_id("sprint", 1), name, state, board.id, **details)
        self.sprints[sprint.id] = sprint
        return sprint

    def workflow(self, project: Project, issue_type: IssueType) -> Workflow:
        """Returns the workflow of an issue type in a project."""
        found: Workflow = project.workflows.get(issue_type.name, project.workflows["*"])
        return found

    # --- issues --------------------------------------------------------------------------------------------------

    def find_issue(self, key_or_id: str) -> Issue | None:
        """Returns an issue by id, key or former key, or None."""
        if key_or_id.isdigit():
            return self.issues.get(key_or_id)
        match = _KEY.fullmatch(key_or_id)
        project = self._projects_by_key.get(match[1].upper()) if match else None
        if match is None or project is None:
            return None
        return self.issues.get(self._issues_by_number.get((project.id, int(match[2])), ""))

    def children(self, issue_id: str) -> list[Issue]:
        """Returns the issues whose parent is this one, oldest first."""
        return [self.issues[child] for child in sorted(self._children.get(issue_id, ()), key=int)]

    def insert(self, content: dict[str, Any], issue_id: str | None = None, number: int | None = None) -> Issue:
        """Stores a new issue with complete content and shows it to the index.

        Gives it the next id and number unless given.
        """
        project: Project = content["project"]
        number = project.next_number if number is None else number
        project.next_number = max(project.next_number, number + 1)
        issue = Issue(issue_id or str(self.next_id("issue")), {**content, "number": number})
        self.issues[issue.id] = issue
        self.commits += 1
        self._issues_by_number[project.id, number] = issue.id
        self._adopt(issue.id, None, content.get("parent"))
        return issue

    def commit(
        self,
        issue: Issue,
        account: User | None,
        values: Mapping[str, Any],
        extra: Iterable[ChangeItem] = (),
        *,
        touch: bool = True,
        at: datetime | None = None,
    ) -> list[ChangeItem]:
        """Replaces values of an issue, writes its changelog, moves `updated` and tells the index.

        Returns what the changelog recorded.
        """
        now = at or self.clock.now()
        old = issue.content
        new = {**old, **values}
        items = [*changes(self.fields, old, new), *extra]
        if touch:
            new["updated"] = now
        if items:
            issue.histories.append(History(str(self.next_id("history")), account, now, tuple(items)))
        if old["status"].category != new["status"].category:
            new["statuscategorychangedate"] = now
        self._adopt(issue.id, old["parent"], new["parent"])
        issue.content = new
        self.commits += 1
        self.index.write(now, issue.id, new)
        return items

    def _adopt(self, issue_id: str, old: Issue | None, new: Issue | None) -> None:
        if old is not None and old is not new:
            self._children[old.id].discard(issue_id)
        if new is not None:
            self._children.setdefault(new.id, set()).add(issue_id)

    def move_issue(self, key: str, project_key: str, account: User | None = None) -> str:
        """Moves an issue to another project and returns its new key.

        The id stays and the old key keeps leading to it.
        """
        with self.lock:
            issue = self.issues_required(key)
            target = self.project(project_key)
            old_key, old_project = issue.key, issue.project
            number = target.next_number
            target.next_number += 1
            self._issues_by_number[target.id, number] = issue.id
            new_key = f"{target.key}-{number}"
            moved = ChangeItem("Key", "jira", None, None, old_key, None, new_key)
            here = {
                "project": target,
                "number": number,
                "components": (),
                "fixVersions": (),
                "versions": (),
                "security": None,
            }
            if old_project is target:
                here = {"number": number}
            self.commit(issue, account, here, [moved])
            return new_key

    def delete_issue(self, key: str) -> None:
        """Deletes an issue with its sub-tasks and links; nothing leads to it any more."""
        with self.lock:
            issue = self.issues_required(key)
            for child in self.children(issue.id):
                if child.content["issuetype"].subtask:
                    self.delete_issue(child.id)
                else:
                    self.commit(child, None, {"parent": None})
            for link in issue.content["issuelinks"]:
                other = self.issues[link.target if link.source == issue.id else link.source]
                rest = tuple(each for each in other.content["issuelinks"] if each is not link)
                self.commit(other, None, {"issuelinks": rest})
                self.links.pop(link.id, None)
            self._adopt(issue.id, issue.content["parent"], None)
            del self.issues[issue.id]
            self.commits += 1
            self.index.write(self.clock.now(), issue.id, None)

    def issues_required(self, key: str) -> Issue:
        """Returns an issue by id or key; raises KeyError: for callers in Python, who know what they put in."""
        issue = self.find_issue(key)
        if issue is None:
            raise KeyError(key)
        return issue

    def set_index_lag(self, seconds: float, key: str | None = None) -> None:
        """Lets searching lag behind writing by `seconds` of the clock, for all issues or for one."""
        lag = timedelta(seconds=seconds)
        if key is None:
            self.index.lag = lag
        else:
            self.index.lag_by_issue[self.issues_required(key).id] = lag

    def seed_issues(self, project_key: str, issues: int, comments: int = 0) -> list[str]:
        """Adds many issues at once and returns their keys; see `seeding`."""
        return seeding.seed_issues(self, project_key, issues, comments)

    def load_recorded(self, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Adds what a real Jira answered and returns the keys of its issues; see `recorded`."""
        return recorded.load_recorded(self, records)

    def blank(self, project: Project, issue_type: IssueType, account: User | None, now: datetime) -> dict[str, Any]:
        """Returns the content of an issue in which nothing was filled in yet."""
        status = self.workflow(project, issue_type).initial
        content: Content = dict.fromkeys(self.fields)
        empty = dict.fromkeys(
            (
                "components",
                "fixVersions",
                "versions",
                "labels",
                "comment",
                "worklog",
                "attachment",
                "issuelinks",
                "watches",
                "votes",
                "remotelinks",
            ),
            (),
        )
        return {
            **content,
            **empty,
            "summary": "",
            "project": project,
            "issuetype": issue_type,
            "status": status,
            "priority": self.priorities[2],
            "reporter": account,
            "creator": account,
            "created": now,
            "updated": now,
            "statuscategorychangedate": now,
            "properties": {},
        }


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
