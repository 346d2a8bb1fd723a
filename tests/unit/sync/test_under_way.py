"""On a state that machines share, what a killed or frozen run sent may take effect after another run looked for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.contract.model import Side
from syncer.core.records import OperationState
from syncer.sync.write.writer import MAY_ARRIVE
from tests.servers import fresh_postgresql
from tests.worlds import World


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def address() -> Iterator[str]:
    with fresh_postgresql() as found:
        yield found


def killed_before_the_tracker_acted(world: World, **where: str) -> None:
    world.left.create("Card is refused", "Text.")
    world.right.interrupt(Killed(), committed=False, writes_only=True)
    with pytest.raises(Killed):
        world.sync(**where)
    world.states.close()
    world.right.clear_faults()


def test_a_create_that_may_still_be_under_way_is_not_sent_again(tmp_path: Path, address: str) -> None:
    world = World(tmp_path)
    killed_before_the_tracker_acted(world, location=address)
    tally = world.sync(location=address)
    assert (tally.outcome, tally.retry, list(world.right.items())) == ("partial", 1, [])
    with world.context(location=address) as context:
        (waiting,) = context.store.journal.open(context.name)
        assert (waiting.state, "may still arrive" in waiting.outcome) == (OperationState.AMBIGUOUS, True)
    world.clock.tick(MAY_ARRIVE.total_seconds())
    assert world.sync(location=address).outcome == "clean"
    assert world.only(Side.RIGHT).showing
    world.states.close()


def test_what_no_other_machine_can_have_sent_is_sent_again_at_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    killed_before_the_tracker_acted(world)
    assert world.sync().outcome == "clean"
    assert world.only(Side.RIGHT).showing


def test_a_request_may_arrive_for_longer_than_any_answer_is_awaited_by_default() -> None:
    assert timedelta(minutes=2) < MAY_ARRIVE
