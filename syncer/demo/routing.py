"""Beside the story: one project, the repositories of two clients, and an issue that changes its route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from syncer.app.wiring import open_pairs
from syncer.demo.people import MEMBERS, DemoFailed, GitHubDesk
from syncer.demo.stage import Stage
from syncer.demo.story import BOT
from syncer.settings import load
from syncer.store import Store
from syncer.sync.run import run_pair

PROJECT = "OPS"
AMBER, BIRCH = "amber/shop", "birch/portal"
BASKET, WORDS = "Rebuild the basket", "Amber's board asks for it every day."
"""An issue of the project, and what a client says about it."""

_ROUTES = f"""
[[routes]]
left = {{ tracker = "jira", project = "{PROJECT}" }}

[[routes.to]]
name = "amber"
when = {{ component = "Amber" }}
right = {{ tracker = "github", repository = "{AMBER}" }}

[[routes.to]]
name = "birch"
when = {{ component = "Birch" }}
right = {{ tracker = "github", repository = "{BIRCH}" }}
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the issue."""

    key: str
    before: str
    """What it had in the first repository, which is closed by now."""
    after: str
    """What it has in the second one."""


def change_route(stage: Stage, file: Path) -> Moved:
    """Brings an issue to one client, then moves it to the other; `file` names the trackers. Raises DemoFailed."""
    _prepare(stage)
    grace = stage.at_jira("grace")
    fields = {"project": {"key": PROJECT}, "issuetype": {"name": "Task"}, "components": [{"name": "Amber"}]}
    key = grace.create({**fields, "summary": BASKET})
    with _desk(stage, "hannah", AMBER) as amber, _desk(stage, "hannah", BIRCH) as birch:
        with TemporaryDirectory() as folder:
            routes = _configuration(file, Path(folder))
            _rounds(stage, routes, 2)
            amber.call("POST", "/issues/1/comments", {"body": WORDS})
            _rounds(stage, routes, 1)
            grace.edit(key, components=[{"name": "Birch"}])
            _rounds(stage, routes, 3)
        shown = json.dumps([birch.call("GET", path) for path in ("/issues/1", "/issues/1/comments")])
        closed, title = amber.issue(1)["state"], birch.issue(1)["title"]
    if closed != "closed" or title != BASKET or "Amber" in shown:
        raise DemoFailed(f"{key} changed its route, and {AMBER}#1 is {closed}, {BIRCH}#1 says {shown[:300]}")
    return Moved(key, f"{AMBER}#1", f"{BIRCH}#1")


def _prepare(stage: Stage) -> None:
    box = stage.box
    box.jira.add_project(PROJECT, "Operations", lead="grace.turner")
    for repository in (AMBER, BIRCH):
        owner = repository.partition("/")[0]
        box.jira.add_component(PROJECT, owner.title())
        box.github.add_organization(owner, owner.title(), members={BOT.github: "read"})
        box.github.add_repository(repository, visibility="private")
        for login in (BOT.github, MEMBERS["hannah"].github):
            box.github.add_collaborator(repository, login, "write")


@contextmanager
def _desk(stage: Stage, key: str, repository: str) -> Iterator[GitHubDesk]:
    desk = GitHubDesk(stage.box, MEMBERS[key], repository)
    try:
        yield desk
    finally:
        desk.close()


def _configuration(file: Path, folder: Path) -> Path:
    """The trackers of a configuration with the routes, in a folder of its own."""
    trackers = file.read_text("utf-8").partition("[[people]]")[0]
    routes = folder / "routes.toml"
    secrets = f'token-file = "{file.parent.absolute()}/secrets/'
    routes.write_text(trackers.replace('token-file = "secrets/', secrets) + _ROUTES, "utf-8")
    return routes


def _rounds(stage: Stage, file: Path, times: int) -> None:
    """So many runs of each place, some minutes after each other."""
    clock = stage.box.clock
    settings = load(file, environment={})
    for _ in range(times):
        stage.advance_to(clock.now() + timedelta(minutes=5))
        with Store.open(settings.state, clock=clock.now) as store:
            for context in open_pairs(
                settings, store, clock=clock.now, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds))
            ):
                tally = run_pair(context)
                for connector in context.connectors.values():
                    connector.close()
                if tally.outcome not in {"clean", "held"}:
                    raise DemoFailed(f"a sync of {context.name} ended as {tally.outcome}: {tally.message}")
