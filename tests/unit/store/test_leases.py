"""Leases, fences and runs, within one process (for several see tests/faults/test_store_processes.py)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

import pytest

from syncer.contract.code import CodeReading, PullRequest, Release
from syncer.contract.connector import UnreadableItem
from syncer.contract.history import HistoryPage
from syncer.contract.model import Account, Audience, Cursor, Field, Kind, Ref, Side
from syncer.contract.roster import Roster
from syncer.core.commands import CommandRecord
from syncer.core.people import Identity
from syncer.core.records import Attempts, CarriedFile, FileState, Holder, OperationState, RunRecord, SideState
from syncer.core.release_names import ReleaseMark
from syncer.core.retention import Retention
from syncer.core.rule_change import AgreedRules, encode_people
from syncer.core.rules import MappedPerson
from syncer.core.steering import PausedItem
from syncer.store import Busy, Fenced, Lease, OwnAccountRecord, Store
from syncer.store.locks import this_host
from syncer.store.part import StorePart
from tests.unit.store.builders import NOON, PAIR, conflict, create, later, link, page, task

DONE = create(task(1), state=OperationState.DONE)
FILE = CarriedFile(PAIR, Side.LEFT, task(1).ref, "https://a.example/x.png", FileState.WAITING, NOON)
PAUSED = PausedItem(Side.LEFT, task(1).ref, NOON, "ada")
WRITES: dict[str, Callable[[Store, Lease], object]] = {
    "pairs.start_run": lambda store, lease: store.pairs.start_run(lease, NOON),
    "pairs.finish_run": lambda store, lease: store.pairs.finish_run(
        lease, RunRecord("r", PAIR, NOON, NOON, "clean", {})
    ),
    "pairs.note_declared": lambda store, lease: store.pairs.note_declared(lease, {}),
    "pairs.note_former_labels": lambda store, lease: store.pairs.note_former_labels(lease, {}),
    "pairs.agree_on_rules": lambda store, lease: store.pairs.agree_on_rules(lease, AgreedRules("f")),
    "pairs.set_side": lambda store, lease: store.pairs.set_side(
        lease, Side.LEFT, SideState(None, "", None, Audience.PUBLIC, None)
    ),
    "observed.save_page": lambda store, lease: store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON),
    "observed.save": lambda store, lease: store.observed.save(lease, Side.LEFT, task(1), seen_at=NOON, operation=None),
    "observed.save_readers": lambda store, lease: store.observed.save_readers(lease, Side.LEFT, {}, seen_at=NOON),
    "rosters.add": lambda store, lease: store.rosters.add(lease, Side.LEFT, Roster(), NOON),
    "history.save_page": lambda store, lease: store.history.save_page(
        lease, Side.LEFT, HistoryPage(()), {}, seen_at=NOON, ours=frozenset()
    ),
    "observed.mark_gone": lambda store, lease: store.observed.mark_gone(lease, Side.LEFT, [task(1).ref], seen_at=NOON),
    "links.save": lambda store, lease: store.links.save(lease, link(task(1), task(2))),
    "files.save": lambda store, lease: store.files.save(lease, FILE),
    "files.conclude": lambda store, lease: store.files.conclude(lease, DONE, FILE),
    "pairs.assure": lambda store, lease: store.pairs.assure(lease),
    "links.wake": lambda store, lease: store.links.wake(lease),
    "lineage.keep_account": lambda store, lease: store.lineage.keep_account(
        lease, Side.LEFT, OwnAccountRecord("c", "1", "bot", NOON)
    ),
    "lineage.compared_since_restore": lambda store, lease: store.lineage.compared_since_restore(lease),
    "lineage.set_creates_await_consent": lambda store, lease: store.lineage.set_creates_await_consent(
        lease, PAIR, "lost"
    ),
    "journal.begin": lambda store, lease: store.journal.begin(lease, [create(task(1))]),
    "journal.conclude": lambda store, lease: store.journal.conclude(lease, DONE, observed=None, link=None),
    "conflicts.record": lambda store, lease: store.conflicts.record(lease, conflict()),
    "observed.agree_to_what_came": lambda store, lease: store.observed.agree_to_what_came(lease),
    "set_aside.forget_attempts": lambda store, lease: store.set_aside.forget_attempts(lease, Side.LEFT, [task(1).ref]),
    "links.settle": lambda store, lease: store.links.settle(lease, [(link(task(1), task(1)), [Field.TITLE])], NOON),
    "expired.prune": lambda store, lease: store.expired.prune(lease, Retention(), NOON),
    "commands.save": lambda store, lease: store.commands.save(
        lease, CommandRecord(Side.LEFT, Ref(Kind.COMMENT, "7"), task(1).ref, "pause", "ada", NOON, alone=True)
    ),
    "comment_digests.save": lambda store, lease: store.comment_digests.save(
        lease, Side.LEFT, Ref(Kind.COMMENT, "7"), task(1).ref, None, {}, made_for="d"
    ),
    "code.add": lambda store, lease: store.code.add(lease, Side.LEFT, CodeReading(Cursor("c")), NOON),
    "code.show": lambda store, lease: store.code.show(lease, Side.LEFT, PullRequest("7", "acme/pay#7", NOON), ()),
    "code.mark": lambda store, lease: store.code.mark(lease, Side.LEFT, Release("7", "v7", NOON), ReleaseMark("1")),
    "sub_task_lists.save": lambda store, lease: store.sub_task_lists.save(lease, {(Side.LEFT, task(1).ref): "d"}),
    "commands.set_obeying": lambda store, lease: store.commands.set_obeying(lease, Side.LEFT, None),
    "links.remove": lambda store, lease: store.links.remove(lease, ["l"]),
    "apart.add": lambda store, lease: store.apart.add(lease, Side.LEFT, [task(1).ref], since=NOON, by="ada"),
    "apart.remove": lambda store, lease: store.apart.remove(lease, Side.LEFT, [task(1).ref]),
    "paused.add": lambda store, lease: store.paused.add(lease, [PAUSED]),
    "paused.remove": lambda store, lease: store.paused.remove(lease, [PAUSED]),
    "naming.forget": lambda store, lease: store.naming.forget(lease),
    "set_aside.forget": lambda store, lease: store.set_aside.forget(lease, Side.LEFT, sweep="s"),
    "links.look_again": lambda store, lease: store.links.look_again(lease),
    "identities.meet": lambda store, lease: store.identities.meet(lease, Side.LEFT, Account("mia", native="7")),
    "naming.rename": lambda store, lease: store.naming.rename(lease, "other", NOON),
    "set_aside.save_attempts": lambda store, lease: store.set_aside.save_attempts(
        lease, Side.LEFT, {task(1).ref: Attempts("d", 1, NOON)}
    ),
    "identities.save": lambda store, lease: store.identities.save(lease, Side.LEFT, [Identity("7", "mia", "mia")]),
    "set_aside.add": lambda store, lease: store.set_aside.add(
        lease, Side.LEFT, [UnreadableItem(Kind.TASK, "PAY-1", "no title", task(1).ref, None)], seen_at=NOON
    ),
    "pairs.set_creates_waiting": lambda store, lease: store.pairs.set_creates_waiting(lease, 1),
    "conflicts.settle": lambda store, lease: store.conflicts.settle(lease, "l", [Field.TITLE], NOON),
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
    assert store.pairs.runs() == []
    assert list(store.history.changes(PAIR)) == []


def test_every_write_that_takes_a_lease_is_fenced(store: Store) -> None:
    late = [name for name, made in vars(Store).items() if isinstance(made, cached_property)]
    parts = {name: getattr(store, name) for name in (*vars(store), *late)}
    takes_lease = {
        f"{part}.{name}"
        for part, subject in parts.items()
        if isinstance(subject, StorePart)
        for name in dir(subject)
        if not name.startswith("_") and "lease" in _parameters(getattr(type(subject), name))
    }
    assert takes_lease == set(WRITES) | {"links.save_all", "journal.conclude_many"}  # many of what is tried


def _parameters(method: object) -> tuple[str, ...]:
    function = getattr(method, "__func__", method)
    return function.__code__.co_varnames[: function.__code__.co_argcount] if hasattr(function, "__code__") else ()


def test_runs_are_listed_newest_first(store: Store, lease: Lease) -> None:
    store.pairs.start_run(lease, NOON)
    assert store.pairs.runs() == [RunRecord("run-1", PAIR, NOON, None, "", {})]
    finished = RunRecord("run-1", PAIR, NOON, later(1), "partial", {"writes": 3, "text": "\x00\ud83d"})
    store.pairs.finish_run(lease, finished)
    with store.lease("billing", "run-2") as other:
        busy = RunRecord("run-2", "billing", later(2), later(2), "busy", {})
        store.pairs.finish_run(other, busy)
    assert store.pairs.runs() == [busy, finished]
    assert store.pairs.runs(PAIR) == [finished]
    assert store.pairs.runs(limit=1) == [busy]


def test_the_fingerprint_of_the_rules_is_kept(store: Store, lease: Lease) -> None:
    assert store.pairs.agreed_rules(PAIR) is None
    store.pairs.agree_on_rules(lease, AgreedRules("f1"))
    store.pairs.agree_on_rules(lease, AgreedRules("f2"))
    assert (store.pairs.agreed_rules(PAIR), store.pairs.agreed_rules("unheard of")) == (AgreedRules("f2"), None)
    people = encode_people([MappedPerson("Li Wei", {Side.RIGHT: "liwei", Side.LEFT: "li.wei"}, {Side.LEFT: "7"})])
    store.pairs.agree_on_rules(lease, AgreedRules("f3", "rest", people))
    assert store.pairs.agreed_rules(PAIR) == AgreedRules("f3", "rest", people)


def test_a_naive_moment_is_refused(store: Store, lease: Lease) -> None:
    with pytest.raises(Exception, match="offset-naive"):
        store.pairs.start_run(lease, NOON.replace(tzinfo=None))
    assert store.pairs.runs() == []


def test_moments_keep_their_microseconds_in_utc(store: Store, lease: Lease) -> None:
    from datetime import timezone

    store.pairs.start_run(lease, NOON.astimezone(timezone(timedelta(hours=8))))
    (run,) = store.pairs.runs()
    assert (run.started_at, run.started_at.tzname()) == (NOON, "UTC")


def test_who_holds_a_pair_is_known_with_its_last_trace(store: Store) -> None:
    assert store.pairs.holder(PAIR) is None
    with store.lease(PAIR, "run-1") as lease:
        assert store.pairs.holder(PAIR) == Holder(os.getpid(), this_host(), since=NOON, moved=NOON)
        store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=later(7))
        assert store.pairs.holder(PAIR) == Holder(os.getpid(), this_host(), since=NOON, moved=later(7))
        store.journal.begin(lease, [replace(create(task(1)), at=later(9))])
        assert store.pairs.holder(PAIR) == Holder(os.getpid(), this_host(), since=NOON, moved=later(9))
