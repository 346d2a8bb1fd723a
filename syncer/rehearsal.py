"""A sandbox that is ready to be rehearsed on: one project, one repository, one sync account, three people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from syncer.sandbox import Sandbox

PROJECT = "PAY"
REPOSITORY = "acme/pay"
BOT = "sync-bot"
PEOPLE = {"li-wei": "李伟", "mia-berg": "Mia Berg", "zhang-min": "张敏"}
"""User name or login, the same on both trackers, and the name to show."""

GITHUB_TOKEN = "ghp_sandbox_sync_bot"  # noqa: S105 - opens nothing but the sandbox
JIRA_TOKEN = "token-sync-bot"  # noqa: S105 - opens nothing but the sandbox


@dataclass(frozen=True, slots=True)
class Filling:
    """What the trackers hold at the start."""

    issues: int = 0
    """Issues in the repository, for scale."""
    comments: int = 0
    """Comments on each of them."""
    recorded: Path | None = None
    """A file of recorded objects: one JSON document (an object or a list) or one object a line."""


def rehearsal(deployment: Literal["cloud", "datacenter"], port: int, filling: Filling) -> Sandbox:
    """A sandbox that does not serve yet. Raises SandboxError for a port in use, ValueError for a file it cannot read."""
    box = Sandbox(jira_deployment=deployment, port=port)
    people(box)
    if filling.issues:
        box.github.seed_issues(REPOSITORY, filling.issues, filling.comments)
    if filling.recorded is not None:
        jira, github = [], []
        for record in read_records(filling.recorded):
            (jira if is_of_jira(record) else github).append(record)
        box.jira.load_recorded(jira)
        box.github.load_recorded(github)
    return box


def people(box: Sandbox) -> None:
    """Adds the accounts, the project and the repository."""
    box.github.add_organization("acme", "Acme")
    box.github.add_repository(REPOSITORY, visibility="private")
    box.github.add_user(BOT, "Sync Bot", token=GITHUB_TOKEN)
    box.jira.add_user(BOT, "Sync Bot", email=f"{BOT}@acme.example", token=JIRA_TOKEN)
    for account, name in PEOPLE.items():
        box.github.add_user(account, name, token=f"ghp_sandbox_{account.replace('-', '_')}")
        box.jira.add_user(account, name, token=f"token-{account}")
    for account in (BOT, *PEOPLE):
        box.github.add_collaborator(REPOSITORY, account, "write")
    box.jira.add_project(PROJECT, "Payments", lead="mia-berg")
    box.jira.grant(BOT, "ADMINISTER_PROJECTS", PROJECT)


def configuration(box: Sandbox, deployment: Literal["cloud", "datacenter"]) -> str:
    """A configuration for this sandbox; the tokens are not in it."""
    user = f'user = "{BOT}@acme.example"\n' if deployment == "cloud" else ""
    persons = "\n".join(
        f'[[people]]\nname = "{name}"\naccounts = {{ jira = "{account}", github = "{account}" }}\n'
        for account, name in PEOPLE.items()
    )
    return f"""\
[trackers.jira]
kind = "jira"
url = "{box.jira_url}"
deployment = "{deployment}"
allow-http = true
{user}
[trackers.github]
kind = "github"
url = "{box.github_url}"
writes-per-second = 0
creates-per-minute = 0
creates-per-hour = 0

[[pairs]]
name = "payments"
left = {{ tracker = "jira", project = "{PROJECT}", audience = "members" }}
right = {{ tracker = "github", repository = "{REPOSITORY}" }}

[pairs.fields.status]
map = [
  ["To Do", "open"],
  ["In Progress", "open", "status: in progress"],
  ["Done", "closed:completed"],
]

{persons}"""


def read_records(file: Path) -> Iterator[Mapping[str, Any]]:
    """The objects in a file. Raises ValueError with the line of what is not JSON."""
    text = file.read_text("utf-8")
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield _record(line, number, file)
        return
    yield from whole if isinstance(whole, list) else [whole]


def is_of_jira(record: Mapping[str, Any]) -> bool:
    """Whether an object was recorded from a Jira: GitHub's have a `node_id`, or name their page."""
    return not ("node_id" in record or "html_url" in record or "event" in record)


def _record(line: str, number: int, file: Path) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{file}:{number}: is not JSON: {error.msg}") from None
    if not isinstance(record, dict):
        raise ValueError(f"{file}:{number}: is not a JSON object")
    return record
