"""kill -9 at any moment of a create: what was committed is there, what was not is not there in any part."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from syncer.contract.model import Kind, Side
from syncer.core.records import OperationState
from syncer.store import Store
from tests.faults.store_processes import process, said
from tests.servers import fresh_postgresql
from tests.unit.store.builders import NOON, PAIR, create, link, task

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

DYING = {
    "before begin": (0, "die()\n"),
    "in the transaction of begin": (0, "store._database.engine.dialect.do_commit = lambda _: die()\nBEGIN"),
    "after begin": (1, "BEGINdie()\n"),
    "in the transaction of conclude": (1, "BEGINstore._database.engine.dialect.do_commit = lambda _: die()\nCONCLUDE"),
    "after conclude": (2, "BEGINCONCLUDEdie()\n"),
}
BEGIN = "store.journal.begin(lease, [create(task(1))])\n"
CONCLUDE = (
    "store.journal.conclude(lease, create(task(1), state=OperationState.DONE, target=task(1001).ref),"
    " observed=task(1001), link=link(task(1), task(1001)))\n"
)
SHOWN = "store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_postgresql() if request.param == "postgresql" else nullcontext(str(tmp_path / "state")) as place:
        yield place


@pytest.mark.parametrize("moment", DYING)
def test_a_create_is_open_or_done_with_all_it_brings(location: str, moment: str) -> None:
    reached, steps = DYING[moment]
    code = SHOWN + steps.replace("BEGIN", BEGIN).replace("CONCLUDE", CONCLUDE)
    block = "with opened() as store, store.lease(PAIR, 'run-1') as lease:\n    " + code.replace("\n", "\n    ")
    _, status, complaints = said(block, location)
    assert (status, complaints) == (-signal.SIGKILL, "")
    with Store.open(location, clock=lambda: NOON) as store:
        states = [operation.state for operation in store.journal.latest(PAIR)]
        assert states == [[], [OperationState.SENT], [OperationState.DONE]][reached]
        assert len(store.journal.open(PAIR)) == (reached == 1)
        assert (store.observed.get(PAIR, Side.RIGHT, task(1001).ref) is not None) is (reached == 2)
        assert (store.links.partner(PAIR, Side.LEFT, task(1).ref) is not None) is (reached == 2)
        assert len(list(store.history.changes(PAIR, side=Side.RIGHT))) == (reached == 2)
        assert store.integrity() == []
        with store.lease(PAIR, "run-2") as lease:
            assert lease.epoch == 2  # the lock went with the process


WORK = """
with opened() as store, store.lease(PAIR, f"run-{os.getpid()}") as lease:
    start = len(store.journal.latest(PAIR, limit=10**6))
    say("working")
    for n in range(start, 10**6):
        source, made = task(n), task(n + 10**7)
        store.observed.save_page(lease, Side.LEFT, page(source, cursor=str(n)), seen_at=NOON)
        store.journal.begin(lease, [create(source, f"op-{n}")])
        store.journal.conclude(lease, create(source, f"op-{n}", state=OperationState.DONE, target=made.ref),
                               observed=made, link=link(source, made))
"""


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_instants_the_parts_always_fit(tmp_path: Path, kills: int) -> None:
    chance = random.Random(20260302)
    for _ in range(kills):
        with process(WORK, tmp_path / "state") as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "working\n"
            time.sleep(chance.uniform(0.01, 0.15))
            running.kill()
        with Store.open(tmp_path / "state", clock=lambda: NOON) as store:
            assert store.integrity() == []
            operations = store.journal.latest(PAIR, limit=10**6)
            done = [one for one in operations if one.state is OperationState.DONE]
            assert store.links.count(PAIR)[Kind.TASK] == len(done)
            assert len(list(store.observed.items(PAIR, Side.RIGHT))) == len(done)
            shown = len(list(store.observed.items(PAIR, Side.LEFT)))
            side = store.pairs.side(PAIR, Side.LEFT)
            assert side is None or side.cursor == str(shown - 1)
            assert len(operations) in (shown, shown - 1)
            with store.lease(PAIR, "recovery") as lease:
                for one in store.journal.open(PAIR):
                    made = task(int(one.source.id) + 10**7)
                    found = create(task(int(one.source.id)), one.id, state=OperationState.DONE, target=made.ref)
                    store.journal.conclude(lease, found, observed=made, link=link(task(int(one.source.id)), made))
    assert done
