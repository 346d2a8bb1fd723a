"""A first sync closes what is closed on the other side right after it was created there, and reads none of it again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.sync.context import PairContext
from syncer.sync.run import run_pair
from tests.rig import Rig

Deployment = Literal["cloud", "datacenter"]

ISSUES = 60
"""More than one of Jira's requests creates."""
SECONDS = 0.5
"""What each request takes."""


@pytest.fixture(params=["cloud", "datacenter"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    return "cloud" if request.param == "cloud" else "datacenter"


def hurried(rig: Rig, context: PairContext) -> None:
    """Lets the connectors' own clocks run as the sandbox's does: what is written later than now needs a reading."""
    for connector in context.connectors.values():
        room: Any = getattr(connector, "_updating", connector)
        room._monotonic = lambda: rig.clock.now().timestamp() + rig.box.log.count() * SECONDS


def first_sync(rig: Rig) -> list[str]:
    """The requests of a first sync by verb, tracker and path."""
    rig.box.log.reset()
    with rig.context() as context:
        hurried(rig, context)
        assert run_pair(context).outcome == "clean"
    return [f"{entry.verb} {re.sub(r'/(api/v3|jira/rest/api/[23])', '', entry.path)}" for entry in rig.box.log.entries]


def of_one_issue(requests: list[str], verb: str) -> list[str]:
    return [request for request in requests if re.fullmatch(rf"{verb} .*/issues?/\d+", request)]


def test_on_github_each_closed_issue_is_closed_by_the_request_after_its_creation(
    tmp_path: Path, deployment: Deployment
) -> None:
    with Rig(tmp_path, deployment, limits=(0, 0, 0)) as rig:
        for number in range(12):
            fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": f"Done {number}"}
            key = rig.jira("POST", "/issue", {"fields": fields})["key"]
            ways = rig.jira("GET", f"/issue/{key}/transitions")["transitions"]
            done = next(way["id"] for way in ways if way["to"]["name"] == "Done")
            rig.jira("POST", f"/issue/{key}/transitions", {"transition": {"id": done}})
        requests = first_sync(rig)
        created = [index for index, request in enumerate(requests) if request == "POST /repos/acme/pay/issues"]
        assert [requests[index + 1] for index in created] == [
            f"PATCH /repos/acme/pay/issues/{number}" for number in range(1, 13)
        ]
        assert [request for request in of_one_issue(requests, "GET") if "/repos/" in request] == []
        assert {issue["state"] for issue in rig.github("GET", "/issues?state=all")} == {"closed"}
        assert rig.sync().writes == 0


def test_in_jira_the_issues_of_one_request_are_closed_before_the_next_one(
    tmp_path: Path, deployment: Deployment
) -> None:
    with Rig(tmp_path, deployment) as rig:
        for number in range(ISSUES):
            made = rig.github("POST", "/issues", {"title": f"Done {number}"})
            rig.github("PATCH", f"/issues/{made['number']}", {"state": "closed"})
        requests = first_sync(rig)
        moved = [request for request in requests if request.endswith("/transitions") and request.startswith("POST")]
        first, second = [index for index, request in enumerate(requests) if request == "POST /issue/bulk"]
        assert first < requests.index(moved[0]) < second
        read = of_one_issue(requests, "GET")
        assert len(read) == len(set(read)), "an issue was read twice"
        shown = rig.jira("GET", "/search/jql?jql=project=PAY&fields=status" if deployment == "cloud"
                         else "/search?jql=project=PAY&maxResults=100")["issues"]  # fmt: skip
        assert len(shown) == 50 or len(shown) == ISSUES
        assert {issue["fields"]["status"]["name"] for issue in shown} == {"Done"}
        assert rig.sync().writes == 0
