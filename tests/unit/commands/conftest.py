"""The command line in this process, and a sandbox to use it on."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import structlog

from syncer.cli import main
from syncer.demo.rehearsal import GITHUB_TOKEN, JIRA_TOKEN, REPOSITORY, Filling, configuration, rehearsal
from syncer.sandbox import Sandbox


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def syncer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Calls the command in an empty folder, as a new process would, but for the imports."""
    for name in [name for name in os.environ if name.startswith("SYNCER_") and "__TOKEN" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state-home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config-home"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    before = ([*root.handlers], root.level, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["syncer", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    yield run
    root.handlers[:], root.level = before[0], before[1]
    signal.signal(signal.SIGINT, before[2])
    signal.signal(signal.SIGTERM, before[3])
    structlog.reset_defaults()


@dataclass(frozen=True)
class Site:
    """A sandbox that serves, and the file that configures it."""

    box: Sandbox
    file: Path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Three issues with a comment each in the repository, an empty project, the configuration for them here."""
    box = rehearsal("cloud", 0, Filling(issues=3, comments=1))
    with box:
        file = tmp_path / "syncer.toml"
        file.write_text(configuration(box, "cloud"), "utf-8")
        monkeypatch.setenv("SYNCER_TRACKERS__JIRA__TOKEN", JIRA_TOKEN)
        monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__TOKEN", GITHUB_TOKEN)
        yield Site(box, file)


def edit_both(site: Site, github: str, jira: str) -> None:
    """The same title, changed apart by two people."""
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", title=github)
    answer = requests.put(
        f"{site.box.jira_url}/rest/api/3/issue/PAY-1",
        json={"fields": {"summary": jira}},
        auth=("li-wei@example.com", "token-li-wei"),
        timeout=10,
    )
    assert answer.status_code == 204, answer.text
