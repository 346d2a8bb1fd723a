"""Sub-tasks that stay on their side: `sub-tasks = "none"`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.model import Facts, Field, Side
from syncer.core.rules import SubTasks
from syncer.sync.verify import verify_pair
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.rules = replace(made.rules, sub_tasks=SubTasks.NONE)
    return made


def titles(world: World, side: Side) -> set[object]:
    return {item.showing[Field.TITLE] for item in world.tracker(side).items()}


def test_a_sub_task_of_jira_stays_there_and_its_parent_crosses(world: World) -> None:
    parent = world.left.create("Story", facts=Facts(level=0))
    part = world.left.create("Part", facts=Facts(level=-1))
    world.left.edit(part, {Field.PARENT: parent.id})
    world.sync()
    assert titles(world, Side.RIGHT) == {"Story"}
    with world.context() as context:
        reasons = [one.reason for one in verify_pair(context).differences]
    assert reasons == ["only left: PAY-2 is a sub-task, which stays on its side"]
    assert [world.sync(sweep=number == 2).writes for number in range(3)] == [0] * 3


def test_an_issue_below_an_issue_stays_on_github_and_one_below_an_epic_crosses(world: World) -> None:
    epic = world.left.create("Epic", facts=Facts(level=1))
    world.left.create("Story", facts=Facts(level=0))
    world.sync()
    mirrors = {item.showing[Field.TITLE]: item.ref for item in world.right.items()}
    for title, above in (("Below the epic", "Epic"), ("Below the story", "Story")):
        issue = world.right.create(title)
        world.right.edit(issue, {Field.PARENT: mirrors[above].id})
    world.sync()
    assert titles(world, Side.LEFT) == {"Epic", "Story", "Below the epic"}
    assert world.left.show(epic).showing[Field.TITLE] == "Epic"


def test_what_is_in_step_already_stays_so(tmp_path: Path) -> None:
    world = World(tmp_path)
    part = world.left.create("Part", facts=Facts(level=-1))
    world.sync()
    world.rules, world.fingerprint = replace(world.rules, sub_tasks=SubTasks.NONE), "2"
    world.left.edit(part, {Field.TITLE: "Renamed"})
    world.sync()
    assert titles(world, Side.RIGHT) == {"Renamed"}
