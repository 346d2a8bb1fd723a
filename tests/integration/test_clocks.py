"""Whose clock decides: the trackers' own, whatever the machine that runs the product believes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from syncer.core.records import LinkState
from syncer.sandbox import Fault
from tests.faults.test_sync_faults import EVERYTHING, people_begin, titles
from tests.rig import Rig
from tests.worlds import World

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

Deployment = Literal["cloud", "datacenter"]


@pytest.fixture
def rig(tmp_path: Path, deployment: Deployment) -> Iterator[Rig]:
    with Rig(tmp_path, deployment) as made:
        yield made


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize("hours", [1, -1, 24 * 365])
@pytest.mark.parametrize("path", [r"/repos/acme/pay/issues$", r"/issues/\d+/comments$", r"/issue$", r"/comment$"])
def test_a_lost_answer_under_a_wrong_clock_duplicates_nothing(rig: Rig, hours: int, path: str) -> None:
    people_begin(rig)
    rig.tick(3 * 3600)
    wrong = {"clock": lambda: rig.clock.now() + timedelta(hours=hours)}
    for _ in range(2):
        rig.box.faults.add(Fault("commit-then-close", verb="POST", path=path))
        rig.sync(**wrong)
    rig.box.faults.clear()
    for _ in range(3):
        rig.sync(**wrong)
    assert titles(rig) == (EVERYTHING, EVERYTHING)


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_create_of_an_older_state_is_looked_for_among_everything(rig: Rig) -> None:
    people_begin(rig)
    rig.box.faults.add(Fault("commit-then-close", verb="POST", path="/repos/acme/pay/issues$"))
    rig.box.faults.add(Fault("502", verb="GET", path="/repos/acme/pay/issues$", times=4))
    with rig.context(clock=lambda: rig.clock.now() + timedelta(days=2)) as context:
        from syncer.sync.run import run_pair

        run_pair(context)
        for operation in context.store.journal.open("pay"):
            with context.store.lease("pay", "old") as lease:
                known = {key: value for key, value in operation.payload.items() if key != "after"}
                context.store.journal.conclude(lease, replace(operation, payload=known), observed=None, link=None)
    rig.box.faults.clear()
    rig.sync()
    rig.sync()
    assert titles(rig) == (EVERYTHING, EVERYTHING)


def test_after_a_run_a_year_ahead_complete_readings_and_audience_checks_go_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    task = world.left.create("One")
    world.sync()
    with world.context() as context, context.store.lease("pay", "wrong") as lease:
        ahead = world.clock() + timedelta(days=365)
        for side in context.connectors:
            state = context.store.pairs.side("pay", side)
            assert state is not None
            context.store.pairs.set_side(lease, side, replace(state, swept_at=ahead, audience_at=ahead))
        (items,) = context.store.links.of_pair("pay", state=LinkState.ACTIVE)
        context.store.links.save(lease, replace(items.link, retry_at=ahead, attempts=1, settled={}))
    world.left.delete(world.left.create("Two"))
    world.left.edit(task, {})
    world.clock.tick(600)
    tally = world.sync()
    assert tally.swept
    with world.context() as context:
        state = context.store.pairs.side("pay", next(iter(context.connectors)))
        assert state is not None
        assert state.audience_at is not None
        assert state.audience_at <= world.clock()
        (items,) = context.store.links.of_pair("pay", state=LinkState.ACTIVE)
        assert items.link.retry_at is None


@pytest.mark.parametrize("deployment", ["cloud"])
def test_a_run_under_a_clock_a_year_ahead_stores_no_time_that_has_not_come(rig: Rig) -> None:
    people_begin(rig)
    rig.sync(clock=lambda: rig.clock.now() + timedelta(days=365))
    rig.tick(25 * 3600)
    assert rig.sync().swept
