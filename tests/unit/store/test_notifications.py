"""What somebody was told is remembered until it is forgotten, pair by pair."""

from __future__ import annotations

from syncer.store import Store
from tests.unit.store.builders import NOON, PAIR, later


def test_what_was_told_is_known_with_its_time_until_it_is_forgotten(store: Store) -> None:
    with store.lease(PAIR, "run-1"), store.lease("billing", "run-2"):
        pass
    store.notifications.tell(PAIR, {"conflict:1", "link:\ud800\u652f"}, NOON)
    store.notifications.tell(PAIR, {"conflict:1"}, later(5))
    store.notifications.tell(PAIR, (), later(6))
    assert store.notifications.told("billing") == {}
    assert store.notifications.told(PAIR)["conflict:1"] == later(5)
    assert len(store.notifications.told(PAIR)) == 2
    store.notifications.forget(PAIR, store.notifications.told(PAIR))
    assert store.notifications.told(PAIR) == {}


def test_a_pair_that_was_never_run_was_told_nothing(store: Store) -> None:
    assert store.notifications.told(PAIR) == {}
    store.notifications.forget(PAIR, {"conflict:1"})
