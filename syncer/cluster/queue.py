"""The queue as Procrastinate keeps it: how it is reached, how its tables are made, how jobs get into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib.metadata import version
from typing import Any

import procrastinate
import procrastinate.schema
from procrastinate import exceptions
from procrastinate.jobs import Job as QueuedJob

from syncer.store.work_queue import QueueSessions

TASK = "run"
SHORT, LONG = "syncer", "syncer-long"
"""The queue of what people wait for, and that of what may take long: each worker keeps room for the former."""


class Priority(IntEnum):
    """Whose turn it is where there are more jobs than workers. What people wait for goes first."""

    HISTORY = 5
    """What happened to a pair's tasks before they were first read."""
    BACKFILL = 10
    """A pair whose first sync goes on."""
    SWEEP = 20
    """A pair that is read completely now."""
    LIVE = 30
    REPORT = 40
    """Rare, and read at a time of the day."""

    @property
    def part(self) -> str:
        """What of a pair's run the job does, in a word; `live` is what people edited."""
        return self.name.lower()

    @property
    def queue(self) -> str:
        """Where it waits."""
        return SHORT if self >= Priority.LIVE else LONG


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that is to be done: of one pair, or the report."""

    name: str
    priority: Priority = Priority.LIVE

    @property
    def waits_once(self) -> str:
        """At most one job with this word waits."""
        return self.name if self.priority.queue == SHORT else f"{self.name} {self.priority.part}"


def queue_version() -> str:
    """Which version's tables the queue has."""
    return f"procrastinate {version('procrastinate')}"


def definition() -> str:
    """The statements that make its tables."""
    return procrastinate.schema.SchemaManager.get_schema()


def app_of(sessions: QueueSessions, call: Callable[[str, str], None], *, size: int) -> procrastinate.App:
    """The queue on a database. `call` does a part of a job, by both names, in a thread.

    `size` is the number of sessions at most.
    """
    connector = procrastinate.PsycopgConnector(
        conninfo=sessions.address, min_size=1, max_size=size, configure=sessions.begin
    )
    app = procrastinate.App(connector=connector)
    tasks_of(app, call)
    return app


def tasks_of(app: procrastinate.App, call: Callable[[str, str], None]) -> None:
    """Says what a job of the queue does."""

    @app.task(name=TASK, queue=SHORT)
    def run(name: str, part: str = Priority.LIVE.part) -> None:  # a job of an earlier version names no part
        call(name, part)


def _queued(wanted: DueJob) -> QueuedJob:
    """A job that waits: at most one job of a name is done at a time, whatever part of it."""
    return QueuedJob(
        task_name=TASK, queue=wanted.priority.queue, lock=wanted.name, queueing_lock=wanted.waits_once,
        priority=wanted.priority, task_kwargs={"name": wanted.name, "part": wanted.priority.part},
    )  # fmt: skip


async def enqueue(app: procrastinate.App, wanted: Sequence[DueJob]) -> int:
    """Puts jobs into the queue, but for those that wait in it already; how many were put."""
    waiting = {job.queueing_lock for job in await app.job_manager.list_jobs_async(status="todo")}
    jobs = [_queued(one) for one in wanted if one.waits_once not in waiting]
    try:
        await app.job_manager.batch_defer_jobs_async(jobs=jobs)
    except exceptions.AlreadyEnqueued:  # one came back into the queue meanwhile
        return sum([await _added(app, job) for job in jobs])
    return len(jobs)


async def _added(app: procrastinate.App, job: QueuedJob) -> int:
    try:
        await app.job_manager.batch_defer_jobs_async(jobs=[job])
    except exceptions.AlreadyEnqueued:
        return 0
    return 1


async def give_back(app: procrastinate.App, job: Any) -> bool:
    """Puts the job of a worker that died back into the queue; whether it did, and nobody else.

    Where one of the same name waits already, that one is enough: the dead one ends, and is not in its way for ever.
    """
    try:
        try:
            await app.job_manager.retry_job(job)
        except exceptions.UniqueViolation:
            await app.job_manager.finish_job(job, status=procrastinate.jobs.Status.FAILED, delete_job=False)
    except exceptions.ConnectorException:
        return False  # another worker was faster
    return True
