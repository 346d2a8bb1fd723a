"""Routes of sub-issues and dependencies."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.sandbox.github import relations, requestfields
from syncer.sandbox.github.access import require, visible
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.issuerendering import issue_bytes, issue_list_bytes
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, Issue, Role
from syncer.sandbox.github.problems import not_found


def list_sub_issues(call: Call, issue: Issue) -> Answer:
    """Answer a page of the issue's sub-issues in their order."""
    return _listed(call, issue, issue.children)


def parent(call: Call, issue: Issue) -> Answer:
    """Answer the issue's parent; 404 when it has none the caller may see."""
    if issue.parent is None or not visible(call.github, call.caller, issue.parent.repository):
        raise not_found()
    return Answer(200, issue_bytes(call.github, issue.parent))


def add_sub_issue(call: Call, issue: Issue) -> Answer:
    """Put another issue under this one."""
    actor = _triaging(call, issue)
    child = _issue(call, "sub_issue_id")
    replace = call.fields().get("replace_parent") is True
    relations.add_sub_issue(call.github, issue, child, actor, call.caller.app, replace_parent=replace)
    return Answer(201, issue_bytes(call.github, child))


def remove_sub_issue(call: Call, issue: Issue) -> Answer:
    """Take an issue out from under this one."""
    actor = _triaging(call, issue)
    child = _issue(call, "sub_issue_id")
    relations.remove_sub_issue(call.github, issue, child, actor, call.caller.app)
    return Answer(200, issue_bytes(call.github, child))


def prioritise(call: Call, issue: Issue) -> Answer:
    """Move a sub-issue behind or in front of another."""
    _triaging(call, issue)
    given = call.fields()
    after = _issue(call, "after_id") if given.get("after_id") is not None else None
    before = _issue(call, "before_id") if given.get("before_id") is not None else None
    child = _issue(call, "sub_issue_id")
    relations.prioritise(call.github, issue, child, after, before)
    return Answer(200, issue_bytes(call.github, child))


def list_blocked_by(call: Call, issue: Issue) -> Answer:
    """Answer a page of the issues that block this one."""
    return _listed(call, issue, issue.blocked_by)


def list_blocking(call: Call, issue: Issue) -> Answer:
    """Answer a page of the issues this one blocks."""
    return _listed(call, issue, issue.blocking)


def add_blocker(call: Call, issue: Issue) -> Answer:
    """Let another issue block this one, and answer this one: PyGithub reads it into the issue it was asked of."""
    actor = _triaging(call, issue)
    blocker = _issue(call, "issue_id")
    relations.add_blocker(call.github, issue, blocker, actor, call.caller.app)
    return Answer(201, issue_bytes(call.github, issue))


def remove_blocker(call: Call, issue: Issue) -> Answer:
    """Let another issue no longer block this one, and answer this one."""
    actor = _triaging(call, issue)
    blocker = _visible_issue(call, call.params["issue_id"])
    relations.remove_blocker(call.github, issue, blocker, actor, call.caller.app)
    return Answer(200, issue_bytes(call.github, issue))


def _listed(call: Call, issue: Issue, related: Sequence[Issue]) -> Answer:
    """Answer a page of related issues, without those in repositories the caller may not see."""
    shown = [other for other in related if visible(call.github, call.caller, other.repository)]
    page = Page.of(call.query)
    return list_answer(call, issue.repository, len(shown), issue_list_bytes(call.github, page.cut(shown)), page)


def _triaging(call: Call, issue: Issue) -> Account:
    """Return the acting account; raise when it may not triage the issue."""
    return require(call.github, call.caller, issue.repository, Role.TRIAGE)


def _issue(call: Call, field: str) -> Issue:
    """Return the issue whose id a field of the body holds, or raise 404 or 422."""
    return _visible_issue(call, requestfields.integer(call.fields(), field))


def _visible_issue(call: Call, issue_id: int) -> Issue:
    """Return the issue of an id, or raise 404."""
    issue = call.github.issues_by_id.get(issue_id)
    if issue is None or not visible(call.github, call.caller, issue.repository):
        raise not_found()
    return issue
