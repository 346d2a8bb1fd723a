"""What the state knows of the queue that workers share: one version of its tables, one that leads, who is silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from syncer.cluster.queue import definition
from syncer.contract.model import Audience, Side
from syncer.core.records import RunRecord, SideState
from syncer.store import StateError, StateTooNew, StateUnwritable, Store
from syncer.store.schema import REVISIONS
from syncer.store.work_queue import CompleteReading, QueueSessions, WorkerRecord, with_session_name
from tests.servers import fresh_postgresql
from tests.unit.store.builders import NOON, PAIR

ALIVE = timedelta(seconds=30)
RECORD = WorkerRecord(1, "syncer worker a", "a", 4711, NOON.isoformat(), {PAIR: "f"})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with fresh_postgresql() as found:
        Store.open(found, clock=lambda: NOON).close()
        yield found


@pytest.fixture
def queued(address: str) -> Iterator[Store]:
    """A state with the tables of a queue and one worker that just gave a sign."""
    with Store.open(address, clock=lambda: NOON) as store:
        store.queue.install("1", definition(), alive=timedelta())
        register(address)
        store.queue.enter(RECORD)
        yield store
        execute(address, "TRUNCATE procrastinate_workers, procrastinate_jobs RESTART IDENTITY CASCADE")
        store.queue.leave(RECORD.number)


def execute(address: str, statement: str) -> None:
    with psycopg.connect(address, autocommit=True, options="-csearch_path=syncer") as connection:
        connection.execute(statement.encode())


def register(address: str) -> None:
    execute(address, "SELECT procrastinate_register_worker_v1()")


def test_another_version_of_the_queue_begins_anew_once_nobody_works(queued: Store, address: str) -> None:
    assert not queued.queue.install("1", definition(), alive=ALIVE), "it is there"
    with pytest.raises(StateTooNew, match="version 1 of the queue are at work, this one has 2"):
        queued.queue.install("2", definition(), alive=ALIVE)
    execute(address, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    assert queued.queue.install("2", definition(), alive=ALIVE)
    assert queued.queue.workers() == []
    assert queued.queue.installed()


def test_nothing_is_upgraded_under_workers_that_are_at_work(queued: Store, address: str) -> None:
    def marked(revision: str) -> None:
        execute(address, f"UPDATE syncer_revision SET version_num = '{revision}'")  # noqa: S608

    marked(REVISIONS[-2])
    try:
        with pytest.raises(StateError, match=r"workers of the former version are at work \(process 4711 on a\)"):
            Store.open(address, clock=lambda: NOON)
    finally:
        marked(REVISIONS[-1])
    assert len(queued.queue.workers()) == 1


def test_a_worker_is_known_with_its_silence_until_it_leaves(queued: Store, address: str) -> None:
    (seen,) = queued.queue.workers()
    assert (seen.record, seen.jobs) == (RECORD, 0)
    execute(address, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    (seen,) = queued.queue.workers()
    assert seen.silent > ALIVE
    queued.queue.leave(RECORD.number)
    assert queued.queue.workers() == []


def test_a_duty_is_done_by_one_and_is_free_when_its_session_ends(queued: Store, address: str) -> None:
    named = with_session_name(address, "syncer worker b")
    with Store.open(named, clock=lambda: NOON) as other, other.queue.sole("schedule") as right:
        assert right is not None
        with queued.queue.sole("schedule") as second, queued.queue.sole("rescue") as another:
            assert (second, another is None) == (None, False)
        assert queued.queue.end_sessions("syncer worker b") >= 1
        with pytest.raises(StateUnwritable):
            right.confirm()
        with queued.queue.sole("schedule") as now_ours:
            assert now_ours is not None


def test_a_worker_that_the_queue_forgot_loses_its_sessions_too(queued: Store, address: str) -> None:
    """Any worker that begins has the queue forget silent ones; one of them may only stand still, with its locks."""
    named = with_session_name(address, "syncer worker a")
    with Store.open(named, clock=lambda: NOON) as other, other.queue.sole("schedule") as right:
        assert right is not None
        assert queued.queue.end_lost(ALIVE) == 0, "it gave a sign"
        execute(address, "DELETE FROM procrastinate_workers")
        assert queued.queue.end_lost(ALIVE) == 1
        with pytest.raises(StateUnwritable):
            right.confirm()
    assert queued.queue.end_lost(ALIVE) == 0


def test_a_process_that_began_anew_keeps_its_sessions(queued: Store, address: str) -> None:
    named = with_session_name(address, RECORD.name)
    with Store.open(named, clock=lambda: NOON) as other, other.queue.sole("schedule") as right:
        assert right is not None
        execute(address, "DELETE FROM procrastinate_workers")
        register(address)
        queued.queue.enter(replace(RECORD, number=2))
        assert queued.queue.end_lost(ALIVE) == 1
        right.confirm()
    queued.queue.leave(2)


def test_the_sessions_of_the_queue_bear_the_name_of_the_worker(address: str) -> None:
    sessions = QueueSessions.of(with_session_name(address, "syncer worker b"))
    with psycopg.connect(sessions.address) as connection:
        found = connection.execute("SHOW application_name").fetchone()
    assert found == ("syncer worker b",)


def test_what_was_scheduled_and_is_left_to_do_is_remembered(queued: Store) -> None:
    assert queued.queue.scheduled_until() is None
    queued.queue.note_scheduled(NOON)
    assert queued.queue.scheduled_until() == NOON
    with queued.lease(PAIR, "run-1") as lease:
        run = RunRecord("run-1", PAIR, NOON, NOON, "budget", {"remaining": 7, "untold": 2})
        queued.pairs.finish_run(lease, run)
        assert queued.queue.left() == {PAIR: (7, 2)}
        queued.pairs.finish_run(lease, replace(run, id="run-2", started_at=NOON + ALIVE, result={"remaining": 0}))
        assert queued.queue.left() == {}
        for side, day in zip(Side, (1, 2), strict=True):
            assert queued.queue.readings() == {}, "both sides have to be read"
            swept = datetime(2026, 1, day, tzinfo=UTC)
            queued.pairs.set_side(lease, side, SideState(None, side.value, swept, Audience.MEMBERS, None))
    assert queued.queue.readings() == {
        PAIR: CompleteReading(datetime(2026, 1, 1, tzinfo=UTC), frozenset({"left", "right"}))
    }


def test_the_figures_count_what_waits_by_priority(queued: Store, address: str) -> None:
    for priority in (10, 30, 30):
        row = f"('syncer', 'run', {priority})"
        execute(address, f"INSERT INTO procrastinate_jobs (queue_name, task_name, priority) VALUES {row}")  # noqa: S608
    figures = queued.queue.figures()
    assert (figures.waiting, figures.running, len(figures.workers)) == ({10: 1, 30: 2}, 0, 1)
    assert figures.oldest is not None


@pytest.mark.parametrize(("minutes", "said"), [(5, "ahead of"), (-5, "behind")])
def test_a_clock_that_is_off_is_measured_against_the_server(address: str, minutes: int, said: str) -> None:
    with Store.open(address, clock=lambda: datetime.now(UTC)) as store:
        store.require_clock()
    off = Store.open(address, clock=lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    with off, pytest.raises(StateError, match=rf"the clock of this machine is \d+ s {said} the database's"):
        off.require_clock()


def test_workers_agree_on_their_pace_until_none_is_at_work(queued: Store, address: str) -> None:
    queued.queue.agree_on_pace((10.0, 30.0))
    queued.queue.agree_on_pace((10.0, 30.0))
    with pytest.raises(StateError, match="4711 on a works with --heartbeat 10 --stalled 30, this worker with 2"):
        queued.queue.agree_on_pace((2.0, 6.0))
    execute(address, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '20 seconds'")
    with pytest.raises(StateError, match="give all workers the same"):
        queued.queue.agree_on_pace((2.0, 6.0))  # silent for longer than this one would wait, and alive all the same
    execute(address, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    queued.queue.agree_on_pace((2.0, 6.0))
