"""Opening a state: private, current, ours, or a clear refusal that leaves everything as it was."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from syncer.contract.model import Side
from syncer.core.rule_change import AgreedRules
from syncer.store import (
    KeptStore,
    StateCorrupt,
    StateError,
    StateExposed,
    StateTooNew,
    StateUnwritable,
    Store,
)
from tests.servers import fresh_postgresql
from tests.unit.store.builders import NOON, PAIR, page, task

ROOT = Path(__file__).resolve().parents[3]


def opened(location: str | Path) -> Store:
    return Store.open(location, clock=lambda: NOON)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(directory: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in [directory, *directory.rglob("*")]}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_only_the_owner_can_read_a_state_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    state = tmp_path / "deep" / "state"
    state.parent.mkdir()
    with umask(mask), opened(state) as store:
        with store.lease(PAIR, "run-1") as lease:
            store.pairs.agree_on_rules(lease, AgreedRules("f"))
        found = modes(state)
    assert found.pop("state") == found.pop("locks") == 0o700
    assert {"state.db", "state.db-wal", "state.db-shm"} < set(found)
    assert set(found.values()) == {0o600}


def test_a_state_that_was_opened_up_is_closed_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    opened(state).close()
    state.chmod(0o755)
    (state / "state.db").chmod(0o644)
    opened(state).close()
    assert (modes(state)["state"], modes(state)["state.db"]) == (0o700, 0o600)


def test_a_directory_that_holds_other_files_is_not_closed_but_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(StateExposed, match="chmod 700"):
        opened(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    tmp_path.chmod(0o700)
    opened(tmp_path).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_somebody_else_that_is_open_to_others_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    os.chown(state, 65_534, 65_534)
    with pytest.raises(StateExposed, match="another user"):
        opened(state)


@pytest.mark.parametrize("name", ["state.db", "locks/migration.lock"])
def test_a_symbolic_link_in_place_of_a_file_is_not_followed(tmp_path: Path, name: str) -> None:
    aim = tmp_path / "aim"
    aim.write_bytes(b"precious")
    state = tmp_path / "state"
    (state / "locks").mkdir(parents=True)
    state.chmod(0o700)
    (state / name).symlink_to(aim)
    with pytest.raises(StateError):
        opened(state)
    assert aim.read_bytes() == b"precious"


def test_something_else_than_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(StateUnwritable, match="not a directory"):
        opened(tmp_path / "state")
    with pytest.raises(StateUnwritable):
        opened(tmp_path / "state" / "below")


def test_what_is_stored_is_there_when_opened_again(state_location: str) -> None:
    for run in ("run-1", "run-2"):
        with opened(state_location) as store, store.lease(PAIR, run) as lease:
            store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
    with opened(state_location) as store:
        assert len(list(store.history.changes(PAIR))) == 1


def test_an_empty_file_is_a_state_that_was_not_finished(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    with opened(tmp_path) as store:
        assert store.pairs.runs() == []


@pytest.mark.parametrize("damage", ["no database", "cut short", "first page", "later pages", "one page"])
def test_a_damaged_file_is_reported_with_what_to_do(tmp_path: Path, damage: str) -> None:
    with opened(tmp_path / "state") as store, store.lease(PAIR, "run-1") as lease:
        store.observed.save_page(lease, Side.LEFT, page(*(task(n) for n in range(300))), seen_at=NOON)
    file = tmp_path / "state" / "state.db"
    content = file.read_bytes()
    damaged = {
        "no database": b"Once upon a time there was a file. " * 400,
        "cut short": content[: len(content) // 3],
        "first page": b"\x00" * 4096 + content[4096:],
        "later pages": content[:8192] + b"\xa5" * (len(content) - 8192),
        "one page": content[: 4096 * 40] + b"\xa5" * 4096 + content[4096 * 41 :],
    }
    file.write_bytes(damaged[damage])
    with pytest.raises(StateCorrupt, match="restore a backup"):
        opened(tmp_path / "state")
    assert file.read_bytes() == damaged[damage]


def test_the_state_of_another_product_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as other:
        other.execute("CREATE TABLE meta (version TEXT)")
    content = (tmp_path / "state.db").read_bytes()
    with pytest.raises(StateCorrupt, match="another product"):
        opened(tmp_path)
    assert (tmp_path / "state.db").read_bytes() == content


def test_other_tables_in_the_same_postgresql_database_do_not_matter() -> None:
    import psycopg

    with fresh_postgresql() as address:
        with psycopg.connect(address) as other:
            other.execute("CREATE TABLE links (theirs int)")
        opened(address).close()
        with psycopg.connect(address) as other:
            assert other.execute("SELECT count(*) FROM public.links").fetchone() == (0,)


def test_a_schema_of_another_product_is_left_alone() -> None:
    import psycopg

    with fresh_postgresql() as address:
        with psycopg.connect(address) as other:
            other.execute("CREATE SCHEMA syncer")
            other.execute("CREATE TABLE syncer.meta (theirs int)")
        with pytest.raises(StateCorrupt, match="another product"):
            opened(address)


def test_a_newer_state_is_refused_untouched(state_location: str) -> None:
    with opened(state_location) as store, store._database.transaction() as connection:
        connection.execute(text("UPDATE syncer_revision SET version_num = '9999'"))
        connection.execute(text("CREATE TABLE of_the_future (id integer)"))
    file = Path(state_location, "state.db")
    content = file.read_bytes() if file.exists() else b""
    with pytest.raises(StateTooNew, match="revision 9999"):
        opened(state_location)
    assert content == (file.read_bytes() if file.exists() else b"")


def test_a_server_that_does_not_answer_is_reported_without_its_password() -> None:
    with pytest.raises(StateUnwritable, match="check address") as refused:
        opened("postgresql://syncer:hunter2@127.0.0.1:1/state")
    assert "hunter2" not in str(refused.value)


def test_a_database_that_does_not_exist_is_reported() -> None:
    with fresh_postgresql() as address, pytest.raises(StateUnwritable, match="no_such_database"):
        opened(make_url(address).set(database="no_such_database").render_as_string(hide_password=False))


def test_opening_a_current_state_loads_no_alembic(tmp_path: Path) -> None:
    opened(tmp_path / "state").close()
    code = (
        "import sys\nfrom datetime import UTC, datetime\nfrom syncer.store import Store\n"
        "Store.open(sys.argv[1], clock=lambda: datetime.now(UTC)).close()\n"
        "print([name for name in ('alembic', 'psycopg', 'sqlalchemy.orm', 'jira', 'github') if name in sys.modules])"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "state")]
    assert subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT).stdout == "[]\n"


def test_a_backup_is_a_whole_private_state(tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "state.db"
    copy.parent.mkdir(mode=0o700)
    with umask(0), opened(tmp_path / "state") as store, store.lease(PAIR, "run-1") as lease:
        store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
        for _ in range(2):  # the second replaces the first
            store.backup(copy)
    assert modes(copy.parent) == {"copies": 0o700, "state.db": 0o600}
    with opened(copy.parent) as restored:
        assert [item.key for item in restored.observed.items(PAIR, Side.LEFT)] == ["PAY-1"]


def test_a_backup_is_refused_where_none_belongs(tmp_path: Path) -> None:
    letter, link = tmp_path / "letter.txt", tmp_path / "link.db"
    letter.write_text("Dear Min")
    link.symlink_to(letter)
    state = tmp_path / "state"
    with opened(state) as store:
        for wrong in (tmp_path, tmp_path / "nowhere" / "copy.db", state / "state.db", state / "copy.db", letter, link):
            with pytest.raises(StateError):
                store.backup(wrong)
    assert letter.read_text() == "Dear Min"
    assert {file.name for file in tmp_path.iterdir()} == {"state", "letter.txt", "link.db"}
    assert not [file for file in state.iterdir() if "copy" in file.name or "unfinished" in file.name]


def test_of_a_damaged_state_no_backup_is_made(tmp_path: Path) -> None:
    with opened(tmp_path / "state") as store, store.lease(PAIR, "run-1") as lease:
        store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
    with closing(sqlite3.connect(tmp_path / "state" / "state.db")) as stranger:
        stranger.execute("DELETE FROM observed")
        stranger.commit()
    with opened(tmp_path / "state") as store, pytest.raises(StateCorrupt, match="no copy was made"):
        store.backup(tmp_path / "copy.db")
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


def test_postgresql_is_backed_up_by_its_own_tools(tmp_path: Path) -> None:
    with fresh_postgresql() as address, opened(address) as store:
        with pytest.raises(StateError, match="pg_dump --format=custom --schema=syncer --file="):
            store.backup(tmp_path / "copy.db")
        assert store.integrity() == []


def test_integrity_finds_what_opening_does_not_look_at(tmp_path: Path) -> None:
    with opened(tmp_path / "state") as store:
        with store.lease(PAIR, "run-1") as lease:
            store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
        assert store.integrity() == []
    with closing(sqlite3.connect(tmp_path / "state" / "state.db")) as stranger:
        stranger.execute("DELETE FROM observed")
        stranger.commit()
    with opened(tmp_path / "state") as store:
        assert store.integrity() == ["a row of showings belongs to nothing"]


def test_every_connection_is_durable_and_leaves_no_deleted_text(tmp_path: Path) -> None:
    with opened(tmp_path / "state") as store, store._database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_a_kept_state_is_opened_once_and_anew_where_another_file_took_its_place(tmp_path: Path) -> None:
    opened(tmp_path / "state").close()
    opened(tmp_path / "other").close()
    kept = KeptStore(str(tmp_path / "state"), lambda: NOON)
    first = kept.store()
    assert kept.store() is first
    with opened(tmp_path / "other") as other:
        identity = other.lineage.identity()
    (tmp_path / "other" / "state.db").replace(tmp_path / "state" / "state.db")
    assert kept.store().lineage.identity() == identity


def test_a_pair_that_another_process_forgot_is_another_one(tmp_path: Path) -> None:
    with opened(tmp_path / "state") as kept:
        with kept.lease(PAIR, "run-1") as lease:
            kept.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
        with opened(tmp_path / "state") as other, other.lease(PAIR, "forget") as lease:
            other.naming.forget(lease)
        with opened(tmp_path / "state") as other, other.lease("another", "run-2"):
            pass  # takes the number that is free
        with kept.lease(PAIR, "run-3") as lease:
            assert list(kept.observed.items(PAIR, Side.LEFT)) == []
            kept.observed.save_page(lease, Side.LEFT, page(task(2)), seen_at=NOON)
            assert [item.key for item in kept.observed.items(PAIR, Side.LEFT)] == ["PAY-2"]
