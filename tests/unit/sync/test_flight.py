"""Updates of different tasks are on their way at the same time, where a tracker takes several."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryConnector
from syncer.contract.errors import Denied
from syncer.contract.model import Field, Kind, Observed, Patch, Side
from syncer.core.records import OperationState
from syncer.sync.write.flight import Flight
from tests.worlds import JIRA_LIKE, World

SEVERAL = replace(JIRA_LIKE, updates_at_once={Kind.TASK: 8, Kind.COMMENT: 8})
PATIENCE = 20
"""Seconds until a request that waits for another one gives up."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three tasks in step, with two comments each; the left side takes several updates at once."""
    made = World(tmp_path, left_capabilities=SEVERAL)
    for number in range(3):
        task = made.right.create(f"Task {number}")
        for words in ("first", "second"):
            made.right.comment(task, f"{words} of {number}")
    made.sync()
    made.clock.tick(3600)
    made.sync()
    made.clock.tick(3600)
    return made


def edited(world: World, kind: Kind) -> None:
    """People edit every item of a kind on the right side."""
    name = Field.BODY if kind is Kind.COMMENT else Field.TITLE
    for item in world.right.items(kind):
        world.right.edit(item.ref, {name: f"{item.showing[name]}, edited"})


def shown(world: World, kind: Kind) -> list[bool]:
    """Of each item of the left side, whether it shows the edit."""
    name = Field.BODY if kind is Kind.COMMENT else Field.TITLE
    return [", edited" in str(item.showing[name]) for item in world.left.items(kind)]


@contextmanager
def intercepted(monkeypatch: pytest.MonkeyPatch, around: Callable[[Observed], None]) -> Iterator[None]:
    """Calls `around` when an update has left, and before the tracker does it."""
    send = MemoryConnector.update

    def update(connector: MemoryConnector, item: Observed, patch: Patch) -> Observed:
        around(item)
        return send(connector, item, patch)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryConnector, "update", update)
        yield


def test_updates_of_different_tasks_are_on_their_way_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(world, Kind.TASK)
    all_there = threading.Barrier(3)
    with intercepted(monkeypatch, lambda _item: all_there.wait(PATIENCE) and None):
        tally = world.sync(at_once=8)
    assert (tally.outcome, tally.updated["left"]) == ("clean", 3), tally
    assert shown(world, Kind.TASK) == [True] * 3


def test_no_two_comments_of_one_task_are_on_their_way_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(world, Kind.COMMENT)
    landing, doubled = threading.Event(), list[bool]()
    send, landed = Flight.send, Flight.landed

    def noting(flight: Any, sending: Any, request: Any) -> None:
        doubled.append(sending.about in flight.tasks())
        send(flight, sending, request)

    def waiting(flight: Any) -> Any:
        landing.set()
        return landed(flight)

    monkeypatch.setattr(Flight, "send", noting)
    monkeypatch.setattr(Flight, "landed", waiting)
    with intercepted(monkeypatch, lambda _item: landing.wait(PATIENCE) and None):
        tally = world.sync(at_once=8)
    assert (tally.outcome, tally.comments["updated"], doubled) == ("clean", 6, [False] * 6), tally
    assert shown(world, Kind.COMMENT) == [True] * 6


def test_the_journal_has_each_update_before_it_leaves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(world, Kind.TASK)
    announced = list[bool]()
    with world.context() as context:
        store = context.store

    def around(item: Observed) -> None:
        announced.append(any(one.target == item.ref for one in store.journal.open("pay")))

    with intercepted(monkeypatch, around):
        world.sync(at_once=8)
    assert announced == [True] * 3


def test_what_is_on_its_way_when_another_ends_the_run_is_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(world, Kind.TASK)
    refused, all_there = world.left.items(Kind.TASK)[0].ref, threading.Barrier(3)

    def around(item: Observed) -> None:
        all_there.wait(PATIENCE)
        if item.ref == refused:
            raise Denied("no longer")

    with intercepted(monkeypatch, around):
        assert world.sync(at_once=8).outcome == "denied"
    with world.context() as context:
        assert context.store.journal.open("pay") == []
        assert len(context.store.journal.open("pay", states=[OperationState.FAILED])) == 1
    world.clock.tick(60)
    tally = world.sync(at_once=8)
    assert (tally.outcome, tally.updated["left"], shown(world, Kind.TASK)) == ("clean", 1, [True] * 3), tally


def test_a_side_that_takes_one_at_a_time_is_sent_one_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for item in world.left.items(Kind.TASK):
        world.left.edit(item.ref, {Field.TITLE: f"{item.showing[Field.TITLE]}, renamed"})
    threads = set[str]()
    with intercepted(monkeypatch, lambda _item: threads.add(threading.current_thread().name)):
        tally = world.sync(at_once=8)
    assert (tally.updated[Side.RIGHT.value], threads) == (3, {threading.current_thread().name}), tally
