"""What is held because a tracker refused it: marked to be tried by the next run, whatever its pauses say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from syncer.contract.model import Observed
from syncer.core.link_reason import TRIED_AGAIN
from syncer.core.records import Link, LinkedItems, LinkState, OperationState
from syncer.core.waiting import Why
from syncer.store import Lease, Store

Chosen = Callable[[LinkedItems], bool]

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Due by any clock: pauses are judged by the trackers' clocks, which may be behind ours."""


def try_again(store: Store, lease: Lease, pair: str, chosen: Chosen = lambda _items: True) -> list[LinkedItems]:
    """Has every link decided again of which something waits, and its refused fields tried; which links these are.

    What waits for a person stays as it is: it is only looked at.
    """
    waiting = {items.link.id: items for items in store.links.waiting(pair)}
    marked = [items for items in waiting.values() if chosen(items)]
    links = [(items, _again(items.link)) for items in marked]
    store.links.save_all(lease, [link for _, link in links if link is not None])
    return [items for items, link in links if link is not None]


def refused(link: Link) -> bool:
    """Whether something of a link waits because a tracker refused it or could not be asked."""
    return _failed(link) or any(one.why is Why.REFUSED for one in link.differs)


def release_creates(
    store: Store, lease: Lease, pair: str, now: datetime, chosen: Callable[[Observed], bool]
) -> list[str]:
    """Has those refused creates tried again whose source is `chosen`; the keys of what they are made from."""
    released = []
    for operation in store.journal.open(pair, states=(OperationState.HELD,)):
        source = store.observed.get(pair, operation.side.other, operation.source)
        if source is not None and chosen(source):
            outcome = f"{operation.outcome}; tried again"
            failed = replace(operation, state=OperationState.FAILED, outcome=outcome, settled_at=now)
            store.journal.conclude(lease, failed, observed=None, link=None)
            released.append(source.key)
    return released


def _failed(link: Link) -> bool:
    """Whether the writes of a link failed, so that it is held or pauses."""
    if link.reason is None:
        return False
    return link.state is LinkState.ACTIVE or (link.state is LinkState.HELD and link.reason.because in TRIED_AGAIN)


def _again(link: Link) -> Link | None:
    """The link as the next run decides it again; None where only a person or the item's return settles it."""
    if link.state is LinkState.HELD and not _failed(link):
        return None
    differs = tuple(replace(one, retry_at=AT_ONCE) if one.why is Why.REFUSED else one for one in link.differs)
    return replace(link, state=LinkState.ACTIVE, settled={}, differs=differs, retry_at=None)
