"""Every fault of the sandbox at requests all along a first sync: then nothing is missing, doubled or left over."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from syncer.sandbox import Fault
from tests.depth import thorough
from tests.rig import Rig

KINDS = (
    "close-before-commit", "commit-then-close", "commit-then-502", "html-200", "truncated-json",
    "401", "403-secondary", "404", "429", "500", "503",
)  # fmt: skip
STEP = 1 if thorough() else 10
"""Each kind strikes every tenth request, each beginning at another one; or every request."""


def people_begin(rig: Rig) -> None:
    """A little of everything on both sides."""
    for number in range(2):
        issue = rig.github(
            "POST", "/issues", {"title": f"Issue {number}", "body": "Text.", "labels": ["bug", "two words"]}
        )
        rig.github("POST", f"/issues/{issue['number']}/comments", {"body": f"Said {number}."})
    rig.github("PATCH", "/issues/2", {"state": "closed"})
    rig.github("POST", "/milestones", {"title": "1.0", "due_on": "2026-12-01T08:00:00Z"}, by="miab")
    rig.github("PATCH", "/issues/1", {"milestone": 1, "assignees": ["liwei"]})
    fields = {"project": {"key": "PAY"}, "summary": "Jira task", "issuetype": {"name": "Task"}, "labels": ["red"]}
    created = rig.jira(
        "POST", "/issue", {"fields": fields | {"description": rig.text("Why."), "priority": {"name": "High"}}}
    )
    rig.jira("POST", f"/issue/{created['key']}/comment", {"body": rig.text("Said in Jira.")})


def titles(rig: Rig) -> tuple[Counter[str], Counter[str]]:
    """How often each title occurs, and each comment, on GitHub and in Jira."""
    issues = next(iter(rig.box.github.repositories.values())).issues.values()
    there = Counter(issue.title for issue in issues)
    there["comments"] = sum(len(issue.comments) for issue in issues)
    here = Counter(str(issue.content["summary"]) for issue in rig.box.jira.issues.values())
    here["comments"] = sum(len(issue.content["comment"]) for issue in rig.box.jira.issues.values())
    return there, here


EVERYTHING = Counter({"Issue 0": 1, "Issue 1": 1, "Jira task": 1, "comments": 3})


@pytest.mark.slow
@pytest.mark.parametrize(("deployment", "at_once"), [("cloud", 1), ("datacenter", 1), ("cloud", 8)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_anywhere_leaves_no_trace(kind: str, deployment: str, at_once: int, tmp_path: Path) -> None:
    index = KINDS.index(kind) % STEP + (STEP // 2 if deployment == "datacenter" else 0)
    struck = 0
    while True:
        directory = tmp_path / str(index)
        directory.mkdir()
        with Rig(directory, deployment=deployment) as rig:  # type: ignore[arg-type]  # one of the two literals
            people_begin(rig)
            rig.box.log.reset()
            rig.box.faults.add(Fault(kind, index=index))  # type: ignore[arg-type]  # from KINDS
            first = rig.sync(at_once=at_once)
            if len(rig.box.log.entries) <= index:
                break
            struck += 1
            rig.box.faults.clear()
            for _ in range(3):
                rig.tick(7200)
                last = rig.sync(sweep=True)
            place = f"{kind} at request {index} ({first.outcome}: {first.message})"
            assert titles(rig) == (EVERYTHING, EVERYTHING), place
            assert (last.outcome, last.writes) == ("clean", 0), f"{place}: {last}"
        index += STEP
    assert struck
