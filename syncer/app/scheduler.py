"""The daemon's scheduler: cron expressions to calls, each job one at a time, all of them ended together.

APScheduler 3 keeps the time. It has no exclusion between processes; the lock of a pair in the store has (a run that
meets another one ends as `busy`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from syncer.app.logs import logger
from syncer.settings.cron import Cron
from syncer.store import Store

_THREADS = 8
"""Jobs at the same time. They wait for trackers nearly always."""


class Resting(Protocol):
    """What knows whether a job need not be called although its time has come."""

    def rests(self, store: Store, now: datetime) -> bool:
        """Whether the call is left out."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be called at certain times."""

    name: str
    cron: Cron
    call: Callable[[], None]
    zone: tzinfo = UTC
    """By whose clock the times are."""
    rare: Resting | None = None
    """What may leave out a call that is due: another one stands for it."""
    part: Callable[[str], None] | None = None
    """Does a part of it, by the name of the part, for a queue that has parts done one by one."""


def trigger(cron: Cron, zone: tzinfo) -> Any:
    """When to fire, by the clock of a zone.

    As cron does it: when both the day and the weekday are restricted, either one is enough (crontab(5)).
    """
    time = {"minute": cron.minute, "hour": cron.hour, "month": cron.month, "timezone": zone}
    if cron.day != "*" and cron.weekday != "*":
        return OrTrigger([CronTrigger(day=cron.day, **time), CronTrigger(day_of_week=cron.weekday, **time)])
    return CronTrigger(day=cron.day, day_of_week=cron.weekday, **time)


def is_due(cron: Cron, zone: tzinfo, since: datetime, now: datetime) -> bool:
    """Whether a time to fire lies after `since`, and is not in the future."""
    following = trigger(cron, zone).get_next_fire_time(None, since + timedelta(microseconds=1))
    return following is not None and following <= now


def due(jobs: Iterable[Job], since: datetime, now: datetime) -> list[str]:
    """The names of the jobs with a time to fire after `since`. Many jobs have few schedules: each is looked at once."""
    known: dict[tuple[Cron, tzinfo], bool] = {}
    found = []
    for job in jobs:
        times = (job.cron, job.zone)
        if times not in known:
            known[times] = is_due(job.cron, job.zone, since, now)
        if known[times]:
            found.append(job.name)
    return found


def is_behind(cron: Cron, zone: tzinfo, since: datetime, now: datetime) -> bool:
    """Whether two times to fire lie after `since`: what was due at the first one is not done at the second."""
    first = trigger(cron, zone).get_next_fire_time(None, since + timedelta(microseconds=1))
    return first is not None and is_due(cron, zone, first, now)


def run_until(
    jobs: Sequence[Job],
    *,
    stop: Callable[[], bool],
    sleep: Callable[[float], None],
    at_once: bool,
    renewed: Callable[[], Sequence[Job] | None] = lambda: None,
    asked: Callable[[], Collection[str]] = tuple,
) -> None:
    """Calls each job at its times until `stop`; then waits for those that are running.

    A job that is still running when its time comes again is not started twice, and times that were missed (a suspended
    machine) count as one. `at_once` also calls every job at the start. `renewed` is asked every second for other jobs
    to go on with; those that are running end as they began. `asked` is asked every second for the names of jobs to call
    now, whatever their times; one that is running is called when it is named again after its end.
    """
    log = logger("syncer.app.scheduler")
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(_THREADS)}, timezone=UTC)
    at_work: set[str] = set()
    for added in _add(scheduler, jobs, at_work):
        if at_once:
            added.modify(next_run_time=_now(scheduler))
    scheduler.start()
    _tell(scheduler, log)
    try:
        while not stop():
            sleep(1.0)
            if (others := renewed()) is not None:
                scheduler.remove_all_jobs()
                _add(scheduler, others, at_work)
                _tell(scheduler, log)
            _call_now(scheduler, [name for name in asked() if name not in at_work], at_work)
    finally:
        log.info("stopping")
        scheduler.shutdown(wait=True)


def _add(scheduler: Any, jobs: Sequence[Job], at_work: set[str]) -> list[Any]:
    options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    return [
        scheduler.add_job(_guarded(job, at_work), trigger(job.cron, job.zone), id=job.name, **options) for job in jobs
    ]


def _call_now(scheduler: Any, names: Collection[str], at_work: set[str]) -> None:
    """Calls jobs as if their time had come; they count as at work from here, also while they wait for a thread."""
    for name in names:
        if (job := scheduler.get_job(name)) is not None:
            at_work.add(name)
            job.modify(next_run_time=_now(scheduler))


def _tell(scheduler: Any, log: Any) -> None:
    for job in scheduler.get_jobs():
        log.info("scheduled", job=job.id, next=job.next_run_time.isoformat() if job.next_run_time else None)


def _guarded(job: Job, at_work: set[str]) -> Callable[[], None]:
    """The job's call; an unexpected error is logged and the job is called again at its next time."""

    def call() -> None:
        at_work.add(job.name)
        try:
            job.call()
        except Exception:  # noqa: BLE001  # whatever it was, the other pairs and the next time must not suffer
            logger("syncer.app.scheduler").exception("job failed", job=job.name)
        finally:
            at_work.discard(job.name)

    return call


def _now(scheduler: Any) -> Any:
    return datetime.now(scheduler.timezone)
