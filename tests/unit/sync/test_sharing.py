"""Two pairs of one project: what the one brings there does not go on with the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from syncer.contract.model import Facts, Field, Kind, Ref
from syncer.core.change import Skip
from syncer.core.rules import SubTasks
from syncer.core.waiting import Why
from syncer.sync.preview import preview_pair
from tests.hub import Hub, everything

SECRET = "Amber"
"""What only the people of one repository know."""


def overlapping(directory: Path, **rules: Any) -> Hub:
    """Two pairs made by hand whose filters overlap."""
    return Hub(directory, routes=False, admit={"a": everything, "b": everything}, rules=rules)


def kept(hub: Hub, name: str) -> list[str]:
    """Why items are kept from the repository of a pair because of another one."""
    with hub.context(name) as context:
        skips: list[Skip] = list(preview_pair(context).of(Skip))
    return [skip.reason for skip in skips if skip.why is Why.ELSEWHERE]


def issue_of_a(hub: Hub) -> Ref:
    """An issue that the people of `a` made, with a milestone and a comment of theirs."""
    release = hub.places["a"].milestone(f"{SECRET} 1.0")
    issue = hub.places["a"].create(f"{SECRET} fails", f"Of {SECRET}.")
    hub.places["a"].edit(issue, {Field.MILESTONES: (release.id,)}, by="liwei")
    hub.places["a"].comment(issue, f"{SECRET} again.", by="liwei")
    return issue


def test_neither_issues_nor_comments_nor_milestones_of_one_repository_reach_the_other(tmp_path: Path) -> None:
    hub = overlapping(tmp_path)
    issue_of_a(hub)
    hub.sync(3)
    assert len(hub.project.items()) == len(hub.project.items(Kind.COMMENT)) == 1
    assert (hub.there("b"), hub.there("b", Kind.MILESTONE)) == ([], [])
    assert SECRET not in hub.texts("b")
    assert kept(hub, "b") == ["PAY-2 came from a, by the pair a"]
    hub.quiet()


def test_a_task_of_the_project_is_in_step_with_one_place_and_what_is_said_there_stays_there(tmp_path: Path) -> None:
    hub = overlapping(tmp_path)
    hub.project.create("Task", "Ours.", by="mia.braun")
    hub.sync(2)
    (mirror,) = hub.there("a")
    hub.places["a"].comment(mirror.ref, f"{SECRET} again.", by="liwei")
    hub.places["a"].edit(mirror.ref, {Field.TITLE: f"Task of {SECRET}"}, by="liwei")
    hub.sync(3)
    assert hub.there("b") == []
    assert kept(hub, "b") == ["PAY-1 is in step with a, by the pair a"]
    hub.quiet()


def test_a_pair_whose_account_is_another_one_is_told_apart_by_the_state(tmp_path: Path) -> None:
    hub = overlapping(tmp_path)
    hub.accounts = {"a": "syncer-of-a", "b": "syncer-of-b"}
    issue_of_a(hub)
    hub.sync(2)
    hub.sync(2, sweep=True)
    assert len(hub.project.items(Kind.COMMENT)) == 1
    assert SECRET not in hub.texts("b")


def test_what_the_file_lets_through_goes_on(tmp_path: Path) -> None:
    hub = overlapping(tmp_path, shares_with=frozenset({"a", "b"}))
    issue_of_a(hub)
    hub.sync(3)
    assert [item.showing[Field.TITLE] for item in hub.there("b")] == [f"{SECRET} fails"]
    hub.quiet()


def test_what_is_in_step_with_both_already_stays_so_and_new_comments_of_the_one_do_not_reach_the_other(
    tmp_path: Path,
) -> None:
    hub = overlapping(tmp_path, shares_with=frozenset({"a", "b"}))
    hub.project.create("Task", "Ours.", by="mia.braun")
    hub.sync(2)
    hub.rules = {}
    (mirror,) = hub.there("a")
    hub.places["a"].comment(mirror.ref, f"{SECRET} again.", by="liwei")
    hub.sync(3)
    assert len(hub.there("b")) == 1
    assert SECRET not in hub.texts("b")
    hub.project.edit(hub.project.items()[0].ref, {Field.TITLE: "Renamed"}, by="mia.braun")
    hub.sync(2)
    assert [hub.there(name)[0].showing[Field.TITLE] for name in ("a", "b")] == ["Renamed", "Renamed"]


def test_a_milestone_of_the_project_crosses_with_a_task_and_takes_no_edit_from_one_of_several_places(
    tmp_path: Path,
) -> None:
    hub = Hub(tmp_path, routes=False)
    release = hub.project.milestone("Release 1")
    hub.sync(2)
    assert [hub.there(name, Kind.MILESTONE) for name in ("a", "b")] == [[], []]
    for label in ("of-a", "of-b"):
        task = hub.project.create(f"Task {label}", by="mia.braun")
        hub.project.edit(task, {Field.LABELS: (label,), Field.MILESTONES: (release.id,)}, by="mia.braun")
    hub.sync(3)
    (of_a,), (_,) = (hub.there(name, Kind.MILESTONE) for name in ("a", "b"))
    hub.places["a"].edit(of_a.ref, {Field.TITLE: f"{SECRET} 1"}, by="liwei")
    hub.sync(3, sweep=True)
    assert hub.project.items(Kind.MILESTONE)[0].showing[Field.TITLE] == "Release 1"
    assert SECRET not in hub.texts("b")
    assert any("several places" in reason for reason in hub.waits("a"))
    hub.quiet()


def test_an_issue_of_one_repository_below_a_task_of_the_other_is_not_listed_there(tmp_path: Path) -> None:
    hub = overlapping(tmp_path, sub_tasks=SubTasks.LIST)
    task = hub.project.create("Task", "Ours.", by="mia.braun", facts=Facts(level=0))
    hub.sync(2)
    hub.places["b"].create(f"{SECRET} fails", by="liwei")
    ours = hub.project.create("Our part", by="mia.braun", facts=Facts(level=-1))
    hub.sync(2)
    theirs = next(item.ref for item in hub.project.items() if item.showing[Field.TITLE] == f"{SECRET} fails")
    for below in (theirs, ours):
        hub.project.edit(below, {Field.PARENT: task.id}, facts=Facts(level=-1), by="mia.braun")
    hub.sync(3)
    assert "Our part" in hub.texts("a")
    assert SECRET not in hub.texts("a")
    hub.quiet()
