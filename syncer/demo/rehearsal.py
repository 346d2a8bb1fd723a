"""A sandbox that is ready to be rehearsed on: one project, one repository, one sync account, a few people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from syncer.sandbox import Sandbox
from syncer.sandbox.profiles import Profile
from syncer.sandbox.recordings import Imported, Place, import_files, recorded_places

Deployment = Literal["cloud", "datacenter"]

PROJECT = "PAY"
REPOSITORY = "acme/pay"
PAYMENTS = Place("payments", PROJECT, REPOSITORY)
"""The usual places of a rehearsal."""
BOT = "sync-bot"
PEOPLE = {"li-wei": "李伟", "mia-berg": "Mia Berg", "zhang-min": "张敏"}
"""User name or login, the same on both trackers, and the name to show."""

GITHUB_TOKEN = "ghp_sandbox_sync_bot"  # noqa: S105 - opens nothing but the sandbox
JIRA_TOKEN = "token-sync-bot"  # noqa: S105 - opens nothing but the sandbox
HOOK_SECRETS = {"github": "sandbox-github-signs-hooks", "jira": "sandbox-jira-signs-hooks"}
"""What the trackers sign webhooks with, by tracker."""

MARGIN = timedelta(minutes=1)
"""So long before now the story of the demo ends: setting it takes a moment, and no clock goes back."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What the trackers hold at the start."""

    issues: int = 0
    """Issues in the repository, for scale."""
    comments: int = 0
    """Comments on each of them."""
    recorded: tuple[Path, ...] = ()
    """Files of recorded objects: one JSON document (an object or a list) or one object a line."""
    profiles: tuple[Profile, ...] = ()
    """The servers that the trackers behave like; that of a Jira decides on its deployment."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A sandbox that serves, and what a person needs to use it."""

    box: Sandbox
    configuration: str
    """A `syncer.toml` without secrets."""
    tokens: Mapping[str, str]
    """Of the sync account, by tracker: `jira`, `github`."""
    people: Mapping[str, tuple[str, str]]
    """Somebody's name -> their tokens for Jira and GitHub, to act as them."""
    folder: Path | None = None
    """Where the configuration stands already, with its tokens; None: nowhere."""
    imported: Imported | None = None
    """What the recordings held; None: there was none."""


def rehearse(deployment: Deployment, port: int, filling: Filling) -> Rehearsal:
    """A sandbox with the given filling. Raises SandboxError for a port in use and for a file it cannot read."""
    box = rehearsal(deployment, port, filling)
    imported = None
    try:
        if filling.recorded:
            imported = import_files(box, filling.recorded, BOT)
        places = recorded_places(box, imported, BOT) if imported is not None else ()
        for place, account in ((place, account) for place in places for account in PEOPLE):
            box.github.add_collaborator(place.repository, account, "write")
    except BaseException:
        box.stop()
        raise
    box.start()
    accounts = {name: (f"token-{account}", _github_token(account)) for account, name in PEOPLE.items()}
    tokens = {"jira": JIRA_TOKEN, "github": GITHUB_TOKEN}
    # Recordings come with places of their own; the usual ones are then left out, unless they hold something, too.
    usual = () if places and not filling.issues else (PAYMENTS,)
    text = configuration(box, box.jira.deployment, (*usual, *places))
    return Rehearsal(box, text, tokens, accounts, imported=imported)


def rehearse_demo(
    deployment: Deployment, port: int, folder: Path, now: datetime, profiles: Iterable[Profile] = ()
) -> Rehearsal:
    """A sandbox with the project of the demo, as it is before the first sync, and `folder` to sync it from.

    The story ends at `now`, and from there the trackers' clocks are this machine's. The folder holds the configuration
    with the files it names; what an earlier rehearsal left there is removed. Raises SandboxError for a port in use,
    OSError for a folder that cannot be written.
    """
    from syncer.demo.configuration import RUNNING, write_configuration
    from syncer.demo.directory import start_afresh
    from syncer.demo.people import token_of
    from syncer.demo.seed import new_sandbox, set_stage
    from syncer.demo.story import BOT as DEMO_BOT
    from syncer.demo.story import CAST, FIRST_SYNC

    later = now - MARGIN - FIRST_SYNC
    box = new_sandbox(deployment, port=port, later=later, profiles=profiles)
    box.start()
    try:
        with closing(set_stage(box, later)):
            start_afresh(folder)
            text = write_configuration(box, folder, RUNNING, later).read_text("utf-8")
    except BaseException:
        box.stop()
        raise
    box.clock.follow_machine()
    accounts = {
        member.name: (
            token_of(member, "jira") if member.jira else "",
            token_of(member, "github") if member.github else "",
        )
        for member in CAST
    }
    tokens = {tracker: token_of(DEMO_BOT, tracker) for tracker in ("jira", "github")}
    return Rehearsal(box, text, tokens, accounts, folder)


def rehearsal(deployment: Deployment, port: int, filling: Filling) -> Sandbox:
    """A sandbox with the given filling that does not serve yet."""
    box = Sandbox(jira_deployment=deployment, port=port, profiles=filling.profiles)
    people(box)
    if box.behind_gateway:
        box.jira.scoped_tokens.add(JIRA_TOKEN)
    if filling.issues:
        box.github.seed_issues(REPOSITORY, filling.issues, filling.comments)
    return box


def people(box: Sandbox) -> None:
    """Adds the accounts, the project and the repository."""
    box.github.add_organization("acme", "Acme")
    box.github.add_repository(REPOSITORY, visibility="private")
    box.github.add_user(BOT, "Sync Bot", token=GITHUB_TOKEN)
    box.jira.add_user(BOT, "Sync Bot", email=f"{BOT}@acme.example", token=JIRA_TOKEN)
    for account, name in PEOPLE.items():
        box.github.add_user(account, name, token=_github_token(account))
        box.jira.add_user(account, name, token=f"token-{account}")
    for account in (BOT, *PEOPLE):
        box.github.add_collaborator(REPOSITORY, account, "write")
    box.jira.add_project(PROJECT, "Payments", lead="mia-berg")
    box.jira.grant(BOT, "ADMINISTER_PROJECTS", PROJECT)


def configuration(box: Sandbox, deployment: Deployment, places: Sequence[Place] = (PAYMENTS,)) -> str:
    """A configuration for this sandbox, with a pair for each of `places`; the tokens are not in it."""
    user = f'user = "{BOT}@acme.example"\n' if deployment == "cloud" else ""
    gateway = f'api-url = "{box.gateway_url}"\n' if box.behind_gateway else ""
    persons = "\n".join(
        f'[[people]]\nname = "{name}"\naccounts = {{ jira = "{account}", github = "{account}" }}\n'
        for account, name in PEOPLE.items()
    )
    pairs = "\n".join(_pair(place) for place in places)
    return f"""\
[trackers.jira]
kind = "jira"
url = "{box.jira_url}"
deployment = "{deployment}"
allow-http = true
{gateway}{user}
[trackers.github]
kind = "github"
url = "{box.github_url}"
writes-per-second = 0
creates-per-minute = 0
creates-per-hour = 0

{pairs}
{persons}"""


def _pair(place: Place) -> str:
    """The table of one pair."""
    rows = "\n".join(f"  {json.dumps(list(row), ensure_ascii=False)}," for row in place.statuses)
    return f"""\
[[pairs]]
name = "{place.name}"
left = {{ tracker = "jira", project = "{place.project}", audience = "members" }}
right = {{ tracker = "github", repository = "{place.repository}" }}

[pairs.fields.status]
map = [
{rows}
]
"""


def _github_token(account: str) -> str:
    return f"ghp_sandbox_{account.replace('-', '_')}"
