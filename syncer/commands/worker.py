"""`syncer worker`: takes part in the work of many machines on one state in PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.awaiting import once_there
from syncer.commands.exits import Exit
from syncer.commands.extras import lacking, lines_for
from syncer.commands.failures import CommandFailed
from syncer.commands.interruption import Interruption
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, StateOption, VerboseOption, add
from syncer.commands.output import say
from syncer.commands.scheduled import UNSCHEDULED, jobs_of, logging_as_configured

if TYPE_CHECKING:
    from syncer.cluster.queue import DueJob
    from syncer.settings import Settings
    from syncer.store import Store


SIGNS = 3
"""So many signs a worker misses before it counts as dead, at least."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "worker", worker, "syncer worker", "syncer worker --threads 8")


def worker(
    threads: Annotated[int, typer.Option(metavar="N", min=1, max=16, help="Jobs at the same time.")] = 4,
    heartbeat: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.5, help="How often it gives a sign that it lives.")
    ] = 10.0,
    stalled: Annotated[
        float, typer.Option(metavar="SECONDS", min=1.5, help="Without a sign for so long, its jobs go to others.")
    ] = 30.0,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Do the runs and the report at the times in `schedule`, together with all workers on the same state.

    The state is in PostgreSQL, and the file is the same everywhere. One of the workers keeps the schedule; when it ends
    or dies, another one does. A job is done by one worker at a time. SIGTERM and Ctrl-C end it with 0, after the
    requests in flight. After a change of the configuration end all workers, then start them.
    """
    if stalled < SIGNS * heartbeat:
        say(
            f"--stalled {stalled:g} takes a worker for dead that gives a sign every {heartbeat:g} s: give it"
            f" {SIGNS} times --heartbeat or more, the same for all workers."
        )
        raise typer.Exit(Exit.USAGE)
    settings = open_settings(config, state, max(verbose, 1))
    if "://" not in str(settings.state):
        say('Workers share a state in PostgreSQL: state = "postgresql://…". On one machine, use `syncer daemon`.')
        raise typer.Exit(Exit.USAGE)
    if lacking("cluster"):
        raise CommandFailed("extra", *lines_for("cluster"))
    with logging_as_configured(settings), Interruption(say) as interruption:
        _serve(settings, interruption, threads, heartbeat=heartbeat, stalled=stalled)


def _serve(settings: Settings, interruption: Interruption, threads: int, *, heartbeat: float, stalled: float) -> None:
    from syncer.app.logs import by_worker
    from syncer.app.wiring import fingerprints
    from syncer.cluster.worker import ClusterWorker, Pace
    from syncer.store.locks import this_host
    from syncer.store.work_queue import with_session_name

    host = this_host()
    name = f"syncer worker {host[:20]} {os.getpid()} {now():%d%H%M%S}"  # PostgreSQL keeps 63 letters of it
    by_worker(f"{host}:{os.getpid()}")
    named = settings.model_copy(update={"state": with_session_name(str(settings.state), name)})
    jobs = jobs_of(named, interruption, queued=True)
    if not jobs:
        say(UNSCHEDULED)
        raise typer.Exit(Exit.USAGE)
    rules = fingerprints(settings)
    with ExitStack() as stack:
        store = once_there(lambda: stack.enter_context(open_store(named)), interruption)
        if store is None:
            return
        ClusterWorker(
            store=store,
            location=str(named.state),
            name=name,
            host=host,
            pid=os.getpid(),
            jobs=jobs,
            rules=rules,
            plan=lambda names: plan(settings, rules, store, names),
            threads=threads,
            pace=Pace(heartbeat, stalled),
            stop=interruption.stop,
        ).serve()


def plan(settings: Settings, rules: Mapping[str, str], store: Store, names: Sequence[str]) -> list[DueJob]:
    """The jobs for what became due: what people edited, and apart from that what takes long where there is such.

    A pair that was never read completely under its rules has one job, which does that: no edit can be told from what
    was there before. `rules` are the fingerprints.
    """
    from syncer.cluster.queue import DueJob, Priority

    queue, at = store.queue, now()
    read, left = queue.readings(), queue.left()
    pairs = {pair.name: pair for pair in settings.pairs}
    found: list[DueJob] = []
    for name in names:
        if name not in pairs:
            found.append(DueJob(name, Priority.REPORT))
            continue
        if (reading := read.get(name)) is None:
            found.append(DueJob(name, Priority.BACKFILL))
            continue
        if reading.covers != {rules[name]}:
            found.append(DueJob(name, Priority.SWEEP))
            continue
        found.append(DueJob(name, Priority.LIVE))
        creates, untold = left.get(name, (0, 0))
        due = {
            Priority.SWEEP: at - reading.swept_at >= pairs[name].sweep_every,
            Priority.BACKFILL: creates,
            Priority.HISTORY: untold,
        }
        found += [DueJob(name, priority) for priority, much in due.items() if much]
    return found
