"""No terminal and no folder ends a command with 70: narrow, without UTF-8, unwritable."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from syncer.demo.rehearsal import REPOSITORY
from tests.unit.commands.conftest import Run, Site, edit_both
from tests.unit.commands.test_process import COMMAND, PATIENCE, environment

WORDS = "支付 → “退款” · ✗"

unprivileged = pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")


@pytest.fixture
def chinese(syncer: Run, site: Site) -> Site:
    """A synced pair with a title that few terminals have the letters of."""
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", title=WORDS)
    assert syncer("sync").code == 0
    return site


COMMANDS = (
    "status", "goals", "advice", "explain PAY-1", "preview", "check -v", "verify", "conflicts", "report --dir out",
    "responsibilities --tasks", "sync -v", "--help", "explain PAY-1 --json", "plan show 支付",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_utf_8_sees_every_command_end_well(chinese: Site, encoding: str) -> None:
    folder = chinese.file.parent
    surroundings = {**environment(folder), "PYTHONIOENCODING": encoding}
    for command in COMMANDS:
        ended = subprocess.run(
            [*COMMAND, *command.split()],
            cwd=folder, env=surroundings, capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert ended.returncode == (2 if command.startswith("plan") else 0), (command, ended.stderr)
        assert b"Traceback" not in ended.stderr


def test_the_sandbox_prints_its_people_in_ascii(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--data", "demo"],
        cwd=tmp_path, env={**environment(tmp_path), "PYTHONIOENCODING": "ascii"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        printed = b""
        while b"[[pairs]]" not in printed:
            line = process.stdout.readline()
            assert line, process.communicate()
            printed += line
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_narrow_terminal_cuts_no_word_of_status(
    syncer: Run, chinese: Site, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    assert chinese.file.exists()
    monkeypatch.setenv("COLUMNS", str(width))
    told = syncer("status").out
    for word in (
        "pair",
        "last run",
        "outcome",
        "complete",
        "tasks",
        "waiting",
        "conflicts",
        "writes",
        "payments",
        "clean",
    ):
        assert word in told


def test_a_run_at_a_terminal_shows_a_conflict_and_cron_is_told_of_it_all_the_same(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    seen = at_a_terminal(site, "sync")
    assert b"PAY-1 = acme/pay#1, title: " in seen
    assert b"1 new item needs a person" in seen
    told = syncer("sync")
    assert (told.code, "PAY-1 = acme/pay#1, title: " in told.err) == (6, True)
    assert (syncer("sync").code, syncer("sync").err) == (0, "")


def at_a_terminal(site: Site, *arguments: str) -> bytes:
    """What a person sees of a command."""
    here, there = pty.openpty()
    folder = site.file.parent
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder, env={**environment(folder), "TERM": "xterm"}, stdin=there, stdout=there, stderr=there,
    )  # fmt: skip
    os.close(there)
    seen = b""
    try:
        with suppress(OSError):  # EIO: the other end of the terminal was closed
            while part := os.read(here, 4096):
                seen += part
        assert process.wait(timeout=PATIENCE) == 6
    finally:
        process.kill()
        process.communicate()
        os.close(here)
    return seen


def test_a_report_folder_that_is_a_file_ends_with_2_and_its_name(syncer: Run, site: Site) -> None:
    (site.file.parent / "occupied").write_text("a file, no folder")
    syncer("sync")
    ended = syncer("report", "--dir", "occupied")
    assert ended.code == 2
    assert "occupied" in ended.err
    assert "cannot be written: Not a directory. Name another place than occupied with --dir." in ended.err


def test_a_demo_folder_that_cannot_be_made_ends_with_2_and_its_name(syncer: Run, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file, no folder")
    ended = syncer("demo", "--dir", "occupied/demo")
    assert (ended.code, "occupied" in ended.err) == (2, True)
    assert "--dir" in ended.err


def test_a_metrics_file_that_cannot_be_written_ends_with_2_after_the_sync(syncer: Run, site: Site) -> None:
    (site.file.parent / "occupied").write_text("a file, no folder")
    text = site.file.read_text("utf-8")
    site.file.write_text('metrics-file = "occupied/syncer.prom"\n' + text, "utf-8")
    ended = syncer("sync")
    assert (ended.code, len(site.box.jira.issues)) == (2, 3)
    assert "metrics-file" in ended.err
    assert "cannot be written: Not a directory. The sync is not affected." in ended.err


@unprivileged
@pytest.mark.parametrize("command", [("report", "--dir", "closed/out"), ("demo", "--dir", "closed/demo")])
def test_a_folder_without_permission_ends_with_2(syncer: Run, site: Site, command: Sequence[str]) -> None:
    syncer("sync")
    closed = site.file.parent / "closed"
    closed.mkdir(mode=0o500)
    ended = syncer(*command)
    assert (ended.code, "Permission denied" in ended.err) == (2, True)


@pytest.mark.parametrize(
    "address", ["mysql://nobody@db/x", "sqlite:////var/lib/x.db", "redis://x", "POSTGRESQL://db/x"]
)
def test_a_state_address_that_is_none_is_refused_and_makes_no_folder(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    before = set(site.file.parent.rglob("*"))
    by_option = syncer("sync", "--state", address)
    monkeypatch.setenv("SYNCER_STATE", address)
    by_variable = syncer("sync")
    monkeypatch.delenv("SYNCER_STATE")
    site.file.write_text(f'state = "{address}"\n' + site.file.read_text("utf-8"), "utf-8")
    by_file = syncer("sync")
    accepted = "a state is a directory, or postgresql://USER@HOST/DATABASE"
    for ended, origin in (
        (by_option, "--state: "),
        (by_variable, "SYNCER_STATE: "),
        (by_file, "syncer.toml:1: state: "),
    ):
        assert (ended.code, ended.err.startswith(f"{origin}{accepted}")) == (2, True), ended.err
    assert set(site.file.parent.rglob("*")) == before


def test_the_store_takes_what_the_settings_take() -> None:
    from syncer.settings.locating import STATE_SCHEMES
    from syncer.store.store import POSTGRESQL_PREFIXES

    assert STATE_SCHEMES == POSTGRESQL_PREFIXES
