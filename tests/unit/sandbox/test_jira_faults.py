"""What is left in Jira after a lost answer, and after many people write at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from syncer.sandbox import Fault
from tests.unit.sandbox.jira_world import World, served


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param) as found:
        yield found


def test_a_create_whose_answer_was_lost_is_there_with_its_property(world: World) -> None:
    world.box.faults.add(Fault("commit-then-close", verb="POST", path=r"/issue$"))
    body = {
        "fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "ok"},
        "properties": [{"key": "origin", "value": "g1"}],
    }
    with pytest.raises(requests.ConnectionError):
        world.call("POST", "/issue", body)
    assert world.get("/issue/PAY-1", properties="origin")["properties"] == {"origin": "g1"}


def test_a_create_that_never_arrived_left_nothing(world: World) -> None:
    world.box.faults.add(Fault("close-before-commit", verb="POST", path=r"/issue$"))
    with pytest.raises(requests.ConnectionError):
        world.create()
    assert world.jira.issues == {}


def test_people_who_write_at_once_get_a_key_each(world: World) -> None:
    with ThreadPoolExecutor(8) as people:
        keys = list(people.map(lambda number: world.create(f"No {number}"), range(40)))
        list(
            people.map(
                lambda key: world.send("POST", f"/issue/{keys[0]}/comment", {"body": world.text(key)}, 201), keys
            )
        )
    assert len(set(keys)) == 40
    assert world.get(f"/issue/{keys[0]}/comment")["total"] == 40
