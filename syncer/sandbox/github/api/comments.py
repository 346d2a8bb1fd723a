"""Routes of comments: of one issue, and repository-wide."""

from __future__ import annotations

from syncer.sandbox.github import conversation, listing, requestfields
from syncer.sandbox.github.access import effective_role, require, require_read
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.issuerendering import comment_json
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Account, Comment, Issue, Repository, Role
from syncer.sandbox.github.problems import forbidden, not_found
from syncer.sandbox.github.uploads import rendered


def list_of_issue(call: Call, issue: Issue) -> Answer:
    """Answer a page of an issue's comments, by id upwards, those updated at or after `since`."""
    since = listing.since_of(call.query, "IssueComment")
    chosen = [comment for comment in issue.comments if since is None or comment.updated_at >= since]
    page = Page.of(call.query)
    rows = [comment_json(call.github, comment) for comment in page.cut(chosen)]
    return list_answer(call, issue.repository, len(chosen), rows, page)


def list_of_repository(call: Call, repository: Repository) -> Answer:
    """Answer a page of all comments in the repository."""
    require_read(call.github, call.caller, repository)
    chosen = listing.comments(repository, call.query)
    page = Page.of(call.query)
    rows = [comment_json(call.github, comment) for comment in page.cut(chosen)]
    return list_answer(call, repository, len(chosen), rows, page)


def create(call: Call, issue: Issue) -> Answer:
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


def read(call: Call, repository: Repository) -> Answer:
    """Answer one comment."""
    require_read(call.github, call.caller, repository)
    comment = _comment(call, repository)
    html = {"body_html": rendered(call.github, repository, comment.body)} if call.wants_html else {}
    return Answer(200, comment_json(call.github, comment) | html)


def edit(call: Call, repository: Repository) -> Answer:
    """Replace a comment's text: its author, and those with write access."""
    comment = _comment(call, repository)
    _require_own(call, repository, comment)
    conversation.edit_comment(call.github, comment, requestfields.optional_text(call.fields(), "body"))
    return Answer(200, comment_json(call.github, comment))


def delete(call: Call, repository: Repository) -> Answer:
    """Remove a comment: its author, and those with write access."""
    comment = _comment(call, repository)
    _require_own(call, repository, comment)
    conversation.delete_comment(call.github, comment)
    return Answer(204)


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
