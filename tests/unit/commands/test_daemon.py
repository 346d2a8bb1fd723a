"""What the daemon says of a run: the same as `syncer sync` tells, as warnings in its log; and whose turn a run is."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.app.hints import ask
from syncer.app.scheduler import Job
from syncer.commands.exits import Exit
from syncer.commands.interruption import Interruption
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.scheduled import jobs_of
from syncer.contract.model import Side
from syncer.store.hints import HeardOf, ReceiverRecord
from tests.servers import fresh_postgresql
from tests.unit.commands.conftest import Run, Site, edit_both


def scheduled(file: Path, state: str | None, schedule: str) -> Job:
    text = file.read_text("utf-8")
    if "\nschedule = " not in text:
        file.write_text(text.replace('name = "payments"\n', f'name = "payments"\nschedule = "{schedule}"\n'), "utf-8")
    (job,) = [one for one in jobs_of(open_settings(file, state, 1), Interruption()) if one.name == "payments"]
    return job


def test_what_is_new_is_a_warning_in_the_log_once(syncer: Run, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    run = scheduled(site.file, None, "* * * * *").call
    run()
    first = capsys.readouterr().err
    run()
    second = capsys.readouterr().err
    warned = [line for line in first.splitlines() if "warning" in line]
    assert ["PAY-1 = acme/pay#1, title" in warned[0], "1 new item needs a person" in warned[1]] == [True, True]
    assert ("run ended" in second, "warning" in second) == (True, False)
    assert (syncer("sync").code, syncer("sync").err) == (0, "")


def test_a_run_that_was_waiting_for_its_turn_does_not_begin_once_the_daemon_ends(site: Site) -> None:
    interruption = Interruption()
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('name = "payments"\n', 'name = "payments"\nschedule = "* * * * *"\n'), "utf-8")
    settings = open_settings(site.file, str(site.file.parent / "none-yet"), 1)
    (job,) = [one for one in jobs_of(settings, interruption) if one.name == "payments"]
    interruption.code = Exit.TERMINATED
    job.call()
    assert not (site.file.parent / "none-yet").exists()


def test_daemons_on_one_database_share_the_runs(
    syncer: Run, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh_postgresql() as state:
        jobs = [scheduled(site.file, state, "0 3 1 1 *") for _ in range(2)]
        for job in jobs:
            job.call()
        told = capsys.readouterr().err
        with open_store(open_settings(site.file, state)) as store:
            assert len(store.pairs.runs()) == 1
    assert (told.count("run ended"), told.count("another daemon has run this pair")) == (1, 1)


def test_a_pair_that_two_daemons_begin_at_once_is_run_by_one_and_the_other_says_so(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with fresh_postgresql() as state, open_store(open_settings(site.file, state)) as store:

        class Waiting(Interruption):
            """Meanwhile the other one writes that it took the pair."""

            def sleep(self, seconds: float) -> None:
                store.pairs._next_epoch("payments", now())

        scheduled(site.file, state, "0 3 1 1 *")
        (job,) = [one for one in jobs_of(open_settings(site.file, state, 1), Waiting()) if one.name == "payments"]
        with store.pairs._lock("payments", "another", now()):
            job.call()
        told = capsys.readouterr().err
    assert (told.count("outcome=busy"), told.count("another daemon has run this pair")) == (0, 1)


def test_a_tracker_that_one_run_found_down_is_asked_nothing_by_the_next(site: Site, tmp_path: Path) -> None:
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace(site.box.github_url, "http://127.0.0.1:9/api/v3"), "utf-8")
    state = str(tmp_path / "state")
    job = scheduled(site.file, state, "* * * * *")
    job.call()
    job.call()
    with open_store(open_settings(site.file, state)) as store:
        latest, first = (run.result["requests"]["right"] for run in store.pairs.runs())
    assert (first > 0, latest) == (True, 0)


def hinted(site: Site, *, busy: bool = False) -> list[str]:
    """The hints that wait ten minutes from now, after a job was called for which one waited."""
    state = str(site.file.parent / "state")
    job = scheduled(site.file, state, "0 3 1 1 *")
    settings = open_settings(site.file, state, 1)
    with open_store(settings) as store:
        ask(store, {"payments": HeardOf()}, now())
        with store.lease("payments", "another") if busy else nullcontext():
            job.call()
        return store.hints.waiting(now() + timedelta(minutes=10))


def test_a_run_answers_the_hint_that_asked_for_it(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert hinted(site) == []
    assert "outcome=clean" in capsys.readouterr().err


def test_a_hint_for_a_pair_that_another_process_runs_waits_for_its_end(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hinted(site, busy=True) == ["payments"]
    assert "outcome=busy" in capsys.readouterr().err


def test_a_poll_is_left_out_while_webhooks_tell_of_both_sides_and_a_hint_is_not(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    text = site.file.read_text("utf-8")
    rarely = 'name = "payments"\nschedule-with-hooks = "0 3 1 1 *"\n'
    site.file.write_text(text.replace('name = "payments"\n', rarely), "utf-8")
    state = str(site.file.parent / "state")
    job = scheduled(site.file, state, "* * * * *")
    job.call()
    with open_store(open_settings(site.file, state, 1)) as store:
        at = now() - timedelta(minutes=20)
        ask(store, {"payments": HeardOf(dict.fromkeys(Side, at))}, now())
        store.hints.take(["payments"])
        store.hints.sign(ReceiverRecord("here:9470", now(), at.isoformat(), {}, {}))
        capsys.readouterr()
        job.call()
        assert "run ended" not in capsys.readouterr().err
        ask(store, {"payments": HeardOf()}, now())
        job.call()
        assert "run ended" in capsys.readouterr().err
        store.hints.sign(ReceiverRecord("here:9470", now() - timedelta(minutes=3), at.isoformat(), {}, {}))
        job.call()
        assert "run ended" in capsys.readouterr().err, "a receiver that gives no sign stalls no pair"


@pytest.mark.parametrize("command", ["daemon", "sync"])
def test_who_shares_a_database_has_its_time(
    command: str, syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another clock would skip what is due, or send again what may still arrive."""
    scheduled(site.file, None, "0 3 1 1 *")
    monkeypatch.setattr("syncer.commands.opening.now", lambda: now() + timedelta(minutes=5))
    monkeypatch.setattr("syncer.commands.daemon.now", lambda: now() + timedelta(minutes=5))
    with fresh_postgresql() as state:
        ended = syncer(command, "--state", state)
    assert (ended.code, "the clock of this machine is" in ended.err) == (2, True), ended
    assert "ahead of the database's: set it (NTP)" in " ".join(ended.err.split())
