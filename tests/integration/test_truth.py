"""The real connectors against the sandbox: what a tracker refuses, ignores or loses is listed, and written at last."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.core.waiting import Why
from syncer.sandbox import Fault
from syncer.sandbox.datasets import BOT
from syncer.sync.ledger import waiting
from syncer.sync.verify import verify_pair
from tests.rig import Rig
from tests.truth import silent_differences

DEPLOYMENTS = ("cloud", "datacenter")
Deployment = Literal["cloud", "datacenter"]


def listed(rig: Rig) -> list[tuple[str | None, str]]:
    with rig.context() as context:
        return [(one.field and one.field.value, one.why.value) for one in waiting(context.store, "pay")]


def silent(rig: Rig) -> list[str]:
    with rig.context() as context:
        return silent_differences(context)


def rest(rig: Rig) -> None:
    rig.tick(3600)
    rig.sync()
    rig.sync()
    rig.sync(sweep=True)
    assert silent(rig) == []


def jira_issue(rig: Rig) -> Any:
    (issue,) = rig.box.jira.issues.values()
    return issue.content


def github_issue(rig: Rig) -> Any:
    return rig.box.github.repository(rig.repository).issues[1]


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
@pytest.mark.parametrize("kind", ["500", "503", "commit-then-502", "close-before-commit"])
def test_a_closed_issue_whose_transition_meets_a_fault_is_done_in_the_end(
    kind: str, deployment: Deployment, tmp_path: Path
) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.github("POST", "/issues", {"title": "Old bug", "body": "Text."})
        rig.github("PATCH", "/issues/1", {"state": "closed"})
        rig.box.faults.add(Fault(kind, verb="POST", path="/transitions"))  # type: ignore[arg-type]
        rig.sync()
        rig.box.faults.clear()
        rest(rig)
        assert jira_issue(rig)["status"].name == "Done"
        assert listed(rig) == []


def test_labels_that_github_ignores_are_listed_and_written_when_the_role_is_back(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        fields = {"project": {"key": "PAY"}, "summary": "Task", "issuetype": {"name": "Task"}, "labels": ["red"]}
        rig.box.github.add_collaborator(rig.repository, BOT, "read")
        rig.jira("POST", "/issue", {"fields": {**fields, "assignee": {"id": "liwei"}}})
        rig.sync()
        rig.sync()
        assert {("labels", Why.REFUSED.value), ("assignees", Why.REFUSED.value)} <= set(listed(rig))
        assert list(jira_issue(rig)["labels"]) == ["red"]
        assert silent(rig) == []
        rig.box.github.add_collaborator(rig.repository, BOT, "maintain")
        rest(rig)
        assert [label.name for label in github_issue(rig).labels] == ["red"]
        assert [account.login for account in github_issue(rig).assignees] == ["liwei"]
        assert listed(rig) == []


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_the_reason_of_a_closed_issue_is_carried_both_ways(deployment: Deployment, tmp_path: Path) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.github("POST", "/issues", {"title": "Bug"})
        rig.github("PATCH", "/issues/1", {"state": "closed", "state_reason": "not_planned"})
        rig.sync()
        rig.sync()
        (key,) = rig.box.jira.issues
        assert jira_issue(rig)["status"].name == "Won't Do"
        found = rig.jira("GET", f"/issue/{key}/transitions")["transitions"]
        done = next(each["id"] for each in found if each["to"]["name"] == "Done")
        rig.jira("POST", f"/issue/{key}/transitions", {"transition": {"id": done}})
        rest(rig)
        assert (github_issue(rig).state, github_issue(rig).state_reason) == ("closed", "completed")
        rig.github("PATCH", "/issues/1", {"state": "open"})
        rig.github("PATCH", "/issues/1", {"state": "closed", "state_reason": "not_planned"})
        rest(rig)
        assert jira_issue(rig)["status"].name == "Won't Do"
        assert listed(rig) == []


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_an_unknown_component_keeps_a_good_one_not_away(deployment: Deployment, tmp_path: Path) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.box.jira.add_component("PAY", "api")
        rig.github("POST", "/issues", {"title": "Bug", "labels": ["component: api", "component: nowhere"]})
        rig.sync()
        rig.sync()
        assert [each.name for each in jira_issue(rig)["components"]] == ["api"]
        with rig.context() as context:
            (one,) = waiting(context.store, "pay")
            assert "nowhere" in one.reason
        rig.box.jira.add_component("PAY", "nowhere")
        rest(rig)
        assert sorted(each.name for each in jira_issue(rig)["components"]) == ["api", "nowhere"]
        assert listed(rig) == []


def test_a_label_that_is_too_long_for_github_keeps_no_other_away(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        labels = ["red", "l" * 60]
        fields = {"project": {"key": "PAY"}, "summary": "Task", "issuetype": {"name": "Task"}, "labels": labels}
        rig.jira("POST", "/issue", {"fields": fields})
        rig.sync()
        rig.sync()
        assert [label.name for label in github_issue(rig).labels] == ["red"]
        assert listed(rig) == [("labels", Why.LIMIT.value)]
        rest(rig)


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_defaults_odd_labels_and_assignees_agree(deployment: Deployment, tmp_path: Path) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.github("POST", "/issues", {"title": "Plain"})
        rig.github("POST", "/issues", {"title": "Tab", "labels": ["two\twords", "a_b c"]})
        rig.sync()
        rig.sync()
        with rig.context() as context:
            found = verify_pair(context)
        assert found.differences == []
        assert found.in_order
        assert silent(rig) == []


def stopped_after_the_create(rig: Rig) -> None:
    """A run that ends when the issue was made, before what belongs to it was written."""
    rig.sync(stop=lambda: bool(rig.box.jira.issues))


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_an_edit_of_a_fresh_jira_issue_is_carried_and_not_reverted(deployment: Deployment, tmp_path: Path) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.github("POST", "/issues", {"title": "Bug", "body": "Text.", "labels": ["red", "blue"]})
        rig.github("PATCH", "/issues/1", {"state": "closed"})
        stopped_after_the_create(rig)
        (key,) = rig.box.jira.issues
        rig.jira("PUT", f"/issue/{key}", {"fields": {"summary": "Bug, renamed", "labels": ["red"]}})
        rest(rig)
        assert github_issue(rig).title == "Bug, renamed"
        assert [label.name for label in github_issue(rig).labels] == ["red"]
        assert jira_issue(rig)["summary"] == "Bug, renamed"
        assert jira_issue(rig)["status"].name == "Done"
        assert listed(rig) == []


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_an_edited_text_of_a_fresh_jira_issue_is_carried(deployment: Deployment, tmp_path: Path) -> None:
    with Rig(tmp_path, deployment) as rig:
        for number in (1, 2):
            rig.github("POST", "/issues", {"title": f"Bug {number}", "body": "Text."})
            rig.github("PATCH", f"/issues/{number}", {"state": "closed"})
        stopped_after_the_create(rig)
        issues = rig.box.jira.issues.items()
        second = next(key for key, issue in issues if issue.content["summary"] == "Bug 2")  # told by its key alone
        rig.jira("PUT", f"/issue/{second}", {"fields": {"description": rig.text("Another text.")}})
        rest(rig)
        assert rig.box.github.repository(rig.repository).issues[2].body == "Another text."
        assert listed(rig) == []


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_a_version_and_a_milestone_of_one_name_keep_what_they_say(deployment: Deployment, tmp_path: Path) -> None:
    with Rig(tmp_path, deployment) as rig:
        rig.box.jira.add_version("PAY", "1.0", released=True, description="In Jira")
        rig.github("POST", "/milestones", {"title": "1.0", "description": "On GitHub"}, by="miab")
        rig.sync()
        rest(rig)
        (version,) = rig.jira("GET", "/project/PAY/versions")
        assert (version["released"], version["description"]) == (True, "In Jira")
        milestone = rig.box.github.repository(rig.repository).milestones[1]
        assert (milestone.state, milestone.description) == ("open", "On GitHub")
        assert set(listed(rig)) == {("body", "conflict"), ("status", "conflict")}
