"""`syncer daemon`: the pairs and the report at their own times, in one process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.interruption import Interruption
from syncer.commands.opening import now, open_contexts, open_settings, open_store
from syncer.commands.options import ConfigOption, StateOption, VerboseOption, add
from syncer.commands.output import say

if TYPE_CHECKING:
    from syncer.context import Answers
    from syncer.core.change import Tally
    from syncer.core.telling import Telling
    from syncer.schedule import Job
    from syncer.settings import Settings
    from syncer.store import Store


MAIL_AGAIN = "*/15 * * * *"
"""When the daemon looks after mail that could not be sent."""


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

    Logs to stderr. SIGTERM and Ctrl-C let the requests in flight end, and then end with 0.
    """
    from syncer import metrics
    from syncer.schedule import run_until

    settings = open_settings(config, state, max(verbose, 1))
    with Interruption(say) as interruption:
        jobs = _jobs(settings, interruption)
        if not jobs:
            say('Nothing has a schedule: give a pair schedule = "*/5 * * * *", or call `syncer sync` from cron.')
            raise typer.Exit(Exit.USAGE)
        end = metrics.serve(metrics_port, lambda: _numbers(settings)) if metrics_port else None
        try:
            run_until(jobs, stop=interruption.stop, sleep=interruption.sleep, at_once=at_once)
        finally:
            if end is not None:
                end()


def _jobs(settings: Settings, interruption: Interruption) -> list[Job]:
    from syncer.context import Answers
    from syncer.schedule import Job
    from syncer.settings.cron import Cron

    answers = Answers()
    jobs = [
        Job(pair.name, Cron.parse(pair.schedule), _run(settings, pair.name, interruption, answers))
        for pair in settings.pairs
        if pair.schedule is not None
    ]
    if settings.report.schedule is not None:
        jobs.append(Job("report", Cron.parse(settings.report.schedule), lambda: _report(settings, interruption.sleep)))
        if settings.mail is not None:
            jobs.append(Job("mail", Cron.parse(MAIL_AGAIN), lambda: _post(settings)))
    return jobs


def _run(settings: Settings, name: str, interruption: Interruption, answers: Answers) -> Callable[[], None]:
    """A run of one pair with its own store: a job lives in its own thread. `answers` is for all of them."""

    def run() -> None:
        import structlog

        from syncer.commands.sync import write_metrics
        from syncer.engine import run_pair

        with (
            structlog.contextvars.bound_contextvars(pair=name),
            open_store(settings) as store,
            open_contexts(
                settings, store, only=name, sleep=interruption.sleep, stop=interruption.stop, answers=answers
            ) as contexts,
        ):
            for context in contexts:
                _tell(store, run_pair(context))
            write_metrics(settings, store)

    return run


def _tell(store: Store, tally: Tally) -> None:
    """Logs how a run ended; as a warning what somebody is told by it, by the same rules as `syncer sync` does."""
    import structlog

    from syncer.core.telling import Reader
    from syncer.telling import tell

    log = structlog.get_logger("syncer.daemon")

    def spoken(telling: Telling) -> None:
        (log.warning if telling.aloud else log.info)("run ended", outcome=tally.outcome, writes=tally.writes,
             seconds=round(tally.seconds, 3), message=tally.message)  # fmt: skip
        for line in telling.lines:
            log.warning(line)

    reader = Reader.NOW if sys.stderr.isatty() else Reader.LATER
    tell(store, tally, now, reader=reader, say=spoken)


def _report(settings: Settings, sleep: Callable[[float], None]) -> None:
    from syncer.commands.posts import post_report
    from syncer.commands.report import deliver, evaluate_week, write_report

    with open_store(settings) as store:
        week = evaluate_week(settings, store, None)
        if settings.report.directory is not None:
            write_report(settings, week, settings.report.directory)
        if settings.mail is not None and settings.report.recipients:
            deliver(settings, store, week)
        if settings.report.posts:
            post_report(settings, store, week, sleep)


def _post(settings: Settings) -> None:
    """Sends what waits in the outbox: what a server refused for the time being, and once what is in doubt."""
    from syncer.commands.report import tell_delivered
    from syncer.delivery import deliver

    if settings.mail is not None:
        with open_store(settings) as store:
            tell_delivered(deliver(store, settings.mail, now))


def _numbers(settings: Settings) -> list[Any]:
    from syncer import metrics

    with open_store(settings) as store:
        return metrics.collect(store, [pair.name for pair in settings.pairs])
