"""Numbers for monitors: how far behind a pair is, what is left of it, and whether its trackers answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest

from syncer.app.prometheus import collect
from syncer.app.scheduler import is_behind
from syncer.cluster.queue import definition
from syncer.core.records import RunRecord
from syncer.settings.cron import Cron
from syncer.store import Store
from syncer.store.work_queue import WorkerRecord
from tests.servers import fresh_postgresql

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def values(store: Store) -> dict[str, float]:
    return {sample.name: sample.value for family in collect(store, {"pay": None}) for sample in family.samples}


@pytest.mark.parametrize(
    ("outcome", "result", "lag", "backlog", "down"),
    [
        ("clean", {"remaining": 0, "outage": False}, 600.0, 0, 0),
        ("budget", {"remaining": 41, "outage": False}, 900.0, 41, 0),
        ("partial", {"remaining": 0, "outage": True}, 900.0, 0, 1),
    ],
)
def test_a_monitor_sees_how_far_behind_a_pair_is_and_why(
    outcome: str, result: dict[str, object], lag: float, backlog: int, down: int, tmp_path: Path
) -> None:
    with Store.open(tmp_path, clock=lambda: NOON) as store:
        for run, minutes, ended, told in (("a", 15, "clean", {}), ("b", 10, outcome, result)):
            at = NOON - timedelta(minutes=minutes)
            with store.lease("pay", run) as lease:
                store.pairs.start_run(lease, at)
                store.pairs.finish_run(lease, RunRecord(run, "pay", at, at, ended, told))
        found = values(store)
    assert (found["syncer_lag_seconds"], found["syncer_backlog"], found["syncer_out_of_reach"]) == (lag, backlog, down)


def test_a_monitor_sees_the_workers_and_what_waits_for_them() -> None:
    with fresh_postgresql() as address, Store.open(address, clock=lambda: NOON) as store:
        assert [family.samples for family in collect(store, {}) if "queue" in family.name] == [[], []], "nobody began"
        store.queue.install("1", definition(), alive=timedelta())
        with psycopg.connect(address, autocommit=True, options="-csearch_path=syncer") as connection:
            connection.execute("SELECT procrastinate_register_worker_v1()")
            connection.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, priority) VALUES ('q', 't', 30)")
        store.queue.enter(WorkerRecord(1, "syncer worker a", "a", 4711, NOON.isoformat(), {}))
        found = {
            (sample.name.removeprefix("syncer_"), *sample.labels.values()): sample.value
            for family in collect(store, {})
            for sample in family.samples
        }
    assert (found["workers",], found["worker_jobs", "syncer worker a"], found["queue_jobs", "30"]) == (1, 0, 1)
    assert found["worker_silent_seconds", "syncer worker a"] < 60
    assert found["queue_oldest_seconds",] >= 0


def test_every_alert_is_about_a_number_that_there_is(tmp_path: Path) -> None:
    with Store.open(tmp_path, clock=lambda: NOON) as store:
        known = {family.name for family in collect(store, {"pay": None})}
    rules = (ROOT / "config" / "prometheus" / "alerts.yml").read_text("utf-8")
    expressions = re.findall(r"expr: (.+)", rules)
    assert len(expressions) >= 9
    assert {name for line in expressions for name in re.findall(r"\bsyncer_\w+", line)} <= known


@pytest.mark.parametrize(("minutes", "behind"), [(4, 0), (5, 0), (6, 1)])
def test_a_pair_is_behind_once_a_run_is_missing_and_the_next_one_is_due(
    minutes: int, behind: int, tmp_path: Path
) -> None:
    every_five, taken = partial(is_behind, Cron.parse("*/5 * * * *"), UTC), NOON - timedelta(minutes=minutes)
    with Store.open(tmp_path, clock=lambda: taken) as store, store.lease("pay", "a"):
        pass
    with Store.open(tmp_path, clock=lambda: NOON) as store:
        told = collect(store, {"pay": every_five, "hr": every_five, "ops": None})
    (family,) = [one for one in told if one.name == "syncer_behind"]
    assert [(sample.labels["pair"], sample.value) for sample in family.samples] == [("pay", behind)]


@pytest.mark.parametrize(("minutes", "behind"), [(4, 0), (6, 1)])
def test_a_pair_that_never_ran_is_behind_once_its_second_time_has_come(
    minutes: int, behind: int, tmp_path: Path
) -> None:
    every_five, began = partial(is_behind, Cron.parse("*/5 * * * *"), UTC), NOON - timedelta(minutes=minutes)
    with Store.open(tmp_path, clock=lambda: began) as store:
        store.pairs.expect(["pay", "hr"])
    with Store.open(tmp_path, clock=lambda: NOON) as store:
        store.pairs.expect(["pay", "hr"])  # whoever keeps the schedule began anew
        told = collect(store, {"pay": every_five, "hr": None, "new": every_five})
    (family,) = [one for one in told if one.name == "syncer_behind"]
    assert [(sample.labels["pair"], sample.value) for sample in family.samples] == [("pay", behind)]
