"""Hints: that a pair is asked to run soon, who does it, and when hints stand in the place of frequent polling.

The receiver notes a hint in the state. Whoever keeps the schedule there looks once a second and runs the pair: a daemon
by itself, the leader of the workers through the queue. Cron has nobody who looks, and runs at its own times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from syncer.app.scheduler import is_due
from syncer.contract.model import Side
from syncer.core.amounts import span
from syncer.settings.cron import Cron
from syncer.store import Store
from syncer.store.hints import HeardOf

ALIVE = timedelta(minutes=2)
"""A receiver gives a sign every half a minute."""
SETTLING = timedelta(minutes=15)
"""After a delivery a pair is polled as often as without hooks: an index that lags may show the change only then."""
BUSY_PAUSE = timedelta(seconds=10)
"""When a run that met another one of its pair is tried again."""
WHOLE = frozenset({"clean", "held"})


@dataclass(frozen=True, slots=True)
class RarePolling:
    """When a pair is polled as long as hooks tell of its changes."""

    pair: str
    cron: Cron
    zone: tzinfo
    silent_after: timedelta
    """A side that was not heard from for so long may have lost its hook."""

    def rests(self, store: Store, now: datetime) -> bool:
        """Whether a poll that is due now is left out: hooks are at work, and the next rare poll is not due."""
        if self.doubt(store, now):
            return False
        taken = store.pairs.taken_at(self.pair)
        return taken is not None and not is_due(self.cron, self.zone, taken, now)

    def doubt(self, store: Store, now: datetime) -> str:
        """Why hooks cannot be relied on now; empty where they can.

        A receiver is alive, both sides were heard from lately and not just now, and the last run left nothing to do.
        """
        if not any(abs(now - one.at) < ALIVE for one in store.hints.receivers()):
            return "no receiver is at work (syncer hooks)"
        heard = store.hints.heard([self.pair]).get(self.pair, HeardOf()).at
        for side in Side:
            if side not in heard:
                return f"no webhook told of the {side.value} side yet"
            if now - heard[side] > self.silent_after:
                return f"no webhook told of the {side.value} side for {span(now - heard[side])}"
        if now - max(heard.values()) < SETTLING:
            return f"something changed {span(now - max(heard.values()))} ago"
        last = next(iter(store.pairs.runs(self.pair, limit=1)), None)
        whole = last is not None and last.outcome in WHOLE and not last.result.get("remaining")
        return "" if whole else "its last run left something to do"

    def counts(self, cron: Cron, store: Store, now: datetime) -> Cron:
        """By which times the pair is polled now: the rare ones, or else `cron`."""
        return cron if self.doubt(store, now) else self.cron


def ask(store: Store, pairs: Mapping[str, HeardOf], now: datetime) -> None:
    """Asks that pairs run soon, because of what was heard of them. The one way in for whoever receives hints."""
    store.hints.ask(pairs, now)


def asked(store: Store, now: datetime, among: Sequence[str]) -> list[str]:
    """Those of the pairs that are asked to run now; what others were asked for stays for whoever knows them."""
    return [pair for pair in store.hints.waiting(now) if pair in among]
