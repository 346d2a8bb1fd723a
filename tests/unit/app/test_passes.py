"""Pairs side by side: a tracker that does not answer keeps nobody waiting but the one pair that asks it first."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from syncer.app.passes import Pass, usual_jobs
from syncer.contract.errors import Down
from syncer.contract.line import TrackerLines
from syncer.contract.model import Side


def pair(name: str, left: str, right: str) -> Any:
    return SimpleNamespace(name=name, credentials={Side.LEFT: left, Side.RIGHT: right})


def test_what_became_of_each_pair_is_told_in_the_order_of_the_file() -> None:
    lines, last = TrackerLines(), threading.Event()

    def run(context: Any) -> str:
        for credential in context.credentials.values():
            lines.of(credential).open()
        if context.name == "p0":
            assert last.wait(30)
        elif context.name == "p3":
            last.set()
        return str(context.name)

    pairs = [pair(f"p{number}", "jira", "github") for number in range(4)]
    assert list(Pass(lines, 4, run, lambda: False).over(pairs)) == ["p0", "p1", "p2", "p3"]


def test_one_pair_alone_asks_a_tracker_that_has_not_answered_yet() -> None:
    lines, healthy, asked = TrackerLines(), threading.Event(), []

    def run(context: Any) -> str:
        if context.credentials[Side.RIGHT] == "dead":
            if lines.of("dead").down:
                return "down"
            asked.append(context.name)
            assert healthy.wait(30), "the others wait for it"
            lines.of("dead").close(Down("no answer"))
            return "lost"
        lines.of("jira").open()
        lines.of("github").open()
        if context.name == "p7":
            healthy.set()
        return "done"

    lines.of("jira").open()
    pairs = [pair(f"p{number}", "jira", "github" if number % 2 else "dead") for number in range(8)]
    ended = list(Pass(lines, 4, run, lambda: False).over(pairs))
    assert asked == ["p0"]
    assert ended == ["lost", "done", *["down", "done"] * 3]


@pytest.mark.parametrize("jobs", [1, 4])
def test_nothing_begins_once_it_was_asked_to_stop(jobs: int) -> None:
    lines, stop = TrackerLines(), threading.Event()

    def run(context: Any) -> str:
        stop.set()
        return str(context.name)

    pairs = [pair(f"p{number}", "jira", "github") for number in range(9)]
    assert list(Pass(lines, jobs, run, stop.is_set).over(pairs)) == ["p0"]


@pytest.mark.parametrize("jobs", [1, 4])
def test_an_error_that_concerns_all_ends_the_pass(jobs: int) -> None:
    lines, begun = TrackerLines(), []

    def run(context: Any) -> str:
        begun.append(context.name)
        raise OSError("the disk is full")

    pairs = [pair(f"p{number}", "jira", "github") for number in range(50)]
    with pytest.raises(OSError, match="full"):
        list(Pass(lines, jobs, run, lambda: False).over(pairs))
    assert len(begun) < 50


def test_how_many_run_at_a_time_follows_from_the_trackers() -> None:
    few = [pair("a", "jira", "github")]
    many = [pair(f"p{number}", "jira", f"github-{number % 3}") for number in range(40)]
    assert usual_jobs(few) == 1
    assert usual_jobs(many) == 8
    assert usual_jobs([]) == 1
