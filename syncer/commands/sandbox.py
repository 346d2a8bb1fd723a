"""`syncer sandbox`: a Jira and a GitHub on this machine, to rehearse a configuration with."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from syncer.commands.demo import Deployment
from syncer.commands.exits import Exit
from syncer.commands.interruption import Interruption
from syncer.commands.options import add
from syncer.commands.output import say

if TYPE_CHECKING:
    from syncer.rehearsal import Rehearsal


class Data(StrEnum):
    """What the sandbox holds at the start."""

    EMPTY = "empty"
    DEMO = "demo"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "sandbox",
        sandbox,
        "syncer sandbox --data demo",
        "syncer sandbox --port 8765 --jira dc --issues 1000 --comments 3",
        "syncer sandbox --import recorded.jsonl",
    )


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    jira: Annotated[Deployment, typer.Option(help="Jira Cloud or Jira Data Center.")] = Deployment.CLOUD,
    data: Annotated[Data, typer.Option(help="What both trackers hold at the start.")] = Data.EMPTY,
    issues: Annotated[int, typer.Option(min=0, help="Add so many issues to the repository.")] = 0,
    comments: Annotated[int, typer.Option(min=0, help="Add so many comments to each of those.")] = 0,
    recorded: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", exists=True, dir_okay=False, help="Load recorded JSON objects."),
    ] = None,
) -> None:
    """Run a Jira and a GitHub on 127.0.0.1 until Ctrl-C, and print a configuration for them.

    Both behave like the vendors' and can be told to fail: POST a fault to /_sandbox/faults, read the request log at
    /_sandbox/requests.
    """
    from syncer.rehearsal import Filling, rehearse, rehearse_demo
    from syncer.sandbox import SandboxError

    if data is Data.DEMO and (issues or comments or recorded):
        raise typer.BadParameter("--data demo is complete as it is; leave out --issues, --comments and --import")
    deployment: Literal["cloud", "datacenter"] = "cloud" if jira is Deployment.CLOUD else "datacenter"
    try:
        if data is Data.DEMO:
            rehearsal = rehearse_demo(deployment, port)
        else:
            rehearsal = rehearse(deployment, port, Filling(issues, comments, recorded))
    except (SandboxError, ValueError) as error:
        say(str(error))
        raise typer.Exit(Exit.USAGE) from None
    try:
        typer.echo(announcement(rehearsal))
        _serve(rehearsal)
    finally:
        rehearsal.box.stop()


def _serve(rehearsal: Rehearsal) -> None:
    """Waits for a signal; time passes in the sandbox as it does here."""
    with Interruption() as interruption:
        last = time.monotonic()
        while not interruption.stop():
            interruption.sleep(0.2)
            passed = time.monotonic() - last
            last += passed
            rehearsal.tick(passed)


def announcement(rehearsal: Rehearsal) -> str:
    """Addresses and tokens as comments, then the configuration: what is printed is a valid `syncer.toml`."""
    box = rehearsal.box
    exports = " ".join(f"SYNCER_TRACKERS__{name.upper()}__TOKEN={token}" for name, token in rehearsal.tokens.items())
    people = [
        f"# {name}: Jira {jira or 'no'}, GitHub {github or 'no'}" for name, (jira, github) in rehearsal.people.items()
    ]
    return "\n".join(
        [
            f"# Jira    {box.jira_url}",
            f"# GitHub  {box.github_url}",
            f"# Log     {box.url}/_sandbox/requests",
            "# Tokens of people, to act as them:",
            *people,
            f"# export {exports}",
            "# Save this as syncer.toml, then: syncer check; syncer sync -v",
            "",
            rehearsal.configuration,
        ]
    )
