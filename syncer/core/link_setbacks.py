"""The link after a write that failed: tried again, ever later, held for a person, or saying its last word again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from syncer.contract.errors import Gone
from syncer.contract.model import Field
from syncer.core.change import Update
from syncer.core.link_reason import OFF_ROUTE, Because, LinkReason
from syncer.core.records import Link, LinkState
from syncer.core.trusted_time import LONGEST_BACKOFF
from syncer.core.waiting import Why

GIVE_UP_AFTER = 8
"""Failed applications of one link in a row; it is held then."""


def put_off(link: Link, outcome: str, wait: timedelta | None, now: datetime) -> Link:
    """The link that waits for a limit of its item: no failure, neither of the item nor of the tracker."""
    wait = min(wait or timedelta(minutes=1), LONGEST_BACKOFF)
    return replace(link, retry_at=now + wait, reason=LinkReason(Because.FAILED, detail=outcome), settled={})


def backed_off(link: Link, outcome: str, now: datetime) -> Link:
    """The link after one more failure: tried again, ever later, until it is held."""
    attempts = link.attempts + 1
    if attempts >= GIVE_UP_AFTER:
        given_up = LinkReason(Because.GAVE_UP, detail=outcome, attempts=attempts)
        return replace(link, state=LinkState.HELD, reason=given_up, attempts=attempts)
    wait = min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_BACKOFF)
    return put_off(replace(link, attempts=attempts), outcome, wait, now)


def not_said(before: Link, link: Link) -> Link:
    """The link after a last word that did not arrive: it is said again, unless it was given up."""
    if before.reason is not None and before.reason.because in OFF_ROUTE:
        return before
    given_up = link.reason is not None and link.reason.because is Because.GAVE_UP
    return link if given_up else replace(link, state=LinkState.ACTIVE)


def unseen(link: Link) -> frozenset[Field]:
    """The fields of which a side has not shown yet what was written to it."""
    unseen = (name for fields in link.memory.pending.values() for name in fields)
    refused = (one.field for one in link.differs if one.why is Why.REFUSED)
    return frozenset({*unseen, *refused})


def goes_on(failed: Link, link: Link) -> bool:
    """Whether a link is neither held nor put off after a write that failed."""
    return failed.state is LinkState.ACTIVE and failed.attempts == link.attempts


def unseen_on(update: Update, link: Link, error: Gone) -> Link:
    """The link of an item that was moved away or cannot be seen any more."""
    because = Because.MOVED if error.moved_to else Because.UNSEEN
    return replace(
        link, state=LinkState.HELD, reason=LinkReason(because, update.target.key, update.side, error.moved_to)
    )
