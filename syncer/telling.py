"""After a run of a pair: what somebody is told of it, and what the state remembers of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from syncer.core.change import Tally
from syncer.core.telling import Ended, Reader, Telling, telling
from syncer.ledger import waiting
from syncer.store import Store


def tell(
    store: Store, tally: Tally, now: Callable[[], datetime], *, reader: Reader, say: Callable[[Telling], None]
) -> Telling:
    """Says what is to be said after a run, and then remembers it: nothing is taken as told that was not."""
    pair, busy = tally.name, tally.outcome == "busy"
    ended = Ended(
        tally, waiting=() if busy else waiting(store, pair), told=store.told(pair), now=now(),
        holder=store.holder(pair) if busy else None, reader=reader,
    )  # fmt: skip
    found = telling(ended)
    say(found)
    if store.holder(pair) is not None:  # else the state does not know the pair, and it is told again
        store.tell(pair, found.begun | found.told, ended.now)
        store.forget_told(pair, found.over & ended.told.keys())
    return found
