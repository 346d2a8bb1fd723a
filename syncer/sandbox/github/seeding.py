"""Invented issues in bulk, for measurements at scale: no events, no rules, the same for the same numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncer.sandbox.github.model import Comment, Issue, Repository
from syncer.sandbox.github.state import GitHub

_VERBS = ("Speed up", "Fix", "Document", "Retire", "Rework", "Measure", "Test", "Translate", "修复", "优化")
_THINGS = ("refunds", "the ledger", "card checks", "statements", "payouts", "对账流程", "exchange rates", "receipts")
_SENTENCE = (
    "When a customer pays with a stored card, the amount is shown in the wrong currency until the page is loaded "
    "again. This happens in about one of forty payments.\n\n"
)


def seed_issues(github: GitHub, repository: Repository, issues: int, comments: int) -> None:
    """Add `issues` issues with `comments` comments each, one a minute up to now, two of three open.

    About one kilobyte of text an issue; labels rotate through the repository's own.
    """
    first = github.now() - timedelta(minutes=issues)
    labels = list(repository.labels.values())
    for position in range(issues):
        created = first + timedelta(minutes=position)
        issue = Issue(
            github.sequences.issue.take(),
            repository.last_number + 1,
            repository,
            f"{_VERBS[position % len(_VERBS)]} {_THINGS[position % len(_THINGS)]} ({position + 1})",
            _SENTENCE * 5 + f"- [ ] step {position % 7 + 1}\n",
            repository.owner,
            created,
            created,
            labels=labels[position % len(labels) :][:1] if labels else [],
        )
        if position % 3 == 2:
            issue.state, issue.state_reason = "closed", "completed"
            issue.closed_at, issue.closed_by = created, repository.owner
        repository.place(issue)
        github.issues_by_id[issue.id] = issue
        _seed_comments(github, issue, comments, created)


def _seed_comments(github: GitHub, issue: Issue, comments: int, created: datetime) -> None:
    """Add `comments` comments, all written when the issue was."""
    for position in range(comments):
        number = github.sequences.comment.take()
        text = f"Seen again, {position + 1} times by now. 已确认。"
        comment = Comment(number, issue, issue.author, text, created, created)
        issue.comments.append(comment)
        issue.repository.place_comment(comment)
