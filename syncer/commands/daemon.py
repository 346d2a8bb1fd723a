"""`syncer daemon`: the pairs and the report at their own times, in one process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.awaiting import once_there
from syncer.commands.exits import Exit
from syncer.commands.failures import CommandFailed, describe_failure
from syncer.commands.interruption import Interruption
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, StateOption, VerboseOption, add
from syncer.commands.output import say
from syncer.commands.scheduled import UNSCHEDULED, jobs_of, logging_as_configured

if TYPE_CHECKING:
    from syncer.app.scheduler import Job
    from syncer.settings import Settings
    from syncer.store import Store


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
    with logging_as_configured(settings):
        _serve(settings, read, metrics_port, at_once=at_once)


def _serve(settings: Settings, read: Callable[[], Settings], metrics_port: int | None, *, at_once: bool) -> None:
    from syncer.app.scheduler import run_until

    with Interruption(say) as interruption:
        interruption.reload_on_hangup()
        plan = _Plan(settings, read, interruption)
        if not plan.jobs:
            say(UNSCHEDULED)
            raise typer.Exit(Exit.USAGE)
        if once_there(plan.begin, interruption) is None:
            return
        end = _served(metrics_port, plan) if metrics_port else None
        try:
            run_until(
                plan.jobs,
                stop=interruption.stop,
                sleep=interruption.sleep,
                at_once=at_once,
                renewed=lambda: plan.renewed() if interruption.take_reload() else None,
                asked=plan.asked,
            )
        finally:
            if end is not None:
                end()


class _Plan:
    """The configuration a daemon works by, and its jobs."""

    def __init__(self, settings: Settings, read: Callable[[], Settings], interruption: Interruption) -> None:
        self._read, self._interruption = read, interruption
        self._take(settings, jobs_of(settings, interruption))

    def _take(self, settings: Settings, jobs: list[Job]) -> None:
        from syncer.store import KeptStore

        self.settings, self.jobs = settings, jobs
        self._state = KeptStore(settings.state, now)

    def begin(self) -> Store:
        """The state, open, with a note that the pairs are due from now on. Raises StateError."""
        store = self._state.store()
        store.require_clock()
        scheduled = {pair.name for pair in self.settings.pairs if pair.schedule is not None}
        store.pairs.expect(scheduled)
        return store

    def asked(self) -> list[str]:
        """The pairs that a hint asks to run now."""
        from syncer.app.hints import asked

        try:
            return asked(self._state.store(), now(), [job.name for job in self.jobs])
        except Exception:  # noqa: BLE001 - the runs tell what is wrong with the state; a hint is no reason to end
            return []

    def renewed(self) -> list[Job] | None:
        """The jobs of the configuration as it is now; None, and why, where it cannot be used: the old one stays."""
        from syncer.settings import Misconfigured
        from syncer.store import StateError

        try:
            settings = self._read()
            jobs = jobs_of(settings, self._interruption)
        except (Misconfigured, CommandFailed, OSError) as error:
            lines = (str(error),) if isinstance(error, OSError) else describe_failure(error).lines
            for line in ("The configuration was not taken over; the former one stays.", *lines):
                say(line)
            return None
        if not jobs:
            say(f"The configuration was not taken over; the former one stays. {UNSCHEDULED}")
            return None
        self._take(settings, jobs)
        with suppress(StateError):  # the runs tell what is wrong with the state
            self.begin()
        return jobs


def _served(port: int, plan: _Plan) -> Callable[[], None]:
    """Serves the numbers; what ends that. Ends the command where the port is taken."""
    from syncer.app import prometheus as metrics

    try:
        return metrics.serve(port, lambda: _numbers(plan.settings))
    except metrics.PortTaken as taken:
        say(f"{taken}. Choose another port, or end what listens there.")
        raise typer.Exit(Exit.USAGE) from None


def _numbers(settings: Settings) -> list[Any]:
    from syncer.commands.sync import numbers

    with open_store(settings) as store:
        return numbers(settings, store)
