"""After a run of a pair: what somebody is told of it, and what the state remembers of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from syncer.core.change import Tally
from syncer.core.notification import Ended, Listener, Notification, notification_of
from syncer.core.waiting import Waiting
from syncer.store import Store
from syncer.sync.ledger import waiting


def tell(
    store: Store, tally: Tally, now: Callable[[], datetime], *, reader: Listener, say: Callable[[Notification], None]
) -> Notification:
    """Says what is to be said after a run, and then remembers it: nothing is taken as told that was not."""
    pair, busy = tally.name, tally.outcome == "busy"
    ended = Ended(
        tally, waiting=() if busy else _waiting(store, tally), told={}, now=now(),
        holder=store.pairs.holder(pair) if busy else None, reader=reader,
    )  # fmt: skip
    return _told(store, ended, home_of(store, pair), now, say)


def _waiting(store: Store, tally: Tally) -> Sequence[Waiting]:
    """What waits after a run, which looked for it itself where it came to its end."""
    return waiting(store, tally.name) if tally.waiting is None else tally.waiting


ALL = "all pairs"
"""How a pass over all pairs is called."""


def tell_of_busy_pass(
    store: Store,
    pairs: Sequence[str],
    now: Callable[[], datetime],
    *,
    reader: Listener,
    say: Callable[[Notification], None],
) -> None:
    """Says that a pass was not begun because another one is at work, where that one has stood still for long."""
    holders = [holder for pair in pairs if (holder := store.pairs.holder(pair)) is not None]
    if holders:
        newest = max(holders, key=lambda holder: holder.moved)
        ended = Ended(Tally(ALL, outcome="busy"), waiting=(), told={}, now=now(), holder=newest, reader=reader)
        _told(store, ended, (store.pairs.names()[0], f"of {ALL}: "), now, say)


def _told(
    store: Store,
    ended: Ended,
    place: tuple[str, str],
    now: Callable[[], datetime],
    say: Callable[[Notification], None],
) -> Notification:
    """What is said, by what is remembered at `place`, see `home_of`."""
    home, prefix = place
    told = {
        key.removeprefix(prefix): at for key, at in store.notifications.told(home).items() if key.startswith(prefix)
    }
    found = notification_of(replace(ended, told=told))
    say(found)
    if store.pairs.taken_at(home) is not None:  # else nothing was ever run here, and it is told again
        store.notifications.tell(home, {prefix + key for key in found.begun | found.told}, now())
        if over := {prefix + key for key in found.over & told.keys()}:
            store.notifications.forget(home, over)
    return found


def home_of(store: Store, pair: str) -> tuple[str, str]:
    """The pair under which it is remembered what was told of a pair, and what its keys begin with there.

    A pair that is refused before its first run (it may be another one under a new name) is none that the state knows.
    """
    if store.pairs.taken_at(pair) is not None or not (known := store.pairs.names()):
        return pair, ""
    return known[0], f"of {pair}: "
