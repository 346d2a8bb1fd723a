"""Releases of a repository, read for the evaluation: tag and time of those of the last half year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, MalformedError, moment, part
from connectors.github.paging import PAGE, rows
from syncer.contract.code import Release
from syncer.contract.roster import Unread

_MOST_PAGES: Final = 5


def releases(client: GitHubClient, repository: str, since: datetime) -> Iterator[Release | Unread]:
    """Those published since a time, the newest first. A draft is no release; one without a tag is named."""
    doing = f"list the releases of {repository}"
    for page in range(1, _MOST_PAGES + 1):
        body, answer = client.get(f"/repos/{repository}/releases", doing, {"per_page": PAGE, "page": page})
        told = [_release(row) for row in rows(body, doing) if row.get("draft") is not True]
        yield from (one for one in told if isinstance(one, Unread) or one.published >= since)
        if not answer.has_next or all(isinstance(one, Release) and one.published < since for one in told):
            return


def _release(row: Json) -> Release | Unread:
    try:
        number = part(row, "id", int)
        tag = part(row, "tag_name", str)
        if not tag.strip():
            return Unread(f"release {row.get('name') or number}", "it has no tag, and is not counted")
        return Release(str(number), tag, moment(row, "published_at"), row.get("prerelease") is True)
    except MalformedError as error:
        return Unread(f"release {row.get('id')}", str(error))
