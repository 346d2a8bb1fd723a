"""The conflict ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.model import Field
from syncer.store import Lease, NotOpen, Store
from tests.unit.store.builders import NOON, PAIR, conflict, later


def test_a_conflict_comes_back_with_its_values(store: Store, lease: Lease) -> None:
    recorded = conflict(left=["a", "\x00"], right=None, base_left={"date": "2026-01-01"})
    number = store.conflicts.record(lease, recorded)
    assert store.conflicts.get(number) == replace(recorded, id=number)
    assert store.conflicts.of_pair() == store.conflicts.of_pair(PAIR) == [replace(recorded, id=number)]
    assert store.conflicts.of_pair("billing") == []
    assert store.conflicts.get(number + 1) is None


def test_a_field_of_a_link_has_one_open_conflict(store: Store, lease: Lease) -> None:
    number = store.conflicts.record(lease, conflict())
    assert store.conflicts.record(lease, conflict(left="L2", opened_at=later(5))) == number
    assert store.conflicts.record(lease, conflict(field=Field.BODY)) != number
    assert store.conflicts.get(number) == conflict(id=number, left="L2")


def test_a_decision_holds_for_the_values_it_was_made_about(store: Store, lease: Lease) -> None:
    number = store.conflicts.record(lease, conflict())
    store.conflicts.decide(number, "left", later(1))
    store.conflicts.record(lease, conflict())
    assert store.conflicts.get(number) == conflict(id=number, decision="left", decided_at=later(1))
    store.conflicts.record(lease, conflict(right="somebody wrote more"))
    assert store.conflicts.get(number) == conflict(id=number, right="somebody wrote more")


def test_a_settled_conflict_is_kept_and_the_next_is_another(store: Store, lease: Lease) -> None:
    number = store.conflicts.record(lease, conflict())
    store.conflicts.settle(lease, "link-1", [Field.TITLE, Field.BODY], later(2))
    assert store.conflicts.of_pair() == []
    assert store.conflicts.of_pair(open_only=False) == [conflict(id=number, settled_at=later(2))]
    with pytest.raises(NotOpen, match=str(number)):
        store.conflicts.decide(number, "left", NOON)
    assert store.conflicts.record(lease, conflict()) != number


def test_only_the_named_fields_are_settled(store: Store, lease: Lease) -> None:
    store.conflicts.record(lease, conflict())
    store.conflicts.record(lease, conflict(link="link-2"))
    store.conflicts.settle(lease, "link-1", [Field.BODY], NOON)
    store.conflicts.settle(lease, "link-2", [], NOON)
    assert len(store.conflicts.of_pair()) == 2


def test_a_conflict_that_a_policy_settled_at_once_is_on_record(store: Store, lease: Lease) -> None:
    store.conflicts.record(lease, conflict(policy="newest", decision="right", decided_at=NOON, settled_at=NOON))
    assert store.conflicts.of_pair() == []
    (kept,) = store.conflicts.of_pair(open_only=False)
    assert (kept.decision, kept.settled_at) == ("right", NOON)
