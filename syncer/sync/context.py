"""What a run of one pair works with: rules, connectors, store, clock.

Assembled by `syncer.app.wiring`, replaced freely in tests.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol

from syncer.contract.connector import Connector, Expiring, RateLimited
from syncer.contract.model import Audience, Side
from syncer.core.custom_fields import misfits
from syncer.core.retention import Retention
from syncer.core.rules import Leaving, Mode, PairRules
from syncer.store import Lease, Store


class Progress(Protocol):
    """Told how far a run has come, so that a person at a terminal can be shown it."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """`done` of `total` (None when unknown) in a phase such as `reading left` or `creating tasks`."""
        ...


class Silence:
    """Progress that nobody watches."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        """Says nothing."""


class Interrupted(Exception):  # not an error: somebody asked for it
    """The run was asked to stop; everything done so far is recorded."""


class OutOfBudget(Exception):  # not an error: the next run goes on
    """A rate budget is used up; `wait` is how long until it is refilled."""

    def __init__(self, side: Side, wait: timedelta) -> None:
        super().__init__(f"the rate budget of the {side} side is used up")
        self.side = side
        self.wait = wait


class CreatesSpent(OutOfBudget):
    """What may be created on a side for now is used up, by our own count: it can be read and edited all the same."""


def utc_now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


def clock_told(context: PairContext, side: Side) -> str | None:
    """The clock of a side's tracker at its last answer, as the journal keeps it beside a create."""
    clock = context.connectors[side].clock
    return None if clock is None else clock.isoformat()


def fresh_id() -> str:
    """A new identity: sorts by time, 26 characters."""
    return f"{int(datetime.now(UTC).timestamp() * 1000):012x}{secrets.token_hex(7)}"


class Duty(Enum):
    """What a run does beside carrying what people changed. It may take long; workers do each as a job of its own."""

    SWEEP = "reads both sides completely, where the last time is too long ago"
    BACKLOG = "creates what was there before a side was first read"
    HISTORY = "asks for what happened before"


ALL_DUTIES = frozenset(Duty)


@dataclass(frozen=True, slots=True)
class KnownAudience:
    """Who can read a scope, and when its tracker said so."""

    audience: Audience
    at: datetime


@dataclass(slots=True)
class AudienceCache:
    """What trackers told lately of who can read a scope; shared by the pairs of one pass, which may be threads."""

    kept: timedelta = timedelta(seconds=60)
    _told: dict[tuple[str, str], KnownAudience] = field(default_factory=dict)
    """By credential and scope."""

    def of(self, credential: str, address: str, now: datetime) -> KnownAudience | None:
        """The answer for a scope, where one was given within the time that answers are kept."""
        told = self._told.get((credential, address))
        return told if told is not None and timedelta() <= now - told.at <= self.kept else None

    def keep(self, credential: str, address: str, told: KnownAudience) -> None:
        """Remembers an answer."""
        self._told[credential, address] = told


@dataclass(frozen=True, slots=True)
class PairContext:
    """One pair, ready to run."""

    rules: PairRules
    connectors: Mapping[Side, Connector]
    store: Store
    credentials: Mapping[Side, str]
    """The accounts behind the two sides, under which rate budgets are kept."""
    addresses: Mapping[Side, str]
    """What people call the two scopes."""
    fingerprint: str
    """Changes when the rules or scopes do."""
    without_people: str | None = None
    """Changes when the rules or scopes do in anything but the people; None where that is not told apart."""
    configured: frozenset[str] = frozenset()
    """The names of all pairs of the configuration."""
    scopes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What people call the left and the right scope of each of them."""
    formerly: tuple[str, ...] = ()
    """What the configuration says this pair was called before."""
    whole: frozenset[Side] = frozenset()
    """The sides that no filter narrows: nothing can leave them and be there still, unless it was archived."""
    filters: Mapping[Side, str] = field(default_factory=dict)
    """What narrows the scopes, in the words of their trackers."""
    leaving: Mapping[Side, Leaving] = field(default_factory=dict)
    """What becomes of a linked task that a side's filter does not admit any more; hold where nothing is said."""
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = field(default=lambda _seconds: None)
    identity: Callable[[], str] = fresh_id
    stop: Callable[[], bool] = field(default=lambda: False)
    """Asked between requests whether to end early."""
    progress: Progress = field(default_factory=Silence)
    sweep_every: timedelta = timedelta(hours=24)
    audience_every: timedelta = timedelta(minutes=10)
    """How long a run that goes on writing relies on what it was told of who can read a scope."""
    answers: AudienceCache = field(default_factory=AudienceCache)
    """What other pairs of this pass were told."""
    at_once: int = 1
    """How many requests that create may be on their way, where the tracker takes several."""
    begun: Callable[[Lease], None] = field(default=lambda _lease: None)
    """Told of the lease once a run has it."""
    duties: frozenset[Duty] = ALL_DUTIES
    """What is part of its runs beside what people changed."""
    retention: Retention = field(default_factory=Retention)
    """How long the state keeps what nothing is decided by any more."""
    patience: timedelta = timedelta(seconds=15)
    """How long a run waits for a rate budget before it ends cleanly and leaves the rest to the next one.

    Longer than a backfill waits for the minute in which it left some creates free.
    """

    def now(self, side: Side | None = None) -> datetime:
        """The time by which stored times are judged: of a side's tracker, or of the slower of both trackers.

        Taken from their last answers; the local clock stands in for a tracker that was not asked yet.
        """
        asked = [self.connectors[each].clock for each in Side if side in (None, each)]
        return min((told for told in asked if told is not None), default=self.clock())

    @property
    def name(self) -> str:
        """The name of the pair."""
        return self.rules.name

    @property
    def watches(self) -> bool:
        """Whether the pair is only read: its runs write to neither side."""
        return self.rules.mode is Mode.WATCH

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which the pair made markers: as the state knows, and as the configuration tells."""
        return (*self.store.naming.names_of(self.name), *self.formerly)

    def credentials_end(self) -> dict[str, str]:
        """When the credentials of the sides end, as their trackers told so far: by side, as ISO 8601."""
        sides = ((side, self.connectors[side]) for side in Side)
        told = {side: one.credentials_end for side, one in sides if isinstance(one, Expiring)}
        return {side.value: end.isoformat(timespec="seconds") for side, end in told.items() if end is not None}

    def lacking(self) -> dict[str, list[str]]:
        """What the rules would carry to a side whose server lacks it, as far as it was asked: by side, by field."""
        return {
            side.value: sorted(found)
            for side in Side
            if (
                found := {
                    field.value
                    for field in self.connectors[side].capabilities.lacking
                    if self.rules.rule(field).direction.writes(side)
                }
            )
        }

    def unheld(self) -> list[str]:
        """The declared fields that are not carried, each with its reason, as far as the trackers were asked."""
        able = {side: self.connectors[side].capabilities for side in Side}
        alone = [f"{name}: {self.addresses[side]} {why}" for side in Side for name, why in able[side].unheld.items()]
        return [*alone, *(f"{name}: {why}" for name, why in misfits(self.rules, able).items())]

    def rate_limited(self) -> Counter[tuple[str, str]]:
        """How often rate limits held up the connectors so far, by side and the tracker's word for the reason."""
        sides = ((side.value, self.connectors[side]) for side in Side)
        counts = ((side, one.rate_limited) for side, one in sides if isinstance(one, RateLimited))
        return Counter({(side, reason): count for side, told in counts for reason, count in told.items()})

    def check_stop(self) -> None:
        """Raises Interrupted when the run was asked to end."""
        if self.stop():
            raise Interrupted
