"""Leases, fences and runs, within one process (for several see tests/faults/test_store_processes.py)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from syncer.contract.connector import UnreadableItem
from syncer.contract.history import HistoryPage
from syncer.contract.model import Account, Audience, Field, Kind, Side
from syncer.contract.roster import Roster
from syncer.core.people import Identity
from syncer.core.records import Attempts, CarriedFile, FileState, Holder, OperationState, RunRecord, SideState
from syncer.store import Busy, Fenced, Lease, OwnAccountRecord, Store
from syncer.store.locks import this_host
from tests.unit.store.builders import NOON, PAIR, conflict, create, later, link, page, task

DONE = create(task(1), state=OperationState.DONE)
FILE = CarriedFile(PAIR, Side.LEFT, task(1).ref, "https://a.example/x.png", FileState.WAITING, NOON)
WRITES: dict[str, Callable[[Store, Lease], object]] = {
    "start_run": lambda store, lease: store.start_run(lease, NOON),
    "finish_run": lambda store, lease: store.finish_run(lease, RunRecord("r", PAIR, NOON, NOON, "clean", {})),
    "set_fingerprint": lambda store, lease: store.set_fingerprint(lease, "f"),
    "set_side": lambda store, lease: store.set_side(lease, Side.LEFT, SideState(None, "", None, Audience.PUBLIC, None)),
    "store_page": lambda store, lease: store.store_page(lease, Side.LEFT, page(task(1)), seen_at=NOON),
    "store_observed": lambda store, lease: store.store_observed(
        lease, Side.LEFT, task(1), seen_at=NOON, operation=None
    ),
    "store_readers": lambda store, lease: store.store_readers(lease, Side.LEFT, {}, seen_at=NOON),
    "add_roster": lambda store, lease: store.add_roster(lease, Side.LEFT, Roster(), NOON),
    "store_history_page": lambda store, lease: store.store_history_page(
        lease, Side.LEFT, HistoryPage(()), {}, seen_at=NOON, ours=frozenset()
    ),
    "mark_gone": lambda store, lease: store.mark_gone(lease, Side.LEFT, [task(1).ref], seen_at=NOON),
    "save_link": lambda store, lease: store.save_link(lease, link(task(1), task(2))),
    "save_file": lambda store, lease: store.save_file(lease, FILE),
    "conclude_file": lambda store, lease: store.conclude_file(lease, DONE, FILE),
    "wake": lambda store, lease: store.wake(lease),
    "keep_account": lambda store, lease: store.keep_account(lease, Side.LEFT, OwnAccountRecord("c", "1", "bot", NOON)),
    "compared_since_restore": lambda store, lease: store.compared_since_restore(lease),
    "set_creates_await_consent": lambda store, lease: store.set_creates_await_consent(lease, PAIR, "lost"),
    "begin": lambda store, lease: store.begin(lease, [create(task(1))]),
    "conclude": lambda store, lease: store.conclude(lease, DONE, observed=None, link=None),
    "record_conflict": lambda store, lease: store.record_conflict(lease, conflict()),
    "agree_to_what_came": lambda store, lease: store.agree_to_what_came(lease),
    "forget_attempts": lambda store, lease: store.forget_attempts(lease, Side.LEFT, [task(1).ref]),
    "forget_pair": lambda store, lease: store.forget_pair(lease),
    "forget_unreadable": lambda store, lease: store.forget_unreadable(lease, Side.LEFT, sweep="s"),
    "look_again": lambda store, lease: store.look_again(lease),
    "meet": lambda store, lease: store.meet(lease, Side.LEFT, Account("mia", native="7")),
    "rename_pair": lambda store, lease: store.rename_pair(lease, "other", NOON),
    "save_attempts": lambda store, lease: store.save_attempts(lease, Side.LEFT, {task(1).ref: Attempts("d", 1, NOON)}),
    "save_identities": lambda store, lease: store.save_identities(lease, Side.LEFT, [Identity("7", "mia", "mia")]),
    "set_aside": lambda store, lease: store.set_aside(
        lease, Side.LEFT, [UnreadableItem(Kind.TASK, "PAY-1", "no title", task(1).ref, None)], seen_at=NOON
    ),
    "set_creates_waiting": lambda store, lease: store.set_creates_waiting(lease, 1),
    "settle_conflicts": lambda store, lease: store.settle_conflicts(lease, "l", [Field.TITLE], NOON),
}


def test_a_pair_is_worked_on_once_at_a_time(store: Store) -> None:
    with store.lease(PAIR, "run-1"):
        with pytest.raises(Busy) as busy, store.lease(PAIR, "run-2"):
            pass
        assert (busy.value.pid, busy.value.since) == (os.getpid(), NOON)
        with store.lease("billing", "run-3"):
            pass  # other pairs are free


def test_a_lease_ends_with_its_block_and_the_next_has_a_higher_epoch(store: Store) -> None:
    with pytest.raises(KeyError), store.lease(PAIR, "run-1") as first:
        raise KeyError
    with store.lease(PAIR, "run-2") as second:
        assert second == Lease(PAIR, "run-2", first.epoch + 1)


@pytest.mark.parametrize("write", WRITES)
def test_an_overtaken_lease_writes_nothing(store: Store, write: str) -> None:
    with store.lease(PAIR, "run-1") as overtaken:
        pass
    with store.lease(PAIR, "run-2") as current, pytest.raises(Fenced) as fenced:
        WRITES[write](store, overtaken)
    assert (fenced.value.epoch, fenced.value.current) == (overtaken.epoch, current.epoch)
    assert store.runs() == []
    assert list(store.history(PAIR)) == []


def test_every_write_that_takes_a_lease_is_fenced() -> None:
    takes_lease = {
        name for name in dir(Store) if not name.startswith("_") and "lease" in _parameters(getattr(Store, name))
    }
    assert takes_lease == set(WRITES) | {"save_links", "conclude_many"}  # the many form of two that are tried


def _parameters(method: object) -> tuple[str, ...]:
    function = getattr(method, "__func__", method)
    return function.__code__.co_varnames[: function.__code__.co_argcount] if hasattr(function, "__code__") else ()


def test_runs_are_listed_newest_first(store: Store, lease: Lease) -> None:
    store.start_run(lease, NOON)
    assert store.runs() == [RunRecord("run-1", PAIR, NOON, None, "", {})]
    finished = RunRecord("run-1", PAIR, NOON, later(1), "partial", {"writes": 3, "text": "\x00\ud83d"})
    store.finish_run(lease, finished)
    with store.lease("billing", "run-2") as other:
        busy = RunRecord("run-2", "billing", later(2), later(2), "busy", {})
        store.finish_run(other, busy)
    assert store.runs() == [busy, finished]
    assert store.runs(PAIR) == [finished]
    assert store.runs(limit=1) == [busy]


def test_the_fingerprint_of_the_rules_is_kept(store: Store, lease: Lease) -> None:
    assert store.fingerprint(PAIR) is None
    store.set_fingerprint(lease, "f1")
    store.set_fingerprint(lease, "f2")
    assert (store.fingerprint(PAIR), store.fingerprint("unheard of")) == ("f2", None)


def test_a_naive_moment_is_refused(store: Store, lease: Lease) -> None:
    with pytest.raises(Exception, match="offset-naive"):
        store.start_run(lease, NOON.replace(tzinfo=None))
    assert store.runs() == []


def test_moments_keep_their_microseconds_in_utc(store: Store, lease: Lease) -> None:
    from datetime import timezone

    store.start_run(lease, NOON.astimezone(timezone(timedelta(hours=8))))
    (run,) = store.runs()
    assert (run.started_at, run.started_at.tzname()) == (NOON, "UTC")


def test_who_holds_a_pair_is_known_with_its_last_trace(store: Store) -> None:
    assert store.holder(PAIR) is None
    with store.lease(PAIR, "run-1") as lease:
        assert store.holder(PAIR) == Holder(os.getpid(), this_host(), since=NOON, moved=NOON)
        store.store_page(lease, Side.LEFT, page(task(1)), seen_at=later(7))
        assert store.holder(PAIR) == Holder(os.getpid(), this_host(), since=NOON, moved=later(7))
        store.begin(lease, [replace(create(task(1)), at=later(9))])
        assert store.holder(PAIR) == Holder(os.getpid(), this_host(), since=NOON, moved=later(9))
