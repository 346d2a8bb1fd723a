"""What recorded issues are to each other: parents and blockers, put in place without an event of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Issue

REFERENCES = ("sub_issue", "parent_issue", "blocked_by", "blocking")
"""Details of an event that are issues."""


def find(github: GitHubHost, reference: object) -> Issue | None:
    """Return the issue that an event refers to, None when it is not there."""
    if not isinstance(reference, Mapping) or not isinstance(reference.get("repository"), Mapping):
        return None
    repository = github.find_repository(str(reference["repository"].get("full_name")))
    return None if repository is None else repository.issues.get(reference.get("number", 0))


def relate(github: GitHubHost, issues: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]]) -> int:
    """Relate loaded issues as their records say, the events oldest first; return how many relations there are then.

    What an issue says of its parent holds whatever the events told. An end that was not recorded is left out.
    """
    for event in sorted(events, key=lambda record: (str(record["created_at"]), record["id"])):
        issue = find(github, event["issue"]) or _at(github, event["issue"].get("url"))
        other = next((found for name in REFERENCES if (found := find(github, event.get(name)))), None)
        change = _CHANGES.get(event["event"])
        if issue is not None and other is not None and change is not None:
            change(issue, other)
    for record in issues:
        child, parent = _at(github, record["url"]), _at(github, record.get("parent_issue_url"))
        if child is not None and parent is not None:
            _put_under(child, parent)
    loaded = [issue for repository in github.repositories.values() for issue in repository.issues.values()]
    return sum((issue.parent is not None) + len(issue.blocked_by) for issue in loaded)


def _at(github: GitHubHost, url: object) -> Issue | None:
    """Return the issue at a REST address, None when there is none."""
    parts = urlsplit(str(url or "")).path.partition("/repos/")[2].split("/")
    repository = github.find_repository("/".join(parts[:2]))
    number = parts[-1]
    return repository.issues.get(int(number)) if repository is not None and number.isdigit() else None


def _put_under(child: Issue, parent: Issue) -> None:
    if child is parent or child.parent is parent:
        return
    _take_out(child, child.parent)
    parent.children.append(child)
    child.parent = parent
    _render_anew(child, parent)


def _take_out(child: Issue, parent: Issue | None) -> None:
    if parent is not None and child.parent is parent:
        parent.children.remove(child)
        child.parent = None
        _render_anew(child, parent)


def _block(blocked: Issue, blocker: Issue) -> None:
    if blocker is not blocked and blocker not in blocked.blocked_by:
        blocked.blocked_by.append(blocker)
        blocker.blocking.append(blocked)
        _render_anew(blocked, blocker)


def _unblock(blocked: Issue, blocker: Issue) -> None:
    if blocker in blocked.blocked_by:
        blocked.blocked_by.remove(blocker)
        blocker.blocking.remove(blocked)
        _render_anew(blocked, blocker)


def _render_anew(*issues: Issue) -> None:
    """Forget the cached JSON of both ends, in which they are counted."""
    for issue in issues:
        issue.rendered = None


_CHANGES: Mapping[str, Callable[[Issue, Issue], None]] = {
    "parent_issue_added": _put_under,
    "parent_issue_removed": _take_out,
    "sub_issue_added": lambda parent, child: _put_under(child, parent),
    "sub_issue_removed": lambda parent, child: _take_out(child, parent),
    "blocked_by_added": _block,
    "blocked_by_removed": _unblock,
    "blocking_added": lambda blocker, blocked: _block(blocked, blocker),
    "blocking_removed": lambda blocker, blocked: _unblock(blocked, blocker),
}
"""What each event did, to the issue it belongs to and the one it refers to."""
