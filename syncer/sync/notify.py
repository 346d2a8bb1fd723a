"""After a run of a pair: what somebody is told of it, and what the state remembers of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from syncer.core.change import Tally
from syncer.core.notification import Ended, Listener, Notification, notification_of
from syncer.store import Store
from syncer.sync.ledger import waiting


def tell(
    store: Store, tally: Tally, now: Callable[[], datetime], *, reader: Listener, say: Callable[[Notification], None]
) -> Notification:
    """Says what is to be said after a run, and then remembers it: nothing is taken as told that was not."""
    pair, busy = tally.name, tally.outcome == "busy"
    home, prefix = home_of(store, pair)
    told = {
        key.removeprefix(prefix): at for key, at in store.notifications.told(home).items() if key.startswith(prefix)
    }
    found = notification_of(
        Ended(
            tally, waiting=() if busy else waiting(store, pair), told=told, now=now(),
            holder=store.pairs.holder(pair) if busy else None, reader=reader,
        )
    )  # fmt: skip
    say(found)
    if store.pairs.holder(home) is not None:  # else nothing was ever run here, and it is told again
        store.notifications.tell(home, {prefix + key for key in found.begun | found.told}, now())
        if over := {prefix + key for key in found.over & told.keys()}:
            store.notifications.forget(home, over)
    return found


def home_of(store: Store, pair: str) -> tuple[str, str]:
    """The pair under which it is remembered what was told of a pair, and what its keys begin with there.

    A pair that is refused before its first run (it may be another one under a new name) is none that the state knows.
    """
    known = store.pairs.names()
    return (pair, "") if pair in known or not known else (known[0], f"of {pair}: ")
