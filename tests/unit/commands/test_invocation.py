"""Advice names the command so that it can be typed as it stands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer.main

from syncer.cli import COMMANDS
from syncer.commands.invocation import own_command


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed command in a folder that is not on the PATH, called from beside that folder."""
    file = tmp_path / ".venv" / "bin" / "syncer"
    file.parent.mkdir(parents=True)
    file.write_text("#!/bin/sh\necho called\n", "utf-8")
    file.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setattr(sys, "argv", [".venv/bin/syncer", "demo"])
    return file


def test_a_command_off_the_path_is_named_by_the_way_that_leads_there(script: Path, tmp_path: Path) -> None:
    demo = tmp_path / "demo of mine"
    demo.mkdir()
    assert script.exists()
    called = subprocess.run([*shlex.split(own_command(demo))], cwd=demo, capture_output=True, text=True, check=True)
    assert called.stdout == "called\n"


def test_a_command_on_the_path_is_named_by_its_name(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(script.parent))
    assert own_command(Path("syncer-demo")) == "syncer"


def test_another_command_of_that_name_is_not_meant(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "syncer"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n", "utf-8")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    assert own_command(tmp_path / "demo") == "../.venv/bin/syncer"


@pytest.mark.parametrize("module", ["syncer", "syncer.cli"])
def test_both_modules_are_the_command(module: str) -> None:
    called = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True)
    assert called.stdout.startswith("syncer ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_a_word_can_be_completed(shell: str) -> None:
    """As the shells themselves ask, in the variables of click and Typer."""
    asked = {"_SYNCER_COMPLETE": f"complete_{shell}", "COMP_WORDS": "syncer pre", "COMP_CWORD": "1"}
    asked |= {"_TYPER_COMPLETE_ARGS": "syncer pre", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    script = Path(sys.executable).with_name("syncer")
    told = subprocess.run([script], env=os.environ | asked, capture_output=True, text=True, check=True)
    assert "preview" in told.stdout
    assert "sandbox" not in told.stdout


@pytest.mark.parametrize("module", sorted(set(COMMANDS.values())))
def test_each_module_brings_the_commands_that_are_listed_for_it(module: str) -> None:
    alone = typer.Typer()
    import_module(f"syncer.commands.{module}").register(alone)
    listed = {name for name, listed_in in COMMANDS.items() if listed_in == module}
    assert set(typer.main.get_group(alone).commands) == listed
