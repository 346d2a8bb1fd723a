"""A whole run with its state in PostgreSQL: scale is a setting."""

from __future__ import annotations

from pathlib import Path

from tests.rig import Rig
from tests.servers import fresh_postgresql


def test_a_pair_syncs_on_postgresql(tmp_path: Path) -> None:
    with fresh_postgresql() as location, Rig(tmp_path) as rig:
        issue = rig.github("POST", "/issues", {"title": "One", "body": "Text.", "labels": ["a b"]})
        rig.github("POST", f"/issues/{issue['number']}/comments", {"body": "Said."})
        first = rig.sync(location=location)
        assert (first.outcome, first.created["left"], first.comments["created"]) == ("clean", 1, 1), first
        rig.github("PATCH", f"/issues/{issue['number']}", {"state": "closed", "title": "Two"})
        second = rig.sync(location=location)
        assert (second.outcome, second.closed["left"]) == ("clean", 1), second
        third = rig.sync(location=location)
        assert (third.outcome, third.writes) == ("clean", 0), third
