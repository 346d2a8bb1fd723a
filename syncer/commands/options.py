"""Options that several commands share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration file [default: syncer.toml, or SYNCER_CONFIG]."),
]
StateOption = Annotated[
    str | None,
    typer.Option(
        "--state", metavar="DIR", help="State directory or postgresql:// URL [default: $XDG_STATE_HOME/syncer]."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
PairOption = Annotated[str | None, typer.Option("--pair", "-p", metavar="NAME", help="Only this pair.")]
VerboseOption = Annotated[
    int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Say more; twice: log everything.")
]
