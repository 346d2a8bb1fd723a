"""`syncer backup`: a whole copy of the state in a file, while runs go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncer.commands.opening import open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "backup", backup, "syncer backup /backup/syncer.db")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written; an older backup is replaced.")],
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Write a whole copy of the state to a file, while runs go on.

    The copy is read again and checked before it appears, and only its owner can read it. Put it back with `syncer
    restore`. A state in PostgreSQL is backed up with pg_dump: the command prints the line.
    """
    settings = open_settings(config, state, verbose)
    with open_store(settings) as store:
        store.backup(file.expanduser())
    size = file.expanduser().stat().st_size
    if json:
        emit({"state": settings.state, "file": str(file), "bytes": size})
        return
    console().print(f"{file}: {size / 1e6:.1f} MB, checked. Put it back with: syncer restore {file}", soft_wrap=True)
