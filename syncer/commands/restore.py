"""`syncer restore`: going on with an older state, as one that does not know what happened since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit

if TYPE_CHECKING:
    from syncer.settings import Settings

NEXT = (
    "The next run of each pair reads both sides completely. What was changed since the backup and differs waits in"
    " `syncer conflicts`; what would be created waits until you agree to its number."
)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "restore", restore, "syncer restore /backup/syncer/state.db", "syncer restore --here")


def restore(
    copy: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A copied state directory, or a state.db.", show_default=False)
    ] = None,
    here: Annotated[
        bool,
        typer.Option("--here", help="Go on with the state as it is: PostgreSQL, or a copy that was put back by hand."),
    ] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Put a backup in the place of the state, or go on with an older state that is there already.

    The state gets a new id, so that a copy of it that runs elsewhere is noticed. The former state is kept beside it.
    Nothing that people changed since the backup is overwritten, and nothing they deleted is made again: both wait.
    """
    if (copy is None) != here:
        raise typer.BadParameter("name a FILE, or --here, and not both", param_hint="restore")
    settings = open_settings(config, state, verbose)
    kept = None if copy is None else _replaced(settings, copy)
    if copy is None:
        from syncer.sync.context import fresh_id

        with open_store(settings) as store:
            store.restore_here(fresh_id())
    if json:
        emit({"state": settings.state, "kept": None if kept is None else str(kept)})
        return
    screen = console()
    screen.print(f"Restored: {settings.state}")
    if kept is not None:
        screen.print(f"The state that was there is kept: {kept}")
    screen.print(NEXT)
    screen.print("Look first: syncer preview")


def _replaced(settings: Settings, copy: Path) -> Path | None:
    from syncer.store import Store

    return Store.restore(copy, settings.state, clock=now)
