"""The daemon's scheduler: once each, all ended together, and no job's error is another's."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from syncer.app.scheduler import Job, is_due, run_until, trigger
from syncer.settings.cron import Cron

NEVER_SOON = Cron.parse("0 3 1 1 *")


def wait(seconds: float) -> None:
    time.sleep(min(seconds, 0.02))


def test_every_job_is_called_at_once_when_asked_and_a_failing_one_harms_no_other() -> None:
    called: list[str] = []

    def fails() -> None:
        called.append("fails")
        raise RuntimeError("unforeseen")

    jobs = [Job("fails", NEVER_SOON, fails), Job("works", NEVER_SOON, lambda: called.append("works"))]
    run_until(jobs, stop=lambda: len(called) == 2, sleep=wait, at_once=True)
    assert sorted(called) == ["fails", "works"]


def test_what_somebody_else_did_within_the_period_is_not_due_again() -> None:
    every_five = Cron.parse("*/5 * * * *")
    fired = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
    soon = fired + timedelta(seconds=1)
    assert is_due(every_five, UTC, fired - timedelta(minutes=5), soon), "run in the period before"
    assert not is_due(every_five, UTC, fired + timedelta(milliseconds=200), soon), "run just now, by another daemon"
    assert not is_due(every_five, UTC, fired, soon)
    assert is_due(every_five, UTC, fired - timedelta(hours=9), soon), "nobody ran it for long"


def test_nothing_is_called_before_its_time() -> None:
    called: list[str] = []
    looks = iter([False, False, True])
    run_until(
        [Job("x", NEVER_SOON, lambda: called.append("x"))],
        stop=lambda: next(looks),
        sleep=wait,
        at_once=False,
    )
    assert called == []


def test_the_end_waits_for_what_is_running() -> None:
    started, ended = threading.Event(), threading.Event()

    def slow() -> None:
        started.set()
        time.sleep(0.3)
        ended.set()

    run_until([Job("slow", NEVER_SOON, slow)], stop=started.is_set, sleep=wait, at_once=True)
    assert ended.is_set()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "UTC"])
def test_a_schedule_means_the_clock_of_the_report_wherever_the_process_runs(zone: str) -> None:
    monday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    fires = trigger(Cron.parse("0 8 * * 1"), ZoneInfo(zone)).get_next_fire_time(None, monday)
    assert fires.astimezone(ZoneInfo(zone)).isoformat()[:16] == "2026-11-23T08:00"
    assert timedelta(0) < fires - monday < timedelta(days=1)


def test_a_job_that_is_asked_for_is_called_now_and_again_after_its_end_never_twice_at_once() -> None:
    begun, go_on = threading.Semaphore(0), threading.Semaphore(0)
    calls: list[str] = []

    def run() -> None:
        calls.append("run")
        begun.release()
        assert go_on.acquire(timeout=30)

    looks = 0

    def asked() -> list[str]:
        nonlocal looks
        looks += 1
        if looks == 5:
            assert calls == ["run"], "asked for while it is at work"
            go_on.release()
        return ["x", "unknown"] if len(calls) < 2 else []

    def stop() -> bool:
        if len(calls) == 2:
            go_on.release()
        return len(calls) == 2

    run_until([Job("x", NEVER_SOON, run)], stop=stop, sleep=wait, at_once=False, asked=asked)
    assert calls == ["run", "run"]
