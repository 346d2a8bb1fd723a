"""Real processes against trackers that give no sensible answer, and against whoever disturbs a daemon."""

from __future__ import annotations

import json
import re
import signal
import socket
import time

import pytest
import requests

from syncer.demo.rehearsal import JIRA_TOKEN
from syncer.sandbox.datasets import BOT_EMAIL
from tests.unit.commands.conftest import Site
from tests.unit.commands.test_process import PATIENCE, call, issues_created, started, wait_until
from tests.unit.connectors.hostile import Hostile, dripping, whole

START = whole(b"[").split(b"Content-Length: 1\r\n")[0] + b"Content-Type: application/json\r\n\r\n["
SCHEDULED = 'name = "payments"\nschedule = "0 3 1 1 *"'


def change(site: Site, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, site.file.read_text("utf-8"))
    assert count, pattern
    site.file.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("number", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)]
)
@pytest.mark.parametrize("tracker", ["jira", "github"])
def test_a_signal_ends_a_read_that_hangs_and_the_lock_is_free(
    site: Site, tracker: str, number: signal.Signals, code: int
) -> None:
    before = site.file.read_text("utf-8")
    with Hostile(dripping(START, 2.0)) as server:
        here = site.box.jira_url if tracker == "jira" else site.box.github_url
        change(site, re.escape(f'"{here}"'), f'"http://127.0.0.1:{server.port}/api/v3"')
        with started(site, "sync", "--json") as process:
            wait_until(lambda: bool(server.asked))
            process.send_signal(number)
            began = time.monotonic()
            out, err = process.communicate(timeout=PATIENCE)
            assert time.monotonic() - began < PATIENCE / 4, "it waited for the answer"
    assert (process.returncode, json.loads(out)["pairs"][0]["outcome"]) == (code, "interrupted"), err
    site.file.write_text(before, "utf-8")
    assert call(site, "sync").returncode == 0


def test_sides_that_answer_for_each_other_end_with_a_sentence(site: Site) -> None:
    jira, github = site.box.jira_url, site.box.github_url
    text = site.file.read_text("utf-8").replace(jira, "LEFT").replace(github, jira).replace("LEFT", github)
    site.file.write_text(text, "utf-8")
    ended = call(site, "sync")
    assert ended.returncode in (1, 2, 4), ended
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip()


def test_a_taken_metrics_port_ends_the_daemon_with_a_line(site: Site) -> None:
    change(site, 'name = "payments"', SCHEDULED)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = call(site, "daemon", "--metrics-port", str(port))
    assert ended.returncode == 2, ended
    assert f"--metrics-port {port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_hangup_has_the_daemon_read_its_configuration_again(site: Site) -> None:
    change(site, 'name = "payments"', SCHEDULED)
    with started(site, "daemon") as process:
        assert process.stderr is not None
        read_until(process.stderr, "scheduled")
        change(site, 'schedule = "0 3 1 1 \\*"', 'schedule = "* * * * *')  # no end of the text
        process.send_signal(signal.SIGHUP)
        read_until(process.stderr, "former one stays")
        change(site, 'schedule = "\\* \\* \\* \\* \\*', 'schedule = "0 4 2 2 *"')
        process.send_signal(signal.SIGHUP)
        read_until(process.stderr, "02-02T04:00:00")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0


def test_a_hangup_ends_no_run_of_a_daemon(site: Site) -> None:
    from syncer.sandbox import Fault

    change(site, 'name = "payments"', SCHEDULED)
    site.box.faults.add(Fault("slow", verb="POST", path=r"/issue(/bulk)?$", seconds=2.0))
    with started(site, "daemon", "--now") as process:
        assert process.stderr is not None
        wait_until(lambda: issues_created(site) > 0)
        process.send_signal(signal.SIGHUP)
        read_until(process.stderr, "run ended")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0
    assert issues_created(site) == 3


def read_until(stream: object, words: str) -> None:
    seen = ""
    while words not in seen:
        line = stream.readline()  # type: ignore[attr-defined]
        assert line, f"it ended before it said {words!r}: {seen}"
        seen += line


@pytest.mark.slow
@pytest.mark.parametrize("year", ["0001", "9999"])
def test_dates_at_the_ends_of_the_calendar_end_neither_a_run_nor_a_report(site: Site, year: str) -> None:
    jira = f"{site.box.jira_url}/rest/api/3"
    account, day = (BOT_EMAIL, JIRA_TOKEN), f"{year}-01-01" if year == "0001" else f"{year}-12-31"
    version = {"name": "Some day", "project": "PAY", "releaseDate": day, "startDate": day}
    made = requests.post(f"{jira}/version", json=version, auth=account, timeout=10).json()
    fields = {
        "project": {"key": "PAY"}, "summary": "Some day", "issuetype": {"name": "Task"}, "duedate": day,
        "fixVersions": [{"id": made["id"]}],
    }  # fmt: skip
    assert requests.post(f"{jira}/issue", json={"fields": fields}, auth=account, timeout=10).status_code == 201
    for arguments in (("sync",), ("sync", "--sweep"), ("report",), ("status",), ("goals",), ("advice",)):
        ended = call(site, *arguments)
        assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), (arguments, ended)
