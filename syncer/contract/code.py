"""Pull requests and releases: what a tracker tells of the code that tasks are about.

Optional parts of a connector. One reads, at most once an hour, for the evaluation and for tasks; the other shows a pull
request with a task, where a pair wants that (`pull-requests`). Nothing else of it is carried, nothing written to code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from syncer.contract.model import Category, Cursor, Ref, Status
from syncer.contract.roster import Unread

MOST_NAMED = 20
"""A pull request that names more tasks is the work on none of them: a merge of a whole branch, a release."""


RELEASES_OF: Final = timedelta(days=180)
"""How long ago a release may have been published that a reading still tells of."""
RELEASES: Final = "releases"
"""`Unread.part` where the releases as a whole could not be read."""
RELEASED: Final = Status("released", Category.DONE)
"""What a version shows that was given to users; trackers without versions have no status of that name."""


class PullState(StrEnum):
    """How far a pull request has come, in the words people read."""

    DRAFT = "draft"
    OPEN = "open"
    """Nobody but its author has reviewed it yet."""
    IN_REVIEW = "in review"
    MERGED = "merged"
    CLOSED = "closed"
    """Without being merged."""

    @property
    def over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self in {PullState.MERGED, PullState.CLOSED}


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
    title: str = ""
    url: str = ""
    """Its page. Title and page are empty where a former version read it."""

    @property
    def state(self) -> PullState:
        """How far it has come."""
        if self.merged is not None:
            return PullState.MERGED
        if self.closed is not None:
            return PullState.CLOSED
        if self.draft:
            return PullState.DRAFT
        return PullState.OPEN if self.reviewed is None else PullState.IN_REVIEW


@dataclass(frozen=True, slots=True)
class Release:
    """A version that was given to users."""

    native: str
    tag: str
    published: datetime
    preliminary: bool = False
    """For trial, not for everybody."""


@dataclass(frozen=True, slots=True)
class LooseRelease:
    """A release that counts as none: a draft, or one without a tag."""

    native: str
    tag: str
    """Empty where it has none."""
    name: str
    """Its title; may be empty."""
    draft: bool
    """Nobody sees it but those who may publish it."""


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What one reading tells, beside what was told before."""

    cursor: Cursor
    """Where the next reading goes on."""
    pulls: tuple[PullRequest, ...] = ()
    """Those that changed, or were not told before."""
    releases: tuple[Release, ...] | None = ()
    """All of the last half year (`RELEASES_OF`); None where they could not be read: what was told before stays."""
    loose: tuple[LooseRelease, ...] = ()
    """Those that count as none, as far as the account can see them."""
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


@runtime_checkable
class VersionReleaser(Protocol):
    """A connector whose tracker has versions: `update` with the status `RELEASED` and a due date releases one."""

    def cannot_release(self) -> str:
        """Why the account may not change versions; empty where it may. One request. Raises TrackerError."""
        ...


@dataclass(frozen=True, slots=True)
class PullLink:
    """What a task shows of a pull request: a link of ours, beside its text."""

    id: str
    """Our name of it, the same for ever; at most 255 characters."""
    url: str
    title: str
    """Key and title, at most 255 characters."""
    state: PullState


@runtime_checkable
class PullShower(Protocol):
    """A connector whose tracker keeps links to pages with a task, each under a name of our own."""

    def show_pull(self, task: Ref, link: PullLink) -> None:
        """Shows a link with a task, in place of the one that has its name. Raises TrackerError."""
        ...

    def hide_pull(self, task: Ref, name: str) -> None:
        """Takes the link of a name away; nothing where there is none. Raises TrackerError."""
        ...
