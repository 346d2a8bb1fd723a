"""What workers are given when a pair is due: people's edits first, and what takes long as jobs of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.cluster.queue import LONG, SHORT, DueJob, Priority
from syncer.commands.opening import now, open_settings
from syncer.commands.worker import plan
from syncer.contract.model import Audience, Side
from syncer.core.records import RunRecord, SideState
from syncer.settings import Settings
from syncer.store import Store
from tests.unit.commands.conftest import Site, site  # noqa: F401 -- a fixture

RULES = {"payments": "f"}


@pytest.fixture
def settings(site: Site) -> Settings:  # noqa: F811
    return open_settings(site.file, None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "planned", clock=now) as opened:
        yield opened


def read(store: Store, *, covers: str = "f", ago: timedelta = timedelta(hours=1), **result: Any) -> None:
    """A run of the pair that read both sides completely some time ago."""
    at = datetime.now(UTC) - ago
    with store.lease("payments", "run") as lease:
        for side in Side:
            store.pairs.set_side(lease, side, SideState(None, covers, at, Audience.MEMBERS, None))
        store.pairs.finish_run(lease, RunRecord("run", "payments", at, at, "clean", result))


def planned(settings: Settings, store: Store) -> list[Priority]:
    return [one.priority for one in plan(settings, RULES, store, ["payments"])]


def test_a_pair_that_was_never_read_has_its_first_sync_alone(settings: Settings, store: Store) -> None:
    assert planned(settings, store) == [Priority.BACKFILL]


def test_a_pair_with_nothing_long_to_do_has_one_job(settings: Settings, store: Store) -> None:
    read(store)
    assert planned(settings, store) == [Priority.LIVE]


def test_other_rules_mean_a_complete_reading_and_nothing_beside_it(settings: Settings, store: Store) -> None:
    read(store, covers="other")
    assert planned(settings, store) == [Priority.SWEEP]


def test_what_takes_long_are_jobs_beside_that_of_what_people_edit(settings: Settings, store: Store) -> None:
    read(store, ago=timedelta(days=2), remaining=900, untold=40)
    assert planned(settings, store) == [Priority.LIVE, Priority.SWEEP, Priority.BACKFILL, Priority.HISTORY]


def test_what_is_no_pair_is_the_report(settings: Settings, store: Store) -> None:
    assert plan(settings, RULES, store, ["weekly report"]) == [DueJob("weekly report", Priority.REPORT)]


def test_jobs_of_a_pair_wait_apart_from_each_other_and_the_first_is_what_people_wait_for() -> None:
    in_order = sorted((DueJob("p", priority) for priority in Priority), key=lambda one: -one.priority)
    assert [one.priority.part for one in in_order] == ["report", "live", "sweep", "backfill", "history"]
    assert [one.priority.queue for one in in_order] == [SHORT, SHORT, LONG, LONG, LONG]
    assert len({one.waits_once for one in in_order[1:]}) == 4
