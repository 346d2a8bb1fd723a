"""The journal: intents before they are sent, outcomes with all they bring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.model import Kind, Side
from syncer.core.records import OperationState, Verb
from syncer.store import AlreadyBegun, AlreadyLinked, Lease, NotOpen, Store
from tests.unit.store.builders import NOON, PAIR, create, later, link, page, task

LIVE = [OperationState.SENT, OperationState.AMBIGUOUS, OperationState.HELD, OperationState.DONE]


def test_an_operation_comes_back_as_it_was_begun(store: Store, lease: Lease) -> None:
    begun = create(task(1))
    store.journal.begin(lease, [begun])
    assert store.journal.open(PAIR) == [replace(begun, reason="new on the left \\x00")]
    assert store.journal.get("op-1") == store.journal.open(PAIR)[0]
    assert store.journal.get("unheard of") is None


@pytest.mark.parametrize("state", LIVE)
def test_an_item_is_created_once(store: Store, lease: Lease, state: OperationState) -> None:
    begun = create(task(1))
    store.journal.begin(lease, [begun])
    if state is not OperationState.SENT:
        if state is OperationState.HELD:
            store.journal.conclude(lease, replace(begun, state=OperationState.AMBIGUOUS), observed=None, link=None)
        store.journal.conclude(lease, replace(begun, state=state), observed=None, link=None)
    with pytest.raises(AlreadyBegun, match="task:1"):
        store.journal.begin(lease, [create(task(2), "innocent"), create(task(1), "op-2")])
    assert store.journal.get("innocent") is None  # all or nothing


def test_a_create_that_failed_may_be_tried_again(store: Store, lease: Lease) -> None:
    begun = create(task(1))
    store.journal.begin(lease, [begun])
    store.journal.conclude(lease, replace(begun, state=OperationState.FAILED, outcome="422"), observed=None, link=None)
    store.journal.begin(lease, [create(task(1), "op-2")])
    assert [one.id for one in store.journal.open(PAIR)] == ["op-2"]


def test_updates_and_the_other_side_do_not_count_as_creates(store: Store, lease: Lease) -> None:
    store.journal.begin(lease, [create(task(1)), create(task(1), "op-2", side=Side.LEFT)])
    store.journal.begin(lease, [create(task(1), f"op-{n}", verb=Verb.UPDATE, target=task(9).ref) for n in (3, 4)])
    assert [one.id for one in store.journal.open(PAIR)] == ["op-1", "op-2", "op-3", "op-4"]


def test_an_outcome_brings_the_item_the_link_and_the_history(store: Store, lease: Lease) -> None:
    source, made = task(1), task(1001)
    store.observed.save_page(lease, Side.LEFT, page(source), seen_at=NOON)
    store.journal.begin(lease, [create(source)])
    done = create(source, state=OperationState.DONE, target=made.ref, settled_at=later(1), outcome="201")
    store.journal.conclude(lease, done, observed=made, link=link(source, made))
    assert store.journal.open(PAIR) == []
    assert store.observed.get(PAIR, Side.RIGHT, made.ref) == made
    assert store.links.partner(PAIR, Side.LEFT, source.ref) == made.ref
    assert [(change.new, change.operation) for change in store.history.changes(PAIR, side=Side.RIGHT)] == [
        ("created", "op-1")
    ]
    found = store.journal.get("op-1")
    assert found is not None
    assert (found.state, found.target, found.settled_at) == (OperationState.DONE, made.ref, later(1))


def test_an_outcome_that_cannot_be_recorded_whole_is_not_recorded_at_all(store: Store, lease: Lease) -> None:
    source, made = task(1), task(1001)
    store.links.save(lease, link(source, task(5), "earlier"))
    store.journal.begin(lease, [create(source)])
    done = create(source, state=OperationState.DONE, target=made.ref)
    with pytest.raises(AlreadyLinked):
        store.journal.conclude(lease, done, observed=made, link=link(source, made))
    assert [one.state for one in store.journal.open(PAIR)] == [OperationState.SENT]
    assert store.observed.get(PAIR, Side.RIGHT, made.ref) is None


def test_several_outcomes_are_one_commit(store: Store, lease: Lease) -> None:
    operations = [create(task(n), f"op-{n}") for n in range(3)]
    store.journal.begin(lease, operations)
    done = [replace(one, state=OperationState.DONE) for one in operations]
    store.journal.conclude_many(
        lease, [(one, task(n + 1000), link(task(n), task(n + 1000))) for n, one in enumerate(done)]
    )
    assert store.journal.open(PAIR) == []
    assert store.links.count(PAIR)[Kind.TASK] == 3
    assert [change.operation for change in store.history.changes(PAIR)] == ["op-0", "op-1", "op-2"]


@pytest.mark.parametrize("settled", [OperationState.DONE, OperationState.FAILED])
def test_what_is_settled_stays_settled(store: Store, lease: Lease, settled: OperationState) -> None:
    begun = create(task(1))
    store.journal.begin(lease, [begun])
    store.journal.conclude(lease, replace(begun, state=settled), observed=None, link=None)
    for state in OperationState:
        with pytest.raises(NotOpen, match="op-1"):
            store.journal.conclude(lease, replace(begun, state=state), observed=None, link=None)


def test_what_was_never_begun_cannot_be_concluded(store: Store, lease: Lease) -> None:
    with pytest.raises(NotOpen):
        store.journal.conclude(lease, create(task(1), state=OperationState.DONE), observed=task(2), link=None)
    assert store.observed.get(PAIR, Side.RIGHT, task(2).ref) is None


def test_a_held_create_blocks_until_it_is_settled(store: Store, lease: Lease) -> None:
    begun = create(task(1))
    store.journal.begin(lease, [begun])
    store.journal.conclude(lease, replace(begun, state=OperationState.HELD, outcome="422"), observed=None, link=None)
    assert store.journal.open(PAIR) == []
    assert [one.outcome for one in store.journal.open(PAIR, states=[OperationState.HELD])] == ["422"]
    store.journal.conclude(lease, replace(begun, state=OperationState.FAILED), observed=None, link=None)
    store.journal.begin(lease, [create(task(1), "op-2")])


def test_operations_are_listed_newest_first(store: Store, lease: Lease) -> None:
    store.journal.begin(lease, [create(task(n), f"op-{n}") for n in range(4)])
    store.journal.begin(lease, [create(task(7), "op-7", verb=Verb.UPDATE, target=task(1).ref, side=Side.LEFT)])
    store.journal.conclude(
        lease, replace(create(task(2), "op-2"), state=OperationState.AMBIGUOUS), observed=None, link=None
    )
    assert [one.id for one in store.journal.latest(PAIR, limit=2)] == ["op-7", "op-3"]
    assert [one.id for one in store.journal.latest(PAIR, ref=task(1).ref)] == ["op-7", "op-1"]
    assert [one.id for one in store.journal.latest(PAIR, side=Side.LEFT)] == ["op-7"]
    assert [one.id for one in store.journal.latest(PAIR, state=OperationState.AMBIGUOUS)] == ["op-2"]
    assert len(store.journal.open(PAIR)) == 5
