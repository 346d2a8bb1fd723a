"""What tools that mirror issues leave in them, by name: a line that leads to the other item, a head above a comment.

A line only says where to look: what it leads to is the key or address that stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MirrorTool:
    """One tool, and what it writes."""

    name: str
    source: str
    """Where its words were read."""
    line: re.Pattern[str] | None = None
    """Found in the line of a text that names the item on the other side."""
    shared: re.Pattern[str] | None = None
    """Its first group is an id of the tool's own, the same on both sides."""
    comment: re.Pattern[str] | None = None
    """What stands above the words of a mirrored comment."""


def _line(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


def _head(words: str) -> re.Pattern[str]:
    return re.compile(rf"\A\s*{words}[ \t]*\n+", re.IGNORECASE)


TOOLS: Final = (
    MirrorTool(
        "jirahub",
        "spacetelescope/jirahub, jirahub/jirahub.py: make_mirror_issue_body, make_mirror_comment_body",
        line=_line(r"(?<![^\W_])Issue\b.{1,300}\bwas created on \w+ by\b"),
        comment=_head(r"_?Comment by [^\n]{1,300} on [^\n]{1,300}:_?"),
    ),
    MirrorTool(
        "Sync2Jira",
        "release-engineering/Sync2Jira, sync2jira/downstream_issue.py: _build_description, _comment_format",
        line=_line(r"\bUpstream URL:|\bCreating issue for\b"),
        comment=_head(r"(?:\[\w+\] )?Upstream, [^\n]{1,200} wrote(?: \[[^\]\n]{1,40}\])?:"),
    ),
    MirrorTool(
        "Unito",
        "texts of public issues that Unito keeps in step, and of its comments there",
        line=_line(r"┆\s*\w+ is synchronized with this\b"),
        comment=_head(r"➤[^\n]{1,200} commented:"),
    ),
    MirrorTool(
        "Exalate",
        "docs.exalate.com: getRemoteIssueUrl, remote issue links; docs.idalko.com: Relations, link type",
        line=_line(r"\bexalated?\b|\bremote (?:issue|entity)(?: url| key| link)?\s*:"),
        comment=_head(r"\[?[^\n\]]{1,120}\]? commented(?: on [^\n]{1,80})?:"),
    ),
    MirrorTool(
        "git-bug",
        "git-bug/git-bug, bridge/jira/jira.go: create-issue-gitbug-id, which fills a field with the id of the bug",
        shared=_line(r"\bgit-?bug(?:[ -]?id)?[:=\s]{1,3}([0-9a-f]{7,64})\b"),
    ),
    MirrorTool(
        "sync-jira-actions",
        "espressif/github-actions, sync_issues_to_jira/README.md: the key behind the title, a remote link",
        line=_line(r"\bsynced from\b"),
    ),
)
"""The tools that are known. What they have in common besides (remote links, keys in titles and labels) needs no row."""

_BY_HAND: Final = _head(r"[^\n]{1,120}\b(?:wrote|commented|said)\b[^\n]{0,60}:")
"""What people write above a comment that they copy."""


def without_head(comment: str) -> str:
    """The words of a comment without what a tool, or a person who copied it, wrote above them."""
    for head in (*(tool.comment for tool in TOOLS if tool.comment is not None), _BY_HAND):
        found = head.match(comment)
        if found is not None:
            return comment[found.end() :]
    return comment
