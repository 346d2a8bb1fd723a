"""A state carried to another database: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from syncer.contract.model import Side
from syncer.core.records import LoggedForecast, OperationState
from syncer.store import Busy, StateError, Store
from syncer.store.schema import metadata
from syncer.store.transfer import Contents, _as_stored, _contents
from tests.servers import fresh_postgresql
from tests.unit.store import builders
from tests.unit.store.builders import NOON, PAIR, later, page, task


def opened(location: str | Path) -> Store:
    return Store.open(location, clock=lambda: NOON)


def filled(location: str | Path) -> None:
    """A state with rows of most tables."""
    with opened(location) as store, store.lease(PAIR, "run-1") as lease:
        store.pairs.start_run(lease, NOON)
        for side in Side:
            store.observed.save_page(lease, side, page(*map(task, range(1, 8)), cursor="c"), seen_at=NOON)
        store.links.save(lease, builders.link(task(1), task(1)))
        store.journal.begin(lease, [builders.create(task(2))])
        store.lineage.next_marker()
        store.forecasts.log([LoggedForecast("g", NOON.date(), NOON, None, 0.1, *3 * (NOON.date(),))])


def contents(store: Store) -> dict[str, Contents]:
    with store._database.transaction() as connection:
        return {table.name: _contents(connection, _as_stored(table)) for table in metadata.sorted_tables}


@pytest.fixture
def address() -> Iterator[str]:
    with fresh_postgresql() as fresh:
        yield fresh


def test_there_and_back_everything_is_as_it_was(tmp_path: Path, address: str) -> None:
    filled(tmp_path / "first")
    places = [tmp_path / "first", address, tmp_path / "back"]
    found = []
    for source, target in pairwise(places):
        with Store.open_existing(source, clock=lambda: NOON) as store:
            store.copy_to(target, "copying")
            found.append(contents(store))
        with opened(target) as store:
            found.append(contents(store))
    assert found[0] == found[1]
    assert found[2] == found[3]
    # Only that somebody held the pair while it was copied is new.
    assert [name for name in found[0] if found[0][name] != found[3][name]] == ["pairs"]
    assert found[0]["observed"].rows == 14


def test_what_comes_after_a_copy_is_numbered_after_what_came(tmp_path: Path, address: str) -> None:
    filled(tmp_path / "first")
    with opened(tmp_path / "first") as store:
        identity, last = store.lineage.next_marker()
        store.copy_to(address, "copying")
    with opened(address) as store, store.lease(PAIR, "run-2") as lease:
        store.pairs.start_run(lease, later(1))
        store.observed.save_page(lease, Side.LEFT, page(task(1, title="Another")), seen_at=later(1))
        assert [run.id for run in store.pairs.runs()] == ["run-2", "run-1"]
        assert store.lineage.next_marker() > (identity, last)
        (operation,) = store.journal.open(PAIR)
        assert operation.state is OperationState.SENT


def test_a_place_that_holds_something_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    filled(tmp_path / "first")
    filled(tmp_path / "second")
    with opened(tmp_path / "second") as store:
        before = contents(store)
    with opened(tmp_path / "first") as store, pytest.raises(StateError, match="holds something"):
        store.copy_to(tmp_path / "second", "copying")
    with opened(tmp_path / "second") as store:
        assert contents(store) == before


def test_what_arrives_otherwise_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path / "first")
    monkeypatch.setattr("syncer.store.transfer._contents", lambda *_: Contents(0, ""))
    with opened(tmp_path / "first") as store, pytest.raises(StateError, match="nothing was copied"):
        store.copy_to(tmp_path / "second", "copying")
    with opened(tmp_path / "second") as target, opened(tmp_path / "first") as source:
        assert target.pairs.names() == []
        assert target.lineage.identity() != source.lineage.identity()


def test_no_run_is_at_work_meanwhile(tmp_path: Path) -> None:
    filled(tmp_path / "first")
    one, other = opened(tmp_path / "first"), opened(tmp_path / "first")
    with one, other, one.lease(PAIR, "run-2"), pytest.raises(Busy):
        other.copy_to(tmp_path / "second", "copying")


def test_where_no_state_is_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no state"):
        Store.open_existing(tmp_path / "nowhere", clock=lambda: NOON)
    assert not (tmp_path / "nowhere").exists()
