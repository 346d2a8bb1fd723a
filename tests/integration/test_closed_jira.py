"""A Jira that takes no change stops the pair, or holds the item, by the name of what closed it, until it is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.core.change import Tally
from syncer.sandbox.datasets import BOT
from syncer.sync.ledger import waiting
from tests.rig import Rig

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

DAY = 24 * 3600


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Two issues of GitHub in step with Jira."""
    with Rig(tmp_path, deployment=request.param) as made:
        for number in (1, 2):
            made.github("POST", "/issues", {"title": f"Issue {number}", "body": "Text."})
        assert made.sync().outcome == "clean"
        made.tick(300)
        yield made


def title(rig: Rig, key: str) -> str:
    return str(rig.box.jira.issues_required(key).content["summary"])


def waits(rig: Rig) -> list[str]:
    """What waits, with its reason."""
    with rig.context() as context:
        return [f"{one.item}: {one.reason}" for one in waiting(context.store, context.name)]


def move(rig: Rig, key: str, status: str) -> None:
    """A person takes an issue to a status."""
    ways = rig.jira("GET", f"/issue/{key}/transitions")["transitions"]
    (way,) = [each["id"] for each in ways if each["to"]["name"] == status]
    rig.jira("POST", f"/issue/{key}/transitions", {"transition": {"id": way}})


def people_write(rig: Rig) -> None:
    """An edit, a comment and a new issue on GitHub."""
    rig.github("PATCH", "/issues/1", {"title": "Renamed"})
    rig.github("POST", "/issues/2/comments", {"body": "Said."})
    rig.github("POST", "/issues", {"title": "Issue 3", "body": "Text."})


def nothing_is_held(rig: Rig) -> None:
    """Neither the last run nor the state has anything that waits for a person."""
    shown = waits(rig)
    assert shown == [], shown


def all_arrived(rig: Rig, tally: Tally) -> None:
    assert tally.outcome == "clean", tally
    assert title(rig, "PAY-1") == "Renamed"
    assert title(rig, "PAY-3") == "Issue 3"
    assert len(rig.box.jira.issues_required("PAY-2").content["comment"]) == 1
    assert rig.sync().writes == 0


@pytest.mark.parametrize("unknown", [True, False], ids=["search refused", "search empty"])
@pytest.mark.parametrize("sweep", [True, False], ids=["complete", "recent"])
def test_an_archived_project_stops_the_pair_by_name_until_it_is_restored(rig: Rig, unknown: bool, sweep: bool) -> None:
    rig.box.jira.unknown_when_archived = unknown
    rig.box.jira.archive_project("PAY")
    people_write(rig)
    tally = rig.sync(sweep=sweep)
    assert tally.outcome == "denied", tally
    assert "project PAY is archived" in tally.message
    assert "Restore PAY" in tally.message
    nothing_is_held(rig)
    rig.box.jira.archive_project("PAY", archived=False)
    all_arrived(rig, rig.sync())


@pytest.mark.parametrize("sweep", [True, False], ids=["complete", "recent"])
def test_a_project_that_the_account_lost_stops_the_pair_until_it_has_it_again(rig: Rig, sweep: bool) -> None:
    rig.box.jira.project("PAY").lead = None
    rig.box.jira.revoke(BOT, "BROWSE_PROJECTS", "PAY")
    people_write(rig)
    tally = rig.sync(sweep=sweep)
    assert tally.outcome == "denied", tally
    assert "project PAY cannot be seen" in tally.message
    nothing_is_held(rig)
    rig.box.jira.grant(BOT, "BROWSE_PROJECTS", "PAY")
    all_arrived(rig, rig.sync(sweep=sweep))


def test_an_account_that_may_only_read_stops_the_pair_instead_of_holding_every_item(rig: Rig) -> None:
    rig.box.jira.project("PAY").lead = None
    writing = ("CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS")
    for permission in writing:
        rig.box.jira.revoke(BOT, permission, "PAY")
    people_write(rig)
    tally = rig.sync()
    assert tally.outcome == "denied", tally
    assert "may only read PAY" in tally.message
    nothing_is_held(rig)
    for permission in writing:
        rig.box.jira.grant(BOT, permission, "PAY")
    all_arrived(rig, rig.sync())


def test_a_data_center_in_read_only_mode_stops_the_pair_until_it_ends(tmp_path: Path) -> None:
    with Rig(tmp_path, deployment="datacenter") as rig:
        for number in (1, 2):
            rig.github("POST", "/issues", {"title": f"Issue {number}", "body": "Text."})
        rig.sync()
        rig.box.jira.read_only = "We move to new machines."
        people_write(rig)
        tally = rig.sync()
        assert tally.outcome == "denied", tally
        assert "read-only mode: We move to new machines.; until 2026-03-03T06:00 UTC" in tally.message
        nothing_is_held(rig)
        rig.box.jira.read_only = ""
        all_arrived(rig, rig.sync())


def test_an_issue_that_its_workflow_closes_to_edits_waits_by_name_and_follows_when_it_is_open_again(rig: Rig) -> None:
    move(rig, "PAY-1", "Done")
    assert rig.sync().outcome == "clean"
    rig.box.jira.forbid_edits("PAY", "Done")
    rig.github("PATCH", "/issues/1", {"title": "Renamed", "body": "Other words."})
    rig.github("PATCH", "/issues/2", {"title": "Renamed, too"})
    rig.box.log.reset()
    tally = rig.sync()
    assert title(rig, "PAY-2") == "Renamed, too"
    assert title(rig, "PAY-1") == "Issue 1"
    assert tally.outcome == "held", tally
    said = " ".join(waits(rig))
    assert "Jira lets nobody edit it in the status 'Done'" in said
    refused = [entry for entry in rig.box.log.entries if entry.status == 400]
    assert len(refused) == 1  # found out once, not field by field
    rig.tick(3600)
    move(rig, "PAY-1", "To Do")
    assert rig.sync().outcome == "clean"
    assert title(rig, "PAY-1") == "Renamed"
    nothing_is_held(rig)
    assert rig.sync().writes == 0


def test_an_archived_issue_is_held_by_name_and_goes_on_when_it_is_restored(rig: Rig) -> None:
    rig.box.jira.archive_issue("PAY-1")
    rig.tick(2 * DAY)
    tally = rig.sync(sweep=True)
    assert tally.outcome == "held", tally
    assert any("PAY-1 is listed no more (archived?)" in each for each in waits(rig))
    assert rig.github("GET", "/issues/1")["state"] == "open"
    for _ in range(4):
        rig.tick(2 * DAY)
        rig.sync(sweep=True)
    assert rig.github("GET", "/issues/1")["state"] == "open"
    rig.github("PATCH", "/issues/1", {"title": "Renamed"})
    rig.sync()
    assert title(rig, "PAY-1") == "Issue 1"
    rig.box.jira.archive_issue("PAY-1", archived=False)
    assert rig.sync(sweep=True).outcome == "clean"
    assert title(rig, "PAY-1") == "Renamed"
    nothing_is_held(rig)


def test_an_issue_archived_between_two_complete_readings_is_refused_by_name(rig: Rig) -> None:
    rig.box.jira.archive_issue("PAY-1")
    rig.github("PATCH", "/issues/1", {"title": "Renamed"})
    rig.github("PATCH", "/issues/2", {"title": "Renamed, too"})
    tally = rig.sync()
    assert title(rig, "PAY-2") == "Renamed, too"
    assert tally.outcome == "held", tally
    assert any("archived" in each for each in waits(rig))
    rig.box.jira.archive_issue("PAY-1", archived=False)
    rig.tick(2 * DAY)
    assert rig.sync(sweep=True).outcome == "clean"
    assert title(rig, "PAY-1") == "Renamed"
