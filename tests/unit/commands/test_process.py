"""What only a real process shows: signals, silence, pipes, overlap, and how much is loaded."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from syncer.demo.configuration import PAIR
from syncer.demo.rehearsal import GITHUB_TOKEN, JIRA_TOKEN
from syncer.sandbox import Fault
from tests.unit.commands.conftest import Site

COMMAND = [sys.executable, "-c", "from syncer.cli import main; main()"]
PATIENCE = 60.0


def environment(folder: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state-home"),
        "SYNCER_TRACKERS__JIRA__TOKEN": JIRA_TOKEN,
        "SYNCER_TRACKERS__GITHUB__TOKEN": GITHUB_TOKEN,
        "PYTHONWARNINGS": "error::ResourceWarning",
        "COLUMNS": "120",
    }


def call(site: Site, *arguments: str, program: Sequence[str] = COMMAND) -> subprocess.CompletedProcess[str]:
    folder = site.file.parent
    return subprocess.run(
        [*program, *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def started(site: Site, *arguments: str, program: Sequence[str] = COMMAND) -> Iterator[subprocess.Popen[str]]:
    """The command while it runs; killed at the end when it still does."""
    folder = site.file.parent
    process = subprocess.Popen(
        [*program, *arguments],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def issues_created(site: Site) -> int:
    return len(site.box.jira.issues)


def test_a_clean_sync_prints_nothing_at_all(site: Site) -> None:
    for _ in range(2):
        ended = call(site, "sync")
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("number", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_after_the_request_in_flight_and_nothing_is_made_twice(
    site: Site, number: signal.Signals, code: int
) -> None:
    site.box.faults.add(Fault("slow", verb="POST", path=r"/issue(/bulk)?$|/comment$", seconds=1.0))
    with started(site, "sync", "--json") as process:
        wait_until(lambda: issues_created(site) > 0)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert "Stopping after the request in flight" in err
    assert json.loads(out)["pairs"][0]["outcome"] == "interrupted"

    assert call(site, "sync").returncode == 0

    summaries = [issue.content["summary"] for issue in site.box.jira.issues.values()]
    assert len(summaries) == len(set(summaries)) == 3


def test_a_second_signal_ends_at_once_and_the_next_run_settles(site: Site) -> None:
    site.box.faults.add(Fault("slow", verb="POST", path=r"/issue(/bulk)?$", seconds=20.0))
    with started(site, "sync") as process:
        wait_until(lambda: issues_created(site) > 0)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "once more ends at once" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130

    for _ in range(3):
        last = call(site, "sync")
    assert last.returncode == 0
    summaries = [issue.content["summary"] for issue in site.box.jira.issues.values()]
    assert len(summaries) == len(set(summaries)) == 3


def test_a_run_that_meets_another_one_ends_with_3(site: Site) -> None:
    site.box.faults.add(Fault("slow", verb="POST", path=r"/issue(/bulk)?$", seconds=PATIENCE))
    with started(site, "sync") as first:
        wait_until(lambda: issues_created(site) > 0)
        second = call(site, "sync", "--pair", PAIR, "--json")
        site.box.faults.release()
        assert second.returncode == 3
        assert json.loads(second.stdout)["pairs"][0]["outcome"] == "busy"
        first.communicate(timeout=PATIENCE)
    assert first.returncode == 0


def test_passes_do_not_pile_up(site: Site) -> None:
    site.box.faults.add(Fault("slow", verb="POST", path=r"/issue(/bulk)?$", seconds=PATIENCE))
    with started(site, "sync") as first:
        wait_until(lambda: issues_created(site) > 0)
        second = call(site, "sync")
        site.box.faults.release()
        assert (second.returncode, second.stdout, second.stderr) == (3, "", "")
        first.communicate(timeout=PATIENCE)
    assert first.returncode == 0


def test_a_reader_that_goes_away_is_no_error(site: Site) -> None:
    with started(site, "explain", "--help") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        assert process.wait(timeout=PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_terminal_sees_a_bar_and_stdout_stays_one_object(site: Site) -> None:
    here, there = pty.openpty()
    folder = site.file.parent
    process = subprocess.Popen(
        [*COMMAND, "sync", "--json"],
        cwd=folder, env={**environment(folder), "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=there, text=True,
    )  # fmt: skip
    os.close(there)
    seen = b""
    try:
        with suppress(OSError):  # EIO: the other end of the terminal was closed
            while part := os.read(here, 4096):
                seen += part
        out, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.communicate()
        os.close(here)
    assert process.returncode == 0
    assert b"reading left" in seen
    assert json.loads(out)["pairs"][0]["outcome"] == "clean"


def test_the_daemon_runs_at_once_serves_numbers_and_ends_on_sigterm(site: Site) -> None:
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('name = "payments"', 'name = "payments"\nschedule = "0 3 1 1 *"'), "utf-8")
    port = free_port()
    with started(site, "daemon", "--now", "--metrics-port", str(port)) as process:
        wait_until(lambda: 'outcome="clean",pair="payments"} 1.0' in numbers(port))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "")
    assert "run ended" in err
    assert issues_created(site) == 3


def test_every_line_of_a_json_log_is_json(site: Site) -> None:
    """A job that fails with a traceback, a warning of a library, what the report says, the signal at the end."""
    text = site.file.read_text("utf-8").replace('name = "payments"', 'name = "payments"\nschedule = "0 3 1 1 *"')
    text = text.replace("[report]\n", '[report]\nschedule = "0 3 1 1 *"\n')
    (pair,) = tomllib.loads(text)["pairs"]
    post = f'\n[[report.posts]]\nname = "all"\npair = "{pair["name"]}"\nside = "right"\non = "nothing"\n'
    text = text + ("" if "[report]" in text else '\n[report]\nschedule = "0 3 1 1 *"\n') + post
    site.file.write_text(text + '\n[log]\nformat = "json"\n', "utf-8")
    program = [sys.executable, "-c", NOISY, "daemon", "--now"]
    with started(site, program=program) as process:
        err = ""
        while "Post all" not in err or "unforeseen" not in err:
            assert process.stderr is not None
            err += process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        err += process.communicate(timeout=PATIENCE)[1]
    lines = [json.loads(line) for line in err.splitlines()]
    assert {"event", "level", "timestamp"} <= set.intersection(*(set(line) for line in lines))
    assert any("Traceback" in str(line.get("exception")) for line in lines)
    assert any("old-fashioned" in line["event"] for line in lines)
    assert any("thread broke" in str(line.get("exception")) for line in lines)


NOISY = """
import threading, warnings
import syncer.app.prometheus, syncer.commands.sync
from syncer.cli import main

def noisy(*arguments):
    warnings.warn("old-fashioned", stacklevel=1)
    def broken():
        raise ValueError("thread broke")
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    raise RuntimeError("unforeseen")

syncer.commands.sync.write_metrics = noisy
main()
"""


def test_a_daemon_that_cannot_begin_says_so_in_its_own_form(site: Site) -> None:
    site.file.write_text(site.file.read_text("utf-8") + '\n[log]\nformat = "json"\n', "utf-8")
    ended = call(site, "daemon")
    assert ended.returncode == 2
    assert "schedule" in json.loads(ended.stderr)["event"]


def test_a_daemon_without_a_schedule_says_what_to_do(site: Site) -> None:
    ended = call(site, "daemon")
    assert (ended.returncode, "schedule" in ended.stderr) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("jira", ["cloud", "dc"])
def test_the_rehearsal_works_to_its_end_as_printed(tmp_path: Path, jira: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--data", "demo", "--jira", jira],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        told = [process.stderr.readline().strip() for _ in range(7)]
        assert told[0] == "Jira and GitHub run on this machine until Ctrl-C. In another terminal:"
        assert told[1] == "cd syncer-rehearsal"
        said = {line: _type(line, tmp_path / "syncer-rehearsal") for line in told[2:]}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()
    assert [line.split()[1] for line in said] == ["check", "preview", "sync", "conflicts", "report"]
    check = said[told[2]]
    assert "clock" not in check
    assert "responsibilities" not in check
    (report,) = (tmp_path / "syncer-rehearsal").glob("syncer-report/*/report.json")
    week = json.loads(report.read_text("utf-8"))
    assert week["finished"]
    assert len(week["goals"]) == 8
    assert max(line["days_late"] or 0 for line in week["overdue"]) < 30


def without_tokens(folder: Path) -> Mapping[str, str]:
    """The environment of somebody who has set nothing for syncer."""
    return {name: value for name, value in environment(folder).items() if not name.startswith("SYNCER_")}


def _type(line: str, folder: Path) -> str:
    """What a printed command says when it is typed in a folder."""
    name, *arguments = shlex.split(line)
    assert name == "syncer"
    ended = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder, env=without_tokens(folder), capture_output=True, text=True, timeout=4 * PATIENCE, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, line + ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_a_folder_with_something_else_in_it_is_no_place_for_a_rehearsal(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    ended = subprocess.run(
        [*COMMAND, "sandbox", "--data", "demo", "--dir", "."],
        cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "nothing was touched" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_sandbox_prints_a_configuration_that_check_accepts(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox"], cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        printed = ""
        while 'zhang-min" }' not in printed:
            printed += process.stdout.readline()
        (tmp_path / "syncer.toml").write_text(printed, "utf-8")
        ended = subprocess.run(
            [*COMMAND, "check"],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()


HEAVY = ("github", "jira", "sqlalchemy", "numpy", "pydantic", "requests", "starlette", "apscheduler")


def test_help_loads_no_client_library_and_no_database(tmp_path: Path) -> None:
    program = f"""
import sys, syncer.cli
sys.argv = ["syncer", "--help"]
try:
    syncer.cli.main()
except SystemExit:
    pass
sys.stderr.write(repr([name for name in {HEAVY!r} if name in sys.modules]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert ended.stderr == "[]"
    assert "sync" in ended.stdout


IDLE = {
    "rich": "draws what people read; structlog brings it, which is loaded with the first line of the log",
    "structlog": "the log has no line",
    "pygments": "comes with rich",
    "sqlalchemy.dialects.postgresql": "the state is a directory",
    "psycopg": "the state is a directory",
    "alembic": "the state has the current revision",
    "sqlalchemy.orm": "no object mapper is used",
    "numpy": "no report is made",
    "jinja2": "no report is made",
    "apprise": "no channel is told",
    "apscheduler": "cron is the scheduler",
    "prometheus_client": "no file of metrics is configured",
    "starlette": "nothing is served",
    "github": "no App signs in",
    "tenacity": "no read failed",
    "markdown_it": "no text is read",
    "connectors.github.markdown": "no text is read",
    "connectors.jira.adf": "no text is read",
    "syncer.sync.twins": "something is linked",
    "syncer.contract.beginning": "nothing is begun",
    "syncer.store.copying": "no state is copied",
    "syncer.store.transfer": "no state is copied",
    "syncer.store.work_queue": "no worker is at work",
    "syncer.store.hints": "no webhook is received",
    "syncer.sync.pull_links": "no code was read",
    "syncer.sync.released": "no code was read",
    "syncer.commands.adopt": "another command",
    "syncer.commands.status": "another command",
    "syncer.report": "no report is made",
    "connectors.jira.checking": "nothing is checked",
    "connectors.github.checking": "nothing is checked",
}
"""What a run with nothing to do must not load, and why it needs none of it: the imports are most of what it costs."""


def test_a_run_with_nothing_to_do_loads_nothing_that_it_does_not_use(site: Site) -> None:
    for _ in range(2):  # what the first sync wrote is read once more by the second
        assert call(site, "sync").returncode == 0
    program = f"""
import sys
from syncer.cli import main
try:
    main()
except SystemExit as ended:
    assert ended.code == 0, ended.code
sys.stderr.write(repr([name for name in {list(IDLE)!r} if name in sys.modules]))
"""
    ended = call(site, "sync", "--json", program=[sys.executable, "-c", program])
    assert ended.stderr == "[]"
    assert json.loads(ended.stdout)["pairs"][0]["outcome"] == "clean"


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def numbers(port: int) -> str:
    try:
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    except requests.ConnectionError:
        return ""
