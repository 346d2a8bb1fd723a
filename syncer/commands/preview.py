"""`syncer preview`: what a sync would write, and why. The same decisions, stopped before the first write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import typer

from syncer.commands.interruption import CommandInterrupted
from syncer.commands.opening import open_settings, running
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, table
from syncer.core.amounts import plural
from syncer.core.waiting import Why

_SHOWN = 200
"""Rows of a table that people still read; `--json` has all of them."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "preview",
        preview,
        "syncer preview",
        "syncer preview --pair payments --json | jq '.pairs[0].changes[].reason'",
    )


def preview(
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Show what a sync would write, and why, without writing it.

    Reads both trackers and remembers what it read; writes to neither. The digest it prints is what `syncer sync
    --approve` takes when a guard refused.
    """
    from syncer.core.change import describe
    from syncer.sync.commands import spoken
    from syncer.sync.foreseen import as_sent
    from syncer.sync.pair_run import is_first
    from syncer.sync.preview import preview_pair, set_aside, task_keys
    from syncer.sync.twins import alike_without_link

    settings = open_settings(config, state, verbose, only=pair)
    pairs = []
    with running(settings, only=pair) as work:
        for context in work.contexts:
            decided = preview_pair(context)
            change_set = as_sent(context, decided)
            keys = task_keys(context, change_set)
            changes = [
                describe(change) | ({"task": key} if key else {})
                for change, key in zip(change_set.changes, keys, strict=True)
            ]
            writes = sum(1 for _ in change_set.writes())
            alike = 0 if context.watches else alike_without_link(context)
            size = change_set.tasks_to_create() if is_first(context) else {}
            pairs.append(
                {
                    "name": context.name, "mode": context.rules.mode.value, "digest": decided.digest,
                    "writes": writes, "first_sync": size, "alike": alike, "changes": changes,
                    "set_aside": set_aside(context), "commands": [asdict(one) for one in spoken(context)],
                }
            )  # fmt: skip
    if work.interruption.code is not None:
        raise CommandInterrupted(work.interruption.code)
    if json:
        emit({"pairs": pairs})
        return
    for result in pairs:
        _tell(result, verbose)


def _tell(result: Mapping[str, Any], verbose: int) -> None:
    screen = console()
    total = plural(result["writes"], "write")
    if result["mode"] == "watch":
        screen.print(f'{result["name"]}: only watches; none of this is written while mode = "watch" stands')
    if first := result["first_sync"]:
        size = ", ".join(f"{count} {side}" for side, count in first.items())
        screen.print(f"{result['name']}: a first sync of {plural(sum(first.values()), 'task')} ({size})")
    screen.print(
        f"{result['name']}: {total}, digest {result['digest']}"
        if result["writes"]
        else f"{result['name']}: nothing to write"
    )
    if result["alike"]:
        from syncer.sync.twins import doubled

        screen.print(f"{result['name']}: a sync is refused: {doubled(result['name'], result['alike'])}")
    if aside := result["set_aside"]:
        are = plural(aside, "task is", "tasks are")
        screen.print(
            f"{result['name']}: {are} outside the route or filter, and nothing of them is written:"
            f" syncer status --pair {result['name']}"
        )
    for command in result["commands"]:
        done = "is obeyed first" if command["allowed"] else "is not allowed, and is answered so"
        said = f"{command['said']} on {command['task']}, by {command['by']}, {done}"
        screen.print(printable(f"{result['name']}: {said}"))
    wanted = {"create", "update", "adopt"} | ({"skip", "record"} if verbose else set())
    rows = [_row(change) for change in result["changes"] if change["change"] in wanted]
    table("", ("change", "side", "item", "fields", "why"), rows[:_SHOWN])
    if len(rows) > _SHOWN:
        screen.print(f"  … and {len(rows) - _SHOWN} more (--json shows all)")
    if not verbose:
        _print_skipped([change["why"] == Why.CONFLICT for change in result["changes"] if change["change"] == "skip"])


def _print_skipped(conflicts: Sequence[bool]) -> None:
    """Tells how many fields a sync would leave as they are; `conflicts` has for each whether a person is to decide."""
    screen, waiting = console(), sum(conflicts)
    if waiting:
        screen.print(f"  {plural(waiting, 'field waits', 'fields wait')} for a decision (-v shows which)")
    if left := len(conflicts) - waiting:
        screen.print(f"  {plural(left, 'field')} left alone (-v shows why)")


def _row(change: Mapping[str, Any]) -> tuple[str, ...]:
    item = (
        change.get("target")
        or change.get("source")
        or change.get("item")
        or f"{change.get('left')} = {change.get('right')}"
    )
    item = f"{item} on {change['task']}" if change.get("task") else item
    fields = ", ".join(_field(name, value) for name, value in (change.get("fields") or {}).items())
    if change["change"] == "skip":
        fields = change["field"] or ""
    what = change["change"] if change.get("kind") in {None, "task"} else f"{change['change']} {change['kind']}"
    return what, change.get("side", ""), str(item), fields, change["reason"]


def _field(name: str, value: Any) -> str:
    """A field with its new value where that is short."""
    match value:
        case {"name": str() as status, "reason": reason}:
            text = status if reason is None else f"{status} ({reason})"
        case {"date": str() as day}:
            text = day
        case None:
            text = "nothing"
        case list():
            text = ", ".join(map(str, value))
        case _:
            text = str(value)
    line = " ".join(printable(text).split())
    return name if name == "body" or not line else f"{name}: {line if len(line) <= 48 else line[:47] + '…'}"
