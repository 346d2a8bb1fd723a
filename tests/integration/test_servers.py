"""What a server does not have is not carried there, and is said: by `check`, and by `status` which asks nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.commands.findings import findings_of
from syncer.commands.status import pair_status
from syncer.contract.checking import Severity
from syncer.sandbox.profiles import NAMED
from tests.rig import Rig


def task(rig: Rig, title: str, **fields: object) -> str:
    told = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": title}
    return str(rig.jira("POST", "/issue", {"fields": {**told, **fields}})["key"])


def below_another(rig: Rig) -> None:
    """A task below an epic, blocked by a second task."""
    epic = task(rig, "Checkout", issuetype={"name": "Epic"})
    below = task(rig, "Card form", parent={"key": epic})
    blocker = task(rig, "Card library")
    ends = {"inwardIssue": {"key": blocker}, "outwardIssue": {"key": below}}
    rig.jira("POST", "/issueLink", {"type": {"name": "Blocks"}, **ends})


def said(rig: Rig) -> list[str]:
    with rig.context() as context:
        return list(pair_status(context.store, "pay", rig.clock.now())["not_held"])


@pytest.mark.parametrize(("profile", "lacking"), [("ghes-3.17", ["blocked-by", "parent"]), ("ghes-3.19", ["parent"])])
def test_what_a_server_lacks_is_said_and_the_rest_is_carried(tmp_path: Path, profile: str, lacking: list[str]) -> None:
    with Rig(tmp_path, profiles=(NAMED[profile],)) as rig:
        below_another(rig)
        assert rig.sync().outcome == "clean"
        rig.github("POST", "/issues", {"title": "From GitHub"})
        tally = rig.sync()
        assert (tally.outcome, tally.lacking) == ("clean", {"right": lacking} if lacking else {})
        quiet = rig.sync()
        assert (quiet.outcome, quiet.writes, quiet.lacking) == ("clean", 0, tally.lacking)
        assert sum(quiet.requests.values()) == 2
        with rig.context() as context:
            found, _ = findings_of(context)
        warned = [each.about for each in found if each.severity is Severity.WARNING and each.about.startswith("field")]
        assert sorted(warned) == [f"field {name}" for name in lacking]
        lines = said(rig)
        assert len(lines) == bool(lacking)
        assert all(name in line for name in lacking for line in lines)
        assert len(rig.github("GET", "/issues?state=all")) == 4


def test_what_a_server_has_since_its_upgrade_is_carried_with_the_next_complete_reading(tmp_path: Path) -> None:
    with Rig(tmp_path, profiles=(NAMED["ghes-3.17"],)) as rig:
        below_another(rig)
        for _ in range(2):
            rig.sync()
        rig.box.behave_like(NAMED["github-2026-03-10"])
        for _ in range(2):
            tally = rig.sync(sweep=True)
            assert (tally.outcome, tally.lacking) == ("clean", {})
        (form,) = (
            each for each in rig.box.github.repository(rig.repository).issues.values() if each.title == "Card form"
        )
        assert form.parent is not None
        assert [each.title for each in form.blocked_by] == ["Card library"]
        assert rig.sync().writes == 0
