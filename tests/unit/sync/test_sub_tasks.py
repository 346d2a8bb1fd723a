"""Sub-tasks that stay on their side: `sub-tasks = "none"`, or `"list"`, where their parent's mirror lists them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.model import Audience, Category, Facts, Field, Kind, Ref, Side, Status
from syncer.core.rules import SubTasks
from syncer.sync.verify import verify_pair
from tests.worlds import World

DONE = Status("Done", Category.DONE)
TO_DO = Status("To Do", Category.TODO)


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


@pytest.fixture
def listing(tmp_path: Path) -> World:
    """A pair whose mirrors list the sub-tasks that stay."""
    made = World(tmp_path)
    made.rules = replace(made.rules, sub_tasks=SubTasks.LIST)
    return made


def story(world: World, *parts: str) -> tuple[Ref, list[Ref]]:
    """A task of the left side with sub-tasks."""
    parent = world.left.create("Story", facts=Facts(level=0))
    world.left.edit(parent, {Field.BODY: "As a buyer I pay."})
    below = [world.left.create(title, facts=Facts(level=-1)) for title in parts]
    for part in below:
        world.left.edit(part, {Field.PARENT: parent.id})
    return parent, below


def mirrored(world: World) -> str:
    """The text of the one mirror on the right."""
    (mirror,) = [item for item in world.right.items() if item.kind is Kind.TASK]
    return str(mirror.showing[Field.BODY])


def edit_mirror(world: World, text: str) -> None:
    (mirror,) = [item for item in world.right.items() if item.kind is Kind.TASK]
    world.right.edit(mirror.ref, {Field.BODY: text})


def quiet(world: World) -> bool:
    """Whether runs and a complete reading have nothing to write."""
    return [world.sync(sweep=number == 2).writes for number in range(4)] == [0] * 4


def test_the_mirror_of_a_parent_lists_its_sub_tasks_and_the_original_does_not(listing: World) -> None:
    parent, _ = story(listing, "Cut", "Sew @octocat *now* #12")
    listing.sync()
    assert titles(listing, Side.RIGHT) == {"Story"}
    text = mirrored(listing)
    assert "Cut (To Do)" in text
    assert "PAY-2" in text
    assert "Sub-tasks of" in text
    assert listing.left.show(parent).showing[Field.BODY] == "As a buyer I pay."
    assert quiet(listing)
    with listing.context() as context:
        assert not [one.reason for one in verify_pair(context).differences if "sub-task" not in one.reason]


def test_a_list_follows_its_sub_tasks_when_one_is_renamed_moved_finished_or_deleted(listing: World) -> None:
    parent, (cut, sew) = story(listing, "Cut", "Sew")
    listing.sync()
    listing.left.edit(cut, {Field.TITLE: "Cut twice", Field.STATUS: DONE})
    assert listing.sync().writes == 1
    assert "Cut twice (Done)" in mirrored(listing)
    assert quiet(listing)
    listing.left.edit(sew, {Field.PARENT: None})
    listing.sync()
    assert "Sew" not in mirrored(listing)
    listing.left.delete(cut)
    listing.sync(sweep=True)
    listing.sync()
    assert "Sub-tasks of" not in mirrored(listing)
    assert "As a buyer I pay." in mirrored(listing)
    assert listing.left.show(parent).showing[Field.BODY] == "As a buyer I pay."
    assert quiet(listing)


def test_a_restricted_sub_task_is_not_listed_and_leaves_the_list_once_it_is(listing: World) -> None:
    _, (cut, _, secret) = story(listing, "Cut", "Sew", "Pay the ransom")
    listing.left.restrict(secret, Audience.RESTRICTED)
    listing.sync()
    assert "ransom" not in mirrored(listing)
    assert "Cut" in mirrored(listing)
    listing.left.restrict(cut, Audience.RESTRICTED)
    listing.sync()
    assert "Cut" not in mirrored(listing)
    assert "Sew" in mirrored(listing)


def test_nothing_of_a_list_is_shown_to_a_wider_audience(tmp_path: Path) -> None:
    world = World(tmp_path)
    publish = frozenset({"title", "body"})
    world.rules = replace(world.rules, sub_tasks=SubTasks.LIST, publish=publish, audience={Side.RIGHT: Audience.PUBLIC})
    story(world, "Cut")
    world.sync()
    assert "Cut" in mirrored(world)  # titles are published
    assert "To Do" not in mirrored(world)  # states are not


def test_what_people_write_around_and_into_a_list_is_carried_and_the_list_is_not(listing: World) -> None:
    parent, _ = story(listing, "Cut", "Sew")
    listing.sync()
    lines = mirrored(listing).splitlines()
    at = next(number for number, line in enumerate(lines) if "Cut" in line)
    edit_mirror(listing, "\n".join([*lines[: at + 1], "", "and iron it", *lines[at + 1 :]]))
    listing.sync()
    original = str(listing.left.show(parent).showing[Field.BODY])
    assert "and iron it" in original
    assert "Cut" not in original
    listing.sync()
    assert quiet(listing)
    assert mirrored(listing).count("Cut") == 1
    assert mirrored(listing).count("and iron it") == 1


def test_a_list_that_somebody_deletes_is_written_again_with_the_next_change_and_loses_nobodys_words(
    listing: World,
) -> None:
    parent, (cut, _) = story(listing, "Cut", "Sew")
    listing.sync()
    edit_mirror(listing, "I want none of it.")
    listing.sync()
    assert listing.left.show(parent).showing[Field.BODY] == "I want none of it."
    listing.left.edit(cut, {Field.TITLE: "Cut twice"})
    listing.sync()
    assert "Cut twice" in mirrored(listing)
    assert quiet(listing)


def test_a_sub_task_that_goes_back_and_forth_all_day_is_no_fight_about_the_text_of_its_parent(listing: World) -> None:
    _, (cut,) = story(listing, "Cut")
    listing.sync()
    for _ in range(5):
        for state in (DONE, TO_DO):
            listing.left.edit(cut, {Field.STATUS: state})
            tally = listing.sync()
            assert (tally.writes, tally.conflicts) == (1, 0)
            assert f"Cut ({state.name})" in mirrored(listing)


def test_what_takes_a_list_away_each_time_is_not_fought_with(listing: World) -> None:
    parent, (cut,) = story(listing, "Cut")
    listing.sync()
    writes = 0
    for _ in range(6):
        edit_mirror(listing, "As a buyer I pay.")
        writes += listing.sync().writes
    assert writes == 0
    listing.left.edit(cut, {Field.STATUS: DONE})
    listing.sync()
    assert "Cut (Done)" in mirrored(listing)
    assert listing.left.show(parent).showing[Field.BODY] == "As a buyer I pay."


def test_a_list_goes_where_the_rules_want_none_any_more(listing: World) -> None:
    story(listing, "Cut")
    listing.sync()
    listing.rules, listing.fingerprint = replace(listing.rules, sub_tasks=SubTasks.NONE), "2"
    listing.sync()
    assert "Cut" not in mirrored(listing)
    assert "As a buyer I pay." in mirrored(listing)
    assert quiet(listing)


def test_both_sides_edit_their_text_while_a_sub_task_changes_and_nothing_is_lost(listing: World) -> None:
    parent, (cut,) = story(listing, "Cut")
    listing.sync()
    listing.left.edit(parent, {Field.BODY: "As a buyer I pay.\n\nBy card."})
    edit_mirror(listing, f"In short:\n\n{mirrored(listing)}")
    listing.left.edit(cut, {Field.TITLE: "Cut twice"})
    listing.sync()
    listing.sync()
    for text in (str(listing.left.show(parent).showing[Field.BODY]), mirrored(listing)):
        assert "By card." in text
        assert "In short:" in text
    assert "Cut twice" in mirrored(listing)
    assert quiet(listing)
