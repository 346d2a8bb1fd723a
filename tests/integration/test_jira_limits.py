"""A limit of Jira that lasts ends the run with a time to resume, without a request too many, and the rest follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.sandbox.jira.ratelimit import CloudLimits, Limiter, RateLimit
from tests.rig import Rig

ISSUES = 4
QUOTA = 9
LIMITS: dict[str, Limiter] = {
    "cloud": CloudLimits(quota=QUOTA),
    "datacenter": RateLimit(capacity=QUOTA, fill_rate=QUOTA, interval=3600),
}


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_used_up_quota_stops_the_run_and_the_next_one_goes_on(tmp_path: Path, deployment: str) -> None:
    with Rig(tmp_path, deployment=deployment, data="scale", issues=ISSUES, comments=1) as rig:  # type: ignore[arg-type]
        rig.box.jira.rate_limit = LIMITS[deployment]
        outcomes = []
        for _ in range(6):
            rig.box.log.reset()
            tally = rig.sync()
            outcomes.append(tally.outcome)
            refused = [entry for entry in rig.box.log.entries if entry.status == 429]
            assert len(refused) <= 1  # asked once, then nothing is sent any more
            if tally.outcome != "budget":
                break
            assert tally.resumes_at is not None
            resumes = datetime.fromisoformat(tally.resumes_at)
            assert rig.clock.now() < resumes <= rig.clock.now() + timedelta(hours=1)
            # On Data Center there is one new token by then, and reading alone takes more.
            rig.tick(3600 if deployment == "datacenter" else (resumes - rig.clock.now()).total_seconds() + 1)
        assert outcomes[:1] == ["budget"]
        assert outcomes[-1] == "clean", (outcomes, tally)
        assert len(rig.box.jira.issues) == ISSUES
        assert sum(len(issue.content["comment"]) for issue in rig.box.jira.issues.values()) == ISSUES
        rig.box.jira.rate_limit = CloudLimits()
        assert rig.sync().writes == 0
