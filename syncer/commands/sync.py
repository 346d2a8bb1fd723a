"""`syncer sync`: one run of each pair, what cron calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.opening import AT_ONCE, Running, now, open_settings, running
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import emit, printable, say
from syncer.commands.waiting import outcome_said, waiting_as_json
from syncer.core.amounts import plural

if TYPE_CHECKING:
    from syncer.core.change import Tally
    from syncer.core.notification import Listener, Notification
    from syncer.settings import Settings
    from syncer.store import Store
    from syncer.sync.context import PairContext


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "sync", sync, "syncer sync", "syncer sync --pair payments -v", "syncer sync --approve 4f0c9a1be2d3")


def sync(
    pair: PairOption = None,
    approve: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="Apply exactly the change set that a guard refused, by its digest."),
    ] = None,
    approve_creates: Annotated[
        int | None,
        typer.Option(
            "--approve-creates", metavar="N", min=0, help="Create the N items of --pair that wait for your consent."
        ),
    ] = None,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Read both sides completely, which also finds deletions.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", metavar="N", min=1, max=64, help="Run N pairs at a time (default: by trackers, at most 8)."
        ),
    ] = None,
    json: JsonOption = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only what somebody has to know, also on a terminal.")
    ] = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Bring each pair up to date once.

    Without a terminal it is silent as long as nobody has to act: made for cron. What is new and waits for a person is
    told once, and the run ends with 6. What stops a pair is told at once and again once a day, an outage once it has
    lasted half an hour and when it is over. At a terminal all of it is shown, and nothing counts as told.
    """
    if approve_creates is not None and pair is None:
        raise typer.BadParameter("name the pair with --pair", param_hint="--approve-creates")
    settings = open_settings(config, state, verbose, only=pair)
    talkative = not json and not quiet and (verbose > 0 or sys.stdout.isatty())
    with running(settings, only=pair, at_once=jobs or AT_ONCE) as work:
        asked = _Asked(approve, approve_creates, sweep=sweep, jobs=jobs, alone=pair is not None)
        ended = _passed(work, settings, asked, talkative=talkative, json=json)
        written = write_metrics(settings, work.store)
        beat(settings)
        run = None if all(one.tally.outcome == "busy" for one in ended) else _newest_run(work.store)
    if json:
        emit({"run": run, "pairs": [one.as_json() for one in ended]})
    code = work.interruption.code or code_of(ended)
    raise typer.Exit(Exit.USAGE if code == Exit.DONE and not written else code)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a pass and of each of its runs, see `run_pair`."""

    approve: str | None
    approve_creates: int | None
    sweep: bool
    jobs: int | None
    alone: bool
    """It is about one pair."""


def _passed(work: Running, settings: Settings, asked: _Asked, *, talkative: bool, json: bool) -> list[RunTold]:
    """The runs of a pass, each told of when it and those before it have ended.

    While another pass over the same pairs is at work nothing is begun, or those of a slow tracker would pile up.
    """
    from syncer.app.passes import Pass, usual_jobs
    from syncer.store import Busy

    def run(context: PairContext) -> Tally:
        return _run_one(context, asked)

    stop = work.interruption.stop
    ended = []
    try:
        with nullcontext() if asked.alone else work.store.pairs.whole_pass([each.name for each in work.contexts]):
            runs = Pass(work.lines, asked.jobs or usual_jobs(work.contexts), run, stop)
            for tally in runs.over(work.contexts):
                ended.append(_tell(work.store, tally, talkative=talkative, json=json))
                announce(settings, work.store, tally)
    except Busy:
        return _not_begun(work, talkative=talkative, json=json)
    return ended


def _not_begun(work: Running, *, talkative: bool, json: bool) -> list[RunTold]:
    """The pairs of a pass that was not begun. Silent in cron, unless the other pass has stood still for long."""
    from syncer.core.change import Tally
    from syncer.core.notification import Notification
    from syncer.sync.notify import tell_of_busy_pass

    def spoken(telling: Notification) -> None:
        for line in telling.lines:
            say(line)
        if talkative and not telling.lines:
            sys.stdout.write("Another pass over these pairs is at work: nothing was begun.\n")

    names = [context.name for context in work.contexts]
    tell_of_busy_pass(work.store, names, now, reader=_reader(json=json), say=spoken)
    message = "another pass over all pairs is at work"
    return [RunTold(Tally(name, outcome="busy", message=message), Notification()) for name in names]


@dataclass(frozen=True, slots=True)
class RunTold:
    """A run of a pair, and what was told of it."""

    tally: Tally
    telling: Notification

    def as_json(self) -> dict[str, Any]:
        """The object of the pair in `sync --json`."""
        news = [waiting_as_json(one) for one in self.telling.news]
        return {**self.tally.as_json(), "new": news, "code": code_of([self])}


def code_of(ended: Sequence[RunTold]) -> int:
    """The exit code of a command that did these runs."""
    from syncer.sync.outcome import exit_code

    return exit_code([one.tally.outcome for one in ended], news=any(one.telling.news for one in ended))


def _run_one(context: PairContext, asked: _Asked) -> Tally:
    """The run of one pair; an error that nobody foresaw is its own outcome and must not keep the other pairs waiting.

    Trouble with the state itself does concern them all, and is passed on.
    """
    import logging

    from syncer.app.logs import about_pair, redacted
    from syncer.core.change import Tally
    from syncer.store import StateError
    from syncer.sync.run import run_pair

    try:
        with about_pair(context.name):
            return run_pair(context, approve=asked.approve, sweep=asked.sweep, approve_creates=asked.approve_creates)
    except StateError:
        raise
    except Exception as error:
        logging.getLogger("syncer.sync").exception("run failed", extra={"pair": context.name})
        return Tally(context.name, outcome="failed", message=redacted(f"{type(error).__name__}: {error}"))


def announce(settings: Settings, store: Store, tally: Tally) -> None:
    """Tells channels and the pair's owner what is new, where the configuration names any."""
    if settings.notify.channels or settings.mail is not None:
        from syncer.app.logs import redacted
        from syncer.app.notifying import announce as told_at_once

        told_at_once(settings, store, tally, now, lambda line: say(redacted(line)))


def beat(settings: Settings) -> None:
    """Calls the address that waits for the end of each pass, where there is one."""
    if settings.notify.heartbeat is not None:
        from syncer.app.logs import redacted
        from syncer.app.notifying import beat as called

        called(settings, lambda line: say(redacted(line)))


def numbers(settings: Settings, store: Store) -> list[Any]:
    """What monitors are told of the state."""
    from syncer.app.prometheus import Missed, collect

    pairs: dict[str, Missed | None] = {pair.name: None for pair in settings.pairs}
    if any(pair.schedule is not None for pair in settings.pairs):  # else the scheduler need not be loaded
        from syncer.commands.polling import missed

        pairs |= {pair.name: missed(settings, pair, store) for pair in settings.pairs}
    return collect(store, pairs)


def write_metrics(settings: Settings, store: Store) -> bool:
    """Whether the textfile for a node exporter was written, where one is configured; says why it was not."""
    if settings.metrics_file is None:
        return True
    from syncer.app import prometheus as metrics

    try:
        metrics.write(settings.metrics_file, numbers(settings, store))
    except OSError as error:
        say(f"metrics-file {settings.metrics_file} cannot be written: {error.strerror}. The sync is not affected.")
        return False
    return True


def _newest_run(store: Store) -> str | None:
    runs = store.pairs.runs(limit=1)
    return runs[0].id if runs else None


def _tell(store: Store, tally: Tally, *, talkative: bool, json: bool) -> RunTold:
    """Says what is to be said after a run: to whom it concerns on stderr, to a person who wants to see it on stdout."""
    from syncer.sync.notify import tell

    def spoken(telling: Notification) -> None:
        if telling.aloud:
            say(sentence(tally.as_json()))
        elif talkative:
            sys.stdout.write(sentence(tally.as_json()) + "\n")
        for skip in tally.skips if talkative else ():
            item, reason = printable(str(skip.get("item", ""))), printable(str(skip.get("reason", "")))
            sys.stdout.write(f"  left alone: {item} {reason}\n")
        for line in telling.lines:
            say(line)

    return RunTold(tally, tell(store, tally, now, reader=_reader(json=json), say=spoken))


def _reader(*, json: bool) -> Listener:
    """Who reads what is said."""
    from syncer.core.notification import Listener

    return Listener.NOW if sys.stderr.isatty() else Listener.PROGRAM if json else Listener.LATER


def sentence(result: dict[str, Any]) -> str:
    """One line about the run of a pair, from its JSON: `payments: 3 created (3 right) (2 + 5 requests, 0.8 s)`."""
    parts = [
        *(_sides(result[word], word) for word in ("created", "updated", "closed")),
        *(f"{plural(count, 'comment')} {word}" for word, count in result["comments"].items() if count),
        *(f"{plural(count, 'milestone')} {word}" for word, count in result["milestones"].items() if count),
        f"{plural(result['files'], 'file')} added" if result["files"] else "",
        f"{result['adopted']} adopted" if result["adopted"] else "",
        f"{plural(commands, 'command')} obeyed" if (commands := result.get("commands")) else "",
        f"{plural(answers, 'answer')} given" if (answers := result.get("answers")) else "",
        f"{plural(pulls, 'link')} to pull requests written" if (pulls := result.get("pulls")) else "",
        f"{plural(result['conflicts'], 'conflict')} (syncer conflicts)" if result["conflicts"] else "",
        f"{result['held']} {'waits' if result['held'] == 1 else 'wait'} for a person" if result["held"] else "",
        f"{result['retry']} to retry" if result["retry"] else "",
        f"{result['remaining']} still to do" if result["remaining"] else "",
    ]
    idle = "both sides were read, nothing is written (mode watch)" if result["mode"] == "watch" else "nothing to do"
    done = ", ".join(part for part in parts if part) or idle
    outcome = "" if result["outcome"] == "clean" else f" [{outcome_said(result['outcome'])}]"
    requests = f"{result['requests']['left']} + {result['requests']['right']} requests, {result['seconds']:.1f} s"
    message = f"\n  {printable(result['message'])}" if result["message"] else ""
    if result["approve"]:
        name = result["name"]
        message += f"\n  Look: syncer preview --pair {name}"
        message += f"\n  Then: syncer sync --pair {name} --approve {result['approve']}"
    if result["outcome"] in {"busy", "denied", "failed", "refused", "interrupted"} and done == idle:
        done = result["outcome"]
        outcome = ""
    size = sum(result.get("first_sync", {}).values())
    first = f"{result['name']}: a first sync of {plural(size, 'task')}\n" if size else ""
    return f"{first}{result['name']}:{outcome} {done} ({requests}){message}"


def _sides(counts: dict[str, int], word: str) -> str:
    total = sum(counts.values())
    if not total:
        return ""
    return f"{total} {word} ({', '.join(f'{count} {side}' for side, count in counts.items() if count)})"
