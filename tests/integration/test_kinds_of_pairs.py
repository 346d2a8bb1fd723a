"""Pairs of any two trackers, on either side: two Jiras, two GitHubs, and GitHub on the left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.jira import KIND
from syncer.app.wiring import open_pairs
from syncer.contract.model import Category, Side, Status
from syncer.core.change import Tally
from syncer.core.value_map import usual_relation
from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.datasets import BOT, BOT_EMAIL, GITHUB_TOKEN, JIRA_TOKEN
from syncer.settings import load
from syncer.settings.pair import FieldSettings
from syncer.store import Store
from syncer.sync.run import run_pair

TRACKERS = """
[trackers.jira]
kind = "jira"
url = "{jira}"
deployment = "cloud"
user = "{user}"
allow-http = true

[trackers.github]
kind = "github"
url = "{github}"
creates-per-minute = 0
creates-per-hour = 0
writes-per-second = 0

[[pairs]]
name = "both"
left = {left}
right = {right}
"""
JIRA = {
    "PAY": '{ tracker = "jira", project = "PAY" }',
    "OPS": '{ tracker = "jira", project = "OPS" }',
}
GITHUB = {name: f'{{ tracker = "github", repository = "{name}" }}' for name in ("acme/pay", "acme/ops")}
PAIRS = {
    "two Jiras": (JIRA["PAY"], JIRA["OPS"]),
    "two GitHubs": (GITHUB["acme/pay"], GITHUB["acme/ops"]),
    "Jira on the left": (JIRA["PAY"], GITHUB["acme/pay"]),
    "GitHub on the left": (GITHUB["acme/pay"], JIRA["PAY"]),
}


class Site:
    """A sandbox with two projects and two repositories, and a pair of two of these scopes."""

    def __init__(self, directory: Path, left: str, right: str) -> None:
        self.directory, self.left, self.right = directory, left, right
        self.clock = Clock.virtual(datetime(2026, 11, 16, 8, 0, tzinfo=UTC))
        self.box = box = Sandbox(clock=self.clock)
        box.jira.add_user(BOT, "Syncer", email=BOT_EMAIL, token=JIRA_TOKEN)
        box.github.add_user(BOT, "Syncer", token=GITHUB_TOKEN)
        box.jira.add_user("mia", "Mia Braun", email="mia@acme.example", token="mia")
        box.github.add_user("mia", "Mia Braun", token="mia")
        box.github.add_organization("acme", "Acme", members={BOT: "read"})
        for key, name in (("PAY", "Payments"), ("OPS", "Operations")):
            box.jira.add_project(key, name, lead=BOT)
        for name in GITHUB:
            box.github.add_repository(name, visibility="private")
            box.github.add_collaborator(name, BOT, "maintain")
            box.github.add_collaborator(name, "mia", "write")

    @contextmanager
    def context(self) -> Iterator[object]:
        """The pair, ready to run."""
        file = self.directory / "syncer.toml"
        addresses = {"jira": self.box.jira_url, "github": self.box.github_url, "user": BOT_EMAIL}
        file.write_text(TRACKERS.format(left=self.left, right=self.right, **addresses), "utf-8")
        tokens = {"SYNCER_TRACKERS__JIRA__TOKEN": JIRA_TOKEN, "SYNCER_TRACKERS__GITHUB__TOKEN": GITHUB_TOKEN}
        settings = load(file, environment=tokens, state=str(self.directory / "state"))
        with Store.open(settings.state, clock=self.clock.now) as store:
            (context,) = open_pairs(settings, store, clock=self.clock.now, sleep=self.tick)
            try:
                yield context
            finally:
                for connector in context.connectors.values():
                    connector.close()

    def tick(self, seconds: float = 60) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def sync(self, *, sweep: bool = False) -> Tally:
        self.tick()
        with self.context() as context:
            return run_pair(context, sweep=sweep)  # type: ignore[arg-type]  # a PairContext

    def side(self, side: Side) -> JiraPeople | GitHubPeople:
        """The people of a side."""
        return people_of(self, self.left if side is Side.LEFT else self.right)


class JiraPeople:
    """Mia, who works in a project."""

    def __init__(self, site: Site, key: str) -> None:
        self.site, self.key = site, key

    def ask(self, verb: str, path: str, body: object = None) -> object:
        answer = requests.request(
            verb, f"{self.site.box.jira_url}/rest/api/2{path}", json=body, auth=("mia@acme.example", "mia"), timeout=10
        )
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else {}

    def create(self, title: str) -> str:
        fields = {"project": {"key": self.key}, "issuetype": {"name": "Task"}, "summary": title, "description": "Why."}
        return str(self.ask("POST", "/issue", {"fields": fields})["key"])  # type: ignore[index]  # an object

    def close(self, title: str) -> None:
        (key,) = [issue.key for issue in self._issues() if issue.content["summary"] == title]
        ways = self.ask("GET", f"/issue/{key}/transitions")["transitions"]  # type: ignore[index]  # an object
        done = next(way["id"] for way in ways if way["to"]["name"] == "Done")
        self.ask("POST", f"/issue/{key}/transitions", {"transition": {"id": done}})

    def shown(self) -> dict[str, bool]:
        """Whether each task is done, by its title."""
        return {str(issue.content["summary"]): issue.content["status"].name == "Done" for issue in self._issues()}

    def _issues(self) -> list[Any]:
        return [issue for issue in self.site.box.jira.issues.values() if issue.key.startswith(f"{self.key}-")]


class GitHubPeople:
    """Mia, who works in a repository."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name

    def ask(self, verb: str, path: str, body: object) -> None:
        answer = requests.request(
            verb, f"{self.site.box.github_url}/repos/{self.name}{path}", json=body, timeout=10,
            headers={"Authorization": "Bearer mia"},
        )  # fmt: skip
        assert answer.status_code < 400, answer.text

    def create(self, title: str) -> None:
        self.ask("POST", "/issues", {"title": title, "body": "Why."})

    def close(self, title: str) -> None:
        (number,) = [issue.number for issue in self._issues() if issue.title == title]
        self.ask("PATCH", f"/issues/{number}", {"state": "closed", "state_reason": "completed"})

    def shown(self) -> dict[str, bool]:
        """Whether each task is done, by its title."""
        return {issue.title: issue.state == "closed" for issue in self._issues()}

    def _issues(self) -> list[Any]:
        return list(self.site.box.github.repository(self.name).issues.values())


def people_of(site: Site, scope: str) -> JiraPeople | GitHubPeople:
    for key, text in JIRA.items():
        if text == scope:
            return JiraPeople(site, key)
    return GitHubPeople(site, next(name for name, text in GITHUB.items() if text == scope))


@pytest.fixture(params=PAIRS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, *PAIRS[request.param])
    with site.box:
        yield site


def test_a_pair_without_a_map_carries_work_and_its_end_both_ways_and_is_quiet(site: Site) -> None:
    for side in Side:
        site.side(side).create(f"Made on the {side}")
    assert site.sync().outcome == "clean"
    site.side(Side.LEFT).close("Made on the right")
    site.side(Side.RIGHT).close("Made on the left")
    assert site.sync().outcome == "clean"
    for side in Side:
        assert site.side(side).shown() == {"Made on the left": True, "Made on the right": True}
    assert [(tally.outcome, tally.writes) for tally in (site.sync(), site.sync(sweep=True))] == [("clean", 0)] * 2


def test_a_label_of_a_map_may_stand_on_either_side() -> None:
    rows = [["open + label:status: in progress", "In Progress"], ["Doing", "open", "status: doing"]]
    cells = [(str(row.left), str(row.right)) for row in FieldSettings.model_validate({"map": rows}).relation.rows]
    assert cells == [
        ("open + label 'status: in progress'", "In Progress"), ("Doing", "open + label 'status: doing'"),
    ]  # fmt: skip


def named(*statuses: Status) -> list[str]:
    return [f"{row.left} = {row.right}" for row in usual_relation(KIND.usual_statuses, statuses).rows]


def test_a_tracker_without_usual_statuses_is_given_no_map() -> None:
    assert named() == []


def test_statuses_meet_by_name_then_by_category_then_the_nearest() -> None:
    third = (Status("To Do", Category.TODO), Status("Backlog", Category.TODO), Status("Shipped", Category.DONE))
    assert named(*third) == ["To Do = To Do", "To Do = Backlog", "In Progress = To Do", "Done = Shipped"]
