"""Data sets a sandbox can start with: nothing but a place to work in, invented issues at scale, or recordings.

Each leaves an account that may sync, `sync-bot`, with fixed tokens on both sides: a sandbox listens on loopback only
and holds nothing worth protecting, and a rehearsed configuration should work again tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from syncer.sandbox.recordings import import_files
from syncer.sandbox.server import Sandbox

BOT = "sync-bot"
BOT_EMAIL = "sync-bot@acme.example"
GITHUB_TOKEN = "sandbox-github-token"  # noqa: S105 # not a secret: see the module's docstring
JIRA_TOKEN = "sandbox-jira-token"  # noqa: S105 # not a secret: see the module's docstring
REPOSITORY = "acme/pay"
PROJECT = "PAY"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a data set put into a sandbox: names to configure a pair with, and how much there is."""

    repositories: tuple[str, ...]
    projects: tuple[str, ...]
    github_issues: int
    jira_issues: int


def load(
    box: Sandbox,
    name_or_file: str | Path = "empty",
    *,
    issues: int = 0,
    comments: int = 0,
    side: Literal["github", "jira", "both"] = "github",
) -> Loaded:
    """Fill `box` and return what is in it then.

    "empty" is the repository `acme/pay` and the project PAY without issues. "scale" adds `issues` invented issues with
    `comments` comments each on one side or both. Anything else names a file of recorded JSON of either vendor's REST
    interface (one object a line, or one array) or an archive of a GitHub repository. Raises SandboxError for a file it
    cannot read.
    """
    _add_bot(box)
    if str(name_or_file) not in ("empty", "scale"):
        import_files(box, [Path(name_or_file)], BOT)
    else:
        _add_place(box)
    if str(name_or_file) == "scale":
        if side != "jira":
            box.github.seed_issues(REPOSITORY, issues, comments)
        if side != "github":
            box.jira.seed_issues(PROJECT, issues, comments)
    return Loaded(
        tuple(repository.full_name for repository in box.github.repositories.values()),
        tuple(project.key for project in box.jira.projects.values()),
        sum(len(repository.issues) for repository in box.github.repositories.values()),
        len(box.jira.issues),
    )


def _add_bot(box: Sandbox) -> None:
    """Add the account that syncs, on both sides."""
    box.github.add_user(BOT, "Sync Bot", token=GITHUB_TOKEN)
    box.jira.add_user(BOT, "Sync Bot", email=BOT_EMAIL, token=JIRA_TOKEN)


def _add_place(box: Sandbox) -> None:
    """Add a private repository of an organisation and a project, which the bot may write to."""
    box.github.add_organization("acme", "Acme", members={BOT: "read"})
    box.github.add_repository(REPOSITORY, visibility="private", description="Payments")
    box.github.add_collaborator(REPOSITORY, BOT, "maintain")
    box.jira.add_project(PROJECT, "Payments", lead=BOT)
