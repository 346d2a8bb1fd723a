"""Workers on one PostgreSQL: each run is done by one of them, and what a dead or frozen one had in hand by another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pytest

from syncer.commands.opening import now
from syncer.core.records import RunRecord
from syncer.sandbox import Fault
from syncer.store import Store
from tests.servers import fresh_postgresql
from tests.unit.commands.conftest import Site, site  # noqa: F401 -- a fixture
from tests.unit.commands.test_process import COMMAND, call, environment, wait_until

pytestmark = pytest.mark.timeout(120)

QUICK = ("--heartbeat", "0.5", "--stalled", "2")
UNHURRIED = ("--heartbeat", "1", "--stalled", "8")
"""For a worker that waits long for a tracker: on a busy machine it is not taken for dead merely because it is slow."""


@pytest.fixture
def address() -> Iterator[str]:
    with fresh_postgresql() as found:
        yield found


@pytest.fixture
def every_minute(site: Site) -> Site:  # noqa: F811
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('name = "payments"\n', 'name = "payments"\nschedule = "* * * * *"\n'), "utf-8")
    return site


@contextmanager
def working(
    where: Site, address: str, count: int = 2, options: Sequence[str] = QUICK
) -> Iterator[list[subprocess.Popen[str]]]:
    """So many workers, each with a log beside the configuration; what is left of them is killed at the end."""
    folder, workers = where.file.parent, list[subprocess.Popen[str]]()
    for number in range(count):
        with (folder / f"worker{number}.log").open("w") as log:
            command = [*COMMAND, "worker", "--config", str(where.file), *options]
            told = {**environment(folder), "SYNCER_STATE": address}
            workers.append(subprocess.Popen(command, cwd=folder, env=told, stderr=log, text=True))
    try:
        yield workers
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait()


def log_of(where: Site, number: int) -> str:
    return (where.file.parent / f"worker{number}.log").read_text("utf-8")


def ended(store: Store) -> list[RunRecord]:
    return [run for run in store.pairs.runs() if run.outcome]


def test_two_workers_do_each_run_once_and_end_when_asked(every_minute: Site, address: str) -> None:
    with Store.open(address, clock=now) as store, working(every_minute, address, options=()) as workers:
        wait_until(lambda: bool(ended(store)) and len(store.queue.workers()) == 2)
        told = call(every_minute, "status", "--json", "--state", address)
        cluster = json.loads(told.stdout)["cluster"]
        assert {one["pid"] for one in cluster["workers"]} == {worker.pid for worker in workers}
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(30) for worker in workers] == [0, 0]
        runs = ended(store)
        assert (runs[-1].outcome, {run.outcome for run in runs} <= {"clean", "interrupted"}) == ("clean", True)
        lines = [line for number in range(2) for line in log_of(every_minute, number).splitlines()]
        edits = [line for line in lines if "run ended" in line and "part=live" in line]
        assert len({line[:16] for line in edits}) == len(edits), "each minute people's edits are carried once"
        told = next(line for line in lines if "run ended" in line)
        first = runs[-1]
        assert all(part in told for part in ("epoch=1", f"run={first.id}", "pair=payments", "part=backfill", "worker="))
        assert store.queue.workers() == []
    assert len(every_minute.box.jira.issues) == 3


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_what_a_dead_or_frozen_worker_had_in_hand_is_done_by_another(
    every_minute: Site, address: str, sign: signal.Signals
) -> None:
    every_minute.box.faults.add(Fault("slow", verb="POST", path=r"/issue(/bulk)?$", seconds=3.0, times=1))
    with Store.open(address, clock=now) as store, working(every_minute, address) as workers:
        wait_until(lambda: bool(every_minute.box.jira.issues))
        holder = store.pairs.holder("payments")
        assert holder is not None
        (victim,) = [worker for worker in workers if worker.pid == holder.pid]
        os.kill(victim.pid, sign)
        wait_until(lambda: bool(ended(store)))
        after = store.pairs.holder("payments")
        assert after is not None
        assert after.pid != victim.pid
        if sign is signal.SIGSTOP:
            before = len(list(every_minute.box.log.writes()))
            os.kill(victim.pid, signal.SIGCONT)
            wait_until(lambda: "stood still" in log_of(every_minute, workers.index(victim)))
            wait_until(lambda: len(store.queue.workers()) == 2)
            assert len(list(every_minute.box.log.writes())) == before, "the fence stops it before it writes"
    summaries = [issue.content["summary"] for issue in every_minute.box.jira.issues.values()]
    assert len(summaries) == len(set(summaries)) == 3


@pytest.mark.slow
def test_what_a_frozen_worker_sent_and_the_tracker_does_later_is_there_once(every_minute: Site, address: str) -> None:
    faults, issues = every_minute.box.faults, every_minute.box.jira.issues
    faults.add(Fault("slow", verb="POST", path=r"/issue(/bulk)?$", seconds=100.0, times=1, after_commit=False))
    with Store.open(address, clock=now) as store, working(every_minute, address, options=UNHURRIED) as workers:
        wait_until(lambda: bool(store.journal.open("payments")) and not faults.pending())
        wait_until(lambda: len(store.queue.workers()) == len(workers))
        holder = store.pairs.holder("payments")
        assert holder is not None
        os.kill(holder.pid, signal.SIGSTOP)
        wait_until(lambda: any(run.outcome == "partial" for run in ended(store)))
        assert not issues, "whether the request arrives is not known yet"
        faults.release()
        wait_until(lambda: bool(issues))
        os.kill(holder.pid, signal.SIGCONT)
        wait_until(lambda: len(store.queue.workers()) == len(workers))
        store.hints.ask_again("payments", now())
        wait_until(lambda: not store.journal.open("payments") and ended(store)[0].outcome == "clean")
        assert "Traceback" not in "".join(log_of(every_minute, number) for number in range(len(workers)))
    summaries = [issue.content["summary"] for issue in issues.values()]
    assert len(summaries) == len(set(summaries)) == 3


@pytest.mark.slow
def test_workers_wait_for_a_database_that_ends_their_sessions_and_go_on(every_minute: Site, address: str) -> None:
    with Store.open(address, clock=now) as store, working(every_minute, address, count=1):
        wait_until(lambda: bool(store.queue.workers()) and bool(ended(store)))
        number = store.queue.workers()[0].record.number
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'syncer worker%'"
            )
        wait_until(lambda: any(one.record.number != number for one in store.queue.workers()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("former", "latter", "named"),
    [
        ("schedule = ", 'create = "off"\nschedule = ', "payments"),
        ('name = "payments"', 'name = "billing"', "billing, payments"),
    ],
    ids=["other rules", "another pair"],
)
def test_a_worker_with_other_rules_is_refused(
    every_minute: Site, address: str, former: str, latter: str, named: str
) -> None:
    with Store.open(address, clock=now) as store, working(every_minute, address, count=1):
        wait_until(lambda: bool(store.queue.workers()))
        text = every_minute.file.read_text("utf-8")
        other = every_minute.file.with_name("other.toml")
        other.write_text(text.replace(former, latter, 1), "utf-8")
        told = {**environment(every_minute.file.parent), "SYNCER_STATE": address}
        refused = subprocess.run(
            [*COMMAND, "worker", "--config", str(other)],
            env=told,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert refused.returncode == 2
    assert f"runs {named} by other rules than this worker would, or not at all" in refused.stderr


@pytest.mark.slow
def test_a_worker_that_is_less_patient_than_those_at_work_is_refused(every_minute: Site, address: str) -> None:
    with Store.open(address, clock=now) as store, working(every_minute, address, count=1, options=()):
        wait_until(lambda: bool(store.queue.workers()))
        refused = call(every_minute, "worker", "--state", address, *QUICK)
        assert refused.returncode == 2
        words = " ".join(refused.stderr.split())
        assert "works with --heartbeat 10 --stalled 30, this worker with 0.5 and 2: give all workers the same" in words


def test_a_worker_that_would_take_others_for_dead_between_two_signs_is_refused(every_minute: Site) -> None:
    refused = call(every_minute, "worker", "--heartbeat", "10", "--stalled", "5")
    assert (refused.returncode, "give it 3 times --heartbeat" in refused.stderr) == (2, True)


def test_a_state_in_a_directory_has_no_workers(every_minute: Site) -> None:
    told = environment(every_minute.file.parent)
    command = [*COMMAND, "worker", "--config", str(every_minute.file)]
    refused = subprocess.run(command, env=told, capture_output=True, text=True, timeout=60, check=False)
    assert (refused.returncode, "use `syncer daemon`" in refused.stderr) == (2, True)
