"""Two pairs that share one repository, divided by a label."""

from __future__ import annotations

from pathlib import Path

from syncer.app.wiring import open_pairs
from syncer.contract.model import Side
from syncer.settings import load as load_settings
from syncer.store import Store
from syncer.sync.run import run_pair
from tests.rig import Rig

SECOND = """
[[pairs]]
name = "ops"
left = { tracker = "acme-jira", project = "OPS" }
right = { tracker = "github", repository = "acme/pay", filter = "label:ops" }
"""


def run_both(rig: Rig) -> dict[str, int]:
    """One run of each pair; how much each wrote."""
    rig.tick()
    first = rig.configuration().replace('repository = "acme/pay"', 'repository = "acme/pay", filter = "-label:ops"')
    file = rig.directory / "syncer.toml"
    file.write_text(first + SECOND, encoding="utf-8")
    settings = load_settings(file, environment=rig.environment, state=str(rig.directory / "state"))
    writes = {}
    with Store.open(settings.state, clock=rig.clock.now) as store:
        for context in open_pairs(settings, store, clock=rig.clock.now, sleep=rig.tick):
            tally = run_pair(context)
            assert tally.outcome == "clean", tally
            writes[context.name] = tally.writes
            for side in Side:
                context.connectors[side].close()
    rig.tick()
    return writes


def summaries(rig: Rig, project: str) -> list[str]:
    """The titles of a project's issues."""
    return sorted(
        str(issue.content["summary"]) for issue in rig.box.jira.issues.values() if issue.project.key == project
    )


def test_each_pair_carries_its_own_part_and_comes_to_rest(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.box.jira.add_project("OPS", "Operations", lead="sync-bot")
        rig.github("POST", "/issues", {"title": "Feature"})
        rig.github("POST", "/issues", {"title": "Alarm", "labels": ["ops"]})
        run_both(rig)
        assert (summaries(rig, "PAY"), summaries(rig, "OPS")) == (["Feature"], ["Alarm"])
        for _ in range(3):
            writes = run_both(rig)
        assert writes == {"pay": 0, "ops": 0}
        assert len(rig.github("GET", "/issues?state=all")) == 2
