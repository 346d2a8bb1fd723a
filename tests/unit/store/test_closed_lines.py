"""Trackers that are down: told once to all, and asked again by one."""

from __future__ import annotations

from datetime import timedelta

from syncer.store import Store
from syncer.store.closed_lines import ClosedLineRecord
from tests.unit.store.builders import NOON

MINUTE = timedelta(minutes=1)


def test_what_is_kept_is_read_until_it_is_forgotten(store: Store) -> None:
    assert store.closed_lines.get("a") is None
    for message in ("no answer", "status 503"):
        store.closed_lines.keep("a", ClosedLineRecord(refused=False, message=message, remedy="", asked_at=NOON))
    found = store.closed_lines.get("a")
    assert found == ClosedLineRecord(refused=False, message="status 503", remedy="", asked_at=NOON)
    store.closed_lines.forget("a")
    assert store.closed_lines.get("a") is None


def test_one_claims_the_next_question_and_then_nobody_for_a_minute(store: Store) -> None:
    store.closed_lines.keep("a", ClosedLineRecord(refused=True, message="refused", remedy="renew", asked_at=NOON))
    assert not store.closed_lines.claim("a", NOON + MINUTE / 2, MINUTE)
    assert store.closed_lines.claim("a", NOON + MINUTE, MINUTE)
    assert not store.closed_lines.claim("a", NOON + MINUTE, MINUTE)
    assert store.closed_lines.claim("b", NOON, MINUTE), "nothing is known of it"
