"""Rate budgets: how much of what a credential may do was used, shared by every process on this state.

Why a record of each use instead of a bucket: the limits are "at most N within any T seconds"; a bucket that refills
evenly allows up to twice that around a pause. The rows of one hour are a few thousand at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from syncer.contract.connector import RateLimit
from syncer.core.trusted_time import TOLERANCE
from syncer.store.part import StorePart
from syncer.store.schema.writes import budget_uses, budgets

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

    def take(self, credential: str, limits: Sequence[RateLimit], *, creates: int, now: datetime) -> timedelta | None:
        """None when one operation that creates `creates` items keeps every limit; else how long to wait.

        What is granted is counted. Atomic among all processes. A batch larger than a limit is granted when nothing else
        is counted against it.
        """
        stated = [[limit.amount, limit.seconds, limit.creates_only] for limit in limits]
        insert = self._database.insert(budgets).values(credential=credential, limits=stated)
        # Also locks the credential's row, so that on PostgreSQL too only one process counts at a time.
        upsert = insert.on_conflict_do_update(index_elements=["credential"], set_={"limits": insert.excluded.limits})
        mine = budget_uses.c.credential == credential
        with self._database.transaction() as connection:
            connection.execute(upsert)
            # A use in the future was counted before the clock was set back: from now on it is as if it were now.
            connection.execute(update(budget_uses).where(mine, budget_uses.c.at > now + TOLERANCE).values(at=now))
            waits = [_wait(connection, credential, limit, creates, now) for limit in limits]
            wait = max(waits, default=timedelta())
            if wait > timedelta():
                return wait
            longest = max([KEPT, *(timedelta(seconds=limit.seconds) for limit in limits)])
            connection.execute(delete(budget_uses).where(mine, budget_uses.c.at <= now - longest))
            connection.execute(budget_uses.insert().values(credential=credential, at=now, creates=creates))
        return None

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


def _used(connection: Connection, credential: str, limit: RateLimit, now: datetime) -> int:
    """What counts against a limit now."""
    counted = func.sum(budget_uses.c.creates) if limit.creates_only else func.count()
    since = now - timedelta(seconds=limit.seconds)
    query = select(func.coalesce(counted, 0)).where(budget_uses.c.credential == credential, budget_uses.c.at > since)
    return int(connection.scalar(query) or 0)


def _wait(connection: Connection, credential: str, limit: RateLimit, creates: int, now: datetime) -> timedelta:
    """How long until an operation keeps a limit; zero when it does now."""
    needed = creates if limit.creates_only else 1
    excess = _used(connection, credential, limit, now) + needed - limit.amount
    if needed == 0 or excess <= 0:
        return timedelta()
    window = timedelta(seconds=limit.seconds)
    query = (
        select(budget_uses.c.at, budget_uses.c.creates)
        .where(budget_uses.c.credential == credential, budget_uses.c.at > now - window)
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
