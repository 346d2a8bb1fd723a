"""Pull requests and releases: what a tracker tells of the code that tasks are about.

An optional part of a connector, read for the evaluation at most once an hour. Nothing of it is carried or written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from syncer.contract.model import Cursor
from syncer.contract.roster import Unread

MOST_NAMED = 20
"""A pull request that names more tasks is the work on none of them: a merge of a whole branch, a release."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A change of code that somebody proposes, as it was when it was last read."""

    native: str
    """The tracker's id, which never changes."""
    key: str
    """What people call it: `acme/pay#31`."""
    opened: datetime
    author: str | None = None
    """The account; None where it was deleted."""
    draft: bool = False
    """Nobody is asked to look at it yet."""
    reviewed: datetime | None = None
    """When somebody else than its author first reviewed it."""
    merged: datetime | None = None
    closed: datetime | None = None
    """When it ended, merged or not."""
    tasks: tuple[str, ...] = ()
    """Keys of the tasks that it says it is about, at most `MOST_NAMED`."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version that was given to users."""

    native: str
    tag: str
    published: datetime
    preliminary: bool = False
    """For trial, not for everybody."""


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What one reading tells, beside what was told before."""

    cursor: Cursor
    """Where the next reading goes on."""
    pulls: tuple[PullRequest, ...] = ()
    """Those that changed, or were not told before."""
    releases: tuple[Release, ...] = ()
    """All of the last half year."""
    unread: tuple[Unread, ...] = field(default=())
    """What was left out or could not be read, and why."""


@runtime_checkable
class CodeTeller(Protocol):
    """A connector whose tracker knows of the code."""

    @property
    def tells_code(self) -> bool:
        """Whether its settings want the code to be read."""
        ...

    def code(self, since: Cursor | None, known: Mapping[str, PullRequest]) -> CodeReading:
        """What changed since a cursor; without one, what happened lately. `known` was told before, by native id.

        Costs a bounded number of requests: what is not reached goes on with the next reading. Raises TrackerError only
        where the tracker itself fails.
        """
        ...
