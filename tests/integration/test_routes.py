"""`config/routes.toml`: one project and three repositories of two clients. Nothing leaks, and an issue moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.app.wiring import open_pairs
from syncer.core.change import Tally
from syncer.sandbox.datasets import BOT
from syncer.settings import load as load_settings
from syncer.sync.ledger import waiting
from syncer.sync.run import run_pair
from tests.rig import Rig

ROOT = Path(__file__).resolve().parents[2]
PLACES = {"amber-shop": "amber/shop", "amber-app": "amber/app", "birch": "birch/portal"}
COMPONENTS = {"amber-shop": "Amber shop", "amber-app": "Amber app", "birch": "Birch"}


class Delivery(Rig):
    """The sample's project and repositories, with a person of each client who sees their own alone."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for login, owner in (("amberly", "amber"), ("birchy", "birch")):
            self.box.github.add_user(login, login.title(), token=f"{login}-token")
            self.box.github.add_organization(owner, owner.title(), members={BOT: "read"})
            for repository in (one for one in PLACES.values() if one.startswith(f"{owner}/")):
                self.box.github.add_repository(repository, visibility="private")
                self.box.github.add_collaborator(repository, BOT, "maintain")
                self.box.github.add_collaborator(repository, login, "write")

    def configuration(self) -> str:
        """The sample, with the sandbox in place of its trackers."""
        sample = (ROOT / "config" / "routes.toml").read_text("utf-8")
        trackers = super().configuration().partition("[[people]]")[0]
        return trackers + sample[sample.index("[[routes]]") :].replace('"jira"', '"acme-jira"')

    def round(self, *, sweep: bool = False) -> list[Tally]:
        """One run of every pair."""
        self.tick()
        file = self.directory / "syncer.toml"
        file.write_text(self.configuration(), encoding="utf-8")
        settings = load_settings(file, environment=self.environment, state=str(self.directory / "state"))
        store, tallies = self.states.at(settings.state), []
        for context in open_pairs(settings, store, clock=self.clock.now, sleep=self.tick):
            tallies.append(run_pair(context, sweep=sweep))
            for connector in context.connectors.values():
                connector.close()
        self.tick()
        assert {tally.outcome for tally in tallies} <= {"clean", "held"}, [tally.message for tally in tallies]
        return tallies

    def quiet(self) -> None:
        """Five rounds and a complete reading write nothing."""
        rounds = [self.round(sweep=number == 5) for number in range(6)]
        assert [tally.writes for tallies in rounds for tally in tallies] == [0] * 18

    def place(self, name: str, verb: str, path: str, body: Any = None, *, by: str) -> Any:
        """A request of a person to one of the repositories."""
        self.repository = PLACES[name]
        return self.github(verb, path, body, by=by)

    def all_of(self, name: str, *, by: str) -> str:
        """Everything that a person is shown in a repository: issues, comments, labels, milestones, events."""
        paths = ("/issues?state=all", "/issues/comments", "/labels", "/milestones?state=all", "/issues/events")
        return json.dumps([self.place(name, "GET", path, by=by) for path in paths])

    def called(self, name: str, title: str, *, by: str) -> Any:
        """The issue of that title in a repository."""
        (found,) = [one for one in self.place(name, "GET", "/issues?state=all", by=by) if one["title"] == title]
        return found

    def route(self, key: str, name: str) -> None:
        """Somebody in the project gives an issue another component."""
        self.jira("PUT", f"/issue/{key}", {"fields": {"components": [{"name": COMPONENTS[name]}]}})

    def waits(self) -> list[str]:
        """What waits in any of the pairs."""
        store = self.states.at(str(self.directory / "state"))
        return [one.reason for name in PLACES for one in waiting(store, name)]


@pytest.fixture(params=["cloud", "datacenter"])
def delivery(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    deployment: Literal["cloud", "datacenter"] = request.param
    with Delivery(tmp_path, deployment, overlap=60) as rig:
        for name in COMPONENTS.values():
            rig.box.jira.add_component("PAY", name)
        yield rig


def test_nothing_of_one_client_is_seen_by_the_other_and_an_issue_moves(delivery: Delivery) -> None:
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "components": [{"name": "Amber shop"}]}
    delivery.jira(
        "POST", "/issue", {"fields": {**fields, "summary": "Checkout", "description": delivery.text("Ours.")}}
    )
    delivery.place("amber-shop", "POST", "/milestones", {"title": "Tangerine 1.0"}, by="amberly")
    asked = {"title": "Tangerine fails", "body": "Since Monday, says Tangerine.", "milestone": 1}
    delivery.place("amber-shop", "POST", "/issues", asked, by="amberly")
    delivery.place("birch", "POST", "/issues", {"title": "Walnut fails", "body": "Says Walnut."}, by="birchy")
    for _ in range(3):
        delivery.round()
    delivery.jira("POST", "/issue/PAY-1/comment", {"body": delivery.text("Said in the project.")})
    delivery.place("amber-shop", "POST", "/issues/2/comments", {"body": "Tangerine asks."}, by="amberly")
    delivery.place("amber-shop", "POST", "/labels", {"name": "tangerine", "color": "ffaa00"}, by="amberly")
    for _ in range(2):
        delivery.round()
    delivery.quiet()
    (mirror,) = [
        one for one in delivery.place("amber-shop", "GET", "/issues", by="amberly") if one["title"] == "Checkout"
    ]
    number = mirror["number"]
    delivery.place("amber-shop", "POST", f"/issues/{number}/labels", {"labels": ["tangerine"]}, by="amberly")
    delivery.place("amber-shop", "POST", f"/issues/{number}/comments", {"body": "Tangerine, too."}, by="amberly")
    delivery.round()
    delivery.route("PAY-1", "birch")
    for _ in range(4):
        delivery.round()
    assert delivery.place("amber-shop", "GET", f"/issues/{number}", by="amberly")["state"] == "closed"
    moved = delivery.called("birch", "Checkout", by="birchy")
    assert "Ours." in moved["body"]
    comments = delivery.place("birch", "GET", f"/issues/{moved['number']}/comments", by="birchy")
    assert ["Said in the project." in one["body"] for one in comments] == [True]
    seen = {"amber": delivery.all_of("amber-shop", by="amberly"), "birch": delivery.all_of("birch", by="birchy")}
    seen["amber"] += delivery.all_of("amber-app", by="amberly")
    for word in ("angerine", "amber"):
        assert word not in seen["birch"].casefold()
    for word in ("walnut", "birch"):
        assert word not in seen["amber"].casefold()
    assert delivery.jira("GET", "/issue/PAY-1")["fields"]["status"]["name"] == "To Do"
    delivery.quiet()
