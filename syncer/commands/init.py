"""`syncer init`: writes a first configuration. Asks on a terminal, takes options otherwise."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from syncer.commands.exits import Exit
from syncer.commands.options import add
from syncer.commands.output import say
from syncer.commands.starter import InitAnswers, deployment_of, starter, variables

_ADDRESS = re.compile(r"https?://[^\s/@]+(/\S*)?")
_PROJECT = re.compile(r"[A-Z][A-Z0-9_]+")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "init",
        init,
        "syncer init",
        "syncer init --jira-url https://jira.acme.example --project PAY --github-repository acme/pay",
    )


def init(
    jira_url: Annotated[str | None, typer.Option(metavar="URL", help="Address of the Jira site.")] = None,
    jira_user: Annotated[str | None, typer.Option(metavar="EMAIL", help="Account of the token (Jira Cloud).")] = None,
    project: Annotated[str | None, typer.Option(metavar="KEY", help="Key of the Jira project.")] = None,
    github_repository: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help="The repository.")] = None,
    github_url: Annotated[
        str, typer.Option(metavar="URL", help="REST address of an Enterprise Server: https://HOST/api/v3.")
    ] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the pair (default: the project's key).")] = "",
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="Where to write.")] = Path("syncer.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write an annotated syncer.toml for one Jira project and one GitHub repository.

    Asks for what the options do not tell when it runs on a terminal. Never asks for, and never writes, a secret.
    """
    if file.exists() and not force:
        say(f"{file} exists already; --force replaces it.")
        raise typer.Exit(Exit.USAGE)
    given = {"--jira-url": jira_url, "--project": project, "--github-repository": github_repository}
    if not sys.stdin.isatty() and (missing := [option for option, value in given.items() if not value]):
        say(f"Without a terminal these options are needed: {' '.join(missing)}")
        raise typer.Exit(Exit.USAGE)
    url = _answer("Jira address", jira_url, _ADDRESS, "https://acme.atlassian.net", "--jira-url").rstrip("/")
    deployment = deployment_of(url)
    user = jira_user or ""
    if deployment == "cloud":
        if not user and not sys.stdin.isatty():
            say("Without a terminal these options are needed: --jira-user (Jira Cloud)")
            raise typer.Exit(Exit.USAGE)
        user = _answer("E-mail of the Jira account", jira_user, _MAIL, "sync-bot@acme.example", "--jira-user")
    answers = InitAnswers(
        jira_url=url,
        deployment=deployment,
        jira_user=user,
        project=_answer("Jira project key", project, _PROJECT, "PAY", "--project", str.upper),
        repository=_answer("GitHub repository", github_repository, _REPOSITORY, "acme/pay", "--github-repository"),
        github_url=github_url,
        name=name,
    )
    _write(file, starter(answers), force)
    say(f"Wrote {file}. Set the secrets, then try it:")
    for variable, meaning in variables(answers):
        say(f"  export {variable}=...   # {meaning}")
    say("  syncer check" if file == Path("syncer.toml") else f"  syncer check --config {file}")


def _answer(
    question: str,
    given: str | None,
    form: re.Pattern[str],
    example: str,
    option: str,
    normal: Callable[[str], str] = str,
) -> str:
    """The value of an option, or what a person types; asked again until it has the form."""
    if given is not None:
        value = normal(given.strip())
        if form.fullmatch(value) is None:
            raise typer.BadParameter(f'"{given}" does not look like {example}', param_hint=option)
        return value
    from rich.console import Console
    from rich.prompt import Prompt

    screen = Console(stderr=True, highlight=False)
    while True:
        value = normal(Prompt.ask(f"{question} (like {example})", console=screen).strip())
        if form.fullmatch(value):
            return value
        screen.print(f"That does not look like {example}.")


def _write(file: Path, text: str, force: bool) -> None:
    """Creates the file with mode 0644; never follows a link that somebody else put there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with os.fdopen(os.open(file, flags, 0o644), "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        say(f"{file} cannot be written: {error.strerror}")
        raise typer.Exit(Exit.USAGE) from None
