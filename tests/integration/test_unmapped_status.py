"""A status that the map does not name is its tracker's own affair: it stays, and what the other side does arrives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.rig import Rig


class Unmapped(Rig):
    """A pair whose map does not know the status `In Review`."""

    def configuration(self) -> str:
        known = super().configuration()
        row = '["In Review", "open", "status: in review"],'
        assert row in known
        return known.replace(row, "")

    def move(self, status: str) -> None:
        """A person moves the only issue."""
        steps = self.jira("GET", "/issue/PAY-1/transitions")["transitions"]
        step = next(one["id"] for one in steps if one["to"]["name"] == status)
        self.jira("POST", "/issue/PAY-1/transitions", {"transition": {"id": step}})

    def status(self) -> str:
        return str(self.jira("GET", "/issue/PAY-1?fields=status")["fields"]["status"]["name"])


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Unmapped]:
    deployment: Literal["cloud", "datacenter"] = request.param
    with Unmapped(tmp_path, deployment) as made:
        fields = {"project": {"key": made.project}, "issuetype": {"name": "Task"}, "summary": "Born in Jira"}
        made.jira("POST", "/issue", {"fields": fields})
        made.move("In Review")
        yield made


def test_the_first_sync_leaves_it_alone(rig: Unmapped) -> None:
    first = rig.sync()
    assert (first.created, first.updated) == ({"left": 0, "right": 1}, {"left": 0, "right": 0})
    assert rig.status() == "In Review"
    assert rig.sync(sweep=True).writes == 0
    assert rig.status() == "In Review"


def test_closing_on_the_other_side_arrives_and_opening_again_brings_it_back(rig: Unmapped) -> None:
    rig.sync()
    rig.github("PATCH", "/issues/1", {"state": "closed"})
    rig.sync()
    assert rig.status() == "Done"
    rig.github("PATCH", "/issues/1", {"state": "open"})
    rig.sync()
    assert rig.status() in {"In Review", "To Do"}
    assert rig.sync().writes == 0


def test_moving_on_to_a_status_of_the_map_is_carried(rig: Unmapped) -> None:
    rig.sync()
    rig.move("Done")
    rig.sync()
    assert rig.github("GET", "/issues/1")["state"] == "closed"
    assert rig.sync().writes == 0
