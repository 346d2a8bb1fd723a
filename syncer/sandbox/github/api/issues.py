"""Routes of issues: what one holds, its events and timeline; of comments; of sub-issues and dependencies."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.sandbox.github import conversation, events, issues, listing, planning, relations, requestfields
from syncer.sandbox.github.access import effective_role, require, require_read, visible
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.fieldvalues import sees_all_fields
from syncer.sandbox.github.issuerendering import (
    comment_json,
    issue_bytes,
    issue_json,
    issue_list_bytes,
    reaction_json,
)
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, Comment, Issue, Label, Repository, Role
from syncer.sandbox.github.pages import rendered
from syncer.sandbox.github.problems import Problem, forbidden, not_found
from syncer.sandbox.github.rendering import Json, label_json


def list_issues(call: Call, repository: Repository) -> Answer:
    """Answer a page of the issues and pull requests that a query selects."""
    require_read(call.github, call.caller, repository)
    if call.github.behaviour.issues_off == "refused":
        _require_issues(repository)
    chosen = listing.issues(repository, call.query)
    if not repository.has_issues:
        chosen = [one for one in chosen if one.pull_request is not None]
    page = Page.of(call.query)
    everything = sees_all_fields(call.caller.account, repository)
    shown = issue_list_bytes(call.github, page.cut(chosen), everything=everything)
    return list_answer(call, repository, len(chosen), shown, page)


def create_issue(call: Call, repository: Repository) -> Answer:
    """Open an issue."""
    github = call.github
    author = require(github, call.caller, repository, Role.READ)
    _require_issues(repository)
    github.limits.create_content(call.caller.counted_as, github.clock.now())
    may_triage = effective_role(github, call.caller, repository) >= Role.TRIAGE
    issue = issues.create_issue(github, repository, author, call.fields(), may_triage=may_triage, app=call.caller.app)
    return _shown(call, issue, 201)


def read_issue(call: Call, issue: Issue) -> Answer:
    """Answer an issue."""
    if call.wants_html:
        html = rendered(call.github, issue.repository, issue.body)
        return Answer(200, issue_json(call.github, issue) | {"body_html": html})
    return _shown(call, issue)


def edit_issue(call: Call, issue: Issue) -> Answer:
    """Edit an issue: anyone with triage rights, and its author (title, body and state only)."""
    github = call.github
    author = require(github, call.caller, issue.repository, Role.READ)
    may_triage = effective_role(github, call.caller, issue.repository) >= Role.TRIAGE
    if not may_triage and author is not issue.author:
        raise forbidden("Must have admin rights to Repository.")
    issues.edit_issue(github, issue, author, call.fields(), may_triage=may_triage, app=call.caller.app)
    return _shown(call, issue)


def list_labels(call: Call, issue: Issue) -> Answer:
    """Answer a page of the issue's labels."""
    page = Page.of(call.query)
    return list_answer(
        call, issue.repository, len(issue.labels), _labels_json(call, issue, page.cut(issue.labels)), page
    )


def add_labels(call: Call, issue: Issue) -> Answer:
    """Add labels to the issue; unknown ones are made."""
    actor = _triaging(call, issue)
    return _label(call, issue, actor, [*issue.labels, *_labels(call, issue)])


def set_labels(call: Call, issue: Issue) -> Answer:
    """Make the given labels the issue's."""
    actor = _triaging(call, issue)
    return _label(call, issue, actor, _labels(call, issue))


def clear_labels(call: Call, issue: Issue) -> Answer:
    """Take every label off the issue."""
    _label(call, issue, _triaging(call, issue), [])
    return Answer(204)


def remove_label(call: Call, issue: Issue) -> Answer:
    """Take one label off the issue; 404 when it has none of that name."""
    actor = _triaging(call, issue)
    label = issue.repository.label(call.params["name"])
    if label is None or label not in issue.labels:
        raise Problem(404, "Label does not exist")
    return _label(call, issue, actor, [kept for kept in issue.labels if kept is not label])


def add_assignees(call: Call, issue: Issue) -> Answer:
    """Assign more people, ten at most."""
    actor = _triaging(call, issue)
    given = requestfields.names(call.fields(), "assignees", "login")
    return _assign(call, issue, actor, [*(account.login for account in issue.assignees), *given], 201)


def remove_assignees(call: Call, issue: Issue) -> Answer:
    """Unassign people."""
    actor = _triaging(call, issue)
    given = {login.casefold() for login in requestfields.names(call.fields(), "assignees", "login")}
    kept = [account.login for account in issue.assignees if account.login.casefold() not in given]
    return _assign(call, issue, actor, kept, 200)


def check_assignee(call: Call, issue: Issue) -> Answer:
    """Answer 204 when the issue can be assigned to someone, 404 when not."""
    account = call.github.accounts.get(call.params["login"].casefold())
    if account is None or not issues.may_be_assigned(issue, account):
        raise not_found()
    return Answer(204)


def lock(call: Call, issue: Issue) -> Answer:
    """Lock the conversation."""
    actor = require(call.github, call.caller, issue.repository, Role.WRITE)
    reason = requestfields.optional_text(call.fields(), "lock_reason")
    conversation.lock(call.github, issue, actor, reason, call.caller.app)
    return Answer(204)


def unlock(call: Call, issue: Issue) -> Answer:
    """Unlock the conversation."""
    actor = require(call.github, call.caller, issue.repository, Role.WRITE)
    conversation.unlock(call.github, issue, actor, call.caller.app)
    return Answer(204)


def list_events(call: Call, issue: Issue) -> Answer:
    """Answer a page of the issue's events, oldest first."""
    page = Page.of(call.query)
    rows = [events.event_json(call.github, event) for event in page.cut(issue.events)]
    return list_answer(call, issue.repository, len(issue.events), rows, page)


def timeline(call: Call, issue: Issue) -> Answer:
    """Answer a page of the issue's events and comments, oldest first."""
    page = Page.of(call.query)
    rows = events.timeline_json(call.github, issue)
    return list_answer(call, issue.repository, len(rows), page.cut(rows), page)


def list_repository_events(call: Call, repository: Repository) -> Answer:
    """Answer a page of the repository's issue events, newest first."""
    require_read(call.github, call.caller, repository)
    page = Page.of(call.query)
    newest_first = sorted(repository.events, key=lambda event: (event.created_at, event.id), reverse=True)
    rows = [events.repository_event_json(call.github, event) for event in page.cut(newest_first)]
    return list_answer(call, repository, len(newest_first), rows, page)


def read_event(call: Call, repository: Repository) -> Answer:
    """Answer one issue event of the repository."""
    require_read(call.github, call.caller, repository)
    wanted = call.params["event_id"]
    for event in repository.events:
        if event.id == wanted:
            return Answer(200, events.repository_event_json(call.github, event))
    raise not_found()


def _require_issues(repository: Repository) -> None:
    """Raise 410 when the repository has no issues."""
    if not repository.has_issues:
        raise Problem(410, "Issues are disabled for this repo")


def _shown(call: Call, issue: Issue, status: int = 200) -> Answer:
    """Answer an issue as it is now."""
    headers = {"location": f"{call.github.api_url}/repos/{issue.repository.full_name}/issues/{issue.number}"}
    everything = sees_all_fields(call.caller.account, issue.repository)
    shown = issue_list_bytes(call.github, [issue], everything=everything)[1:-1]
    return Answer(status, shown, headers if status == 201 else {})


def _triaging(call: Call, issue: Issue) -> Account:
    """Return the acting account; raise when it may not triage the issue."""
    return require(call.github, call.caller, issue.repository, Role.TRIAGE)


def _labels(call: Call, issue: Issue) -> list[Label]:
    """Return the labels a body names, as `{"labels": [...]}`, a list, or a list of objects."""
    body = {"labels": call.body} if isinstance(call.body, list) else call.fields()
    return [planning.label_for(call.github, issue.repository, name) for name in requestfields.names(body, "labels")]


def _label(call: Call, issue: Issue, actor: Account, wanted: list[Label]) -> Answer:
    """Make `wanted` the issue's labels and answer them."""
    if issues.set_labels(call.github, issue, actor, wanted, call.caller.app):
        issue.repository.touch(issue, call.github.now())
    return Answer(200, _labels_json(call, issue, issue.labels))


def _labels_json(call: Call, issue: Issue, shown: Sequence[Label]) -> list[Json]:
    """Return labels of the issue as JSON."""
    return [label_json(call.github, issue.repository, label) for label in shown]


def _assign(call: Call, issue: Issue, actor: Account, logins: list[str], status: int) -> Answer:
    """Make the people of `logins` the issue's assignees and answer the issue."""
    accounts = issues.resolve_assignees(call.github, issue.repository, logins, issue, strict=False)
    if issues.set_assignees(call.github, issue, actor, accounts, call.caller.app):
        issue.repository.touch(issue, call.github.now())
    return Answer(status, issue_bytes(call.github, issue))


def list_issue_comments(call: Call, issue: Issue) -> Answer:
    """Answer a page of an issue's comments, by id upwards, those updated at or after `since`."""
    since = listing.since_of(call.query, "IssueComment")
    chosen = [comment for comment in issue.comments if since is None or comment.updated_at >= since]
    page = Page.of(call.query)
    rows = [comment_json(call.github, comment) for comment in page.cut(chosen)]
    return list_answer(call, issue.repository, len(chosen), rows, page)


def list_repository_comments(call: Call, repository: Repository) -> Answer:
    """Answer a page of all comments in the repository."""
    require_read(call.github, call.caller, repository)
    chosen = listing.comments(repository, call.query)
    page = Page.of(call.query)
    rows = [comment_json(call.github, comment) for comment in page.cut(chosen)]
    return list_answer(call, repository, len(chosen), rows, page)


def create_comment(call: Call, issue: Issue) -> Answer:
    """Comment on an issue; a locked one only takes comments of those with write access."""
    github = call.github
    author = require(github, call.caller, issue.repository, Role.READ)
    if issue.locked and effective_role(github, call.caller, issue.repository) < Role.WRITE:
        raise forbidden("Unable to create comment because issue is locked.")
    github.limits.create_content(call.caller.counted_as, github.clock.now())
    body = requestfields.optional_text(call.fields(), "body")
    comment = conversation.add_comment(github, issue, author, body, call.caller.app)
    shown = comment_json(github, comment)
    return Answer(201, shown, {"location": str(shown["url"])})


def read_comment(call: Call, repository: Repository) -> Answer:
    """Answer one comment."""
    require_read(call.github, call.caller, repository)
    comment = _comment(call, repository)
    html = {"body_html": rendered(call.github, repository, comment.body)} if call.wants_html else {}
    return Answer(200, comment_json(call.github, comment) | html)


def edit_comment(call: Call, repository: Repository) -> Answer:
    """Replace a comment's text: its author, and those with write access."""
    comment = _comment(call, repository)
    _require_own(call, repository, comment)
    conversation.edit_comment(call.github, comment, requestfields.optional_text(call.fields(), "body"))
    return Answer(200, comment_json(call.github, comment))


def delete_comment(call: Call, repository: Repository) -> Answer:
    """Remove a comment: its author, and those with write access."""
    comment = _comment(call, repository)
    _require_own(call, repository, comment)
    conversation.delete_comment(call.github, comment)
    return Answer(204)


def list_reactions(call: Call, repository: Repository) -> Answer:
    """Answer a page of the reactions to a comment."""
    require_read(call.github, call.caller, repository)
    found = _comment(call, repository).reactions
    page = Page.of(call.query)
    rows = [reaction_json(call.github, one) for one in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def react(call: Call, repository: Repository) -> Answer:
    """React to a comment: 201, or 200 where the account did so before."""
    comment = _comment(call, repository)
    author = require(call.github, call.caller, repository, Role.READ)
    reaction, new = conversation.react(call.github, comment, author, call.fields().get("content"))
    return Answer(201 if new else 200, reaction_json(call.github, reaction))


def _comment(call: Call, repository: Repository) -> Comment:
    """Return the comment a path names, or raise 404."""
    comment = repository.comments.get(call.params["comment_id"])
    if comment is None:
        raise not_found()
    return comment


def _require_own(call: Call, repository: Repository, comment: Comment) -> Account:
    """Return the acting account; raise when the comment is another's and it has no write access."""
    account = require(call.github, call.caller, repository, Role.READ)
    if account is not comment.author and effective_role(call.github, call.caller, repository) < Role.WRITE:
        raise forbidden("Must have admin rights to Repository.")
    return account


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


def _issue(call: Call, field: str) -> Issue:
    """Return the issue whose id a field of the body holds, or raise 404 or 422."""
    return _visible_issue(call, requestfields.integer(call.fields(), field))


def _visible_issue(call: Call, issue_id: int) -> Issue:
    """Return the issue of an id, or raise 404."""
    issue = call.github.issues_by_id.get(issue_id)
    if issue is None or not visible(call.github, call.caller, issue.repository):
        raise not_found()
    return issue
