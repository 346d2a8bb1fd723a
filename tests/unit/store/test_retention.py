"""What a state keeps for how long: it grows by what happened, and forgets nothing that decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncer.contract.model import Field, Ref, Side
from syncer.core.records import FieldChange, OperationState, RunRecord, Verb
from syncer.core.retention import Pruned, Retention
from syncer.store import Lease, Store
from syncer.store.retention import AT_ONCE, KEPT_RUNS
from tests.unit.store.builders import NOON, PAIR, conflict, create, later, link, page, task

KEEP = Retention()
OLD = timedelta(days=91)


def run(store: Store, number: int, minutes: float, **others: Any) -> None:
    """A run as runs are recorded."""
    outcome = others.pop("outcome", "clean")
    with store.lease(others.pop("pair", PAIR), f"run-{number}") as held:
        store.pairs.start_run(held, later(minutes))
        record = RunRecord(held.run, held.pair, later(minutes), later(minutes + 1), outcome, others)
        store.pairs.finish_run(held, record)


def said(store: Store, pair: str = PAIR) -> list[tuple[str, str, int]]:
    return [(one.id, one.outcome, one.count) for one in store.pairs.runs(pair, limit=1_000)]


def test_runs_with_nothing_to_do_are_one_row_a_day_that_tells_of_the_latest(store: Store) -> None:
    for number in range(5):
        run(store, number, 5 * number, seconds=number)
    (only,) = store.pairs.runs(PAIR)
    assert (only.id, only.count, only.since, only.started_at) == ("run-4", 5, NOON, later(20))
    assert only.result == {"seconds": 4}
    assert store.pairs.first_run_at(PAIR) == NOON
    run(store, 5, 12 * 60)
    assert said(store) == [("run-5", "clean", 1), ("run-4", "clean", 5)]


def test_what_happened_stands_for_itself(store: Store) -> None:
    run(store, 1, 0)
    run(store, 2, 5, created={"left": 1, "right": 0})
    run(store, 3, 10)
    run(store, 4, 15, outcome="partial", message="down")
    run(store, 5, 20, outcome="held", held=1)
    run(store, 6, 25, outcome="held", held=1)
    run(store, 7, 30)
    run(store, 8, 30, pair="billing")
    assert said(store) == [("run-7", "clean", 3), ("run-6", "held", 2), ("run-4", "partial", 1), ("run-2", "clean", 1)]
    assert said(store, "billing") == [("run-8", "clean", 1)]


def test_a_run_that_died_is_on_record_beside_those_that_ended(store: Store) -> None:
    run(store, 1, 0)
    with store.lease(PAIR, "run-2") as lease:
        store.pairs.start_run(lease, later(5))
    run(store, 3, 10)
    assert said(store) == [("run-3", "clean", 2), ("run-2", "", 1)]


def test_old_runs_go_but_for_the_first_and_the_newest(store: Store, lease: Lease) -> None:
    for number in range(KEPT_RUNS + 10):
        record = RunRecord(f"r{number}", PAIR, later(number), later(number), "partial", {"message": "down"})
        store.pairs.finish_run(lease, record)
    assert store.expired.count(PAIR, KEEP, NOON + timedelta(days=89)) == Pruned()
    assert store.expired.prune(lease, KEEP, NOON + OLD) == Pruned(runs=9)
    kept = [one.id for one in store.pairs.runs(PAIR, limit=1_000)]
    assert kept == [*(f"r{number}" for number in range(KEPT_RUNS + 9, 9, -1)), "r0"]
    assert store.pairs.first_run_at(PAIR) == NOON
    assert store.expired.prune(lease, KEEP, NOON + OLD) == Pruned()


def journal(store: Store, lease: Lease) -> None:
    """One operation of each sort and end."""
    ends = {
        "update": (Verb.UPDATE, OperationState.DONE),
        "refused": (Verb.UPDATE, OperationState.FAILED),
        "attach": (Verb.ATTACH, OperationState.DONE),
        "made": (Verb.CREATE, OperationState.DONE),
        "failed": (Verb.CREATE, OperationState.FAILED),
        "held": (Verb.CREATE, OperationState.HELD),
        "lost": (Verb.CREATE, OperationState.AMBIGUOUS),
        "sent": (Verb.CREATE, OperationState.SENT),
    }
    for number, (name, (verb, state)) in enumerate(ends.items()):
        operation = create(task(number), name, verb=verb, target=None)
        store.journal.begin(lease, [operation])
        if state is not OperationState.SENT:
            done = replace(operation, state=state, target=Ref.parse(f"task:{number}9"), settled_at=later(1))
            store.journal.conclude(lease, done, observed=None, link=None)


def test_updates_go_and_creates_keep_all_but_what_was_sent(store: Store, lease: Lease) -> None:
    journal(store, lease)
    before = {one.id: one for one in store.journal.latest(PAIR)}
    assert store.expired.count(PAIR, KEEP, NOON + OLD) == Pruned(updates=3, creates=2)
    assert store.expired.prune(lease, KEEP, NOON + OLD) == Pruned(updates=3, creates=2)
    after = {one.id: one for one in store.journal.latest(PAIR)}
    assert after.keys() == {"made", "failed", "held", "lost", "sent"}
    assert {name: one for name, one in after.items() if one != replace(before[name], payload={})} == {
        name: before[name] for name in ("held", "lost", "sent")
    }
    made = store.journal.create_with(PAIR, task(3).ref, before["made"].marker)  # type: ignore[arg-type]
    assert made is not None
    assert made.target == Ref.parse("task:39")
    assert store.expired.prune(lease, KEEP, NOON + OLD) == Pruned()


def changes(store: Store) -> list[FieldChange]:
    return [change for change in store.history.changes(PAIR) if change.field is not None]


def test_of_old_texts_the_beginnings_are_kept_and_everything_else_as_it_is(store: Store, lease: Lease) -> None:
    long = "".join(chr(0x4E00 + number * 7_919 % 20_000) for number in range(600))
    for number, shown in enumerate(({"body": "Short."}, {"body": long}, {"title": "T" * 200}, {"body": "Short."})):
        item = task(1, updated=later(number), version=str(number), **{"body": long, **shown})
        store.observed.save_page(lease, Side.LEFT, page(item), seen_at=later(number))
    before = changes(store)
    assert store.expired.prune(lease, KEEP, NOON + OLD).texts == len([c for c in before if c.field is Field.BODY])
    after = changes(store)
    assert [(one.field, one.at) for one in after] == [(one.field, one.at) for one in before]
    assert {value for one in after if one.field is Field.BODY for value in (one.old, one.new)} == {
        "Short.", f"{long[:80]}…",
    }  # fmt: skip
    assert next(one.new for one in after if one.field is Field.TITLE) == "T" * 200


@pytest.mark.parametrize(("days", "left"), [(None, 1), (100, 0)])
def test_history_is_known_for_good_or_as_long_as_somebody_wants(
    store: Store, lease: Lease, days: int | None, left: int
) -> None:
    for number, title in enumerate(("One", "Two")):
        item = task(1, updated=later(number), version=str(number), title=title)
        store.observed.save_page(lease, Side.LEFT, page(item), seen_at=later(number))
    keep = Retention(history=None if days is None else timedelta(days=days))
    store.expired.prune(lease, keep, NOON + timedelta(days=101))
    assert len(changes(store)) == left


def test_what_decides_stays(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
    store.links.save(lease, link(task(1), task(1)))
    store.conflicts.record(lease, conflict())
    store.apart.add(lease, Side.LEFT, [task(2).ref], since=NOON, by="anna", why="")
    before = [list(store.links.of_pair(PAIR)), store.conflicts.of_pair(PAIR), store.apart.listed(PAIR)]
    store.expired.prune(lease, KEEP, NOON + 40 * OLD)
    assert [list(store.links.of_pair(PAIR)), store.conflicts.of_pair(PAIR), store.apart.listed(PAIR)] == before


def test_a_little_at_a_time_until_nothing_is_left(store: Store, lease: Lease) -> None:
    operations = [create(task(number), f"op-{number}", verb=Verb.UPDATE) for number in range(AT_ONCE + 1)]
    store.journal.begin(lease, operations)
    done = [replace(one, state=OperationState.DONE, settled_at=later(1)) for one in operations]
    store.journal.conclude_many(lease, [(one, None, None) for one in done])
    now = NOON + OLD
    assert store.expired.prune(lease, KEEP, now).updates == AT_ONCE
    assert store.expired.pruned_at(PAIR) is None
    assert store.expired.prune(lease, KEEP, now).updates == 1
    assert store.expired.pruned_at(PAIR) == now
