"""`syncer sync`: one run of each pair, what cron calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.opening import open_settings, running
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import emit, plural, printable, say

if TYPE_CHECKING:
    from syncer.context import PairContext
    from syncer.core.change import Tally
    from syncer.settings import Settings
    from syncer.store import Store

QUIET_OUTCOMES = frozenset({"clean", "held", "budget"})
"""Nothing for anybody to do now: cron stays silent. What is held waits in `syncer status` and in the report."""


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
    json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors, also on a terminal.")] = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Bring each pair up to date once.

    Without a terminal it prints nothing as long as there is nothing to do for anybody: made for cron.
    """
    from syncer.engine import exit_code

    if approve_creates is not None and pair is None:
        raise typer.BadParameter("name the pair with --pair", param_hint="--approve-creates")
    settings = open_settings(config, state, verbose, only=pair)
    tallies: list[Tally] = []
    with running(settings, only=pair) as work:
        for context in work.contexts:
            if work.interruption.stop():
                break
            tallies.append(_run_one(context, approve=approve, sweep=sweep, approve_creates=approve_creates))
        write_metrics(settings, work.store)
        run = None if all(tally.outcome == "busy" for tally in tallies) else _newest_run(work.store)
    if json:
        emit({"run": run, "pairs": [tally.as_json() for tally in tallies]})
    else:
        _tell(tallies, quiet=quiet, verbose=verbose > 0)
    raise typer.Exit(work.interruption.code or exit_code(tally.outcome for tally in tallies))


def _run_one(context: PairContext, *, approve: str | None, sweep: bool, approve_creates: int | None) -> Tally:
    """The run of one pair; an error that nobody foresaw is its own outcome and must not keep the other pairs waiting.

    Trouble with the state itself does concern them all, and is passed on.
    """
    import structlog

    from syncer.core.change import Tally
    from syncer.engine import run_pair
    from syncer.logs import redacted
    from syncer.store import StateError

    try:
        with structlog.contextvars.bound_contextvars(pair=context.name):
            return run_pair(context, approve=approve, sweep=sweep, approve_creates=approve_creates)
    except StateError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, the other pairs go on
        structlog.get_logger("syncer.sync").exception("run failed", pair=context.name)
        return Tally(context.name, outcome="failed", message=redacted(f"{type(error).__name__}: {error}"))


def write_metrics(settings: Settings, store: Store) -> None:
    """Writes the textfile for a node exporter, where one is configured. A failure to do so is only logged."""
    if settings.metrics_file is None:
        return
    from syncer import metrics

    metrics.write(settings.metrics_file, metrics.collect(store, [pair.name for pair in settings.pairs]))


def _newest_run(store: Store) -> str | None:
    runs = store.runs(limit=1)
    return runs[0].id if runs else None


def _tell(tallies: Sequence[Tally], *, quiet: bool, verbose: bool) -> None:
    talkative = not quiet and (verbose or sys.stdout.isatty())
    for tally in tallies:
        if tally.outcome not in QUIET_OUTCOMES:
            say(sentence(tally.as_json()))
        elif talkative:
            sys.stdout.write(sentence(tally.as_json()) + "\n")
        if talkative:
            for skip in tally.skips:
                sys.stdout.write(
                    f"  left alone: {printable(str(skip.get('item', '')))} {printable(str(skip.get('reason', '')))}\n"
                )


def sentence(result: dict[str, Any]) -> str:
    """One line about the run of a pair, from its JSON: `payments: 3 created (3 right) (2 + 5 requests, 0.8 s)`."""
    parts = [
        *(_sides(result[word], word) for word in ("created", "updated", "closed")),
        *(f"{plural(count, 'comment')} {word}" for word, count in result["comments"].items() if count),
        *(f"{plural(count, 'milestone')} {word}" for word, count in result["milestones"].items() if count),
        f"{plural(result['files'], 'file')} added" if result["files"] else "",
        f"{result['adopted']} adopted" if result["adopted"] else "",
        f"{plural(result['conflicts'], 'conflict')} (syncer conflicts)" if result["conflicts"] else "",
        f"{result['held']} held" if result["held"] else "",
        f"{result['retry']} to retry" if result["retry"] else "",
        f"{result['remaining']} still to do" if result["remaining"] else "",
    ]
    if first := result.get("first_sync"):
        parts.insert(0, f"first sync of {plural(sum(first.values()), 'task')}")
    done = ", ".join(part for part in parts if part) or "nothing to do"
    outcome = "" if result["outcome"] == "clean" else f" [{result['outcome']}]"
    requests = f"{result['requests']['left']} + {result['requests']['right']} requests, {result['seconds']:.1f} s"
    message = f"\n  {printable(result['message'])}" if result["message"] else ""
    if result["approve"]:
        name = result["name"]
        message += f"\n  Look: syncer preview --pair {name}"
        message += f"\n  Then: syncer sync --pair {name} --approve {result['approve']}"
    if result["outcome"] in {"busy", "denied", "failed", "refused", "interrupted"} and done == "nothing to do":
        done = result["outcome"]
        outcome = ""
    return f"{result['name']}:{outcome} {done} ({requests}){message}"


def _sides(counts: dict[str, int], word: str) -> str:
    total = sum(counts.values())
    if not total:
        return ""
    return f"{total} {word} ({', '.join(f'{count} {side}' for side, count in counts.items() if count)})"
