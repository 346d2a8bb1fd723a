"""What two trackers hold, asked by plain requests and reduced to what must be the same on both sides.

Knows nothing of the product but how it names statuses, priorities and types in the configuration of `tests.rig`. Texts
are told apart by words of the form `word7`, which survive every markup; whatever the product adds has none.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.rig import Rig

_WORD = re.compile(r"word\d+")
_STATUS = {("open", None): "To Do", ("closed", "completed"): "Done", ("closed", "not_planned"): "Won't Do"}


@dataclass(frozen=True, slots=True)
class Task:
    """An issue of either tracker, in the words of Jira."""

    title: str
    body: tuple[str, ...]
    comments: tuple[tuple[str, ...], ...]
    status: str
    priority: str
    type: str
    labels: frozenset[str]
    assignees: frozenset[str]
    versions: frozenset[str]


def words(text: Any) -> tuple[str, ...]:
    """The telling words of a text, whatever form it has."""
    return tuple(_WORD.findall(str(text)))


def of_jira(rig: Rig) -> list[Task]:
    """Every issue of the project."""
    return sorted((_of_jira(issue["fields"]) for issue in _issues(rig)), key=lambda task: task.title)


def of_github(rig: Rig) -> list[Task]:
    """Every issue of the repository."""
    found = []
    for issue in rig.github("GET", "/issues?state=all&per_page=100"):
        comments = rig.github("GET", f"/issues/{issue['number']}/comments?per_page=100")
        found.append(_of_github(issue, comments))
    return sorted(found, key=lambda task: task.title)


def told_apart(rig: Rig) -> list[str]:
    """What is on one side and not, or not as often, on the other. Nothing where both hold the same."""
    left, right = Counter(of_jira(rig)), Counter(of_github(rig))
    return [f"only Jira: {task}" for task in left - right] + [f"only GitHub: {task}" for task in right - left]


def _issues(rig: Rig) -> list[dict[str, Any]]:
    asked = {"jql": f"project = {rig.project} ORDER BY key ASC", "maxResults": 100, "fields": ["*all"]}
    path = "/search" if rig.deployment == "datacenter" else "/search/jql"
    issues: list[dict[str, Any]] = rig.jira("POST", path, asked)["issues"]
    return issues


def _of_jira(fields: dict[str, Any]) -> Task:
    assignee = fields.get("assignee") or {}
    priority = (fields.get("priority") or {}).get("name", "")
    return Task(
        title=fields["summary"],
        body=words(fields.get("description")),
        comments=tuple(sorted(words(each["body"]) for each in fields["comment"]["comments"])),
        status=fields["status"]["name"],
        priority=priority if priority in {"High", "Low"} else "",
        type="Bug" if fields["issuetype"]["name"] == "Bug" else "",
        labels=frozenset(fields.get("labels") or ()),
        assignees=frozenset({str(assignee["displayName"])} if assignee else ()),
        versions=frozenset(each["name"] for each in fields.get("fixVersions") or ()),
    )


def _of_github(issue: dict[str, Any], comments: list[dict[str, Any]]) -> Task:
    labels = {label["name"] for label in issue["labels"]}
    status = _STATUS[issue["state"], issue["state_reason"] if issue["state"] == "closed" else None]
    shown = {"status: in progress": "In Progress", "status: in review": "In Review"}
    priorities = {"priority: high": "High", "priority: low": "Low"}
    names = {"liwei": "Li Wei", "miab": "Mia Braun"}
    milestone = issue["milestone"] or {}
    return Task(
        title=issue["title"],
        body=words(issue["body"]),
        comments=tuple(sorted(words(each["body"]) for each in comments)),
        status=next((shown[label] for label in labels & shown.keys()), status),
        priority=next((priorities[label] for label in labels & priorities.keys()), ""),
        type="Bug" if "bug" in labels else "",
        labels=frozenset(labels - shown.keys() - priorities.keys() - {"bug"}),
        assignees=frozenset(names[each["login"]] for each in issue["assignees"]),
        versions=frozenset({str(milestone["title"])} if milestone else ()),
    )
