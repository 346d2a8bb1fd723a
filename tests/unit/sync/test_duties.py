"""What takes long can be left to another run: complete readings, the backlog and the past. Edits never wait for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.contract.capabilities import RateLimit
from syncer.contract.model import Field, Ref, Side
from syncer.core.change import Tally
from syncer.store import Store
from syncer.sync.context import Duty
from tests.worlds import GITHUB_LIKE, JIRA_STATUSES, World

PER_HOUR = 3
SLOW = replace(GITHUB_LIKE, rate_limits=(RateLimit(PER_HOUR, 3600, creates_only=True),))
LIVE = frozenset[Duty]()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A pair whose first sync made three tasks of twelve."""
    made = World(tmp_path, right_capabilities=SLOW)
    for number in range(12):
        made.left.create(f"Old {number}")
    assert live(made, {Duty.BACKLOG}).outcome == "budget"
    made.clock.tick(3600)
    return made


def live(world: World, duties: set[Duty] | frozenset[Duty] = LIVE) -> Tally:
    return world.sync(duties=frozenset(duties))


def titles(world: World, side: Side = Side.RIGHT) -> set[object]:
    return {item.showing[Field.TITLE] for item in world.tracker(side).items()}


def linked(world: World) -> Ref:
    title = next(iter(titles(world)))
    return next(item.ref for item in world.left.items() if item.showing[Field.TITLE] == title)


def test_a_run_without_the_duty_carries_edits_and_what_is_new_and_leaves_the_backlog(world: World) -> None:
    world.left.edit(linked(world), {Field.TITLE: "Edited"})
    world.left.create("Urgent")
    tally = live(world)
    assert (tally.outcome, tally.created["right"], tally.updated["right"]) == ("clean", 1, 1)
    assert {"Edited", "Urgent"} <= titles(world)
    assert (tally.remaining, tally.complete) == (9, False), "it says what another run is to create"


def test_the_backlog_goes_on_with_the_run_whose_duty_it_is(world: World) -> None:
    assert live(world).created["right"] == 0
    tally = live(world, {Duty.BACKLOG})
    assert (tally.outcome, tally.created["right"]) == ("budget", PER_HOUR)


def test_a_run_that_leaves_the_backlog_keeps_the_turn_of_its_pair(world: World) -> None:
    live(world)
    with Store.open(world.directory / "state", clock=world.clock) as store:
        taken = store.budgets.take("right", SLOW.rate_limits, creates=2, now=world.clock(), backfill="other")
    assert taken is None
    tally = live(world, {Duty.BACKLOG})
    assert tally.created["right"] <= 1, "two pairs share what may be created"


def test_a_complete_reading_that_is_only_old_is_left_to_the_run_whose_duty_it_is(world: World) -> None:
    world.clock.tick(timedelta(days=3).total_seconds())
    assert not live(world).swept
    assert live(world, {Duty.SWEEP}).swept


def test_a_reading_under_other_rules_is_never_left(world: World) -> None:
    world.fingerprint = "2"
    assert live(world).swept


def test_the_past_is_asked_for_by_the_run_whose_duty_it_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    task = world.left.create("Ship it")
    world.clock.tick()
    world.left.edit(task, {Field.STATUS: JIRA_STATUSES[1]}, by="mia.braun")
    assert live(world).untold == 1
    with world.context() as context:
        assert not [one for one in context.store.history.changes("pay") if one.event is not None]
        assert live(world, {Duty.HISTORY}).untold == 0
        (told,) = [one for one in context.store.history.changes("pay") if one.event is not None]
    assert told.actor == "mia.braun"
    assert live(world).untold == 0
