"""Old comments of finished and old tasks, carried as one comment or not at all."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from syncer.commands.explain import explanation
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Side, Status
from syncer.core.rules import Backfill
from syncer.core.waiting import Why
from syncer.sync.verify import verify_pair
from tests.worlds import GITHUB_LIKE, World

DONE = Status("Done", Category.DONE)
SAID = ("first words", "second words", "third words")


def made(place: Path, backfill: Backfill = Backfill.DIGEST, **capabilities: int) -> World:
    """A finished task with three old comments and an open one with two, before the first sync."""
    world = World(place, right_capabilities=replace(GITHUB_LIKE, **capabilities))  # type: ignore[arg-type]  # numbers
    world.rules = replace(world.rules, backfill=backfill)
    finished = world.left.create("Finished", fields={Field.STATUS: DONE})
    for author, words in zip(("li.wei", "mia.braun", "li.wei"), SAID, strict=True):
        world.clock.tick()
        world.left.comment(finished, words, by=author)
    for words in ("open one", "open two"):
        world.left.comment(task(world, "Open") if world.left.items()[1:] else world.left.create("Open"), words)
    world.clock.tick()
    return world


def task(world: World, title: str) -> Ref:
    return next(item.ref for item in world.left.items() if item.showing[Field.TITLE] == title)


def original(world: World, words: str) -> Ref:
    return next(item.ref for item in world.left.items(Kind.COMMENT) if words in str(item.showing[Field.BODY]))


def comments(world: World, title: str = "Finished") -> list[str]:
    """What is said on the right about a task, oldest first."""
    parent = next(item.ref for item in world.right.items() if item.showing[Field.TITLE] == title)
    mine = sorted(world.right.items(Kind.COMMENT, parent), key=lambda item: int(item.ref.id))
    return [str(item.showing[Field.BODY]) for item in mine]


def mirror(world: World) -> Observed:
    (found,) = [item for item in world.right.items(Kind.COMMENT) if "Li Wei" in str(item.showing[Field.BODY])]
    return found


def test_old_comments_of_a_finished_task_are_one_with_the_name_and_day_of_each(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert world.sync().outcome == "clean"
    (digest,) = comments(world)
    assert [digest.index(words) for words in SAID] == sorted(digest.index(words) for words in SAID)
    assert digest.count("Li Wei") >= 2
    assert "Mia Braun" in digest
    assert digest.count("2026-11-16 08:0") >= len(SAID)
    assert len(comments(world, "Open")) == 2
    assert [world.sync().writes for _ in range(2)] == [0, 0]
    assert world.sync(sweep=True).writes == 0


def test_an_edit_of_one_of_them_changes_the_digest_in_its_place(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    before = mirror(world).ref
    world.left.edit(original(world, "second"), {Field.BODY: "second words, mended"})
    tally = world.sync()
    assert (tally.comments, tally.outcome) == ({"created": 0, "updated": 1, "deleted": 0}, "clean")
    assert mirror(world).ref == before
    assert "second words, mended" in comments(world)[0]
    assert world.sync().writes == 0


def test_what_is_deleted_or_restricted_leaves_the_digest(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    world.left.delete(original(world, "first"))
    world.left.restrict(original(world, "third"), Audience.RESTRICTED)
    world.sync(sweep=True)
    (digest,) = comments(world)
    assert "second words" in digest
    assert "first words" not in digest
    assert "third words" not in digest
    world.left.restrict(original(world, "third"), Audience.MEMBERS)
    world.sync(sweep=True)
    assert "third words" in comments(world)[0]
    assert len(comments(world)) == 1


def test_a_digest_of_which_nothing_is_left_says_that_it_was_deleted(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    for words in SAID:
        world.left.delete(original(world, words))
    assert world.sync(sweep=True).comments["deleted"] == 1
    (digest,) = comments(world)
    assert not any(words in digest for words in SAID)
    assert world.sync(sweep=True).writes == 0


def test_what_was_restricted_before_never_stands_in_a_digest(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.left.restrict(original(world, "second"), Audience.RESTRICTED)
    world.sync()
    assert "second words" not in " ".join(comments(world))
    assert "third words" in " ".join(comments(world))


def test_later_comments_are_carried_one_by_one(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    world.left.comment(task(world, "Finished"), "a late word")
    world.sync()
    assert ["a late word" in text for text in comments(world)] == [False, True]
    assert world.sync().writes == 0


def test_several_digests_where_one_comment_has_no_room(tmp_path: Path) -> None:
    world = made(tmp_path, body_limit=2_200)
    world.sync()
    said = comments(world)
    assert len(said) == 2
    assert all(len(text) <= 2_200 for text in said)
    assert [sum(words in text for text in said) for words in SAID] == [1, 1, 1]
    assert world.sync().writes == 0


def test_one_that_grew_moves_what_has_no_room_to_another_digest(tmp_path: Path) -> None:
    world = made(tmp_path, body_limit=2_300)
    world.sync()
    assert len(comments(world)) == 1
    world.left.edit(original(world, "first"), {Field.BODY: "first words " + "and more " * 30})
    world.sync()
    said = comments(world)
    assert [sum(words in text for text in said) for words in SAID] == [1, 1, 1]
    assert len(said) == 2
    assert world.sync().writes == 0


@pytest.mark.parametrize("backfill", [Backfill.COMMENTS, Backfill.NONE])
def test_another_option_rewrites_nothing_that_is_there(backfill: Backfill, tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    world.rules = replace(world.rules, backfill=backfill)
    world.fingerprint = "2"
    assert world.sync().writes == 0
    world.left.edit(original(world, "second"), {Field.BODY: "second words, mended"})
    assert world.sync().comments["updated"] == 1
    assert "second words, mended" in comments(world)[0]


def test_comments_that_were_carried_one_by_one_stay_so(tmp_path: Path) -> None:
    world = made(tmp_path, Backfill.COMMENTS)
    world.sync()
    world.rules = replace(world.rules, backfill=Backfill.DIGEST)
    world.fingerprint = "2"
    assert world.sync().writes == 0
    assert len(comments(world)) == len(SAID)


def test_none_leaves_old_comments_and_says_so(tmp_path: Path) -> None:
    world = made(tmp_path, Backfill.NONE)
    tally = world.sync()
    assert comments(world) == []
    assert len(comments(world, "Open")) == 2
    assert (tally.outcome, tally.kept_back) == ("clean", {"backlog": 3})
    world.left.comment(task(world, "Finished"), "a late word")
    world.sync()
    assert len(comments(world)) == 1


def test_what_somebody_writes_into_a_digest_stays_there_and_is_listed(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    before = [item.showing[Field.BODY] for item in world.left.items(Kind.COMMENT)]
    text = str(mirror(world).showing[Field.BODY])
    world.right.edit(mirror(world).ref, {Field.BODY: text + "\n\nan addition"})
    tally = world.sync()
    assert (tally.outcome, tally.writes) == ("clean", 0), tally
    assert [item.showing[Field.BODY] for item in world.left.items(Kind.COMMENT)] == before
    with world.context() as context:
        (link,) = [one.link for one in context.store.links.of_pair("pay") if one.link.differs]
        assert [one.why.value for one in link.differs] == ["direction"]
    world.left.edit(original(world, "second"), {Field.BODY: "second words, mended"})
    world.sync()
    assert "second words, mended" in comments(world)[0]
    with world.context() as context:
        (conflict,) = context.store.conflicts.of_pair("pay", open_only=False)
        assert "an addition" in str(conflict.right)


def test_a_digest_that_somebody_deletes_is_not_made_again_and_takes_no_original_with_it(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    world.right.delete(mirror(world).ref)
    world.sync(sweep=True)
    world.left.edit(original(world, "second"), {Field.BODY: "second words, mended"})
    world.sync(sweep=True)
    assert comments(world) == []
    assert len(world.left.items(Kind.COMMENT)) == 5


@pytest.mark.parametrize("committed", [True, False])
def test_nothing_is_doubled_after_a_lost_answer(committed: bool, tmp_path: Path) -> None:
    world = made(tmp_path)
    for title in ("Finished", "Open"):
        assert title in {item.showing[Field.TITLE] for item in world.left.items()}
    world.sync(stop=lambda: len(world.right.writes) >= 3)
    world.right.lose_next_answer(committed=committed)
    for _ in range(3):
        world.sync(sweep=True)
    assert sum("second words" in text for text in comments(world)) == 1
    assert len(comments(world)) == 1
    assert len(comments(world, "Open")) == 2


def test_a_new_state_adopts_the_digest_it_finds(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    tally = world.sync(location=tmp_path / "another")
    assert tally.outcome in {"clean", "held"}, tally
    assert len(comments(world)) == 1
    assert len(comments(world, "Open")) == 2


class Killed(BaseException):
    """What ends a process in the middle of a request."""


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("step", range(6))
def test_a_run_that_is_killed_at_any_write_doubles_nothing(step: int, committed: bool, tmp_path: Path) -> None:
    world = made(tmp_path)
    world.right.interrupt(Killed(), after=step, committed=committed, writes_only=True)
    with suppress(Killed):
        world.sync()
    world.right.clear_faults()
    world.clock.tick(3600)
    for _ in range(2):
        world.sync(sweep=True)
    (digest,) = comments(world)
    assert [digest.count(words) for words in SAID] == [1, 1, 1]
    assert len(comments(world, "Open")) == 2
    assert world.sync().writes == 0


@pytest.mark.parametrize("committed", [True, False])
def test_a_run_that_is_killed_while_it_edits_a_digest_goes_on(committed: bool, tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    world.left.edit(original(world, "second"), {Field.BODY: "second words, mended"})
    world.right.interrupt(Killed(), committed=committed, writes_only=True)
    with suppress(Killed):
        world.sync()
    world.right.clear_faults()
    world.sync()
    (digest,) = comments(world)
    assert digest.count("second words, mended") == 1
    assert world.sync().writes == 0


def test_explain_says_of_a_comment_that_it_is_carried_with_others(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    with world.context() as context:
        shown = world.left.show(original(world, "second"))
        entry = explanation(context.store, world.rules, Side.LEFT, shown, None)
    assert (entry["digest"], entry["partner"]["key"]) == (True, mirror(world).key)


def test_verify_finds_a_digest_in_order_and_what_somebody_wrote_into_it(tmp_path: Path) -> None:
    world = made(tmp_path)
    world.sync()
    with world.context() as context:
        assert verify_pair(context).in_order
    text = str(mirror(world).showing[Field.BODY])
    world.right.edit(mirror(world).ref, {Field.BODY: text + "\n\nan addition"})
    world.sync()
    with world.context() as context:
        (differing,) = verify_pair(context).waiting
    assert (differing.field, differing.why) == (Field.BODY, Why.DIRECTION)
