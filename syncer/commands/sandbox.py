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
    from syncer.sandbox import Sandbox


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
    from syncer.rehearsal import Filling, rehearsal
    from syncer.sandbox import SandboxError

    deployment: Literal["cloud", "datacenter"] = "cloud" if jira is Deployment.CLOUD else "datacenter"
    try:
        box = rehearsal(deployment, port, Filling(issues, comments, recorded))
        if data is Data.DEMO:
            _fill(box)
        box.start()
    except (SandboxError, ValueError) as error:
        say(str(error))
        raise typer.Exit(Exit.USAGE) from None
    try:
        _announce(box, deployment)
        with Interruption() as interruption:
            while not interruption.stop():
                time.sleep(0.2)
    finally:
        box.stop()


def _fill(box: Sandbox) -> None:
    """The project of the demo."""
    from syncer import demo

    demo.fill(box)  # type: ignore[attr-defined]


def _announce(box: Sandbox, deployment: Literal["cloud", "datacenter"]) -> None:
    from syncer.rehearsal import GITHUB_TOKEN, JIRA_TOKEN, PEOPLE, configuration

    accounts = ", ".join(PEOPLE)
    typer.echo(
        f"# Jira    {box.jira_url}\n# GitHub  {box.github_url}\n"
        f"# Log     {box.url}/_sandbox/requests\n"
        f"# People  {accounts}: token-NAME on Jira, ghp_sandbox_NAME on GitHub (with _ for -)\n"
        f"# export SYNCER_TRACKERS__JIRA__TOKEN={JIRA_TOKEN} SYNCER_TRACKERS__GITHUB__TOKEN={GITHUB_TOKEN}\n"
        f"# Save what follows as syncer.toml, then: syncer check; syncer sync -v\n\n{configuration(box, deployment)}"
    )
