"""Releases of a repository: tag and time of those of the last half year, and the drafts that the account may see.

GitHub lists drafts to those who may push (REST, "List releases"); they stand first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from connectors.github.client import GitHubClient
from connectors.github.mapping import Json, MalformedError, moment, part
from connectors.github.paging import PAGE, rows
from syncer.contract.code import LooseRelease, Release
from syncer.contract.roster import Unread

_MOST_PAGES: Final = 5


Told = Release | LooseRelease | Unread


def releases(client: GitHubClient, repository: str, since: datetime) -> Iterator[Told]:
    """Those published since a time, the newest first, and the drafts. One without a tag is named, too."""
    doing = f"list the releases of {repository}"
    for page in range(1, _MOST_PAGES + 1):
        body, answer = client.get(f"/repos/{repository}/releases", doing, {"per_page": PAGE, "page": page})
        told = [one for row in rows(body, doing) for one in _release(row)]
        yield from (one for one in told if not isinstance(one, Release) or one.published >= since)
        counted = [one for one in told if not isinstance(one, LooseRelease)]
        old = counted and all(isinstance(one, Release) and one.published < since for one in counted)
        if not answer.has_next or old:
            return


def _release(row: Json) -> Iterator[Told]:
    try:
        number, name = part(row, "id", int), row.get("name")
        title = name.strip() if isinstance(name, str) else ""
        if row.get("draft") is True:
            tag = row.get("tag_name")
            yield LooseRelease(str(number), tag.strip() if isinstance(tag, str) else "", title, draft=True)
        elif not part(row, "tag_name", str).strip():
            yield LooseRelease(str(number), "", title, draft=False)
            yield Unread(f"release {title or number}", "it has no tag, and is not counted")
        else:
            tag, published = part(row, "tag_name", str), moment(row, "published_at")
            yield Release(str(number), tag, published, row.get("prerelease") is True)
    except MalformedError as error:
        yield Unread(f"release {row.get('id')}", str(error))
