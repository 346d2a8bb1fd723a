"""A run with nothing to do over many links, on SQLite and on PostgreSQL: the CPU seconds of all that takes part."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from syncer.contract.connector import Page
from syncer.contract.model import Audience, Cursor, Side
from syncer.core.records import SideState
from syncer.core.rules import PairRules
from syncer.store import Store
from syncer.sync.run import run_pair
from tests.bench.bench_state import PAIR, START, context_of
from tests.bench.bench_store import item, link
from tests.bench.cluster_rig import OwnServer

RUNS: Final = 5
FINGERPRINT: Final = "1"


def idle_seconds(location: str | Path, links: int, server: OwnServer | None = None) -> float:
    """What one run costs on a state that is filled first; with the processes of a server."""
    with Store.open(location, clock=lambda: START) as store:
        with store.lease(PAIR, "fill") as lease:
            for start in range(0, links, 500):
                numbers = range(start, min(start + 500, links))
                shown = {side: [item(number, side) for number in numbers] for side in Side}
                for side in Side:
                    store.observed.save_page(lease, side, Page(tuple(shown[side]), Cursor(str(start))), seen_at=START)
                store.links.save_all(lease, list(map(link, numbers, shown[Side.LEFT], shown[Side.RIGHT])))
            for side in Side:
                read = SideState(
                    Cursor(START.isoformat()), FINGERPRINT, START, Audience.PUBLIC, START, address=side.value
                )
                store.pairs.set_side(lease, side, read)
        context = replace(context_of(store, PairRules(PAIR), FINGERPRINT, "rest"), duties=frozenset())
        first = run_pair(context)
        assert first.outcome in {"clean", "held"}, first
        before = time.process_time() + _served(server)
        for _ in range(RUNS):
            assert run_pair(context).writes == 0
        return (time.process_time() + _served(server) - before) / RUNS


def _served(server: OwnServer | None) -> float:
    return 0.0 if server is None else sum(sum(one.cpu_times()[:2]) for one in server.processes())


def compared(server: OwnServer, links: int) -> tuple[float, float]:
    """CPU seconds of a run on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        return idle_seconds(Path(directory) / "state", links), idle_seconds(server.address, links, server)
