"""What a project requires of a new issue, and its filter asks of one: told by `check`, given by `create-fields`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.commands.findings import findings_of
from tests.rig import Rig

DEPLOYMENTS = pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
Deployment = Literal["cloud", "datacenter"]


def told(rig: Rig) -> dict[str, str]:
    with rig.context() as context:
        return {finding.about: f"{finding.message} | {finding.fix}" for finding in findings_of(context)[0]}


def shown(rig: Rig, fields: str) -> list[dict[str, Any]]:
    """Fields of all issues, as a person sees them."""
    search = "/search/jql" if rig.deployment == "cloud" else "/search"
    return [issue["fields"] for issue in rig.jira("GET", f"{search}?jql=project=PAY&fields={fields}")["issues"]]


def field_of(rig: Rig, **changes: Any) -> str:
    """A required field of the project."""
    made = rig.box.jira.add_custom_field("Team", "option", ["Backend", "Frontend"])
    next(iter(rig.box.jira.projects.values())).required.add(made.id)
    return str(made.id)


@DEPLOYMENTS
def test_a_required_field_is_named_before_the_first_create_and_given_by_create_fields(
    tmp_path: Path, deployment: Deployment
) -> None:
    with Rig(tmp_path, deployment) as rig:
        team = field_of(rig)
        line = f'create-fields = {{ {team} = {{ value = "Backend" }} }}'
        found = told(rig)[f'field "Team" ({team})']
        assert "requires it of a new Task or Bug: the create is refused without it" in found
        assert f"left = {{ ..., {line} }}" in found
        rig.left_extra = f"left.{line}"
        assert f'field "Team" ({team})' not in told(rig)
        rig.github("POST", "/issues", {"title": "Refund is late"})
        assert rig.sync().outcome == "clean"
        assert [one[team]["value"] for one in shown(rig, team)] == ["Backend"]


@DEPLOYMENTS
def test_a_default_assignee_is_given_where_the_other_side_has_none(tmp_path: Path, deployment: Deployment) -> None:
    with Rig(tmp_path, deployment, left_extra='left.create-fields = { assignee = "mia" }') as rig:
        rig.github("POST", "/issues", {"title": "Nobody's"})
        rig.github("POST", "/issues", {"title": "Li Wei's", "assignees": ["liwei"]})
        rig.sync()
        issues = shown(rig, "summary,assignee")
        key = "accountId" if deployment == "cloud" else "name"
        assert {one["summary"]: one["assignee"][key] for one in issues} == {
            "Nobody's": "mia",
            "Li Wei's": "liwei",
        }


@DEPLOYMENTS
def test_what_is_created_on_a_filtered_side_stays_in_step(tmp_path: Path, deployment: Deployment) -> None:
    """A community's issues come into the project under the label that the filter asks for, and are kept in step."""
    extra = 'left.filter = "labels = public"\nleft.create-fields = { labels = ["public"] }'
    with Rig(tmp_path, deployment, left_extra=extra) as rig:
        numbers = [rig.github("POST", "/issues", {"title": f"Issue {n}"})["number"] for n in range(3)]
        for sweep in (False, False, True):
            assert rig.sync(sweep=sweep).outcome == "clean"
        for number in numbers:
            rig.github("PATCH", f"/issues/{number}", {"title": f"Renamed {number}"})
        for sweep in (False, True):
            assert rig.sync(sweep=sweep).outcome == "clean"
        issues = shown(rig, "summary,labels")
        assert {one["summary"] for one in issues} == {f"Renamed {number}" for number in numbers}
        assert [one["labels"] for one in issues] == [["public"]] * 3


def test_a_field_that_is_not_on_the_create_screen_is_told(tmp_path: Path) -> None:
    with Rig(tmp_path, left_extra="left.create-fields = { customfield_99999 = 3 }") as rig:
        assert "create screen of Task does not have it" in told(rig)["field customfield_99999"]
