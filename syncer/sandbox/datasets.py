"""Data sets a sandbox can start with: nothing but a place to work in, invented issues at scale, or recordings.

Each leaves an account that may sync, `sync-bot`, with fixed tokens on both sides: a sandbox listens on loopback only
and holds nothing worth protecting, and a rehearsed configuration should work again tomorrow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from syncer.sandbox.errors import SandboxError
from syncer.sandbox.github.recorded import kind_of
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
        _load_file(box, Path(name_or_file))
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


def _load_file(box: Sandbox, file: Path) -> None:
    """Load recordings of either vendor, and let the bot into every repository they make."""
    records = list(_records(file))
    box.github.load_recorded(record for record in records if kind_of(record) is not None)
    box.jira.load_recorded(record for record in records if kind_of(record) is None)
    for repository in list(box.github.repositories.values()):
        box.github.add_collaborator(repository.full_name, BOT, "maintain")


def _records(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file: one a line, the elements of one array, or the one the whole file is."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"cannot read the recording {file}: {error}") from error
    numbered = [(1, text)]
    if not _is_json(text):
        numbered = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    for number, part in numbered:
        try:
            value = json.loads(part)
        except ValueError as error:
            raise SandboxError(f"{file}, line {number}: not JSON: {error}") from error
        for record in value if isinstance(value, list) else [value]:
            if not isinstance(record, dict):
                raise SandboxError(f"{file}, line {number}: expected an object, found {type(record).__name__}")
            yield record


def _is_json(text: str) -> bool:
    """True when a whole text is one JSON value."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
