"""Pull requests and releases of one pair, as the evaluation sees them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from syncer.contract.code import PullRequest, Release


@dataclass(frozen=True, slots=True)
class PairCode:
    """What the trackers of one pair tell of the code; a pair of which nobody asked has none."""

    pair: str
    pulls: tuple[PullRequest, ...] = ()
    releases: tuple[Release, ...] = ()


def proposed(code: Iterable[PairCode], at: datetime) -> Iterator[PullRequest]:
    """The pull requests that were there at a moment and that somebody was to look at."""
    return (pull for one in code for pull in one.pulls if pull.opened <= at and not pull.draft)


def reviewed_at(pull: PullRequest, at: datetime) -> datetime | None:
    """When it was first reviewed, as known at a moment."""
    return pull.reviewed if pull.reviewed is not None and pull.reviewed <= at else None


def ended_at(pull: PullRequest, at: datetime) -> datetime | None:
    """When it was merged or closed, as known at a moment."""
    return pull.closed if pull.closed is not None and pull.closed <= at else None


def published(code: PairCode, since: datetime, at: datetime) -> list[Release]:
    """The releases for everybody after one moment and up to another, the oldest first."""
    found = [one for one in code.releases if since < one.published <= at and not one.preliminary]
    return sorted(found, key=lambda one: (one.published, one.native))
