"""A field that Jira does not show is not known: it is no empty one, and nothing is taken away on GitHub for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rig import Rig

Spoil = Callable[[dict[str, Any]], None]

LEFT_OUT = (
    "description", "labels", "components", "assignee", "priority", "fixVersions", "duedate", "issuelinks",
    "attachment", "comment", "issuetype", "reporter", "creator", "resolution", "resolutiondate", "timespent",
)  # fmt: skip
NULL = ("labels", "components", "fixVersions", "issuelinks", "attachment", "comment", "reporter", "creator")
"""Fields of which no source says that null stands for nothing in them; of all others null is what a person emptied."""
EMPTY_OBJECT = ("assignee", "priority", "comment", "reporter", "creator", "resolution", "issuetype")


def without(name: str) -> Spoil:
    """Leaves a field out."""
    return lambda fields: void(fields.pop(name, None))


def as_null(name: str) -> Spoil:
    """Shows null in a field."""
    return lambda fields: fields.update({name: None})


def as_object(name: str) -> Spoil:
    """Shows an object that says nothing in a field."""
    return lambda fields: fields.update({name: {}})


def void(_: object) -> None:
    """Nothing."""


CASES = [
    *(pytest.param(without(name), id=f"{name} absent") for name in LEFT_OUT),
    *(pytest.param(as_null(name), id=f"{name} null") for name in NULL),
    *(pytest.param(as_object(name), id=f"{name} without content") for name in EMPTY_OBJECT),
]


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """An issue of Jira with something in every field, in step with GitHub."""
    with Rig(tmp_path_factory.mktemp(request.param), deployment=request.param) as made:
        jira = made.box.jira
        jira.add_component("PAY", "checkout")
        version = jira.add_version("PAY", "1.0")
        people_begin(made, version.id)
        tally = made.sync()
        assert tally.outcome == "clean", tally
        made.tick(3600)
        assert made.sync(sweep=True).writes == 0
        yield made
        tally = made.sync(sweep=True)
        assert (tally.outcome, tally.writes) == ("clean", 0), tally


def people_begin(rig: Rig, version: str) -> None:
    fields = {
        "project": {"key": "PAY"},
        "issuetype": {"name": "Bug"},
        "summary": "Refund fails",
        "description": rig.text("Since Monday."),
        "labels": ["red"],
        "components": [{"name": "checkout"}],
        "assignee": {"accountId" if rig.deployment == "cloud" else "name": "liwei"},
        "priority": {"name": "High"},
        "fixVersions": [{"id": version}],
        "duedate": "2026-12-24",
    }
    one = rig.jira("POST", "/issue", {"fields": fields})["id"]
    two = rig.jira("POST", "/issue", {"fields": {**fields, "summary": "Rates are wrong"}})["id"]
    link = {"type": {"name": "Blocks"}, "inwardIssue": {"id": two}, "outwardIssue": {"id": one}}
    rig.jira("POST", "/issueLink", link)
    rig.jira("POST", f"/issue/{one}/comment", {"body": rig.text("Seen again.")})
    ways = rig.jira("GET", f"/issue/{one}/transitions")["transitions"]
    way = next(each["id"] for each in ways if each["to"]["name"] == "In Progress")
    rig.jira("POST", f"/issue/{one}/transitions", {"transition": {"id": way}})


def spoiling(spoil: Spoil) -> Callable[[str, bytes], bytes]:
    """Spoils the fields of each issue that Jira answers."""

    def rewritten(path: str, body: bytes) -> bytes:
        if "/jira/" not in path:
            return body
        try:
            answer = json.loads(body)
        except ValueError:
            return body
        return json.dumps(spoiled(answer)).encode() if isinstance(answer, dict) else body

    def spoiled(answer: dict[str, Any]) -> dict[str, Any]:
        for issue in [answer, *(answer.get("issues") or [])]:
            if isinstance(issue, dict) and isinstance(issue.get("fields"), dict) and "summary" in issue["fields"]:
                spoil(issue["fields"])
        return answer

    return rewritten


@pytest.mark.parametrize("spoil", CASES)
def test_what_jira_does_not_show_is_taken_away_nowhere(rig: Rig, spoil: Spoil) -> None:
    rig.tick(3600)
    rig.box.log.reset()
    rig.box.faults.rewriting = spoiling(spoil)
    try:
        tally = rig.sync(sweep=True)
    finally:
        rig.box.faults.rewriting = None
    written = [entry for entry in rig.box.log.entries if entry.tracker == "github" and entry.verb != "GET"]
    assert (tally.writes, written) == (0, []), tally
