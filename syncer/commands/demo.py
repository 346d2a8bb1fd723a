"""`syncer demo`: the whole walk on a Jira and a GitHub that run on this machine only."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from syncer.commands.extras import lacking, lines_for
from syncer.commands.failures import CommandFailed, writing_to
from syncer.commands.options import add
from syncer.commands.output import console


class Deployment(StrEnum):
    """Which Jira the sandbox plays."""

    CLOUD = "cloud"
    DATA_CENTER = "dc"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "demo", demo, "syncer demo", "syncer demo --dir /tmp/look --jira dc")


def demo(
    directory: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where the report and the configuration are left.")
    ] = Path("syncer-demo"),
    jira: Annotated[Deployment, typer.Option(help="Jira Cloud or Jira Data Center.")] = Deployment.CLOUD,
) -> None:
    """Watch a Jira and a GitHub being kept in step, without any account.

    Starts both on 127.0.0.1, syncs a small payments project both ways, lets people edit both sides (with one conflict),
    syncs again, shows that a third sync has nothing to write, leaves the report of the week in DIR, and settles the
    conflict.
    """
    if absent := lacking("report", "sandbox"):
        raise CommandFailed("extra", *lines_for(*absent))
    from syncer.app.logs import switch_on
    from syncer.commands.invocation import own_command
    from syncer.demo import run_demo

    switch_on("error", "console")
    with writing_to(directory, "--dir"):
        raise typer.Exit(run_demo(directory, jira.value, console(), command=own_command(directory)))
