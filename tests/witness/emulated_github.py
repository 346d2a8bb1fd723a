"""GitHub as `emulate` plays it, Jira as our sandbox does: first sync, edits both ways, lost answers, quiet."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.witness.between import Answer, Between, Request
from tests.witness.installing import emulator, node
from tests.witness.looking import of_jira, told_apart
from tests.witness.pairing import GitHubWitness, Shifted
from tests.witness.serving import free_port, served
from tests.witness.story import begin, edit

DEFECTS = {
    "GET /repos/…/issues/comments is answered with 404":
        "it takes `comments` for the number of an issue; GitHub documents the list. `Emulated` answers in its place",
    "times have milliseconds":
        "GitHub's are whole seconds; to the product it is all one, and nothing was seen to depend on it",
    "labels of one name in another case are two":
        "GitHub's names are one whatever their case; the story has none that differ by it",
    "no sub-issues, dependencies and types":
        "as on Enterprise Server 3.17: the story has neither parents nor blockers",
    "GET /repos/…/issues/events and /assignees are answered with 404":
        "documented by GitHub; a sync asks for neither",
}  # fmt: skip
"""What is wrong in it, and why it is not us. Only the first needs help."""

CELLS = 20
"""Repositories, of which each history has one, with a token of its own: the emulator counts 5,000 requests of each."""

PEOPLE = ("liwei", "miab")


class Emulated(Between):
    """Stands in for the one endpoint of the emulator without which nothing goes, and changes nothing else."""

    def answer(self, request: Request) -> Answer:
        """The comments of all issues, by asking for those of each: DEFECTS says why."""
        asked = urlsplit(request.path)
        if request.verb != "GET" or not asked.path.endswith("/issues/comments"):
            return self.ask(request)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        listed = asked.path.removesuffix("/comments")
        found: list[dict[str, Any]] = []
        for issue in self._rows(request, f"{listed}?state=all&per_page=100"):
            found += self._rows(request, f"{listed}/{issue['number']}/comments?per_page=100")
        late = [each for each in found if each["updated_at"] >= query.get("since", "")]
        shown = late if query.get("page", "1") == "1" else []
        body = json.dumps(sorted(shown, key=lambda each: each["updated_at"])).encode()
        return Answer(200, {"content-type": "application/json; charset=utf-8"}, body)

    def _rows(self, request: Request, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.ask(replace(request, path=path)).body)
        return rows


def seed() -> dict[str, object]:
    """Accounts, an organisation, and empty repositories."""
    tokens = {f"{login}-token": {"login": login, "scopes": ["repo", "user"]} for login in PEOPLE}
    tokens |= {f"bot-{number}": {"login": "sync-bot", "scopes": ["repo", "user"]} for number in range(CELLS)}
    logins = ("sync-bot", *PEOPLE)
    return {
        "tokens": tokens,
        "github": {
            "users": [{"login": login, "name": login} for login in logins],
            "orgs": [{"login": "acme", "name": "Acme", "members": [{"login": login} for login in logins]}],
            "repos": [{"owner": "acme", "name": f"pay-{number}", "private": True} for number in range(CELLS)],
        },
    }


@pytest.fixture(scope="module")
def github(witnesses: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an emulated GitHub."""
    place = tmp_path_factory.mktemp("emulate")
    (place / "seed.json").write_text(json.dumps(seed()), encoding="utf-8")
    port = free_port()
    command = [str(node(witnesses)), str(emulator(witnesses)), "start", "--service", "github", "--host", "127.0.0.1",
               "--port", str(port), "--seed", "seed.json"]  # fmt: skip
    with served(command, port, os.environ, place / "log") as address:
        yield address


@contextmanager
def pair(
    github: str, directory: Path, cell: int, deployment: Literal["cloud", "datacenter"]
) -> Iterator[tuple[GitHubWitness, Between]]:
    """An empty project and an empty repository."""
    directory.mkdir(exist_ok=True)
    with Emulated(github, prefix="/api/v3") as between:
        made = GitHubWitness(directory, clock=Shifted(), deployment=deployment)
        made.base, made.address, made.repository, made.token = github, between.url, f"acme/pay-{cell}", f"bot-{cell}"
        with made:
            yield made, between


def problems(rig: GitHubWitness, titles: list[str]) -> list[str]:
    """What is doubled, lost or silent: by a look from outside, by `verify` and by `status`."""
    found = told_apart(rig)
    if [task.title for task in of_jira(rig)] != titles:
        found.append(f"Jira has {[task.title for task in of_jira(rig)]}")
    compared, listed = rig.verified()
    found += [repr(each) for each in compared.differences] + [repr(each) for each in listed]
    return [*found, *([] if compared.in_order else [f"verify: {compared}"])]


BEFORE = ["Invoices", "Old idea", "Payments hang", "Receipts", "Refunds"]
AFTER = ["Invoices", "Old idea", "Payments hang at night", "Receipts", "Refunds of gifts"]
WRITES = 13
"""What the product writes to GitHub in the story; each of these answers is lost once."""


@pytest.mark.parametrize(("cell", "deployment"), [(0, "cloud"), (1, "datacenter")])
def test_both_sides_come_into_step_and_stay_so(
    cell: int, deployment: Literal["cloud", "datacenter"], github: str, tmp_path: Path
) -> None:
    with pair(github, tmp_path, cell, deployment) as (rig, between):
        begin(rig)
        rig.to_rest()
        assert problems(rig, BEFORE) == []
        edit(rig)
        rig.to_rest()
        assert problems(rig, AFTER) == []
        assert len(between.writes) == WRITES, between.writes


@pytest.mark.parametrize("number", range(WRITES))
def test_a_lost_answer_doubles_nothing_and_loses_nothing(number: int, github: str, tmp_path: Path) -> None:
    with pair(github, tmp_path, 2 + number, "cloud" if number % 2 else "datacenter") as (rig, between):
        begin(rig)
        between.lose(number)
        rig.to_rest()
        assert problems(rig, BEFORE) == []
        edit(rig)
        rig.to_rest()
        assert problems(rig, AFTER) == []
        assert [each.lost for each in between.writes].count(True) == 1
