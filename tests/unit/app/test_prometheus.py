"""Numbers for monitors: how far behind a pair is, what is left of it, and whether its trackers answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer.app.prometheus import collect
from syncer.core.records import RunRecord
from syncer.store import Store

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def values(store: Store) -> dict[str, float]:
    return {sample.name: sample.value for family in collect(store, ["pay"]) for sample in family.samples}


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


def test_every_alert_is_about_a_number_that_there_is(tmp_path: Path) -> None:
    with Store.open(tmp_path, clock=lambda: NOON) as store:
        known = {family.name for family in collect(store, ["pay"])}
    rules = (ROOT / "config" / "prometheus" / "alerts.yml").read_text("utf-8")
    expressions = re.findall(r"expr: (.+)", rules)
    assert len(expressions) >= 5
    assert {name for line in expressions for name in re.findall(r"\bsyncer_\w+", line)} <= known
