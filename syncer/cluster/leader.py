"""The worker that leads puts into the queue what is due, and gives back what a dead worker had in hand.

Any worker can lead, one does: it holds a lock of the database, which is free at once when it dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import procrastinate

from syncer.app.hints import asked
from syncer.app.logs import logger
from syncer.app.scheduler import Job, due
from syncer.cluster.queue import DueJob, enqueue, give_back
from syncer.store import Store
from syncer.store.work_queue import Leadership

TICK = 1.0
"""Seconds between two looks at the schedule."""
CLEAN_EVERY = 3_600.0
LOOKS = 4
"""How often somebody looks for workers that died, in the time after which one counts as dead."""
KEPT_HOURS = 24
"""How long a job that failed can be looked at."""


@dataclass(slots=True)
class Leader:
    """What keeps the schedule, where this worker has the lock for it."""

    store: Store
    app: procrastinate.App
    jobs: Sequence[Job]
    plan: Callable[[Sequence[str]], Sequence[DueJob]]
    """What is to be done for the jobs of these names that became due."""
    stalled: float
    """Seconds without a sign after which a worker counts as dead."""
    clean_at: float = 0.0
    """When what failed long ago is deleted next, by the monotonic clock."""

    async def lead(self) -> None:
        """Tries to lead, and leads while it can. Ends only by being cancelled, or by the loss of the database."""
        while True:
            async with _sole(self.store, "schedule") as right:
                while right is not None:
                    await asyncio.to_thread(right.confirm)
                    await self._schedule()
                    await self._clean()
                    await asyncio.sleep(TICK)
            await asyncio.sleep(TICK)

    async def rescue(self) -> None:
        """Gives back, again and again, what workers had in hand that give no sign; also those of a leader.

        Every worker does this, and none needs a lock for it: whoever held that might be the one that stands still.
        """
        while True:
            await asyncio.sleep(self.stalled / LOOKS)
            await self._give_back()

    async def _clean(self) -> None:
        if monotonic() > self.clean_at:
            self.clean_at = monotonic() + CLEAN_EVERY
            await self.app.job_manager.delete_old_jobs(KEPT_HOURS, include_failed=True)

    async def _schedule(self) -> None:
        """Puts into the queue whatever became due since somebody last did, each job once."""
        now = self.store.now()
        since = await asyncio.to_thread(self.store.queue.scheduled_until) or now - timedelta(minutes=1)
        names = due(self.jobs, since, now)
        polled, hinted = await asyncio.to_thread(self._called_for, names, now)
        if polled or hinted:
            await enqueue(self.app, await asyncio.to_thread(self.plan, [*polled, *hinted]))
            await asyncio.to_thread(self.store.hints.take, hinted)
        if names or now - since > timedelta(minutes=1):
            await asyncio.to_thread(self.store.queue.note_scheduled, _later(since, now))

    def _called_for(self, names: Sequence[str], now: datetime) -> tuple[list[str], list[str]]:
        """Of the jobs that are due those that no hook stands for, and those besides that a hint asks for.

        A hint goes when its job is in the queue: one that waits there begins later than the change that was told.
        """
        hinted = asked(self.store, now, [job.name for job in self.jobs])
        rare = {job.name: job.rare for job in self.jobs if job.rare is not None}
        others = [name for name in names if name not in hinted]
        return [name for name in others if name not in rare or not rare[name].rests(self.store, now)], hinted

    async def _give_back(self) -> None:
        """Gives back the jobs of silent workers, once their sessions cannot write any more."""
        manager = self.app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=self.stalled))
        await asyncio.to_thread(self.store.queue.end_lost, timedelta(seconds=self.stalled))
        await manager.prune_stalled_workers(self.stalled)
        for job in stalled:
            if await give_back(self.app, job):
                logger("syncer.worker").warning("given back", job=job.lock, worker=job.worker_id)


def _later(since: datetime, now: datetime) -> datetime:
    """A clock that was set back takes nothing back: what was put into the queue stays put."""
    return max(since, now)


@asynccontextmanager
async def _sole(store: Store, duty: str) -> AsyncIterator[Leadership | None]:
    """The right to a duty, taken and given back in a thread."""
    lock = store.queue.sole(duty)
    right = await asyncio.to_thread(lock.__enter__)
    try:
        yield right
    finally:
        await asyncio.to_thread(lock.__exit__, None, None, None)
