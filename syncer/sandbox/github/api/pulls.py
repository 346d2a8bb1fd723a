"""Routes of pull requests and their reviews."""

from __future__ import annotations

from syncer.sandbox.github.access import require_permission, visible
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.listing import Page, choice
from syncer.sandbox.github.model import Issue, PullRequest, Repository
from syncer.sandbox.github.problems import not_found
from syncer.sandbox.github.pullrendering import pull_json, review_json, whole_pull_json


def list_pulls(call: Call, repository: Repository) -> Answer:
    """Answer a page of the pull requests that a query selects.

    As documented, the newest come first by creation, and the oldest first by any other order, unless `direction` says.
    """
    _may_read(call, repository)
    state = choice(call.query, "state", "open", ("open", "closed", "all"), "PullRequest")
    sort = choice(call.query, "sort", "created", ("created", "updated"), "PullRequest")
    usual = "desc" if sort == "created" else "asc"
    direction = choice(call.query, "direction", usual, ("asc", "desc"), "PullRequest")
    found = [
        (issue, issue.pull_request)
        for issue in repository.issues.values()
        if issue.pull_request is not None and state in ("all", issue.state)
    ]
    found.sort(key=lambda each: (each[0].created_at if sort == "created" else each[0].updated_at, each[0].number))
    if direction == "desc":
        found.reverse()
    page = Page.of(call.query)
    rows = [pull_json(call.github, issue, pull) for issue, pull in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def read_pull(call: Call, repository: Repository) -> Answer:
    """Answer a pull request."""
    issue, pull = _pull(call, repository)
    return Answer(200, whole_pull_json(call.github, issue, pull))


def list_reviews(call: Call, repository: Repository) -> Answer:
    """Answer a page of the reviews of a pull request, oldest first."""
    issue, pull = _pull(call, repository)
    page = Page.of(call.query)
    rows = [review_json(call.github, issue, review) for review in page.cut(pull.reviews)]
    return list_answer(call, repository, len(pull.reviews), rows, page)


def _pull(call: Call, repository: Repository) -> tuple[Issue, PullRequest]:
    """Return the pull request a path names, or raise 404."""
    _may_read(call, repository)
    issue = repository.issues.get(call.params["number"])
    if issue is None or issue.pull_request is None:
        raise not_found()
    return issue, issue.pull_request


def _may_read(call: Call, repository: Repository) -> None:
    """Raise 404 for a repository that the caller may not see, 403 for a token without the permission."""
    if not visible(call.github, call.caller, repository):
        raise not_found()
    if repository.visibility != "public":
        require_permission(call.caller, "pull_requests")
