"""Whole runs of one pair between two trackers in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.memory import MemoryTracker
from syncer.contract.model import Audience, Category, Field, Kind, Ref, Side, Status
from syncer.core.rules import FieldRule, Policy
from syncer.core.waiting import Why
from syncer.sync.verify import verify_pair
from tests.worlds import JIRA_LIKE, World

DONE = Status("Done", Category.DONE)
CLOSED = Status("closed", Category.DONE, "completed")
OPEN = Status("open", Category.TODO)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def quiet(world: World) -> None:
    tally = world.sync()
    assert tally.writes == 0, tally
    assert tally.outcome in {"clean", "held"}, tally


def shown(tracker: MemoryTracker, name: Field) -> object:
    (item,) = tracker.items()
    return item.showing[name]


def test_a_new_task_appears_on_the_other_side_and_the_next_run_writes_nothing(world: World) -> None:
    world.left.create(
        "Refund fails", "Since Monday.", by="mia.braun",
        fields={
            Field.LABELS: ("back_end",), Field.PRIORITY: "High", Field.ASSIGNEES: ("li.wei",),
            Field.COMPONENTS: ("api",),
        },
    )  # fmt: skip
    tally = world.sync()
    assert tally.outcome == "clean", tally
    assert tally.created == {"left": 0, "right": 1}
    mirror = world.only(Side.RIGHT)
    assert mirror.showing[Field.TITLE] == "Refund fails"
    assert mirror.showing[Field.LABELS] == ("back end", "component: api", "priority: high")
    assert mirror.showing[Field.ASSIGNEES] == ("liwei",)
    assert "Since Monday." in mirror.showing[Field.BODY]
    assert "Synced from" in mirror.showing[Field.BODY]
    quiet(world)
    quiet(world)


def test_a_closed_task_is_created_and_then_closed(world: World) -> None:
    ref = world.right.create("Old bug")
    world.right.close(ref, CLOSED)
    world.sync()
    assert shown(world.left, Field.STATUS) == DONE
    quiet(world)


def test_edits_of_both_sides_meet(world: World) -> None:
    ref = world.left.create("Refund fails", "One.\n\nTwo.", fields={Field.LABELS: ("a",)})
    world.sync()
    other = world.only(Side.RIGHT).ref
    world.clock.tick()
    world.left.edit(ref, {Field.TITLE: "Refund fails twice", Field.LABELS: ("a", "b")})
    world.right.edit(other, {Field.LABELS: ("c",), Field.ASSIGNEES: ("miab",)})
    tally = world.sync()
    assert tally.outcome == "clean", tally
    assert shown(world.right, Field.TITLE) == "Refund fails twice"
    assert shown(world.right, Field.LABELS) == ("b", "c")
    assert shown(world.left, Field.LABELS) == ("b", "c")
    assert shown(world.left, Field.ASSIGNEES) == ("mia.braun",)
    quiet(world)


def test_closing_and_reopening_on_github_returns_to_the_status_jira_was_in(world: World) -> None:
    ref = world.left.create("Task", fields={Field.STATUS: Status("In Review", Category.DOING)})
    world.sync()
    other = world.only(Side.RIGHT).ref
    assert world.only(Side.RIGHT).showing[Field.LABELS] == ("status: in progress",)
    world.clock.tick()
    world.right.close(other, CLOSED)
    world.sync()
    assert world.left.show(ref).showing[Field.STATUS] == DONE
    world.clock.tick()
    world.right.edit(other, {Field.STATUS: OPEN})
    world.sync()
    assert world.left.show(ref).showing[Field.STATUS] == Status("In Review", Category.DOING)
    quiet(world)


def test_bodies_edited_in_different_paragraphs_are_merged(world: World) -> None:
    ref = world.left.create("Task", "One.\n\nTwo.\n\nThree.")
    world.sync()
    other = world.only(Side.RIGHT)
    world.clock.tick()
    world.left.edit(ref, {Field.BODY: "One!\n\nTwo.\n\nThree."})
    world.right.edit(other.ref, {Field.BODY: str(other.showing[Field.BODY]).replace("Three.", "Three!")})
    tally = world.sync()
    assert tally.conflicts == 0
    assert world.left.show(ref).showing[Field.BODY] == "One!\n\nTwo.\n\nThree!"
    assert str(world.right.show(other.ref).showing[Field.BODY]).startswith("One!\n\nTwo.\n\nThree!")
    quiet(world)


def test_one_title_changed_apart_waits_and_both_versions_are_kept(world: World) -> None:
    ref = world.left.create("Task")
    world.sync()
    other = world.only(Side.RIGHT).ref
    world.clock.tick()
    world.left.edit(ref, {Field.TITLE: "Left title"})
    world.right.edit(other, {Field.TITLE: "Right title"})
    tally = world.sync()
    assert (tally.outcome, tally.conflicts, tally.writes) == ("held", 1, 0)
    quiet(world)
    with world.context() as context:
        (conflict,) = context.store.conflicts.of_pair("pay")
        assert (conflict.left, conflict.right, conflict.decision) == ("Left title", "Right title", None)
        context.store.conflicts.decide(conflict.id, "right", world.clock())
    world.sync()
    assert world.left.show(ref).showing[Field.TITLE] == "Right title"
    with world.context() as context:
        assert context.store.conflicts.of_pair("pay") == []
    quiet(world)


def test_comments_cross_with_their_author_and_edits_follow(world: World) -> None:
    ref = world.left.create("Task")
    comment = world.left.comment(ref, "Seen again.", by="mia.braun")
    world.sync()
    (mirror,) = world.right.items(Kind.COMMENT)
    assert "Mia Braun" in mirror.showing[Field.BODY]
    assert "Seen again." in mirror.showing[Field.BODY]
    quiet(world)
    world.left.edit(comment, {Field.BODY: "Seen again today."})
    world.sync()
    (mirror,) = world.right.items(Kind.COMMENT)
    assert "Seen again today." in mirror.showing[Field.BODY]
    assert "Mia Braun" in mirror.showing[Field.BODY]
    quiet(world)
    world.left.delete(comment)
    tally = world.sync()
    assert tally.comments["deleted"] == 1, tally
    (mirror,) = world.right.items(Kind.COMMENT)
    assert "deleted" in mirror.showing[Field.BODY]
    assert "Seen again" not in mirror.showing[Field.BODY]
    quiet(world)


OWN_WORDS = "Synced from [the design doc](https://docs.example/d): the limit is 42 EUR."


@pytest.mark.parametrize("side", Side)
def test_what_a_person_writes_in_the_words_of_our_footer_arrives(world: World, side: Side) -> None:
    tracker, other = world.tracker(side), world.tracker(side.other)
    ref = tracker.create("Task", f"Look here.\n\n{OWN_WORDS}")
    world.sync()
    mirror = world.only(side.other)
    assert OWN_WORDS in str(mirror.showing[Field.BODY])
    other.edit(mirror.ref, {Field.BODY: f"Look here.\n\n{OWN_WORDS.replace('42', '43')}"})
    assert world.sync().outcome == "clean"
    assert "43 EUR" in str(tracker.show(ref).showing[Field.BODY])
    quiet(world)


def test_a_task_that_moved_to_another_address_writes_nothing(world: World) -> None:
    ref = world.left.create("Task", "Text.")
    world.left.comment(ref, "A word.")
    world.sync()
    quiet(world)
    world.left.move(ref, "OPS-3")
    tally = world.sync(sweep=True)
    assert (tally.writes, tally.outcome) == (0, "clean"), tally
    world.right.edit(world.only(Side.RIGHT).ref, {Field.TITLE: "Another title"})
    world.sync()
    assert world.left.show(ref).showing[Field.BODY] == "Text."
    quiet(world)


def test_restricted_comments_and_tasks_never_cross(world: World) -> None:
    ref = world.left.create("Task")
    world.left.comment(ref, "secret price", audience=Audience.RESTRICTED)
    hidden = world.left.create("secret task")
    world.left.restrict(hidden, Audience.RESTRICTED)
    world.sync()
    assert [item.showing[Field.TITLE] for item in world.right.items()] == ["Task"]
    assert world.right.items(Kind.COMMENT) == ()
    quiet(world)


def test_a_public_side_gets_only_what_is_published(world: World) -> None:
    world.right.audience = Audience.PUBLIC
    world.left.create("Task", "internal reasoning")
    tally = world.sync()
    assert tally.created["right"] == 0
    assert tally.skips[0]["why"] == "audience"
    world.right.create("Public issue", "seen by all")
    tally = world.sync()
    assert tally.created["left"] == 1


def test_a_lost_answer_never_makes_a_second_task(world: World) -> None:
    world.left.create("Task")
    world.right.lose_next_answer()
    world.sync()
    world.sync()
    assert len(world.right.items()) == 1
    quiet(world)


def test_a_deleted_task_closes_its_partner_once(world: World) -> None:
    ref = world.left.create("Task")
    world.left.create("Other")
    world.sync()
    world.left.delete(ref)
    tally = world.sync(sweep=True)
    assert tally.closed["right"] == 1, tally
    (closed,) = [item for item in world.right.items() if item.showing[Field.TITLE] == "Task"]
    assert closed.showing[Field.STATUS] == Status("closed", Category.DONE, "not_planned")
    quiet(world)


def test_an_emptied_side_is_refused(world: World) -> None:
    refs = [world.left.create(f"Task {number}") for number in range(3)]
    world.sync()
    for ref in refs:
        world.left.hide(ref)
    tally = world.sync(sweep=True)
    assert tally.outcome == "refused"
    assert tally.writes == 0


def test_many_closes_need_approval(world: World) -> None:
    refs = [world.left.create(f"Task {number}") for number in range(15)]
    world.sync()
    for ref in refs[:12]:
        world.left.close(ref, DONE)
    tally = world.sync()
    assert (tally.outcome, tally.writes) == ("refused", 0)
    assert tally.approve
    assert world.sync(approve="000000000000").outcome == "refused"
    tally = world.sync(approve=tally.approve)
    assert tally.closed["right"] == 12, tally
    quiet(world)


def test_an_approval_that_nothing_waits_for_changes_nothing_and_says_so(world: World) -> None:
    world.left.create("Task")
    tally = world.sync(approve="000000000000")
    assert (tally.outcome, tally.created["right"]) == ("clean", 1)
    assert tally.message == "nothing was refused, so --approve changed nothing"


def test_milestones_are_created_linked_and_carried(world: World) -> None:
    milestone = world.left.milestone("1.0")
    world.left.create("Task", fields={Field.MILESTONES: (milestone.id,)})
    tally = world.sync()
    assert tally.milestones["created"] == 1, tally
    (there,) = world.right.items(Kind.MILESTONE)
    assert there.showing[Field.TITLE] == "1.0"
    assert shown(world.right, Field.MILESTONES) == (there.ref.id,)
    quiet(world)


def test_a_lost_state_is_rebuilt_without_a_write(world: World, tmp_path: Path) -> None:
    ref = world.left.create("Task", "Text.")
    world.left.comment(ref, "Hello.")
    world.right.create("Issue")
    world.sync()
    tally = world.sync(location=tmp_path / "fresh")
    assert tally.adopted == 3, tally
    assert tally.writes == 0, tally


def test_a_first_sync_that_was_interrupted_goes_on_without_asking(tmp_path: Path) -> None:
    world = World(tmp_path, left_capabilities=replace(JIRA_LIKE, create_batch={Kind.TASK: 50}))
    for number in range(15):
        world.right.close(world.right.create(f"Old {number}"), CLOSED)

    def stop_after_the_creates() -> bool:
        return len(world.left.items()) == 15

    assert world.sync(stop=stop_after_the_creates).outcome == "interrupted"
    assert len(world.left.items()) == 15
    with world.context() as context:
        assert [one.field for one in verify_pair(context).written] == [Field.STATUS] * 15
    assert world.sync().outcome == "clean"
    assert all(item.showing[Field.STATUS] == DONE for item in world.left.items())
    quiet(world)


def test_a_person_may_settle_a_conflict_with_a_third_text(world: World) -> None:
    ref = world.left.create("Task", "One.")
    world.sync()
    other = world.only(Side.RIGHT)
    world.left.edit(ref, {Field.BODY: "Left."})
    world.right.edit(other.ref, {Field.BODY: str(other.showing[Field.BODY]).replace("One.", "Right.")})
    assert world.sync().conflicts == 1
    with world.context() as context:
        (conflict,) = context.store.conflicts.of_pair("pay")
        context.store.conflicts.decide(conflict.id, "value:Both of\n\nthese.", world.clock())
    world.sync()
    assert world.left.show(ref).showing[Field.BODY] == "Both of\n\nthese."
    assert str(world.right.show(other.ref).showing[Field.BODY]).startswith("Both of\n\nthese.")
    quiet(world)


def test_a_person_who_may_not_be_assigned_does_not_keep_a_task_from_crossing(world: World) -> None:
    world.right.people.pop("liwei")
    world.left.create("Task", "Text.", fields={Field.ASSIGNEES: ("li.wei",), Field.LABELS: ("a",)})
    tally = world.sync()
    assert (tally.outcome, tally.created["right"], tally.held) == ("held", 1, 1), tally
    assert shown(world.right, Field.LABELS) == ("a",)
    assert world.sync().writes == 0


def test_a_task_that_three_complete_listings_miss_was_deleted(world: World) -> None:
    ref = world.left.create("Task")
    world.left.create("Other")
    world.sync()
    world.left.hide(ref)
    for _ in range(2):
        tally = world.sync(sweep=True)
        assert (tally.outcome, tally.held, tally.writes) == ("held", 1, 0), tally
    assert world.sync(sweep=True).closed["right"] == 1
    quiet(world)


def test_a_task_that_comes_back_into_sight_goes_on(world: World) -> None:
    ref = world.left.create("Task")
    world.left.create("Other")
    world.sync()
    world.left.hide(ref)
    assert world.sync(sweep=True).held == 1
    world.left.reveal(ref)
    world.left.edit(ref, {Field.TITLE: "Task, renamed"})
    tally = world.sync(sweep=True)
    assert (tally.held, tally.updated["right"]) == (0, 1), tally
    quiet(world)


def test_a_closed_milestone_crosses_only_with_a_task_that_needs_it(world: World) -> None:
    world.left.close(world.left.milestone("0.8"))
    used = world.left.milestone("0.9")
    world.left.close(used)
    world.left.create("Task", fields={Field.MILESTONES: (used.id,)})
    world.sync()
    (there,) = world.right.items(Kind.MILESTONE)
    assert (there.showing[Field.TITLE], there.showing[Field.STATUS]) == ("0.9", Status("closed", Category.DONE))
    assert shown(world.right, Field.MILESTONES) == (there.ref.id,)
    quiet(world)


def test_a_label_that_reads_as_a_priority_on_the_other_side_hides_no_later_edit(world: World) -> None:
    ref = world.left.create("Task", fields={Field.LABELS: ("priority:_high",)})
    world.sync()
    other = world.only(Side.RIGHT).ref
    world.right.edit(other, {Field.LABELS: ("two words", "red")})
    world.sync()
    assert world.left.show(ref).showing[Field.LABELS] == ("priority:_high", "red", "two_words")
    quiet(world)


def test_what_was_refused_and_is_taken_later_waits_for_nobody(world: World) -> None:
    ref = world.left.create("Task")
    world.sync()
    world.right.people.pop("liwei")
    world.left.edit(ref, {Field.ASSIGNEES: ("li.wei",)})
    assert world.sync().held == 1
    world.right.person("liwei")
    world.left.edit(ref, {Field.TITLE: "Task, again"})
    tally = world.sync()
    assert (tally.outcome, tally.held) == ("clean", 0), tally
    assert shown(world.right, Field.ASSIGNEES) == ("liwei",)


def test_a_conflict_whose_winner_may_not_be_carried_waits(world: World) -> None:
    world.rules = replace(world.rules, fields={**world.rules.fields, Field.TITLE: FieldRule(on_conflict=Policy.LEFT)})
    ref = world.right.create("Task")
    world.sync()
    other = world.only(Side.LEFT).ref
    world.right.audience = Audience.PUBLIC
    world.sync(sweep=True)
    world.left.edit(other, {Field.TITLE: "internal"})
    world.right.edit(ref, {Field.TITLE: "public"})
    tally = world.sync(sweep=True)
    assert (tally.outcome, tally.conflicts, tally.writes) == ("held", 1, 0), tally


def test_a_title_that_was_cut_never_wins_over_the_whole_one(world: World) -> None:
    world.rules = replace(world.rules, fields={**world.rules.fields, Field.TITLE: FieldRule(on_conflict=Policy.NEWEST)})
    whole = "w" * 256
    ref = world.right.create(whole)
    world.sync()
    other = world.only(Side.LEFT).ref
    world.right.edit(ref, {Field.TITLE: "v" + whole[1:]})
    world.clock.tick()
    world.left.edit(other, {Field.TITLE: "u" + str(world.left.show(other).showing[Field.TITLE])[1:]})
    tally = world.sync()
    assert world.right.show(ref).showing[Field.TITLE] == "v" + whole[1:]
    assert tally.conflicts == 1, tally


def test_a_decision_is_written_once_though_the_task_moved_as_well(world: World) -> None:
    ref = world.left.create("Task")
    world.sync()
    other = world.only(Side.RIGHT).ref
    world.left.edit(ref, {Field.TITLE: "Left title"})
    world.right.edit(other, {Field.TITLE: "Right title"})
    assert world.sync().conflicts == 1
    with world.context() as context:
        (conflict,) = context.store.conflicts.of_pair("pay")
        context.store.conflicts.decide(conflict.id, "left", world.clock())
    world.left.edit(ref, {Field.LABELS: ("red",)})
    before = len(world.right.writes)
    tally = world.sync()
    assert world.right.show(other).showing[Field.TITLE] == "Left title"
    assert len(world.right.writes) - before == 1, world.right.writes[before:]
    assert (tally.outcome, tally.conflicts) == ("clean", 0), tally


def test_verify_tells_a_title_that_was_cut_from_what_the_next_run_writes(world: World) -> None:
    world.right.create("w" * 256)
    world.left.create("Task")
    world.sync()
    world.sync()
    with world.context() as context:
        found = verify_pair(context)
        (cut,) = found.differences
        assert (cut.field, cut.why, cut.known, found.in_order) == (Field.TITLE, Why.LIMIT, True, True)
    world.left.edit(
        next(item.ref for item in world.left.items() if item.showing[Field.TITLE] == "Task"), {Field.TITLE: "T"}
    )
    with world.context() as context:
        found = verify_pair(context)
        (edit,) = found.written
    assert (edit.field, edit.left, edit.right, found.in_order) == (Field.TITLE, "T", "Task", False)


def go_back_and_forth(world: World, ref: Ref, times: int) -> list[int]:
    """A rule on the right sets each title back that a rule on the left sets; the writes of each run."""
    other = world.only(Side.RIGHT).ref
    writes = []
    for _ in range(times):
        world.left.edit(ref, {Field.TITLE: "As the left rule wants it"})
        writes.append(world.sync().writes)
        world.right.edit(other, {Field.TITLE: "As the right rule wants it"})
        writes.append(world.sync().writes)
    return writes


def test_a_field_that_goes_back_and_forth_is_stopped_and_waits_for_a_person(world: World) -> None:
    ref = world.left.create("Task")
    world.sync()
    assert sum(go_back_and_forth(world, ref, 12)) <= 6
    with world.context() as context:
        (conflict,) = context.store.conflicts.of_pair("pay")
        assert {conflict.left, conflict.right} == {"As the left rule wants it", "As the right rule wants it"}
        context.store.conflicts.decide(conflict.id, "value:Agreed at last", world.clock())
    world.left.edit(ref, {Field.LABELS: ("other fields go on",)})
    assert world.sync().outcome == "clean"
    mirror = world.only(Side.RIGHT)
    assert mirror.showing[Field.TITLE] == "Agreed at last"
    assert mirror.showing[Field.LABELS] == ("other fields go on",)
    quiet(world)


def test_a_field_that_is_edited_often_with_other_values_is_carried_each_time(world: World) -> None:
    ref = world.left.create("Task")
    world.sync()
    for number in range(10):
        world.left.edit(ref, {Field.TITLE: f"Title {number}"})
        assert world.sync().writes == 1


def test_a_field_that_is_toggled_on_many_days_is_carried_each_time(world: World) -> None:
    ref = world.left.create("Task")
    world.sync()
    for number in range(10):
        world.left.edit(ref, {Field.TITLE: f"Title {number % 2}"})
        assert world.sync().writes == 1
        world.clock.tick(9 * 3600)


def test_what_a_person_writes_below_our_footer_crosses_without_it(world: World) -> None:
    world.left.create("Task", "First.")
    world.sync()
    mirror = world.only(Side.RIGHT)
    world.right.edit(mirror.ref, {Field.BODY: f"{mirror.showing[Field.BODY]}\n\nAdded below."})
    world.sync()
    assert world.only(Side.LEFT).showing[Field.BODY] == "First.\n\nAdded below."
    assert world.sync(sweep=True).writes == 0
