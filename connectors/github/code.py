"""What GitHub tells of the code of a repository: pull requests since the last reading, releases of half a year."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from connectors.github.client import GitHubClient
from connectors.github.mapping import MalformedError, instant
from connectors.github.paging import stamp
from connectors.github.pulls import changed_pulls, pull_requests
from connectors.github.releases import releases
from syncer.contract.code import RELEASES, RELEASES_OF, CodeReading, LooseRelease, PullRequest, Release
from syncer.contract.errors import Denied, Gone
from syncer.contract.model import Cursor
from syncer.contract.roster import Unread

_T = TypeVar("_T")

FIRST_LOOK: Final = timedelta(days=70)
"""How far the first reading of pull requests goes back: four weeks, and the five with which they are compared."""
TOLD: Final = 2
"""What a reading tells of a pull request, as a number: what told less before is read once more. 2: title and page."""


def code(
    client: GitHubClient, repository: str, since: Cursor | None, known: Mapping[str, PullRequest], now: datetime
) -> CodeReading:
    """What changed since a cursor. A part that the token may not read is named."""
    unread: list[Unread] = []
    start = _position(since) or now - FIRST_LOOK
    reached, pulls = start, list[PullRequest]()
    for changed, told in _allowed("pull requests", unread, lambda: _pulls(client, repository, start, known)):
        reached = max(reached, changed)
        (pulls if isinstance(told, PullRequest) else unread).append(told)  # type: ignore[arg-type]  # each its own list
    told_of = list(_allowed(RELEASES, unread, lambda: releases(client, repository, now - RELEASES_OF)))
    readable = all(left.part != RELEASES for left in unread)
    published = tuple(one for one in told_of if isinstance(one, Release))
    loose = tuple(one for one in told_of if isinstance(one, LooseRelease))
    unread += [one for one in told_of if isinstance(one, Unread)]
    cursor = Cursor(json.dumps({"pulls": stamp(reached), "told": TOLD}))
    return CodeReading(cursor, tuple(pulls), published if readable else None, loose, tuple(unread))


def _pulls(
    client: GitHubClient, repository: str, start: datetime, known: Mapping[str, PullRequest]
) -> Iterator[tuple[datetime, PullRequest | Unread]]:
    return pull_requests(client, repository, changed_pulls(client, repository, start), known)


def _allowed(name: str, unread: list[Unread], ask: Callable[[], Iterator[_T]]) -> Iterator[_T]:
    """What is told, as far as the token may read it."""
    try:
        yield from ask()
    except (Denied, Gone) as error:
        if isinstance(error, Denied) and error.credentials:
            raise
        remedy = f" {error.remedy}" if isinstance(error, Denied) and error.remedy else ""
        unread.append(Unread(name, f"{error}{remedy}"))


def _position(since: Cursor | None) -> datetime | None:
    """Where the last reading of pull requests ended; None where that is not known, or where it told less."""
    try:
        last = {} if since is None else json.loads(since)
        return instant(last["pulls"], "pulls") if last.get("told") == TOLD else None
    except (ValueError, KeyError, TypeError, AttributeError, MalformedError):
        return None
