"""What is told after real runs, with what the state remembers of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.contract.errors import Retryable
from syncer.contract.model import Field, Side
from syncer.core.change import Tally
from syncer.core.notification import Listener, Notification
from syncer.sync.notify import tell
from syncer.sync.outcome import exit_code
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.left.create(title="Pay by invoice")
    world.sync()
    return world


def told(world: World, tally: Tally, reader: Listener = Listener.LATER) -> Notification:
    """What is said after a run."""
    said: list[Notification] = []
    with world.context() as context:
        tell(context.store, tally, world.clock, reader=reader, say=said.append)
    [one] = said
    return one


def edit_both(world: World) -> None:
    for side in Side:
        world.tracker(side).edit(world.only(side).ref, {Field.TITLE: f"{side} title"})


def test_a_conflict_is_told_by_the_run_that_finds_it_and_by_no_other(world: World) -> None:
    edit_both(world)
    first = told(world, world.sync())
    second = told(world, world.sync())
    assert [(one.item, one.field) for one in first.news] == [("PAY-1 = ACME-1", Field.TITLE)]
    assert (second.news, second.lines) == ((), ())
    assert [exit_code(["held"], news=bool(one.news)) for one in (first, second)] == [6, 0]


def test_what_was_found_by_a_run_that_was_killed_is_told_by_the_next(world: World) -> None:
    edit_both(world)
    world.sync()
    assert told(world, world.sync()).news


def test_what_a_run_that_could_not_go_on_left_is_told_all_the_same(world: World) -> None:
    edit_both(world)
    world.sync()
    found = told(world, Tally("pay", outcome="budget"))
    assert (len(found.news), exit_code(["budget"], news=True)) == (1, 5)


def test_a_pair_that_the_state_does_not_know_is_told_once_a_day_too(world: World) -> None:
    refused = Tally("renamed", outcome="refused", message="the state knows these scopes as pay")
    assert [told(world, refused).aloud for _ in range(2)] == [True, False]
    told(world, world.sync())
    assert not told(world, refused).aloud
    world.clock.tick(86_400)
    assert told(world, refused).aloud


def test_an_outage_is_told_when_it_has_lasted_with_the_address(world: World) -> None:
    def away() -> Tally:
        world.left.interrupt(Retryable("no connection"))
        return world.sync()

    first = away()
    assert (first.outcome, first.outage, first.complete) == ("partial", True, False)
    assert told(world, first).lines == ()
    world.clock.tick(1800)
    [line] = told(world, away()).lines
    assert ": left: no connection. Every run tries again" in line
    assert told(world, away()).lines == ()
    [over] = told(world, world.sync()).lines
    assert "in reach again" in over


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), 0),
        (("clean", "held"), 0),
        (("partial", "clean"), 1),
        (("partial", "budget"), 5),
        (("budget", "busy"), 3),
        (("busy", "denied"), 4),
        (("denied", "refused"), 7),
        (("refused", "failed"), 70),
        (("failed", "interrupted"), 130),
    ],
)
def test_the_most_serious_outcome_is_the_code(outcomes: tuple[str, ...], code: int) -> None:
    assert exit_code(outcomes) == code
    assert exit_code(outcomes, news=True) == (code or 6)
