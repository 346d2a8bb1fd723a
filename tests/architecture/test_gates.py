"""Lint, format and types are part of the test run: green means mergeable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKED = ("syncer", "connectors", "tests", "docs")

GATES = {
    "lint": ["ruff", "check", "--no-cache", "--output-format", "concise", *CHECKED],
    "format": ["ruff", "format", "--check", "--no-cache", *CHECKED],
}


@pytest.mark.parametrize("gate", GATES)
def test_ruff(gate: str) -> None:
    ended = subprocess.run([sys.executable, "-m", *GATES[gate]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_types() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
