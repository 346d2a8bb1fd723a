"""`syncer daemon`: the pairs and the report at their own times, in one process."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.extras import lacking, lines_for
from syncer.commands.failures import CommandFailed, describe_failure
from syncer.commands.interruption import Interruption
from syncer.commands.opening import now, open_contexts, open_settings, open_store
from syncer.commands.options import ConfigOption, StateOption, VerboseOption, add
from syncer.commands.output import remark, say, spoken_by

if TYPE_CHECKING:
    from syncer.app.scheduler import Job
    from syncer.core.change import Tally
    from syncer.core.notification import Notification
    from syncer.settings import Settings
    from syncer.store import Store
    from syncer.sync.context import AudienceCache


UNSCHEDULED = 'Nothing has a schedule: give a pair schedule = "*/5 * * * *", or call `syncer sync` from cron.'
AGAIN = "*/15 * * * *"
"""When the daemon looks after mail that could not be sent and posts that are late."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "daemon", daemon, "syncer daemon", "syncer daemon --metrics-port 9469 --now")


def daemon(
    at_once: Annotated[bool, typer.Option("--now", help="Also run every pair once at the start.")] = False,
    metrics_port: Annotated[
        int | None, typer.Option(metavar="PORT", min=1, max=65535, help="Serve Prometheus numbers on 127.0.0.1.")
    ] = None,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Run the pairs and the report at the times in `schedule`, until a signal ends it.

    The times mean the clock of the report's `timezone`. Logs to stderr. SIGTERM and Ctrl-C end it with 0, after the
    requests in flight. On SIGHUP it reads the configuration again; a broken one is refused. Runs that are at work end
    with the configuration they began with.
    """

    def read() -> Settings:
        return open_settings(config, state, max(verbose, 1))

    settings = read()
    with _logging(settings):
        _serve(settings, read, metrics_port, at_once=at_once)


@contextmanager
def _logging(settings: Settings) -> Iterator[None]:
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


def _serve(settings: Settings, read: Callable[[], Settings], metrics_port: int | None, *, at_once: bool) -> None:
    from syncer.app.scheduler import run_until

    with Interruption(say) as interruption:
        interruption.reload_on_hangup()
        plan = _Plan(settings, read, interruption)
        if not plan.jobs:
            say(UNSCHEDULED)
            raise typer.Exit(Exit.USAGE)
        end = _served(metrics_port, plan) if metrics_port else None
        try:
            run_until(
                plan.jobs,
                stop=interruption.stop,
                sleep=interruption.sleep,
                at_once=at_once,
                renewed=lambda: plan.renewed() if interruption.take_reload() else None,
            )
        finally:
            if end is not None:
                end()


class _Plan:
    """The configuration a daemon works by, and its jobs."""

    def __init__(self, settings: Settings, read: Callable[[], Settings], interruption: Interruption) -> None:
        self.settings, self._read, self._interruption = settings, read, interruption
        self.jobs = _jobs(settings, interruption)

    def renewed(self) -> list[Job] | None:
        """The jobs of the configuration as it is now; None, and why, where it cannot be used: the old one stays."""
        from syncer.settings import Misconfigured

        try:
            settings = self._read()
            jobs = _jobs(settings, self._interruption)
        except (Misconfigured, CommandFailed, OSError) as error:
            lines = (str(error),) if isinstance(error, OSError) else describe_failure(error).lines
            for line in ("The configuration was not taken over; the former one stays.", *lines):
                say(line)
            return None
        if not jobs:
            say(f"The configuration was not taken over; the former one stays. {UNSCHEDULED}")
            return None
        self.settings, self.jobs = settings, jobs
        return jobs


def _served(port: int, plan: _Plan) -> Callable[[], None]:
    """Serves the numbers; what ends that. Ends the command where the port is taken."""
    from syncer.app import prometheus as metrics

    try:
        return metrics.serve(port, lambda: _numbers(plan.settings))
    except metrics.PortTaken as taken:
        say(f"{taken}. Choose another port, or end what listens there.")
        raise typer.Exit(Exit.USAGE) from None


def _jobs(settings: Settings, interruption: Interruption) -> list[Job]:
    """What the configuration schedules. Raises CommandFailed where the report is scheduled and its extra is absent."""
    from zoneinfo import ZoneInfo

    from syncer.app.scheduler import Job
    from syncer.settings.cron import Cron
    from syncer.sync.context import AudienceCache

    answers, zone = AudienceCache(), ZoneInfo(settings.report.timezone)
    jobs = [
        Job(pair.name, Cron.parse(pair.schedule), _run(settings, pair.name, interruption, answers), zone)
        for pair in settings.pairs
        if pair.schedule is not None
    ]
    if settings.report.schedule is not None:
        if lacking("report"):
            raise CommandFailed("extra", *lines_for("report"))
        weekly = Cron.parse(settings.report.schedule)
        jobs.append(Job("report", weekly, lambda: _report(settings, interruption.sleep), zone))
        if settings.mail is not None or settings.report.posts:
            jobs.append(Job("late", Cron.parse(AGAIN), lambda: _late(settings), zone))
    return jobs


def _run(settings: Settings, name: str, interruption: Interruption, answers: AudienceCache) -> Callable[[], None]:
    """A run of one pair with its own store: a job lives in its own thread. `answers` is for all of them."""

    def run() -> None:
        from syncer.app.logs import about_pair
        from syncer.commands.sync import announce, beat, write_metrics
        from syncer.sync.run import run_pair

        with (
            about_pair(name),
            open_store(settings) as store,
            open_contexts(
                settings, store, only=name, sleep=interruption.sleep, stop=interruption.stop, answers=answers
            ) as contexts,
        ):
            for context in contexts:
                tally = run_pair(context)
                _tell(store, tally)
                announce(settings, store, tally)
            write_metrics(settings, store)
            beat(settings)

    return run


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
    from syncer.app.delivery import Voice, deliver, post_report
    from syncer.app.reporting import Reporting

    voice = Voice(say, remark)
    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        week = reporting.evaluate()
        if settings.report.directory is not None:
            reporting.write(week.window.label, settings.report.directory)
        if settings.mail is not None and settings.report.recipients:
            deliver(reporting, week.window.label, voice)
        if settings.report.posts:
            post_report(reporting, week, lambda: open_contexts(settings, store, sleep=sleep), voice, sleep)


def _late(settings: Settings) -> None:
    """Sends what waits in the outbox, and tries again the posts that are late."""
    from syncer.app.delivery import Voice, post_late, send_waiting
    from syncer.app.reporting import Reporting

    voice = Voice(say, remark)
    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        send_waiting(reporting, voice)
        post_late(reporting, lambda: open_contexts(settings, store), voice, time.sleep)


def _numbers(settings: Settings) -> list[Any]:
    from syncer.app import prometheus as metrics

    with open_store(settings) as store:
        return metrics.collect(store, [pair.name for pair in settings.pairs])
