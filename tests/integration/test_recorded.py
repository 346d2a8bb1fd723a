"""Recorded issues of real sites, loaded into the sandbox, go through both connectors and come to rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rig import Rig

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "recorded"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded data is not beside this checkout")

WIDE_MAP = """
[pairs.guard]
closes-at-least = 100000
updates-at-least = 100000
"""


def rig_with(directory: Path, file: str, **settings: Any) -> Rig:
    """A rehearsal whose sandbox holds a recording, and an empty place on the other side."""
    return Rig(directory, data=RECORDED / file, extra=WIDE_MAP, **settings)


@pytest.mark.parametrize(
    ("file", "deployment"),
    [("jira-issues.jsonl", "cloud"), ("jira-issues.jsonl", "datacenter"), ("github-issues.jsonl", "cloud")],
)
def test_a_recorded_site_syncs_to_quiet(file: str, deployment: str, tmp_path: Path) -> None:
    with rig_with(tmp_path, file, deployment=deployment) as rig:
        tallies = [rig.sync() for _ in range(3)]
        assert tallies[0].writes > 0, tallies[0]
        assert tallies[0].outcome in {"clean", "held"}, tallies[0]
        assert (tallies[2].writes, tallies[2].retry) == (0, 0), tallies[2]
