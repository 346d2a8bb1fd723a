"""A process that stands still between the journal and the request, while another one takes its pair over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from connectors.memory import MemoryConnector
from syncer.contract.connector import Fenceable
from syncer.contract.model import Draft, Field, Kind, Marker, Side
from syncer.core.records import OperationState
from syncer.store import Fenced, Store
from syncer.sync.run import run_pair
from tests.rig import Rig
from tests.servers import fresh_postgresql
from tests.worlds import World


class Freezing(MemoryConnector):
    """Stands still right before it would send the first request that writes."""

    def __init__(self, world: World, side: Side, meanwhile: Callable[[], None]) -> None:
        super().__init__(world.tracker(side))
        self._meanwhile = meanwhile

    def fence(self, assure: Callable[[], None]) -> None:
        def thaw() -> None:
            self._meanwhile()
            assure()

        super().fence(thaw)


def end_locks(address: str) -> None:
    """What the server does with the session of a process from which it hears nothing."""
    with psycopg.connect(address, autocommit=True) as operator:
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


@pytest.mark.parametrize("write", ["create", "update"])
def test_a_write_that_was_frozen_before_it_left_is_not_sent_once_another_run_has_the_pair(
    tmp_path: Path, write: str
) -> None:
    world = World(tmp_path)
    with fresh_postgresql() as address:
        task = world.right.create("Pay the invoice")
        if write == "update":
            world.sync(location=address)
            world.clock.tick(600)
            world.right.edit(task, {Field.TITLE: "Pay both invoices"})
        before = [item.showing[Field.TITLE] for item in world.left.items(Kind.TASK)]

        def taken_over() -> None:
            end_locks(address)
            with Store.open(address, clock=world.our_clock) as other, other.lease("pay", "another"):
                pass

        with world.context(location=address) as context:
            frozen = Freezing(world, Side.LEFT, taken_over)
            context.connectors[Side.LEFT] = frozen  # type: ignore[index]  # the world's own dictionary
            with pytest.raises(Fenced):
                run_pair(context)
            assert [item.showing[Field.TITLE] for item in world.left.items(Kind.TASK)] == before
            (left_open,) = context.store.journal.open("pay")
            assert left_open.state is OperationState.SENT

        world.clock.tick(600)  # until then the request of another process may still arrive
        world.sync(location=address)
        world.sync(location=address)
        titles = [item.showing[Field.TITLE] for item in world.left.items(Kind.TASK)]
        assert titles == ["Pay both invoices" if write == "update" else "Pay the invoice"]


class Overtaken(Exception):
    """What the last word of a run says once another one has its pair."""


def refuse() -> None:
    raise Overtaken


@pytest.mark.parametrize("side", list(Side))
def test_no_tracker_hears_of_a_write_that_a_run_must_not_send(tmp_path: Path, side: Side) -> None:
    with Rig(tmp_path) as rig, rig.context() as context:
        connector = context.connectors[side]
        assert isinstance(connector, Fenceable)
        draft = Draft(Kind.MILESTONE, {Field.TITLE: "Late"}, Marker("syncer-marker"))
        connector.fence(refuse)
        with pytest.raises(Overtaken):
            connector.create([draft])
        assert {one.verb for one in rig.box.log.entries} <= {"GET"}

        connector.fence(lambda: None)
        connector.create([draft])
        assert "POST" in {one.verb for one in rig.box.log.entries}
