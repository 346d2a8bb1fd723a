"""The conflict ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.model import Field
from syncer.store import Lease, NotOpen, Store
from tests.unit.store.builders import NOON, PAIR, conflict, later


def test_a_conflict_comes_back_with_its_values(store: Store, lease: Lease) -> None:
    recorded = conflict(left=["a", "\x00"], right=None, base_left={"date": "2026-01-01"})
    number = store.record_conflict(lease, recorded)
    assert store.conflict(number) == replace(recorded, id=number)
    assert store.conflicts() == store.conflicts(PAIR) == [replace(recorded, id=number)]
    assert store.conflicts("billing") == []
    assert store.conflict(number + 1) is None


def test_a_field_of_a_link_has_one_open_conflict(store: Store, lease: Lease) -> None:
    number = store.record_conflict(lease, conflict())
    assert store.record_conflict(lease, conflict(left="L2", opened_at=later(5))) == number
    assert store.record_conflict(lease, conflict(field=Field.BODY)) != number
    assert store.conflict(number) == conflict(id=number, left="L2")


def test_a_decision_holds_for_the_values_it_was_made_about(store: Store, lease: Lease) -> None:
    number = store.record_conflict(lease, conflict())
    store.decide(number, "left", later(1))
    store.record_conflict(lease, conflict())
    assert store.conflict(number) == conflict(id=number, decision="left", decided_at=later(1))
    store.record_conflict(lease, conflict(right="somebody wrote more"))
    assert store.conflict(number) == conflict(id=number, right="somebody wrote more")


def test_a_settled_conflict_is_kept_and_the_next_is_another(store: Store, lease: Lease) -> None:
    number = store.record_conflict(lease, conflict())
    store.settle_conflicts(lease, "link-1", [Field.TITLE, Field.BODY], later(2))
    assert store.conflicts() == []
    assert store.conflicts(open_only=False) == [conflict(id=number, settled_at=later(2))]
    with pytest.raises(NotOpen, match=str(number)):
        store.decide(number, "left", NOON)
    assert store.record_conflict(lease, conflict()) != number


def test_only_the_named_fields_are_settled(store: Store, lease: Lease) -> None:
    store.record_conflict(lease, conflict())
    store.record_conflict(lease, conflict(link="link-2"))
    store.settle_conflicts(lease, "link-1", [Field.BODY], NOON)
    store.settle_conflicts(lease, "link-2", [], NOON)
    assert len(store.conflicts()) == 2


def test_a_conflict_that_a_policy_settled_at_once_is_on_record(store: Store, lease: Lease) -> None:
    store.record_conflict(lease, conflict(policy="newest", decision="right", decided_at=NOON, settled_at=NOON))
    assert store.conflicts() == []
    (kept,) = store.conflicts(open_only=False)
    assert (kept.decision, kept.settled_at) == ("right", NOON)
