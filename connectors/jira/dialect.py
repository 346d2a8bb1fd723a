"""What differs between Jira Cloud and Jira Data Center, as data."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.contract.capabilities import RateLimit


@dataclass(frozen=True, slots=True)
class Dialect:
    """One of the two REST dialects of Jira."""

    name: str
    api: str
    """Path of the REST API below the site's address."""
    account_key: str
    """The key of a user object by which the API addresses people."""
    rich_text: bool
    """Bodies are ADF documents (else wiki markup)."""
    returns_edited_issue: bool
    """`PUT issue?returnIssue=true` answers with the issue."""
    fetches_in_bulk: bool
    """`issue/bulkfetch` and `comment/list` exist, and a search returns issue properties."""
    has_parents: bool
    """`parent` is the epic or whatever is above an issue. Else it is a sub-task's issue; epics have their own field."""
    shows_no_level: bool
    """An issue without a security level shows null. Else it shows nothing of it, as where the field is hidden."""
    marks_internal_comments: bool
    """Every comment says `jsdPublic`. Data Center marks internal ones by the property `sd.public.comment` instead."""
    issue_writes: tuple[RateLimit, ...]
    """How many writes to one issue are taken within which time (developer.atlassian.com, "Rate limiting")."""


CLOUD = Dialect(
    name="cloud",
    api="/rest/api/3",
    account_key="accountId",
    rich_text=True,
    returns_edited_issue=True,
    fetches_in_bulk=True,
    has_parents=True,
    shows_no_level=True,
    marks_internal_comments=True,
    issue_writes=(RateLimit(20, 2), RateLimit(100, 30)),
)
DATA_CENTER = Dialect(
    name="datacenter",
    api="/rest/api/2",
    account_key="name",
    rich_text=False,
    returns_edited_issue=False,
    fetches_in_bulk=False,
    has_parents=False,
    shows_no_level=False,
    marks_internal_comments=False,
    issue_writes=(),
)
