"""A first sync that is killed at any of its requests, and finished by the next runs: nothing is doubled or lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.depth import thorough

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("jira", "step", "jobs"),
    [("cloud", 1 if thorough() else 4, 1), ("dc", 1 if thorough() else 9, 1), ("cloud", 1 if thorough() else 6, 8)],
)
def test_a_first_sync_may_be_killed_at_any_request(jira: str, step: int, jobs: int) -> None:
    command = [
        sys.executable, "-m", "tests.faults.kill_everywhere", "--jira", jira, "--step", str(step), "--jobs", str(jobs),
    ]  # fmt: skip
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["wrong"] == []
    assert told["died"] == told["cases"] >= 2 * (told["requests"] // step)
    assert told["requests"] >= 50
