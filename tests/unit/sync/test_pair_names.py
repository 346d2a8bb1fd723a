"""A pair that gets another name stays the same pair."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncer.core.change import Tally
from syncer.store import Store
from syncer.sync.outcome import Refused
from syncer.sync.preview import preview_pair
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(3):
        task = made.left.create(f"Left {number}")
        made.left.comment(task, "Said.")
        made.right.create(f"Right {number}")
    made.sync(configured=frozenset({"pay"}))
    assert made.sync(configured=frozenset({"pay"})).writes == 0
    return made


def renamed(world: World, name: str = "billing", **overrides: Any) -> Tally:
    """A run under another name, alone in the file."""
    rules = replace(world.rules, name=name)
    return world.sync(rules=rules, **{"configured": frozenset({name}), **overrides})


def items(world: World) -> tuple[int, int]:
    return len(world.left.items()), len(world.right.items())


def test_a_renamed_pair_is_refused_in_every_run_and_both_commands_are_named(world: World) -> None:
    for _ in range(2):
        tally = renamed(world)
        assert (tally.outcome, tally.writes) == ("refused", 0)
        assert "syncer pair rename pay billing" in tally.message
        assert "syncer pair forget pay" in tally.message
    assert items(world) == (6, 6)


def test_a_preview_of_a_renamed_pair_is_refused_too(world: World) -> None:
    with (
        world.context(rules=replace(world.rules, name="billing"), configured=frozenset({"billing"})) as context,
        pytest.raises(Refused, match="syncer pair rename pay billing"),
    ):
        preview_pair(context)


def test_sides_that_changed_places_under_another_name_are_refused(world: World) -> None:
    left, right = "right", "left"
    addresses = dict(zip(("left", "right"), (left, right), strict=True))
    assert renamed(world, addresses={side: addresses[side] for side in addresses}).outcome == "refused"


def test_renamed_in_the_state_everything_stays_in_step(world: World) -> None:
    with world.context() as context, context.store.lease("pay", "x") as lease:
        context.store.naming.rename(lease, "billing", world.clock())
    tally = renamed(world)
    assert (tally.outcome, tally.writes) == ("clean", 0)
    world.left.edit(world.left.items()[0].ref, {"title": "Edited"})
    assert renamed(world).updated["right"] == 1
    assert items(world) == (6, 6)


def test_a_former_name_in_the_file_renames_in_the_state(world: World) -> None:
    tally = renamed(world, formerly=("pay",))
    assert (tally.outcome, tally.writes) == ("clean", 0)
    assert items(world) == (6, 6)
    with world.context() as context:
        assert context.store.pairs.names() == ["billing"]
        assert context.store.naming.names_of("billing") == ("billing", "pay")


def test_a_former_name_counts_after_a_loss_of_the_state_too(world: World) -> None:
    world.directory = world.directory / "lost"
    tally = renamed(world, formerly=("pay",))
    assert (tally.adopted, sum(tally.created.values())) == (9, 0)
    assert items(world) == (6, 6)


def test_marks_of_a_former_name_that_the_state_keeps_count(world: World) -> None:
    renamed(world, formerly=("pay",))
    with world.context() as context:
        (link, *_) = context.store.links.of_pair("billing")
    copy = world.right.show(link.link.right) if link.right is not None else None
    assert copy is not None
    tally = renamed(world, name="invoices", formerly=("billing",))
    assert (tally.outcome, tally.writes) == ("clean", 0)
    with world.context() as context:
        assert set(context.store.naming.names_of("invoices")) == {"invoices", "billing", "pay"}


def test_a_second_pair_on_the_same_scopes_is_no_rename(world: World) -> None:
    tally = renamed(world, name="bugs", configured=frozenset({"pay", "bugs"}))
    assert tally.outcome != "refused"


def test_a_pair_that_left_the_file_troubles_no_other(world: World) -> None:
    elsewhere = {side: f"elsewhere {side}" for side in ("left", "right")}
    assert renamed(world, name="other", addresses=elsewhere).outcome != "refused"


def test_a_forgotten_pair_begins_anew(world: World) -> None:
    with world.context() as context, context.store.lease("pay", "x") as lease:
        context.store.naming.forget(lease)
        assert context.store.pairs.names() == []
        assert context.store.integrity() == []
    assert renamed(world).outcome != "refused"


def test_what_a_pair_of_another_name_would_create_after_one_was_forgotten_waits(world: World) -> None:
    with world.context() as context, context.store.lease("pay", "x") as lease:
        context.store.naming.forget(lease)
    tally = renamed(world)
    assert (tally.outcome, tally.adopted) == ("held", 0)
    assert "--approve-creates 12" in tally.message
    assert items(world) == (6, 6)


@pytest.mark.parametrize(("name", "formerly"), [("pay", ()), ("billing", ("pay",))])
def test_a_forgotten_pair_recognises_the_items_that_were_created_for_it(
    world: World, name: str, formerly: tuple[str, ...]
) -> None:
    with world.context() as context, context.store.lease("pay", "x") as lease:
        context.store.naming.forget(lease)
    world.left.create("Left, new")
    tally = renamed(world, name, formerly=formerly)
    assert (tally.outcome, tally.adopted) == ("held", 9)
    assert "1 item may have had a mirror" in tally.message
    assert tally.message.endswith(f"and is not created without consent: syncer sync --pair {name} --approve-creates 1")
    assert items(world) == (7, 6)


def test_a_name_that_is_taken_is_not_given_again(world: World) -> None:
    from syncer.store import StateError

    elsewhere = {side: f"elsewhere {side}" for side in ("left", "right")}
    renamed(world, name="other", addresses=elsewhere)
    with world.context() as context, context.store.lease("pay", "x") as lease:
        assert isinstance(context.store, Store)
        with pytest.raises(StateError, match="other"):
            context.store.naming.rename(lease, "other", world.clock())
