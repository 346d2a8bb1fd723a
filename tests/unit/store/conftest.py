"""A state on each database, fresh for every test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from syncer.store import Lease, Store
from tests.servers import fresh_postgresql
from tests.unit.store.builders import NOON, PAIR


@pytest.fixture(params=["sqlite", "postgresql"])
def state_location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new state can be made: a directory that does not exist yet, then an empty database."""
    with fresh_postgresql() if request.param == "postgresql" else nullcontext(str(tmp_path / "state")) as location:
        yield location


@pytest.fixture
def store(state_location: str) -> Iterator[Store]:
    """An open, empty store whose clock stands at noon."""
    with Store.open(state_location, clock=lambda: NOON) as opened:
        yield opened


@pytest.fixture
def lease(store: Store) -> Iterator[Lease]:
    """The right to write the pair."""
    with store.lease(PAIR, "run-1") as held:
        yield held
