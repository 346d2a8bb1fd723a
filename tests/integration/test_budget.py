"""A first sync within GitHub's limits: run by run, never faster than promised, with a time to resume."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from tests.rig import Rig

ISSUES = 130


def moments(rig: Rig) -> list[datetime]:
    """When content was created on GitHub, by the sandbox's clock."""
    return [entry.at for entry in rig.box.log.entries if entry.tracker == "github" and entry.verb == "POST"]


def most_within(times: list[datetime], window: timedelta) -> int:
    """The largest number of moments in any window."""
    return max(sum(start <= other < start + window for other in times) for start in times)


def test_a_first_sync_proceeds_run_by_run_within_the_limits(tmp_path: Path) -> None:
    with Rig(tmp_path, data="scale", issues=ISSUES, seeded="jira", limits=(60, 100, 1)) as rig:
        rig.box.log.reset()
        first = rig.sync()
        assert (first.outcome, first.created["right"]) == ("budget", 95), first
        assert first.remaining == ISSUES - 95  # five are left to what people make now
        assert first.resumes_at is not None
        assert rig.github("GET", "/issues?state=closed") == []  # the open ones go first
        assert rig.sync().outcome == "budget"
        rig.tick(3600)
        while (tally := rig.sync()).outcome == "budget":
            rig.tick(300)
        assert tally.outcome == "clean", tally
        assert len(rig.box.github.repositories) == 1
        (repository,) = rig.box.github.repositories.values()
        assert len(repository.issues) == ISSUES
        created = moments(rig)
        assert most_within(created, timedelta(seconds=60)) <= 60
        assert most_within(created, timedelta(hours=1)) <= 100
        assert min(later - earlier for earlier, later in pairwise(created)) >= timedelta(seconds=1)
        assert rig.sync().writes == 0
