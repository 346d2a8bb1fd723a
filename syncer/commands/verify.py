"""`syncer verify`: a full comparison of both sides under the rules."""

from __future__ import annotations

from typing import Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.interruption import Interrupted
from syncer.commands.opening import open_settings, running
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, plural, table


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "verify", verify, "syncer verify", "syncer verify --pair payments --json")


def verify(
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Compare both sides completely under the rules and list every difference. Writes nothing to a tracker.

    Ends with 0 when both sides agree, with 1 when something differs that nobody is waiting for.
    """
    from syncer.engine import verify_pair

    settings = open_settings(config, state, verbose, only=pair)
    pairs: list[dict[str, Any]] = []
    with running(settings, only=pair) as work:
        pairs = [{"name": context.name, "drift": verify_pair(context)} for context in work.contexts]
    if work.interruption.code is not None:
        raise Interrupted(work.interruption.code)
    if json:
        emit({"pairs": pairs})
    else:
        for result in pairs:
            drift = result["drift"]
            console().print(f"{result['name']}: {plural(len(drift), 'difference') if drift else 'both sides agree'}")
            columns = list(dict.fromkeys(key for row in drift for key in row))
            table("", columns, [[row.get(column) for column in columns] for row in drift])
    raise typer.Exit(Exit.RETRY if any(result["drift"] for result in pairs) else Exit.DONE)
