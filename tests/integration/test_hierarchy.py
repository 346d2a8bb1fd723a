"""Parents and blockers between Jira and GitHub, over real sockets: both ways, refusals, rings, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.sandbox.jira.fields import EPIC_LINK, EPIC_NAME
from tests.rig import Rig

Deployment = Literal["cloud", "datacenter"]


class People:
    """What people do in a rig, and what they see there."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.cloud = rig.deployment == "cloud"

    def issue(self, title: str, kind: str = "Task", **more: Any) -> str:
        """The key of a new issue in Jira."""
        named = {EPIC_NAME: title} if kind == "Epic" and not self.cloud else {}
        fields = {"project": {"key": self.rig.project}, "issuetype": {"name": kind}, "summary": title}
        key: str = self.rig.jira("POST", "/issue", {"fields": {**fields, **named, **more}})["key"]
        return key

    def put_below(self, child: str, epic: str | None) -> None:
        """A person gives an issue an epic."""
        cloud, server = {"parent": {"key": epic} if epic else None}, {EPIC_LINK: epic}
        self.rig.jira("PUT", f"/issue/{child}", {"fields": cloud if self.cloud else server})

    def block(self, blocked: str, blocker: str) -> None:
        """A person links two issues."""
        ends = {"inwardIssue": {"key": blocker}, "outwardIssue": {"key": blocked}}
        self.rig.jira("POST", "/issueLink", {"type": {"name": "Blocks"}, **ends})

    def unblock(self) -> None:
        """A person deletes all links."""
        for link in list(self.rig.box.jira.links):
            self.rig.jira("DELETE", f"/issueLink/{link}")

    def rename_in_jira(self, key: str, title: str) -> None:
        """A person changes a title, the least that a person can change."""
        self.rig.jira("PUT", f"/issue/{key}", {"fields": {"summary": title}})

    def rename_in_github(self, title: str, new: str) -> None:
        """The same in GitHub."""
        self.rig.github("PATCH", f"/issues/{self.number(title)}", {"title": new})

    def cost_of(self, change: Callable[[], None]) -> int:
        """How many requests a run sends that has this change to carry, and no other."""
        self.rig.sync()
        self.rig.tick(7200)
        change()
        tally = self.rig.sync()
        assert tally.outcome == "clean", tally
        return sum(tally.requests.values())

    def jira(self) -> dict[str, tuple[str | None, list[str]]]:
        """Of each issue by its title: the title of its epic or parent, and of those that block it."""
        titles = {issue.id: str(issue.content["summary"]) for issue in self.rig.box.jira.issues.values()}
        shown = {}
        for issue in self.rig.box.jira.issues.values():
            above = issue.content["parent"] or issue.content.get(EPIC_LINK)
            blockers = [link.source for link in issue.content["issuelinks"] if link.target == issue.id]
            shown[titles[issue.id]] = titles[above.id] if above else None, sorted(titles[each] for each in blockers)
        return shown

    def github(self) -> dict[str, tuple[str | None, list[str]]]:
        """The same of GitHub."""
        repository = self.rig.box.github.repository(self.rig.repository)
        return {
            issue.title: (issue.parent.title if issue.parent else None, sorted(each.title for each in issue.blocked_by))
            for issue in repository.issues.values()
        }

    def number(self, title: str) -> int:
        """The number of an issue in GitHub."""
        repository = self.rig.box.github.repository(self.rig.repository)
        return next(issue.number for issue in repository.issues.values() if issue.title == title)

    def native(self, title: str) -> int:
        """The id of an issue in GitHub."""
        repository = self.rig.box.github.repository(self.rig.repository)
        return next(issue.id for issue in repository.issues.values() if issue.title == title)

    def tie(self, verb: str, child: str, parent: str) -> None:
        """A person makes an issue a sub-issue in GitHub, or no more."""
        path = f"/issues/{self.number(parent)}/sub_issue" + ("s" if verb == "POST" else "")
        self.rig.github(verb, path, {"sub_issue_id": self.native(child)})

    def wait_for(self, blocked: str, blocker: str) -> None:
        """A person adds a dependency in GitHub."""
        path = f"/issues/{self.number(blocked)}/dependencies/blocked_by"
        self.rig.github("POST", path, {"issue_id": self.native(blocker)})

    def no_longer_wait_for(self, blocked: str, blocker: str) -> None:
        """A person removes a dependency in GitHub."""
        path = f"/issues/{self.number(blocked)}/dependencies/blocked_by/{self.native(blocker)}"
        self.rig.github("DELETE", path)


@pytest.fixture(params=["cloud", "datacenter"])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    epics = f'epic-link = "{EPIC_LINK}"' if request.param == "datacenter" else ""
    with Rig(tmp_path, deployment=request.param, jira_extra=epics) as rig:
        yield People(rig)


def test_an_epic_with_its_children_and_blockers_crosses_and_comes_back_changed(people: People) -> None:
    rig = people.rig
    epic, child, blocker = people.issue("Epic", "Epic"), people.issue("Child"), people.issue("Blocker")
    people.put_below(child, epic)
    people.block(child, blocker)
    assert rig.sync().outcome == "clean"
    assert (
        people.github() == people.jira() == {"Epic": (None, []), "Child": ("Epic", ["Blocker"]), "Blocker": (None, [])}
    )
    assert rig.sync().writes == 0
    people.tie("DELETE", "Child", "Epic")
    people.tie("POST", "Blocker", "Epic")
    assert rig.sync().outcome == "clean"
    assert (
        people.github() == people.jira() == {"Epic": (None, []), "Child": (None, ["Blocker"]), "Blocker": ("Epic", [])}
    )
    assert rig.sync().writes == 0


def test_a_dependency_changed_in_github_moves_no_time_and_is_found_by_the_complete_reading(people: People) -> None:
    rig = people.rig
    for title in ("Waiting", "Blocker"):
        people.issue(title)
    rig.sync()
    people.wait_for("Waiting", "Blocker")
    rig.tick(3600)
    rig.sync(sweep=True)
    assert people.jira()["Waiting"] == (None, ["Blocker"])
    assert rig.sync().writes == 0
    people.no_longer_wait_for("Waiting", "Blocker")
    rig.tick(3600)
    rig.sync(sweep=True)
    assert people.jira()["Waiting"] == (None, [])
    assert rig.sync().writes == 0


def test_what_the_hierarchy_of_jira_does_not_allow_is_held_with_its_reason(people: People) -> None:
    rig = people.rig
    for title in ("Task", "Other task"):
        people.issue(title)
    rig.sync()
    people.tie("POST", "Task", "Other task")
    tally = rig.sync()
    assert (tally.outcome, tally.held) == ("held", 1)
    (example,) = [example for example in tally.skips if example["why"] == "rejected"]
    assert "parent" in example["reason"]
    rig.tick(3600)
    rig.sync()
    rig.sync()
    assert sum(rig.sync().requests.values()) == 2  # the pauses between two tries grow
    people.tie("DELETE", "Task", "Other task")
    assert (rig.sync().held, rig.sync().writes) == (0, 0)


def test_a_ring_in_jira_is_not_written_to_github(people: People) -> None:
    rig = people.rig
    one, other = people.issue("One"), people.issue("Other")
    people.block(one, other)
    people.block(other, one)
    tally = rig.sync()
    assert (tally.outcome, tally.held) == ("held", 1)
    assert any(example["why"] == "ring" and "#1" in example["reason"] for example in tally.skips)
    assert sorted(len(blockers) for _, blockers in people.github().values()) == [0, 1]
    assert rig.sync().writes == 0
    people.unblock()
    assert rig.sync().outcome == "clean"
    assert people.github() == people.jira() == {"One": (None, []), "Other": (None, [])}


def test_edges_cost_requests_only_when_they_change(people: People) -> None:
    rig = people.rig
    epic = people.issue("Epic", "Epic")
    keys = [people.issue(f"Task {number}") for number in range(5)]
    for key, before in zip(keys[1:], keys, strict=False):
        people.put_below(key, epic)
        people.block(key, before)
    rig.sync()
    assert people.cost_of(lambda: None) == 2
    as_much = people.cost_of(lambda: people.rename_in_jira(keys[4], "Task four"))
    # Both ends move, so the run asks who did it: statuses and changelog. Data Center's question of who can read the
    # task leaves no request for that to a run in which one task changed.
    who = 2 if rig.deployment == "datacenter" else 0
    assert people.cost_of(lambda: people.block(keys[4], keys[0])) == as_much + who
    as_much = people.cost_of(lambda: people.rename_in_github("Task 1", "Task one"))
    assert people.cost_of(lambda: people.tie("POST", "Task 0", "Epic")) <= as_much
    assert people.cost_of(lambda: people.tie("DELETE", "Task 0", "Epic")) <= as_much
    rig.tick(7200)
    assert sum(rig.sync(sweep=True).requests.values()) <= 60
    assert people.github() == people.jira()


class Parted(Rig):
    """A pair that makes sub-tasks of issues with a label."""

    def configuration(self) -> str:
        name = "Subtask" if self.deployment == "cloud" else "Sub-task"
        return (
            super().configuration().replace('["Bug", "label:bug"]', f'["{name}", "label:part"], ["Bug", "label:bug"]')
        )


@pytest.fixture(params=["cloud", "datacenter"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    with Parted(tmp_path, deployment=request.param) as rig:
        yield People(rig)


def test_a_sub_issue_becomes_a_sub_task_below_its_parent_where_the_types_say_so(parts: People) -> None:
    rig = parts.rig
    parts.issue("Whole")
    assert rig.sync().outcome == "clean"
    rig.github("POST", "/issues", {"title": "Part", "labels": ["part"]})
    parts.tie("POST", "Part", "Whole")
    assert rig.sync().outcome == "clean"
    assert parts.jira() == {"Whole": (None, []), "Part": ("Whole", [])}
    (part,) = [each for each in rig.box.jira.issues.values() if each.content["summary"] == "Part"]
    assert part.content["issuetype"].subtask
    assert rig.sync().writes == 0
    assert rig.sync(sweep=True).writes == 0


def test_a_sub_task_waits_for_its_parent_that_is_new_as_well(parts: People) -> None:
    rig = parts.rig
    rig.github("POST", "/issues", {"title": "Part", "labels": ["part"]})
    rig.github("POST", "/issues", {"title": "Whole"})
    parts.tie("POST", "Part", "Whole")
    for _ in range(3):
        rig.sync()
        rig.tick(3600)
    assert parts.jira() == {"Whole": (None, []), "Part": ("Whole", [])}
    assert rig.sync().outcome == "clean"
