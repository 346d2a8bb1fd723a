"""Pull requests: what people say of them, merging them, and the issues that a merge closes.

Source: docs.github.com, "Linking a pull request to an issue": nine keywords before a number close an issue when the
pull request is merged into the default branch, which is where all of the sandbox's go. Releases are beside them here
because a team publishes what it merged.
"""

from __future__ import annotations

import re
from typing import Literal

from syncer.sandbox.errors import SandboxError
from syncer.sandbox.github import issues
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Account, Issue, PullRequest, Release, Repository, Review

Verdict = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]

_CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b", re.IGNORECASE)


def ask_for_review(github: GitHubHost, issue: Issue, reviewer: Account) -> None:
    """Ask somebody to look at a pull request."""
    _pull(issue).requested.append(reviewer)
    issue.repository.touch(issue, github.now())


def review(github: GitHubHost, issue: Issue, author: Account, state: Verdict, body: str = "") -> Review:
    """Say something of a pull request; who was asked for it is no longer."""
    pull = _pull(issue)
    said = Review(github.sequences.review.take(), author, state, body, github.now())
    pull.reviews.append(said)
    pull.requested = [account for account in pull.requested if account is not author]
    issue.repository.touch(issue, github.now())
    return said


def merge(github: GitHubHost, issue: Issue, actor: Account) -> None:
    """Merge a pull request, and close the issues of the repository that it says it closes."""
    _pull(issue).merged_at = github.now()
    issues.edit_issue(github, issue, actor, {"state": "closed"}, may_triage=True)
    for number in {int(each) for each in _CLOSING.findall(issue.body or "")}:
        closed = issue.repository.issues.get(number)
        if closed is not None and closed.pull_request is None:
            issues.edit_issue(github, closed, actor, {"state": "closed"}, may_triage=True)


def release(
    github: GitHubHost,
    repository: Repository,
    author: Account,
    tag: str,
    *,
    name: str | None = None,
    draft: bool = False,
    prerelease: bool = False,
) -> Release:
    """Make a release, newest first in lists; a draft is published to nobody and may lack its tag."""
    now = github.now()
    made = Release(
        github.sequences.release.take(), tag, name, author, now, None if draft else now, prerelease=prerelease
    )
    repository.releases.insert(0, made)
    return made


def _pull(issue: Issue) -> PullRequest:
    if issue.pull_request is None:
        raise SandboxError(f"#{issue.number} of {issue.repository.full_name} is no pull request")
    return issue.pull_request
