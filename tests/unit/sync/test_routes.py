"""A task that changes its route: it moves, with what the project itself wrote, and is not copied."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.link_reason import Because
from syncer.core.records import LinkState
from syncer.core.retention import Retention
from syncer.sync import steering
from syncer.sync.steering import Spot
from tests.hub import OF_A, OF_B, Hub, everything

SECRET = "Amber"
"""What only the people of one repository know."""


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def task_of_a(hub: Hub) -> tuple[Ref, Observed]:
    """A task of the project in step with `a`, with a comment of the project, and its mirror."""
    task = hub.project.create("Task", "Of the project.", by="mia.braun")
    hub.label(task, OF_A)
    hub.project.comment(task, "Said in the project.", by="mia.braun")
    hub.sync(3)
    (mirror,) = hub.there("a")
    return task, mirror


def is_done(item: Observed) -> bool:
    return getattr(item.showing[Field.STATUS], "category", "") == "done"


def text_of(item: Observed) -> str:
    return str(item.showing[Field.BODY])


def of_project(hub: Hub) -> Observed:
    (task,) = hub.project.items()
    return task


def test_a_task_moves_with_the_words_of_the_project_and_nothing_else(hub: Hub) -> None:
    task, mirror = task_of_a(hub)
    hub.places["a"].comment(mirror.ref, f"{SECRET} asks.", by="liwei")
    hub.sync(2)
    assert len(hub.project.items(Kind.COMMENT)) == 2
    hub.label(task, OF_B)
    hub.sync(4)
    (closed,), (moved,) = hub.there("a"), hub.there("b")
    assert is_done(closed)
    assert "Moved. Synced from" in text_of(closed)
    assert not is_done(moved)
    assert not is_done(of_project(hub))
    assert (moved.showing[Field.TITLE], "Of the project." in text_of(moved)) == ("Task", True)
    assert ["Said in the project." in text_of(one) for one in hub.there("b", Kind.COMMENT)] == [True]
    assert SECRET not in hub.texts("b")
    assert "b.example" not in hub.texts("a")
    hub.quiet()
    hub.project.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    hub.places["a"].comment(mirror.ref, f"{SECRET} asks again.", by="liwei")
    hub.sync(3, sweep=True)
    assert [hub.there(name)[0].showing[Field.TITLE] for name in ("a", "b")] == ["Task", "Renamed"]
    assert SECRET not in hub.texts("b")
    assert (hub.waits("a"), hub.waits("b")) == ([], [])


def test_what_people_of_the_first_place_wrote_into_the_task_stays_behind_until_somebody_lets_it_through(
    hub: Hub,
) -> None:
    task, mirror = task_of_a(hub)
    hub.places["a"].edit(mirror.ref, {Field.BODY: f"Of the project.\n\nBy {SECRET}.\n\nSynced from PAY-1"}, by="liwei")
    hub.sync(2)
    assert SECRET in text_of(of_project(hub))
    hub.project.edit(task, {Field.BODY: f"{text_of(of_project(hub))}\n\nMore."}, by="mia.braun")
    hub.label(task, OF_B)
    hub.sync(4)
    (moved,) = hub.there("b")
    assert "project" not in text_of(moved)
    assert SECRET not in hub.texts("b")
    assert any("was written in another place" in reason for reason in hub.waits("b"))
    hub.quiet()
    with hub.context("b") as context, context.store.lease("b", "x") as lease:
        item = context.store.observed.get("b", Side.LEFT, task)
        assert item is not None
        assert steering.resume(Spot(context.store, "b", Side.LEFT, item), lease)
    hub.sync(2)
    assert SECRET in hub.texts("b")
    hub.quiet()


def test_what_people_of_a_place_wrote_is_known_when_the_journal_has_forgotten_it(hub: Hub) -> None:
    task, mirror = task_of_a(hub)
    hub.places["a"].edit(mirror.ref, {Field.TITLE: f"Task of {SECRET}", Field.LABELS: ("amber",)}, by="liwei")
    hub.sync(2)
    with hub.context("a") as context, context.store.lease("a", "x") as lease:
        context.store.expired.prune(lease, Retention(), hub.clock() + timedelta(days=100))
    hub.label(task, OF_B, "amber")
    hub.sync(3)
    assert hub.there("b") == []
    hub.project.edit(task, {Field.TITLE: "Task of ours"}, by="mia.braun")
    hub.sync(3)
    assert [one.showing[Field.TITLE] for one in hub.there("b")] == ["Task of ours"]
    assert "amber" not in hub.texts("b").casefold()


def test_a_title_of_the_first_place_waits_until_the_project_has_its_own(hub: Hub) -> None:
    task, mirror = task_of_a(hub)
    hub.places["a"].edit(mirror.ref, {Field.TITLE: f"Task of {SECRET}"}, by="liwei")
    hub.sync(2)
    hub.label(task, OF_B)
    hub.sync(4)
    assert hub.there("b") == []
    assert not is_done(hub.there("a")[0])
    assert hub.waits("a") == ["PAY-1 left the rule of its route, and no other place took it"]
    hub.project.edit(task, {Field.TITLE: "Task of ours"}, by="mia.braun")
    hub.sync(4)
    assert [one.showing[Field.TITLE] for one in hub.there("b")] == ["Task of ours"]
    assert is_done(hub.there("a")[0])
    hub.quiet()


def test_a_task_that_comes_back_has_its_first_mirror_opened_again_without_words_of_the_other_place(hub: Hub) -> None:
    task, mirror = task_of_a(hub)
    hub.label(task, OF_B)
    hub.sync(4)
    (of_b,) = hub.there("b")
    hub.places["b"].edit(of_b.ref, {Field.TITLE: f"Task of {SECRET}"}, by="liwei")
    hub.places["b"].comment(of_b.ref, f"{SECRET} asks.", by="liwei")
    hub.sync(2)
    hub.project.comment(task, "Meanwhile.", by="mia.braun")
    hub.label(task, OF_A)
    hub.sync(5)
    (again,), (left,) = hub.there("a"), hub.there("b")
    assert again.ref == mirror.ref
    assert (is_done(again), is_done(left), is_done(of_project(hub))) == (False, True, False)
    assert "Moved" not in text_of(again)
    assert SECRET not in hub.texts("a")
    assert any("Meanwhile." in text_of(one) for one in hub.there("a", Kind.COMMENT))
    hub.quiet()
    for label in (OF_B, OF_A, OF_B):
        hub.label(task, label)
        hub.sync(5)
    assert (len(hub.there("a")), len(hub.there("b")), len(hub.project.items())) == (1, 1, 1)
    assert (is_done(hub.there("a")[0]), is_done(hub.there("b")[0])) == (True, False)
    hub.quiet()


def test_a_task_that_no_rule_admits_any_more_is_held_and_told_once_every_place_has_looked(hub: Hub) -> None:
    task, _ = task_of_a(hub)
    hub.label(task)
    hub.run("a")
    assert hub.waits("a") == ["PAY-1 is on its way to another place"]
    hub.sync(2)
    assert hub.waits("a") == ["PAY-1 left the rule of its route, and no other place took it"]
    assert (is_done(hub.there("a")[0]), hub.there("b")) == (False, [])
    hub.quiet()
    hub.label(task, OF_A)
    hub.project.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    hub.sync(3)
    assert (hub.there("a")[0].showing[Field.TITLE], hub.waits("a")) == ("Renamed", [])
    hub.quiet()


@pytest.mark.parametrize("routes", [True, False], ids=["corrected", "gone"])
def test_what_left_a_rule_goes_on_once_the_file_has_another_one(hub: Hub, *, routes: bool) -> None:
    """Nobody has to touch each of the tasks that a mistake in the file set aside."""
    task, _ = task_of_a(hub)
    hub.label(task)
    hub.sync(4)
    assert len(hub.waits("a")) == 1
    hub.admit, hub.routes = {**hub.admit, "a": everything}, routes
    corrected = {"filters": {Side.LEFT: "another"}, "fingerprint": "another"}
    for _ in range(3):
        hub.run("a", **corrected)
    assert hub.waits("a") == []
    hub.project.edit(task, {Field.TITLE: "Renamed"}, by="mia.braun")
    hub.run("a", **corrected)
    assert [one.showing[Field.TITLE] for one in hub.there("a")] == ["Renamed"]
    assert not is_done(hub.there("a")[0])


def test_an_issue_of_a_repository_never_moves_to_another_one(hub: Hub) -> None:
    hub.admit = {**hub.admit, "a": lambda item: OF_B not in item.showing[Field.LABELS]}  # type: ignore[operator]
    issue = hub.places["a"].create(f"{SECRET} fails", "Ours.", by="liwei")
    hub.sync(2)
    hub.label(of_project(hub).ref, OF_B)
    hub.sync(4, sweep=True)
    assert hub.there("b") == []
    assert not is_done(hub.places["a"].show(issue))
    assert hub.waits("a") == ["PAY-1 left the rule of its route, and no other place took it"]
    hub.quiet()


@pytest.mark.parametrize("pause", ["label", "command"])
def test_a_paused_task_moves_once_it_goes_on(hub: Hub, pause: str) -> None:
    hub.rules = {"steer_label": "sync: off"}
    task, _ = task_of_a(hub)
    with hub.context("a") as context, context.store.lease("a", "x") as lease:
        item = context.store.observed.get("a", Side.LEFT, task)
        assert item is not None
        spot = Spot(context.store, "a", Side.LEFT, item)
        if pause == "command":
            steering.pause(spot, lease, by="Mia", since=hub.clock(), why="", until=None)
    hub.label(task, OF_B, *(["sync:_off"] if pause == "label" else []))
    assert hub.sync(4) == 0
    assert hub.there("b") == []
    if pause == "label":
        hub.label(task, OF_B)
    else:
        with hub.context("a") as context, context.store.lease("a", "x") as lease:
            assert steering.resume(Spot(context.store, "a", Side.LEFT, spot.item), lease)
    hub.sync(4)
    assert (is_done(hub.there("a")[0]), len(hub.there("b"))) == (True, 1)
    hub.quiet()


def test_what_was_edited_on_a_mirror_and_not_carried_keeps_it_open_and_is_told(hub: Hub) -> None:
    task, mirror = task_of_a(hub)
    hub.places["a"].edit(mirror.ref, {Field.TITLE: f"Task of {SECRET}"}, by="liwei")
    hub.project.edit(task, {Field.TITLE: "Task of ours"}, by="mia.braun")
    hub.run("a")
    hub.label(task, OF_B)
    hub.sync(4)
    assert [one.showing[Field.TITLE] for one in hub.there("b")] == ["Task of ours"]
    assert not is_done(hub.there("a")[0])
    assert any(
        reason.endswith("A-1 stays open: what was edited there is not carried (title)") for reason in hub.waits("a")
    )
    hub.quiet()


def test_what_was_carried_and_not_seen_yet_is_no_edit_that_keeps_a_mirror_open(hub: Hub) -> None:
    task, mirror = task_of_a(hub)
    hub.project.terse = True
    hub.places["a"].edit(mirror.ref, {Field.LABELS: ("amber",)}, by="liwei")
    hub.run("a")
    hub.label(task, OF_B, "amber")
    hub.sync(4)
    assert (is_done(hub.there("a")[0]), hub.waits("a")) == (True, [])
    assert "amber" not in hub.texts("b")


@pytest.mark.parametrize("committed", [True, False])
def test_a_move_whose_answers_are_lost_doubles_nothing_and_ends(hub: Hub, *, committed: bool) -> None:
    task, _ = task_of_a(hub)
    hub.label(task, OF_B)
    for place in ("b", "a", "b"):
        hub.places[place].lose_next_answer(committed=committed)
        hub.sync(2)
        hub.clock.tick(600)
    hub.sync(4)
    assert (len(hub.there("a")), len(hub.there("b"))) == (1, 1)
    assert (is_done(hub.there("a")[0]), is_done(hub.there("b")[0])) == (True, False)
    assert (hub.waits("a"), hub.waits("b")) == ([], [])
    hub.quiet()


def test_a_run_that_is_cut_off_between_create_and_close_is_finished_by_the_next(hub: Hub) -> None:
    task, mirror = task_of_a(hub)
    hub.label(task, OF_B)
    hub.run("a")
    hub.run("b")
    with hub.context("a") as context:
        link = context.store.links.of_item("a", Side.LEFT, task)
    assert link is not None
    assert link.reason is not None
    assert (link.state, link.reason.because) == (LinkState.HELD, Because.LEFT_ROUTE)
    assert not is_done(hub.places["a"].show(mirror.ref))
    hub.run("a")
    assert is_done(hub.places["a"].show(mirror.ref))
    hub.quiet()


def test_where_it_went_is_named_where_the_file_lets_it_be_named(tmp_path: Path) -> None:
    hub = Hub(tmp_path, may_link=True)
    task, _ = task_of_a(hub)
    hub.label(task, OF_B)
    hub.sync(4)
    (moved,) = hub.there("b")
    assert f"Moved to [{moved.key}]({moved.url})" in text_of(hub.there("a")[0])
    hub.quiet()
    hub.label(task, OF_A)
    hub.sync(4)
    assert "Moved" not in text_of(hub.there("a")[0])
    hub.quiet()
