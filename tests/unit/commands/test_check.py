"""What `syncer check` says of this machine, before any tracker is asked."""

import json
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Run
from tests.unit.commands.test_init import CLOUD


@pytest.fixture
def configured(syncer: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    syncer(*CLOUD)
    for name in ("JIRA", "GITHUB"):
        monkeypatch.setenv(f"SYNCER_TRACKERS__{name}__TOKEN", "x")
    return tmp_path / "syncer.toml"


def test_a_chinese_report_needs_nothing_that_this_machine_could_lack(syncer: Run, configured: Path) -> None:
    text = configured.read_text("utf-8").replace("[report]\n", "")
    configured.write_text(text + '\n[report]\nlanguage = "zh"\n', "utf-8")
    assert syncer("check", "--offline").out == "The configuration is valid: pay.\n"


def test_a_secret_that_only_its_folder_protects_is_told(
    syncer: Run, configured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SYNCER_TRACKERS__JIRA__TOKEN")
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    (folder / "trackers__jira__token").write_text("x")
    (folder / "trackers__jira__token").chmod(0o644)
    monkeypatch.setenv("SYNCER_SECRETS_DIR", str(folder))
    ended = syncer("check", "--offline", "--json")
    assert ended.code == 0
    [told] = json.loads(ended.out)["machine"]
    assert (told["severity"], told["about"]) == ("warning", "secrets")
    assert str(folder / "trackers__jira__token") in told["message"]


def test_a_mistake_in_the_responsibilities_file_is_told_and_keeps_nothing_from_working(
    syncer: Run, configured: Path
) -> None:
    text = configured.read_text("utf-8").replace("[report]\n", "")
    configured.write_text(text + '\n[report]\nresponsibilities = "who.toml"\n', "utf-8")
    (configured.parent / "who.toml").write_text('[[responsibilities]]\nscope = "project"\n', "utf-8")
    ended = syncer("check", "--offline")
    assert ended.code == 0
    assert "who.toml:1: responsibilities[0].person: is required" in ended.out
    assert syncer("responsibilities").code == 2
