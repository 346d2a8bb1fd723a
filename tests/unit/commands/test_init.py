"""`syncer init` without a terminal, and with one."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
import sys
import time
from pathlib import Path

from tests.unit.commands.conftest import Run

CLOUD = (
    "init",
    "--jira-url", "https://acme.atlassian.net/",
    "--jira-user", "bot@acme.example",
    "--project", "pay",
    "--github-repository", "acme/pay",
)  # fmt: skip


def test_options_write_a_file_that_others_may_read_and_name_the_next_steps(syncer: Run, tmp_path: Path) -> None:
    ended = syncer(*CLOUD)
    file = tmp_path / "syncer.toml"
    assert ended.code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert "export SYNCER_TRACKERS__JIRA__TOKEN=..." in ended.err
    assert ended.err.rstrip().endswith("syncer check")
    text = file.read_text("utf-8")
    assert 'project = "PAY"' in text
    assert 'url = "https://acme.atlassian.net"\n' in text


def test_what_it_writes_is_accepted_by_check(syncer: Run, monkeypatch: object, tmp_path: Path) -> None:
    syncer(*CLOUD)
    os.environ.update(SYNCER_TRACKERS__JIRA__TOKEN="x", SYNCER_TRACKERS__GITHUB__TOKEN="x")
    try:
        ended = syncer("check", "--offline")
    finally:
        del os.environ["SYNCER_TRACKERS__JIRA__TOKEN"], os.environ["SYNCER_TRACKERS__GITHUB__TOKEN"]
    assert (ended.code, ended.out) == (0, "The configuration is valid: pay.\n")


def test_an_existing_file_is_kept_unless_forced(syncer: Run, tmp_path: Path) -> None:
    (tmp_path / "syncer.toml").write_text("mine")
    assert syncer(*CLOUD).code == 2
    assert (tmp_path / "syncer.toml").read_text() == "mine"
    assert syncer(*CLOUD, "--force").code == 0


def test_a_link_is_not_followed(syncer: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "syncer.toml").symlink_to("elsewhere")
    assert syncer(*CLOUD, "--force").code == 2
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_missing_options_are_named_at_once(syncer: Run) -> None:
    ended = syncer("init", "--project", "PAY")
    assert (ended.code, ended.err) == (
        2,
        "Without a terminal these options are needed: --jira-url --github-repository\n",
    )


def test_an_answer_that_cannot_be_right_is_refused(syncer: Run) -> None:
    ended = syncer(*CLOUD[:-1], "pay")
    assert (ended.code, "acme/pay" in ended.err) == (2, True)


def test_a_terminal_is_asked_and_asked_again(tmp_path: Path) -> None:
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from syncer.cli import main; main()", "init"],
        cwd=tmp_path, stdin=there, stdout=there, stderr=there, env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(there)
    try:
        for question, answer in (
            ("Jira address", "jira.acme.example"),
            ("does not look like", "https://jira.acme.example"),
            ("Jira project key", "PAY"),
            ("GitHub repository", "acme/pay"),
        ):
            read_until(here, question)
            os.write(here, f"{answer}\n".encode())
        read_until(here, "syncer check")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(here)
    text = (tmp_path / "syncer.toml").read_text("utf-8")
    assert 'deployment = "datacenter"' in text


def read_until(terminal: int, wanted: str) -> None:
    seen = ""
    end = time.monotonic() + 30
    while wanted not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 4096).decode()
