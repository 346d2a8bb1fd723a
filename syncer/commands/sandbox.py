"""`syncer sandbox`: a Jira and a GitHub on this machine, to rehearse a configuration with."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from syncer.commands.demo import Deployment
from syncer.commands.exits import Exit
from syncer.commands.interruption import Interruption
from syncer.commands.invocation import own_command
from syncer.commands.opening import now
from syncer.commands.options import add
from syncer.commands.output import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncer.demo.rehearsal import Rehearsal
    from syncer.sandbox import Sandbox
    from syncer.sandbox.profiles import Profile


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
        "syncer sandbox --profile jira-data-center --profile ghes-3.19",
        "syncer sandbox --data demo --hooks http://127.0.0.1:9470/hooks",
        "syncer sandbox --import issues.jsonl --import comments.jsonl",
    )


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    jira: Annotated[Deployment, typer.Option(help="Jira Cloud or Jira Data Center.")] = Deployment.CLOUD,
    data: Annotated[Data, typer.Option(help="What both trackers hold at the start.")] = Data.EMPTY,
    issues: Annotated[int, typer.Option(min=0, help="Add so many issues to the repository.")] = 0,
    comments: Annotated[int, typer.Option(min=0, help="Add so many comments to each of those.")] = 0,
    directory: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where --data demo leaves its configuration and tokens.")
    ] = Path("syncer-rehearsal"),
    recorded: Annotated[
        list[Path] | None,
        typer.Option(
            "--import",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Load recorded JSON objects; may be given more than once.",
        ),
    ] = None,
    hooks: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Send webhooks of both there, such as http://127.0.0.1:9470/hooks."),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Behave like this server, or like the one in a file; one for each tracker."),
    ] = None,
) -> None:
    """Run a Jira and a GitHub on 127.0.0.1 until Ctrl-C, and print a configuration for them.

    With --data demo they hold the project of `syncer demo`, up to this minute, and DIR is ready to sync it from.
    Both behave like the vendors' and can be told to fail: POST a fault to /_sandbox/faults, or the rate limits of Jira
    to /_sandbox/limits; read the request log at /_sandbox/requests.

    --import takes what either vendor's REST interface answered (issues, comments, events, milestones; worklogs,
    sprints, users), and pairs each recorded repository and project with an empty place of its own.

    --profile NAME is one of jira-cloud, jira-cloud-gateway, jira-server, jira-data-center, github-2022-11-28,
    github-2026-03-10, ghes-3.17, ghes-3.19 and ghe.com; the profile of a Jira decides on --jira.
    """
    from syncer.demo.rehearsal import HOOK_SECRETS, Filling, rehearse
    from syncer.sandbox import SandboxError
    from syncer.sandbox.profiles import profiles_of

    if data is Data.DEMO and (issues or comments or recorded):
        raise typer.BadParameter("--data demo is complete as it is; leave out --issues, --comments and --import")
    deployment: Literal["cloud", "datacenter"] = "cloud" if jira is Deployment.CLOUD else "datacenter"
    try:
        profiles = profiles_of(profile or ())
        if data is Data.DEMO:
            rehearsal = _demo(deployment, port, directory, profiles)
        else:
            rehearsal = rehearse(deployment, port, Filling(issues, comments, tuple(recorded or ()), profiles))
    except (SandboxError, ValueError) as error:
        say(str(error))
        raise typer.Exit(Exit.USAGE) from None
    except OSError as error:
        say(f"{directory} cannot be written: {error.strerror}")
        raise typer.Exit(Exit.USAGE) from None
    try:
        if hooks is not None:
            rehearsal.box.send_hooks(hooks, HOOK_SECRETS)
        for line in loaded(rehearsal):
            say(line)
        typer.echo(announcement(rehearsal))
        for line in directions(rehearsal):
            say(line)
        with Interruption() as interruption:
            while not interruption.stop():
                interruption.sleep(0.2)
    finally:
        rehearsal.box.stop()


def _demo(
    deployment: Literal["cloud", "datacenter"], port: int, directory: Path, profiles: Iterable[Profile]
) -> Rehearsal:
    """The project of the demo. Raises ValueError for a directory that holds something else."""
    from syncer.demo.directory import is_ours, refusal
    from syncer.demo.rehearsal import rehearse_demo

    if not is_ours(directory):
        raise ValueError(refusal(directory))
    return rehearse_demo(deployment, port, directory, now(), profiles)


def announcement(rehearsal: Rehearsal) -> str:
    """Addresses and tokens as comments, then the configuration: what is printed is a valid `syncer.toml`."""
    from syncer.demo.rehearsal import HOOK_SECRETS

    box = rehearsal.box
    secrets = " ".join(f"SYNCER_TRACKERS__{name.upper()}__HOOK_SECRET={one}" for name, one in HOOK_SECRETS.items())
    people = [
        f"# {name}: Jira {_at_jira(box, jira)}, GitHub {github or '(no account)'}"
        for name, (jira, github) in rehearsal.people.items()
    ]
    return "\n".join(
        [
            f"# Jira    {box.jira_url}",
            f"# GitHub  {box.github_url}",
            f"# Log     {box.url}/_sandbox/requests",
            "# Tokens of people, to act as them:",
            *people,
            *(f"# {line}" for line in _by_hand(rehearsal)),
            *([f"# For `syncer hooks`: export {secrets}"] if box.hooks is not None else []),
            "",
            rehearsal.configuration,
        ]
    )


def _at_jira(box: Sandbox, token: str) -> str:
    """How somebody signs in at Jira: Cloud takes the address with the token, Data Center the token alone."""
    if not token:
        return "(no account)"
    user = box.jira.user_of_token(token) if box.jira.is_cloud else None
    return token if user is None else f"{user.email}:{token}"


def _by_hand(rehearsal: Rehearsal) -> tuple[str, ...]:
    """How to use the configuration where it stands nowhere yet."""
    if rehearsal.folder is not None:
        return ()
    exports = " ".join(f"SYNCER_TRACKERS__{name.upper()}__TOKEN={token}" for name, token in rehearsal.tokens.items())
    return (f"export {exports}", "Save this as syncer.toml, then: syncer check; syncer sync -v; syncer report")


def loaded(rehearsal: Rehearsal) -> list[str]:
    """What the recordings held, a line for each tracker that had something in them."""
    if rehearsal.imported is None:
        return []
    from syncer.core.amounts import plural

    words = {"relation": ("parent or blocker", "parents and blockers"), "skipped": ("skipped", "skipped")}
    lines = []
    for name, counts in (("GitHub", rehearsal.imported.github), ("Jira", rehearsal.imported.jira)):
        told = [plural(count, *words.get(kind, (kind,))) for kind, count in counts.items() if kind != "skipped"]
        if told:
            lines.append(f"Loaded into {name}: {', '.join(told)}.")
        if counts.get("skipped"):
            skipped = plural(counts["skipped"], "object was", "objects were")
            lines.append(
                f"{name}: {skipped} left out: no object of it, there already, or of an issue that is in no file."
            )
    if not (rehearsal.imported.repositories or rehearsal.imported.projects):
        lines.append("The recording holds no issue; both trackers are as without it.")
    return lines


def directions(rehearsal: Rehearsal) -> list[str]:
    """That it runs and how to end it; for the demo's project also what to type, each line as it stands."""
    running = "Jira and GitHub run on this machine until Ctrl-C."
    if rehearsal.folder is None:
        return [running]
    command = own_command(rehearsal.folder)
    steps = ("check", "preview", "sync -v", "conflicts", "report")
    return [
        f"{running} In another terminal:",
        f"   cd {shlex.quote(str(rehearsal.folder))}",
        *(f"   {command} {step}" for step in steps),
    ]
