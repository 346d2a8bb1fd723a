"""Items that both sides already have: what is proposed, what adopting them does, and what a first sync refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from syncer.contract.model import Category, Field, Kind, Ref, Side, Status
from syncer.core.rules import Direction, Policy
from syncer.sync.adopt import Adopted, NotAdoptable, adopt, read_both, set_apart
from syncer.sync.preview import beginning, leased
from syncer.sync.twins import TwinPair, Twins, find_twins, with_differences
from syncer.sync.verify import verify_pair
from tests.worlds import World

CLOSED = Status("closed", Category.DONE, "completed")
TEXT = "Since the update of Monday the refund of order 4711 hangs, and the log of the ledger says ERR-8812."


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def mirrored(world: World) -> tuple[Ref, Ref]:
    """One issue that a person made on the left, and somebody copied to the right by hand."""
    ours = world.left.create("Refund of order 4711 hangs", TEXT, by="mia.braun")
    world.clock.tick()
    key = world.left.show(ours).key
    return ours, world.right.create(f"[{key}] Refund of order 4711 hangs", TEXT, by="miab")


def found(world: World, *, ask_links: bool = True) -> Twins:
    with world.context() as context, leased(context) as lease:
        read_both(context, lease)
        twins = find_twins(context, ask_links=ask_links)
        return replace(twins, twins=list(with_differences(context, twins.twins)))


def link(world: World, twins: Sequence[TwinPair], prefer: dict[Field | None, Policy] | None = None) -> Adopted:
    with world.context() as context, leased(context) as lease:
        return adopt(context, lease, twins, prefer or {})


def contents(world: World) -> list[object]:
    return [(item.ref, item.showing) for side in Side for kind in Kind for item in world.tracker(side).items(kind)]


def test_what_was_mirrored_by_hand_is_linked_and_nothing_is_doubled(world: World) -> None:
    ours, theirs = mirrored(world)
    world.left.comment(ours, "Reproduced on staging with order 4711.", by="mia.braun")
    world.right.comment(theirs, "Mia Braun wrote:\nReproduced on staging with order 4711.", by="miab")
    before = contents(world)
    (twin,) = found(world).twins
    assert twin.sure
    assert "in the title" in twin.reasons[0]
    assert twin.conflicts == ()
    assert len(twin.comments) == 1
    assert link(world, [twin]) == Adopted(tasks=1, comments=1)
    assert contents(world) == before
    tally = world.sync()
    assert (tally.created, tally.comments["created"]) == ({"left": 0, "right": 0}, 0)
    assert (len(world.left.items()), len(world.right.items())) == (1, 1)
    assert world.sync(sweep=True).writes == 0
    with world.context() as context:
        assert context.store.conflicts.of_pair("pay") == []
        assert verify_pair(context).in_order
    assert found(world).twins == []


def test_equal_values_become_the_base_and_a_later_edit_is_carried(world: World) -> None:
    ours, theirs = mirrored(world)
    link(world, found(world).twins)
    world.sync()
    world.left.edit(ours, {Field.BODY: f"{TEXT}\n\nIt is the queue."})
    world.sync()
    assert "It is the queue." in str(world.right.show(theirs).showing[Field.BODY])
    world.right.close(theirs, CLOSED)
    world.sync()
    assert world.left.show(ours).showing[Field.STATUS] == Status("Done", Category.DONE)


def test_without_a_base_nothing_wins_and_both_values_wait(world: World) -> None:
    ours, theirs = mirrored(world)
    world.right.close(theirs, CLOSED)
    world.left.edit(ours, {Field.LABELS: ("urgent",)})
    (twin,) = found(world).twins
    assert set(twin.conflicts) == {Field.STATUS}
    assert Field.LABELS in twin.filled
    link(world, [twin])
    world.sync()
    assert world.left.show(ours).showing[Field.STATUS] == Status("To Do", Category.TODO)
    assert world.right.show(theirs).showing[Field.STATUS] == CLOSED
    assert world.right.show(theirs).showing[Field.LABELS] == ("urgent",)


@pytest.mark.parametrize(
    ("prefer", "title", "done"),
    [
        ({None: Policy.LEFT}, "Refund of order 4711 hangs", False),
        ({None: Policy.RIGHT}, "[PAY-1] Refund of order 4711 hangs", True),
        ({None: Policy.NEWEST}, "[PAY-1] Refund of order 4711 hangs", True),
        ({None: Policy.NEWEST, Field.TITLE: Policy.LEFT}, "Refund of order 4711 hangs", True),
        ({Field.TITLE: Policy.LEFT}, "Refund of order 4711 hangs", None),
    ],
)
def test_what_is_preferred_stands_and_only_that(
    world: World, prefer: dict[Field | None, Policy], title: str, done: bool | None
) -> None:
    ours, theirs = mirrored(world)
    world.clock.tick()
    world.right.close(theirs, CLOSED)
    title = title.replace("PAY-1", world.left.show(ours).key)
    link(world, found(world).twins, prefer)
    world.sync()
    shown = {
        side: item.showing
        for side, item in ((Side.LEFT, world.left.show(ours)), (Side.RIGHT, world.right.show(theirs)))
    }
    assert {shown[side][Field.TITLE] for side in Side} == {title}
    finished = {side: shown[side][Field.STATUS].category is Category.DONE for side in Side}  # type: ignore[union-attr]
    assert finished == ({Side.LEFT: False, Side.RIGHT: True} if done is None else dict.fromkeys(Side, done))
    assert world.sync(sweep=True).writes == 0


def test_a_first_sync_is_refused_while_items_look_alike_and_goes_on_once_they_are_linked(world: World) -> None:
    mirrored(world)
    world.left.create("Something else entirely", by="mia.braun")
    before = contents(world)
    for _ in range(2):
        tally = world.sync()
        assert (tally.outcome, tally.writes) == ("refused", 0)
        assert "1 task looks alike" in tally.message
        assert "syncer adopt --pair pay --accept 0.95" in tally.message
    assert contents(world) == before
    with world.context() as context:
        assert beginning(context).alike == 1
    link(world, found(world).twins)
    assert world.sync().created == {"left": 0, "right": 1}


def test_what_is_kept_apart_is_not_asked_about_again_and_stays_on_its_side(world: World) -> None:
    mirrored(world)
    twins = found(world).twins
    with world.context() as context, leased(context) as lease:
        assert set_apart(context, lease, twins, by="mia", why="two customers") == 2
    tally = world.sync()
    assert (tally.outcome, tally.writes) == ("clean", 0)
    assert found(world).twins == []
    assert (len(world.left.items()), len(world.right.items())) == (1, 1)


def test_equal_titles_alone_are_no_reason_to_refuse(world: World) -> None:
    for title in ("Login fails", "Export is slow", "Update the docs", "Rename the project", "Crash on start"):
        world.left.create(title, by="mia.braun")
        world.clock.tick(86_400)
        world.right.create(title, by="miab")
    tally = world.sync()
    assert tally.outcome == "clean"
    assert tally.created == {"left": 5, "right": 5}


def test_our_own_mirrors_are_nobodys_twins_after_the_state_was_lost(world: World, tmp_path: Path) -> None:
    world.left.create("Refund of order 4711 hangs", TEXT)
    world.sync()
    tally = world.sync(location=tmp_path / "another")
    assert (tally.outcome, tally.adopted) == ("clean", 1)


def test_a_pair_that_watches_is_adopted_and_not_refused(world: World) -> None:
    from syncer.core.rules import Mode

    world.rules = replace(world.rules, mode=Mode.WATCH)
    mirrored(world)
    assert world.sync().outcome == "clean"
    assert link(world, found(world).twins).tasks == 1


def test_of_two_that_accept_at_once_the_second_links_nothing(world: World) -> None:
    mirrored(world)
    twins = found(world).twins
    link(world, twins)
    with pytest.raises(NotAdoptable, match="was linked meanwhile"):
        link(world, twins)
    with world.context() as context:
        assert context.store.links.count("pay")[Kind.TASK] == 1


def test_what_was_deleted_after_it_was_proposed_is_not_linked_and_nothing_else_either(world: World) -> None:
    ours, _ = mirrored(world)
    first = found(world).twins
    other = world.left.create("Invoice shows the wrong tax", "For Swiss merchants, line 7 of invoice 2231.")
    twin_of_other = world.right.create("Invoice shows the wrong tax", f"Other side: {world.left.show(other).url}")
    assert twin_of_other is not None
    twins = found(world).twins
    assert len(twins) == 2
    world.left.delete(ours)
    with world.context() as context, leased(context) as lease:
        read_both(context, lease)
    with pytest.raises(NotAdoptable, match="is not there any more"):
        link(world, [*first, *twins])
    with world.context() as context:
        assert context.store.links.count("pay")[Kind.TASK] == 0


def test_a_text_that_differs_only_in_the_head_of_a_tool_agrees_and_its_edit_is_carried(world: World) -> None:
    ours, theirs = mirrored(world)
    said = world.left.comment(ours, "Reproduced on staging with order 4711.", by="mia.braun")
    copy = world.right.comment(theirs, "➤ Mia Braun commented:\n\nReproduced on staging with order 4711.", by="miab")
    link(world, found(world).twins)
    world.sync()
    assert world.sync(sweep=True).writes == 0
    with world.context() as context:
        assert context.store.conflicts.of_pair("pay") == []
    world.left.edit(said, {Field.BODY: "Reproduced on production with order 4711."})
    world.sync()
    assert "Reproduced on production" in str(world.right.show(copy).showing[Field.BODY])
    assert len(world.right.items(Kind.COMMENT)) == 1


def test_what_differs_only_in_a_tools_words_agrees_and_an_edit_is_carried(world: World) -> None:
    ours = world.left.create("Refund of order 4711 hangs", TEXT, by="mia.braun")
    page = world.left.show(ours).url
    line = f"┆Issue is synchronized with this [Task]({page}) by [Unito](https://www.unito.io)"
    theirs = world.right.create("Refund of order 4711 hangs", f"{TEXT}\n\n{line}", by="miab")
    (twin,) = found(world).twins
    assert (twin.sure, twin.conflicts) == (True, ())
    link(world, [twin])
    assert [world.sync(sweep=sweep).writes for sweep in (False, True, True)] == [0, 0, 0]
    world.left.edit(ours, {Field.BODY: f"{TEXT}\n\nIt is the queue."})
    world.sync()
    assert "It is the queue." in str(world.right.show(theirs).showing[Field.BODY])


def test_a_text_that_somebody_changed_besides_waits_with_both_values(world: World) -> None:
    ours, theirs = mirrored(world)
    world.right.edit(theirs, {Field.BODY: f"{TEXT} And since Tuesday nothing works."})
    (twin,) = found(world).twins
    assert twin.conflicts == (Field.BODY,)
    link(world, [twin])
    world.sync()
    assert world.left.show(ours).showing[Field.BODY] == TEXT


def test_a_pair_that_creates_nothing_is_not_refused(world: World) -> None:
    world.rules = replace(world.rules, create=Direction.OFF)
    mirrored(world)
    assert world.sync().outcome in {"clean", "held"}


def test_a_comment_that_is_a_mirror_already_is_no_partner_of_another_one(world: World) -> None:
    ours, theirs = mirrored(world)
    link(world, found(world).twins)
    world.left.comment(ours, "Reproduced on staging with order 4711.", by="mia.braun")
    world.sync()
    assert len(world.right.items(Kind.COMMENT, theirs)) == 1
    assert found(world).twins == []
