"""A copy in the place of a state: whole or not at all, and never under somebody's hands."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from syncer.contract.model import Kind, Side
from syncer.store import StateError, Store
from tests.unit.store.builders import NOON, PAIR, later, page, task


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state with one task, a copy of it beside, and a second task since."""
    location = tmp_path / "state"
    with Store.open(location, clock=lambda: NOON) as store, store.lease(PAIR, "run-1") as lease:
        store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
        store.backup(tmp_path / "copy.db")
        store.observed.save_page(lease, Side.LEFT, page(task(2)), seen_at=later(1))
    return location


def tasks(location: Path) -> int:
    with Store.open(location, clock=lambda: NOON) as store:
        return len(list(store.observed.items(PAIR, Side.LEFT, Kind.TASK)))


def test_a_copied_file_takes_the_place_and_the_former_state_is_kept_whole(state: Path, tmp_path: Path) -> None:
    with Store.open(state, clock=lambda: NOON) as store:
        before = store.lineage.identity()
    kept = Store.restore(tmp_path / "copy.db", state, clock=lambda: NOON)
    assert kept is not None
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IMODE((state / "state.db").stat().st_mode) == 0o600
    assert tasks(state) == 1
    with Store.open(state, clock=lambda: NOON) as store:
        assert store.lineage.former_identities() == {before}
        assert store.lineage.identity() != before
        assert (store.lineage.restored_at(PAIR), store.lineage.creates_await_since(PAIR)) == (NOON, NOON)
    assert not list(state.glob(".restoring-*"))
    assert Store.restore(tmp_path / "copy.db", state, clock=lambda: NOON) not in {None, kept}
    assert Store.restore(kept, tmp_path / "other", clock=lambda: NOON) is None
    assert tasks(tmp_path / "other") == 2


def test_a_copied_directory_takes_the_place_with_what_its_log_holds(state: Path, tmp_path: Path) -> None:
    with Store.open(state, clock=lambda: NOON):
        shutil.copytree(state, tmp_path / "copied")
    shutil.rmtree(state)
    Store.restore(tmp_path / "copied", state, clock=lambda: NOON)
    assert tasks(state) == 2


@pytest.mark.parametrize("content", [None, b"no state at all" * 100])
def test_what_is_no_state_takes_no_place(state: Path, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "bad.db"
    if content is not None:
        file.write_bytes(content)
    with Store.open(state, clock=lambda: NOON) as store:
        before = store.lineage.identity()
    with pytest.raises(StateError):
        Store.restore(file, state, clock=lambda: NOON)
    with Store.open(state, clock=lambda: NOON) as store:
        assert store.lineage.identity() == before
    assert not list(state.glob(".restoring-*"))


def test_a_damaged_state_can_be_replaced_and_is_kept_as_it_is(state: Path, tmp_path: Path) -> None:
    damaged = b"\xff" * 8192
    (state / "state.db").write_bytes(damaged)
    kept = Store.restore(tmp_path / "copy.db", state, clock=lambda: NOON)
    assert kept is not None
    assert kept.read_bytes() == damaged
    assert tasks(state) == 1


def test_a_state_that_somebody_has_open_is_not_replaced(state: Path, tmp_path: Path) -> None:
    with Store.open(state, clock=lambda: NOON) as held:
        held.pairs.names()
        with pytest.raises(StateError, match="open"):
            Store.restore(tmp_path / "copy.db", state, clock=lambda: NOON)
    assert tasks(state) == 2


def test_a_database_is_restored_by_its_own_tools(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="--here"):
        Store.restore(tmp_path / "copy.db", "postgresql://127.0.0.1:1/state", clock=lambda: NOON)


def test_going_on_as_it_is_gives_a_new_id_and_keeps_the_former_ones(state: Path) -> None:
    with Store.open(state, clock=lambda: NOON) as store:
        ids = [store.lineage.identity()]
        for _ in range(2):
            store.restore_here("by hand")
            ids.append(store.lineage.identity())
        assert len(set(ids)) == 3
        assert store.lineage.former_identities() == set(ids[:2])
        assert store.lineage.restored_at(PAIR) == NOON
        state_of_side = store.pairs.side(PAIR, Side.LEFT)
        assert state_of_side is None or state_of_side.swept_at is None
