"""What is varied about the answers of trackers: fields may be absent, null or empty, operations may be absent.

No source tells how every server shows a field in which there is nothing, or which fields a project hides. The list here
is that of the recordings, in short; where `presence.json` lies beside this checkout, its counts complete it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from syncer.sandbox.profiles import FORMS, Missing, Shown
from syncer.sandbox.profiles.model import Tracker

COUNTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "presence.json"

FIELDS: Mapping[Tracker, Mapping[str, tuple[str, ...]]] = {
    "jira": {
        "issue.fields": (
            *(
                "summary",
                "description",
                "status",
                "resolution",
                "resolutiondate",
                "labels",
                "components",
                "fixVersions",
            ),
            *("assignee", "priority", "issuetype", "duedate", "parent", "issuelinks", "security", "comment", "project"),
            *("creator", "reporter", "attachment", "created", "updated"),
        ),
        "comment": ("author", "updateAuthor", "body", "created", "updated", "jsdPublic", "visibility"),
        "user": ("accountId", "name", "key", "displayName", "active", "timeZone", "emailAddress", "accountType"),
        "version": ("description", "releaseDate", "released", "archived"),
        "issuelink": ("type", "inwardIssue", "outwardIssue"),
        "status": ("statusCategory",),
        "project": ("projectTypeKey",),
        "page": ("total", "maxResults", "startAt", "isLast"),
    },
    "github": {
        "issue": (
            *("title", "body", "state", "state_reason", "closed_at", "closed_by", "labels", "assignee", "assignees"),
            *("milestone", "type", "user", "comments", "locked", "active_lock_reason", "parent_issue_url", "draft"),
            *("sub_issues_summary", "issue_dependencies_summary", "issue_field_values", "reactions", "html_url"),
            *("author_association", "performed_via_github_app", "created_at", "updated_at"),
        ),
        "issue comment": ("body", "user", "html_url", "created_at", "updated_at", "author_association", "reactions"),
        "milestone": ("description", "due_on", "creator", "state", "closed_at", "open_issues", "closed_issues"),
        "user": ("login", "type", "html_url", "id"),
        "label": ("description", "color", "default"),
        "repository": ("visibility", "private", "permissions", "has_issues", "archived"),
    },
}


def counted() -> Mapping[Tracker, Mapping[str, tuple[str, ...]]]:
    """The same list, completed with every field that the recordings count and that is not an item's identity."""
    named: dict[Tracker, dict[str, set[str]]] = {
        tracker: {kind: set(fields) for kind, fields in kinds.items()} for tracker, kinds in FIELDS.items()
    }
    for title, told in json.loads(COUNTS.read_text("utf-8")).items():
        tracker: Tracker = "github" if title.startswith("github.com") else "jira"
        kind = _kind(title)
        named[tracker].setdefault(kind, set()).update(told["keys"])
    return {
        tracker: {kind: tuple(sorted(fields - {"id", "key", "number"})) for kind, fields in kinds.items()}
        for tracker, kinds in named.items()
    }


def _kind(title: str) -> str:
    """The kind of object that a title in the counts is about."""
    about = title.partition(" in a list")[0].removeprefix("github.com ")
    for prefix in ("jira server A ", "jira server B ", "jira cloud "):
        about = about.removeprefix(prefix)
    return about.rpartition(") ")[2]


def shown(fields: Mapping[str, Iterable[str]]) -> list[Shown]:
    """Every field in every form, where there is nothing in it and always."""
    return [
        Shown(kind, field, form, "varied", always=always)
        for kind, names in sorted(fields.items())
        for field in sorted(names)
        for form in FORMS
        for always in (False, True)
    ]


def lacking(requests: Iterable[tuple[str, str]]) -> list[Missing]:
    """Every operation of a reading, absent."""
    return [Missing(verb, path, "varied") for verb, path in sorted(set(requests))]


def as_text(difference: Any) -> str:
    """A difference in one line, for a failing test."""
    return " ".join(str(getattr(difference, name)) for name in type(difference).__slots__ if name != "evidence")
