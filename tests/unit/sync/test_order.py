"""The order of one run's writes: what is due to linked items comes before the first creation."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector, PlainMarkup
from syncer.contract.capabilities import RateLimit
from syncer.contract.model import Audience, Category, Field, Kind, Ref, Side, Status
from syncer.richtext.document import Document
from syncer.richtext.markup import NOBODY, Written
from tests.worlds import GITHUB_LIKE, World

PER_MINUTE = 3
SECRET = "PASSWORD hunter2"
SLOW = replace(GITHUB_LIKE, rate_limits=(RateLimit(PER_MINUTE, 3600, creates_only=True), RateLimit(5, 1)))
DONE = Status("Done", Category.DONE)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One linked task with a comment, and a backfill that needs many runs."""
    made = World(tmp_path, right_capabilities=SLOW)
    task = made.left.create("Task")
    made.left.comment(task, SECRET)
    made.sync()
    made.clock.tick(3600)
    for number in range(20):
        made.left.create(f"Old {number}")
    assert made.sync().outcome == "budget"
    made.right.writes.clear()
    return made


def comment(world: World) -> Ref:
    return next(item.ref for item in world.left.items(Kind.COMMENT))


def mirrored(world: World) -> str:
    (mirror,) = world.right.items(Kind.COMMENT)
    return str(mirror.showing[Field.BODY])


def test_a_comment_deleted_during_a_backfill_is_gone_with_the_next_run(world: World) -> None:
    world.left.delete(comment(world))
    tally = world.sync()
    assert (tally.outcome, tally.comments["deleted"]) == ("budget", 1), tally
    assert "PASSWORD" not in mirrored(world)


def test_a_comment_edited_during_a_backfill_is_edited_before_anything_is_created(world: World) -> None:
    world.clock.tick(3600)
    world.left.edit(comment(world), {Field.BODY: "never mind"})
    tally = world.sync()
    assert (tally.outcome, tally.created["right"]) == ("budget", PER_MINUTE), tally
    assert "never mind" in mirrored(world)
    first, *others = world.right.writes
    assert first.startswith("update comment"), world.right.writes
    assert all(each.startswith("create") for each in others), world.right.writes


def test_closings_and_edits_of_tasks_and_milestones_come_before_the_first_creation(world: World) -> None:
    linked = next(item.ref for item in world.left.items() if item.showing[Field.TITLE] == "Task")
    world.clock.tick(3600)
    milestone = world.left.milestone("Plan")
    world.left.edit(linked, {Field.MILESTONES: (milestone.id,), Field.TITLE: "Task, renamed"})
    assert world.sync().outcome == "budget"
    world.right.writes.clear()
    world.clock.tick(3600)
    world.left.edit(milestone, {Field.TITLE: "Plan B"})
    world.left.edit(linked, {Field.STATUS: DONE})
    world.left.delete(comment(world))
    assert world.sync(sweep=True).outcome == "budget"
    kinds = [" ".join(each.split()[:2]).partition(":")[0] for each in world.right.writes]
    assert kinds[:3] == ["update milestone", "update task", "update comment"], world.right.writes
    assert all(kind.startswith("create") for kind in kinds[3:]), world.right.writes


def test_updates_take_nothing_from_what_may_be_created(world: World) -> None:
    for number in range(10):
        world.left.edit(comment(world), {Field.BODY: f"draft {number}"})
        assert world.sync().comments["updated"] == 1
    world.clock.tick(3600)
    assert world.sync().created["right"] == PER_MINUTE


def test_a_task_gets_the_milestone_that_the_same_run_creates(world: World) -> None:
    linked = next(item.ref for item in world.left.items() if item.showing[Field.TITLE] == "Task")
    world.clock.tick(3600)
    plan = world.left.milestone("Plan")
    world.left.edit(linked, {Field.MILESTONES: (plan.id,), Field.TITLE: "Task, renamed"})
    world.sync()
    mirror = next(item for item in world.right.items() if item.showing[Field.TITLE] == "Task, renamed")
    (there,) = world.right.items(Kind.MILESTONE)
    assert mirror.showing[Field.MILESTONES] == (there.ref.id,)
    assert world.right.writes[0].startswith("update task"), world.right.writes
    other = world.left.milestone("Next plan")
    world.clock.tick(3600)
    world.left.edit(linked, {Field.MILESTONES: (other.id,)})
    world.sync()
    (found,) = [item for item in world.right.items(Kind.MILESTONE) if item.showing[Field.TITLE] == "Next plan"]
    assert world.right.show(mirror.ref).showing[Field.MILESTONES] == (found.ref.id,)


def test_a_backfill_to_a_side_that_turned_public_ends_with_the_next_run(world: World) -> None:
    world.right.audience = Audience.PUBLIC
    world.clock.tick(3600)
    world.left.delete(comment(world))
    tally = world.sync()
    assert (tally.created["right"], tally.comments["deleted"]) == (0, 1), tally
    assert "PASSWORD" not in mirrored(world)


def test_a_run_that_is_stopped_has_written_the_updates_first(world: World) -> None:
    world.clock.tick(3600)
    world.left.edit(comment(world), {Field.BODY: "never mind"})
    tally = world.sync(stop=lambda: len(world.right.writes) > 1)
    assert tally.outcome == "interrupted", tally
    assert "never mind" in mirrored(world)


@pytest.mark.parametrize("side", Side)
def test_in_a_quiet_pair_nothing_is_written_in_either_part_of_a_run(tmp_path: Path, side: Side) -> None:
    quiet = World(tmp_path)
    quiet.tracker(side).create("Task")
    quiet.sync()
    assert [quiet.sync().writes for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("microseconds", [0, 1, 400_000, 999_999])
def test_a_run_does_not_promise_to_go_on_before_the_budget_is_refilled(microseconds: int, tmp_path: Path) -> None:
    world = World(tmp_path, right_capabilities=replace(GITHUB_LIKE, rate_limits=(RateLimit(1, 3600),)))
    world.clock.now += timedelta(microseconds=microseconds)
    for number in range(2):
        world.left.create(f"Old {number}")
    refilled = world.clock() + timedelta(hours=1, seconds=60)  # a run begins a minute later, and writes at once
    tally = world.sync()
    assert tally.outcome == "budget", tally
    assert tally.resumes_at is not None
    assert refilled <= datetime.fromisoformat(tally.resumes_at) < refilled + timedelta(seconds=1)


class CountingMarkup(PlainMarkup):
    """Counts how often a text was written in it."""

    written = 0

    def write(self, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = "") -> Written:
        self.written += 1
        return super().write(document, live=live, continued_at=continued_at)


def test_a_run_of_a_backfill_puts_no_more_texts_into_the_other_markup_than_it_sends(tmp_path: Path) -> None:
    world = World(tmp_path, right_capabilities=SLOW)
    for number in range(20):
        world.left.comment(world.left.create(f"Old {number}", f"Text {number}."), f"Answer {number}.")
    markup = CountingMarkup()
    connectors = {
        Side.LEFT: MemoryConnector(world.left),
        Side.RIGHT: MemoryConnector(world.right, markup=markup),
    }
    tally = world.sync(connectors=connectors)
    assert (tally.outcome, tally.created["right"], tally.remaining) == ("budget", PER_MINUTE, 37), tally
    assert markup.written <= PER_MINUTE + 1, markup.written  # the first that there is no budget for, too


@pytest.fixture
def backlog(tmp_path: Path) -> World:
    """A first sync that needs many runs: one open task is linked, a finished one and nineteen others wait."""
    made = World(tmp_path, right_capabilities=SLOW)
    made.left.comment(made.left.create("Task"), "an old word")
    made.left.create("Finished", fields={Field.STATUS: DONE})
    for number in range(19):
        made.left.comment(made.left.create(f"Old {number}"), f"said of {number}")
    made.clock.tick(60)
    assert made.sync().outcome == "budget"
    made.right.writes.clear()
    return made


def titles(world: World) -> set[str]:
    return {str(item.showing[Field.TITLE]) for item in world.right.items()}


def said(world: World) -> str:
    return " ".join(str(item.showing[Field.BODY]) for item in world.right.items(Kind.COMMENT))


def linked_task(world: World) -> Ref:
    return next(item.ref for item in world.left.items() if item.showing[Field.TITLE] == "Task")


def test_what_people_make_during_a_backfill_is_carried_before_it_goes_on(backlog: World) -> None:
    backlog.left.create("Urgent")
    backlog.left.comment(linked_task(backlog), "help, please")
    backlog.clock.tick(3600)
    assert backlog.sync().outcome == "budget"
    assert "Urgent" in titles(backlog)
    assert "help, please" in said(backlog)
    assert "an old word" not in said(backlog)
    assert "Finished" not in titles(backlog)


def test_somebody_who_edits_what_waits_in_a_backlog_has_it_carried_next(backlog: World) -> None:
    waiting = next(item.ref for item in backlog.left.items() if item.showing[Field.TITLE] == "Old 18")
    backlog.left.edit(waiting, {Field.TITLE: "Old 18, taken up again"})
    backlog.clock.tick(3600)
    backlog.sync()
    assert "Old 18, taken up again" in titles(backlog)


def test_a_backfill_in_one_direction_does_not_keep_the_other_waiting(backlog: World) -> None:
    mirror = next(item.ref for item in backlog.right.items() if item.showing[Field.TITLE] == "Task")
    backlog.right.comment(mirror, "an answer from the right")
    backlog.right.create("New on the right")
    assert backlog.sync().outcome == "budget"
    assert "an answer from the right" in " ".join(
        str(item.showing[Field.BODY]) for item in backlog.left.items(Kind.COMMENT)
    )
    assert "New on the right" in {item.showing[Field.TITLE] for item in backlog.left.items()}


def test_the_backlog_is_carried_open_tasks_first_and_conversations_by_their_last_word(tmp_path: Path) -> None:
    world = World(tmp_path)
    finished = world.left.create("Finished", fields={Field.STATUS: DONE})
    quiet, busy = (world.left.create(name) for name in ("Quiet", "Busy"))
    for task, words in ((busy, "busy 1"), (quiet, "quiet 1"), (finished, "finished 1"), (busy, "busy 2")):
        world.clock.tick()
        world.left.comment(task, words)
    world.sync()
    tasks = [item.showing[Field.TITLE] for item in sorted(world.right.items(), key=lambda item: int(item.ref.id))]
    assert tasks == ["Quiet", "Busy", "Finished"]
    comments = sorted(world.right.items(Kind.COMMENT), key=lambda item: int(item.ref.id))
    words = [str(item.showing[Field.BODY]) for item in comments]
    order = [next(one for one in ("busy 1", "busy 2", "quiet 1", "finished 1") if one in text) for text in words]
    assert order == ["busy 1", "busy 2", "quiet 1", "finished 1"]
