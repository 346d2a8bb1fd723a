"""Options that several commands share, each described once."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

Choice = TypeVar("Choice", bound=StrEnum)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Configuration file (default: SYNCER_CONFIG, or syncer.toml)."),
]
StateOption = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="DIR",
        help="State directory or postgresql:// address (default: SYNCER_STATE, the file's, or $XDG_STATE_HOME/syncer).",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
PairOption = Annotated[str | None, typer.Option("--pair", "-p", metavar="NAME", help="Only this pair.")]
VerboseOption = Annotated[
    int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Say more; twice: log everything.")
]

WeekOption = Annotated[str | None, typer.Option(metavar="YYYY-Www", help="An ISO week (default: that of yesterday).")]


def one_of(choices: type[Choice]) -> Any:
    """What `typer.Option` takes to read a value of an enumeration, and to say in our own words that it is none."""

    def parse(text: str | Choice) -> Choice:
        if text not in list(choices):
            raise typer.BadParameter(f'"{text}" is not one of {", ".join(choices)}')
        return choices(text)

    return {"parser": parse, "metavar": f"[{'|'.join(choices)}]"}


def add(app: typer.Typer, name: str, command: Callable[..., Any], *examples: str) -> None:
    """Adds a command: its docstring is its help (paragraphs are filled to the width of the terminal), then examples.

    A table of the configuration in it (`[retention]`) is no markup, which would be taken out.
    """
    told = (getdoc(command) or "").replace("[", "\\[")
    paragraphs = [" ".join(paragraph.split()) for paragraph in told.split("\n\n")]
    shown = "\n\n".join(["Examples:", *examples]) if examples else None
    app.command(name=name, help="\n\n".join(paragraphs), short_help=paragraphs[0], epilog=shown)(command)
