"""Several processes on one state: one works on a pair, the others are told who does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

from syncer.contract.capabilities import RateLimit
from syncer.core.rule_change import AgreedRules
from syncer.store import Busy, Fenced, Store
from tests.faults.store_processes import process
from tests.servers import fresh_postgresql
from tests.unit.store.builders import NOON, PAIR

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_postgresql() if request.param == "postgresql" else nullcontext(str(tmp_path / "state")) as place:
        yield place


HOLD = """
with opened() as store, store.lease(PAIR, "run-1") as lease:
    say(lease.epoch)
    time.sleep(60)
"""


def test_the_second_is_told_at_once_who_works_and_since_when(location: str) -> None:
    with process(HOLD, location) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "1\n"
        with Store.open(location, clock=lambda: NOON) as store:
            with pytest.raises(Busy) as busy, store.lease(PAIR, "run-2"):
                pass
            assert busy.value.pid == holder.pid
            assert busy.value.since is not None
            assert f"process {holder.pid}" in str(busy.value)
        holder.kill()


def test_the_lock_is_free_when_its_holder_was_killed(location: str) -> None:
    with process(HOLD, location) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "1\n"
        holder.kill()
    with Store.open(location, clock=lambda: NOON) as store, store.lease(PAIR, "run-2") as lease:
        assert lease.epoch == 2


@pytest.mark.slow
def test_of_twenty_at_once_on_a_new_state_exactly_one_works(location: str) -> None:
    """All open (and create) the state at once, wait for the last, then all take the pair."""
    code = (
        "with opened() as store:\n"
        "    say('ready')\n"
        "    sys.stdin.readline()\n"
        "    try:\n"
        "        with store.lease(PAIR, f'run-{os.getpid()}'):\n"
        "            say(f'worked {os.getpid()}')\n"
        "            sys.stdin.readline()\n"
        "    except Busy as busy:\n"
        "        say(f'busy {busy.pid} {busy.since is not None}')\n"
    )
    with ExitStack() as stack:
        crowd = [stack.enter_context(process(code, location, talks=True)) for _ in range(20)]
        for one in crowd:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in crowd:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        lines = [one.stdout.readline().split() for one in crowd if one.stdout is not None]
        workers = [line[1] for line in lines if line[0] == "worked"]
        assert len(workers) == 1
        assert sorted(line[0] for line in lines) == ["busy"] * 19 + ["worked"]
        assert {tuple(line[1:]) for line in lines if line[0] == "busy"} == {(workers[0], "True")}
        for one in crowd:
            assert one.stdin is not None
            one.stdin.close()


def test_processes_share_a_budget(location: str) -> None:
    Store.open(location, clock=lambda: NOON).close()
    code = (
        "from syncer.contract.connector import RateLimit\n"
        "with opened() as store:\n"
        "    say(sum(store.budgets.take('bot', [RateLimit(50, 60)], creates=1, now=NOON) is None for _ in range(30)))\n"
    )
    with ExitStack() as stack:
        crowd = [stack.enter_context(process(code, location)) for _ in range(4)]
        granted = [int(one.communicate(timeout=60)[0]) for one in crowd]
    assert sum(granted) == 50
    with Store.open(location, clock=lambda: NOON) as store:
        assert [(use.limit, use.used) for use in store.budgets.used("bot", NOON)] == [(RateLimit(50, 60), 50)]


def test_a_run_whose_postgresql_session_was_ended_is_fenced() -> None:
    """The server drops the session that held the lock; the next run takes over; the first cannot write any more."""
    import psycopg

    with fresh_postgresql() as address, Store.open(address, clock=lambda: NOON) as store:
        with store.lease(PAIR, "run-1") as overtaken:
            with psycopg.connect(address, autocommit=True) as operator:
                operator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            with Store.open(address, clock=lambda: NOON) as other, other.lease(PAIR, "run-2") as current:
                assert current.epoch == overtaken.epoch + 1
                with pytest.raises(Fenced):
                    store.pairs.agree_on_rules(overtaken, AgreedRules("late"))
        assert store.pairs.agreed_rules(PAIR) is None


def test_writers_of_different_pairs_wait_for_each_other(location: str) -> None:
    Store.open(location, clock=lambda: NOON).close()
    code = (
        "with opened() as store, store.lease(f'pair-{os.getpid()}', 'run') as lease:\n"
        "    for n in range(40):\n"
        "        store.observed.save_page(lease, Side.LEFT, page(task(n)), seen_at=NOON)\n"
        "    say(len(list(store.observed.items(lease.pair, Side.LEFT))))\n"
    )
    with ExitStack() as stack:
        crowd = [stack.enter_context(process(code, location)) for _ in range(4)]
        assert [one.communicate(timeout=120) for one in crowd] == [("40\n", "")] * 4
