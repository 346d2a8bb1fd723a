"""Rate budgets: how much of what a credential may do was used, shared by every process on this state.

Why a record of each use instead of a bucket: the limits are "at most N within any T seconds"; a bucket that refills
evenly allows up to twice that around a pause. The rows of one hour are a few thousand at most.

A backfill takes what people leave: of each limit it keeps a reserve free and as much again as people used of it lately,
and the pairs whose backfills ask one credential share the rest of the longest limit evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from syncer.contract.capabilities import RateLimit
from syncer.core.trusted_time import TOLERANCE
from syncer.store.database import Database
from syncer.store.part import StorePart
from syncer.store.schema.writes import backfills, budget_uses, budgets

KEPT = timedelta(hours=1)
"""Uses are forgotten after this or the longest limit, whichever is longer."""


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How much of a limit is used. `next_at`: when one more is certainly possible (now, where it is already)."""

    limit: RateLimit
    used: int
    next_at: datetime


class Budgets(StorePart):
    """What may still be sent, by credential."""

    def take(
        self,
        credential: str,
        limits: Sequence[RateLimit],
        *,
        creates: int,
        now: datetime,
        backfill: str | None = None,
    ) -> timedelta | None:
        """None when one operation that creates `creates` items keeps every limit; else how long to wait.

        What is granted is counted. Atomic among all processes. A batch larger than a limit is granted when nothing else
        is counted against it. `backfill`: the pair whose backlog it is part of, which leaves room for what is new.
        """
        stated = [[limit.amount, limit.seconds, limit.creates_only] for limit in limits]
        insert = self._database.insert(budgets).values(credential=credential, limits=stated)
        # Also locks the credential's row, so that on PostgreSQL too only one process counts at a time.
        upsert = insert.on_conflict_do_update(index_elements=["credential"], set_={"limits": insert.excluded.limits})
        mine = budget_uses.c.credential == credential
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(upsert)
            # A use in the future was counted before the clock was set back: from now on it is as if it were now.
            connection.execute(update(budget_uses).where(mine, budget_uses.c.at > now + TOLERANCE).values(at=now))
            waits = [_wait(connection, credential, limit, creates, now) for limit in limits]
            if backfill is not None:
                turn = _Turn(connection, credential, backfill, now)
                turn.ask(self._database)
                waits += turn.waits(limits, creates)
            wait = max(waits, default=timedelta())
            if wait > timedelta():
                return wait
            longest = max([KEPT, *(timedelta(seconds=limit.seconds) for limit in limits)])
            connection.execute(delete(budget_uses).where(mine, budget_uses.c.at <= now - longest))
            use = {"credential": credential, "at": now, "creates": creates, "backfill": backfill}
            connection.execute(budget_uses.insert().values(use))
        return None

    def backfilled(self, credential: str, pair: str) -> None:
        """Records that a pair has no backlog left for a credential: the others share what it was given."""
        mine = backfills.c.credential == credential, backfills.c.pair == pair
        with self._database.reading() as connection:
            asked = connection.scalar(select(backfills.c.asked_at).where(*mine))
        if asked is not None:
            with self._database.transaction(of_no_pair=True) as connection:
                connection.execute(delete(backfills).where(*mine))

    def used(self, credential: str, now: datetime) -> list[BudgetUse]:
        """How much is used of each limit that was last asked for; empty when none ever was."""
        with self._database.reading() as connection:
            stated = connection.scalar(select(budgets.c.limits).where(budgets.c.credential == credential)) or []
            uses = []
            for amount, seconds, creates_only in stated:
                limit = RateLimit(amount, seconds, creates_only)
                wait = _wait(connection, credential, limit, 1, now)
                uses.append(BudgetUse(limit, _used(connection, credential, limit, now), now + wait))
            return uses

    def credentials(self) -> list[str]:
        """Every credential that ever took from its budget."""
        with self._database.reading() as connection:
            return list(connection.scalars(select(budgets.c.credential).order_by(budgets.c.credential)))


@dataclass(frozen=True, slots=True)
class _Turn:
    """What the backfill of one pair may take."""

    connection: Connection
    credential: str
    pair: str
    now: datetime

    def ask(self, database: Database) -> None:
        """Records that the pair has a backlog; whoever did not ask for long has none any more."""
        insert = database.insert(backfills).values(credential=self.credential, pair=self.pair, asked_at=self.now)
        asked = insert.on_conflict_do_update(index_elements=["credential", "pair"], set_={"asked_at": self.now})
        self.connection.execute(asked)
        self.connection.execute(delete(backfills).where(backfills.c.asked_at <= self.now - KEPT))

    def waits(self, limits: Sequence[RateLimit], creates: int) -> list[timedelta]:
        """How long until the operation leaves of each limit what it must."""
        counted = [limit for limit in limits if limit.creates_only]
        found = []
        for limit in counted:
            left = replace(limit, amount=max(limit.amount - limit.reserve - self._by_people(limit), 0))
            found.append(_wait(self.connection, self.credential, left, creates, self.now))
            if limit.seconds == max(one.seconds for one in counted) and (pairs := self._asking()) > 1:
                share = replace(left, amount=ceil(left.amount / pairs))
                mine = budget_uses.c.backfill == self.pair
                found.append(_wait(self.connection, self.credential, share, creates, self.now, mine))
        return found

    def _by_people(self, limit: RateLimit) -> int:
        return _used(self.connection, self.credential, limit, self.now, budget_uses.c.backfill.is_(None))

    def _asking(self) -> int:
        query = select(func.count()).where(backfills.c.credential == self.credential)
        return int(self.connection.scalar(query) or 0)


def _used(connection: Connection, credential: str, limit: RateLimit, now: datetime, *which: ColumnElement[bool]) -> int:
    """What counts against a limit now, of all uses or of some."""
    counted = func.sum(budget_uses.c.creates) if limit.creates_only else func.count()
    recent = budget_uses.c.credential == credential, budget_uses.c.at > now - timedelta(seconds=limit.seconds)
    return int(connection.scalar(select(func.coalesce(counted, 0)).where(*recent, *which)) or 0)


def _wait(
    connection: Connection, credential: str, limit: RateLimit, creates: int, now: datetime, *which: ColumnElement[bool]
) -> timedelta:
    """How long until an operation keeps a limit, counting all uses or some; zero when it does now."""
    needed = creates if limit.creates_only else 1
    excess = _used(connection, credential, limit, now, *which) + needed - limit.amount
    if needed == 0 or excess <= 0:
        return timedelta()
    window = timedelta(seconds=limit.seconds)
    query = (
        select(budget_uses.c.at, budget_uses.c.creates)
        .where(budget_uses.c.credential == credential, budget_uses.c.at > now - window, *which)
        .order_by(budget_uses.c.at)
    )
    free_at = now
    for at, created in connection.execute(query):
        # A use in the future was counted before our clock was set back: it is as if it were now.
        free_at = min(at, now) + window
        excess -= created if limit.creates_only else 1
        if excess <= 0:
            break
    return free_at - now
