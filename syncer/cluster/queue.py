"""The queue as Procrastinate keeps it: how it is reached, how its tables are made, how jobs get into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from importlib.metadata import version
from typing import Any

import procrastinate
import procrastinate.schema
from procrastinate import exceptions
from procrastinate.jobs import Job as QueuedJob

from syncer.store.work_queue import QueueSessions

TASK = "run"
QUEUE = "syncer"


class Priority(IntEnum):
    """Whose turn it is where there are more jobs than workers. What people wait for goes first."""

    BACKFILL = 10
    """A pair whose first sync goes on."""
    SWEEP = 20
    """A pair that is read completely now."""
    LIVE = 30
    REPORT = 40
    """Rare, and read at a time of the day."""


def queue_version() -> str:
    """Which version's tables the queue has."""
    return f"procrastinate {version('procrastinate')}"


def definition() -> str:
    """The statements that make its tables."""
    return procrastinate.schema.SchemaManager.get_schema()


def app_of(sessions: QueueSessions, call: Callable[[str], None], *, size: int) -> procrastinate.App:
    """The queue on a database. `call` does a job by its name, in a thread; `size` is the number of sessions at most."""
    connector = procrastinate.PsycopgConnector(
        conninfo=sessions.address, min_size=1, max_size=size, configure=sessions.begin
    )
    app = procrastinate.App(connector=connector)

    @app.task(name=TASK, queue=QUEUE)
    def run(name: str) -> None:
        call(name)

    return app


def _queued(name: str, priority: int) -> QueuedJob:
    """A job that waits: at most one of a name waits, and at most one of a name is done at a time."""
    return QueuedJob(
        task_name=TASK, queue=QUEUE, lock=name, queueing_lock=name, priority=priority, task_kwargs={"name": name}
    )


async def enqueue(app: procrastinate.App, names: Sequence[str], priorities: Mapping[str, int]) -> int:
    """Puts jobs into the queue, but for those that wait in it already; how many were put."""
    waiting = {job.queueing_lock for job in await app.job_manager.list_jobs_async(status="todo")}
    jobs = [_queued(name, priorities.get(name, Priority.LIVE)) for name in names if name not in waiting]
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
        await app.job_manager.retry_job(job)
    except exceptions.UniqueViolation:
        await app.job_manager.finish_job(job, status=procrastinate.jobs.Status.FAILED, delete_job=False)
    except exceptions.ConnectorException:
        return False  # another worker was faster
    return True
