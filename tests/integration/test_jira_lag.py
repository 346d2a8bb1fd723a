"""A search index that is behind hides nobody's edit, and being sure about that costs no request of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from tests.rig import Rig

Deployment = Literal["cloud", "datacenter"]
LAG = timedelta(minutes=10)


@pytest.fixture
def deployment() -> Deployment:
    return "cloud"


@pytest.fixture
def rig(tmp_path: Path, deployment: Deployment) -> Iterator[Rig]:
    with Rig(tmp_path, deployment, data="scale", issues=3, comments=1) as made:
        assert made.sync().outcome == "clean"
        assert made.sync().writes == 0
        yield made


def title(rig: Rig, key: str) -> str:
    """The title of an issue as its page shows it."""
    return str(rig.jira("GET", f"/issue/{key}?fields=summary")["fields"]["summary"])


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_hidden_edit_of_the_same_field_is_a_conflict(rig: Rig) -> None:
    rig.box.jira.index_lag = LAG
    rig.jira("PUT", "/issue/PAY-1", {"fields": {"summary": "What Mia wrote"}})
    rig.github("PATCH", "/issues/1", {"title": "What Li Wei wrote"})
    tally = rig.sync()
    assert (tally.conflicts, tally.writes) == (1, 0)
    assert title(rig, "PAY-1") == "What Mia wrote"


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_hidden_edit_of_another_field_stays_and_is_carried(rig: Rig) -> None:
    rig.box.jira.index_lag = LAG
    rig.jira("PUT", "/issue/PAY-1", {"fields": {"priority": {"name": "High"}}})
    rig.github("PATCH", "/issues/1", {"title": "What Li Wei wrote"})
    tally = rig.sync()
    assert (tally.updated, tally.conflicts) == ({"left": 1, "right": 1}, 0)
    assert title(rig, "PAY-1") == "What Li Wei wrote"
    assert "priority: high" in [label["name"] for label in rig.github("GET", "/issues/1")["labels"]]


def test_what_the_index_did_not_show_yet_comes_when_it_does(rig: Rig) -> None:
    rig.box.jira.index_lag = LAG
    rig.jira("PUT", "/issue/PAY-2", {"fields": {"summary": "What Mia wrote"}})
    rig.github("PATCH", "/issues/1", {"title": "What Li Wei wrote"})
    assert rig.sync().updated == {"left": 1, "right": 0}
    rig.tick(LAG.total_seconds())
    assert rig.sync().updated == {"left": 0, "right": 1}
    assert rig.github("GET", "/issues/2")["title"] == "What Mia wrote"


def test_a_deleted_issue_does_not_keep_others_from_being_written(rig: Rig) -> None:
    rig.box.jira.delete_issue(rig.jira("GET", "/issue/PAY-1?fields=summary")["id"])
    rig.github("PATCH", "/issues/1", {"title": "Nowhere to go"})
    rig.github("PATCH", "/issues/2", {"title": "What Li Wei wrote"})
    rig.sync()
    assert title(rig, "PAY-2") == "What Li Wei wrote"


def test_an_issue_that_was_moved_away_is_not_written(rig: Rig) -> None:
    rig.box.jira.add_project("OPS", "Operations")
    before = title(rig, "PAY-1")
    key = rig.box.jira.move_issue("PAY-1", "OPS")
    rig.github("PATCH", "/issues/1", {"title": "What Li Wei wrote"})
    rig.sync()
    assert title(rig, key) == before


@pytest.mark.parametrize("change", [{"title": "What Li Wei wrote"}, {"state": "closed"}])
def test_a_changed_field_costs_four_requests_and_the_run_after_two(rig: Rig, change: dict[str, str]) -> None:
    rig.tick(300)
    rig.sync()
    rig.github("PATCH", "/issues/2", change)
    rig.box.log.reset()
    tally = rig.sync()
    trackers = [(entry.verb, entry.tracker) for entry in rig.box.log.entries if not entry.path.endswith("/project/PAY")]
    write = ("PUT" if "title" in change else "POST", "jira")
    assert trackers == [("GET", "github"), ("GET", "github"), ("POST", "jira"), write]
    assert tally.writes == 1
    after = rig.sync()
    assert (sum(after.requests.values()), after.writes) == (2, 0)
