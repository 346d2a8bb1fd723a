"""What can be set about a sandbox's GitHub: limits, and answers that the vendor's documents leave open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CommentChange = Literal["created", "edited", "deleted"]


@dataclass(slots=True)
class Behaviour:
    """Settings of one GitHub; change an attribute at any time, the next request follows it.

    Limits are those of github.com's documents (see `limits`); None switches one off, and a GitHub without a primary
    limit answers `/rate_limit` with 404 as Enterprise Server does. Not documented, or reported in several ways, are
    whether an edited or deleted comment changes its issue's `updated_at`, and what becomes of NUL in text, of logins
    that cannot be assigned, and of a transferred issue's id: the defaults are what is usually reported.
    """

    primary_limit: int | None = 5_000
    anonymous_limit: int = 60
    content_per_minute: int | None = None
    content_per_hour: int | None = None
    comment_changes_that_bump: frozenset[CommentChange] = frozenset({"created", "edited", "deleted"})
    nul: Literal["strip", "reject"] = "strip"
    unassignable: Literal["drop", "reject"] = "reject"
    transfer_keeps_id: bool = False
    field_changes_bump: bool = True
    """Whether setting an issue field moves the time of the issue; no document tells."""
    patch_sets_all_fields: bool = True
    """Whether an update takes away the values of fields that it does not name, as GitHub's own client has it."""
    removed_option: Literal["taken away", "kept"] = "taken away"
    """What becomes of values whose option is removed; no document tells."""
    issues_off: Literal["refused", "pull requests"] = "refused"
    """What the list of issues answers where issues are switched off: 410, or the pull requests there are."""
    board_text: Literal["plain", "formatted"] = "plain"
    """How an item of a board shows a text: as it is, or as an object with its Markdown and HTML."""
    added_twice: Literal["the item", "refused"] = "the item"
    """What putting an issue on a board answers where it is there already."""
    title_limit: int = 256
    body_limit: int = 65_536
    assignee_limit: int = 10
    api_versions: tuple[str, ...] = ("2022-11-28", "2026-03-10")
    """The versions of the interface that are served, oldest first; a request that names none gets the first."""
    enterprise_version: str = ""
    """Of an Enterprise Server, `3.17.0`; github.com and GHE.com have none."""
