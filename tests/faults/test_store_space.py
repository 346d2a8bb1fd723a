"""A disk that is full, a state that may not be written: said clearly, nothing half-written, fine again afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from syncer.contract.model import Side
from syncer.core.records import OperationState
from syncer.core.rule_change import AgreedRules
from syncer.store import Lease, StateUnwritable, Store
from tests.unit.store.builders import NOON, PAIR, create, link, page, task


@contextmanager
def full(store: Store) -> Iterator[None]:
    """A database that may not grow by a single page, on every connection."""
    engine = store._database.engine
    engine.dispose()

    def limit(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]

    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "state", clock=lambda: NOON) as opened:
        yield opened


@pytest.fixture
def lease(store: Store) -> Iterator[Lease]:
    with store.lease(PAIR, "run-1") as held:
        yield held


def test_a_page_that_does_not_fit_is_not_stored_in_part(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, Side.LEFT, page(task(1), cursor="c1"), seen_at=NOON)
    many = page(task(1, title="moved"), *(task(n) for n in range(2, 500)), cursor="c2")
    with full(store), pytest.raises(StateUnwritable, match="no space left"):
        store.observed.save_page(lease, Side.LEFT, many, seen_at=NOON)
    assert list(store.observed.items(PAIR, Side.LEFT)) == [task(1)]
    side = store.pairs.side(PAIR, Side.LEFT)
    assert side is not None
    assert side.cursor == "c1"
    assert len(list(store.history.changes(PAIR))) == 1
    assert store.observed.save_page(lease, Side.LEFT, many, seen_at=NOON).changed == [task(1).ref]


def test_an_intent_that_does_not_fit_was_not_begun(store: Store, lease: Lease) -> None:
    operations = [create(task(n), f"op-{n}") for n in range(500)]
    with full(store), pytest.raises(StateUnwritable):
        store.journal.begin(lease, operations)
    assert store.journal.latest(PAIR) == []


def test_an_outcome_that_does_not_fit_leaves_the_operation_open(store: Store, lease: Lease) -> None:
    made = task(1001, body="x" * 4 + "".join(chr(0x4E00 + n % 20_000) for n in range(60_000)))
    store.journal.begin(lease, [create(task(1))])
    done = create(task(1), state=OperationState.DONE, target=made.ref)
    with full(store), pytest.raises(StateUnwritable):
        store.journal.conclude(lease, done, observed=made, link=link(task(1), made))
    assert [one.state for one in store.journal.open(PAIR)] == [OperationState.SENT]
    assert store.links.partner(PAIR, Side.LEFT, task(1).ref) is None
    store.journal.conclude(lease, done, observed=made, link=link(task(1), made))
    assert store.journal.open(PAIR) == []


ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65_534


def try_to_write(state: Path) -> str:
    try:
        with Store.open(state, clock=lambda: NOON) as store, store.lease(PAIR, "run-1") as lease:
            store.pairs.agree_on_rules(lease, AgreedRules("f"))
    except StateUnwritable as error:
        return f"unwritable: {error}"
    return "written"


def without_privileges(function: Callable[[Path], str], state: Path) -> str:
    """What the function returns under an account that has to obey permissions, which root does not."""
    if os.geteuid() != 0:
        return function(state)
    if closed := next((str(folder) for folder in (ROOT, *ROOT.parents) if not folder.stat().st_mode & 0o001), None):
        pytest.skip(f"{closed} is closed to accounts without privileges, and the checkout is in it")
    function(Path(tempfile.mkdtemp(dir=state.parent.parent)))  # loads what that account might not be able to read
    outcome, answer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(answer, function(state).encode())
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the parent's assertion shows it
            os.write(answer, repr(error).encode())
        os._exit(0)
    os.close(answer)
    os.waitpid(child, 0)
    with os.fdopen(outcome) as reader:
        return reader.read()


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that belongs to the account without privileges."""
    with tempfile.TemporaryDirectory(prefix="syncer-test-") as directory:
        Path(directory).chmod(0o755)
        own = Path(directory) / "own"
        own.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(own, NOBODY, NOBODY)
        yield own
        for path in [own, *own.rglob("*")]:
            path.chmod(0o700)


@pytest.mark.parametrize("locked", ["directory", "file", "both"])
def test_a_state_that_may_not_be_written_is_reported(public: Path, locked: str) -> None:
    state = public / "state"
    assert without_privileges(try_to_write, state) == "written"
    if locked in ("directory", "both"):
        state.chmod(0o500)
    if locked in ("file", "both"):
        (state / "state.db").chmod(0o400)
    answer = without_privileges(try_to_write, state)
    assert answer.startswith("unwritable: ")
    assert str(state) in answer


def test_a_place_that_may_not_be_written_is_reported(public: Path) -> None:
    public.chmod(0o500)
    assert without_privileges(try_to_write, public / "state").startswith("unwritable: ")
