"""Sub-issues (an issue has one parent) and dependencies (an issue is blocked by others).

Limits from docs.github.com: 100 sub-issues a parent, eight levels, 50 dependencies of each kind. A dependency moves the
update time of neither issue, as was seen on github.com. Whether a sub-issue does is not documented; here it moves both.
What recorded issues are to each other is put in place without an event of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from syncer.sandbox.github.events import record
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Account, App, Issue
from syncer.sandbox.github.problems import Problem, not_found

_MOST_CHILDREN = 100
_MOST_LEVELS = 8
_MOST_BLOCKERS = 50


def add_sub_issue(
    github: GitHubHost, parent: Issue, child: Issue, actor: Account, app: App | None, *, replace_parent: bool
) -> None:
    """Put `child` under `parent`, last; raise 422 for a circle, too many, too deep, or a parent it already has."""
    if child is parent or child in _ancestors(parent):
        raise _refused("An issue cannot be a sub-issue of itself or of one of its own sub-issues")
    if child.repository.owner is not parent.repository.owner:
        raise _refused("A sub-issue must belong to the same repository owner as its parent")
    if child.parent is parent:
        raise _refused("Issue may not contain duplicate sub-issues")
    if child.parent is not None and not replace_parent:
        raise _refused("Sub issue may only have one parent")
    if len(parent.children) >= _MOST_CHILDREN:
        raise _refused(f"Parent cannot have more than {_MOST_CHILDREN} sub-issues")
    if len(_ancestors(parent)) + 1 + _depth(child) > _MOST_LEVELS:
        raise _refused(f"Sub-issues cannot be nested more than {_MOST_LEVELS} levels")
    if child.parent is not None:
        remove_sub_issue(github, child.parent, child, actor, app)
    parent.children.append(child)
    child.parent = parent
    record(github, parent, "sub_issue_added", actor, app, sub_issue=child)
    record(github, child, "parent_issue_added", actor, app, parent_issue=parent)
    _touch(github, parent, child)


def remove_sub_issue(github: GitHubHost, parent: Issue, child: Issue, actor: Account, app: App | None) -> None:
    """Take `child` out from under `parent`; raise 404 when it is not there."""
    if child.parent is not parent:
        raise not_found()
    parent.children.remove(child)
    child.parent = None
    record(github, parent, "sub_issue_removed", actor, app, sub_issue=child)
    record(github, child, "parent_issue_removed", actor, app, parent_issue=parent)
    _touch(github, parent, child)


def prioritise(github: GitHubHost, parent: Issue, child: Issue, after: Issue | None, before: Issue | None) -> None:
    """Move `child` behind `after` or in front of `before`, of which exactly one is given; raise 404 or 422."""
    anchor = after or before
    if child.parent is not parent or anchor is None or anchor.parent is not parent:
        raise not_found()
    if (after is None) == (before is None) or anchor is child:
        raise _refused("Exactly one of after_id and before_id must name another sub-issue")
    parent.children.remove(child)
    parent.children.insert(parent.children.index(anchor) + (1 if after is not None else 0), child)
    parent.repository.touch(parent, github.now())


def add_blocker(github: GitHubHost, issue: Issue, blocker: Issue, actor: Account, app: App | None) -> None:
    """Let `blocker` block `issue`; raise 422 for a circle, a repetition or too many."""
    if blocker is issue or issue in _all_blockers(blocker):
        raise _refused("An issue cannot block itself, directly or through others")
    if blocker in issue.blocked_by:
        raise _refused("This dependency exists already")
    if len(issue.blocked_by) >= _MOST_BLOCKERS or len(blocker.blocking) >= _MOST_BLOCKERS:
        raise _refused(f"An issue cannot have more than {_MOST_BLOCKERS} dependencies of a kind")
    issue.blocked_by.append(blocker)
    blocker.blocking.append(issue)
    record(github, issue, "blocked_by_added", actor, app, blocked_by=blocker)
    record(github, blocker, "blocking_added", actor, app, blocking=issue)
    _render_anew(issue, blocker)


def remove_blocker(github: GitHubHost, issue: Issue, blocker: Issue, actor: Account, app: App | None) -> None:
    """Let `blocker` no longer block `issue`; raise 404 when it does not."""
    if blocker not in issue.blocked_by:
        raise not_found()
    issue.blocked_by.remove(blocker)
    blocker.blocking.remove(issue)
    record(github, issue, "blocked_by_removed", actor, app, blocked_by=blocker)
    record(github, blocker, "blocking_removed", actor, app, blocking=issue)
    _render_anew(issue, blocker)


def _touch(github: GitHubHost, *issues: Issue) -> None:
    """Move the update times of both ends of a relation."""
    for issue in issues:
        issue.repository.touch(issue, github.now())


def _render_anew(*issues: Issue) -> None:
    """Forget the cached JSON of both ends of a relation, in which they are counted."""
    for issue in issues:
        issue.rendered = None


def _ancestors(issue: Issue) -> list[Issue]:
    """Return the issue's parent, its parent, and so on."""
    found: list[Issue] = []
    while issue.parent is not None:
        issue = issue.parent
        found.append(issue)
    return found


def _depth(issue: Issue) -> int:
    """Return how many levels there are below the issue, itself not counted."""
    return max((1 + _depth(child) for child in issue.children), default=0)


def _all_blockers(issue: Issue) -> set[Issue]:
    """Return every issue that blocks this one, directly or through others."""
    found: set[Issue] = set()
    waiting = list(issue.blocked_by)
    while waiting:
        blocker = waiting.pop()
        if blocker not in found:
            found.add(blocker)
            waiting += blocker.blocked_by
    return found


def _refused(message: str) -> Problem:
    """Return the 422 of a relation that may not be."""
    return Problem(422, message)


REFERENCES = ("sub_issue", "parent_issue", "blocked_by", "blocking")
"""Details of an event that are issues."""


def find_related(github: GitHubHost, reference: object) -> Issue | None:
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
        issue = find_related(github, event["issue"]) or _at(github, event["issue"].get("url"))
        other = next((found for name in REFERENCES if (found := find_related(github, event.get(name)))), None)
        change = _CHANGES.get(event["event"])
        if issue is not None and other is not None and change is not None:
            change(issue, other)
    for shown in issues:
        child, parent = _at(github, shown["url"]), _at(github, shown.get("parent_issue_url"))
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
