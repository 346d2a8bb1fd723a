"""`requirements.txt` holds what runs, in the versions that are tested, each with hashes, and names no place."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.pins import CONSTRAINTS, HEADER, REQUIREMENTS, ROOT, needed_to_run, pins

TEXT = REQUIREMENTS.read_text("utf-8")


def test_everything_that_runs_is_in_it_in_the_version_that_is_tested() -> None:
    tested = pins(CONSTRAINTS.read_text("utf-8"))
    assert pins(TEXT) == {name: tested[name] for name in needed_to_run()}


def test_every_pin_has_a_hash_and_nothing_else() -> None:
    assert TEXT.startswith(HEADER)
    pattern = r"[a-z0-9-]+==[\w.]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(f"({pattern})+", TEXT.removeprefix(HEADER))


def pip(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_installation_by_hashes_alone_works(tmp_path: Path) -> None:
    reached = pip("download", "-q", "--no-deps", "-d", tmp_path / "reached", "tzdata")
    if reached.returncode != 0:
        pytest.skip(f"no package index: {reached.stderr.strip().splitlines()[-1:]}")
    built = pip("wheel", "-q", "--no-deps", "-w", tmp_path, ".")
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("tracker_syncer-*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    into = ("--python", str(tmp_path / "venv"), "install", "-q", "--no-cache-dir")

    hashed = pip(*into, "--require-hashes", "-r", REQUIREMENTS)
    assert hashed.returncode == 0, hashed.stderr
    alone = pip(*into, "--no-deps", wheel)
    assert alone.returncode == 0, alone.stderr

    shown = subprocess.run([tmp_path / "venv/bin/syncer", "--version"], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    checked = pip("--python", str(tmp_path / "venv"), "check")
    assert checked.returncode == 0, checked.stdout
