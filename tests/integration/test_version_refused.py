"""An account that does not administer its project: its versions stay as they are, and nothing else stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncer.sandbox.faults import Fault
from syncer.sandbox.jira.permissions import ANYONE
from tests.rig import Rig

ALWAYS = 1_000
HOUR = 3_600


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with Rig(tmp_path, deployment=request.param) as made:
        yield made


def refuse(rig: Rig, status: str, verb: str, path: str) -> None:
    """Takes the right from our account: the sandbox answers 403 then, other servers with one of the other two."""
    rig.box.jira.project(rig.project).lead = rig.box.jira.users["mia"]
    if status != "403":
        rig.box.faults.add(Fault(status, verb=verb, path=path, times=ALWAYS))


@pytest.mark.parametrize("status", ["401", "403", "404"])
def test_a_milestone_that_jira_refuses_waits_by_name_and_the_rest_goes_on(rig: Rig, status: str) -> None:
    milestone = rig.github("POST", "/milestones", {"title": "1.2"})
    rig.github("POST", "/issues", {"title": "First", "milestone": milestone["number"]})
    rig.sync()
    rig.sync()
    project = rig.box.jira.project(rig.project)
    refuse(rig, status, "PUT", r"/version/\d+$")
    rig.github("PATCH", f"/milestones/{milestone['number']}", {"description": "Soon."})
    rig.github("POST", "/issues", {"title": "Second"})
    tally = rig.sync(sweep=True)
    assert tally.outcome in {"held", "clean"}, tally
    assert {issue.content["summary"] for issue in rig.box.jira.issues.values()} == {"First", "Second"}
    (version,) = project.versions.values()
    assert not version.description
    (waits,) = tally.waiting or ()
    assert "1.2" in waits.reason
    assert "our account may not administer the project" in waits.reason
    before = rig.box.log.count("jira", "PUT")
    for _ in range(12):
        assert rig.sync().outcome in {"held", "clean"}
    assert rig.box.log.count("jira", "PUT") - before <= 5  # asked again with growing pauses
    rig.box.faults.clear()
    project.grants["ADMINISTER_PROJECTS"] = {ANYONE}
    rig.tick(25 * HOUR)
    rig.sync(sweep=True)
    (version,) = project.versions.values()
    assert version.description == "Soon."


@pytest.mark.parametrize("status", ["401", "403", "404"])
def test_a_milestone_that_jira_does_not_make_waits_and_its_task_crosses(rig: Rig, status: str) -> None:
    refuse(rig, status, "POST", r"/version$")
    milestone = rig.github("POST", "/milestones", {"title": "1.2"})
    rig.github("POST", "/issues", {"title": "First", "milestone": milestone["number"]})
    tally = rig.sync()
    assert tally.outcome in {"held", "clean"}, tally
    assert [issue.content["summary"] for issue in rig.box.jira.issues.values()] == ["First"]
    assert any("1.2" in one.reason for one in tally.waiting or ()), tally.waiting


def test_a_token_that_is_refused_everything_still_stops_the_pair(rig: Rig) -> None:
    milestone = rig.github("POST", "/milestones", {"title": "1.2"})
    rig.github("POST", "/issues", {"title": "First", "milestone": milestone["number"]})
    rig.sync()
    rig.github("PATCH", f"/milestones/{milestone['number']}", {"description": "Soon."})
    rig.box.faults.add(Fault("401", verb="PUT", path=r"/version/\d+$", times=ALWAYS))
    rig.box.faults.add(Fault("401", path=r"/mypermissions", times=ALWAYS))
    tally = rig.sync(sweep=True)
    assert (tally.outcome, "token refused" in tally.message) == ("denied", True)
