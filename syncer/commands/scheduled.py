"""What the configuration schedules, for daemon and workers: a run of each pair, the report, and what of it is late."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

import typer

from syncer.commands.extras import lacking, lines_for
from syncer.commands.failures import CommandFailed, describe_failure
from syncer.commands.opening import now, open_contexts, open_store
from syncer.commands.output import remark, say, spoken_by
from syncer.commands.polling import rare_polling

if TYPE_CHECKING:
    from datetime import tzinfo

    from syncer.app.hints import RarePolling
    from syncer.app.scheduler import Job
    from syncer.commands.interruption import Interruption
    from syncer.contract.line import TrackerLines
    from syncer.core.change import Tally
    from syncer.core.notification import Notification
    from syncer.settings import Settings
    from syncer.settings.cron import Cron
    from syncer.store import KeptStore, Lease, Store
    from syncer.sync.context import AudienceCache, Duty

UNSCHEDULED = 'Nothing has a schedule: give a pair schedule = "*/5 * * * *", or call `syncer sync` from cron.'
PAUSE_FOR_EACH = 0.05
"""Seconds between two times that monitors are told, for each pair: what they are told is read of all pairs."""
TAKEN_WITHIN = 1.0
"""Seconds after which whoever took a pair has written that it did."""
AGAIN = "*/15 * * * *"
"""When mail that could not be sent and posts that are late are looked after."""


@contextmanager
def logging_as_configured(settings: Settings) -> Iterator[None]:
    """A log of JSON objects has nothing else in it: what is said, warnings and what fails goes through it too."""
    if settings.log.format != "json":
        yield
        return
    from syncer.app.logs import everything_logged, logger

    tell = logger("syncer.daemon")
    with spoken_by(tell.info), everything_logged():
        try:
            yield
        except Exception as error:
            if isinstance(error, typer.Exit):
                raise
            failure = describe_failure(error)
            failure.tell(json=False)
            raise typer.Exit(failure.code) from None


def jobs_of(settings: Settings, interruption: Interruption, *, queued: bool = False) -> list[Job]:
    """What the configuration schedules. Raises CommandFailed where the report is scheduled and its extra is absent.

    `queued` is for workers: a queue tells them whose turn it is.
    """
    from zoneinfo import ZoneInfo

    from syncer.app.lines import StateMemory
    from syncer.app.scheduler import Job
    from syncer.contract.line import TrackerLines
    from syncer.settings.cron import Cron
    from syncer.store import KeptStore
    from syncer.sync.context import AudienceCache

    answers, zone = AudienceCache(), ZoneInfo(settings.report.timezone)
    kept = KeptStore(settings.state, now)
    pause = _Pause(PAUSE_FOR_EACH * len(settings.pairs))
    others = "://" in str(settings.state)  # other machines may work on the same state
    shared = _Shared(kept, answers, TrackerLines(memory=StateMemory(kept.store) if others else None), pause)
    jobs = [
        Job(pair.name, cron, run, zone, rare, run.part if queued else None)
        for pair in settings.pairs
        if pair.schedule is not None
        for cron, rare in [(Cron.parse(pair.schedule), rare_polling(settings, pair))]
        for run in [_PairJob(settings, pair.name, cron, zone, interruption, shared, queued, rare)]
    ]
    if settings.report.schedule is not None:
        if lacking("report"):
            raise CommandFailed("extra", *lines_for("report"))
        weekly = Cron.parse(settings.report.schedule)
        jobs.append(Job("weekly report", weekly, lambda: _report(settings, interruption.sleep), zone))
        if settings.mail is not None or settings.report.posts or settings.report.channels:
            jobs.append(Job("late messages", Cron.parse(AGAIN), lambda: _late(settings), zone))
    return jobs


class _Pause:
    """Lets somebody through once in so many seconds. Usable from several threads."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._lock, self._last = seconds, Lock(), float("-inf")

    def over(self) -> bool:
        """Whether it is over; then it begins anew."""
        with self._lock:
            if time.monotonic() - self._last < self._seconds:
                return False
            self._last = time.monotonic()
            return True


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the runs of all pairs have in common, from the first to the last."""

    state: KeptStore
    """Open: opening it checks it, and takes longer than a run with nothing to do."""
    answers: AudienceCache
    """Who can read a scope."""
    lines: TrackerLines
    """Which trackers do not answer, and whose turn it is to write."""
    monitors: _Pause
    """Between two times that monitors are told: it takes the longer the more pairs there are."""


@dataclass(frozen=True, slots=True)
class _PairJob:
    """A run of one pair; a job lives in its own thread."""

    settings: Settings
    pair: str
    cron: Cron
    zone: tzinfo
    interruption: Interruption
    shared: _Shared
    queued: bool
    rare: RarePolling | None

    def __call__(self) -> None:
        from syncer.sync.context import ALL_DUTIES

        self._begin(ALL_DUTIES)

    def part(self, name: str) -> None:
        """What people edited, and of what takes long that which the name says."""
        from syncer.sync.context import Duty

        duties = {"sweep": Duty.SWEEP, "backfill": Duty.BACKLOG, "history": Duty.HISTORY}
        self._begin(frozenset({duties[name]} if name in duties else ()), part=name)

    def _begin(self, duties: frozenset[Duty], **more: str) -> None:
        from syncer.app.logs import about_pair

        if self.interruption.stop():
            return  # it was waiting for its turn when the daemon was asked to end: nothing has begun
        with about_pair(self.pair, **more):
            store = self.shared.state.store()
            hinted = self._hinted(store)
            if hinted or self._is_due(store):
                self._run(store, duties, hinted=hinted)

    def _hinted(self, store: Store) -> bool:
        """Whether a hint asks for this run, which answers it from here on: what is told later asks for another run."""
        return not self.queued and store.hints.hinted(self.pair) and bool(store.hints.take([self.pair]))

    def _is_due(self, store: Store) -> bool:
        """Whether nobody else on the same database has run the pair within its period, and no hook stands for it."""
        from syncer.app.logs import logger
        from syncer.app.scheduler import is_due

        if self.queued:
            return True
        taken = store.pairs.taken_at(self.pair) if store.shared else None
        if taken is not None and not is_due(self.cron, self.zone, taken, now()):
            logger("syncer.daemon").info("another daemon has run this pair")
            return False
        if self.rare is not None and self.rare.rests(store, now()):
            logger("syncer.daemon").debug("hooks tell of changes: not polled")
            return False
        return True

    def _is_taken_now(self, store: Store) -> bool:
        """Whether a daemon on the same database that began at the same moment has the pair, and does what was due."""
        if self.queued or not store.shared:
            return False
        self.interruption.sleep(TAKEN_WITHIN)
        return not self._is_due(store)

    def _run(self, store: Store, duties: frozenset[Duty], *, hinted: bool) -> None:
        from syncer.app.hints import BUSY_PAUSE
        from syncer.commands.sync import announce, beat, write_metrics
        from syncer.sync.run import run_pair

        sleep, stop = self.interruption.sleep, self.interruption.stop
        opened = open_contexts(
            self.settings, store, only=self.pair, sleep=sleep, stop=stop, answers=self.shared.answers,
            lines=self.shared.lines,
        )  # fmt: skip
        with opened as contexts:
            for context in contexts:
                tally = run_pair(replace(context, duties=duties, begun=_named_in_the_log))
                if tally.outcome == "busy" and not hinted and self._is_taken_now(store):
                    return
                _tell(store, tally)
                if hinted and tally.outcome == "busy":
                    store.hints.ask_again(self.pair, now() + BUSY_PAUSE)
                announce(self.settings, store, tally)
            if self.shared.monitors.over():
                write_metrics(self.settings, store)
                beat(self.settings)


def _named_in_the_log(lease: Lease) -> None:
    from syncer.app.logs import about_run

    about_run(lease.run, lease.epoch)


def _tell(store: Store, tally: Tally) -> None:
    """Logs how a run ended; as a warning what somebody is told by it, by the same rules as `syncer sync` does."""
    from syncer.app.logs import logger
    from syncer.core.notification import Listener
    from syncer.sync.notify import tell

    log = logger("syncer.daemon")

    def spoken(telling: Notification) -> None:
        (log.warning if telling.aloud else log.info)("run ended", outcome=tally.outcome, writes=tally.writes,
             seconds=round(tally.seconds, 3), message=tally.message)  # fmt: skip
        for line in telling.lines:
            log.warning(line)

    reader = Listener.NOW if sys.stderr.isatty() else Listener.LATER
    tell(store, tally, now, reader=reader, say=spoken)


def _report(settings: Settings, sleep: Callable[[float], None]) -> None:
    from syncer.app.delivery import Voice, deliver, post_report, tell_chats
    from syncer.app.reporting import Reporting

    voice = Voice(say, remark)
    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        week = reporting.evaluate()
        if settings.report.directory is not None:
            reporting.write(week.window.label, settings.report.directory)
        if settings.mail is not None and settings.report.recipients:
            deliver(reporting, week.window.label, voice)
        if settings.report.channels:
            tell_chats(reporting, week.window.label, voice)
        if settings.report.posts:
            post_report(reporting, week, lambda: open_contexts(settings, store, sleep=sleep), voice, sleep)


def _late(settings: Settings) -> None:
    """Sends what waits in the outbox, and tries again the posts that are late."""
    from syncer.app.delivery import Voice, post_late, send_waiting, tell_waiting
    from syncer.app.reporting import Reporting

    voice = Voice(say, remark)
    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        send_waiting(reporting, voice)
        tell_waiting(reporting, voice)
        post_late(reporting, lambda: open_contexts(settings, store), voice, time.sleep)
