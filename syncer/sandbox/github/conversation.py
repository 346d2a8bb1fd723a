"""Comments on issues, and locking a conversation."""

from __future__ import annotations

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.behaviour import CommentChange
from syncer.sandbox.github.events import record
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Account, App, Comment, Issue, Reaction
from syncer.sandbox.github.problems import invalid

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")
LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")


def add_comment(github: GitHubHost, issue: Issue, author: Account, body: str | None, app: App | None = None) -> Comment:
    """Append a comment; raise 422 for a blank or over-long one."""
    text = _comment_body(github, body)
    now = github.now()
    comment = Comment(github.sequences.comment.take(), issue, author, text, now, now, app)
    issue.comments.append(comment)
    issue.repository.place_comment(comment)
    _note(github, issue, "created")
    return comment


def edit_comment(github: GitHubHost, comment: Comment, body: str | None) -> None:
    """Replace a comment's text; an edit that changes nothing moves no time."""
    text = _comment_body(github, body)
    if text != comment.body:
        comment.body = text
        comment.issue.repository.touch_comment(comment, github.now())
        _note(github, comment.issue, "edited")


def react(github: GitHubHost, comment: Comment, author: Account, content: object) -> tuple[Reaction, bool]:
    """Set an account's sign below a comment; whether it is new. One of a kind is all an account has there.

    No document says that it moves the time of change of a comment or an issue, so it moves none.
    """
    if content not in REACTIONS:
        raise invalid("Reaction", "content", "invalid", value=content)
    there = next((one for one in comment.reactions if one.author is author and one.content == content), None)
    if there is not None:
        return there, False
    reaction = Reaction(github.sequences.reaction.take(), author, str(content), github.now())
    comment.reactions.append(reaction)
    comment.issue.rendered = None
    return reaction, True


def delete_comment(github: GitHubHost, comment: Comment) -> None:
    """Remove a comment."""
    comment.issue.comments.remove(comment)
    comment.issue.repository.displace_comment(comment)
    _note(github, comment.issue, "deleted")


def minimize(
    github: GitHubHost, comment: Comment, reason: str | None, *, minimized: bool = True, touch: bool = False
) -> None:
    """Fold a comment away on its page, or show it again; with `touch` its time of change moves."""
    comment.minimized, comment.minimized_reason = minimized, reason if minimized else None
    comment.issue.rendered = None
    if touch:
        comment.issue.repository.touch_comment(comment, github.now())
        _note(github, comment.issue, "edited")


def lock(github: GitHubHost, issue: Issue, actor: Account, reason: str | None, app: App | None = None) -> None:
    """Let only those with write access go on commenting; `reason` is one of `LOCK_REASONS` or None."""
    if reason is not None and reason not in LOCK_REASONS:
        raise invalid("Issue", "lock_reason", "invalid", value=reason)
    issue.locked = True
    issue.lock_reason = reason
    record(github, issue, "locked", actor, app, lock_reason=reason)
    issue.repository.touch(issue, github.now())


def unlock(github: GitHubHost, issue: Issue, actor: Account, app: App | None = None) -> None:
    """Let everyone comment again."""
    if issue.locked:
        issue.locked = False
        issue.lock_reason = None
        record(github, issue, "unlocked", actor, app, lock_reason=None)
        issue.repository.touch(issue, github.now())


def _comment_body(github: GitHubHost, body: str | None) -> str:
    """Return a comment's text as it is stored; raise 422 when it is blank or too long."""
    if body is None:
        raise invalid("IssueComment", "body", "missing_field")
    if not body.strip():
        raise invalid("IssueComment", "data", "unprocessable", "Body cannot be blank")
    limit = github.behaviour.body_limit
    if len(body) > limit:
        raise invalid("IssueComment", "data", "unprocessable", f"Body is too long (maximum is {limit} characters)")
    return requestfields.stored_text(github.behaviour, body, "IssueComment", "body", limit)


def _note(github: GitHubHost, issue: Issue, change: CommentChange) -> None:
    """Let the issue show the changed conversation, with a new update time when `Behaviour` says so."""
    issue.rendered = None
    if change in github.behaviour.comment_changes_that_bump:
        issue.repository.touch(issue, github.now())
