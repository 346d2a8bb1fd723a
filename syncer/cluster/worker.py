"""One worker: does the jobs of the queue, and where it leads, keeps the schedule and gives back what others left.

A database that is restarted or out of reach ends nothing: the worker waits for it, with growing pauses, and goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple

from procrastinate.exceptions import ProcrastinateException
from procrastinate.worker import Worker

from syncer.app.logs import logger
from syncer.app.scheduler import Job
from syncer.cluster.leader import Leader
from syncer.cluster.queue import LONG, SHORT, DueJob, app_of, definition, queue_version
from syncer.store import Fenced, StateError, StateUnwritable, Store
from syncer.store.work_queue import QueueSessions, WorkerRecord

SPARE = 4
"""Threads beside those for jobs: for what the loop itself asks the state."""
LONGEST_PAUSE = 15.0
"""Seconds between two tries to reach a database that does not answer, at most."""
LOOK_FOR_JOBS = 1.0
"""Seconds between two looks into the queue: nobody is notified of a job that was given back, or whose lock is free."""
FOREIGN_KEY_VIOLATION = "23503"
LOOK = 0.5
"""Seconds between two looks whether to end."""


class Pace(NamedTuple):
    """How soon a worker that died is noticed; in seconds."""

    heartbeat: float = 10.0
    stalled: float = 30.0


class RoomyWorker(Worker):
    """A worker that gives what may take long at most half of its threads: what people wait for finds the others free.

    Procrastinate reads `queues` before it takes each job. `note` is called with the worker's number before it takes
    any: of one that was not noted nobody knows which sessions to end.
    """

    def __init__(self, *given: Any, note: Callable[[int], None] = lambda _number: None, **named: Any) -> None:
        super().__init__(*given, **named)
        self.noted = asyncio.Event()
        """Set once it is noted."""
        self._note = note

    async def _run_loop(self) -> None:
        assert self.worker_id is not None  # noqa: S101 - it has registered
        await asyncio.to_thread(self._note, self.worker_id)
        self.noted.set()
        await super()._run_loop()  # type: ignore[no-untyped-call]

    @property
    def queues(self) -> list[str]:
        """Where the next job is taken from."""
        running = getattr(self, "_running_jobs", {})
        long = sum(context.job.queue == LONG for context in running.values())
        return [SHORT, LONG] if long < max(1, self.concurrency // 2) else [SHORT]

    @queues.setter
    def queues(self, _given: object) -> None:
        """Nothing: which they are depends on what is in hand."""


@dataclass(slots=True)
class ClusterWorker:
    """A worker of this process."""

    store: Store
    location: str
    """The address of the state, with the name of the worker's sessions."""
    name: str
    host: str
    pid: int
    jobs: Sequence[Job]
    """What is scheduled."""
    rules: Mapping[str, str]
    plan: Callable[[Sequence[str]], Sequence[DueJob]]
    """What is to be done for the jobs of these names that became due."""
    threads: int
    pace: Pace
    stop: Callable[[], bool]
    seen: float = field(default_factory=monotonic)
    """When the loop last came around: a long gap means that the process was frozen."""

    def serve(self) -> None:
        """Works until it is to stop; the jobs in hand are ended first."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        log = logger("syncer.worker")
        executor = ThreadPoolExecutor(self.threads + SPARE, thread_name_prefix="worker")
        asyncio.get_running_loop().set_default_executor(executor)
        asyncio.get_running_loop().set_exception_handler(_say)
        pause = 1.0
        while not self.stop():
            began = monotonic()
            try:
                await self._work()
            except (ProcrastinateException, StateUnwritable, OSError) as error:
                if _was_taken_for_dead(error):
                    log.warning("this worker gave no sign in time; others have what it had in hand, and it begins anew")
                else:
                    log.warning("the database cannot be used; waiting for it", error=_words(error), seconds=pause)
                pause = 1.0 if monotonic() - began > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
                await self._rest(pause)
        executor.shutdown(wait=True)

    def _note(self, number: int) -> None:
        """Puts on record that this process works, by the number that the queue gave it, and says so.

        Raises StateError where another one began meanwhile that would take this one for dead.
        """
        queue = self.store.queue
        try:
            queue.agree_on_pace(self.pace)
        except StateError:
            queue.leave(number)
            raise
        queue.enter(self._record(number))
        logger("syncer.worker").info("at work", number=number, threads=self.threads, scheduled=len(self.jobs))

    async def _rest(self, seconds: float) -> None:
        end = monotonic() + seconds
        while monotonic() < end and not self.stop():
            await asyncio.sleep(LOOK)

    async def _work(self) -> None:
        """Takes part until it is to stop or the database is lost. Raises what the database's loss raises."""
        await asyncio.to_thread(self._begin)
        app = app_of(QueueSessions.of(self.location), self._call, size=self.threads + SPARE)
        async with app.open_async():
            worker = RoomyWorker(
                app, queues=[SHORT, LONG], name=self.name, concurrency=self.threads, install_signal_handlers=False,
                delete_jobs="successful", update_heartbeat_interval=self.pace.heartbeat,
                stalled_worker_timeout=self.pace.stalled, fetch_job_polling_interval=LOOK_FOR_JOBS,
                note=self._note,
            )  # fmt: skip
            leader = Leader(self.store, app, self.jobs, self.plan, self.pace.stalled)
            working = asyncio.create_task(worker.run(), name="worker")  # type: ignore[no-untyped-call]
            duties = [asyncio.create_task(_after(worker.noted, duty)) for duty in (leader.lead, leader.rescue)]
            try:
                await self._watch(worker, [working, *duties])
            finally:
                for duty in duties:
                    duty.cancel()
                worker.stop()  # type: ignore[no-untyped-call]
                ended = await asyncio.gather(working, *duties, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    def _begin(self) -> None:
        """Makes the queue's tables. Raises StateError where this worker and another one would not do the same."""
        queue, alive = self.store.queue, timedelta(seconds=self.pace.stalled)
        self.store.require_clock()
        queue.install(queue_version(), definition(), alive=alive)
        for other in queue.workers():
            theirs = other.record.rules
            differing = sorted(pair for pair in theirs.keys() | self.rules if theirs.get(pair) != self.rules.get(pair))
            if differing and other.silent < alive:
                raise StateError(
                    f"process {other.record.pid} on {other.record.host} runs {', '.join(differing)} by other rules than"
                    " this worker would, or not at all: give all workers the same configuration, end all of them, then"
                    " start them"
                )
        queue.agree_on_pace(self.pace)
        self.store.pairs.expect([job.name for job in self.jobs if job.part is not None])

    async def _watch(self, worker: RoomyWorker, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Returns when the worker is to end, of itself or because something it needs did."""
        entered: int | None = None
        while not (self.stop() or any(task.done() for task in tasks)):
            if entered is None and worker.noted.is_set():
                entered = worker.worker_id
            self._look_at_the_gap()
            await asyncio.sleep(LOOK)
        if entered is not None:
            await asyncio.to_thread(self.store.queue.leave, entered)

    def _look_at_the_gap(self) -> None:
        gap, self.seen = monotonic() - self.seen, monotonic()
        if gap > self.pace.stalled:
            logger("syncer.worker").warning(
                "this process stood still; what it had in hand was given to others", seconds=round(gap)
            )

    def _record(self, number: int) -> WorkerRecord:
        return WorkerRecord(number, self.name, self.host, self.pid, self.store.now().isoformat(), self.rules)

    def _call(self, name: str, part: str) -> None:
        """Does a part of the job of this name. One that the configuration of this machine does not know is left."""
        log = logger("syncer.worker")
        job = next((one for one in self.jobs if one.name == name), None)
        try:
            if job is None:
                log.warning("a job that this configuration does not know", job=name)
            elif job.part is None:
                job.call()
            else:
                job.part(part)
        except Fenced as fenced:
            log.warning("another worker has this job now; this one wrote nothing more", job=name, error=str(fenced))
        except StateUnwritable as lost:
            log.warning("a job ended without the database; it is done again", job=name, error=str(lost))


async def _after(event: asyncio.Event, duty: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Does a duty once something has happened."""
    await event.wait()
    await duty()


def _was_taken_for_dead(error: BaseException) -> bool:
    """Whether a job cannot be taken because the queue does not know this worker any more."""
    return getattr(error.__cause__, "sqlstate", None) == FOREIGN_KEY_VIOLATION


def _say(_loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """What the end of a job could not be noted for: another worker was given it, or the database was lost."""
    error = told.get("exception")
    words = told.get("message", "") if error is None else _words(error)
    logger("syncer.worker").warning("the end of a job was not noted; it is done again", error=words)


def _words(error: BaseException) -> str:
    cause = error.__cause__ or error
    return " ".join(str(cause).split()) or type(cause).__name__
