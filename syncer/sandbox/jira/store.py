"""Keeps the issues of a site: the one way their content changes, and the changelog that tells of it.

The changelog says what one edit changed, in the words and ids Jira uses for each kind of field. Holds no HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from syncer.sandbox.clock import Clock
from syncer.sandbox.jira.adf import plain_text
from syncer.sandbox.jira.index import SearchIndex
from syncer.sandbox.jira.records import (
    ChangeItem,
    Content,
    Deployment,
    FieldDefinition,
    History,
    Issue,
    IssueLink,
    IssueType,
    Project,
    User,
)
from syncer.sandbox.jira.site import Site, locked

# What the changelog calls a field where that is not its REST id.
_NAMES = {
    "components": "Component",
    "fixVersions": "Fix Version",
    "versions": "Version",
    "security": "Security",
    "duedate": "duedate",
}
_SILENT = frozenset(
    {
        "created",
        "updated",
        "resolutiondate",
        "statuscategorychangedate",
        "lastViewed",
        "comment",
        "worklog",
        "attachment",
        "issuelinks",
        "watches",
        "votes",
    }
)


def changes(definitions: Mapping[str, FieldDefinition], old: Content, new: Content) -> list[ChangeItem]:
    """Returns one item per changed field, or per added and removed element where Jira records those singly."""
    items: list[ChangeItem] = []
    for identifier, definition in definitions.items():
        before, after = old.get(identifier), new.get(identifier)
        if before is after or before == after or identifier in _SILENT:
            continue
        items.extend(_items(definition, before, after))
    return items


def _items(definition: FieldDefinition, before: Any, after: Any) -> Iterator[ChangeItem]:
    match definition.kind:
        case "components" | "versions":
            yield from _elements(definition, before or [], after or [])
        case "labels" | "restriction":
            yield item(definition, None, " ".join(before or []), None, " ".join(after or []))
        case "sprint":
            yield item(definition, _ids(before), _titles(before), _ids(after), _titles(after))
        case "options":
            yield item(definition, *_chosen(before), *_chosen(after))
        case _:
            yield item(definition, identity(before), wording(before), identity(after), wording(after))


def item(
    definition: FieldDefinition, old: str | None, old_text: str | None, new: str | None, new_text: str | None
) -> ChangeItem:
    """Returns one item for a catalogued field."""
    name = definition.name if definition.custom else _NAMES.get(definition.id, definition.id)
    return ChangeItem(name, "custom" if definition.custom else "jira", definition.id, old, old_text, new, new_text)


def _elements(definition: FieldDefinition, before: Iterable[Any], after: Iterable[Any]) -> Iterator[ChangeItem]:
    before, after = list(before), list(after)
    for element in before:
        if element not in after:
            yield item(definition, element.id, element.name, None, None)
    for element in after:
        if element not in before:
            yield item(definition, None, None, element.id, element.name)


def _ids(value: Any) -> str:
    return ", ".join(str(identity(element)) for element in value or [])


def _titles(value: Any) -> str:
    return ", ".join(str(wording(element)) for element in value or [])


def _chosen(value: Any) -> tuple[str | None, str | None]:
    """Returns ids and words of several options: `[10218, 10244]`, `Fulfilment,Supply`; nulls for none."""
    if not value:
        return None, None
    return f"[{', '.join(each['id'] for each in value)}]", ",".join(each["value"] for each in value)


def identity(value: Any) -> str | None:
    """Returns what a changelog puts in `from` and `to`: the id of a record or a day, nothing for text and numbers."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict) and "id" in value and "value" in value:
        return str(value["id"])
    for name in ("identifier", "id"):
        found = getattr(value, name, None)
        if found is not None:
            return str(found)
    return None


def wording(value: Any) -> str | None:
    """Returns what a changelog puts in `fromString` and `toString`."""
    if value is None:
        return None
    if isinstance(value, dict):
        return str(value["value"]) if "value" in value else plain_text(value)
    for name in ("display_name", "key", "name"):
        found = getattr(value, name, None)
        if found is not None:
            return str(found)
    if isinstance(value, float):
        return format(value, "g")
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return str(value)


_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)-([1-9][0-9]*)")


class IssueStore(Site):
    """One stateful Jira, Cloud or Data Center; every mutation happens under `lock`.

    `rewrite_text` is what the site does to text before it stores it (line ends, trailing space, a document written
    anew): by default nothing. `result_window` is how far Data Center pages by offset; version 11 stops at 10,000.
    `embedded_comments` caps the `comment` field inside an issue (None: complete), `embedded_histories` the
    `changelog` expansion. `commits` counts the changes of issues.
    """

    def __init__(self, clock: Clock, deployment: Deployment, seed: int = 0, base_url: str = "") -> None:
        super().__init__(clock, deployment, seed, base_url)
        self.index = SearchIndex()
        self.embedded_comments: int | None = 20 if deployment == "cloud" else None
        self.embedded_histories: int | None = 40
        self.rewrite_text: Callable[[Any], Any] | None = None
        self.result_window: int | None = None
        self.issues: dict[str, Issue] = {}
        self.links: dict[str, IssueLink] = {}
        self.commits = 0
        self._issues_by_number: dict[tuple[str, int], str] = {}
        self._children: dict[str, set[str]] = {}

    @property
    def index_lag(self) -> timedelta:
        """Returns how far searching is behind writing."""
        return self.index.lag

    @index_lag.setter
    def index_lag(self, lag: timedelta) -> None:
        self.index.lag = lag

    @locked
    def rename_project(self, key: str, new_key: str) -> None:
        """Changes a project's key; issue keys follow, former keys keep leading to the same issues."""
        project = self.project(key)
        project.former_keys.append(project.key)
        project.key = new_key
        self._projects_by_key[new_key] = project
        self.metadata_generation += 1
        self.index.generation += 1

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

    @locked
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

    @locked
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

    @locked
    def move_issue(self, key: str, project_key: str, account: User | None = None) -> str:
        """Moves an issue to another project and returns its new key.

        The id stays and the old key keeps leading to it.
        """
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

    @locked
    def delete_issue(self, key: str) -> None:
        """Deletes an issue with its sub-tasks and links; nothing leads to it any more."""
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

    @locked
    def archive_issue(self, key: str, *, archived: bool = True) -> None:
        """Archives an issue, or restores it: neither moves its `updated`."""
        self.issues_required(key).archived = archived
        self.metadata_generation += 1

    def issues_required(self, key: str) -> Issue:
        """Returns an issue by id or key; raises KeyError: for callers in Python, who know what they put in."""
        issue = self.find_issue(key)
        if issue is None:
            raise KeyError(key)
        return issue

    @locked
    def set_index_lag(self, seconds: float, key: str | None = None) -> None:
        """Lets searching lag behind writing by `seconds` of the clock, for all issues or for one."""
        lag = timedelta(seconds=seconds)
        if key is None:
            self.index.lag = lag
        else:
            self.index.lag_by_issue[self.issues_required(key).id] = lag

    @locked
    def restrict_issue(self, key: str, *roles: str) -> None:
        """Limits an issue to members of project roles, as Cloud's team-managed projects do; none lifts the limit."""
        issue = self.issues_required(key)
        self.commit(issue, None, {"issuerestriction": roles or None})

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
