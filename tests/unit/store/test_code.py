"""Pull requests and releases in the state: what was told last is known, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncer.contract.code import CodeReading, LooseRelease, PullRequest, Release
from syncer.contract.model import Cursor, Side
from syncer.contract.roster import Unread
from syncer.core.release_names import ReleaseMark
from syncer.store import Lease, Store
from syncer.store.code import StoredCode
from tests.unit.store.builders import PAIR

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PULL = PullRequest("7", "acme/pay#31", NOON, "mia", reviewed=NOON + timedelta(hours=3), tasks=("PAY-7", "acme/pay#2"))
FIRST, SECOND = Release("1", "v1", NOON), Release("2", "v2", NOON + timedelta(days=1), preliminary=True)


def test_what_was_told_is_known_on_its_side(store: Store, lease: Lease) -> None:
    told = CodeReading(Cursor("one"), (PULL,), (SECOND, FIRST), unread=(Unread("release x", "it has no tag"),))
    store.code.add(lease, Side.RIGHT, told, NOON)
    known = store.code.get(PAIR, Side.RIGHT)
    assert known.pulls == {"7": PULL}
    assert known.releases == (FIRST, SECOND)
    assert (known.read_at, known.cursor, known.unread) == (NOON, "one", (Unread("release x", "it has no tag"),))
    assert store.code.get(PAIR, Side.LEFT) == StoredCode()


def test_a_later_reading_keeps_pull_requests_and_replaces_releases(store: Store, lease: Lease) -> None:
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("one"), (PULL,), (FIRST,), unread=(Unread("x", "y"),)), NOON)
    merged = replace(PULL, merged=NOON + timedelta(days=2), closed=NOON + timedelta(days=2))
    other = replace(PULL, native="8", key="acme/pay#32", author=None, reviewed=None, tasks=())
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("two"), (merged, other), (SECOND,)), NOON)
    known = store.code.get(PAIR, Side.RIGHT)
    assert known.pulls == {"7": merged, "8": other}
    assert (known.releases, known.cursor, known.unread) == ((SECOND,), "two", ())


def test_drafts_are_known_beside_releases_and_forgotten_with_the_next_reading(store: Store, lease: Lease) -> None:
    draft, plain = LooseRelease("8", "v3", "Three", draft=True), LooseRelease("9", "", "Spring", draft=False)
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("one"), (), (FIRST,), (draft, plain)), NOON)
    known = store.code.get(PAIR, Side.RIGHT)
    assert (known.releases, known.loose) == ((FIRST,), (draft, plain))
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("two"), (), (FIRST, SECOND)), NOON)
    known = store.code.get(PAIR, Side.RIGHT)
    assert (known.releases, known.loose) == ((FIRST, SECOND), ())


def test_releases_that_cannot_be_read_for_once_stay_known(store: Store, lease: Lease) -> None:
    draft = LooseRelease("8", "v3", "Three", draft=True)
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("one"), (), (FIRST,), (draft,)), NOON)
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("two"), releases=None), NOON)
    known = store.code.get(PAIR, Side.RIGHT)
    assert (known.releases, known.loose, known.cursor) == ((FIRST,), (draft,), "two")


def test_what_is_remembered_of_a_release_stays_as_long_as_it_is_told_of(store: Store, lease: Lease) -> None:
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("one"), (), (FIRST, SECOND)), NOON)
    store.code.mark(lease, Side.RIGHT, FIRST, ReleaseMark("100"))
    store.code.mark(lease, Side.RIGHT, SECOND, ReleaseMark("101", "no"))
    for releases in ((FIRST, SECOND), None):
        store.code.add(lease, Side.RIGHT, CodeReading(Cursor("two"), releases=releases), NOON)
        known = store.code.get(PAIR, Side.RIGHT)
        assert known.releases == (FIRST, SECOND)
        assert known.marks == {"1": ReleaseMark("100"), "2": ReleaseMark("101", "no")}
    store.code.add(lease, Side.RIGHT, CodeReading(Cursor("three"), (), (SECOND,)), NOON)
    assert store.code.get(PAIR, Side.RIGHT).marks == {"2": ReleaseMark("101", "no")}
