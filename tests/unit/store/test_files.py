"""Files of texts: what became of each, by task and address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.model import Kind, Ref, Side
from syncer.core.records import CarriedFile, FileState, OperationState, Verb
from syncer.store import Lease, NotOpen, Store
from tests.unit.store.builders import PAIR, create, later, task

TASK = Ref(Kind.TASK, "10000")
WAITING = CarriedFile(
    PAIR, Side.LEFT, TASK, "https://a.example/x.png", FileState.WAITING, later(1), reason="503", attempts=2,
    retry_at=later(9),
)  # fmt: skip
KEPT = replace(
    WAITING, state=FileState.KEPT, digest="ab", attached="7", name="x-ab.png", page="https://j.example/7/x-ab.png",
    target="media:1", reason="", attempts=0, retry_at=None,
)  # fmt: skip


def test_a_file_is_what_was_last_said_of_it(store: Store, lease: Lease) -> None:
    assert store.files.of_pair(PAIR) == []
    store.files.save(lease, WAITING)
    assert store.files.of_pair(PAIR) == [WAITING]
    store.files.save(lease, KEPT)
    assert store.files.of_pair(PAIR) == [KEPT]


def test_files_come_in_the_order_in_which_they_were_met(store: Store, lease: Lease) -> None:
    met = [
        replace(KEPT, address=address, at=later(minutes))
        for minutes, address in ((3, "a"), (1, "c"), (2, "b"), (2, "d"))
    ]
    for file in met:
        store.files.save(lease, file)
    assert [file.address for file in store.files.of_pair(PAIR)] == ["c", "b", "d", "a"]
    assert store.files.of_pair("another") == []


def test_an_upload_and_its_file_are_one_commit(store: Store, lease: Lease) -> None:
    sent = replace(create(task(1)), verb=Verb.ATTACH, target=TASK, marker=None, state=OperationState.SENT)
    done = replace(sent, state=OperationState.DONE)
    with pytest.raises(NotOpen):
        store.files.conclude(lease, done, KEPT)
    assert store.files.of_pair(PAIR) == []
    store.journal.begin(lease, [sent])
    store.files.conclude(lease, done, KEPT)
    assert store.files.of_pair(PAIR) == [KEPT]
    assert store.journal.open(PAIR) == []


def test_the_files_of_one_task_are_found_without_those_of_others(store: Store, lease: Lease) -> None:
    for number, address in enumerate("cab"):
        store.files.save(lease, replace(KEPT, address=address, at=later(number)))
    store.files.save(lease, replace(KEPT, task=Ref.parse("task:404")))
    assert [file.address for file in store.files.of_task(PAIR, KEPT.side, KEPT.task)] == ["c", "a", "b"]
    assert store.files.of_task(PAIR, KEPT.side.other, KEPT.task) == []
