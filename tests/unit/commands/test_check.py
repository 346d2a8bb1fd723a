"""What `syncer check` says of this machine, before any tracker is asked."""

import json
from pathlib import Path

import pytest

from syncer.report import pictures
from tests.unit.commands.conftest import Run
from tests.unit.commands.test_init import CLOUD


@pytest.fixture
def configured(syncer: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    syncer(*CLOUD)
    for name in ("JIRA", "GITHUB"):
        monkeypatch.setenv(f"SYNCER_TRACKERS__{name}__TOKEN", "x")
    return tmp_path / "syncer.toml"


def in_chinese(file: Path) -> None:
    file.write_text(file.read_text("utf-8").replace("[report]\n", "") + '\n[report]\nlanguage = "zh"\n', "utf-8")


def test_a_chinese_report_without_a_font_is_told_with_the_line_that_brings_one(
    syncer: Run, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_chinese(configured)
    monkeypatch.setattr(pictures, "chinese_font", lambda: None)
    ended = syncer("check", "--offline")
    assert ended.code == 0
    assert "fix: apt-get install fonts-noto-cjk" in ended.out
    told = json.loads(syncer("check", "--offline", "--json").out)
    assert [(finding["severity"], finding["fix"]) for finding in told["machine"]] == [("warning", pictures.INSTALL)]


def test_with_a_font_or_without_chinese_nothing_is_said(
    syncer: Run, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "chinese_font", lambda: None)
    assert syncer("check", "--offline").out == "The configuration is valid: pay.\n"
    in_chinese(configured)
    monkeypatch.setattr(pictures, "chinese_font", lambda: "Noto Sans CJK SC")
    assert syncer("check", "--offline").out == "The configuration is valid: pay.\n"


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
