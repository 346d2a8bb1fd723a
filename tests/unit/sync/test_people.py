"""A person stays the same person, whatever their account is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncer.contract.model import Field, Ref, Side
from syncer.core.rules import MappedPerson
from syncer.sync.ledger import waiting
from tests.worlds import PEOPLE, World


@pytest.fixture(params=list(Side))
def side(request: pytest.FixtureRequest) -> Side:
    """Where the account is renamed."""
    side: Side = request.param
    return side


@pytest.fixture
def world(tmp_path: Path, side: Side) -> World:
    made = World(tmp_path)
    for number in range(3):
        task = made.tracker(side).create(f"Task {number}")
        made.tracker(side).edit(task, {Field.ASSIGNEES: (PEOPLE[0].accounts[side],)})
    made.sync()
    assert made.sync().writes == 0
    assert everywhere(made) == [("li.wei",)] * 3 + [("liwei",)] * 3
    return made


def everywhere(world: World) -> list[Any]:
    return [item.showing[Field.ASSIGNEES] for each in Side for item in world.tracker(each).items()]


def assign(world: World, side: Side, index: int, *accounts: str) -> Ref:
    ref = world.tracker(side).items()[index].ref
    world.tracker(side).edit(ref, {Field.ASSIGNEES: accounts})
    return ref


def lines(world: World) -> list[str]:
    with world.context() as context:
        return [f"{line.item}: {line.reason}" for line in waiting(context.store, "pay") if line.needs_a_person]


def configured(world: World, side: Side, account: str, **ids: str) -> None:
    """Li Wei has another account in the file, which is a change of the rules."""
    accounts = {**PEOPLE[0].accounts, side: account}
    world.rules = replace(
        world.rules, people=(MappedPerson("Li Wei", accounts, {side: ids["id"]} if ids else {}), PEOPLE[1])
    )
    world.fingerprint += "'"


def taken_over(world: World, side: Side) -> str:
    """Li Wei's account gets another name, and a stranger the old one."""
    old = PEOPLE[0].accounts[side]
    world.tracker(side).rename_person(old, "renamed")
    world.tracker(side).person(old, "A stranger")
    return old


def test_a_renamed_account_keeps_its_tasks_on_both_sides(world: World, side: Side) -> None:
    world.tracker(side).rename_person(PEOPLE[0].accounts[side], "renamed")
    tally = world.sync(sweep=True)
    assert (tally.writes, tally.outcome) == (0, "clean")
    assert lines(world) == []


def test_what_is_written_names_the_account_as_it_is_called_now(world: World, side: Side) -> None:
    world.tracker(side).rename_person(PEOPLE[0].accounts[side], "renamed")
    mia, other = PEOPLE[1].accounts[side.other], side.other
    assign(world, other, 0, mia)
    world.sync()
    assign(world, other, 0, PEOPLE[0].accounts[other])
    world.sync()
    assert world.tracker(side).items()[0].showing[Field.ASSIGNEES] == ("renamed",)


def test_who_took_an_old_login_over_gets_nothing_and_loses_nothing(world: World, side: Side) -> None:
    old = taken_over(world, side)
    assign(world, side, 0, old)
    assert world.sync(sweep=True).writes == 0
    assign(world, side.other, 1, PEOPLE[1].accounts[side.other])
    assert world.sync().writes == 0
    assert world.tracker(side).items()[1].showing[Field.ASSIGNEES] == ("renamed",)
    (line,) = lines(world)
    assert line.startswith(f"account {old} on the {side} side: ")
    assert "renamed" in line


def test_a_stranger_is_never_assigned_before_anybody_saw_the_renaming(world: World, side: Side) -> None:
    taken_over(world, side)
    other = side.other
    task = world.tracker(other).create("New")
    world.tracker(other).edit(task, {Field.ASSIGNEES: (PEOPLE[0].accounts[other],)})
    world.sync()
    world.sync()
    made = next(item for item in world.tracker(side).items() if item.showing[Field.TITLE] == "New")
    assert made.showing[Field.ASSIGNEES] == ("renamed",)


@pytest.mark.parametrize("by_id", [True, False])
def test_once_the_file_is_right_assignments_go_on_and_nobody_is_unassigned(
    world: World, side: Side, by_id: bool
) -> None:
    old = taken_over(world, side)
    native = world.tracker(side).people["renamed"].native
    assign(world, side, 0, old)
    world.sync(sweep=True)
    assert len(lines(world)) == 1
    mia = PEOPLE[1].accounts
    assign(world, side.other, 1, mia[side.other])
    world.sync()
    if by_id:
        configured(world, side, old, id=native)
    else:
        configured(world, side, "renamed")
    world.sync()
    world.sync()
    assert world.tracker(side).items()[1].showing[Field.ASSIGNEES] == (mia[side],)
    assert world.tracker(side).items()[2].showing[Field.ASSIGNEES] == ("renamed",)
    assert world.tracker(side.other).items()[2].showing[Field.ASSIGNEES] == (PEOPLE[0].accounts[side.other],)
    assert lines(world) == []
    assert world.sync().writes == 0


def test_a_quiet_run_asks_no_more_than_before(world: World, side: Side) -> None:
    before = world.sync().requests
    world.tracker(side).rename_person(PEOPLE[0].accounts[side], "renamed")
    assert world.sync().requests == before


def test_the_author_of_a_comment_stays_the_same_person(world: World, side: Side) -> None:
    tracker = world.tracker(side)
    tracker.comment(tracker.items()[0].ref, "Said.", by=PEOPLE[0].accounts[side])
    world.sync()
    tracker.rename_person(PEOPLE[0].accounts[side], "renamed")
    assert world.sync(sweep=True).writes == 0
