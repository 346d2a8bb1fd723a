"""What a tracker stops telling is not taken away on the other side."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from syncer.sandbox.profiles import GITHUB_COM, Profile, Shown
from tests.rig import Rig

UNTOLD_BY_JIRA = (
    Shown("user", "accountId", "absent", "varied", always=True),
    Shown("issuelink", "type", "absent", "varied", always=True),
    Shown("issue.fields", "description", "absent", "varied", always=True),
    Shown("issue.fields", "priority", "absent", "varied", always=True),
    Shown("issue.fields", "fixVersions", "absent", "varied", always=True),
)
UNTOLD_BY_GITHUB = (
    *GITHUB_COM.differences,
    Shown("issue", "milestone", "absent", "varied", always=True),
    Shown("milestone", "due_on", "absent", "varied", always=True),
    Shown("issue", "sub_issues_summary", "absent", "varied", always=True),
    Shown("issue", "parent_issue_url", "absent", "varied", always=True),
    Shown("issue", "issue_dependencies_summary", "absent", "varied", always=True),
)


def test_what_is_no_longer_told_stays_on_the_other_side(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        version = rig.box.jira.add_version("PAY", "Spring", release_date=date(2026, 12, 1)).id
        made = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}}
        fields = {"description": rig.text("Text"), "priority": {"name": "High"}, "fixVersions": [{"id": version}]}
        rig.jira("POST", "/issue", {"fields": {**made, **fields, "summary": "Rich", "assignee": {"accountId": "mia"}}})
        rig.jira("POST", "/issue", {"fields": {**made, "summary": "Blocker"}})
        ends = {"inwardIssue": {"key": "PAY-2"}, "outwardIssue": {"key": "PAY-1"}}
        rig.jira("POST", "/issueLink", {"type": {"name": "Blocks"}, **ends})
        for _ in range(2):
            assert rig.sync().outcome == "clean"
        before = shown(rig)
        assert all(before.values()), before

        rig.box.behave_like(Profile("varied", "varied", "jira", "cloud", UNTOLD_BY_JIRA))
        rig.box.behave_like(Profile("varied", "varied", "github", differences=UNTOLD_BY_GITHUB))
        rig.jira("PUT", "/issue/PAY-1", {"fields": {"labels": ["web"]}})
        rig.github("PATCH", f"/issues/{before['number']}", {"title": "Rich, new"})
        tallies = [rig.sync(sweep=True) for _ in range(3)]
        assert [tally.outcome for tally in tallies] == ["clean"] * 3
        assert tallies[-1].writes == 0
        after = shown(rig)
        assert after.pop("labels") == ["priority: high", "web"]
        assert after.pop("title") == after.pop("jira title") == "Rich, new"
        assert after == {name: value for name, value in before.items() if name not in ("labels", "title", "jira title")}
        rig.box.log.reset()  # no document describes what was varied


def shown(rig: Rig) -> dict[str, object]:
    """What both sides hold of the task, as the sandbox has it."""
    (hub,) = (each for each in rig.box.github.repository(rig.repository).issues.values() if each.title[:4] == "Rich")
    (content,) = (each.content for each in rig.box.jira.issues.values() if each.key == "PAY-1")
    return {
        "number": hub.number,
        "title": hub.title,
        "body": hub.body,
        "assignees": [each.login for each in hub.assignees],
        "labels": sorted(label.name for label in hub.labels),
        "milestone": hub.milestone and (hub.milestone.title, hub.milestone.due_on),
        "blocked": [each.title for each in hub.blocked_by],
        "jira title": content["summary"],
        "jira assignee": content["assignee"] and content["assignee"].identifier,
        "jira text": content["description"],
        "jira versions": [(each.name, each.release_date) for each in content["fixVersions"]],
        "jira links": len(content["issuelinks"]),
    }
