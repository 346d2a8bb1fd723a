"""What somebody is told after a run: news at once, what stops a pair once a day, an outage when it lasts.

Why so sparing: cron mails every line. A line that comes every five minutes is filtered away, and then the one that
matters is not read either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b

from syncer.core.amounts import moment, span
from syncer.core.change import Tally
from syncer.core.records import Holder
from syncer.core.waiting import Waiting

LASTING = timedelta(minutes=30)
"""An outage that is shorter, or a run of another process that is younger, concerns nobody."""
STILL = timedelta(minutes=10)
"""A run that left no trace for so long does not move."""
AGAIN = timedelta(days=1)
"""When what goes on stopping a pair is told again."""
SHOWN = 10
"""How many new items are told one by one."""

BEGUN, LASTED, BUSY = "outage:begun", "outage:told", "busy"
"""Keys in `told`."""
STOP, WAITS = "stop:", "waits:"
"""What keys in `told` begin with: of a cause that stops a pair, and of a `Waiting` before its own key."""


class Listener(Enum):
    """Who reads what a run says."""

    LATER = "later"
    """Whoever gets cron's mail, or looks into a log."""
    NOW = "now"
    """A person at a terminal. Everything is shown, and nothing counts as told: the next run may be cron's."""
    PROGRAM = "program"
    """It gets how each run ended, so what goes on stopping a pair is not told besides; what is new is."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of a pair, with all that decides what is told of it."""

    tally: Tally
    waiting: Sequence[Waiting]
    told: Mapping[str, datetime]
    now: datetime
    holder: Holder | None = None
    """Who holds the pair, where the run met another one."""
    reader: Listener = Listener.LATER

    @property
    def watched(self) -> bool:
        """Whether somebody looks at it."""
        return self.reader is Listener.NOW

    @property
    def reached(self) -> bool:
        """Whether the run has read both sides."""
        done = self.tally.complete or self.tally.outcome == "refused" or self.tally.remaining or self.tally.writes
        return bool(done) and not self.tally.outage

    @property
    def stopped(self) -> bool:
        """Whether something ended the run that a person has to set right."""
        stuck = self.tally.outcome == "partial" and not self.tally.outage and not self.tally.complete
        return stuck or self.tally.outcome in {"refused", "denied"}

    def due(self, key: str) -> bool:
        """Whether it was not told for a day, or never; a time to come is none (the clock was wrong)."""
        at = self.told.get(key)
        return at is None or at > self.now or self.now - at >= AGAIN


@dataclass(frozen=True, slots=True)
class Notification:
    """What is said after a run of a pair, and what is remembered of it."""

    aloud: bool = False
    """Whether the sentence about the run itself is for somebody."""
    lines: tuple[str, ...] = ()
    """What is said besides."""
    news: tuple[Waiting, ...] = ()
    """What needs a person and nobody was told of."""
    told: frozenset[str] = frozenset()
    """Keys of what is told by it."""
    begun: frozenset[str] = frozenset()
    """Keys of what began with this run, told or not."""
    over: frozenset[str] = frozenset()
    """Keys to forget."""

    def __add__(self, other: Notification) -> Notification:
        """Both, in this order."""
        return Notification(
            aloud=self.aloud or other.aloud, lines=self.lines + other.lines, news=self.news + other.news,
            told=self.told | other.told, begun=self.begun | other.begun, over=self.over | other.over,
        )  # fmt: skip


def notification_of(ended: Ended) -> Notification:
    """What is said after a run, and what is remembered."""
    if ended.tally.outcome == "busy":
        return _busy(ended)
    found = _stop(ended) + _outage(ended)
    if ended.reader is Listener.PROGRAM:
        found = Notification(begun=found.begun, over=found.over)
    found += _news(ended)
    return replace(found, told=frozenset() if ended.watched else found.told, over=found.over | {BUSY})


def unannounced(waiting: Sequence[Waiting], told: Mapping[str, datetime]) -> tuple[Waiting, ...]:
    """What needs a person and nobody was told of."""
    return tuple(one for one in waiting if one.needs_a_person and WAITS + one.key not in told)


def _busy(ended: Ended) -> Notification:
    """Silent while the other run is young and moves: the usual case of a first sync that outlasts its schedule."""
    holder = ended.holder
    if (
        holder is None
        or ended.reader is Listener.PROGRAM
        or (ended.now - holder.since < LASTING and ended.now - holder.moved < STILL)
    ):
        return Notification(aloud=ended.watched)
    if not ended.watched and not ended.due(BUSY):
        return Notification()
    line = (
        f"{ended.tally.name}: process {holder.pid} on {holder.host} has worked on it since {moment(holder.since)}"
        f" ({span(ended.now - holder.since)}); its last trace is {span(ended.now - holder.moved)} old."
        f" If it hangs, end it (kill {holder.pid}): the next run goes on from there."
    )
    return Notification(lines=(line,), told=frozenset() if ended.watched else frozenset({BUSY}))


def _stop(ended: Ended) -> Notification:
    """What stops a pair: at once, and again once a day."""
    if ended.tally.outcome in {"failed", "interrupted"}:
        return Notification(aloud=True)
    if not ended.stopped:
        return Notification(over=_keys(ended, STOP) if ended.reached else frozenset())
    key = f"{STOP}{ended.tally.outcome}:{cause_of(ended.tally.message)}"
    if not ended.due(key):
        return Notification(aloud=ended.watched)
    return Notification(aloud=True, told=frozenset({key}))


def _outage(ended: Ended) -> Notification:
    """A tracker that does not answer: one line when that has lasted, in two runs at least, and one when it is over."""
    name, begun = ended.tally.name, ended.told.get(BEGUN)
    lasted = timedelta(0) if begun is None else ended.now - begun
    if ended.tally.outage:
        if begun is None or begun > ended.now:
            return Notification(aloud=ended.watched, begun=frozenset({BEGUN}))
        if ended.watched or LASTED in ended.told or lasted < LASTING:
            return Notification(aloud=ended.watched)
        line = (
            f"{name}: out of reach since {moment(begun)} ({span(lasted)}): {ended.tally.message}."
            " Every run tries again; you are told when it is over."
        )
        return Notification(lines=(line,), told=frozenset({LASTED}))
    if begun is None or not ended.reached:
        return Notification()
    line = f"{name}: in reach again. It was out of reach from {moment(begun)} on ({span(lasted)})."
    return Notification(lines=(line,) if LASTED in ended.told else (), over=frozenset({BEGUN, LASTED}))


def _news(ended: Ended) -> Notification:
    """What waits for a person and is new, item by item; what waits no more is forgotten."""
    news = unannounced(ended.waiting, ended.told)
    over = _keys(ended, WAITS) - {WAITS + one.key for one in ended.waiting}
    keys = frozenset(WAITS + one.key for one in news)
    return Notification(lines=_lines(ended.tally.name, news), news=news, told=keys, over=over)


def _lines(pair: str, news: Sequence[Waiting]) -> tuple[str, ...]:
    if not news:
        return ()
    count = f"{len(news)} new items need" if len(news) > 1 else "1 new item needs"
    hidden = f" ({len(news) - SHOWN} of them not shown)" if len(news) > SHOWN else ""
    total = f"{pair}: {count} a person{hidden}. Everything that waits: syncer status --pair {pair}"
    lines = (line_of(one.item, one.field, one.reason, one.settle) for one in news[:SHOWN])
    return (*(f"{pair}: {line}" for line in lines), total)


def line_of(item: str, field: str | None, reason: str, settle: str) -> str:
    """What waits on one line: the item, its field, the reason, and the command that settles it or else tells more."""
    what = item if field is None else f"{item}, {field}"
    key = item.partition(" = ")[0].removeprefix("comment on ")
    look = "" if " " in key else f"Look: syncer explain {key}"
    return f"{what}: {reason.rstrip('.')}. {f'Settle: {settle}' if settle else look}".rstrip()


def _keys(ended: Ended, *beginnings: str) -> frozenset[str]:
    return frozenset(key for key in ended.told if key.startswith(beginnings))


def cause_of(message: str) -> str:
    """The same for messages that differ in their numbers only: 12 closes, then 13, are one cause."""
    return blake2b(re.sub(r"\d+", "0", message).encode("utf-8", "replace"), digest_size=6).hexdigest()
