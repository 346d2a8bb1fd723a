"""What kind of object a JSON object of a tracker is, told by keys that every such object has.

An answer holds objects in objects, and a field is the same wherever its object stands: an author in a comment in an
issue in a page of a search is a user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from syncer.sandbox.profiles.model import Tracker

_JIRA: Final = (
    ("issue", frozenset({"id", "key", "fields"})),
    ("attachment", frozenset({"filename", "content"})),
    ("comment", frozenset({"id", "body", "updateAuthor"})),
    ("worklog", frozenset({"id", "timeSpentSeconds"})),
    ("history", frozenset({"id", "items", "created"})),
    ("page", frozenset({"total", "maxResults"})),
    ("issuelink", frozenset({"id", "type", "inwardIssue"})),
    ("issuelink", frozenset({"id", "type", "outwardIssue"})),
    ("version", frozenset({"id", "released", "name"})),
    ("user", frozenset({"displayName", "active"})),
    ("project", frozenset({"key", "projectTypeKey"})),
    ("status", frozenset({"id", "name", "statusCategory"})),
    ("issuetype", frozenset({"id", "name", "subtask"})),
    ("site", frozenset({"baseUrl", "deploymentType"})),
)
_GITHUB: Final = (
    ("issue event", frozenset({"event", "actor"})),
    ("issue comment", frozenset({"id", "issue_url", "body"})),
    ("issue", frozenset({"id", "number", "labels", "repository_url"})),
    ("milestone", frozenset({"id", "number", "due_on"})),
    ("label", frozenset({"id", "name", "color", "default"})),
    ("repository", frozenset({"id", "full_name", "owner"})),
    ("user", frozenset({"id", "login", "type"})),
    ("issue type", frozenset({"id", "name", "is_enabled"})),
    ("rate limit", frozenset({"resources", "rate"})),
)
_KINDS: Final = {"jira": _JIRA, "github": _GITHUB}


def kind_of(tracker: Tracker, found: Mapping[str, Any]) -> str:
    """The kind of an object, `""` for one of no kind that is told apart."""
    keys = found.keys()
    return next((kind for kind, marks in _KINDS[tracker] if marks <= keys), "")


def objects(tracker: Tracker, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in an answer that has a kind, the outer ones first; the fields of a Jira issue are one of theirs."""
    if isinstance(value, list):
        for each in value:
            yield from objects(tracker, each)
    elif isinstance(value, dict):
        kind = kind_of(tracker, value)
        # Told before anything is changed: what is inside is found even where the caller takes a key away.
        inside = list(value.items())
        if kind:
            yield kind, value
        for name, each in inside:
            if tracker == "jira" and kind == "issue" and name == "fields" and isinstance(each, dict):
                fields = list(each.values())
                yield "issue.fields", each
                yield from objects(tracker, fields)
            else:
                yield from objects(tracker, each)
